// Turns: what each kernel and dtype is asked, one draw after the other. Within the plan.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "properties/axes.h"
#include "properties/operation_generators.h"
#include "properties/plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// What one kernel is asked about one dtype; lanes take turns. What is drawn depends on the lane's
/// own name and turn, not on how many others there are.
struct Lane {
  const KernelSpec* kernel = nullptr;
  const OperationSpec* operation = nullptr;
  Dtype dtype = Dtype::f16;
  std::vector<AxisValue> axes;
  std::vector<OperationForm> forms;

  [[nodiscard]] const std::string& kernel_name() const {
    return kernel != nullptr ? kernel->name : operation->name;
  }
};

/// Of attention, and of operations.
[[nodiscard]] std::vector<Lane> lanes_of(const SearchOptions& options);
[[nodiscard]] std::vector<Lane> operation_lanes_of(const SearchOptions& options);

/// Properties in the order of their turns, each as often as its share and evenly spread.
[[nodiscard]] std::vector<const Property*> turns_of(const std::vector<const Property*>& properties);

/// Draws until `cases` are accepted, or nothing new can be drawn.
[[nodiscard]] Plan draw_turns(const SearchOptions& options,
                              const std::vector<Lane>& lanes,
                              const std::vector<const Property*>& turns,
                              std::int64_t cases);

[[nodiscard]] bool is_refused(const PlannedCase& planned);
/// Among the dtypes that the options ask for.
[[nodiscard]] bool is_asked(const SearchOptions& options, Dtype dtype);

}  // namespace attest
