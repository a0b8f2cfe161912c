// Planted subjects and kernels for tests: right answers with one mistake, and claims without code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "properties/search.h"
#include "properties/subject.h"

#include <functional>
#include <string>
#include <vector>

namespace attest {

/// The reference whose answer is spoilt afterwards.
using Spoil = std::function<void(const Problem&, const Inputs&, const Conditions&, Answer&)>;
[[nodiscard]] Subject spoilt_subject(Spoil spoil);

/// The reference, asked about other inputs or another problem of the same shape of outputs.
using Misread = std::function<void(Problem&, Inputs&)>;
[[nodiscard]] Subject misreading_subject(Misread misread);

/// Claims without code, for drawing: every problem of these dtypes; or, as a kernel with
/// asynchronous copies does, only 16-byte rows and bases and fill=-inf.
[[nodiscard]] KernelSpec claim_all(std::string name, std::vector<Dtype> dtypes);
[[nodiscard]] KernelSpec claim_aligned(std::string name, std::vector<Dtype> dtypes);

/// Problems that this property speaks about, drawn from `seed` for a kernel that claims everything.
[[nodiscard]] std::vector<Case> spread(const Property& property,
                                       std::int64_t count,
                                       std::uint64_t seed);

/// The property of all_properties() with this name.
[[nodiscard]] const Property& property_named(std::string_view name);

/// Cases of the spread in which the subject does not agree. Every one of them ran.
[[nodiscard]] std::vector<CaseResult> failures(const Subject& subject,
                                               const Property& property,
                                               std::int64_t count,
                                               std::uint64_t seed);

/// A case from its problem's text.
[[nodiscard]] Case case_of(std::string_view problem, std::string_view property = "");

}  // namespace attest
