// Steps towards a simpler operation.
// SPDX-License-Identifier: Apache-2.0
#include "properties/operation_shrink.h"

#include "harness/problem/operation_limits.h"

#include <algorithm>

namespace attest {
namespace {

template <class T>
class OperationSteps {
 public:
  explicit OperationSteps(const T& from) : from_(from) {}

  /// Adds the operation as changed, if it is another one and valid.
  template <class Change>
  void step(const Change& change) {
    T next = from_;
    change(next);
    if (next == from_ || !validate(Operation(next))) return;
    if (std::find(out_.begin(), out_.end(), Operation(next)) == out_.end()) out_.push_back(next);
  }
  template <class Value>
  void reset(Value T::*member) {
    step([member](T& next) { next.*member = T{}.*member; });
  }
  void sizes(std::int64_t T::*member) {
    for (const std::int64_t value : smaller_sizes(from_.*member)) {
      if (value >= 1) step([member, value](T& next) { next.*member = value; });
    }
  }
  /// Data from the easiest to read, which the operation lists first, to the hardest.
  void data() {
    reset(&T::data);
    const auto kinds = data_kinds(from_);
    const auto place = std::find(kinds.begin(), kinds.end(), from_.data.kind);
    if (place == kinds.begin() || place == kinds.end()) return;
    step([place](T& next) { next.data = Data{*(place - 1)}; });
  }
  [[nodiscard]] std::vector<Operation> take() && { return std::move(out_); }

 private:
  const T& from_;
  std::vector<Operation> out_;
};

/// Columns of a split result go with the split: as many a part.
template <class T>
void split_sizes(OperationSteps<T>& steps, const T& from) {
  for (const std::int64_t split : {1, 2}) {
    if (split >= from.split) continue;
    steps.step([split, &from](T& next) {
      next.n = from.n / from.split * split;
      next.split = split;
    });
  }
  for (const std::int64_t part : smaller_sizes(from.n / from.split)) {
    if (part >= 1) steps.step([part, &from](T& next) { next.n = part * from.split; });
  }
}

void gap_steps(OperationSteps<Gemm>& steps, const Gemm& from) {
  for (Placement Gemm::*const placement : {&Gemm::a, &Gemm::b, &Gemm::c}) {
    for (const std::int64_t gap : smaller_sizes((from.*placement).gap))
      steps.step([=](Gemm& next) { (next.*placement).gap = gap; });
    steps.step([=](Gemm& next) { (next.*placement).layout = Placement{}.layout; });
  }
}

std::vector<Operation> steps_of(const Gemm& from) {
  OperationSteps<Gemm> steps(from);
  for (std::int64_t Gemm::*const size : {&Gemm::batch, &Gemm::heads, &Gemm::m, &Gemm::k}) {
    steps.sizes(size);
  }
  split_sizes(steps, from);
  steps.reset(&Gemm::has_mask);
  steps.reset(&Gemm::has_bias);
  steps.reset(&Gemm::alpha);
  steps.reset(&Gemm::fill);
  steps.reset(&Gemm::transpose_a);
  steps.reset(&Gemm::transpose_b);
  gap_steps(steps, from);
  steps.data();
  return std::move(steps).take();
}

std::vector<Operation> steps_of(const MaskSoftmax& from) {
  OperationSteps<MaskSoftmax> steps(from);
  for (std::int64_t MaskSoftmax::*const size :
       {&MaskSoftmax::batch, &MaskSoftmax::heads, &MaskSoftmax::m, &MaskSoftmax::n}) {
    steps.sizes(size);
  }
  steps.reset(&MaskSoftmax::has_mask);
  steps.reset(&MaskSoftmax::scale);
  steps.reset(&MaskSoftmax::fill);
  steps.data();
  return std::move(steps).take();
}

std::vector<Operation> steps_of(const BiasSplit& from) {
  OperationSteps<BiasSplit> steps(from);
  steps.sizes(&BiasSplit::m);
  split_sizes(steps, from);
  steps.data();
  return std::move(steps).take();
}

std::vector<Operation> steps_of(const Elementwise& from) {
  OperationSteps<Elementwise> steps(from);
  for (std::int64_t Elementwise::*const size :
       {&Elementwise::batch, &Elementwise::heads, &Elementwise::m, &Elementwise::n}) {
    steps.sizes(size);
  }
  steps.reset(&Elementwise::alpha);
  steps.data();
  return std::move(steps).take();
}

}  // namespace

std::vector<std::int64_t> smaller_sizes(std::int64_t size) {
  std::vector<std::int64_t> out;
  const auto add = [&](std::int64_t value) {
    if (value < size && (out.empty() || value > out.back())) out.push_back(value);
  };
  add(0);
  add(1);
  for (std::int64_t less = size - size / 2; less > 0; less /= 2)
    add(size - less);
  return out;
}

std::vector<Operation> simpler_operations(const Operation& from) {
  return std::visit([](const auto& operation) { return steps_of(operation); }, from);
}

}  // namespace attest
