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
  parser.text("--json", flags.json, "write run.json here; - is stdout, instead of the tables");
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

LayerRecord count_layer(const CountOptions& options, Device device, Context& context) {
  const Mode on_gpu{.arch = options.device.gpu_arch(), .device = Device::cuda};
  const LayerCase which =
      draw_layer_case(options.layer, device == Device::cuda ? on_gpu : options.mode);
  LayerRecord record;
  record.layer = options.layer;
  record.mode = device == Device::cuda ? on_gpu : options.mode;
  record.bytes_least = least_bytes(options.layer);
  record.pipelines.resize(options.pipelines.size());
  const auto units = static_cast<std::int64_t>(options.pipelines.size());
  Progress progress(context.err, context.has_bar, "pipelines", units);
  Work work;
  work.units = units;
  work.jobs = options.jobs;
  work.make_worker = [&] {
    return [&, executor = std::shared_ptr<Executor>(make_executor(options.device, context))](
               std::int64_t unit) {
      const auto n = static_cast<std::size_t>(unit);
      record.pipelines[n] = run_pipeline(*options.pipelines[n], which, *executor);
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
    context.out << to_run_json(run);
    return exit_of(run);
  }
  for (const Format& format : all_formats()) {
    if (format.file.empty()) context.out << format.render(run, render_options(context));
  }
  if (options.device.has_gpu()) context.out << blas_table(options.layer, options.device, context);
  if (!flags.json.empty()) {
    ATTEST_TRY([[maybe_unused]] const Done written, write_file(flags.json, to_run_json(run)));
  }
  return exit_of(run);
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
