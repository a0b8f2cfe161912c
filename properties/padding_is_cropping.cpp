// Keys past the padding length are not there: a cropped K and V give the same bits.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/rearrange.h"
#include "properties/remake.h"
#include "properties/trial.h"

#include <algorithm>

namespace attest {
namespace {

/// The first keys of a problem of one batch, as many as its padding keeps.
Problem cropped(const Problem& padded) {
  Problem out = padded;
  out.seq_kv = kv_length(padded, 0);
  out.mask.kv_lengths.reset();
  return out;
}

Inputs cropped(const Problem& padded, const Inputs& inputs) {
  const Problem to = cropped(padded);
  const RowSource same = [](const RowAt& at) { return at; };
  Inputs out;
  out.q = inputs.q;
  out.k = remake_rows(to, Tensor::k, inputs.k, same);
  out.v = remake_rows(to, Tensor::v, inputs.v, same);
  out.keep = remake_keep(to, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    return tensor_keeps(padded, inputs, b, i, j);
  });
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto padded, trial.run(problem, inputs));
  if (!padded) return std::move(trial).result();
  Outputs apart = *padded;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    const Problem alone = only_batch(problem, b);
    if (!trial.takes(cropped(alone))) return std::move(trial).result();
    ATTEST_TRY(const auto crop,
               trial.run(cropped(alone), cropped(alone, only_batch(problem, inputs, b))));
    if (!crop) return std::move(trial).result();
    copy_batch(apart, b, *crop, 0);
  }
  trial.expect_equal(problem, *padded, apart);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  if (!problem.mask.kv_lengths || !hides_by_minus_infinity(problem)) return false;
  const auto& lengths = *problem.mask.kv_lengths;
  return std::any_of(lengths.begin(), lengths.end(), [&problem](std::int64_t length) {
    return length < problem.seq_kv;
  });
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  if (applies(out)) return out;
  out.batch = std::max<std::int64_t>(out.batch, 1);
  out.seq_kv = std::max<std::int64_t>(out.seq_kv, 2);
  const std::uint64_t hidden = bits % static_cast<std::uint64_t>(out.seq_kv) + 1;
  out.mask.kv_lengths.emplace(static_cast<std::size_t>(out.batch),
                              out.seq_kv - static_cast<std::int64_t>(hidden));
  return out;
}

}  // namespace

Property property_padding_is_cropping() {
  Property p;
  p.name = "padding_is_cropping";
  p.sentence = "padding(n) on long K and V gives the bits of K and V with n keys";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/diagonal_ignores_padding";
  p.suspicions = {{.fault_class = FaultClass::mask}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
