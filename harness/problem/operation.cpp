// Names of the elementwise steps.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/operation.h"

#include "harness/base/check.h"

namespace attest {

std::string_view name(ElementwiseKind kind) {
  switch (kind) {
    case ElementwiseKind::scale:
      return "scale";
    case ElementwiseKind::equals_zero:
      return "equals_zero";
    case ElementwiseKind::masked_fill:
      return "masked_fill";
  }
  fail_check("the elementwise step has a name", __FILE__, __LINE__);
}

}  // namespace attest
