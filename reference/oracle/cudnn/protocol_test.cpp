// Questions and answers come back as they went.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/protocol.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(CudnnProtocol, questions_come_back) {
  for (const CudnnAsk ask : {CudnnAsk::versions,
                             CudnnAsk::admit,
                             CudnnAsk::plan,
                             CudnnAsk::execute,
                             CudnnAsk::time,
                             CudnnAsk::support,
                             CudnnAsk::build,
                             CudnnAsk::crash}) {
    const CudnnQuestion question{ask, "attn(sq=4)", 90};
    EXPECT_EQ(read_question(to_message(question)).value(), question);
  }
}

TEST(CudnnProtocol, answers_come_back) {
  CudnnAnswer answer;
  answer.tier = CudnnTier::planned;
  answer.reason = "because";
  answer.engine = "eng2_k24=7";
  answer.kernels = {"kernel0_0", "kernel1_0"};
  answer.workspace_bytes = std::int64_t{1} << 40U;
  answer.nodes = 14;
  answer.skipped = "RNG";
  answer.opinion = {{1.5, -2}, {0.25}};
  answer.composite = "bf16";
  answer.microseconds = 12.5;
  answer.sm = 90;
  answer.cudnn = "9.19.0";
  answer.frontend = "1.23.0";
  const auto read = read_answer(to_message(answer));
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(read->tier, answer.tier);
  EXPECT_EQ(read->reason, answer.reason);
  EXPECT_EQ(read->engine, answer.engine);
  EXPECT_EQ(read->kernels, answer.kernels);
  EXPECT_EQ(read->workspace_bytes, answer.workspace_bytes);
  EXPECT_EQ(read->nodes, answer.nodes);
  EXPECT_EQ(read->skipped, answer.skipped);
  EXPECT_EQ(read->opinion.o, answer.opinion.o);
  EXPECT_EQ(read->opinion.lse, answer.opinion.lse);
  EXPECT_EQ(read->composite, "bf16");
  EXPECT_EQ(read->microseconds, 12.5);
  EXPECT_EQ(read->sm, 90);
  EXPECT_EQ(read->cudnn, answer.cudnn);
  EXPECT_EQ(read->frontend, answer.frontend);
}

TEST(CudnnProtocol, any_byte_of_a_reason_is_sent) {
  CudnnAnswer answer;
  answer.reason = "\xff\x80 broken";
  const auto read = read_answer(to_message(answer));
  ASSERT_TRUE(read.has_value());
  EXPECT_NE(read->reason.find("broken"), std::string::npos);
}

TEST(CudnnProtocol, refuses_what_is_neither) {
  EXPECT_FALSE(read_question({"{\"ask\":\"sing\"}", {}}).has_value());
  EXPECT_FALSE(read_question({"", {}}).has_value());
  EXPECT_FALSE(read_answer({"{\"tier\":\"planned\"}", {}}).has_value());
  EXPECT_FALSE(read_answer({"[]", {}}).has_value());
}

}  // namespace
}  // namespace attest
