// Mutants of a kernel: drawn the same way every time, killed where they matter, kept where not.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/auto_zoo.h"

#include "harness/executor/ptx_executor.h"
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attest {
namespace {

const KernelSpec& kernel(const std::string& name) {
  static const std::vector<KernelSpec> faulty = zoo_kernels();
  for (const auto* const kernels : {&all_kernels(), &faulty}) {
    for (const KernelSpec& each : *kernels) {
      if (each.name == name) return each;
    }
  }
  ADD_FAILURE() << name;
  return all_kernels().front();
}

bool never() {
  return false;
}

Mutant examined(const AutoZoo& zoo, const std::string& change, const std::string& before) {
  const auto& all = zoo.mutations();
  const auto at = std::find_if(all.begin(), all.end(), [&](const Mutation& mutation) {
    return mutation.change == change && mutation.before.find(before) != std::string::npos;
  });
  EXPECT_NE(at, all.end()) << change;
  const auto executor = make_ptx_executor();
  return at == all.end() ? Mutant{} : zoo.examine(*at, *executor, never);
}

TEST(AutoZoo, KillsABarrierLeftOutAndAMaximumThatIsAMinimum) {
  const auto zoo = AutoZoo::create(kernel("attention_f32"), Dtype::f32, 40, 1);
  ASSERT_TRUE(zoo.has_value()) << zoo.error().to_string();
  EXPECT_EQ(zoo->entry(), "attention_f32_d64");
  EXPECT_GT(zoo->mutations().size(), 100U);
  const Mutant barrier = examined(*zoo, "barrier left out", "bar.sync");
  EXPECT_EQ(barrier.fate, MutantFate::killed);
  EXPECT_EQ(barrier.detector, "uninitialised_read");
  EXPECT_NE(barrier.mutation.source.find("attention_f32.cu:"), std::string::npos);
  EXPECT_EQ(examined(*zoo, "operation exchanged", "max.f32").fate, MutantFate::killed);
}

TEST(AutoZoo, WhatChangesNothingSurvives) {
  const auto zoo = AutoZoo::create(kernel("attention_f32"), Dtype::f32, 6, 1);
  ASSERT_TRUE(zoo.has_value());
  const auto executor = make_ptx_executor();
  Mutation none = zoo->mutations().front();
  none.after = none.before;
  const Mutant mutant = zoo->examine(none, *executor, never);
  EXPECT_EQ(mutant.fate, MutantFate::survived);
  EXPECT_GT(mutant.cases, 0);
  none.after = "nonsense;";
  EXPECT_EQ(zoo->examine(none, *executor, never).fate, MutantFate::invalid);
}

TEST(AutoZoo, SamplesAreTheSameForTheSameSeed) {
  const auto a = AutoZoo::create(kernel("attention_mma"), Dtype::bf16, 4, 7);
  const auto b = AutoZoo::create(kernel("attention_mma"), Dtype::bf16, 4, 7);
  const auto c = AutoZoo::create(kernel("attention_mma"), Dtype::bf16, 4, 8);
  ASSERT_TRUE(a.has_value() && b.has_value() && c.has_value());
  EXPECT_EQ(a->entry(), "attention_mma_bf16_d64");
  const auto lines = [](const std::vector<Mutation>& mutations) {
    std::vector<std::string> out;
    for (const Mutation& mutation : mutations)
      out.push_back(std::to_string(mutation.ptx_line) + mutation.after);
    return out;
  };
  EXPECT_EQ(a->sample(20).size(), 20U);
  EXPECT_EQ(lines(a->sample(20)), lines(b->sample(20)));
  EXPECT_NE(lines(a->sample(20)), lines(c->sample(20)));
}

TEST(AutoZoo, AKernelThatFailsByItselfIsSaidToDo) {
  const auto executor = make_ptx_executor();
  const auto right = AutoZoo::create(kernel("attention_f32"), Dtype::f32, 12, 1);
  EXPECT_EQ(right->first_failure(*executor), "");
  const auto wrong = AutoZoo::create(kernel("zoo/half_of_head_dim"), Dtype::f32, 12, 1);
  EXPECT_NE(wrong->first_failure(*executor).find("--kernel zoo/half_of_head_dim"),
            std::string::npos);
}

TEST(AutoZoo, ADtypeThatIsNotClaimedIsAnError) {
  const auto zoo = AutoZoo::create(kernel("attention_f32"), Dtype::f16, 4, 1);
  ASSERT_FALSE(zoo.has_value());
  EXPECT_EQ(zoo.error().code, Code::bad_input);
}

}  // namespace
}  // namespace attest
