// hardware_vectors [--arch sm_N]: dot products measured on real tensor cores, through mma.sync.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/dtype.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/machine/mma_plan.h"
#include "harness/ptx/machine/round_half.h"
#include "harness/ptx/syntax/parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace attest::ptx {
namespace {

namespace fs = std::filesystem;

constexpr int kExitPassed = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
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

struct Input {
  std::string_view folder;
  std::string_view word;
};
constexpr std::array<Input, 5> kInputs = {
    {{"fp16", "f16"}, {"bf16", "bf16"}, {"tf32", "tf32"}, {"E4M3", "e4m3"}, {"E5M2", "e5m2"}}};

/// Folder names of results, and PTX's words.
constexpr std::array<Input, 2> kOutputs = {{{"fp32", "f32"}, {"fp16", "f16"}}};

/// One architecture of every datapath.
constexpr std::array<int, 5> kDatapaths = {70, 80, 89, 90, 120};

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

/// The f32 that an element of a narrow format is.
std::uint32_t widened(MmaFormat format, std::uint32_t bits) {
  switch (format) {
    case MmaFormat::f16:
      return bits_of(F16::widen(static_cast<std::uint16_t>(bits)));
    case MmaFormat::bf16:
      return bits << 16;
    case MmaFormat::tf32:
      return bits & ~0x1fffU;
    case MmaFormat::f32:
      return bits;
    default:
      return bits_of(F16::widen(static_cast<std::uint16_t>(mma_f16_of_fp8(format, bits))));
  }
}

/// The element whose value is this f32, exactly.
std::uint32_t narrowed(MmaFormat format, std::uint32_t wide) {
  std::uint32_t bits = wide;
  if (format == MmaFormat::f16 || format == MmaFormat::bf16) {
    bits = encode(format == MmaFormat::f16 ? Dtype::f16 : Dtype::bf16, f32_of(wide));
  } else if (format == MmaFormat::e4m3 || format == MmaFormat::e5m2) {
    for (bits = 0; bits < 0x100 && widened(format, bits) != wide; ++bits) {
    }
  }
  if (bits != wide && (bits > 0xffff || widened(format, bits) != wide)) {
    throw std::runtime_error(fmt::format("{:08x} is not a value of the narrow type", wide));
  }
  return bits;
}

std::vector<std::uint32_t> row_of(const std::string& line, MmaFormat format) {
  std::vector<std::uint32_t> row;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    row.push_back(narrowed(format, static_cast<std::uint32_t>(std::stoul(word, nullptr, 16))));
  }
  return row;
}

struct Set {
  std::string label;
  int sm = 0;
  std::string_view input;  // words of PTX
  std::string_view output;
  bool is_wgmma = false;
  std::vector<std::vector<std::uint32_t>> a;
  std::vector<std::vector<std::uint32_t>> b;
  std::vector<std::uint32_t> c;
  std::vector<std::uint32_t> d;
};

/// Source  the folder layout and the rules of the published vectors: a c that is used with f16
///         results is rounded to f16 first; fp8 to f32 of H100 and H200 was measured with wgmma and
///         c = 0.
std::optional<Set> read_set(const fs::path& root,
                            const Gpu& gpu,
                            const Input& in,
                            const Input& out) {
  const fs::path folder = root / gpu.name / in.folder;
  const auto file = [&](std::string_view operand, std::string_view type) {
    return folder / fmt::format("{}_{}_{}.txt", operand, gpu.name, type);
  };
  if (!fs::exists(file("d", out.folder)) && !fs::exists(file("d", out.folder).string() + ".gz")) {
    return std::nullopt;
  }
  Set set;
  set.label = fmt::format("{}/{}->{}", gpu.name, in.word, out.word);
  set.sm = gpu.sm;
  set.input = in.word;
  set.output = out.word;
  const bool is_fp8 = in.word[0] == 'e';
  const bool is_half = out.word == "f16";
  set.is_wgmma = is_fp8 && !is_half && gpu.sm == 90;
  const MmaFormat format = *mma_format(in.word);
  for (const std::string& line : lines_of(file("a", in.folder))) {
    set.a.push_back(row_of(line, format));
  }
  for (const std::string& line : lines_of(file("b", in.folder))) {
    set.b.push_back(row_of(line, format));
  }
  for (const std::string& line : lines_of(file("c", "fp32"))) {
    const auto bits = static_cast<std::uint32_t>(std::stoul(line, nullptr, 2));
    const std::uint32_t rounded = is_half ? narrow<F16, Rounding::rn>(f32_of(bits)) : bits;
    set.c.push_back(set.is_wgmma ? 0 : rounded);
  }
  for (const std::string& line : lines_of(file("d", out.folder))) {
    const auto bits = static_cast<std::uint32_t>(std::stoul(line, nullptr, 2));
    set.d.push_back(is_half ? narrowed(MmaFormat::f16, bits) : bits);
  }
  const std::size_t total = set.d.size();
  if (total == 0 || set.a.size() != total || set.b.size() != total || set.c.size() != total) {
    throw std::runtime_error(set.label + ": files of different lengths");
  }
  for (std::size_t i = 0; i < total; ++i) {
    if (set.a[i].size() != set.a[0].size() || set.b[i].size() != set.a[0].size()) {
      throw std::runtime_error(set.label + ": vectors of different lengths");
    }
  }
  return set;
}

/// The shapes of an architecture that hold vectors of this length; empty: it has none.
std::vector<std::string_view> shapes_of(int sm, std::string_view input, int length) {
  if (input == "f16" && sm == 70) {
    return {"m8n8k4"};
  }
  std::vector<std::string_view> all;
  if (input == "tf32") {
    all = {"m16n8k8", "m16n8k4"};
  } else if (input[0] == 'e') {
    all = {"m16n8k32"};
  } else {
    all = {"m16n8k16", "m16n8k8"};
  }
  std::erase_if(all, [&](std::string_view shape) { return mma_shape(shape)->k < length; });
  return all;
}

/// A set as launches of one mma per block: which vector is where.
class Batch {
 public:
  Batch(const Set& set, std::string_view shape, int sm) : set_(set), shape_(*mma_shape(shape)) {
    const MmaFormat input = *mma_format(set.input);
    const MmaFormat output = *mma_format(set.output);
    const bool is_quad_pairs = shape == "m8n8k4";
    matrices_ = is_quad_pairs ? 4 : 1;
    const auto map = [&](FragmentRole role, MmaFormat format) {
      return &fragment_map(mma_fragment(
          false, role, shape_, format, is_quad_pairs, is_quad_pairs && role == FragmentRole::b));
    };
    a_ = map(FragmentRole::a, input);
    b_ = map(FragmentRole::b, input);
    c_ = map(FragmentRole::c, output);
    length_ = static_cast<int>(set.a[0].size());
    per_block_ = 8 * matrices_;
    const auto total = static_cast<int>(set.d.size());
    blocks_ = (total + per_block_ - 1) / per_block_;
    text_ = kernel(shape, sm);
  }

  /// Number of equal results with the arithmetic of `sm`; empty: it has no such instruction.
  std::optional<std::size_t> equal(int sm) const {
    const auto module = parse_module(text_, set_.label);
    if (!module) {
      throw std::runtime_error(module.error().to_string());
    }
    DecodeOptions options;
    options.arch = "sm_" + std::to_string(sm);
    const auto program = decode(*module, set_.label, "dots", options);
    if (!program) {
      return std::nullopt;
    }
    GlobalMemory memory;
    const std::vector<std::uint32_t> in = images();
    const auto in_bytes = static_cast<std::int64_t>(in.size() * sizeof(std::uint32_t));
    const std::int64_t out_bytes = std::int64_t{blocks_} * c_->registers() * 128;
    Launch launch;
    launch.grid = {static_cast<std::uint32_t>(blocks_), 1, 1};
    launch.block = {32, 1, 1};
    const auto place = [&](const char* name, std::int64_t size, std::span<const std::byte> bytes) {
      const std::uint64_t base = memory.allocate(name, size, 0, bytes, true);
      const auto word = std::as_bytes(std::span(&base, 1));
      launch.parameters.insert(launch.parameters.end(), word.begin(), word.end());
    };
    place("in", in_bytes, std::as_bytes(std::span(in)));
    place("out", out_bytes, {});
    Grid grid(**program, launch, memory, {});
    if (const auto finding = grid.run()) {
      throw std::runtime_error(describe(*finding));
    }
    return count_equal(reinterpret_cast<const std::uint32_t*>(memory.allocations()[1].data));
  }

 private:
  /// Vector `j` of a block is the one output in column j % 8 that is not zero.
  [[nodiscard]] int row(int block, int j) const {
    return (j + block) % 8 + (shape_.m == 16 && block % 2 == 1 ? 8 : 0);
  }
  [[nodiscard]] int first_k(int block) const { return block / 2 % (shape_.k / length_) * length_; }
  [[nodiscard]] std::size_t vector(int block, int j) const {
    return static_cast<std::size_t>(block * per_block_ + j);
  }

  static void put(const FragmentMap& map,
                  const std::vector<std::uint32_t>& elements,
                  std::vector<std::uint32_t>& out) {
    const int width = map.shape().width;
    for (int reg = 0; reg < map.registers(); ++reg) {
      for (int lane = 0; lane < 32; ++lane) {
        std::uint32_t word = 0;
        for (int e = 0; e < map.per_word(); ++e) {
          word |= elements[static_cast<std::size_t>(map.element({reg, lane, e}))]
                  << (width % 32 * e);
        }
        out.push_back(word);
      }
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> images() const {
    std::vector<std::uint32_t> out;
    for (int block = 0; block < blocks_; ++block) {
      std::vector<std::uint32_t> a(static_cast<std::size_t>(a_->elements()));
      std::vector<std::uint32_t> b(static_cast<std::size_t>(b_->elements()));
      std::vector<std::uint32_t> c(static_cast<std::size_t>(c_->elements()));
      for (int j = 0; j < per_block_ && vector(block, j) < set_.d.size(); ++j) {
        const std::size_t n = vector(block, j);
        const int matrix = j / 8;
        const int at_a = (matrix * shape_.m + row(block, j)) * shape_.k + first_k(block);
        const int at_b = j * shape_.k + first_k(block);
        std::copy(set_.a[n].begin(), set_.a[n].end(), a.begin() + at_a);
        std::copy(set_.b[n].begin(), set_.b[n].end(), b.begin() + at_b);
        c[static_cast<std::size_t>(output_at(block, j))] = set_.c[n];
      }
      put(*a_, a, out);
      put(*b_, b, out);
      put(*c_, c, out);
    }
    return out;
  }

  [[nodiscard]] int output_at(int block, int j) const {
    return (j / 8 * shape_.m + row(block, j)) * shape_.n + j % 8;
  }

  [[nodiscard]] std::size_t count_equal(const std::uint32_t* out) const {
    std::size_t equal = 0;
    std::vector<std::uint32_t> d(static_cast<std::size_t>(c_->elements()));
    for (int block = 0; block < blocks_; ++block) {
      std::array<const std::uint32_t*, 8> rows{};
      for (int r = 0; r < c_->registers(); ++r) {
        rows[static_cast<std::size_t>(r)] = out + (block * c_->registers() + r) * 32;
      }
      c_->gather(rows.data(), d.data());
      for (int j = 0; j < per_block_ && vector(block, j) < set_.d.size(); ++j) {
        equal += d[static_cast<std::size_t>(output_at(block, j))] == set_.d[vector(block, j)];
      }
    }
    return equal;
  }

  [[nodiscard]] std::string kernel(std::string_view shape, int sm) const {
    int reg = 0;
    std::string loads;
    const auto load = [&](const FragmentMap& map) {
      std::string operand = "{";
      for (int r = 0; r < map.registers(); ++r, ++reg) {
        loads += fmt::format("ld.global.u32 %r{}, [%in+{}];\n", reg, reg * 128);
        operand += fmt::format("{}%r{}", r == 0 ? "" : ", ", reg);
      }
      return operand + "}";
    };
    const std::string a = load(*a_);
    const std::string b = load(*b_);
    const std::string c = load(*c_);
    std::string stores;
    for (int r = 0; r < c_->registers(); ++r) {
      stores += fmt::format(
          "st.global.u32 [%out+{}], %r{};\n", r * 128, a_->registers() + b_->registers() + r);
    }
    return fmt::format(
        ".version 9.0\n.target sm_{0}\n.address_size 64\n"
        ".visible .entry dots(.param .u64 in, .param .u64 out)\n{{\n"
        ".reg .b64 %in, %out, %at;\n.reg .b32 %r<{1}>, %block, %lane;\n"
        "ld.param.u64 %in, [in];\nld.param.u64 %out, [out];\n"
        "mov.u32 %block, %ctaid.x;\nmov.u32 %lane, %laneid;\n"
        "mul.wide.u32 %at, %lane, 4;\nadd.u64 %in, %in, %at;\nadd.u64 %out, %out, %at;\n"
        "mul.wide.u32 %at, %block, {2};\nadd.u64 %in, %in, %at;\n"
        "mul.wide.u32 %at, %block, {3};\nadd.u64 %out, %out, %at;\n"
        "{4}mma.sync.aligned.{5}.row.col.{6}.{7}.{7}.{6} {10}, {8}, {9}, {10};\n{11}ret;\n}}\n",
        sm,
        reg,
        reg * 128,
        c_->registers() * 128,
        loads,
        shape,
        set_.output,
        set_.input,
        a,
        b,
        c,
        stores);
  }

  const Set& set_;
  MmaShape shape_;
  int matrices_ = 1;
  int length_ = 0;
  int per_block_ = 8;
  int blocks_ = 0;
  const FragmentMap* a_ = nullptr;
  const FragmentMap* b_ = nullptr;
  const FragmentMap* c_ = nullptr;
  std::string text_;
};

/// Through the model that wgmma uses, or another architecture's mma.
std::optional<std::size_t> equal_by_model(const Set& set, const MmaModel* model) {
  if (model == nullptr) {
    return std::nullopt;
  }
  const MmaFormat format = *mma_format(set.input);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < set.d.size(); ++i) {
    const auto length = static_cast<int>(set.a[i].size());
    equal += mma_dot_exact(
                 {format, format}, *model, set.a[i].data(), set.b[i].data(), length, set.c[i]) ==
             set.d[i];
  }
  return equal;
}

/// The fewest over the shapes; empty when the architecture has none.
std::optional<std::size_t> equal_outputs(const Set& set, int sm) {
  if (set.is_wgmma) {
    const MmaUnit unit = sm == set.sm ? MmaUnit::wgmma : MmaUnit::mma;
    return equal_by_model(set,
                          mma_model(sm, *mma_format(set.input), *mma_format(set.output), unit));
  }
  std::optional<std::size_t> fewest;
  const auto length = static_cast<int>(set.a[0].size());
  for (const std::string_view shape : shapes_of(sm, set.input, length)) {
    const std::optional<std::size_t> equal =
        length > mma_shape(shape)->k ? std::nullopt : Batch(set, shape, sm).equal(sm);
    if (!equal) {
      return std::nullopt;
    }
    fewest = std::min(fewest.value_or(*equal), *equal);
  }
  return fewest;
}

struct Tally {
  std::size_t equal = 0;
  std::size_t total = 0;
  int sets = 0;
  bool passed = true;
};

/// f16 results of one short block have 11 bits of sums that keep 24 and more: any datapath gives
/// them. Everything else tells two datapaths apart.
bool tells_datapaths(const Set& set) {
  return set.output == "f32" || set.a[0].size() > 8;
}

/// The set with the arithmetic of `asked`, or with its own and then with the others', which must
/// all fail: data that cannot tell the datapaths apart would prove nothing.
void judge(const Set& set, std::optional<int> asked, Tally& tally) {
  const int sm = asked.value_or(set.sm);
  const std::size_t total = set.d.size();
  const std::optional<std::size_t> equal = equal_outputs(set, sm);
  if (equal) {
    fmt::print("{}: {}/{}\n", set.label, *equal, total);
  } else {
    fmt::print("{}: refused, sm_{} has no such mma\n", set.label, sm);
  }
  ++tally.sets;
  tally.total += total;
  tally.equal += equal.value_or(0);
  tally.passed = tally.passed && equal == total;
  if (asked) {
    return;
  }
  const auto datapath = [&](int of) {
    return mma_model(of, *mma_format(set.input), *mma_format(set.output));
  };
  for (const int other : kDatapaths) {
    if (datapath(other) == datapath(set.sm)) {
      continue;
    }
    if (const std::optional<std::size_t> wrong = equal_outputs(set, other)) {
      fmt::print("  with the arithmetic of sm_{}: {}/{}\n", other, *wrong, total);
      tally.passed = tally.passed && (*wrong < total || !tells_datapaths(set));
    }
  }
}

int run(std::optional<int> asked) {
  const char* root = std::getenv("ATTEST_HARDWARE_VECTORS");
  if (root == nullptr || *root == '\0') {
    fmt::print("not_run: vectors not found\n");
    return kExitNotRun;
  }
  Tally tally;
  for (const Gpu& gpu : kGpus) {
    for (const Input& in : kInputs) {
      for (const Input& out : kOutputs) {
        if (const std::optional<Set> set = read_set(root, gpu, in, out)) {
          judge(*set, asked, tally);
        }
      }
    }
  }
  fmt::print("{} sets, {}/{} equal\n", tally.sets, tally.equal, tally.total);
  return tally.passed && tally.sets > 0 ? kExitPassed : kExitFailed;
}

/// "sm_80" or "80".
std::optional<int> architecture(std::string_view text) {
  if (text.starts_with("sm_")) {
    text.remove_prefix(3);
  }
  int sm = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sm);
  const bool is_known =
      error == std::errc{} && end == text.data() + text.size() && mma_model(sm) != nullptr;
  return is_known ? std::optional(sm) : std::nullopt;
}

}  // namespace
}  // namespace attest::ptx

int main(int argc, char** argv) {
  using namespace attest::ptx;
  try {
    std::optional<int> asked;
    if (argc == 3 && std::string_view(argv[1]) == "--arch") {
      asked = architecture(argv[2]);
    }
    if (argc != 1 && !asked) {
      fmt::print(stderr, "usage: hardware_vectors [--arch sm_70|75|80|86|89|90|100|120]\n");
      return kExitUsage;
    }
    return run(asked);
  } catch (const std::exception& error) {
    fmt::print(stderr, "hardware_vectors: {}\n", error.what());
    return kExitFailed;
  }
}
