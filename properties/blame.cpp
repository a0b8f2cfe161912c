// Probes, each for one stage: the others have nothing to get wrong in it.
// SPDX-License-Identifier: Apache-2.0
//
//   store    q = 0 and keys of one v: O is v whatever the other stages do, and where it is not, it is
//            the same for one key, two and three. What depends on old memory, too.
//   mask     q = 0 and k = 0: all kept keys weigh the same, LSE is the logarithm of their number, and
//            with a column of v for each key O shows which they are. Both wrong: other keys were
//            kept. Only O: P*V. Only LSE, or NaN: softmax.
//   scores   one tile, no mask, scores of 40 and -40: exp is 1 or nothing, so that LSE is the
//            largest score and how often it is there.
//   softmax  one tile, no mask, the case's own q and k: LSE.
//   P*V      the same with O; and the case's own v with q = 0, where no weight is rounded.
//   merge    all tiles, no mask.
//   At last the case itself, with its mask: softmax or P*V by LSE, mask where it has a finite fill.
#include "properties/blame.h"

#include "harness/base/rng.h"
#include "harness/judge/judge.h"
#include "properties/convention.h"
#include "properties/remake.h"
#include "reference/attention.h"
#include "reference/elementary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace attest {
namespace {

constexpr std::uint8_t kDirt = 0xff;
constexpr std::uint8_t kOtherDirt = 0x3c;
constexpr double kLogarithm = 0x1p-21;  // of a sum of ones, which is exact
constexpr double kScore = 40;           // e^-80 of another is nothing in f32
constexpr std::uint64_t kProbeStream = 0x70726f62;

/// What a probe found wrong.
struct Wrong {
  bool o = false;
  bool lse = false;
  [[nodiscard]] bool any() const { return o || lse; }
};

bool exceeds(double ratio) {
  return !(ratio <= 1);
}

Diagnosis found(const char* stage, std::string because) {
  return {stage, std::move(because), ""};
}

class Probes {
 public:
  Probes(const CaseResult& failure, const Subject& subject)
      : subject_(subject),
        mode_(failure.which.mode),
        own_(failure.which.attention()),
        other_(own_) {
    other_.scale = -3 * static_cast<double>(effective_scale(own_)) - 0.25;
    has_history_ = failure.which.property == "calls_leave_no_state";
    if (has_history_) of_other_ = draw_inputs(other_);
  }

  [[nodiscard]] std::optional<Diagnosis> store() const {
    // Of constants alone: a kernel that reads between the rows of k depends on old memory as well.
    const Problem p = plain();
    Inputs inputs = with_zero_scores(p);
    std::fill(inputs.v.bytes.begin(), inputs.v.bytes.end(), std::byte{0});
    const auto first = run(p, inputs, kDirt);
    const auto second = run(p, inputs, kOtherDirt);
    if (first && second && judge_bitwise(p, *first, *second).verdict != Verdict::agree)
      return found("store", "O or LSE depends on what its memory held before");
    const auto alone = of_equal_values(1);
    if (!alone.is_wrong) return std::nullopt;
    const bool is_same = of_equal_values(2).o == alone.o && of_equal_values(3).o == alone.o;
    if (is_same) return found("store", "O is another than v, whose sum over any keys it is");
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Diagnosis> mask() const {
    Problem p = own_;
    p.fill = Problem{}.fill;
    Inputs inputs = with_zero_scores(p);
    const std::vector<std::int64_t> pieces = chunks(p.seq_kv, p.head_dim_v);
    const bool is_whole = std::ssize(pieces) * p.head_dim_v >= p.seq_kv;
    bool is_wrong = false;
    bool has_count = true;
    for (const std::int64_t first : pieces) {
      inputs.v = remake_values(p, Tensor::v, [&](const RowAt& at, std::int64_t d) {
        return at.row == first + d ? 1.0 : 0.0;
      });
      const auto outputs = run(p, inputs, kDirt);
      if (!outputs) return std::nullopt;
      const ReferenceTerms terms = reference_attention(p, inputs);
      has_count = has_count && counts_keys(*outputs, terms);
      if (!exceeds(judge(p, *outputs, terms, exact_weights(), arch()).ratio_o)) continue;
      if (has_nan(*outputs))
        return found("softmax", "with q = 0 there is NaN in rows without keys");
      is_wrong = true;
    }
    if (!has_count && (is_wrong || !is_whole))
      return found("mask", "with q = 0, O and LSE show other keys than the mask keeps");
    if (is_wrong) return found("P*V", "with q = 0, LSE counts the right keys and O has others");
    if (!has_count)
      return found("softmax", "with q = 0, O has the right keys and LSE another number of them");
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Diagnosis> scores() const {
    constexpr std::uint64_t kTrials = 3;
    const Problem p = one_tile();
    for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
      Inputs inputs = draw_inputs(p);
      set_plain_scores(p, derive_seed(own_.seed, trial), inputs);
      if (judged(p, inputs).lse) {
        return found("scores", "with scores of 40 and -40 in one tile, LSE is another");
      }
    }
    return std::nullopt;
  }

  /// Of the first tile and of the last.
  [[nodiscard]] std::optional<Diagnosis> softmax_and_pv() const {
    Wrong wrong;
    for (const bool is_last : {false, true}) {
      const Problem p = one_tile();
      const Wrong here = judged(p, tile_of(p, is_last ? own_.seq_kv - p.seq_kv : 0));
      wrong.lse |= here.lse;
      wrong.o |= here.o;
    }
    if (wrong.lse) return found("softmax", "in one tile without a mask, LSE is wrong");
    if (wrong.o) return found("P*V", "in one tile without a mask, LSE is right and O is not");
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Diagnosis> pv_of_equal_weights() const {
    Inputs inputs = draw_inputs(own_);
    poison_hidden_keys(own_, inputs);
    const Inputs zero = with_zero_scores(own_);
    inputs.q = zero.q;
    inputs.k = zero.k;
    const auto outputs = run(own_, inputs, kDirt);
    if (!outputs) return std::nullopt;
    const ReferenceTerms terms = reference_attention(own_, inputs);
    const Judgement judgement = judge(own_, *outputs, terms, exact_weights(), arch());
    if (!exceeds(judgement.ratio_o)) return std::nullopt;
    if (exceeds(judgement.ratio_lse)) return std::nullopt;  // before P*V already
    return found("P*V", "with q = 0, O is not the mean of v");
  }

  [[nodiscard]] std::optional<Diagnosis> merge() const {
    const Problem p = plain();
    if (p.seq_kv <= tile() || !judged(p, draw_inputs(p)).any()) return std::nullopt;
    return found("merge", "each tile alone is right, all of them together are not");
  }

  /// The mask was right by itself, so what it leaves of the data is too much for another stage.
  [[nodiscard]] std::optional<Diagnosis> with_mask() const {
    Inputs inputs = draw_inputs(own_);
    poison_hidden_keys(own_, inputs);
    const Wrong wrong = judged(own_, inputs);
    if (!wrong.any()) return std::nullopt;
    if (own_.fill != Problem{}.fill) {
      Problem near = own_;
      near.fill = -1;
      if (!judged(near, inputs).any())
        return found("softmax", "with fill=-1 all is right: the one given leaves its range");
      return found("mask", "with fill=-inf, or without the mask, all is right");
    }
    if (wrong.lse) return found("softmax", "with the keys that the mask leaves, LSE is wrong");
    return found("P*V", "with the keys that the mask leaves, LSE is right and O is not");
  }

 private:
  [[nodiscard]] std::string_view arch() const {
    return mode_.arch.empty() ? subject_.arch : mode_.arch;
  }
  [[nodiscard]] Arithmetic arithmetic() const {
    Arithmetic out = subject_.arithmetic(own_);
    if (mode_.mma == MmaBits::fast) out.accumulate = Accumulate::fma_f32;
    return out;
  }
  /// Weights of 1, which no dtype rounds.
  [[nodiscard]] Arithmetic exact_weights() const {
    Arithmetic out = arithmetic();
    out.probability = Dtype::f32;
    return out;
  }
  [[nodiscard]] std::int64_t tile() const { return subject_.arithmetic(own_).kv_tile; }

  [[nodiscard]] Problem plain() const {
    Problem p = own_;
    p.mask = {};
    p.fill = Problem{}.fill;
    p.softcap.reset();
    p.sink = false;
    return p;
  }
  [[nodiscard]] Problem one_tile() const {
    Problem p = plain();
    p.seq_kv = std::min(p.seq_kv, tile());
    return p;
  }

  /// Nothing where the subject does not take the problem, or has a finding.
  [[nodiscard]] std::optional<Outputs> run(const Problem& p,
                                           const Inputs& inputs,
                                           std::uint8_t dirt) const {
    if (!validate(p) || subject_.refusal(p)) return std::nullopt;
    const Call earlier{&other_, &of_other_};
    Conditions conditions{.mode = mode_, .dirt = dirt};
    if (has_history_) conditions.earlier = &earlier;
    auto answer = subject_.run(p, inputs, conditions);
    if (!answer || !answer->findings.empty()) return std::nullopt;
    return std::move(answer->outputs);
  }

  [[nodiscard]] Wrong judged(const Problem& p, const Inputs& inputs) const {
    const auto outputs = run(p, inputs, kDirt);
    if (!outputs) return {};
    const Judgement judgement =
        judge(p, *outputs, reference_attention(p, inputs), arithmetic(), arch());
    return {exceeds(judgement.ratio_o), exceeds(judgement.ratio_lse)};
  }

  struct OfEqualValues {
    bool is_wrong = false;
    std::vector<std::byte> o;
  };
  [[nodiscard]] OfEqualValues of_equal_values(std::int64_t keys) const {
    Problem p = plain();
    p.seq_kv = keys;
    Inputs inputs = with_zero_scores(p);
    inputs.v = remake_values(
        p, Tensor::v, [](const RowAt&, std::int64_t d) { return d % 2 == 0 ? 3.0 : -3.0; });
    const auto outputs = run(p, inputs, kDirt);
    if (!outputs) return {};
    const Judgement judgement =
        judge(p, *outputs, reference_attention(p, inputs), arithmetic(), arch());
    return {exceeds(judgement.ratio_o), outputs->o.bytes};
  }

  /// Gaps hold 0 too.
  [[nodiscard]] static Inputs with_zero_scores(const Problem& p) {
    Inputs inputs = draw_inputs(p);
    std::fill(inputs.q.bytes.begin(), inputs.q.bytes.end(), std::byte{0});
    std::fill(inputs.k.bytes.begin(), inputs.k.bytes.end(), std::byte{0});
    return inputs;
  }

  /// Where pieces of `length` begin: the first few and the last few.
  [[nodiscard]] static std::vector<std::int64_t> chunks(std::int64_t keys, std::int64_t length) {
    constexpr std::int64_t kEachSide = 4;
    std::vector<std::int64_t> out;
    const std::int64_t count = (keys + length - 1) / length;
    for (std::int64_t n = 0; n < count; ++n) {
      if (n < kEachSide || n >= count - kEachSide) out.push_back(n * length);
    }
    return out;
  }

  [[nodiscard]] static bool has_nan(const Outputs& outputs) {
    return std::any_of(
        outputs.lse.begin(), outputs.lse.end(), [](float lse) { return std::isnan(lse); });
  }

  [[nodiscard]] static bool counts_keys(const Outputs& outputs, const ReferenceTerms& terms) {
    for (std::size_t row = 0; row < terms.lse.size(); ++row) {
      const auto got = static_cast<double>(outputs.lse[row]);
      if (terms.kept[row] == 0) {
        if (!(std::isinf(got) && got < 0)) return false;
        continue;
      }
      const double want = natural_log(static_cast<double>(terms.kept[row]));
      if (!(std::fabs(got - want) <= kLogarithm * (1 + want))) return false;
    }
    return true;
  }

  /// One column of each row of q is not 0, so that a score is one product, of either sign.
  static void set_plain_scores(const Problem& p, std::uint64_t seed, Inputs& inputs) {
    const double scale = std::fabs(static_cast<double>(effective_scale(p)));
    const double usual = 1 / std::sqrt(static_cast<double>(p.head_dim));
    const double product = kScore / (scale > 0 ? scale : usual);
    // Powers of two, exact in every dtype; q's and k's together are about `product`.
    const double size = std::exp2(std::round(std::log2(product) / 2));
    const auto bits = [&](Tensor tensor, const RowAt& at, std::int64_t d) {
      const auto head = static_cast<std::uint64_t>(at.batch * 4096 + at.head);
      const std::uint64_t row =
          derive_seed(derive_seed(seed, head), static_cast<std::uint64_t>(at.row));
      return random_bits(
          row, kProbeStream + static_cast<std::uint64_t>(tensor), static_cast<std::uint64_t>(d));
    };
    inputs.q = remake_values(p, Tensor::q, [&](const RowAt& at, std::int64_t d) {
      const auto columns = static_cast<std::uint64_t>(p.head_dim);
      const auto column = static_cast<std::uint64_t>(d);
      const bool is_set = bits(Tensor::q, at, -1) % columns == column;
      return is_set ? size : 0.0;
    });
    inputs.k = remake_values(p, Tensor::k, [&](const RowAt& at, std::int64_t d) {
      return bits(Tensor::k, at, d) % 2 == 0 ? size : -size;
    });
  }

  /// Keys from `first` on, as those of one tile.
  [[nodiscard]] Inputs tile_of(const Problem& p, std::int64_t first) const {
    const Inputs all = draw_inputs(plain());
    Inputs inputs = draw_inputs(p);
    const auto from = [&](const RowAt& to) { return RowAt{to.batch, to.head, to.row + first}; };
    inputs.k = remake_rows(p, Tensor::k, all.k, from);
    inputs.v = remake_rows(p, Tensor::v, all.v, from);
    return inputs;
  }

  const Subject& subject_;
  Mode mode_;
  Problem own_;
  Problem other_;  // asked before, where that matters
  Inputs of_other_;
  bool has_history_ = false;
};

/// Buffers belong to stages.
Diagnosis blame_finding(const Finding& finding) {
  const std::string& where = finding.allocation;
  const std::string because = fmt::format("the finding is in {}", where);
  if (where == "o" || where == "lse") return found("store", because);
  if (where == "q" || where == "k") return found("scores", because);
  if (where == "v") return found("P*V", because);
  if (where == "keep" || where == "kv_lengths") return found("mask", because);
  return found("", "the finding names its lines");
}

}  // namespace

Diagnosis blame(const CaseResult& failure, const Subject& subject) {
  if (!failure.findings.empty()) return blame_finding(failure.findings.front());
  const Probes probes(failure, subject);
  using Probe = std::optional<Diagnosis> (Probes::*)() const;
  constexpr Probe kInOrder[] = {&Probes::store,
                                &Probes::mask,
                                &Probes::scores,
                                &Probes::softmax_and_pv,
                                &Probes::pv_of_equal_weights,
                                &Probes::merge,
                                &Probes::with_mask};
  for (const Probe probe : kInOrder) {
    if (auto diagnosis = (probes.*probe)()) return std::move(*diagnosis);
  }
  return found("", "every probe is right");
}

Diagnosis diagnose(const CaseResult& failure, const Subject& subject) {
  Diagnosis diagnosis = blame(failure, subject);
  diagnosis.convention = convention_of(failure, subject);
  return diagnosis;
}

}  // namespace attest
