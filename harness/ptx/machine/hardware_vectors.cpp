// hardware_vectors [--arch SM]: dot products measured on real tensor cores, against mma_m16n8k16.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/dtype.h"
#include "harness/ptx/machine/fragment.h"
#include "harness/ptx/machine/mma_model.h"

#include <fmt/core.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace {

namespace fs = std::filesystem;
using attest::Dtype;
using attest::ptx::MmaFormat;
using attest::ptx::MmaModel;

constexpr int kExitPassed = 0;
constexpr int kExitFailed = 1;
constexpr int kExitNotRun = 77;

struct Gpu {
  std::string_view name;
  int sm;
};
constexpr std::array<Gpu, 8> kGpus = {{{"V100", 70},
                                       {"A100", 80},
                                       {"A2", 86},
                                       {"Ada", 89},
                                       {"L40S", 89},
                                       {"H100", 90},
                                       {"H200", 90},
                                       {"B200", 100}}};

struct Format {
  std::string_view folder;
  std::string_view label;
  MmaFormat mma;
  Dtype dtype;
};
constexpr std::array<Format, 2> kFormats = {
    {{"fp16", "f16", MmaFormat::f16, Dtype::f16}, {"bf16", "bf16", MmaFormat::bf16, Dtype::bf16}}};

/// One architecture of each datapath.
constexpr std::array<int, 3> kDatapaths = {70, 80, 90};

std::vector<std::string> lines_of(const fs::path& path) {
  const fs::path zipped = path.string() + ".gz";
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(
      gzopen(fs::exists(zipped) ? zipped.c_str() : path.c_str(), "rb"), gzclose);
  if (!file) {
    throw std::runtime_error("cannot open " + path.string());
  }
  std::string text;
  std::array<char, 1 << 16> part{};
  int count = 0;
  while ((count = gzread(file.get(), part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  if (count < 0) {
    throw std::runtime_error("cannot read " + path.string());
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.find_first_not_of(" \r") != std::string::npos) {
      lines.push_back(line);
    }
  }
  return lines;
}

/// A line of f32 in hexadecimal, each holding a value of the narrow type exactly.
std::vector<std::uint16_t> narrow_row(const std::string& line, Dtype dtype) {
  std::vector<std::uint16_t> row;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const auto wide = static_cast<std::uint32_t>(std::stoul(word, nullptr, 16));
    const std::uint32_t bits = encode(dtype, decode(Dtype::f32, wide));
    if (encode(Dtype::f32, decode(dtype, bits)) != wide) {
      throw std::runtime_error("not a value of the narrow type: " + word);
    }
    row.push_back(static_cast<std::uint16_t>(bits));
  }
  return row;
}

struct Set {
  std::string label;
  int sm = 0;
  MmaFormat format = MmaFormat::f16;
  std::vector<std::vector<std::uint16_t>> a;
  std::vector<std::vector<std::uint16_t>> b;
  std::vector<std::uint32_t> c;
  std::vector<std::uint32_t> d;
};

/// Source  the folder layout of the published vectors; f32 results only.
std::optional<Set> read_set(const fs::path& root, const Gpu& gpu, const Format& format) {
  const fs::path folder = root / gpu.name / format.folder;
  const auto file = [&](std::string_view operand, std::string_view type) {
    return folder / fmt::format("{}_{}_{}.txt", operand, gpu.name, type);
  };
  if (!fs::exists(file("d", "fp32")) && !fs::exists(file("d", "fp32").string() + ".gz")) {
    return std::nullopt;
  }
  Set set;
  set.label = fmt::format("{}/{}->f32", gpu.name, format.label);
  set.sm = gpu.sm;
  set.format = format.mma;
  for (const std::string& line : lines_of(file("a", format.folder))) {
    set.a.push_back(narrow_row(line, format.dtype));
  }
  for (const std::string& line : lines_of(file("b", format.folder))) {
    set.b.push_back(narrow_row(line, format.dtype));
  }
  for (const std::string& line : lines_of(file("c", "fp32"))) {
    set.c.push_back(static_cast<std::uint32_t>(std::stoul(line, nullptr, 2)));
  }
  for (const std::string& line : lines_of(file("d", "fp32"))) {
    set.d.push_back(static_cast<std::uint32_t>(std::stoul(line, nullptr, 2)));
  }
  const std::size_t total = set.d.size();
  if (total == 0 || set.a.size() != total || set.b.size() != total || set.c.size() != total) {
    throw std::runtime_error(set.label + ": files of different lengths");
  }
  return set;
}

struct alignas(32) Register {
  std::array<std::uint32_t, 32> lane{};
};

/// Vector `i` as one output of an mma that is otherwise zero, at a place that moves with i.
std::uint32_t through_mma(const Set& set, std::size_t i, const MmaModel& model) {
  const std::size_t length = set.a[i].size();
  if (length < 1 || length > 16 || set.b[i].size() != set.a[i].size()) {
    throw std::runtime_error(set.label + ": a vector is longer than K, or a and b differ");
  }
  const int m = static_cast<int>(i % 16);
  const int n = static_cast<int>(i / 16 % 8);
  const int first = static_cast<int>(i / 128 % (16 / length) * length);
  std::array<Register, 10> regs;
  const auto put = [&](std::size_t base, attest::ptx::FragmentSlot slot, std::uint32_t bits) {
    regs[base + static_cast<std::size_t>(slot.reg)].lane[static_cast<std::size_t>(slot.lane)] |=
        bits << (16 * slot.element);
  };
  for (int k = 0; k < static_cast<int>(length); ++k) {
    put(0, attest::ptx::slot_a({m, first + k}, 16), set.a[i][static_cast<std::size_t>(k)]);
    put(4, attest::ptx::slot_b({first + k, n}, 16), set.b[i][static_cast<std::size_t>(k)]);
  }
  const attest::ptx::FragmentSlot out = attest::ptx::slot_c({m, n});
  put(6, out, set.c[i]);
  const auto at = [&](std::size_t reg) { return regs[reg].lane.data(); };
  std::uint32_t* c[] = {at(6), at(7), at(8), at(9)};
  const std::uint32_t* a[] = {at(0), at(1), at(2), at(3)};
  const std::uint32_t* b[] = {at(4), at(5)};
  mma_m16n8k16(set.format, model, c, a, b, c);
  return c[out.reg][out.lane];
}

std::size_t equal_outputs(const Set& set, const MmaModel& model) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < set.d.size(); ++i) {
    equal += through_mma(set, i, model) == set.d[i] ? 1U : 0U;
  }
  return equal;
}

/// The set under its own model (or the one asked for), and under the others, which must all fail:
/// data that cannot tell the models apart would prove nothing.
bool passes(const Set& set, std::optional<int> asked) {
  const MmaModel& model = *attest::ptx::mma_model(asked.value_or(set.sm));
  const std::size_t total = set.d.size();
  const std::size_t equal = equal_outputs(set, model);
  fmt::print("{}: {}/{}\n", set.label, equal, total);
  bool passed = equal == total;
  for (const int sm : kDatapaths) {
    const MmaModel& other = *attest::ptx::mma_model(sm);
    if (other.block != model.block) {
      const std::size_t as_other = equal_outputs(set, other);
      fmt::print("  with the arithmetic of sm_{}: {}/{}\n", sm, as_other, total);
      passed = passed && as_other < total;
    }
  }
  return passed;
}

int run(std::optional<int> asked) {
  const char* root = std::getenv("ATTEST_HARDWARE_VECTORS");
  if (root == nullptr || *root == '\0') {
    fmt::print("not_run: vectors not found\n");
    return kExitNotRun;
  }
  int sets = 0;
  bool passed = true;
  for (const Gpu& gpu : kGpus) {
    for (const Format& format : kFormats) {
      if (const std::optional<Set> set = read_set(root, gpu, format)) {
        passed = passes(*set, asked) && passed;
        ++sets;
      }
    }
  }
  fmt::print("{} sets in {}\n", sets, root);
  return passed && sets > 0 ? kExitPassed : kExitFailed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::optional<int> asked;
    if (argc == 3 && std::string_view(argv[1]) == "--arch") {
      asked = std::stoi(argv[2]);
    }
    if ((argc != 1 && !asked) || (asked && attest::ptx::mma_model(*asked) == nullptr)) {
      fmt::print(stderr, "usage: hardware_vectors [--arch 70|75|80|86|89|90|100|120]\n");
      return 2;
    }
    return run(asked);
  } catch (const std::exception& error) {
    fmt::print(stderr, "hardware_vectors: {}\n", error.what());
    return kExitFailed;
  }
}
