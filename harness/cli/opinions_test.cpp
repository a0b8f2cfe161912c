// Who stands alone, in words, and on the card of a replay.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/opinions.h"

#include "harness/cli/testing.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(Opinions, say_who_stands_alone) {
  const OpinionAt with_eigen{"cudnn", 1.01, "planned"};
  const OpinionAt with_kernel{"unfused", 1.9, "unfused"};
  const OpinionAt none{"cudnn", std::nullopt, "not built"};
  EXPECT_EQ(who_stands_alone(2, 1, {with_eigen, none}),
            "the kernel stands alone: cudnn with eigen");
  EXPECT_EQ(who_stands_alone(2, 1, {with_kernel}), "eigen stands alone: unfused with the kernel");
  EXPECT_EQ(who_stands_alone(2, 1, {with_eigen, with_kernel}),
            "nobody stands alone: cudnn with eigen, unfused with the kernel");
  EXPECT_EQ(who_stands_alone(2, 1, {none}), "no third opinion");
}

Output replay(const std::string& problem, const std::string& kernel) {
  return run({"replay", problem, "--kernel", kernel, "--property", "agrees_with_reference"});
}

TEST(Opinions, stand_on_the_card_of_a_failure) {
  const Output output =
      replay("attn(sq=9,skv=12,dtype=f32,mask=causal-br)", "zoo/causal_always_top_left");
  EXPECT_EQ(output.exit, Exit::falsified);
  const auto at = [&](const char* text) { return output.out.find(text); };
  EXPECT_NE(at("  blame     mask: "), std::string::npos) << output.out;
  EXPECT_NE(at("  verdict   convention: the kernel is right under another one, causal-tl"),
            std::string::npos)
      << output.out;
  EXPECT_NE(at("  opinions  o["), std::string::npos) << output.out;
  // cuDNN is asked too, where it is.
  EXPECT_NE(at("  alone     the kernel stands alone: "), std::string::npos) << output.out;
  EXPECT_NE(at("unfused with eigen\n"), std::string::npos) << output.out;
  EXPECT_LT(at("  alone "), at("  replay "));
}

TEST(Opinions, are_not_asked_about_what_agrees) {
  const Output output = replay("attn(sq=9,skv=12,dtype=f32,mask=causal-br)", "attention_f32");
  EXPECT_EQ(output.exit, Exit::held);
  EXPECT_EQ(output.out.find("opinions"), std::string::npos) << output.out;
  EXPECT_EQ(output.out.find("blame"), std::string::npos) << output.out;
}

}  // namespace
}  // namespace attest
