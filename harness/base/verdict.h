// The five outcomes of a case. Only `agree` is a pass.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace attest {

enum class Verdict : std::uint8_t {
  agree,
  disagree,  // the judge: wrong class, wrong bits, error beyond its bound
  fault,     // the executor: a finding, a crash, a timeout
  refused,   // outside what the kernel claims
  not_run,
};

inline constexpr std::array<Verdict, 5> kVerdicts = {
    Verdict::agree, Verdict::disagree, Verdict::fault, Verdict::refused, Verdict::not_run};

/// "agree", ...
[[nodiscard]] std::string_view name(Verdict verdict);

}  // namespace attest
