// The support matrix: its rows, its text, and what is documented.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/support.h"

#include <gtest/gtest.h>

#include <set>

namespace attest {
namespace {

TEST(Support, rows_have_distinct_names_and_meanings) {
  std::set<std::string> names;
  std::set<std::string> meanings;
  for (const SupportRow* row : support_rows()) {
    EXPECT_TRUE(names.insert(row->name).second) << row->name;
    meanings.insert(to_string(row->sdpa));
    EXPECT_EQ(find_support_row(row->name).value(), row);
  }
  EXPECT_GE(meanings.size() + 2, names.size());  // "bf16" is "d=128" in other words
  EXPECT_FALSE(find_support_row("no such row").has_value());
}

TEST(Support, rows_without_cases_are_those_that_a_problem_cannot_say) {
  std::set<std::string> names;
  for (const SupportRow* row : rows_without_cases())
    names.insert(row->name);
  for (const char* name :
       {"e4m3", "e5m2 d=256", "ragged", "pages of 16", "dropout", "backward sink"})
    EXPECT_EQ(names.count(name), 1U) << name;
  for (const char* name : {"bf16", "sink", "alibi causal-tl", "softcap", "bias", "skv=0"})
    EXPECT_EQ(names.count(name), 0U) << name;
}

TEST(Support, what_is_documented) {
  const auto documented = [](const char* name, int sm) {
    return is_documented(find_support_row(name).value()->sdpa, sm);
  };
  EXPECT_TRUE(documented("bf16", 80));
  EXPECT_FALSE(documented("f32", 90));
  EXPECT_TRUE(documented("d=256", 89));
  EXPECT_FALSE(documented("d=264", 90));
  EXPECT_FALSE(documented("d=100", 90));
  EXPECT_TRUE(documented("d=192/128 causal-tl", 90));
  EXPECT_FALSE(documented("d=128/64 causal-tl", 90));
  EXPECT_TRUE(documented("d=128/64 causal-tl", 100));
  EXPECT_TRUE(documented("decode d=256", 90));
  EXPECT_FALSE(documented("decode d=256", 80));
  EXPECT_FALSE(documented("e4m3", 89));
  EXPECT_TRUE(documented("e4m3", 90));
  EXPECT_TRUE(documented("e4m3 d=256", 90));
  EXPECT_FALSE(documented("e4m3 d=256", 100));
  EXPECT_TRUE(documented("backward", 80));
  EXPECT_FALSE(documented("backward f32", 90));
  EXPECT_TRUE(documented("backward d=256", 90));
  EXPECT_FALSE(documented("backward d=256", 100));
  EXPECT_TRUE(documented("backward d=192/128", 100));
  EXPECT_FALSE(documented("backward d=192/128", 80));
  EXPECT_TRUE(documented("backward e4m3", 100));
  EXPECT_FALSE(documented("backward e4m3", 120));
}

TEST(Support, table_has_engines_marks_and_reasons) {
  std::vector<std::vector<CudnnAnswer>> answers(support_rows().size(), std::vector<CudnnAnswer>(5));
  for (auto& row : answers) {
    for (CudnnAnswer& answer : row) {
      answer.tier = CudnnTier::admitted;
      answer.engine = "eng2_k24=7";
    }
  }
  answers[0][1].tier = CudnnTier::refused;
  answers[0][1].reason = "first reason";
  answers[1][0].tier = CudnnTier::died;
  answers[1][2].tier = CudnnTier::refused;
  answers[1][2].reason = "second reason";
  answers[1][3] = answers[0][1];
  answers[3][0].tier = CudnnTier::planned;
  answers[3][0].kernels = {"a", "b"};
  answers[3][1].engine = "eng2_k14=1_k24=7";
  const std::string table = support_table("9.19.0", "1.23.0", support_rows(), answers);
  const auto line = [&](const std::string& start) {
    const auto at = table.find("\n" + start + " ");
    return table.substr(at + 1, table.find('\n', at + 1) - at - 1);
  };
  EXPECT_NE(table.find("cuDNN 9.19.0 with cudnn-frontend 1.23.0"), std::string::npos);
  EXPECT_EQ(line("f16").substr(line("f16").find_first_of("2r")),
            "2/7       r1        2/7       2/7       2/7");
  EXPECT_NE(line("f16 causal-tl").find("died      2/7       r2        r1        2/7"),
            std::string::npos);
  EXPECT_NE(line("f32").find("2/7+      2/7+"), std::string::npos);
  EXPECT_NE(line("bf16 causal-tl").find("2/7=2     2.1/7 "), std::string::npos);
  EXPECT_TRUE(table.ends_with("\nr1  first reason\nr2  second reason\n")) << table;
}

}  // namespace
}  // namespace attest
