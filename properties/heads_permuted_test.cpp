// Holds for the reference; an answer that depends on the number of a head is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("heads_permuted");
}

TEST(HeadsPermuted, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// One bit in the first head, whatever it holds.
TEST(HeadsPermuted, AHeadThatIsTreatedOtherwiseIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        o.set_bits(0, 0, 1, 2, o.bits(0, 0, 1, 2) ^ 1U);
      });
  int caught = 0;
  for (const char* text :
       {"attn(hq=5,sq=3,seed=1)", "attn(b=5,sq=3,seed=2)", "attn(hq=6,hkv=3,sq=3,seed=3)"})
    caught += run_case(case_of(text), subject, property()).verdict == Verdict::disagree;
  EXPECT_GE(caught, 2);  // unless the first head stays in its place
}

TEST(HeadsPermuted, SaysNothingAboutOneHead) {
  EXPECT_FALSE(property().applies(case_of("attn(sq=3)").attention()));
  for (const std::uint64_t bits : {0, 1}) {
    for (const char* text : {"attn(sq=3)", "attn(b=0,sq=3,mask=padding())"}) {
      const Problem focused = property().focus(case_of(text).attention(), bits);
      EXPECT_TRUE(property().applies(focused));
      EXPECT_TRUE(validate(focused).has_value());
    }
  }
}

}  // namespace
}  // namespace attest
