// Lines of the corpus to and from JSON.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/corpus.h"

#include "harness/record/codec.h"

#include <algorithm>

namespace attest {

std::string to_string(const CorpusLine& line) {
  Json json = to_json(line.which);
  if (!line.known.empty()) json["known"] = line.known;
  return to_line(json);
}

Result<std::vector<CorpusLine>> parse_corpus(std::string_view text, const std::string& name) {
  std::vector<CorpusLine> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::string where = name + ":" + std::to_string(number);
    ATTEST_TRY(const Json json, parse_json(line, where));
    ATTEST_TRY(CorpusLine read, from_json_or_error(where, [&json] {
                 return CorpusLine{case_from_json(json), field_or<std::string>(json, "known", "")};
               }));
    lines.push_back(std::move(read));
  }
  return lines;
}

}  // namespace attest
