// Plans that were built before, by cuDNN's version and what was asked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/oracle/cudnn/frontend.h"

#include <filesystem>
#include <optional>
#include <string>

namespace attest {

/// A folder of files, one per plan; a plan that is not whole, or was asked for otherwise, is no plan.
/// A folder that cannot be written only makes the next run build the plan again.
class PlanCache {
 public:
  /// `folder` empty: keeps nothing.
  PlanCache(std::filesystem::path folder, const std::string& version);

  /// `request`: everything that the plan depends on besides the version.
  [[nodiscard]] std::optional<SerialisedPlan> find(const std::string& request) const;
  void store(const std::string& request, const SerialisedPlan& plan) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(const std::string& request) const;
  std::filesystem::path folder_;
};

}  // namespace attest
