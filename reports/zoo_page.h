// Zoo page: the matrix of faults and detectors as a section of report.html.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/zoo_record.h"

#include <string>

namespace attest {

/// The whole <section id="zoo">, which needs no script; the matrix stands in it as a table and as
/// text.
[[nodiscard]] std::string zoo_section(const ZooRecord& zoo);

}  // namespace attest
