// Names of the exactness classes.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"

#include "harness/base/check.h"

namespace attest {

std::string_view name(Exactness exactness) {
  switch (exactness) {
    case Exactness::bitwise:
      return "bitwise";
    case Exactness::bounded:
      return "bounded";
    case Exactness::statistical:
      return "statistical";
  }
  fail_check("exactness has a name", __FILE__, __LINE__);
}

}  // namespace attest
