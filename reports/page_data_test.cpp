// The columns that the page's scripts read.
// SPDX-License-Identifier: Apache-2.0
#include "reports/page_data.h"

#include "harness/record/json_text.h"
#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

#include <limits>

namespace attest {
namespace {

Json read(const RunRecord& run) {
  return parse_json(page_data(run), "page data").value();
}

std::string word(const Json& data, const char* key, std::size_t n) {
  const Json& column = data.at("cases").at(key);
  return column.at("words").at(column.at("of").at(n).get<std::size_t>()).get<std::string>();
}

TEST(PageData, has_every_column_of_every_case) {
  const RunRecord run = sample_run();
  const Json data = read(run);
  const Json& columns = data.at("cases");
  for (const auto& item : columns.items()) {
    if (item.key() == "id") continue;
    const Json& list = item.value().is_object() ? item.value().at("of") : item.value();
    EXPECT_EQ(list.size(), run.cases.size()) << item.key();
  }
  EXPECT_EQ(columns.at("id").get<std::string>().size(), 8 * run.cases.size());
  EXPECT_EQ(columns.at("id").get<std::string>().substr(8, 8), "71504371");
  EXPECT_EQ(word(data, "kernel", 1), "attention_mma");
  EXPECT_EQ(word(data, "mask", 0), "causal-br");
  EXPECT_EQ(word(data, "mask", 2), "padding");
  EXPECT_EQ(word(data, "data", 1), "ramp-up");
  EXPECT_EQ(word(data, "verdict", 6), "fault");
  EXPECT_EQ(word(data, "reason", 6), "shared_race");
  EXPECT_EQ(word(data, "reason", 5), "o: bound");
  EXPECT_EQ(word(data, "reason", 7), "interrupted");
  EXPECT_EQ(columns.at("sq").at(1), 65);
  EXPECT_EQ(columns.at("skv").at(1), 127);
  EXPECT_EQ(columns.at("hkv").at(1), 2);
  EXPECT_EQ(columns.at("o").at(2), 0.3333);
  EXPECT_EQ(columns.at("row").at(1), 40);
  EXPECT_EQ(columns.at("bytes").at(1), 20480);
  EXPECT_TRUE(columns.at("bytes").at(0).is_null()) << "its traffic was not counted";
  EXPECT_TRUE(columns.at("o").at(3).is_null()) << "a refused case has no error";
  EXPECT_EQ(columns.at("mode").at(2),
            " --arch sm_90 --schedule 7 --mma fast --approx random --contract on");
}

TEST(PageData, operations_have_rows_columns_and_inner_length) {
  RunRecord run;
  run.cases.resize(2);
  run.cases[0].which.problem = parse_any("gemm(m=128,n=1536,k=512)").value();
  run.cases[1].which.problem = parse_any("bias_split(m=5,n=6)").value();
  const Json data = read(run);
  EXPECT_EQ(data.at("cases").at("sq").at(0), 128);
  EXPECT_EQ(data.at("cases").at("skv").at(0), 1536);
  EXPECT_EQ(data.at("cases").at("d").at(0), 512);
  EXPECT_EQ(data.at("cases").at("skv").at(1), 6);
  EXPECT_EQ(word(data, "mask", 0), "-");
}

TEST(PageData, is_safe_inside_a_script) {
  RunRecord run = sample_run();
  run.cases[0].which.kernel = "</script><!--\x01\xff";
  run.cases[1].ratio_o = std::numeric_limits<double>::quiet_NaN();
  run.cases[1].ratio_lse = std::numeric_limits<double>::infinity();
  EXPECT_EQ(page_data(run).find('<'), std::string::npos);
  const Json data = read(run);
  EXPECT_EQ(word(data, "kernel", 0), "</script><!--\x01\xef\xbf\xbd");
  EXPECT_EQ(data.at("cases").at("o").at(1), "nan");
  EXPECT_EQ(data.at("cases").at("lse").at(1), "inf");
}

TEST(PageData, layers_by_pipeline) {
  const Json data = read(sample_layer_run());
  const Json& flash = data.at("layers").at(0).at("pipelines").at(1);
  EXPECT_EQ(flash.at("name"), "flash");
  EXPECT_EQ(flash.at("launches"), 2);
  EXPECT_EQ(flash.at("kinds").at("gemm"), 1);
  EXPECT_EQ(flash.at("touched"), 2 * 10240);
  EXPECT_EQ(data.at("layers").at(0).at("least"), 2'378'752);
}

}  // namespace
}  // namespace attest
