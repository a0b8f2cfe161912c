// Loading of PTX texts; kernels and variables by name.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"
#include "harness/driver/module.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/decode/module_variables.h"
#include "harness/ptx/syntax/parser.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

namespace attest::driver {
namespace {

constexpr std::size_t kMaxImageBytes = std::size_t{1} << 28;
constexpr std::int64_t kStaticAndDynamicShared = 49152;  // unless a kernel opts in to more
// First words of what is no text.  Source  fatbinary_section.h of the CUDA toolkit; ELF.
constexpr std::uint32_t kElf = 0x464c457f;
constexpr std::uint32_t kFatbinWrapper = 0x466243b1;
constexpr std::uint32_t kFatbin = 0xba55ed50;

/// Newest ISA that a driver of this CUDA version takes: 9.0 with CUDA 13.0, then one per release.
constexpr int kNewestPtx = 90 + (CUDA_VERSION - 13000) / 10;

bool is_binary(const void* image) {
  std::uint32_t first = 0;
  // Any image has a byte; a text of fewer than four ends with a zero among them.
  const auto* text = static_cast<const char*>(image);
  if (text[0] == 0 || text[1] == 0 || text[2] == 0) return false;
  std::memcpy(&first, image, sizeof first);
  return first == kElf || first == kFatbinWrapper || first == kFatbin;
}

/// "9.0" as 90.
int version_number(std::string_view text) {
  int major = 0;
  int minor = 0;
  const char* end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, major);
  if (error == std::errc() && dot < end) std::from_chars(dot + 1, end, minor);
  return major * 10 + minor;
}

struct Target {
  int sm = 0;
  bool is_specific = false;  // sm_90a: of that GPU only
};

Target target_of(const ptx::Module& module) {
  Target target;
  if (module.targets.empty()) return target;
  const std::string_view text = module.targets.front();
  if (!text.starts_with("sm_")) return target;
  const char* end = text.data() + text.size();
  target.is_specific = std::from_chars(text.data() + 3, end, target.sm).ptr != end;
  return target;
}

CUresult parse_text(Driver& driver, std::string_view text, LoadedModule* module, std::string* log) {
  auto parsed = ptx::parse_module(text, module->name);
  if (!parsed) {
    *log = parsed.error().to_string();
    return CUDA_ERROR_INVALID_PTX;
  }
  module->parsed = std::move(*parsed);
  const Target target = target_of(module->parsed);
  const int sm = driver.gpu().sm;
  if (target.sm == 0 || target.sm > sm || (target.is_specific && target.sm != sm)) {
    *log = module->name + ": its .target does not run on sm_" + std::to_string(sm);
    return CUDA_ERROR_INVALID_PTX;
  }
  if (version_number(module->parsed.version) > kNewestPtx) {
    *log = module->name + ": .version " + module->parsed.version + " is newer than the driver";
    return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
  }
  auto variables = ptx::module_variables(module->parsed, module->name);
  if (!variables) {
    *log = variables.error().to_string();
    return CUDA_ERROR_INVALID_PTX;
  }
  module->variables = *variables;
  return CUDA_SUCCESS;
}

ptx::DecodeOptions decode_options(const Driver& driver) {
  ptx::DecodeOptions options;
  options.arch = "sm_" + std::to_string(driver.gpu().sm);
  options.mma = driver.settings().has_exact_mma ? ptx::MmaMode::exact : ptx::MmaMode::fast;
  return options;
}

void put_text(std::string_view text, void** values, int buffer, int size, unsigned room) {
  const std::size_t bytes = std::min<std::size_t>(text.size(), room == 0 ? 0 : room - 1);
  if (buffer >= 0 && room > 0 && values[buffer] != nullptr) {
    std::memcpy(values[buffer], text.data(), bytes);
    static_cast<char*>(values[buffer])[bytes] = 0;
  }
  values[size] = reinterpret_cast<void*>(bytes);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

std::vector<std::string> LoadedModule::entries() const {
  std::vector<std::string> names;
  for (const ptx::Function& f : parsed.functions) {
    if (f.is_entry && f.body) names.push_back(f.name);
  }
  return names;
}

CUresult load_module(Driver& driver,
                     const void* image,
                     std::shared_ptr<LoadedModule>* to,
                     std::string* log) {
  if (image == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (is_binary(image)) {
    *log = "a binary: only PTX text runs on the simulated GPU";
    return CUDA_ERROR_NO_BINARY_FOR_GPU;
  }
  const auto* text = static_cast<const char*>(image);
  const std::size_t length = strnlen(text, kMaxImageBytes);
  if (length == kMaxImageBytes) {
    *log = "no zero byte within " + std::to_string(kMaxImageBytes) + " bytes of text";
    return CUDA_ERROR_INVALID_IMAGE;
  }
  auto module = std::make_shared<LoadedModule>();
  module->name = "module " + std::to_string(driver.next_number++);
  const CUresult result = parse_text(driver, {text, length}, module.get(), log);
  if (result != CUDA_SUCCESS) return result;
  const auto addresses = driver.memory->instantiate(*module->variables);
  if (!addresses) return CUDA_ERROR_OUT_OF_MEMORY;
  module->addresses.assign(addresses->begin(), addresses->end());
  *to = std::move(module);
  return CUDA_SUCCESS;
}

void unload(Driver& driver, LoadedModule& module) {
  for (const auto& [name, handle] : module.function_handles)
    driver.functions.take(handle);
  for (const auto& [name, handle] : module.kernel_handles)
    driver.kernels.take(handle);
  for (const std::uint64_t address : module.addresses)
    driver.memory->free(address);
}

CUresult find_kernel(Driver& driver,
                     LoadedModule& module,
                     std::string_view entry,
                     std::shared_ptr<Kernel>* to) {
  if (const auto known = module.kernels.find(entry); known != module.kernels.end()) {
    *to = known->second;
    return CUDA_SUCCESS;
  }
  const std::vector<std::string> entries = module.entries();
  if (std::find(entries.begin(), entries.end(), entry) == entries.end()) {
    return CUDA_ERROR_NOT_FOUND;
  }
  auto program = ptx::decode(module.parsed, module.name, entry, decode_options(driver));
  if (!program) {
    say(program.error().to_string());
    return program.error().code == Code::unsupported ? CUDA_ERROR_NOT_SUPPORTED
                                                     : CUDA_ERROR_INVALID_PTX;
  }
  auto kernel = std::make_shared<Kernel>();
  kernel->program = *program;
  kernel->module = module.weak_from_this();
  kernel->compute_capability = target_of(module.parsed).sm;
  kernel->dynamic_shared_limit =
      std::max<std::int64_t>(kStaticAndDynamicShared - (*program)->static_shared_bytes, 0);
  for (const ptx::ModuleVariable& v : module.variables->variables)
    kernel->constant_bytes += v.is_constant ? v.size_bytes : 0;
  module.kernels.emplace(entry, kernel);
  *to = std::move(kernel);
  return CUDA_SUCCESS;
}

CUresult find_variable(const LoadedModule& module,
                       const char* name,
                       CUdeviceptr* address,
                       std::size_t* size_bytes) {
  if (name == nullptr || (address == nullptr && size_bytes == nullptr)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  const auto& variables = module.variables->variables;
  const auto found = std::find_if(
      variables.begin(), variables.end(), [&](const auto& v) { return v.name == name; });
  if (found == variables.end()) return CUDA_ERROR_NOT_FOUND;
  if (address != nullptr) {
    *address = module.addresses[static_cast<std::size_t>(found - variables.begin())];
  }
  if (size_bytes != nullptr) *size_bytes = static_cast<std::size_t>(found->size_bytes);
  return CUDA_SUCCESS;
}

CUresult put_jit_log(unsigned count,
                     const CUjit_option* options,
                     void** values,
                     std::string_view log) {
  if (count == 0) return CUDA_SUCCESS;
  if (options == nullptr || values == nullptr) return CUDA_ERROR_INVALID_VALUE;
  int error_at = -1;
  int info_at = -1;
  for (int n = 0; n < static_cast<int>(count); ++n) {
    if (options[n] == CU_JIT_ERROR_LOG_BUFFER) error_at = n;
    if (options[n] == CU_JIT_INFO_LOG_BUFFER) info_at = n;
  }
  for (int n = 0; n < static_cast<int>(count); ++n) {
    const auto room = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(values[n]));
    if (options[n] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) put_text(log, values, error_at, n, room);
    if (options[n] == CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES) put_text("", values, info_at, n, room);
  }
  return CUDA_SUCCESS;
}

}  // namespace attest::driver
