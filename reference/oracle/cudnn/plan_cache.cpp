// A plan's file: the request, the engine and the workspace on a line each, then the frontend's bytes.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/plan_cache.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>
#include <xxhash.h>

namespace attest {

namespace fs = std::filesystem;

PlanCache::PlanCache(fs::path folder, const std::string& version) {
  if (!folder.empty()) folder_ = folder / version;
}

fs::path PlanCache::path_of(const std::string& request) const {
  return folder_ / fmt::format("{:016x}.plan", XXH3_64bits(request.data(), request.size()));
}

std::optional<SerialisedPlan> PlanCache::find(const std::string& request) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(path_of(request), std::ios::binary);
  std::string asked;
  std::string bytes;
  SerialisedPlan plan;
  if (!std::getline(file, asked) || asked != request) return std::nullopt;
  if (!std::getline(file, plan.admission.engine)) return std::nullopt;
  if (!(file >> plan.admission.workspace_bytes >> bytes) || file.get() != '\n') return std::nullopt;
  plan.ubjson.assign(std::istreambuf_iterator<char>(file), {});
  if (bytes != std::to_string(plan.ubjson.size())) return std::nullopt;
  return plan;
}

void PlanCache::store(const std::string& request, const SerialisedPlan& plan) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  fs::create_directories(folder_, ignored);
  const fs::path path = path_of(request);
  fs::path draft = path;
  draft += fmt::format(".{}", getpid());  // other processes may store the same plan
  {
    std::ofstream file(draft, std::ios::binary);
    file << request << "\n"
         << plan.admission.engine << "\n"
         << plan.admission.workspace_bytes << " " << plan.ubjson.size() << "\n";
    file.write(reinterpret_cast<const char*>(plan.ubjson.data()),
               static_cast<std::streamsize>(plan.ubjson.size()));
    if (!file.flush()) {
      fs::remove(draft, ignored);
      return;
    }
  }
  fs::rename(draft, path, ignored);
  if (ignored) fs::remove(draft, ignored);
}

}  // namespace attest
