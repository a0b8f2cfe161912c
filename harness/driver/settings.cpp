// Environment variables, read once.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/settings.h"

#include "harness/driver/entry_points.h"
#include "harness/driver/gpu.h"
#include "harness/driver/result_name.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace attest::driver {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::int64_t> positive(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

Error not_allowed(const char* variable, std::string_view value, std::string allowed) {
  return {Code::bad_input, "'" + std::string(value) + "', not " + std::move(allowed), variable};
}

Status read_number(const char* variable, std::int64_t* to) {
  const std::string_view text = environment(variable);
  if (text.empty()) return Done{};
  const auto value = positive(text);
  if (!value) return not_allowed(variable, text, "a positive number");
  *to = *value;
  return Done{};
}

Status read_choice(const char* variable, std::string_view yes, std::string_view no, bool* to) {
  const std::string_view text = environment(variable);
  if (text.empty()) return Done{};
  if (text != yes && text != no) {
    return not_allowed(variable, text, std::string(yes) + " or " + std::string(no));
  }
  *to = text == yes;
  return Done{};
}

Result<InjectedFault> parse_fault(std::string_view text) {
  constexpr const char* kVariable = "ATTEST_SIMULATED_FAULT";
  const std::size_t colon = text.find(':');
  const std::size_t equals = text.find('=', colon == std::string_view::npos ? 0 : colon);
  InjectedFault fault;
  fault.entry_point = text.substr(0, colon);
  const auto call = colon == std::string_view::npos
                        ? std::nullopt
                        : positive(text.substr(colon + 1, equals - colon - 1));
  if (!call) return not_allowed(kVariable, text, "ENTRY_POINT:CALL[=CODE]");
  fault.call = *call;
  if (!is_exported(fault.entry_point)) {
    return not_allowed(kVariable, fault.entry_point, "an entry point of the simulated driver");
  }
  if (equals == std::string_view::npos) return fault;
  const auto code = result_named(text.substr(equals + 1));
  if (!code || *code == CUDA_SUCCESS) {
    return not_allowed(kVariable, text.substr(equals + 1), "an error of cuda.h");
  }
  fault.code = *code;
  return fault;
}

}  // namespace

Result<std::vector<InjectedFault>> parse_faults(std::string_view text) {
  std::vector<InjectedFault> faults;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    ATTEST_TRY(InjectedFault fault, parse_fault(text.substr(0, comma)));
    faults.push_back(std::move(fault));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return faults;
}

Result<Settings> settings_from_environment() {
  Settings settings;
  if (const std::string_view gpu = environment("ATTEST_SIMULATED_GPU"); !gpu.empty()) {
    const Gpu* found = find_gpu(gpu);
    if (found == nullptr) return not_allowed("ATTEST_SIMULATED_GPU", gpu, gpu_names());
    settings.sm = found->sm;
  }
  ATTEST_TRY(Done mma,
             read_choice("ATTEST_SIMULATED_MMA", "exact", "fast", &settings.has_exact_mma));
  ATTEST_TRY(Done memory, read_number("ATTEST_SIMULATED_MEMORY", &settings.memory_bytes));
  ATTEST_TRY(Done steps, read_number("ATTEST_SIMULATED_STEPS", &settings.steps));
  ATTEST_TRY(Done hang, read_choice("ATTEST_SIMULATED_HANG", "1", "0", &settings.hangs));
  ATTEST_TRY(Done log, read_choice("ATTEST_SIMULATED_LOG", "1", "0", &settings.logs));
  ATTEST_TRY(Done leaks, read_choice("ATTEST_SIMULATED_LEAKS", "1", "0", &settings.finds_leaks));
  (void)mma, (void)memory, (void)steps, (void)hang, (void)log, (void)leaks;
  ATTEST_TRY(settings.faults, parse_faults(environment("ATTEST_SIMULATED_FAULT")));
  return settings;
}

bool has_real_driver() {
  constexpr const char* kDriver = "proc/driver/nvidia";
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path("/") / kDriver, ignored)) return true;
  const std::string_view root = environment("ATTEST_SIMULATED_ROOT");
  return !root.empty() && std::filesystem::exists(std::filesystem::path(root) / kDriver, ignored);
}

}  // namespace attest::driver
