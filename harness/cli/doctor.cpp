// Command doctor: what can run here, and the fix for what cannot.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/build_info.h"
#include "harness/cli/command.h"
#include "harness/cli/cpu.h"
#include "harness/cli/pattern.h"
#include "harness/cli/selection.h"
#include "harness/ptx/machine/simd.h"
#include "harness/record/json_text.h"
#include "reference/oracle/cudnn/client.h"
#include "reports/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

namespace attest {
namespace {

struct Item {
  std::string name;
  bool is_there = false;
  std::string detail;
  std::string fix;  // empty when it is there
};

Item cpu_item() {
  const std::vector<std::string> missing = missing_cpu_features();
  Item item{"cpu",
            missing.empty(),
            "x86-64-v3; handlers: " + std::string(name(ptx::active_simd())) + " (ATTEST_SIMD)",
            ""};
  if (!item.is_there) {
    item.detail = fmt::format("lacks {}", fmt::join(missing, ", "));
    item.fix = "use a machine with x86-64-v3 (Intel Haswell, AMD Excavator or later)";
  }
  return item;
}

Item threads_item() {
  return {"threads", true, std::to_string(std::max(1U, std::thread::hardware_concurrency())), ""};
}

/// A plain case of each correct kernel, on the executor.
Item ptx_item(Context& context) {
  Item item{"ptx", true, "", ""};
  for (const KernelSpec& kernel : all_kernels()) {
    if (kernel.image.ptx.empty()) {
      item.is_there = false;
      item.fix = "build again: " + kernel.name + " has no PTX";
    }
  }
  item.is_there = item.is_there && context.make_executor() != nullptr;
  item.detail = fmt::format("PTX executor, {} kernels of attention and {} of the layer embedded",
                            all_kernels().size(),
                            all_operation_specs().size());
  return item;
}

Item nvcc_item() {
  return {"nvcc", true, build_info().nvcc + " made the embedded PTX", ""};
}

/// What to do where a part of a GPU machine is missing.
struct PartFix {
  const char* part;  // as attest-cuda names it
  const char* fix;
};
constexpr std::array<PartFix, 5> kPartFixes = {
    {{"driver",
      "needed for a GPU alone; Debian: apt-get install nvidia-driver (non-free), then reboot"},
     {"device", "needed for --device cuda alone: nvidia-smi -L must list a GPU"},
     {"cublas",
      "pip install 'nvidia-cublas==13.*', its lib folder on LD_LIBRARY_PATH; or the CUDA 13 "
      "toolkit"},
     {"cublaslt",
      "pip install 'nvidia-cublas==13.*', its lib folder on LD_LIBRARY_PATH; or the CUDA 13 "
      "toolkit"},
     {"cupti",
      "pip install 'nvidia-cuda-cupti==13.*', its lib folder on LD_LIBRARY_PATH; or the CUDA 13 "
      "toolkit"}}};

/// What attest-cuda sees; where there is no attest-cuda, each part as not built.
std::vector<Item> gpu_items(Context& context) {
  constexpr const char* kBuild =
      "pip install 'nvidia-cuda-runtime==13.*' for cuda.h, or the CUDA 13 toolkit; build again";
  std::vector<Item> items;
  const auto parts = probe_parts(context.cuda);
  items.push_back({"cuda",
                   parts.has_value(),
                   parts ? "attest-cuda, the executor on a GPU" : "not built",
                   parts ? "" : kBuild});
  for (const PartFix& known : kPartFixes) {
    Item item{known.part, false, "not built", kBuild};
    for (std::size_t n = 0; parts && n < parts.value().size(); ++n) {
      const CudaPart& part = parts.value()[n];
      if (part.name == known.part)
        item = {part.name, part.is_there, part.detail, part.is_there ? "" : known.fix};
    }
    items.push_back(item);
  }
  return items;
}

/// Asks the helper program itself, since that is what loads cuDNN.
Item cudnn_item(Context& context) {
  if (context.cudnn_program.empty()) {
    return {"cudnn",
            false,
            "attest-cudnn is not built",
            "install cuDNN 9 beside the CUDA toolkit, run scripts/setup, configure again"};
  }
  CudnnClient client({context.cudnn_program, "", false});
  const auto versions = client.ask({CudnnAsk::versions, "", 0});
  const bool answers = versions.has_value() && versions->tier != CudnnTier::died;
  if (!answers) {
    return {"cudnn",
            false,
            versions ? versions->reason : versions.error().to_string(),
            "build again: ninja attest-cudnn"};
  }
  return {"cudnn",
          true,
          fmt::format("cuDNN {}, cudnn-frontend {}", versions->cudnn, versions->frontend),
          ""};
}

std::vector<Item> examine(Context& context) {
  std::vector<Item> items = {
      cpu_item(),
      threads_item(),
      ptx_item(context),
      nvcc_item(),
      {"eigen", true, "Eigen " + build_info().eigen + ", the reference", ""}};
  for (Item& item : gpu_items(context))
    items.push_back(std::move(item));
  items.push_back(cudnn_item(context));
  return items;
}

std::string as_json(const std::vector<Item>& items) {
  Json json = {{"version", build_info().version}, {"compiler", build_info().compiler}};
  json["items"] = Json::array();
  for (const Item& item : items) {
    json["items"].push_back({{"name", item.name},
                             {"there", item.is_there},
                             {"detail", item.detail},
                             {"fix", item.fix}});
  }
  return to_text(json, 2);
}

std::string as_text(const std::vector<Item>& items) {
  Table table{{{"what"}, {"here"}, {"detail"}, {"fix"}}, {}};
  for (const Item& item : items) {
    table.rows.push_back({item.name, item.is_there ? "yes" : "no", item.detail, item.fix});
  }
  return fmt::format("attest {}, {}\n", build_info().version, build_info().compiler) +
         to_text(table, 2);
}

/// Required items that are missing.
/// Errors  Code::bad_input for a name that doctor does not know.
Result<std::vector<std::string>> unmet(const std::vector<std::string>& required,
                                       const std::vector<Item>& items) {
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const Item& item : items)
    names.push_back(item.name);
  std::vector<std::string> missing;
  for (const std::string& wanted : required) {
    const auto at = std::find(names.begin(), names.end(), wanted);
    if (at == names.end()) {
      return Error{Code::bad_input, no_such("item", wanted, names), "--require"};
    }
    if (!items[static_cast<std::size_t>(at - names.begin())].is_there) missing.push_back(wanted);
  }
  return missing;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  bool is_json = false;
  std::vector<std::string> required;
  Arguments parser("doctor", "What can run here, and the fix for what cannot.");
  parser.flag("--json", is_json, "for machines");
  parser.list("--require", required, "exit 3 when one of these is missing");
  auto is_run = parser.parse(arguments, context.out);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;

  const std::vector<Item> items = examine(context);
  auto missing = unmet(required, items);
  if (!missing) return report_error(missing.error(), context);
  context.out << (is_json ? as_json(items) : as_text(items));
  if (missing->empty()) return Exit::held;
  context.err << fmt::format("attest: required and missing: {}\n", fmt::join(*missing, ", "));
  return Exit::nothing_judged;
}

}  // namespace

Command command_doctor() {
  return {"doctor", "what can run here, and the fix for the rest", run_command};
}

}  // namespace attest
