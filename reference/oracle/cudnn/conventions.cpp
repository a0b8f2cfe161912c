// The list of conventions, and how each is mistaken.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/conventions.h"

#include "reference/oracle/cudnn/opinion.h"

#include <cmath>
#include <cstdlib>
#include <optional>

namespace attest {
namespace {

/// Five kinds of five, each kind once for every described GPU.
constexpr const char* kLines[] = {
    "attn(b=2,hq=4,hkv=2,sq=96,skv=128,dtype=bf16,mask=causal-tl,sink=1)",
    "attn(hq=8,sq=128,d=128,mask=causal-tl&alibi)",
    "attn(b=2,hq=2,sq=96,skv=160,softcap=1.5)",
    "attn(b=2,hq=4,sq=96,skv=128,mask=bias)",
    "attn(hq=4,sq=128,dtype=bf16,mask=causal-tl&alibi,sink=1)",

    "attn(b=2,hq=2,sq=80,skv=144,d=128,mask=causal-tl&bias,sink=1)",
    "attn(b=2,hq=2,sq=96,skv=128,mask=causal-br,sink=1)",
    "attn(hq=12,hkv=4,sq=112,dtype=bf16,mask=causal-tl&alibi)",
    "attn(b=2,hq=4,hkv=2,sq=96,skv=128,dtype=bf16,mask=causal-tl,softcap=2)",
    "attn(b=2,hq=4,hkv=2,sq=128,dtype=bf16,mask=causal-tl&bias)",

    "attn(b=2,hq=2,sq=96,skv=128,mask=padding(128,70)&bias)",
    "attn(hq=2,sq=96,skv=128,mask=causal-tl,softcap=1.5,sink=1)",
    "attn(b=2,hq=4,hkv=2,sq=96,skv=128,dtype=bf16,mask=causal-br&window(20,-1,br),sink=1)",
    "attn(b=2,hq=8,hkv=2,sq=128,mask=window(31,0,tl)&alibi)",
    "attn(hq=2,sq=96,skv=128,dtype=bf16,mask=window(20,5,tl),softcap=1)",

    "attn(hq=2,sq=96,skv=128,d=128,mask=causal-br,softcap=2)",
    "attn(b=2,hq=4,hkv=1,sq=96,skv=128,dtype=bf16,mask=bool&bias)",
    "attn(hq=4,hkv=2,sq=128,mask=causal-tl&bias&alibi)",
    "attn(b=2,hq=2,sq=96,skv=128,mask=padding(100,31),sink=1)",
    "attn(hq=6,hkv=2,sq=128,dtype=bf16,mask=causal-br&alibi)",

    "attn(b=2,hq=4,hkv=2,sq=128,d=32,mask=causal-tl&bool&alibi)",
    "attn(b=2,hq=4,hkv=1,sq=96,skv=128,mask=padding(128,50),softcap=1.5)",
    "attn(b=2,hq=2,sq=96,skv=128,d=128,dtype=bf16,mask=window(30,9,tl)&bias)",
    "attn(hq=2,sq=96,skv=128,dtype=bf16,mask=bias,softcap=1)",
    "attn(b=2,hq=8,hkv=1,sq=96,skv=128,d=128,dtype=bf16,sink=1)",
};

class Mistakes {
 public:
  explicit Mistakes(const Problem& problem) : problem_(convention_problem(problem)) {}

  /// `change(Problem&)` mistakes the convention.
  template <class Change>
  void add(std::string name, Change change) {
    Problem other = problem_;
    change(other);
    list_.push_back({std::move(name), other, draw_inputs(other)});
  }
  void add(Mistake mistake) { list_.push_back(std::move(mistake)); }
  [[nodiscard]] const Problem& problem() const { return problem_; }
  [[nodiscard]] std::vector<Mistake> take() && { return std::move(list_); }

 private:
  Problem problem_;
  std::vector<Mistake> list_;
};

Alignment other(Alignment alignment) {
  return alignment == Alignment::top_left ? Alignment::bottom_right : Alignment::top_left;
}

bool has_two_diagonals(const Problem& p) {
  return (p.mask.causal || p.mask.window) && kv_length(p, 0) != p.seq_q;
}

/// A bias of + slope * distance in the place of ALiBi's - slope * distance.
Mistake with_alibi_added(const Problem& p) {
  Mistake mistake{"ALiBi has the other sign", p, draw_inputs(p)};
  mistake.problem.mask.alibi = false;
  mistake.problem.mask.bias = true;
  HostTensor bias;
  bias.layout.dtype = Dtype::f32;
  bias.layout.shape = {p.batch, p.heads_q, p.seq_q, p.seq_kv};
  bias.layout.strides = {p.heads_q * p.seq_q * p.seq_kv, p.seq_q * p.seq_kv, p.seq_kv, 1};
  bias = poisoned_tensor(bias.layout);
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < p.heads_q; ++h) {
      for (std::int64_t i = 0; i < p.seq_q; ++i) {
        for (std::int64_t j = 0; j < p.seq_kv; ++j) {
          const auto distance = static_cast<double>(std::abs(i + kv_length(p, b) - p.seq_q - j));
          double value = static_cast<double>(alibi_slope(p.heads_q, h)) * distance;
          if (p.mask.bias) value += mistake.inputs.bias.value(b, h, i, j);
          bias.set_bits(b, h, i, j, encode(Dtype::f32, value));
        }
      }
    }
  }
  mistake.inputs.bias = std::move(bias);
  return mistake;
}

}  // namespace

const std::vector<Problem>& cudnn_conventions() {
  static const std::vector<Problem> all = [] {
    std::vector<Problem> problems;
    for (const char* line : kLines)
      problems.push_back(parse_problem(line).value());
    return problems;
  }();
  return all;
}

std::vector<Mistake> mistakes(const Problem& problem) {
  Mistakes list(problem);
  const Mask& mask = problem.mask;
  if (mask.window && mask.window->left >= 0)
    list.add("the window is one shorter", [](Problem& p) { --p.mask.window->left; });
  if (has_two_diagonals(problem)) {
    list.add("the other alignment", [](Problem& p) {
      if (p.mask.causal) p.mask.causal = other(*p.mask.causal);
      if (p.mask.window) p.mask.window->alignment = other(p.mask.window->alignment);
    });
  }
  if (mask.boolean) list.add("bool is ignored", [](Problem& p) { p.mask.boolean = false; });
  if (mask.bias) list.add("the bias is ignored", [](Problem& p) { p.mask.bias = false; });
  if (mask.alibi) list.add(with_alibi_added(list.problem()));
  if (problem.softcap) list.add("softcap is ignored", [](Problem& p) { p.softcap.reset(); });
  if (problem.sink) list.add("the sink is ignored", [](Problem& p) { p.sink = false; });
  return std::move(list).take();
}

}  // namespace attest
