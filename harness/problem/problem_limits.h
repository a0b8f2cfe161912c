// What a Problem's values may be, and the first one that is not allowed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace attest {

inline constexpr std::int64_t kMaxGapElements = 4096;
inline constexpr std::int64_t kMaxSkewBytes = 255;
inline constexpr double kMaxAmplitude = 1e4;

struct Violation {
  std::string_view key;  // the key of the case text that holds the value
  std::string message;   // what was found and what is allowed
};

/// The first value that is not allowed, in the order of the keys.
[[nodiscard]] std::optional<Violation> find_violation(const Problem& problem);
/// The violation as an Error, or Done.
Status as_status(const std::optional<Violation>& violation);

// What cases of all kinds check alike.
/// An integer out of least..most, both included; `what` stands before it in the message.
[[nodiscard]] std::optional<Violation> outside(std::string_view key,
                                               std::int64_t value,
                                               std::int64_t least,
                                               std::int64_t most,
                                               std::string_view what = "");
/// Product of non-negative numbers of at most kMaxElements each, 0 counted as 1, or more than
/// kMaxElements.
[[nodiscard]] std::int64_t limited_product(std::initializer_list<std::int64_t> factors);
[[nodiscard]] std::optional<Violation> bad_mask(const Mask& mask,
                                                std::int64_t batch,
                                                std::int64_t keys);
[[nodiscard]] std::optional<Violation> bad_data(const Data& data);
/// Not a finite number that fits f32.
[[nodiscard]] std::optional<Violation> bad_float(std::string_view key, double value);

}  // namespace attest
