// Answers of a GPU that differ from the interpreter's are caught; without a GPU nothing is judged.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/device_executor.h"
#include "harness/executor/executor.h"
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace attest {
namespace {

const Property& property() {
  return property_named("executors_agree");
}

/// The reference, with one bit of O turned on the GPU.
Subject with_a_bit_turned_on_the_gpu(std::uint32_t bit) {
  return spoilt_subject(
      [bit](const Problem&, const Inputs&, const Conditions& with, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        if (with.mode.device == Device::cuda) o.set_bits(0, 0, 1, 3, o.bits(0, 0, 1, 3) ^ bit);
      });
}

TEST(ExecutorsAgree, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 40, 5).empty());
}

TEST(ExecutorsAgree, RunsOnBothDevices) {
  std::multiset<Device> devices;
  const Subject subject =
      spoilt_subject([&](const Problem&, const Inputs&, const Conditions& with, Answer&) {
        devices.insert(with.mode.device);
      });
  EXPECT_EQ(run_case(case_of("attn(sq=2,seed=1)"), subject, property()).verdict, Verdict::agree);
  EXPECT_EQ(devices, (std::multiset<Device>{Device::ptx, Device::cuda}));
}

/// The last bit is far inside the bound, but where all scores are 0 nothing may differ.
TEST(ExecutorsAgree, OneBitIsCaughtWhereNothingIsApproximate) {
  const Subject subject = with_a_bit_turned_on_the_gpu(1);
  const CaseResult exact =
      run_case(case_of("attn(sq=3,skv=5,dtype=f32,scale=0,seed=1)"), subject, property());
  ASSERT_EQ(exact.verdict, Verdict::disagree);
  EXPECT_EQ(exact.divergence->index, (std::array<std::int64_t, 4>{0, 0, 1, 3}));
  EXPECT_NE(exact.divergence->bound_terms.find("differ by at most 1 ulp"), std::string::npos);
  const CaseResult bounded =
      run_case(case_of("attn(sq=3,skv=5,dtype=f32,seed=1)"), subject, property());
  EXPECT_EQ(bounded.verdict, Verdict::agree);
  EXPECT_EQ(bounded.reason, "the executors differ by at most 1 ulp");
}

TEST(ExecutorsAgree, AnAnswerOfTheGpuOutsideTheBoundIsCaught) {
  const CaseResult result = run_case(
      case_of("attn(sq=3,skv=5,seed=1)"), with_a_bit_turned_on_the_gpu(0x8000), property());
  EXPECT_EQ(result.verdict, Verdict::disagree);
}

/// An executor that is never asked.
class Unasked final : public Executor {
 public:
  Result<Execution> run(const Job&) override {
    ADD_FAILURE() << "asked";
    return Execution{};
  }
};

TEST(DeviceExecutor, WithoutAGpuSaysSoAndAsksNobody) {
  const auto executor = make_device_executor(std::make_unique<Unasked>(), nullptr);
  Job job;
  job.mode.device = Device::cuda;
  const auto result = executor->run(job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().to_string(), kNoSecondExecutor);
}

struct Search {
  std::vector<KernelSpec> kernels = {claim_all("one", {Dtype::f16}),
                                     claim_all("two", {Dtype::f32, Dtype::bf16})};
  SearchOptions options;

  explicit Search(std::vector<const Property*> properties) {
    for (const KernelSpec& kernel : kernels)
      options.kernels.push_back(&kernel);
    options.properties = std::move(properties);
    options.profile = find_profile("quick").value();
    options.profile.cases = 160;
  }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
};

std::vector<const Property*> every_property() {
  std::vector<const Property*> out;
  for (const Property& each : all_properties())
    out.push_back(&each);
  return out;
}

/// Else it would agree without a GPU, since nobody is asked.
TEST(ExecutorsAgree, SaysNothingWhereThereIsNoLaunch) {
  for (const char* text : {"attn(sq=0,skv=4)", "attn(b=0,sq=4)"})
    EXPECT_FALSE(property().applies(parse_problem(text).value())) << text;
  EXPECT_TRUE(property().applies(parse_problem("attn(sq=4,skv=0)").value()));
}

TEST(DevicePlan, WithoutAGpuComparesOneCaseOfEachKernel) {
  const Search search(every_property());
  std::map<std::string, int> compared;
  for (const PlannedCase& planned : plan_cases(search.options).cases) {
    EXPECT_EQ(planned.which.mode.device, Device::ptx);
    if (planned.property->compares_devices) ++compared[planned.which.kernel];
  }
  EXPECT_EQ(compared, (std::map<std::string, int>{{"one", 1}, {"two", 1}}));
}

TEST(DevicePlan, AGpuChangesNoCaseOfTheInterpreter) {
  Search search(every_property());
  const auto lines = [&search](Device device) {
    std::vector<std::string> out;
    for (const PlannedCase& planned : plan_cases(search.options).cases) {
      const bool is_counted =
          planned.which.mode.device == device && !planned.property->compares_devices;
      if (is_counted) out.push_back(replay_line(planned.which));
    }
    return out;
  };
  const auto alone = lines(Device::ptx);
  search.options.devices = {Device::ptx, Device::cuda};
  EXPECT_EQ(lines(Device::ptx), alone);
  const auto on_gpu = lines(Device::cuda);
  EXPECT_GT(on_gpu.size(), alone.size() / 2);
  for (const std::string& line : on_gpu)
    EXPECT_TRUE(line.ends_with("--device cuda")) << line;
}

TEST(DevicePlan, WithAGpuComparesOneCaseInEight) {
  Search search(every_property());
  search.options.devices = {Device::ptx, Device::cuda};
  search.options.gpu_arch = "sm_90";
  int compared = 0;
  int zero_scores = 0;
  for (const PlannedCase& planned : plan_cases(search.options).cases) {
    if (!planned.property->compares_devices) continue;
    ++compared;
    zero_scores += planned.which.attention().scale == 0.0 ? 1 : 0;
    EXPECT_EQ(planned.which.mode.arch, "sm_90");
    EXPECT_EQ(planned.which.mode.approx, Approx::cr);
  }
  EXPECT_GE(compared, 18);
  EXPECT_LE(compared, 20);
  EXPECT_GE(zero_scores, 1);
}

TEST(DevicePlan, OnTheGpuAloneHasNoCaseOfTheInterpreter) {
  Search search({&property_named("agrees_with_reference")});
  search.options.devices = {Device::cuda};
  const Plan plan = plan_cases(search.options);
  EXPECT_GT(plan.cases.size(), 100U);
  for (const PlannedCase& planned : plan.cases)
    EXPECT_EQ(planned.which.mode.device, Device::cuda);
}

}  // namespace
}  // namespace attest
