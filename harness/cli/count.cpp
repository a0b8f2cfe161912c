// Command count: the layer through its pipelines, each launch counted, judged and explained.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/build_info.h"
#include "harness/cli/command.h"
#include "harness/cli/count_blas.h"
#include "harness/cli/device.h"
#include "harness/cli/mode_flags.h"
#include "harness/cli/progress.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/require.h"
#include "harness/cli/selection.h"
#include "harness/record/journal.h"
#include "harness/record/json_text.h"
#include "harness/record/run_json.h"
#include "harness/runner/interrupt.h"
#include "harness/runner/runner.h"
#include "kernels/pipeline/pipeline.h"
#include "properties/layer_run.h"
#include "reference/layer_error.h"
#include "reference/onnx/layer_graph.h"
#include "reference/onnx/reader.h"
#include "reports/format/format.h"
#include "reports/summary.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace attest {
namespace {

constexpr const char* kDefaultLayer = "layer(s=128)";

struct Flags {
  std::optional<std::string> layer;
  std::string onnx;
  std::vector<std::string> pipelines;
  std::optional<std::string> jobs;
  std::string out;
  std::string json;
  std::string device = "auto";
  std::vector<std::string> required;
  ModeFlags mode;
};

struct CountOptions {
  LayerProblem layer;
  std::optional<OnnxGraph> graph;
  Mode mode;
  std::vector<const Pipeline*> pipelines;
  int jobs = 1;
  DeviceChoice device;
};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("count",
                   "Run a self-attention layer as 10, 7, 5, 3 and 1 launches, judge each launch "
                   "and the whole, and count what they do.");
  parser.text("layer",
              flags.layer,
              "'layer(b=1,s=128,d=512,h=1,dtype=f16)', its default; with --onnx the file's own");
  parser.text("--onnx", flags.onnx, "the layer as an .onnx file, evaluated as one more oracle");
  parser.list("--pipeline", flags.pipelines, "patterns of pipelines; default: all");
  parser.text("--jobs,-j", flags.jobs, "threads; default: number of cores");
  parser.text("--out", flags.out, "report folder; default: none is written");
  parser.text(
      "--json",
      flags.json,
      "write run.json with the pipelines at its top here; - is stdout, instead of the tables");
  parser.text("--device", flags.device, "ptx, cuda, or auto: ptx, and cuda where a GPU is");
  parser.list(
      "--require", flags.required, "cuda, cudnn, cudnn:executed: exit 3 where one is missing");
  flags.mode.declare(parser);
  return parser.parse(arguments, context.out);
}

Result<CountOptions> read_options(const Flags& flags) {
  CountOptions options;
  std::string layer = flags.layer.value_or(kDefaultLayer);
  if (!flags.onnx.empty()) {
    ATTEST_TRY(options.graph, read_onnx(flags.onnx));
    if (!flags.layer) layer = options.graph->description;
  }
  ATTEST_TRY(options.layer, parse_layer(layer));
  ATTEST_TRY(options.pipelines, select_pipelines(flags.pipelines));
  ATTEST_TRY(const FixedMode fixed, flags.mode.read());
  options.mode = {fixed.arch,
                  fixed.schedule.value_or(0),
                  fixed.mma.value_or(MmaBits::exact),
                  fixed.approx.value_or(Approx::cr),
                  fixed.contract.value_or(Contract::off)};
  options.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (flags.jobs) {
    ATTEST_TRY(const std::int64_t jobs, parse_count("-j", *flags.jobs, 1, 1024));
    options.jobs = static_cast<int>(jobs);
  }
  return options;
}

/// y of the graph against the reference: both are doubles, each off by at most layer_error().
GraphRecord judge_graph(const OnnxGraph& graph, const LayerCase& which) {
  GraphRecord record;
  const OnnxSummary summary = summarise(graph);
  record.nodes = summary.nodes;
  record.by_type.assign(summary.by_type.begin(), summary.by_type.end());
  auto y = evaluate_layer_graph(graph, which.layer, which.inputs);
  if (!y) {
    record.reason = y.error().to_string();
    return record;
  }
  const std::vector<double> error = layer_error(which.layer, which.inputs);
  record.verdict = Verdict::agree;
  for (std::size_t n = 0; n < y->size(); ++n) {
    const double difference = std::fabs((*y)[n] - which.reference[n]);
    const bool is_within = difference <= 2 * error[n];
    if (!is_within) record.verdict = Verdict::disagree;
    if (difference > 0) record.ratio = std::max(record.ratio, difference / (2 * error[n]));
  }
  return record;
}

struct Variant {
  const Pipeline* pipeline;
  Gemms gemms;
};

/// On a GPU with cuBLAS, those whose GEMMs it takes are run with it as well, each after its own kernels.
std::vector<Variant> variants_of(const CountOptions& options, Device device) {
  std::vector<Variant> variants;
  for (const Pipeline* pipeline : options.pipelines) {
    variants.push_back({pipeline, Gemms::own});
    if (device == Device::cuda && options.device.has_cublas &&
        takes_cublas(*pipeline, options.layer)) {
      variants.push_back({pipeline, Gemms::cublas});
    }
  }
  return variants;
}

LayerRecord count_layer(const CountOptions& options, Device device, Context& context) {
  const Mode on_gpu{.arch = options.device.gpu_arch(), .device = Device::cuda};
  const LayerCase which =
      draw_layer_case(options.layer, device == Device::cuda ? on_gpu : options.mode);
  LayerRecord record;
  record.layer = options.layer;
  record.mode = device == Device::cuda ? on_gpu : options.mode;
  record.bytes_least = least_bytes(options.layer);
  const std::vector<Variant> variants = variants_of(options, device);
  record.pipelines.resize(variants.size());
  const auto units = static_cast<std::int64_t>(variants.size());
  Progress progress(context.err, context.has_bar, "pipelines", units);
  Work work;
  work.units = units;
  work.jobs = options.jobs;
  work.make_worker = [&] {
    return [&, executor = std::shared_ptr<Executor>(make_executor(options.device, context))](
               std::int64_t unit) {
      const auto n = static_cast<std::size_t>(unit);
      record.pipelines[n] =
          run_pipeline(*variants[n].pipeline, which, *executor, variants[n].gemms);
    };
  };
  work.delivered = [&](std::int64_t unit) { progress.update(unit + 1, 0); };
  work.stop = [] { return InterruptScope::is_interrupted(); };
  record.pipelines.resize(static_cast<std::size_t>(run_units(work)));
  progress.finish();
  if (options.graph) record.graph = judge_graph(*options.graph, which);
  return record;
}

Status write_report(const RunRecord& run, const std::string& path) {
  ATTEST_TRY(const ReportFolder folder, ReportFolder::create(path));
  ATTEST_TRY(JournalWriter journal, JournalWriter::create(folder.journal()));
  ATTEST_TRY([[maybe_unused]] const Done begun, journal.begin(run));
  for (const LayerRecord& layer : run.layers) {
    ATTEST_TRY([[maybe_unused]] const Done written, journal.layer(layer));
  }
  ATTEST_TRY([[maybe_unused]] const Done ended, journal.end(run));
  return folder.write_views(run);
}

/// run.json, and at its top the pipelines of every layer in it.
std::string count_json(const RunRecord& run) {
  Json json = Json::parse(to_run_json(run));
  Json pipelines = Json::array();
  for (const auto& layer : json.at("layers")) {
    for (const auto& pipeline : layer.at("pipelines"))
      pipelines.push_back(pipeline);
  }
  json["pipelines"] = std::move(pipelines);
  return to_text(json, 2);
}

Result<Exit> count(const Flags& flags, Context& context) {
  ATTEST_TRY(CountOptions options, read_options(flags));
  ATTEST_TRY(const auto required, parse_requirements(flags.required));
  if (report_unmet(required, context)) return Exit::nothing_judged;
  auto device = choose_devices(flags.device, context);
  if (!device) return report_no_device(device.error(), context);
  options.device = std::move(device).value();
  if (!flags.json.empty() && flags.json != "-") {
    ATTEST_TRY([[maybe_unused]] const Done is_writable, check_writable(flags.json));
  }
  const InterruptScope scope;
  const auto started = std::chrono::steady_clock::now();
  RunRecord run;
  run.profile = "count";
  run.seed = options.layer.seed;
  run.env = current_environment(context.command, options.jobs);
  for (const Device each : options.device.devices)
    run.layers.push_back(count_layer(options, each, context));
  run.interrupted = InterruptScope::is_interrupted();
  run.env.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (!flags.out.empty()) {
    ATTEST_TRY([[maybe_unused]] const Done written, write_report(run, flags.out));
  }
  if (flags.json == "-") {
    context.out << count_json(run);
    return exit_of(run);
  }
  for (const Format& format : all_formats()) {
    if (format.file.empty()) context.out << format.render(run, render_options(context));
  }
  Exit exit = exit_of(run);
  if (options.device.has_gpu()) {
    const BlasReport blas = blas_report(options.layer, options.device, context);
    context.out << blas.table;
    if (!blas.holds) exit = first_of({exit, Exit::falsified});
  }
  if (!flags.json.empty()) {
    ATTEST_TRY([[maybe_unused]] const Done written, write_file(flags.json, count_json(run)));
  }
  return exit;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = parse_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto exit = count(flags, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_count() {
  return {"count", "the layer's pipelines and their kernel counts", run_command};
}

}  // namespace attest
