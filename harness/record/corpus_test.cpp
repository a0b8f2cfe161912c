// Lines of the corpus read back as they were written, and say where they are wrong.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/corpus.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

CorpusLine line_of(const char* problem, const char* known) {
  CorpusLine line;
  line.which.problem = parse_any(problem).value();
  line.which.kernel = "attention_f32";
  line.which.property = "agrees_with_reference";
  line.known = known;
  return line;
}

TEST(Corpus, lines_read_back_as_they_were) {
  CorpusLine a = line_of("attn(sq=3,dtype=f32)", "");
  a.which.mode.schedule = 7;
  a.which.mode.approx = Approx::high;
  const CorpusLine b = line_of("gemm(m=3,k=5)", "rounds twice");
  const std::string text = "# why\n" + to_string(a) + "\n\n" + to_string(b);
  const auto read = parse_corpus(text, "x.ndjson");
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(*read, (std::vector<CorpusLine>{a, b}));
  EXPECT_EQ(to_string(b).find("\"known\":\"rounds twice\"") == std::string::npos, false);
  EXPECT_EQ(to_string(a).find("known"), std::string::npos);
}

TEST(Corpus, a_wrong_line_is_named) {
  const std::string good = to_string(line_of("attn(sq=3)", ""));
  const char* const no_case = "{\"case\":\"attn(sq=x)\",\"kernel\":\"k\",\"property\":\"p\"}";
  for (const char* bad : {"{", "{}", no_case}) {
    const auto read = parse_corpus(good + "\n" + bad + "\n", "x.ndjson");
    ASSERT_FALSE(read.has_value()) << bad;
    EXPECT_EQ(read.error().code, Code::bad_input);
    EXPECT_NE(read.error().to_string().find("x.ndjson:2"), std::string::npos)
        << read.error().to_string();
  }
}

}  // namespace
}  // namespace attest
