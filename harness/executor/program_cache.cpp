// Parsing behind a lock, decoding without it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/program_cache.h"

#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/syntax/parser.h"

#include <utility>

namespace attest {

ProgramCache& ProgramCache::instance() {
  static ProgramCache cache;
  return cache;
}

Result<std::shared_ptr<const ptx::Module>> ProgramCache::module(const KernelImage& image) {
  const TextKey key{image.ptx.data(), image.ptx.size()};
  auto found = modules_.find(key);
  if (found == modules_.end()) {
    ATTEST_TRY(ptx::Module parsed, ptx::parse_module(image.ptx, image.name));
    if (parsed.targets.empty()) {
      return Error{Code::bad_input, "no .target directive", std::string(image.name)};
    }
    found = modules_.emplace(key, std::make_shared<const ptx::Module>(std::move(parsed))).first;
  }
  return found->second;
}

Result<std::string> ProgramCache::target(const KernelImage& image) {
  const std::lock_guard lock(mutex_);
  ATTEST_TRY(const auto m, module(image));
  return m->targets.front();
}

void ProgramCache::forget(const KernelImage& image) {
  const std::lock_guard lock(mutex_);
  const TextKey key{image.ptx.data(), image.ptx.size()};
  modules_.erase(key);
  std::erase_if(programs_, [&key](const auto& entry) { return std::get<0>(entry.first) == key; });
}

Result<std::shared_ptr<const ptx::Program>> ProgramCache::program(
    const KernelImage& image, const std::string& entry, const ptx::DecodeOptions& options) {
  const auto key = std::make_tuple(TextKey{image.ptx.data(), image.ptx.size()}, entry, options);
  std::unique_lock lock(mutex_);
  if (const auto found = programs_.find(key); found != programs_.end()) return found->second;
  ATTEST_TRY(const auto m, module(image));
  lock.unlock();  // a mode is new to each thread in turn: the others go on meanwhile
  ATTEST_TRY(auto program, ptx::decode(*m, image.name, entry, options));
  lock.lock();
  return programs_.try_emplace(key, std::move(program)).first->second;
}

}  // namespace attest
