// Operations as cases: drawn, judged, shrunk; faulty subjects are caught, right ones agree.
// SPDX-License-Identifier: Apache-2.0
#include "properties/operation_generators.h"
#include "properties/operation_shrink.h"
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace attest {
namespace {

/// Claims without code: one form with rows of whole 16 bytes, or everything.
OperationSpec claim_operations(std::string name, bool is_picky) {
  OperationSpec spec;
  spec.name = std::move(name);
  spec.dtypes = {Dtype::f16, Dtype::f32};
  spec.tile_m = 32;
  spec.tile_n = 16;
  spec.tile_k = 16;
  spec.refusal = [is_picky](const Operation& operation) -> std::optional<std::string> {
    if (!is_picky) return std::nullopt;
    const auto* const gemm = std::get_if<Gemm>(&operation);
    if (gemm == nullptr) return "no gemm";
    if (gemm->k % 8 != 0 || gemm->n % 8 != 0 || gemm->a.gap % 8 != 0) return "rows not of 16 bytes";
    return std::nullopt;
  };
  spec.plan = [](const KernelImage&, const Operation&) { return Launch{}; };
  spec.arithmetic = [](const Operation&) { return Arithmetic{}; };
  return spec;
}

struct Search {
  std::vector<OperationSpec> specs = {claim_operations("any", false),
                                      claim_operations("picky", true)};
  SearchOptions options;

  explicit Search(std::int64_t cases) {
    for (const OperationSpec& spec : specs)
      options.operations.push_back(&spec);
    for (const Property& property : all_properties()) {
      if (!property.compares_devices) options.properties.push_back(&property);
    }
    options.profile = find_profile("quick").value();
    set_cases(options, cases);
    options.seed = 3;
  }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
};

OperationSubject spoilt(std::function<void(const Operation&, OperationOutputs&)> spoil) {
  OperationSubject subject = reference_operation_subject();
  subject.run = [spoil = std::move(spoil), right = subject.run](
                    const Operation& operation,
                    const Operands& operands,
                    const Conditions& conditions) -> Result<OperationAnswer> {
    ATTEST_TRY(OperationAnswer answer, right(operation, operands, conditions));
    spoil(operation, answer.outputs);
    return answer;
  };
  return subject;
}

Case operation_case(const char* text, const char* property = "agrees_with_reference") {
  Case out;
  out.problem = parse_any(text).value();
  out.kernel = "planted";
  out.property = property;
  return out;
}

TEST(OperationPlan, IsValidWithoutRepeatsAndMostlyAccepted) {
  const Search search(400);
  const Plan plan = plan_cases(search.options);
  std::set<std::string> ids;
  std::map<std::string, int> per_kernel;
  std::int64_t refused = 0;
  for (const PlannedCase& planned : plan.cases) {
    ASSERT_NE(planned.operation, nullptr);
    EXPECT_TRUE(ids.insert(id(planned.which)).second);
    EXPECT_TRUE(validate(planned.which.problem)) << to_string(planned.which.problem);
    const Operation operation = as_operation(planned.which.problem).value();
    refused += planned.operation->refusal(operation).has_value() ? 1 : 0;
    EXPECT_LE(work(*planned.operation, operation), search.options.profile.work);
    EXPECT_TRUE(planned.which.property == "agrees_with_reference" ||
                planned.which.property == "repeats_bitwise");
    ++per_kernel[planned.which.kernel];
  }
  EXPECT_EQ(refused, plan.refused);
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 40);
  EXPECT_EQ(static_cast<std::int64_t>(plan.cases.size()), 400 + refused);
  EXPECT_GT(per_kernel["picky"], 150);
}

// What the axes of a gemm have to meet.
TEST(OperationPlan, GemmsAreAsymmetricAndMeetEveryOption) {
  const Search search(800);
  std::map<std::string, int> met;
  int gemms = 0;
  for (const PlannedCase& planned : plan_cases(search.options).cases) {
    const auto* const g = std::get_if<Gemm>(&planned.which.problem);
    if (g == nullptr || planned.which.kernel != "any") continue;
    ++gemms;
    met["square"] += g->m == g->n;
    met["alpha"] += g->alpha != 1;
    met["split 1"] += g->split == 1;
    met["split 3"] += g->split == 3;
    met["bias"] += g->has_bias;
    met["mask"] += g->has_mask;
    met["ta"] += g->transpose_a;
    met["tb"] += g->transpose_b;
    met["nn"] += !g->transpose_a && !g->transpose_b;
    met["batch"] += g->batch > 1;
    met["heads"] += g->heads > 1;
    met["bshd"] += g->c.layout == Layout::bshd;
    met["tile - 1"] += g->m % 32 == 31;
    met["tile"] += g->m % 32 == 0;
    met["tile + 1"] += g->m % 32 == 1;
  }
  ASSERT_GT(gemms, 40);
  for (const auto& [what, count] : met)
    EXPECT_GT(count, 0) << what;
  EXPECT_LT(met["square"], gemms / 2);
  EXPECT_GT(met["alpha"], gemms / 2);
}

TEST(OperationPlan, AttentionKeepsItsCasesBesideOperations) {
  const KernelSpec kernel = claim_all("attention", {Dtype::f16});
  Search both(100);
  both.options.kernels = {&kernel};
  set_cases(both.options, 100);
  EXPECT_EQ(both.options.profile.cases, 80);
  EXPECT_EQ(both.options.profile.operation_cases, 20);
  SearchOptions alone = both.options;
  alone.operations.clear();
  std::vector<std::string> want;
  std::vector<std::string> got;
  for (const PlannedCase& planned : plan_cases(alone).cases)
    want.push_back(replay_line(planned.which));
  std::size_t operations = 0;
  std::size_t first = 0;
  const Plan plan = plan_cases(both.options);
  for (std::size_t i = 0; i < plan.cases.size(); ++i) {
    if (plan.cases[i].kernel != nullptr) {
      got.push_back(replay_line(plan.cases[i].which));
    } else {
      if (operations++ == 0) first = i;
    }
  }
  EXPECT_EQ(got, want);
  EXPECT_GE(operations, 20U);
  EXPECT_LT(first, 10U) << "spread, not appended";
}

TEST(ClaimedForms, AreWhatTheKernelTakes) {
  const Search search(1);
  EXPECT_EQ(claimed_forms(search.specs[0], Dtype::f16).size(), 6U);
  EXPECT_EQ(claimed_forms(search.specs[1], Dtype::f16),
            (std::vector<OperationForm>{OperationForm::gemm}));
}

TEST(OperationCases, TheReferenceSatisfiesBothProperties) {
  const Search search(120);
  for (const PlannedCase& planned : plan_cases(search.options).cases) {
    const CaseResult result =
        run_case(planned.which, reference_operation_subject(), *planned.property);
    ASSERT_EQ(name(result.verdict), name(Verdict::agree)) << replay_line(planned.which);
  }
}

TEST(OperationCases, OtherCasesAreRefused) {
  const Property& property = property_named("agrees_with_reference");
  const OperationSubject subject = reference_operation_subject();
  EXPECT_EQ(run_case(operation_case("attn(sq=1)"), subject, property).verdict, Verdict::refused);
  EXPECT_EQ(run_case(operation_case("layer(s=1)"), subject, property).verdict, Verdict::refused);
  EXPECT_EQ(run_case(operation_case("gemm()"), reference_subject(), property).verdict,
            Verdict::refused);
  const CaseResult silent =
      run_case(operation_case("gemm()"), subject, property_named("keys_permuted"));
  EXPECT_EQ(silent.verdict, Verdict::not_run);
  EXPECT_EQ(silent.reason, "keys_permuted says nothing about operations");
}

// Columns from the sixth on of every part are one too large.
void spoil_column(const Operation& operation, OperationOutputs& outputs) {
  for (HostTensor& c : outputs.c) {
    const auto [batch, heads, rows, columns] = c.layout.shape;
    if (columns < 6) continue;
    for (std::int64_t b = 0; b < batch; ++b)
      for (std::int64_t h = 0; h < heads; ++h)
        for (std::int64_t i = 0; i < rows; ++i)
          c.set_bits(b, h, i, 5, encode(dtype(operation), c.value(b, h, i, 5) + 1));
  }
}

TEST(OperationShrink, EndsAtTheSmallestThatFails) {
  const Property& property = property_named("agrees_with_reference");
  const OperationSubject subject = spoilt(spoil_column);
  const struct {
    const char* found;
    const char* shrunk;
  } faults[] = {
      {"gemm(b=2,h=2,m=33,n=63,k=17,ta=1,tb=1,lb=bshd(8),alpha=0.3,bias=1,split=3,seed=5)",
       "gemm(n=6,seed=0x5)"},
      {"mask_softmax(b=2,h=3,m=5,n=40,scale=0.125,mask=1,data=needle,seed=5)",
       "mask_softmax(n=6,seed=0x5)"},
      {"bias_split(m=7,n=60,split=3,data=integers,seed=5)", "bias_split(n=6,seed=0x5)"},
      {"elementwise(b=2,h=3,m=5,n=40,alpha=0.3,dtype=bf16,seed=5)",
       "elementwise(n=6,dtype=bf16,seed=0x5)"},
  };
  for (const auto& fault : faults) {
    const CaseResult found = run_case(operation_case(fault.found), subject, property);
    ASSERT_EQ(found.verdict, Verdict::disagree) << fault.found;
    const FailureRecord record =
        shrink(found,
               [&](const Case& which) { return run_case(which, subject, property); },
               {.budget = 2000});
    EXPECT_EQ(to_string(record.shrunk.which.problem), fault.shrunk);
  }
}

TEST(OperationShrink, StepsAreValidAndDifferent) {
  const Operation from = parse_operation("gemm(m=9,n=12,k=5,split=3,bias=1,data=integers)").value();
  const std::vector<Operation> steps = simpler_operations(from);
  EXPECT_GT(steps.size(), 10U);
  for (const Operation& step : steps) {
    EXPECT_TRUE(validate(step)) << to_string(step);
    EXPECT_NE(step, from);
    EXPECT_EQ(seed(step), seed(from));
  }
  EXPECT_TRUE(simpler_operations(Gemm{}).empty());
}

TEST(OperationCases, AnAnswerThatDependsOnOldMemoryIsCaught) {
  OperationSubject subject = reference_operation_subject();
  subject.run = [right = subject.run](const Operation& operation,
                                      const Operands& operands,
                                      const Conditions& conditions) -> Result<OperationAnswer> {
    ATTEST_TRY(OperationAnswer answer, right(operation, operands, conditions));
    if (conditions.dirt != 0xff) spoil_column(operation, answer.outputs);
    return answer;
  };
  const CaseResult result = run_case(operation_case("gemm(m=3,n=7)", "repeats_bitwise"),
                                     subject,
                                     property_named("repeats_bitwise"));
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tier, "exact");
}

// An executor that answers what the reference says, except where it writes into a gap.
class ScriptedExecutor final : public Executor {
 public:
  explicit ScriptedExecutor(bool writes_gap) : writes_gap_(writes_gap) {}
  Result<Execution> run(const Job& job) override {
    EXPECT_EQ(job.buffers.size(), std::size_t{kOperationBuffers});
    Execution out;
    out.buffers.resize(job.buffers.size());
    for (std::size_t at = 0; at < job.buffers.size(); ++at) {
      const BufferSpec& spec = job.buffers[at];
      EXPECT_EQ(spec.role, at < 4 ? BufferRole::input : BufferRole::output);
      if (spec.role == BufferRole::output) {
        out.buffers[at].assign(static_cast<std::size_t>(spec.size_bytes), std::byte{job.dirt});
      }
    }
    auto& c = out.buffers[static_cast<std::size_t>(OperationBuffer::c)];
    for (const std::size_t element : {0, 1, 3, 4})  // rows of 2 and a gap of 1
      store_bits(Dtype::f16, c.data(), static_cast<std::int64_t>(element), 0x3c00);
    if (writes_gap_) store_bits(Dtype::f16, c.data(), 2, 0x3c00);
    return out;
  }

 private:
  bool writes_gap_;
};

TEST(OperationSubject, BuffersAreInOrderAndGapsAreGuarded) {
  const OperationSpec spec = claim_operations("any", false);
  const Operation gemm = parse_operation("gemm(m=2,n=2,lc=bhsd(1))").value();
  ScriptedExecutor clean(false);
  const auto right = kernel_subject(spec, clean).run(gemm, draw_operands(gemm), {});
  ASSERT_TRUE(right);
  EXPECT_TRUE(right->findings.empty());
  EXPECT_EQ(right->outputs.c[0].value(0, 0, 1, 1), 1);
  ScriptedExecutor stray(true);
  const auto wrong = kernel_subject(spec, stray).run(gemm, draw_operands(gemm), {});
  ASSERT_TRUE(wrong);
  ASSERT_EQ(wrong->findings.size(), 1U);
  EXPECT_EQ(wrong->findings[0].kind, FindingKind::guard_band);
  EXPECT_EQ(wrong->findings[0].allocation, "c");
}

}  // namespace
}  // namespace attest
