// Patient: a kernel that is examined, faulty or the correct one that a fault was put into.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "properties/search.h"
#include "properties/zoo/zoo.h"

#include <cstdint>
#include <vector>

namespace attest {

/// One of the three is there.
struct Patient {
  const KernelSpec* attention = nullptr;
  const OperationSpec* operation = nullptr;
  const Pipeline* pipeline = nullptr;

  [[nodiscard]] const std::string& name() const;
};

/// The kernel of a fault, and the one without it. References to registers that live as long as the
/// program.
[[nodiscard]] Patient faulty_patient(const ZooFault& fault);
[[nodiscard]] Patient correct_patient(const ZooFault& fault);

/// Whether the property says anything about kernels of this kind on one device. Of a whole layer,
/// agreement with the reference alone.
[[nodiscard]] bool speaks_of(const Property& property, const Patient& patient);

/// Cases of one property that the patient takes, drawn from `seed` as for a run of profile quick. Of
/// a layer: the fault's example in other sizes and dtypes.
[[nodiscard]] std::vector<Case> cases_of(const Patient& patient,
                                         const ZooFault& fault,
                                         const Property& property,
                                         std::int64_t cases,
                                         std::uint64_t seed);

/// As run_case(), on this kernel whatever the case names.
[[nodiscard]] CaseResult judge_case(const Patient& patient,
                                    const Property& property,
                                    const Case& which,
                                    Executor& executor);

/// False for an anchor that is dead: in every launch of the example, in every dtype, `wrong` has the
/// instructions of `right`.
[[nodiscard]] bool changes_instructions(const Patient& right,
                                        const Patient& wrong,
                                        const std::string& example);

/// The executor with every check off that a job may leave out. Refers to its argument.
class UncheckedExecutor final : public Executor {
 public:
  explicit UncheckedExecutor(Executor& inner) : inner_(inner) {}
  Result<Execution> run(const Job& job) override;

 private:
  Executor& inner_;
};

}  // namespace attest
