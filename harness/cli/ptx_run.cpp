// From options to a job of one launch, and from its execution to text and files.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ptx_run.h"

#include "harness/cli/parameter_block.h"
#include "harness/cli/pattern.h"
#include "harness/cli/report_folder.h"
#include "harness/executor/program_cache.h"
#include "harness/ptx/decode/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace attest {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kPrinted = 8;       // elements of --print NAME
constexpr std::size_t kShownEntries = 20;  // in a message

std::string text(const Dim3& d) {
  return fmt::format("({},{},{})", d.x, d.y, d.z);
}

/// "4", "4,2" or "4,2,1".
Result<Dim3> parse_dim3(const std::string& option, const std::optional<std::string>& value) {
  if (!value) return Error{Code::bad_input, "is missing: X, X,Y or X,Y,Z", option};
  std::array<std::uint32_t, 3> axes = {1, 1, 1};
  std::string_view rest = *value;
  for (std::uint32_t& axis : axes) {
    const std::size_t comma = rest.find(',');
    ATTEST_TRY(const std::int64_t count,
               parse_count(option,
                           std::string(rest.substr(0, comma)),
                           0,
                           std::numeric_limits<std::uint32_t>::max()));
    axis = static_cast<std::uint32_t>(count);
    if (comma == std::string_view::npos) return Dim3{axes[0], axes[1], axes[2]};
    rest.remove_prefix(comma + 1);
  }
  return Error{Code::bad_input, "'" + *value + "' has more than three values", option};
}

/// The entry that `wanted` is, matches as a pattern, or is part of.
Result<std::string> find_entry(const ptx::Module& module, const std::string& wanted) {
  std::vector<std::string> all;
  std::vector<std::string> found;
  for (const ptx::Function& function : module.functions) {
    if (!function.is_entry || !function.body) continue;
    if (function.name == wanted) return wanted;
    if (all.size() < kShownEntries) all.push_back(function.name);
    const bool is_part = function.name.find(wanted) != std::string::npos;
    if (is_part || matches(wanted, function.name)) found.push_back(function.name);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return Error{Code::bad_input, no_such("entry", wanted, all), "--run"};
  found.resize(std::min(found.size(), kShownEntries));
  return Error{Code::bad_input,
               fmt::format("'{}' is more than one entry: {}", wanted, fmt::join(found, ", ")),
               "--run"};
}

bool has_entry(const ptx::Module& module) {
  return std::any_of(module.functions.begin(), module.functions.end(), [](const auto& function) {
    return function.is_entry && function.body;
  });
}

Result<std::vector<ParameterSpec>> parse_all(const std::string& option,
                                             const std::vector<std::string>& texts) {
  std::vector<ParameterSpec> specs;
  for (const std::string& each : texts) {
    ATTEST_TRY(ParameterSpec spec, parse_parameter(option, each));
    specs.push_back(std::move(spec));
  }
  return specs;
}

/// The written buffer that --save or --print names.
Result<std::size_t> find_written(const std::string& option,
                                 const std::string& name,
                                 const std::vector<RunBuffer>& buffers) {
  std::vector<std::string> written;
  for (std::size_t n = 0; n < buffers.size(); ++n) {
    if (buffers[n].name == name && buffers[n].is_writable) return n;
    if (buffers[n].name == name)
      return Error{Code::bad_input, "'" + name + "' is read only; :rw lets it be written", option};
    if (buffers[n].is_writable) written.push_back(buffers[n].name);
  }
  return Error{Code::bad_input, no_such("written buffer", name, written), option};
}

/// The part before the first `separator`, and the part behind it.
std::pair<std::string, std::optional<std::string>> split(const std::string& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// One launch of one file.
class PtxRun {
 public:
  explicit PtxRun(const PtxFile& file) : file_(file) {}
  ~PtxRun() { ProgramCache::instance().forget(file_.image()); }
  PtxRun(const PtxRun&) = delete;
  PtxRun& operator=(const PtxRun&) = delete;

  /// Looks at every option, and makes the buffers.
  Status prepare(const RunFlags& flags) {
    ATTEST_TRY([[maybe_unused]] const Done limits_are_set, set_limits(flags));
    ATTEST_TRY([[maybe_unused]] const Done launch_is_set, set_launch(flags));
    ATTEST_TRY([[maybe_unused]] const Done parameters_are_set, set_parameters(flags));
    return set_results(flags);
  }

  Result<Exit> run(Context& context) {
    const auto executor = context.make_executor();
    ATTEST_TRY(const Execution execution, executor->run(job_));
    context.out << file_.headline();
    for (const LaunchRecord& launch : execution.launches)
      show(launch, context);
    ATTEST_TRY([[maybe_unused]] const Done are_shown, show_results(execution, context));
    show_findings(execution.findings, context);
    return execution.findings.empty() ? Exit::held : Exit::falsified;
  }

 private:
  struct Save {
    std::size_t buffer;
    std::string path;
  };
  struct Print {
    std::size_t buffer;
    std::int64_t elements;
  };

  Status set_limits(const RunFlags& flags) {
    if (flags.seed) {
      ATTEST_TRY(seed_, parse_word("--seed", *flags.seed));
    }
    if (flags.checks) {
      ATTEST_TRY(const std::size_t checks,
                 parse_choice("--checks", *flags.checks, {"all", "none"}));
      job_.checks = checks == 0;
    }
    if (flags.max_instructions) {
      ATTEST_TRY(job_.limits.warp_instructions,
                 parse_count("--max-instructions", *flags.max_instructions, 1, kMost));
    }
    if (flags.max_memory) {
      ATTEST_TRY(job_.limits.memory_bytes,
                 parse_count("--max-memory", *flags.max_memory, 0, kMost));
    }
    ATTEST_TRY(const FixedMode mode, flags.mode.read());
    job_.mode.arch = mode.arch;
    job_.mode.schedule = mode.schedule.value_or(job_.mode.schedule);
    job_.mode.mma = mode.mma.value_or(job_.mode.mma);
    job_.mode.approx = mode.approx.value_or(job_.mode.approx);
    job_.mode.contract = mode.contract.value_or(job_.mode.contract);
    return Done{};
  }

  Status set_launch(const RunFlags& flags) {
    Launch launch;
    launch.image = file_.image();
    ATTEST_TRY(launch.entry, find_entry(file_.module, *flags.entry));
    ATTEST_TRY(launch.grid, parse_dim3("--grid", flags.grid));
    ATTEST_TRY(launch.block, parse_dim3("--block", flags.block));
    if (flags.shared_bytes) {
      ATTEST_TRY(
          launch.dynamic_shared_bytes,
          parse_count("--smem", *flags.shared_bytes, 0, std::numeric_limits<std::uint32_t>::max()));
    }
    job_.launches.push_back(std::move(launch));
    job_.counts_traffic = true;
    return Done{};
  }

  Status set_parameters(const RunFlags& flags) {
    ATTEST_TRY(const auto parameters, parse_all("--param", flags.parameters));
    ATTEST_TRY(const auto buffers, parse_all("--buffer", flags.buffers));
    ptx::DecodeOptions options;
    options.arch = job_.mode.arch;
    Launch& launch = job_.launches.front();
    ATTEST_TRY(const auto program, ptx::decode(file_.module, file_.path, launch.entry, options));
    ATTEST_TRY(block_,
               make_parameter_block({.declared = program->parameters,
                                     .parameter_bytes = program->parameter_bytes,
                                     .parameters = parameters,
                                     .buffers = buffers,
                                     .seed = seed_,
                                     .max_bytes = job_.limits.memory_bytes}));
    launch.parameters = block_.bytes;
    launch.relocations = block_.relocations;
    for (const RunBuffer& buffer : block_.buffers) {
      job_.buffers.push_back({.name = buffer.name,
                              .role = !buffer.has_contents ? BufferRole::output
                                      : buffer.is_writable ? BufferRole::update
                                                           : BufferRole::input,
                              .size_bytes = buffer.size_bytes,
                              .contents = buffer.contents()});
    }
    return Done{};
  }

  Status set_results(const RunFlags& flags) {
    for (const std::string& each : flags.saves) {
      const auto [name, path] = split(each, '=');
      if (!path || path->empty())
        return Error{Code::bad_input, "'" + each + "' is not NAME=FILE", "--save"};
      ATTEST_TRY(const std::size_t buffer, find_written("--save", name, block_.buffers));
      ATTEST_TRY([[maybe_unused]] const Done is_writable, check_writable(*path));
      saves_.push_back({buffer, *path});
    }
    for (const std::string& each : flags.prints) {
      const auto [name, count] = split(each, ':');
      ATTEST_TRY(const std::size_t buffer, find_written("--print", name, block_.buffers));
      Print print{buffer, kPrinted};
      if (count) {
        ATTEST_TRY(print.elements, parse_count("--print", *count, 1, kMost));
      }
      prints_.push_back(print);
    }
    return Done{};
  }

  /// Empty without an access.
  static std::string banks_text(std::string_view of, const BankCounts& banks) {
    if (banks.accesses == 0) return "";
    return fmt::format("  {:<8} {} accesses in {} wavefronts, {} ideally\n",
                       of,
                       banks.accesses,
                       banks.wavefronts,
                       banks.wavefronts_ideal);
  }

  static std::string buffers_text(const std::vector<BufferTraffic>& buffers) {
    std::string out;
    for (const BufferTraffic& b : buffers) {
      out += fmt::format("  {:<8} {} bytes read, {} written",
                         b.name,
                         b.bytes_read_requested,
                         b.bytes_written_requested);
      if (b.bytes_atomic_requested != 0)
        out += fmt::format(", {} by atomics", b.bytes_atomic_requested);
      out += fmt::format(", {} touched\n", b.bytes_touched);
    }
    return out;
  }

  static std::string counts_text(const LaunchCounts& counts) {
    std::string by_class;
    for (std::size_t n = 0; n < kInsnClasses; ++n) {
      const auto c = static_cast<InsnClass>(n);
      if (counts.classes[c] == 0) continue;
      by_class += fmt::format("{}{} {}", by_class.empty() ? "" : ", ", counts.classes[c], name(c));
    }
    const TrafficCounts& t = counts.traffic;
    return fmt::format("counts   {} warp instructions: {}\n", counts.warp_instructions, by_class) +
           fmt::format("flops    {}, {} of them in mma\n", counts.flops, counts.mma_flops) +
           fmt::format("global   {} bytes requested, {} touched; {} accesses of {} sectors\n",
                       t.global_bytes_requested,
                       t.global_bytes_touched,
                       t.global_accesses,
                       t.global_sectors) +
           buffers_text(t.buffers) +
           fmt::format("shared   {} bytes requested; {} accesses in {} wavefronts, {} ideally\n",
                       t.shared_bytes_requested,
                       t.shared_accesses,
                       t.shared_wavefronts,
                       t.shared_wavefronts_ideal) +
           banks_text("ldmatrix", t.ldmatrix) + banks_text("cp.async", t.cp_async) +
           fmt::format("local    {} bytes requested\n", t.local_bytes_requested);
  }

  static void show(const LaunchRecord& launch, Context& context) {
    context.out << fmt::format("launch   {} grid {} block {}, {} bytes of shared memory\n",
                               launch.kernel,
                               text(launch.grid),
                               text(launch.block),
                               launch.shared_bytes)
                << counts_text(launch.counts) << printed_text(launch.printed);
  }

  /// Line by line; what would steer a terminal is shown as '?'.
  static std::string printed_text(std::string_view printed) {
    std::string out;
    for (std::size_t at = 0; at < printed.size();) {
      const std::size_t end = std::min(printed.find('\n', at), printed.size());
      std::string line(printed.substr(at, end - at));
      for (char& c : line) {
        if (static_cast<unsigned char>(c) < ' ' && c != '\t') c = '?';
      }
      out += "printed  " + line + "\n";
      at = end + 1;
    }
    return out;
  }

  /// Results of a launch that did not run, such as one over a limit, are not there.
  Status show_results(const Execution& execution, Context& context) const {
    if (execution.buffers.size() != block_.buffers.size()) return Done{};
    for (const Print& print : prints_)
      context.out << line(print, execution.buffers[print.buffer]);
    for (const Save& save : saves_) {
      const RunBuffer& buffer = block_.buffers[save.buffer];
      const std::string_view npy = buffer.element->npy;
      ATTEST_TRY(
          [[maybe_unused]] const Done is_written,
          write_file(save.path, npy_file(npy, buffer.shape, execution.buffers[save.buffer])));
      const bool is_pattern = buffer.element->is_float() && npy[0] == 'u';
      context.out << fmt::format(
          "saved    {}: {} ({}){}\n",
          save.path,
          npy,
          fmt::join(buffer.shape, ","),
          is_pattern ? fmt::format(", the bits of {}", buffer.element->name) : "");
    }
    return Done{};
  }

  [[nodiscard]] std::string line(const Print& print, const std::vector<std::byte>& data) const {
    const RunBuffer& buffer = block_.buffers[print.buffer];
    const Element& element = *buffer.element;
    const std::int64_t count = buffer.size_bytes / element.size_bytes;
    std::string out =
        fmt::format("{:<8} {}[{}]", buffer.name, element.name, fmt::join(buffer.shape, ","));
    for (std::int64_t n = 0; n < std::min(count, print.elements); ++n)
      out += " " + value_text(element, load_bits(element, data.data(), n));
    return out + (count > print.elements ? " ..\n" : "\n");
  }

  static void show_findings(const std::vector<Finding>& findings, Context& context) {
    constexpr std::string_view kPrefix = "=========";
    for (const Finding& finding : findings) {
      std::string_view rest;
      const std::string lines = describe(finding);
      for (rest = lines; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        context.out << kPrefix << ' ' << rest.substr(0, end) << '\n';
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      context.out << kPrefix << '\n';
    }
    context.out << fmt::format("{} ERROR SUMMARY: {} {}\n",
                               kPrefix,
                               findings.size(),
                               findings.size() == 1 ? "error" : "errors");
  }

  const PtxFile& file_;
  Job job_;
  std::uint64_t seed_ = 0;
  ParameterBlock block_;
  std::vector<Save> saves_;
  std::vector<Print> prints_;
};

}  // namespace

void RunFlags::declare(Arguments& parser) {
  parser.text("--run", entry, "run this entry: its name, a part of it, or a pattern");
  parser.text("--grid", grid, "blocks: X, X,Y or X,Y,Z");
  parser.text("--block", block, "threads of a block: X, X,Y or X,Y,Z");
  parser.text("--smem", shared_bytes, "bytes of dynamic shared memory; default: 0");
  parser.each("--param",
              parameters,
              "the next parameter: NAME=f16[2,64]:normal(1), out=f32[64], x=@in.npy, n=i32:64, "
              "p=null, cfg=@struct.bin, then cfg+8=&q");
  parser.each("--buffer", buffers, "a buffer that is no parameter: NAME=TYPE[N,..]:FILL");
  parser.each("--save", saves, "NAME=FILE.npy: a written buffer, after the run");
  parser.each("--print", prints, "NAME or NAME:COUNT: its first elements");
  parser.text("--seed", seed, "of random values; default: 0");
  parser.text("--checks", checks, "all or none: bounds and alignment only; default: all");
  parser.text("--max-instructions", max_instructions, "warp instructions; default: 200000000");
  parser.text("--max-memory", max_memory, "bytes of all buffers; default: 2147483648");
  mode.declare(parser);
}

Status RunFlags::check_unused() const {
  const std::vector<std::pair<const char*, bool>> given = {
      {"--grid", grid.has_value()},
      {"--block", block.has_value()},
      {"--smem", shared_bytes.has_value()},
      {"--param", !parameters.empty()},
      {"--buffer", !buffers.empty()},
      {"--save", !saves.empty()},
      {"--print", !prints.empty()},
      {"--seed", seed.has_value()},
      {"--checks", checks.has_value()},
      {"--max-instructions", max_instructions.has_value()},
      {"--max-memory", max_memory.has_value()}};
  for (const auto& [option, is_given] : given) {
    if (is_given) return Error{Code::bad_input, "goes with --run", option};
  }
  return Done{};
}

Result<Exit> run_ptx(const PtxFile& file, const RunFlags& flags, Context& context) {
  if (!has_entry(file.module)) {
    report_error({Code::bad_input, "has no entry to run", file.path}, context);
    return Exit::nothing_judged;
  }
  PtxRun run(file);
  ATTEST_TRY([[maybe_unused]] const Done is_prepared, run.prepare(flags));
  return run.run(context);
}

}  // namespace attest
