// ProgramCache: PTX texts parsed once, entries decoded once, for the whole process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/base/result.h"
#include "harness/ptx/decode/options.h"
#include "harness/ptx/machine/program.h"
#include "harness/ptx/syntax/ast.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

namespace attest {

class ProgramCache {
 public:
  static ProgramCache& instance();

  /// Texts are told apart by address and length, so they must not change; see KernelImage.
  Result<std::shared_ptr<const ptx::Program>> program(const KernelImage& image,
                                                      const std::string& entry,
                                                      const ptx::DecodeOptions& options);
  Result<std::string> target(const KernelImage& image);
  /// For a text that is about to go: its address may come back with another text.
  void forget(const KernelImage& image);

 private:
  using TextKey = std::pair<const char*, std::size_t>;
  /// To be called with the lock held.
  Result<std::shared_ptr<const ptx::Module>> module(const KernelImage& image);

  std::mutex mutex_;
  std::map<TextKey, std::shared_ptr<const ptx::Module>> modules_;
  std::map<std::tuple<TextKey, std::string, ptx::DecodeOptions>,
           std::shared_ptr<const ptx::Program>>
      programs_;
};

}  // namespace attest
