// attest-cudnn with cuDNN: conventions, refusals, deaths.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"
#include "reference/attention.h"
#include "reference/oracle/cudnn/client.h"
#include "reference/oracle/cudnn/gpu.h"
#include "reference/oracle/cudnn/support.h"
#include "reference/oracle/cudnn/survey.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace attest {
namespace {

CudnnClient& client() {
  static CudnnClient the_client(
      {ATTEST_CUDNN_PROGRAM, cudnn_plan_folder(ATTEST_CUDNN_PROGRAM), false});
  return the_client;
}

CudnnAnswer ask(CudnnAsk what, const std::string& subject, int sm = 90) {
  auto answer = client().ask({what, subject, sm});
  EXPECT_TRUE(answer.has_value()) << answer.error().to_string();
  return answer ? *answer : CudnnAnswer{};
}

/// The plan's graph of `asked` against the reference of `meant`.
std::string verdict(const std::string& asked, const std::string& meant, int sm = 90) {
  const CudnnAnswer answer = ask(CudnnAsk::plan, asked, sm);
  if (answer.tier != CudnnTier::planned) return answer.reason;
  if (!answer.skipped.empty()) return "not evaluated: " + answer.skipped;
  const Problem problem = parse_problem(meant).value();
  const auto difference =
      compare(problem, answer.opinion, reference_attention(problem, draw_inputs(problem)));
  return difference ? "differs" : "agrees";
}

TEST(AttestCudnn, names_its_versions) {
  const CudnnAnswer answer = ask(CudnnAsk::versions, "");
  EXPECT_TRUE(answer.cudnn.starts_with("9.")) << answer.cudnn;
  EXPECT_TRUE(answer.frontend.starts_with("1.23.")) << answer.frontend;
}

TEST(AttestCudnn, a_plan_has_its_engine_kernels_and_graph) {
  const CudnnAnswer answer =
      ask(CudnnAsk::plan, "attn(b=2,hq=4,hkv=2,sq=96,skv=128,dtype=bf16,mask=causal-tl)");
  EXPECT_EQ(answer.tier, CudnnTier::planned) << answer.reason;
  EXPECT_TRUE(answer.engine.starts_with("eng")) << answer.engine;
  ASSERT_EQ(answer.kernels.size(), 1U);
  EXPECT_NE(answer.kernels[0].find("sdpa_sm90_flash_fprop"), std::string::npos);
  EXPECT_EQ(answer.nodes, 14);
}

TEST(AttestCudnn, its_graph_is_the_contract) {
  constexpr const char* kShape = "attn(b=2,hq=4,hkv=2,sq=96,skv=128,dtype=bf16,";
  for (const char* mask : {"mask=causal-tl)",
                           "mask=causal-br)",
                           "mask=window(20,-1,br)&causal-br)",
                           "mask=window(7,3,tl))",
                           "mask=causal-br&padding(100,31))",
                           "mask=padding(100,0))",
                           "mask=bool)",
                           "mask=causal-br,sink=1)",
                           "mask=causal-tl,softcap=1.5)",
                           "mask=padding(100,31),softcap=1.5)",
                           "mask=bool&bias)"}) {
    const std::string line = kShape + std::string(mask);
    EXPECT_EQ(verdict(line, line), "agrees") << line;
  }
}

TEST(AttestCudnn, other_conventions_disagree) {
  const std::string shape = "attn(b=2,hq=4,hkv=2,sq=96,skv=128,dtype=bf16,";
  const struct {
    const char* what;
    const char* asked;
    const char* meant;
  } controls[] = {
      {"window off by one", "mask=causal-br&window(20,-1,br))", "mask=causal-br&window(19,-1,br))"},
      {"right end off by one", "mask=window(7,3,tl))", "mask=window(7,4,tl))"},
      {"alignment", "mask=causal-br)", "mask=causal-tl)"},
      {"alignment of a batch",
       "mask=causal-br&padding(100,31))",
       "mask=causal-tl&padding(100,31))"},
      {"length", "mask=padding(100,31))", "mask=padding(100,32))"},
      {"mask ignored", "mask=bool)", "mask=none)"},
      {"sink ignored", "mask=causal-br,sink=1)", "mask=causal-br)"},
      {"softcap of another size", "mask=causal-tl,softcap=1.5)", "mask=causal-tl,softcap=1.6)"},
      {"bias ignored", "mask=bool&bias)", "mask=bool)"},
      {"shared heads", "mask=causal-tl,seed=1)", "mask=causal-tl,seed=2)"}};
  for (const auto& control : controls)
    EXPECT_EQ(verdict(shape + control.asked, shape + control.meant), "differs") << control.what;
}

// ALiBi's sign, and what a graph with ALiBi is compared on.
TEST(AttestCudnn, the_sign_of_alibi_is_told_apart) {
  for (const char* line : {"attn(b=2,hq=8,hkv=2,sq=96,mask=causal-tl&alibi)",
                           "attn(hq=12,hkv=4,sq=80,dtype=bf16,mask=causal-br&alibi,sink=1)"}) {
    EXPECT_EQ(verdict(line, line), "agrees") << line;
    const CudnnAnswer answer = ask(CudnnAsk::plan, line);
    const std::vector<Mistake> wrong = mistakes(parse_problem(line).value());
    EXPECT_EQ(wrong.front().name, "ALiBi has the other sign");
    EXPECT_EQ(mistaken_for(answer.opinion, wrong), std::nullopt) << line;
  }
}

TEST(AttestCudnn, a_plan_of_one_node_without_room_for_its_composite_form_takes_that_of_bf16) {
  for (const char* line : {"attn(sq=64,d=328,dtype=f32)", "attn(sq=64,d=1024,dtype=f32)"}) {
    const CudnnAnswer answer = ask(CudnnAsk::plan, line, 89);
    EXPECT_EQ(answer.tier, CudnnTier::planned) << answer.reason;
    EXPECT_EQ(answer.composite, "bf16") << line;
    EXPECT_EQ(verdict(line, line, 89), "agrees") << line;
  }
  EXPECT_EQ(ask(CudnnAsk::plan, "attn(sq=64,dtype=f32)", 89).composite, "f32");
}

TEST(AttestCudnn, conventions_are_surveyed_before_cases_and_tell_mistakes_apart) {
  SurveyOptions options;
  options.program = ATTEST_CUDNN_PROGRAM;
  options.cache = cudnn_plan_folder(ATTEST_CUDNN_PROGRAM);
  options.plans = 3;
  options.conventions = {cudnn_conventions()[0], cudnn_conventions()[1]};
  const auto found = survey({parse_problem("attn(sq=40,mask=causal-tl)").value()}, options);
  ASSERT_TRUE(found.has_value()) << found.error().to_string();
  ASSERT_EQ(found->keys.size(), 3U);
  EXPECT_EQ(found->keys[0].key, "sm_80 bf16 causal-tl&sink d=64 gqa bshd");
  EXPECT_EQ(found->keys[1].key, "sm_89 f16 causal-tl&alibi d=128 mha bshd");
  const std::vector<std::string> told = {"the other alignment", "the sink is ignored"};
  EXPECT_EQ(found->keys[0].told_apart, told);
  EXPECT_EQ(found->keys[1].told_apart, std::vector<std::string>{"ALiBi has the other sign"});
  EXPECT_TRUE(found->keys[2].told_apart.empty());
  for (const SurveyedKey& key : found->keys) {
    EXPECT_EQ(key.answer.tier, CudnnTier::planned) << key.answer.reason;
    EXPECT_EQ(key.difference, std::nullopt) << *key.difference;
  }
}

TEST(AttestCudnn, a_plan_of_one_node_is_is_checked_by_its_composite_form) {
  const CudnnAnswer one = ask(CudnnAsk::plan, "attn(sq=64)");
  EXPECT_EQ(one.tier, CudnnTier::planned);
  EXPECT_EQ(one.composite, "f16");
  EXPECT_GT(one.nodes, 1);
  EXPECT_TRUE(one.engine.starts_with("eng9")) << one.engine;  // of the plan itself
  EXPECT_EQ(ask(CudnnAsk::plan, "attn(sq=64,mask=causal-tl)").composite, "");
}

TEST(AttestCudnn, refusals_have_cudnns_reason) {
  const CudnnAnswer answer = ask(CudnnAsk::admit, "attn(sq=4,d=12)");
  EXPECT_EQ(answer.tier, CudnnTier::refused);
  EXPECT_EQ(answer.reason, "hidden_dim should be multiple of 8 (validate)");
  EXPECT_EQ(ask(CudnnAsk::admit, "attn(hq=2,sq=64,mask=alibi)").reason,
            "When alibi mask is used, diagonal_band_right_bound needs to be set to 0. (validate)");
  EXPECT_EQ(ask(CudnnAsk::admit, "attn(hq=2,sq=64,mask=causal-tl&alibi,softcap=2)").reason,
            "Attention score mod enabled and hence other subgraphs are disabled. (validate)");
  EXPECT_NE(
      ask(CudnnAsk::admit, "attn(sq=65,skv=33,mask=causal-br)").reason.find("max_s_q > max_s_kv"),
      std::string::npos);
}

TEST(AttestCudnn, nothing_is_executed_without_a_gpu) {
  CudnnClient gpu({ATTEST_CUDNN_PROGRAM, "", true});
  const auto answer = gpu.ask({CudnnAsk::execute, "attn(sq=64,mask=causal-tl)", 0});
  ASSERT_TRUE(answer.has_value()) << answer.error().to_string();
  if (answer->tier == CudnnTier::executed) {
    EXPECT_EQ(answer->opinion.o.size(), 64U * 64U);
  } else {
    EXPECT_EQ(answer->tier, CudnnTier::refused);
    EXPECT_TRUE(answer->reason.starts_with("cudaGetDeviceCount(&devices): ")) << answer->reason;
  }
}

TEST(AttestCudnn, nothing_is_timed_without_a_gpu) {
  CudnnClient gpu({ATTEST_CUDNN_PROGRAM, "", true});
  const auto answer = gpu.ask({CudnnAsk::time, "attn(sq=64,mask=causal-tl)", 0});
  ASSERT_TRUE(answer.has_value()) << answer.error().to_string();
  if (answer->tier == CudnnTier::executed) {
    EXPECT_GT(answer->microseconds, 0);
  } else {
    EXPECT_EQ(answer->tier, CudnnTier::refused);
    EXPECT_TRUE(answer->reason.starts_with("cudaGetDeviceCount(&devices): ")) << answer->reason;
    EXPECT_EQ(answer->microseconds, 0);
  }
}

// cuDNN 9.19 reads a null pointer when it loads a plan without a handle and device properties.
TEST(AttestCudnn, a_cudnn_that_crashes_ends_its_process_alone) {
  const CudnnAnswer died = ask(CudnnAsk::crash, "");
  EXPECT_EQ(died.tier, CudnnTier::died);
  EXPECT_NE(died.reason.find("SIGSEGV"), std::string::npos) << died.reason;
  EXPECT_EQ(ask(CudnnAsk::admit, "attn(sq=64,mask=causal-tl)").tier, CudnnTier::admitted);
}

TEST(AttestCudnn, a_survey_is_the_same_for_any_number_of_processes) {
  std::vector<Problem> problems;
  for (const char* line : {"attn(sq=40,mask=causal-tl)",
                           "attn(sq=40,d=12)",
                           "attn(sq=40,skv=48,mask=causal-br)",
                           "attn(sq=40,fill=-1000,dtype=bf16)",
                           "attn(sq=40,dtype=f32,mask=window(3,-1,tl))"})
    problems.push_back(parse_problem(line).value());
  const auto text = [&](int jobs) {
    SurveyOptions options;
    options.program = ATTEST_CUDNN_PROGRAM;
    options.cache = cudnn_plan_folder(ATTEST_CUDNN_PROGRAM);
    options.jobs = jobs;
    options.plans = 2;
    const auto found = survey(problems, options);
    EXPECT_TRUE(found.has_value()) << found.error().to_string();
    std::string lines;
    if (!found) return lines;
    for (const SurveyedKey& key : found->keys) {
      lines += key.key + " " + std::string(name(key.answer.tier)) + " " +
               key.difference.value_or("-") + " " + key.answer.reason + "\n";
    }
    return lines;
  };
  const std::string one = text(1);
  EXPECT_EQ(one, text(3));
  EXPECT_EQ(one,
            "sm_80 f16 causal-tl d=64 mha bshd planned - \n"
            "sm_89 f16 none d=12 mha bshd refused - hidden_dim should be multiple of 8 (validate)\n"
            "sm_90 f16 causal-br d=64 mha bshd planned - \n"
            "sm_100 bf16 none d=64 mha bshd refused - a finite fill keeps hidden keys in the sum; "
            "cuDNN leaves them out\n"
            "sm_120 f32 window-tl-left d=64 mha bshd admitted - \n");
}

TEST(AttestCudnn, plans_what_no_case_asks_for) {
  const struct {
    const char* row;
    const char* kernel;
  } rows[] = {{"backward causal-tl", "sdpa_sm90_flash_bprop"},
              {"backward gqa 8/2", "sdpa_sm90_flash_bprop"},
              {"e4m3", "sdpa_sm90_flash_fprop_wgmma_f8"}};
  for (const auto& row : rows) {
    const CudnnAnswer answer = ask(CudnnAsk::build, row.row);
    EXPECT_EQ(answer.tier, CudnnTier::planned) << row.row << ": " << answer.reason;
    ASSERT_FALSE(answer.kernels.empty()) << row.row;
    EXPECT_NE(answer.kernels[0].find(row.kernel), std::string::npos) << answer.kernels[0];
    EXPECT_TRUE(answer.opinion.o.empty());
  }
  const CudnnAnswer refused = ask(CudnnAsk::build, "backward d=256", 100);
  EXPECT_EQ(refused.tier, CudnnTier::refused);
  EXPECT_NE(refused.reason.find("hidden_dim"), std::string::npos) << refused.reason;
}

TEST(AttestCudnn, admits_what_the_expected_table_says) {
  const CudnnAnswer versions = ask(CudnnAsk::versions, "");
  std::vector<std::vector<CudnnAnswer>> answers;
  for (const SupportRow* row : support_rows()) {
    auto& line = answers.emplace_back();
    for (const DescribedGpu& gpu : described_gpus())
      line.push_back(ask(CudnnAsk::support, row->name, gpu.sm));
  }
  std::ifstream file(ATTEST_SUPPORT_TABLE);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  const std::string found =
      support_table(versions.cudnn, versions.frontend, support_rows(), answers);
  if (expected.find("cuDNN " + versions.cudnn + " ") != 0)
    GTEST_SKIP() << "another cuDNN: " << found;
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace attest
