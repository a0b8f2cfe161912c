// Names of the verdicts.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/verdict.h"

#include "harness/base/check.h"

namespace attest {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::agree:
      return "agree";
    case Verdict::disagree:
      return "disagree";
    case Verdict::fault:
      return "fault";
    case Verdict::refused:
      return "refused";
    case Verdict::not_run:
      return "not_run";
  }
  fail_check("verdict has a name", __FILE__, __LINE__);
}

}  // namespace attest
