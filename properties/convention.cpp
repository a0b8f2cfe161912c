// The reference under other conventions, against what a kernel says.
// SPDX-License-Identifier: Apache-2.0
#include "properties/convention.h"

#include "harness/judge/judge.h"
#include "properties/axes.h"
#include "properties/remake.h"
#include "reference/attention.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

namespace attest {
namespace {

constexpr double kLog2E = 1.4426950408889634;

/// What the reference is asked in place of the contract's question, and how its LSE is read.
struct Question {
  Problem problem;
  Inputs inputs;
  double lse_factor = 1;
};

struct Convention {
  const char* text;
  /// Changes the question; false where it is the contract's.
  std::function<bool(Question&)> change;
};

/// Keys that another mask keeps, as a bool mask on top of what is left of the own one.
bool keep_also(Question& question, const IsKept& keeps) {
  const Question own = question;
  question.problem.mask.boolean = true;
  const auto both = [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    return tensor_keeps(own.problem, own.inputs, b, i, j) && keeps(b, i, j);
  };
  question.inputs.keep = remake_keep(question.problem, both);
  return true;
}

bool turn_causal(Question& question, Alignment to) {
  auto& causal = question.problem.mask.causal;
  if (!causal || *causal == to) return false;
  causal = to;
  return true;
}

bool turn_window(Question& question, Alignment to) {
  auto& window = question.problem.mask.window;
  if (!window || window->alignment == to) return false;
  window->alignment = to;
  return true;
}

/// An edge moved by `by` keys; unbounded ones stay.
bool move_edge(Question& question, std::int64_t Window::*side, std::int64_t by) {
  auto& window = question.problem.mask.window;
  if (!window || (*window).*side < 0 || (*window).*side + by < 0) return false;
  (*window).*side += by;
  return true;
}

/// The diagonal of -br ends at the last key of the buffer.
bool ignore_padding(Question& question) {
  const Mask own = question.problem.mask;
  const bool has_causal = own.causal == Alignment::bottom_right;
  const bool has_window = own.window && own.window->alignment == Alignment::bottom_right;
  if (!own.kv_lengths || (!has_causal && !has_window)) return false;
  Mask& mask = question.problem.mask;
  if (has_causal) mask.causal.reset();
  if (has_window) mask.window.reset();
  const std::int64_t offset = question.problem.seq_kv - question.problem.seq_q;
  return keep_also(question, [&](std::int64_t, std::int64_t i, std::int64_t j) {
    const std::int64_t diagonal = i + offset;
    if (has_causal && j > diagonal) return false;
    if (!has_window) return true;
    const Window& window = *own.window;
    return (window.left < 0 || j >= diagonal - window.left) &&
           (window.right < 0 || j <= diagonal + window.right);
  });
}

/// Head h of q reads kv head h mod heads_kv: as many kv heads as heads, each a copy.
bool deal_in_turn(Question& question) {
  Problem& p = question.problem;
  if (p.heads_kv == 1 || p.heads_kv == p.heads_q) return false;
  const std::int64_t heads = p.heads_kv;
  p.heads_kv = p.heads_q;
  const auto from = [heads](const RowAt& to) { return RowAt{to.batch, to.head % heads, to.row}; };
  question.inputs.k = remake_rows(p, Tensor::k, question.inputs.k, from);
  question.inputs.v = remake_rows(p, Tensor::v, question.inputs.v, from);
  return true;
}

bool set_scale(Question& question, double scale) {
  if (effective_scale(question.problem) == static_cast<float>(scale)) return false;
  question.problem.scale = scale;
  return true;
}

const std::vector<Convention>& conventions() {
  static const std::vector<Convention> table = {
      {"causal-tl: the diagonal begins at the first key",
       [](Question& q) { return turn_causal(q, Alignment::top_left); }},
      {"causal-br: the diagonal ends at the last key",
       [](Question& q) { return turn_causal(q, Alignment::bottom_right); }},
      {"window tl: its centre begins at the first key",
       [](Question& q) { return turn_window(q, Alignment::top_left); }},
      {"window br: its centre ends at the last key",
       [](Question& q) { return turn_window(q, Alignment::bottom_right); }},
      {"window that counts the diagonal on its left, as cuDNN does",
       [](Question& q) { return move_edge(q, &Window::left, -1); }},
      {"window that does not count its last key on the left",
       [](Question& q) { return move_edge(q, &Window::left, 1); }},
      {"window that counts the diagonal on its right",
       [](Question& q) { return move_edge(q, &Window::right, -1); }},
      {"-br diagonal that ends at the last key of the buffer, not of the sequence", ignore_padding},
      {"heads of q that take the kv heads in turn", deal_in_turn},
      {"scores that are not scaled", [](Question& q) { return set_scale(q, 1); }},
      {"scale of 1/sqrt(d), whatever is given",
       [](Question& q) {
         return set_scale(q, 1 / std::sqrt(static_cast<double>(q.problem.head_dim)));
       }},
      {"LSE in base 2",
       [](Question& q) {
         q.lse_factor = kLog2E;
         return true;
       }},
  };
  return table;
}

enum class Answer3 : std::uint8_t { fits, differs, says_nothing };

/// Whether the subject answers the contract's question as the convention would.
Answer3 ask(const Convention& convention,
            const Subject& subject,
            const Mode& mode,
            const Problem& problem) {
  if (!validate(problem) || subject.refusal(problem)) return Answer3::says_nothing;
  const Inputs inputs = draw_inputs(problem);
  Question question{problem, inputs};
  if (!convention.change(question)) return Answer3::says_nothing;
  auto answer = subject.run(problem, inputs, Conditions{.mode = mode});
  if (!answer || !answer->findings.empty()) return Answer3::differs;
  for (float& lse : answer->outputs.lse)
    lse = static_cast<float>(static_cast<double>(lse) / question.lse_factor);
  Arithmetic arithmetic = subject.arithmetic(problem);
  if (mode.mma == MmaBits::fast) arithmetic.accumulate = Accumulate::fma_f32;
  const ReferenceTerms terms = reference_attention(question.problem, question.inputs);
  const std::string_view arch = mode.arch.empty() ? std::string_view(subject.arch) : mode.arch;
  const Judgement judgement = judge(question.problem, answer->outputs, terms, arithmetic, arch);
  return judgement.verdict == Verdict::agree ? Answer3::fits : Answer3::differs;
}

/// Shapes with room for a mask to be wrong in, longer either way.
std::vector<Problem> other_shapes(const Problem& problem) {
  std::vector<Problem> out;
  for (const auto& [rows, keys] : {std::pair{5, 9}, std::pair{9, 5}, std::pair{7, 7}}) {
    Problem p = problem;
    p.seq_q = rows;
    p.seq_kv = keys;
    p.data = {};
    fit_lengths(p);
    if (p.mask.kv_lengths) p.mask.kv_lengths->front() = keys - 2;
    out.push_back(p);
  }
  return out;
}

bool fits(const Convention& convention, const CaseResult& failure, const Subject& subject) {
  const Mode& mode = failure.which.mode;
  const Problem& own = failure.which.attention();
  if (ask(convention, subject, mode, own) != Answer3::fits) return false;
  const std::vector<Problem> others = other_shapes(own);
  return std::all_of(others.begin(), others.end(), [&](const Problem& other) {
    return ask(convention, subject, mode, other) != Answer3::differs;
  });
}

}  // namespace

std::vector<std::string> all_conventions() {
  std::vector<std::string> out;
  for (const Convention& convention : conventions())
    out.emplace_back(convention.text);
  return out;
}

std::string convention_of(const CaseResult& failure, const Subject& subject) {
  if (!failure.findings.empty()) return "";
  for (const Convention& convention : conventions()) {
    if (fits(convention, failure, subject)) return convention.text;
  }
  return "";
}

}  // namespace attest
