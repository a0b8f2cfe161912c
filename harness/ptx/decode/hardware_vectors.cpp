// hardware_vectors [--arch sm_N]: dot products measured on real tensor cores, through mma.sync.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/vector_batch.h"
#include "harness/ptx/decode/vector_set.h"
#include "harness/ptx/machine/mma_model.h"
#include "harness/ptx/machine/mma_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

namespace attest::ptx {
namespace {

constexpr int kExitPassed = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitNotRun = 77;

constexpr std::array<MeasuredGpu, 8> kGpus = {{{"V100", 70},
                                               {"A100", 80},
                                               {"A2", 86},
                                               {"Ada", 89},
                                               {"L40S", 89},
                                               {"H100", 90},
                                               {"H200", 90},
                                               {"B200", 100}}};

constexpr std::array<MeasuredType, 5> kInputs = {
    {{"fp16", "f16"}, {"bf16", "bf16"}, {"tf32", "tf32"}, {"E4M3", "e4m3"}, {"E5M2", "e5m2"}}};

/// Folder names of results, and PTX's words.
constexpr std::array<MeasuredType, 2> kOutputs = {{{"fp32", "f32"}, {"fp16", "f16"}}};

/// One architecture of every datapath.
constexpr std::array<int, 5> kDatapaths = {70, 80, 89, 90, 120};

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

/// Through the model that wgmma uses, or another architecture's mma.
std::optional<std::size_t> equal_by_model(const VectorSet& set, const MmaModel* model) {
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
std::optional<std::size_t> equal_outputs(const VectorSet& set, int sm) {
  if (set.is_wgmma) {
    const MmaUnit unit = sm == set.sm ? MmaUnit::wgmma : MmaUnit::mma;
    return equal_by_model(set,
                          mma_model(sm, *mma_format(set.input), *mma_format(set.output), unit));
  }
  std::optional<std::size_t> fewest;
  const auto length = static_cast<int>(set.a[0].size());
  for (const std::string_view shape : shapes_of(sm, set.input, length)) {
    const std::optional<std::size_t> equal =
        length > mma_shape(shape)->k ? std::nullopt : equal_by_mma(set, shape, sm);
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
bool tells_datapaths(const VectorSet& set) {
  return set.output == "f32" || set.a[0].size() > 8;
}

/// The set with the arithmetic of `asked`, or with its own and then with the others', which must
/// all fail: data that cannot tell the datapaths apart would prove nothing.
void judge(const VectorSet& set, std::optional<int> asked, Tally& tally) {
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
  for (const MeasuredGpu& gpu : kGpus) {
    for (const MeasuredType& in : kInputs) {
      for (const MeasuredType& out : kOutputs) {
        if (const std::optional<VectorSet> set = read_vectors(root, gpu, in, out)) {
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
