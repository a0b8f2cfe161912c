// The keys of gemm(..), mask_softmax(..), bias_split(..), elementwise(..) and layer(..).
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/any_problem.h"
#include "harness/problem/case_keys.h"
#include "harness/problem/operation_limits.h"

namespace attest {
namespace {

constexpr std::array kGemmKeys = {
    key<&Gemm::batch>("b"),
    key<&Gemm::heads>("h"),
    key<&Gemm::m>("m"),
    key<&Gemm::n>("n"),
    key<&Gemm::k>("k"),
    key<&Gemm::transpose_a>("ta"),
    key<&Gemm::transpose_b>("tb"),
    key<&Gemm::a>("la"),
    key<&Gemm::b>("lb"),
    key<&Gemm::c>("lc"),
    key<&Gemm::alpha>("alpha"),
    key<&Gemm::has_bias>("bias"),
    key<&Gemm::split>("split"),
    key<&Gemm::has_mask>("mask"),
    key<&Gemm::fill>("fill"),
    key<&Gemm::dtype>("dtype"),
    key<&Gemm::data>("data"),
    key<&Gemm::seed>("seed"),
};

constexpr std::array kMaskSoftmaxKeys = {
    key<&MaskSoftmax::batch>("b"),
    key<&MaskSoftmax::heads>("h"),
    key<&MaskSoftmax::m>("m"),
    key<&MaskSoftmax::n>("n"),
    key<&MaskSoftmax::scale>("scale"),
    key<&MaskSoftmax::has_mask>("mask"),
    key<&MaskSoftmax::fill>("fill"),
    key<&MaskSoftmax::dtype>("dtype"),
    key<&MaskSoftmax::data>("data"),
    key<&MaskSoftmax::seed>("seed"),
};

constexpr std::array kBiasSplitKeys = {
    key<&BiasSplit::m>("m"),
    key<&BiasSplit::n>("n"),
    key<&BiasSplit::split>("split"),
    key<&BiasSplit::dtype>("dtype"),
    key<&BiasSplit::data>("data"),
    key<&BiasSplit::seed>("seed"),
};

constexpr std::array kElementwiseKeys = {
    key<&Elementwise::kind>("op"),
    key<&Elementwise::batch>("b"),
    key<&Elementwise::heads>("h"),
    key<&Elementwise::m>("m"),
    key<&Elementwise::n>("n"),
    key<&Elementwise::alpha>("alpha"),
    key<&Elementwise::dtype>("dtype"),
    key<&Elementwise::data>("data"),
    key<&Elementwise::seed>("seed"),
};

constexpr std::array kLayerKeys = {
    key<&LayerProblem::batch>("b"),
    key<&LayerProblem::seq>("s", {.is_required = true}),
    key<&LayerProblem::dim>("d"),
    key<&LayerProblem::heads>("h"),
    key<&LayerProblem::dtype>("dtype"),
    key<&LayerProblem::mask>("mask"),
    key<&LayerProblem::fill>("fill"),
    key<&LayerProblem::data>("data"),
    key<&LayerProblem::seed>("seed"),
};

template <class T>
Result<AnyProblem> widened(const Result<T>& parsed) {
  if (!parsed) return parsed.error();
  return AnyProblem(*parsed);
}

template <class T, const auto& kKeys>
Result<AnyProblem> parse_as(std::string_view word, std::string_view text) {
  return widened(CaseParser<T>(word, kKeys, text).parse());
}

/// The words that open a case, each with its parser.
struct Opening {
  std::string_view word;
  Result<AnyProblem> (*parse)(std::string_view word, std::string_view text);
};

constexpr std::array<Opening, 6> kOpenings = {{
    {"attn", [](std::string_view, std::string_view text) { return widened(parse_problem(text)); }},
    {"gemm", parse_as<Gemm, kGemmKeys>},
    {"mask_softmax", parse_as<MaskSoftmax, kMaskSoftmaxKeys>},
    {"bias_split", parse_as<BiasSplit, kBiasSplitKeys>},
    {"elementwise", parse_as<Elementwise, kElementwiseKeys>},
    {"layer", parse_as<LayerProblem, kLayerKeys>},
}};

}  // namespace

std::string to_string(const Gemm& gemm) {
  return print_case<Gemm>("gemm", kGemmKeys, gemm);
}
std::string to_string(const MaskSoftmax& softmax) {
  return print_case<MaskSoftmax>("mask_softmax", kMaskSoftmaxKeys, softmax);
}
std::string to_string(const BiasSplit& bias_split) {
  return print_case<BiasSplit>("bias_split", kBiasSplitKeys, bias_split);
}
std::string to_string(const Elementwise& elementwise) {
  return print_case<Elementwise>("elementwise", kElementwiseKeys, elementwise);
}
std::string to_string(const LayerProblem& layer) {
  return print_case<LayerProblem>("layer", kLayerKeys, layer);
}
std::string to_string(const Operation& operation) {
  return std::visit([](const auto& op) { return to_string(op); }, operation);
}
std::string to_string(const AnyProblem& problem) {
  return std::visit([](const auto& one) { return to_string(one); }, problem);
}

Result<AnyProblem> parse_any(std::string_view text) {
  TextCursor cursor(text);
  const std::size_t start = cursor.position();
  const std::string_view word = cursor.word();
  std::string allowed;
  for (const Opening& opening : kOpenings) {
    if (opening.word == word) return opening.parse(word, text);
    allowed += fmt::format("{}{}(...)", allowed.empty() ? "" : ", ", opening.word);
  }
  return ValueReader::fail(start,
                           fmt::format("found {}, allowed: {}", cursor.found_at(start), allowed));
}

Result<Operation> parse_operation(std::string_view text) {
  ATTEST_TRY(const AnyProblem any, parse_any(text));
  if (const auto operation = as_operation(any)) return *operation;
  return ValueReader::fail(0,
                           "allowed: gemm(...), mask_softmax(...), bias_split(...), "
                           "elementwise(...)");
}

Result<LayerProblem> parse_layer(std::string_view text) {
  return CaseParser<LayerProblem>("layer", kLayerKeys, text).parse();
}

std::optional<Operation> as_operation(const AnyProblem& problem) {
  return std::visit(
      [](const auto& one) -> std::optional<Operation> {
        if constexpr (std::is_constructible_v<Operation, decltype(one)>) {
          return Operation(one);
        } else {
          return std::nullopt;
        }
      },
      problem);
}

AnyProblem as_any(const Operation& operation) {
  return std::visit([](const auto& op) { return AnyProblem(op); }, operation);
}

Status validate(const AnyProblem& problem) {
  return as_status(std::visit([](const auto& one) { return find_violation(one); }, problem));
}

Dtype dtype(const AnyProblem& problem) {
  return std::visit([](const auto& one) { return one.dtype; }, problem);
}

std::uint64_t seed(const AnyProblem& problem) {
  return std::visit([](const auto& one) { return one.seed; }, problem);
}

}  // namespace attest
