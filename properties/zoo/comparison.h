// Comparisons: other people's tests of attention, on the same kernels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/record/zoo_record.h"
#include "properties/zoo/patient.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// `random normal, allclose 1e-2`, what most tests of a kernel do; and `FlashAttention's rule`, an
/// error of at most twice that of unfused attention in the kernel's dtype, on shapes as its own tests
/// have. Both look at O alone, as those tests do, with no check of the executor. What they run is in
/// plain_tests.txt. A GPU may stop at an access out of bounds, or hang: they count as having seen it.
/// One object for all threads; it keeps the answers to compare with.
class Comparisons {
 public:
  Comparisons();
  ~Comparisons();
  Comparisons(const Comparisons&) = delete;
  Comparisons& operator=(const Comparisons&) = delete;

  [[nodiscard]] static std::vector<ZooDetector> detectors();
  /// Those that say anything about the patient.
  [[nodiscard]] std::vector<std::string> that_speak_of(const Patient& patient) const;
  /// Those that see that it is faulty. `executor` may have its checks on.
  [[nodiscard]] std::vector<std::string> that_see(const Patient& patient,
                                                  Executor& executor,
                                                  const std::function<bool()>& is_late);

 private:
  struct Truth;
  struct PlainTest;
  const Truth& truth_of(const AnyProblem& problem);
  bool sees(const PlainTest& test, const Patient& patient, Executor& executor);

  std::vector<PlainTest> tests_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Truth>> truths_;  // by problem
};

}  // namespace attest
