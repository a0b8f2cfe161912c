// Kernels, operations and pipelines of faults, behind one way to draw and judge cases.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/patient.h"

#include "harness/base/check.h"
#include "properties/layer_run.h"

#include <algorithm>
#include <array>
#include <utility>

namespace attest {
namespace {

constexpr std::string_view kAgreement = "agrees_with_reference";

template <class Spec>
const Spec* find(const std::vector<Spec>& specs, const std::string& name) {
  const auto at = std::find_if(
      specs.begin(), specs.end(), [&name](const Spec& spec) { return spec.name == name; });
  return at == specs.end() ? nullptr : &*at;
}

/// The PTX of an entry without what a patch moves or renames.
std::string instructions(const Launch& launch) {
  const std::string_view ptx = launch.image.ptx;
  const std::size_t start = ptx.find(".entry " + launch.entry + "(");
  if (start == std::string_view::npos) return "";
  const std::size_t end = std::min(ptx.find(".visible .entry", start), ptx.find("\t.file", start));
  std::string text;
  std::string line;
  for (const char c : ptx.substr(start, end - start)) {
    line += c;
    if (c != '\n') continue;
    if (line.find(".loc") == std::string::npos) text += line;
    line.clear();
  }
  return text;
}

std::vector<Launch> launches(const Patient& patient, const AnyProblem& problem) {
  std::vector<Launch> out;
  if (patient.attention != nullptr) {
    const auto& of_attention = std::get<Problem>(problem);
    if (patient.attention->refusal(of_attention)) return out;
    return patient.attention->plan(patient.attention->image, of_attention);
  }
  if (patient.operation != nullptr) {
    const Operation operation = as_operation(problem).value();
    if (patient.operation->refusal(operation)) return out;
    return {patient.operation->plan(patient.operation->image, operation)};
  }
  const auto plan = patient.pipeline->plan(std::get<LayerProblem>(problem));
  if (!plan) return out;
  for (const Stage& stage : plan->stages)
    out.push_back(stage.launch);
  return out;
}

/// The example, and layers of other sizes round it.
std::vector<Case> layers_round(const ZooFault& fault, const std::string& pipeline) {
  const LayerProblem example = std::get<LayerProblem>(parse_any(fault.example).value());
  constexpr std::array<std::int64_t, 4> kSeqs = {40, 65, 128, 1};
  std::vector<Case> out;
  for (const std::int64_t seq : kSeqs) {
    for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
      for (const std::int64_t batch : {2, 1}) {
        Case which;
        LayerProblem layer = example;
        layer.batch = batch;
        layer.seq = seq;
        layer.dtype = dtype;
        layer.seed = out.size();
        which.problem = layer;
        which.kernel = pipeline;
        which.property = kAgreement;
        out.push_back(std::move(which));
      }
    }
  }
  return out;
}

CaseResult judge_layer(const Pipeline& pipeline, const Case& which, Executor& executor) {
  CaseResult result;
  result.which = which;
  const LayerCase layer = draw_layer_case(std::get<LayerProblem>(which.problem), which.mode);
  PipelineRecord record = run_pipeline(pipeline, layer, executor);
  result.verdict = record.verdict;
  result.reason = std::move(record.reason);
  result.ratio_o = record.ratio;
  result.divergence = std::move(record.divergence);
  result.findings = std::move(record.findings);
  return result;
}

}  // namespace

const std::string& Patient::name() const {
  if (attention != nullptr) return attention->name;
  return operation != nullptr ? operation->name : pipeline->name;
}

Patient faulty_patient(const ZooFault& fault) {
  static const std::vector<KernelSpec> kernels = zoo_kernels();
  static const std::vector<OperationSpec> operations = zoo_operations();
  static const std::vector<Pipeline> pipelines = zoo_pipelines();
  const std::string name(fault.image.name);
  Patient patient{find(kernels, name), find(operations, name), find(pipelines, name)};
  ATTEST_CHECK(patient.attention != nullptr || patient.operation != nullptr ||
               patient.pipeline != nullptr);
  return patient;
}

Patient correct_patient(const ZooFault& fault) {
  Patient patient{find(all_kernels(), fault.kernel), find(all_operation_specs(), fault.kernel)};
  if (patient.attention == nullptr && patient.operation == nullptr)
    patient.pipeline = find(all_pipelines(), fault.property);
  return patient;
}

bool speaks_of(const Property& property, const Patient& patient) {
  if (property.compares_devices) return false;
  if (patient.attention != nullptr) return true;
  if (patient.operation != nullptr) return property.check_operation != nullptr;
  return property.name == kAgreement;
}

std::vector<Case> cases_of(const Patient& patient,
                           const ZooFault& fault,
                           const Property& property,
                           std::int64_t cases,
                           std::uint64_t seed) {
  if (patient.pipeline != nullptr) return layers_round(fault, patient.name());
  SearchOptions options;
  if (patient.attention != nullptr) options.kernels = {patient.attention};
  if (patient.operation != nullptr) options.operations = {patient.operation};
  options.properties = {&property};
  options.profile = find_profile("quick").value();
  options.profile.cases = options.profile.operation_cases = cases;
  options.seed = seed;
  std::vector<Case> out;
  for (PlannedCase& planned : plan_cases(options).cases)
    out.push_back(std::move(planned.which));
  return out;
}

CaseResult judge_case(const Patient& patient,
                      const Property& property,
                      const Case& which,
                      Executor& executor) {
  Case here = which;
  here.kernel = patient.name();
  if (patient.attention != nullptr) return run_case(here, *patient.attention, property, executor);
  if (patient.operation != nullptr) return run_case(here, *patient.operation, property, executor);
  return judge_layer(*patient.pipeline, here, executor);
}

bool changes_instructions(const Patient& right, const Patient& wrong, const std::string& example) {
  AnyProblem problem = parse_any(example).value();
  for (const Dtype dtype : kDtypes) {
    std::visit([dtype](auto& p) { p.dtype = dtype; }, problem);
    const std::vector<Launch> faulty = launches(wrong, problem);
    const std::vector<Launch> correct = launches(right, problem);
    for (std::size_t n = 0; n < faulty.size(); ++n) {
      if (n >= correct.size() || instructions(faulty[n]) != instructions(correct[n])) return true;
    }
  }
  return false;
}

Result<Execution> UncheckedExecutor::run(const Job& job) {
  Job relaxed = job;
  relaxed.checks = false;
  return inner_.run(relaxed);
}

}  // namespace attest
