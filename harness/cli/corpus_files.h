// The corpus on disk: *.ndjson of a folder, read by check, and written only outside of CI.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/corpus.h"
#include "harness/record/record.h"

#include <string>
#include <vector>

namespace attest {

/// Where check looks for it when no flag says so, if the folder is there.
inline constexpr const char* kUsualCorpus = "properties/regressions";
/// The file to which failures are added.
inline constexpr const char* kFound = "found.ndjson";

/// Of every *.ndjson in `folder`, by file name. Errors  Code::io, Code::bad_input with file and line.
Result<std::vector<CorpusLine>> read_corpus(const std::string& folder);

/// Where it is: `asked`, or the usual place if there is one, else ""; "" for "none".
[[nodiscard]] std::string corpus_folder(const std::string& asked);

/// The usual place, as a run that is taken up elsewhere must be told it: its whole path, or "none".
[[nodiscard]] std::string corpus_anywhere();

/// The shrunk failures of a run that `corpus` has not, one a line.
[[nodiscard]] std::string new_lines(const RunRecord& run, const std::vector<CorpusLine>& corpus);

/// What adds `lines` to the folder's found.ndjson, for `git apply`.
[[nodiscard]] std::string corpus_patch(const std::string& folder, const std::string& lines);

/// Adds them. Errors  Code::io with the path.
Status append_to_corpus(const std::string& folder, const std::string& lines);

/// After a run: with `keeps` its new failures are added to the folder; in CI nothing is written, and
/// the text that is returned has the patch. Empty where there is nothing to say.
Result<std::string> offer_to_corpus(const RunRecord& run,
                                    const std::vector<CorpusLine>& corpus,
                                    const std::string& folder,
                                    bool keeps);

}  // namespace attest
