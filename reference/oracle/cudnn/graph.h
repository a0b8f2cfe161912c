// The graph that cuDNN lowers an attention to, read from a plan.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// The plan JSON of cuDNN 9.19 has this schema version; another one is refused.
inline constexpr int kPlanSchema = 4;

using LoweredShape = std::array<std::int64_t, 4>;

/// One operation. What it needs beside its inputs: `axis` of GEN_INDEX.
struct LoweredNode {
  std::string type;                  // "MATMUL", "REDUCTION MAX", "POINTWISE EXP"
  std::vector<std::int64_t> inputs;  // by number; a select has (where true, where false, which)
  std::int64_t output = 0;
  std::int64_t axis = -1;
};

struct LoweredGraph {
  std::map<std::int64_t, LoweredShape> shapes;            // of every tensor, by number
  std::vector<LoweredNode> nodes;                         // in an order that can be executed
  std::map<std::int64_t, std::vector<double>> constants;  // scalars, and ALiBi's slopes
};

struct LoweredPlan {
  std::int64_t engine = 0;
  std::vector<std::string> kernels;  // a lower bound on what is launched
  LoweredGraph graph;
};

/// Reads what the frontend's serialize() gave. Every key of the operation graph must be one that this
/// was written for.
/// Errors  Code::bad_input for what is no plan, Code::unsupported for another schema version or a
///         key that is not known, naming it; `where` is "cuDNN plan".
Result<LoweredPlan> read_plan(const std::vector<std::uint8_t>& ubjson);
/// The kernels of any plan, also of one whose graph read_plan() does not know. Errors  Code::bad_input.
Result<std::vector<std::string>> read_kernels(const std::vector<std::uint8_t>& ubjson);
/// cuDNN's own plan JSON in it. Errors  Code::bad_input.
Result<std::string> backend_json(const std::vector<std::uint8_t>& ubjson);
/// As read_plan(), from JSON text.
Result<LoweredPlan> read_plan_json(std::string_view text);

}  // namespace attest
