// Draws the inputs of a lowered graph, and compares what it says with the reference.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/opinion.h"

#include "harness/problem/data.h"
#include "reference/oracle/cudnn/evaluate.h"

#include <fmt/format.h>

#include <cmath>

namespace attest {
namespace {

constexpr double kTolerance = 1e-12;  // of both sides' rounding in double, far below any convention

LoweredValue value_of(const HostTensor& tensor, bool is_transposed) {
  LoweredShape shape = tensor.layout.shape;
  LoweredValue value;
  value.values.resize(tensor.layout.elements());
  Eigen::Index at = 0;
  if (is_transposed) std::swap(shape[2], shape[3]);
  value.shape = shape;
  for (std::int64_t b = 0; b < shape[0]; ++b) {
    for (std::int64_t h = 0; h < shape[1]; ++h) {
      for (std::int64_t s = 0; s < shape[2]; ++s) {
        for (std::int64_t d = 0; d < shape[3]; ++d)
          value.values(at++) = is_transposed ? tensor.value(b, h, d, s) : tensor.value(b, h, s, d);
      }
    }
  }
  return value;
}

LoweredValue value_of(const LoweredShape& shape, const std::vector<double>& values) {
  LoweredValue value;
  value.shape = shape;
  value.values =
      Eigen::Map<const Eigen::ArrayXd>(values.data(), static_cast<Eigen::Index>(values.size()));
  return value;
}

template <class Length>
LoweredValue lengths_of(const Problem& p, Length length) {
  LoweredValue lengths;
  lengths.shape = {p.batch, 1, 1, 1};
  lengths.values.resize(p.batch);
  for (std::int64_t b = 0; b < p.batch; ++b)
    lengths.values(b) = static_cast<double>(length(b));
  return lengths;
}

std::int64_t number(SdpaTensor tensor) {
  return static_cast<std::int64_t>(tensor);
}

Result<std::vector<double>> packed(const std::map<std::int64_t, LoweredValue>& values,
                                   SdpaTensor which,
                                   const LoweredShape& shape) {
  const auto at = values.find(number(which));
  if (at == values.end() || at->second.shape != shape) {
    return Error{Code::bad_input, fmt::format("the graph has no output {}", number(which)), ""};
  }
  const Eigen::ArrayXd& array = at->second.values;
  return std::vector<double>(array.begin(), array.end());
}

}  // namespace

Problem convention_problem(const Problem& problem) {
  Problem p = problem;
  p.data = Data{};
  return p;
}

Result<GraphOpinion> graph_opinion(const LoweredGraph& graph, const Problem& p, const Sdpa& sdpa) {
  const Inputs inputs = draw_inputs(p);
  std::map<std::int64_t, LoweredValue> values;
  values[number(SdpaTensor::q)] = value_of(inputs.q, false);
  values[number(SdpaTensor::k)] = value_of(inputs.k, true);
  values[number(SdpaTensor::v)] = value_of(inputs.v, false);
  if (sdpa.bias_heads > 0) {
    values[number(SdpaTensor::bias)] =
        value_of({p.batch, sdpa.bias_heads, p.seq_q, p.seq_kv}, sdpa_bias(p, sdpa, inputs));
  }
  if (sdpa.has_sink) {
    values[number(SdpaTensor::sink)] =
        value_of({1, p.heads_q, 1, 1}, {inputs.sink.begin(), inputs.sink.end()});
  }
  if (sdpa.has_padding) {
    values[number(SdpaTensor::seq_q)] = lengths_of(p, [&](std::int64_t) { return p.seq_q; });
    values[number(SdpaTensor::seq_kv)] =
        lengths_of(p, [&](std::int64_t b) { return kv_length(p, b); });
  }
  const std::vector<std::int64_t> wanted = {number(SdpaTensor::o), number(SdpaTensor::lse)};
  ATTEST_TRY(const auto results, evaluate_lowered(graph, std::move(values), wanted));
  GraphOpinion opinion;
  ATTEST_TRY(opinion.o,
             packed(results, SdpaTensor::o, {p.batch, p.heads_q, p.seq_q, p.head_dim_v}));
  ATTEST_TRY(opinion.lse, packed(results, SdpaTensor::lse, {p.batch, p.heads_q, p.seq_q, 1}));
  return opinion;
}

std::optional<GraphDifference> compare(const Problem& p,
                                       const GraphOpinion& opinion,
                                       const ReferenceTerms& reference) {
  ATTEST_CHECK(opinion.o.size() == reference.o.size());
  ATTEST_CHECK(opinion.lse.size() == reference.lse.size());
  const auto columns = static_cast<std::size_t>(p.head_dim_v);
  for (std::size_t row = 0; row < reference.lse.size(); ++row) {
    if (reference.kept[row] == 0 && !p.sink) continue;
    const auto at = static_cast<std::int64_t>(row);
    const auto differs = [&](const char* tensor, double graph, double expected) {
      return GraphDifference{tensor,
                             at / p.seq_q / p.heads_q,
                             at / p.seq_q % p.heads_q,
                             at % p.seq_q,
                             graph,
                             expected};
    };
    const double lse = reference.lse[row];
    if (!(std::fabs(opinion.lse[row] - lse) <= kTolerance * (1 + std::fabs(lse))))
      return differs("lse", opinion.lse[row], lse);
    for (std::size_t element = row * columns; element < (row + 1) * columns; ++element) {
      const double error = std::fabs(opinion.o[element] - reference.o[element]);
      if (!(error <= kTolerance * reference.weighted_abs_v[element]))
        return differs("o", opinion.o[element], reference.o[element]);
    }
  }
  return std::nullopt;
}

std::string to_string(const GraphDifference& d) {
  return fmt::format("{} at batch {} head {} row {}: the graph says {}, the reference {}",
                     d.tensor,
                     d.batch,
                     d.head,
                     d.row,
                     d.graph,
                     d.reference);
}

}  // namespace attest
