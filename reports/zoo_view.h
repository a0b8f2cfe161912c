// Zoo view: the matrix of faults and detectors as text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/zoo_record.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// What a detector makes of a fault.
enum class ZooCell : std::uint8_t {
  named,   // sees it, and names its class
  seen,    // sees it
  unseen,  // does not
  silent,  // says nothing about such a kernel
};
[[nodiscard]] ZooCell zoo_cell(const ZooFaultRecord& fault, const ZooDetector& detector);

/// Comparisons, and the detectors that saw any fault, by kind; no kind without a column.
[[nodiscard]] std::vector<std::vector<ZooDetector>> zoo_columns(const ZooRecord& zoo);

/// A row for each fault, a column for each detector that saw any: '#' names the fault's class, '+'
/// sees it, '.' does not, ' ' says nothing about such a kernel. Then what it adds up to.
[[nodiscard]] std::string zoo_matrix(const ZooRecord& zoo);
/// What it adds up to: who was killed and by whom, survivors and equivalents with the reason.
[[nodiscard]] std::string zoo_summary(const ZooRecord& zoo);

}  // namespace attest
