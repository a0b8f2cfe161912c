// Shrinking ends at a case that no single step simplifies, keeps the signature, and repeats.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace attest {
namespace {

constexpr std::int64_t kBudget = 5000;
const Property& property() {
  return property_named("agrees_with_reference");
}

/// LSE off by one wherever the problem is of this kind.
Subject wrong_where(std::function<bool(const Problem&)> is_wrong) {
  return spoilt_subject([is_wrong = std::move(is_wrong)](
                            const Problem& p, const Inputs&, const Conditions&, Answer& answer) {
    if (!is_wrong(p)) return;
    for (float& lse : answer.outputs.lse)
      lse += 1;
  });
}

Evaluate evaluate_with(const Subject& subject) {
  return [&subject](const Case& which) { return run_case(which, subject, property()); };
}

FailureRecord shrunk(const Subject& subject, std::string_view text, std::uint64_t schedule = 0) {
  Case which = case_of(text, "agrees_with_reference");
  which.mode.schedule = schedule;
  const CaseResult found = run_case(which, subject, property());
  EXPECT_TRUE(is_failure(found)) << text;
  return shrink(found, evaluate_with(subject), {.budget = kBudget});
}

std::string text(const FailureRecord& record) {
  return to_string(record.shrunk.which.problem);
}

struct Planted {
  const char* found;
  std::function<bool(const Problem&)> is_wrong;
  const char* least;
};

const std::vector<Planted>& planted() {
  static const std::vector<Planted> table = {
      {"attn(b=3,hq=6,hkv=2,sq=130,skv=257,d=32,dtype=bf16,layout=bhsd,gap(q=8,o=16),skew(k=32),"
       "mask=causal-br&window(40,9,br)&padding(257,200,129)&bool,scale=0.375,data=ramp-up,seed="
       "0x2a)",
       [](const Problem& p) { return p.seq_kv > 64 && p.mask.causal; },
       "attn(sq=1,skv=65,d=1,dtype=bf16,mask=causal-tl,seed=0x2a)"},
      {"attn(sq=70,skv=90,d=64,dtype=f32,layout=bhsd,gap(q=3,k=24),skew(v=4),data=poison,seed=7)",
       [](const Problem& p) {
         return p.layout == Layout::bhsd && p.gap[1] >= 5 &&
                (p.data.kind == DataKind::needle || p.data.kind == DataKind::subnormal_p ||
                 p.data.kind == DataKind::near_overflow || p.data.kind == DataKind::poison);
       },
       "attn(sq=1,d=1,dtype=f32,layout=bhsd,gap(k=5),data=needle,seed=0x7)"},
      {"attn(b=3,hq=8,hkv=4,sq=33,skv=40,d=32,mask=padding(40,3,17),data=normal(40),seed=1)",
       [](const Problem& p) {
         return p.batch >= 2 && p.heads_q / p.heads_kv == 2 && p.mask.kv_lengths &&
                p.mask.kv_lengths->back() >= 11;
       },
       "attn(b=2,hq=2,hkv=1,sq=1,skv=11,d=1,mask=padding(0,11),seed=0x1)"},
      {"attn(sq=100,skv=90,d=16,mask=window(50,50,br)&bool,seed=1)",
       [](const Problem& p) {
         return p.mask.window && p.mask.window->right >= 7 && p.seq_q == 100;
       },
       "attn(sq=100,skv=1,d=1,mask=window(-1,7,tl),seed=0x1)"}};
  return table;
}

TEST(Shrink, EndsAtTheLeastCaseOfAPlantedFault) {
  for (const Planted& fault : planted()) {
    const Subject subject = wrong_where(fault.is_wrong);
    const FailureRecord record = shrunk(subject, fault.found, 77);
    EXPECT_EQ(text(record), fault.least);
    EXPECT_EQ(record.shrunk.which.mode.schedule, 0U);
    EXPECT_EQ(to_string(record.found.problem), to_string(case_of(fault.found).problem));
    EXPECT_EQ(record.found.mode.schedule, 77U);
    EXPECT_GT(record.steps, 0);
    EXPECT_LT(record.steps, kBudget);
  }
}

TEST(Shrink, NoSingleStepOfTheResultKeepsTheSignature) {
  for (const Planted& fault : planted()) {
    const Subject subject = wrong_where(fault.is_wrong);
    const FailureRecord record = shrunk(subject, fault.found);
    const Signature signature = signature_of(record.shrunk);
    for (const Case& step : shrink_steps(record.shrunk.which)) {
      EXPECT_NE(signature_of(run_case(step, subject, property())), signature)
          << to_string(step.problem);
    }
  }
}

TEST(Shrink, AnotherFaultOnTheWayIsNotTaken) {
  const Subject subject =
      spoilt_subject([](const Problem& p, const Inputs&, const Conditions&, Answer& answer) {
        if (answer.outputs.lse.empty()) return;
        if (p.seq_kv > 20) answer.outputs.lse.front() += 1;
        if (p.seq_kv <= 20 && p.seq_kv > 2) {
          answer.outputs.o.set_bits(0, 0, 0, 0, encode(p.dtype, 1000));
        }
      });
  const FailureRecord record = shrunk(subject, "attn(sq=4,skv=80,seed=1)");
  EXPECT_EQ(text(record), "attn(sq=1,skv=21,d=1,seed=0x1)");
  EXPECT_EQ(signature_of(record.shrunk).tensor, "lse");
}

TEST(Shrink, TheScheduleIsKeptWhereTheFaultNeedsIt) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions& with, Answer& answer) {
        if (with.mode.schedule != 77) return;
        for (float& lse : answer.outputs.lse)
          lse += 1;
      });
  const FailureRecord record = shrunk(subject, "attn(sq=4,skv=80,seed=1)", 77);
  EXPECT_EQ(record.shrunk.which.mode.schedule, 77U);
  EXPECT_EQ(text(record), "attn(sq=1,d=1,seed=0x1)");
}

TEST(Shrink, TwiceGivesTheSame) {
  for (const Planted& fault : planted()) {
    const Subject subject = wrong_where(fault.is_wrong);
    const FailureRecord first = shrunk(subject, fault.found);
    const FailureRecord second = shrunk(subject, fault.found);
    EXPECT_EQ(id(first.shrunk.which), id(second.shrunk.which));
    EXPECT_EQ(first.steps, second.steps);
  }
}

TEST(Shrink, TheBudgetCountsEvaluationsThatRan) {
  const Subject subject = wrong_where([](const Problem& p) { return p.seq_kv > 64; });
  const Case which = case_of("attn(b=2,hq=4,sq=65,skv=257,seed=1)");
  const CaseResult found = run_case(which, subject, property());
  for (const std::int64_t budget : {0, 1, 7}) {
    std::int64_t evaluations = 0;
    const Evaluate counted = [&](const Case& step) {
      ++evaluations;
      return run_case(step, subject, property());
    };
    const FailureRecord record = shrink(found, counted, {.budget = budget});
    EXPECT_EQ(record.steps, budget);
    EXPECT_EQ(evaluations, budget);
    EXPECT_EQ(signature_of(record.shrunk), signature_of(found));
  }
}

TEST(Shrink, RefusedStepsCostNothingAndAreNotTaken) {
  Subject subject = wrong_where([](const Problem&) { return true; });
  subject.refusal = [](const Problem& p) -> std::optional<std::string> {
    if (p.head_dim != 64) return "head_dim other than 64";
    return std::nullopt;
  };
  std::int64_t ran = 0;
  const Evaluate counted = [&](const Case& step) {
    CaseResult result = run_case(step, subject, property());
    ran += result.verdict != Verdict::refused;
    return result;
  };
  const CaseResult found = run_case(case_of("attn(sq=9,skv=5,seed=1)"), subject, property());
  const FailureRecord record = shrink(found, counted, {.budget = kBudget});
  EXPECT_EQ(text(record), "attn(sq=1,seed=0x1)");
  EXPECT_EQ(record.steps, ran);
}

/// "file:line" of both parties count; addresses, threads and sizes do not.
TEST(Signature, OfAFindingIsItsKindAllocationAndLines) {
  CaseResult race;
  race.verdict = Verdict::fault;
  Finding finding;
  finding.kind = FindingKind::shared_race;
  finding.allocation = "shared";
  finding.party.site = {"a.cu", 12, 400};
  finding.other = Party{};
  finding.other->site = {"a.cu", 7, 300};
  race.findings = {finding};
  const Signature signature = signature_of(race);
  EXPECT_EQ(signature.kind, "shared_race");
  EXPECT_EQ(signature.tensor, "shared");
  EXPECT_EQ(signature.lines, (std::vector<std::string>{"a.cu:12", "a.cu:7"}));

  CaseResult moved = race;
  std::swap(moved.findings[0].party.site, moved.findings[0].other->site);
  moved.findings[0].address = 64;
  moved.findings[0].size_bytes = 16;
  moved.findings[0].distance_bytes = 3;
  moved.findings[0].party.thread = {5, 0, 0};
  moved.findings[0].party.block = {1, 2, 3};
  EXPECT_EQ(signature_of(moved), signature);

  CaseResult elsewhere = race;
  elsewhere.findings[0].party.site.line = 13;
  EXPECT_NE(signature_of(elsewhere), signature);
  elsewhere = race;
  elsewhere.findings[0].kind = FindingKind::uninitialised_read;
  EXPECT_NE(signature_of(elsewhere), signature);
}

TEST(Signature, OfADivergenceIsItsTierAndTensor) {
  CaseResult wrong;
  wrong.verdict = Verdict::disagree;
  wrong.divergence = DivergenceRecord{};
  wrong.divergence->tier = "bound";
  wrong.divergence->tensor = "o";
  CaseResult other = wrong;
  other.divergence->index = {1, 2, 3, 4};
  other.divergence->wrong = 99;
  other.divergence->got = 5;
  EXPECT_EQ(signature_of(other), signature_of(wrong));
  other.divergence->tensor = "lse";
  EXPECT_NE(signature_of(other), signature_of(wrong));
  other = wrong;
  other.divergence->tier = "classes";
  EXPECT_NE(signature_of(other), signature_of(wrong));
}

}  // namespace
}  // namespace attest
