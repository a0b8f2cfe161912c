// Names of the classes of faults.
// SPDX-License-Identifier: Apache-2.0
#include "properties/fault_class.h"

#include "harness/base/check.h"

namespace attest {

std::string_view name(FaultClass fault_class) {
  switch (fault_class) {
    case FaultClass::scores:
      return "scores";
    case FaultClass::mask:
      return "mask";
    case FaultClass::softmax:
      return "softmax";
    case FaultClass::empty_rows:
      return "empty rows";
    case FaultClass::accumulation:
      return "accumulation";
    case FaultClass::lse:
      return "lse";
    case FaultClass::output:
      return "output";
    case FaultClass::addressing:
      return "addressing";
    case FaultClass::state:
      return "state";
    case FaultClass::memory:
      return "memory";
    case FaultClass::initialisation:
      return "initialisation";
    case FaultClass::race:
      return "race";
    case FaultClass::synchronisation:
      return "synchronisation";
  }
  fail_check("class of faults has a name", __FILE__, __LINE__);
}

}  // namespace attest
