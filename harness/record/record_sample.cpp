// The run behind schema/golden-run-1.json.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record_sample.h"

#include <limits>
#include <string>

namespace attest {
namespace {

Case make_case(const char* problem, const char* kernel, const char* property) {
  Case which;
  which.problem = parse_problem(problem).value();
  which.kernel = kernel;
  which.property = property;
  return which;
}

LaunchCounts make_counts() {
  LaunchCounts counts;
  counts.warp_instructions = 8421;
  counts.classes[InsnClass::integer] = 3061;
  counts.classes[InsnClass::floating] = 4000;
  counts.classes[InsnClass::mma] = 96;
  counts.classes[InsnClass::load_shared] = 1200;
  counts.classes[InsnClass::barrier] = 64;
  counts.flops = 521216;
  counts.mma_flops = 393216;
  return counts;
}

TrafficCounts make_traffic() {
  TrafficCounts traffic;
  traffic.global_bytes_requested = 20480;
  traffic.shared_bytes_requested = 65536;
  traffic.local_bytes_requested = 12;
  traffic.global_bytes_touched = 10240;
  traffic.global_accesses = 50;
  traffic.global_sectors = 640;
  traffic.shared_accesses = 1300;
  traffic.shared_wavefronts = 2900;
  traffic.shared_wavefronts_ideal = 2800;
  traffic.ldmatrix = {1200, 2500, 2400};
  traffic.cp_async = {40, 160, 160};
  traffic.buffers = {{"q", 12288, 0, 0, 6144}, {"o", 0, 8128, 64, 4096}};
  return traffic;
}

CaseResult make_result(const Case& which, Verdict verdict, double ratio_o, double ratio_lse) {
  CaseResult result;
  result.which = which;
  result.verdict = verdict;
  result.ratio_o = ratio_o;
  result.ratio_lse = ratio_lse;
  if (ratio_o > 0) result.worst_o = {0, 0, 40, 9};
  result.launches = {{which.kernel, {2, 1, 1}, {128, 1, 1}, make_counts()}};
  return result;
}

ErrorSums make_errors(std::int64_t elements, double error) {
  const auto count = static_cast<double>(elements);
  ErrorSums errors;
  errors.elements = elements;
  errors.ratio_squares = count / 256;
  errors.ratio_signed = -count / 512;
  errors.bound_squares = count * error * error;
  errors.value_squares = count / 64;
  errors.value_max = 0.75;
  errors.error_max = error;
  errors.unfused_max = error / 2.5;
  return errors;
}

CaseResult make_refused(const Case& which, const char* reason) {
  CaseResult result;
  result.which = which;
  result.verdict = Verdict::refused;
  result.reason = reason;
  return result;
}

DivergenceRecord causal_divergence() {
  DivergenceRecord d;
  d.tier = "bound";
  d.tensor = "o";
  d.index = {0, 0, 192, 17};
  d.got = -0.1324462890625;
  d.want = 0.28710123;
  d.bound = 9.8e-4;
  d.got_bits = 0xb03d;
  d.want_bits = 0x3498;
  d.wrong = 64;
  d.total = 12352;
  d.pattern = "row 192 of every head, every column";
  d.bound_terms = "2.0e-4 (round O) + 7.8e-4 (scores)";
  return d;
}

Finding race() {
  Finding finding;
  finding.kind = FindingKind::shared_race;
  finding.kernel = "attention_f32";
  finding.party = {{1, 0, 0}, {32, 0, 0}, {"zoo/no_barrier.cu", 88, 412}, Access::write};
  finding.other = Party{{1, 0, 0}, {3, 0, 0}, {"zoo/no_barrier.cu", 97, 530}, Access::read};
  finding.space = Space::shared;
  finding.address = 0x240;
  finding.size_bytes = 4;
  finding.allocation = "k_tile";
  return finding;
}

void add_agreeing(RunRecord& run) {
  const Case f32 = make_case(
      "attn(sq=65,skv=127,dtype=f32,mask=causal-br)", "attention_f32", "agrees_with_reference");
  const Case f16 = make_case("attn(b=2,hq=8,hkv=2,sq=65,skv=127,data=ramp-up,seed=0x9e37)",
                             "attention_mma",
                             "agrees_with_reference");
  Case bf16 = make_case("attn(sq=64,dtype=bf16,mask=padding(48),data=poison,seed=0x2a)",
                        "attention_mma",
                        "masked_keys_are_inert");
  bf16.mode = {.arch = "sm_90",
               .schedule = 7,
               .mma = MmaBits::fast,
               .approx = Approx::random,
               .contract = Contract::on};
  run.cases.push_back(make_result(f32, Verdict::agree, 0.0625, 0.03125));
  run.cases.back().ratio_likely = 1.25;
  run.cases.back().reason =
      "further off than is likely, error / likely bound 1.25; so are 0 of 3 other draws";
  run.cases.back().errors = make_errors(8320, 6e-7);
  run.cases.back().ulps = {{3000, 900, 250, 10}, {2800, 1000, 300, 50, 10}};
  CaseResult with_traffic = make_result(f16, Verdict::agree, 0.31, 0.1);
  with_traffic.ulps = {{60000, 6000, 500, 60}, {50000, 12000, 4000, 500, 60}};
  with_traffic.launches.front().counts.has_traffic = true;
  with_traffic.launches.front().counts.traffic = make_traffic();
  with_traffic.ratio_likely = 0.5;
  with_traffic.errors = make_errors(66560, 3.5e-4);
  run.cases.push_back(with_traffic);
  run.cases.push_back(make_result(bf16, Verdict::agree, 1.0 / 3.0, 1e-300));
}

void add_refused(RunRecord& run) {
  const Case q = make_case("attn(sq=64,skew(q=2))", "attention_mma", "agrees_with_reference");
  const Case k = make_case("attn(sq=64,skew(k=2))", "attention_mma", "agrees_with_reference");
  run.cases.push_back(make_refused(q, "rows of q are not 16-byte aligned"));
  run.cases.push_back(make_refused(k, "rows of k are not 16-byte aligned"));
}

/// A case beyond the bound, which shrinks to one with a NaN.
void add_disagreeing(RunRecord& run) {
  const Case found = make_case("attn(b=3,hq=8,sq=449,d=128,mask=causal-tl,seed=0x11)",
                               "zoo/causal_diagonal",
                               "agrees_with_reference");
  const Case small = make_case(
      "attn(sq=193,mask=causal-tl,seed=0x11)", "zoo/causal_diagonal", "agrees_with_reference");
  CaseResult wrong = make_result(found, Verdict::disagree, 428.5, 0.25);
  wrong.ulps = {{1370000, 2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7296},
                {1000000, 300000, 70000, 9000, 296}};
  wrong.divergence = causal_divergence();
  run.cases.push_back(wrong);
  CaseResult shrunk =
      make_result(small, Verdict::disagree, std::numeric_limits<double>::infinity(), 0.5);
  shrunk.divergence = causal_divergence();
  shrunk.divergence->got = std::numeric_limits<double>::quiet_NaN();
  shrunk.divergence->got_bits = 0x7fff;
  shrunk.divergence->tier = "classes";
  run.failures.push_back({found, shrunk, 57, 12});
  run.failures.back().diagnosis = {"mask",
                                   "with q = 0, O and LSE show other keys than the mask keeps",
                                   "causal-br: the diagonal ends at the last key"};
}

/// A race, found as small as it gets.
void add_faulty(RunRecord& run) {
  const Case which = make_case("attn(sq=1,skv=65,d=32,dtype=f32,data=constant-v)",
                               "zoo/no_barrier",
                               "agrees_with_reference");
  CaseResult racy = make_result(which, Verdict::fault, 0, 0);
  racy.findings = {race()};
  run.cases.push_back(racy);
  run.failures.push_back({which, racy, 0, 1});
}

void add_interrupted(RunRecord& run) {
  CaseResult cut_off;
  cut_off.which = make_case("attn(sq=128)", "zoo/no_barrier", "repeats_bitwise");
  cut_off.reason = kInterrupted;
  run.cases.push_back(cut_off);
}

StageRecord make_stage(std::string kind, std::vector<std::string> fuses, double ratio) {
  StageRecord stage;
  stage.kind = std::move(kind);
  stage.fuses = std::move(fuses);
  stage.problem = "gemm(m=128,n=512,k=512,tb=1)";
  stage.launch = {"gemm_mma_f16_nt", {2, 8, 1}, {128, 1, 1}, make_counts()};
  stage.launch.counts.has_traffic = true;
  stage.launch.counts.traffic = make_traffic();
  stage.verdict = Verdict::agree;
  stage.ratio = ratio;
  return stage;
}

}  // namespace

RunRecord sample_layer_run() {
  RunRecord run;
  run.profile = "count";
  run.env = sample_run().env;
  run.env.shard = {};
  run.env.missing.clear();
  run.env.retried.clear();
  LayerRecord layer;
  layer.layer = parse_layer("layer(s=128,mask=causal-tl,seed=0x2a)").value();
  layer.mode.arch = "sm_90";
  layer.bytes_least = 2'378'752;
  layer.pipelines.resize(3);
  PipelineRecord& faulty = layer.pipelines[0];
  faulty.name = "eager";
  faulty.sentence = "one launch for each operation";
  faulty.claimed = 10;
  faulty.launches = 1;
  faulty.verdict = Verdict::fault;
  faulty.findings = {race()};
  faulty.stages = {make_stage("elementwise", {"mask == 0"}, 0)};
  PipelineRecord& good = layer.pipelines[1];
  good.name = "flash";
  good.sentence = "attention in one launch";
  good.claimed = good.launches = 2;
  good.verdict = Verdict::agree;
  good.ratio = 0.25;
  good.stages = {make_stage("gemm", {"x W_qkv^T", "+ b_qkv", "3 slices"}, 0.5),
                 make_stage("attention", {"q k^T", "softmax", "P v"}, 0.0625)};
  PipelineRecord& bad = layer.pipelines[2];
  bad.name = "single";
  bad.sentence = "one launch";
  bad.claimed = bad.launches = 1;
  bad.verdict = Verdict::disagree;
  bad.reason = "launch 1: wrong by itself";
  bad.stages = {make_stage("layer", {"x W_qkv^T", "softmax"}, 428.5)};
  bad.stages[0].verdict = Verdict::disagree;
  bad.stages[0].divergence = causal_divergence();
  layer.graph = GraphRecord{14, {{"Add", 2}, {"MatMul", 4}}, Verdict::agree, "", 0.125};
  run.layers = {layer};
  return run;
}

OracleRecord sample_oracle() {
  OracleRecord oracle;
  oracle.name = "cudnn";
  oracle.state = "built";
  oracle.version = "9.19.0";
  oracle.frontend = "1.23.0";
  oracle.keys = {{"sm_80 f32 causal-br d=64 mha bshd",
                  "attn(sq=65,skv=127,dtype=f32,mask=causal-br)",
                  "planned",
                  "eng1_k24=3",
                  {"sdpa_sm80_flash_fprop_kernel0_0"},
                  0,
                  kOpinionAgrees,
                  ""},
                 {"sm_89 f16 none d=64 gqa bshd",
                  "attn(b=2,hq=8,hkv=2,sq=65,skv=127,data=ramp-up,seed=0x9e37)",
                  "planned",
                  "eng9_k24=7",
                  {"sdpa_sm80_flash_fprop_kernel0_0"},
                  256,
                  "not evaluated: SDPA_FWD",
                  ""},
                 {"sm_90 bf16 padding d=64 mha bshd",
                  "attn(sq=64,dtype=bf16,mask=padding(48),data=poison,seed=0x2a)",
                  "planned",
                  "eng2_k24=7",
                  {"sdpa_sm90_flash_fprop_kernel0_0", "kernel1_0"},
                  4096,
                  kOpinionDisagrees,
                  "o at batch 0 head 0 row 3: the graph says 1.5, the reference 0.5"}};
  oracle.admitted = 88;
  oracle.refusals = {{"hidden_dim should be multiple of 8 (validate)", 29},
                     {"a finite fill keeps hidden keys in the sum", 1}};
  oracle.deaths = {{"attest-cudnn died of SIGSEGV", 1}};
  return oracle;
}

RunRecord sample_run() {
  RunRecord run;
  run.profile = "quick";
  run.plan = "00112233445566778899aabbccddeeff";
  run.seed = 0x9e3779b97f4a7c15;
  run.discarded = 7;
  run.duplicates = 2;
  run.planned = 10;
  run.interrupted = true;
  run.env = {.host = "host",
             .version = "0.1.0",
             .compiler = "g++ 12.2.0",
             .nvcc = "13.0.88",
             .command = "attest check --seed 0x9e3779b97f4a7c15",
             .started = "2026-01-02T03:04:05Z",
             .wall_seconds = 1.5,
             .jobs = 2,
             .shard = {2, 3},
             .missing = {"1/3"},
             .retried = {"8abb0106"},
             .ptxas = {{.entry = "attention_mma_f16_d128",
                        .arch = "sm_80",
                        .registers = 255,
                        .spill_store_bytes = 28,
                        .spill_load_bytes = 32,
                        .stack_bytes = 32,
                        .static_shared_bytes = 1024}}};
  add_agreeing(run);
  add_refused(run);
  add_disagreeing(run);
  add_faulty(run);
  add_interrupted(run);
  run.oracles = {sample_oracle()};
  run.pairs = {{"attention_f32", Dtype::f32, 1210, 1210, {}},
               {"attention_mma",
                Dtype::f16,
                1304,
                1302,
                {"mask=bool with heads=grouped", "d=128 with data=poison"}}};
  return run;
}

RunRecord sample_hostile_run() {
  RunRecord run = sample_run();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  run.profile = kHostileText;
  run.env.command = run.env.host = run.env.version = kHostileText;
  run.env.retried = {kHostileText};
  run.env.wall_seconds = kInf;
  std::string name = kHostileText;
  name.erase(name.find('\xff'), 1);  // names are UTF-8: an id is of what is read back
  run.cases[0].which.kernel = name;
  run.cases[0].ratio_o = kNan;
  run.cases[1].ratio_lse = kInf;
  run.cases[1].launches[0].kernel = kHostileText;
  run.cases[3].reason = kHostileText;
  DivergenceRecord& divergence = *run.failures[0].shrunk.divergence;
  divergence.pattern = divergence.bound_terms = kHostileText;
  divergence.got = -kInf;
  divergence.want = kNan;
  divergence.bound = kInf;
  run.failures[1].shrunk.which.kernel = name;
  Finding& finding = run.failures[1].shrunk.findings[0];
  finding.message = finding.allocation = finding.kernel = kHostileText;
  finding.party.site.file = kHostileText;
  run.oracles[0].keys[0].detail = run.oracles[0].refusals[0].reason = kHostileText;
  run.pairs[1].empty = {kHostileText};
  return run;
}

}  // namespace attest
