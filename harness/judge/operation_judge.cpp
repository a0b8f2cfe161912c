// Judges every element of an operation's tensors.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/operation_judge.h"

#include "harness/base/check.h"
#include "harness/judge/element.h"
#include "harness/judge/operation_bound.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

namespace attest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

OperationBuffer part_of_c(std::int64_t part) {
  return static_cast<OperationBuffer>(static_cast<std::int64_t>(OperationBuffer::c) + part);
}

Judgement disagreement(Divergence divergence) {
  Judgement judgement;
  judgement.verdict = Verdict::disagree;
  judgement.ratio_o = kInfinity;
  judgement.divergence = std::move(divergence);
  return judgement;
}

Judgement conclude(const std::vector<TensorFindings>& tensors) {
  Judgement judgement;
  for (const TensorFindings& tensor : tensors) {
    if (!(tensor.ratio() > judgement.ratio_o)) continue;
    judgement.ratio_o = tensor.ratio();
    judgement.worst_o = tensor.ratio_place();
  }
  judgement.divergence = first_divergence(tensors);
  judgement.verdict = judgement.divergence ? Verdict::disagree : Verdict::agree;
  return judgement;
}

bool writes_bytes(const Operation& operation) {
  return holds_bytes(operation, OperationBuffer::c);
}

std::optional<Divergence> count_divergence(const Operation& operation,
                                           const OperationOutputs& outputs) {
  if (writes_bytes(operation)) {
    const std::int64_t want = buffer_bytes(operation, OperationBuffer::c);
    const auto got = static_cast<std::int64_t>(outputs.bytes.size());
    if (got == want) return std::nullopt;
    return wrong_count("c", got, want, fmt::format("{} of {} bytes", got, want));
  }
  const auto tensors = static_cast<std::int64_t>(outputs.c.size());
  if (tensors != split(operation)) {
    return wrong_count(
        "c", tensors, split(operation), fmt::format("{} tensors of {}", tensors, split(operation)));
  }
  for (std::int64_t part = 0; part < tensors; ++part) {
    const OperationBuffer buffer = part_of_c(part);
    const HostTensor& got = outputs.c[static_cast<std::size_t>(part)];
    const TensorLayout want = buffer_layout(operation, buffer);
    if (auto wrong = layout_divergence(std::string(name(buffer)), got, want)) return wrong;
  }
  return std::nullopt;
}

std::vector<TensorFindings> empty_findings(const Operation& operation) {
  std::vector<TensorFindings> out;
  if (writes_bytes(operation)) {
    const auto [batch, heads, m, n] = result_shape(operation);
    out.emplace_back("c", Place{batch, 1, m, n});
    return out;
  }
  for (std::int64_t part = 0; part < split(operation); ++part) {
    const OperationBuffer buffer = part_of_c(part);
    out.emplace_back(std::string(name(buffer)), buffer_layout(operation, buffer).shape);
  }
  return out;
}

// Calls visit(place in its tensor, part, element of the packed result), row by row.
template <class Visit>
void for_each_element(const Place& shape, std::int64_t parts, Visit visit) {
  const std::int64_t columns = shape[3] / parts;
  std::size_t element = 0;
  for (std::int64_t b = 0; b < shape[0]; ++b) {
    for (std::int64_t h = 0; h < shape[1]; ++h) {
      for (std::int64_t i = 0; i < shape[2]; ++i) {
        for (std::int64_t j = 0; j < shape[3]; ++j, ++element) {
          visit(Place{b, h, i, j % columns}, static_cast<std::size_t>(j / columns), element);
        }
      }
    }
  }
}

std::uint32_t bits_at(const HostTensor& tensor, const Place& place) {
  return tensor.bits(place[0], place[1], place[2], place[3]);
}

// Our own reference has to fit the operation; anything else is a bug here.
void check_terms(const Operation& operation, const OperationTerms& terms) {
  Place shape = result_shape(operation);
  if (writes_bytes(operation)) shape[1] = 1;
  const std::int64_t elements = shape[0] * shape[1] * shape[2] * shape[3];
  ATTEST_CHECK(terms.shape == shape && std::cmp_equal(terms.value.size(), elements));
  for (const auto* const array : {&terms.radius, &terms.products, &terms.score_size}) {
    ATTEST_CHECK(array->empty() || array->size() == terms.value.size());
  }
  ATTEST_CHECK(std::holds_alternative<Gemm>(operation) == !terms.products.empty());
  ATTEST_CHECK(std::holds_alternative<MaskSoftmax>(operation) == !terms.score_size.empty());
}

}  // namespace

Judgement judge_operation(const Operation& operation,
                          const OperationOutputs& outputs,
                          const OperationTerms& terms,
                          const Arithmetic& arithmetic,
                          std::string_view arch) {
  check_terms(operation, terms);
  if (auto divergence = count_divergence(operation, outputs)) return disagreement(*divergence);
  std::vector<TensorFindings> findings = empty_findings(operation);
  if (writes_bytes(operation)) {
    for_each_element(terms.shape, 1, [&](const Place& place, std::size_t part, std::size_t e) {
      findings[part].add_bits(
          outputs.bytes[e], static_cast<std::uint32_t>(terms.value[e]), std::nullopt, place);
    });
    return conclude(findings);
  }
  const OperationBound bound(operation, arithmetic, arch);
  const Dtype type = dtype(operation);
  const auto judge_one = [&](const Place& place, std::size_t part, std::size_t e) {
    Element element;
    element.dtype = type;
    element.got_bits = bits_at(outputs.c[part], place);
    element.got = decode(type, element.got_bits);
    element.want = terms.value[e];
    element.bound = bound.at(terms, e);
    element.is_exact = element.bound.before_rounding() == 0;
    element.exact_because = "exact: stored as it is, or rounded once";
    findings[part].add(element, place);
  };
  for_each_element(terms.shape, split(operation), judge_one);
  return conclude(findings);
}

Judgement judge_operation_bitwise(const Operation& operation,
                                  const OperationOutputs& a,
                                  const OperationOutputs& b) {
  for (const OperationOutputs* const outputs : {&a, &b}) {
    if (auto divergence = count_divergence(operation, *outputs)) return disagreement(*divergence);
  }
  std::vector<TensorFindings> findings = empty_findings(operation);
  Place shape = result_shape(operation);
  const bool is_bytes = writes_bytes(operation);
  if (is_bytes) shape[1] = 1;
  for_each_element(
      shape, split(operation), [&](const Place& place, std::size_t part, std::size_t e) {
        if (is_bytes) {
          findings[part].add_bits(a.bytes[e], b.bytes[e], std::nullopt, place);
          return;
        }
        findings[part].add_bits(
            bits_at(a.c[part], place), bits_at(b.c[part], place), dtype(operation), place);
      });
  return conclude(findings);
}

std::vector<double> allowed_errors(const Operation& operation,
                                   const OperationTerms& terms,
                                   const Arithmetic& arithmetic,
                                   std::string_view arch) {
  check_terms(operation, terms);
  const OperationBound bound(operation, arithmetic, arch);
  std::vector<double> out(terms.value.size());
  for (std::size_t e = 0; e < out.size(); ++e) {
    const BoundParts parts = bound.at(terms, e);
    const double reach = std::fabs(terms.value[e]) + parts.before_rounding();
    const bool overflows = reach >= overflow_threshold(dtype(operation));
    out[e] = overflows ? kInfinity : parts.total;
  }
  return out;
}

std::vector<double> allowed_errors(const Problem& problem,
                                   const ReferenceTerms& terms,
                                   const std::vector<double>& radius,
                                   const Arithmetic& arithmetic,
                                   std::string_view arch) {
  const Bound bound(problem, arithmetic, arch);
  const auto columns = static_cast<std::size_t>(problem.head_dim_v);
  std::vector<double> out(terms.o.size());
  for (std::size_t at = 0; at < terms.kept.size(); ++at) {
    if (terms.kept[at] == 0) continue;
    const Bound::Row row = bound.row(terms, at);
    for (std::size_t e = at * columns; e < (at + 1) * columns; ++e) {
      const double moved = radius.empty() ? 0 : radius[e] * (1 + 0x1p-20);
      const BoundParts parts = bound.output(terms, row, e);
      // l, the division and the output's rounding act on |o| as it has moved.
      const double grown =
          moved == 0 ? 0 : moved * (1 + row.division) * (1 + unit_roundoff(problem.dtype));
      const double reach = std::fabs(terms.o[e]) + grown + parts.before_rounding();
      out[e] = reach >= overflow_threshold(problem.dtype) ? kInfinity : parts.total + grown;
    }
  }
  return out;
}

Judgement judge_within(const std::string& tensor,
                       const HostTensor& got,
                       const std::vector<double>& value,
                       const std::vector<double>& allowed) {
  const Place& shape = got.layout.shape;
  const std::int64_t elements = got.layout.elements();
  ATTEST_CHECK(value.size() == allowed.size());
  const auto bytes = static_cast<std::int64_t>(got.bytes.size());
  const bool is_whole = bytes == got.layout.span_elements() * size_bytes(got.layout.dtype);
  if (!is_whole || std::cmp_not_equal(value.size(), elements)) {
    return disagreement(wrong_count(
        tensor, elements, static_cast<std::int64_t>(value.size()), fmt::format("{} bytes", bytes)));
  }
  std::vector<TensorFindings> findings;
  findings.emplace_back(tensor, shape);
  for_each_element(shape, 1, [&](const Place& place, std::size_t, std::size_t e) {
    Element element;
    element.dtype = got.layout.dtype;
    element.got_bits = bits_at(got, place);
    element.got = decode(element.dtype, element.got_bits);
    element.want = value[e];
    element.bound.inputs = allowed[e];
    element.bound.total = allowed[e];
    findings.front().add(element, place);
  });
  return conclude(findings);
}

}  // namespace attest
