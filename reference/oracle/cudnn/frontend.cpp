// The calls of cudnn-frontend; kept in one file, since its headers take most of a minute to compile.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/frontend.h"

#include "reference/oracle/cudnn/sdpa_graph.inc"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>

namespace attest {
namespace {

using sdpa_graph::SdpaGraph;
namespace fe = cudnn_frontend;

/// One line, without the frontend's brackets and the line breaks of cuDNN's lists.
std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!is_space) line += c;
    if (is_space && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (!line.empty() && line.back() == ' ')
    line.pop_back();
  return line;
}

/// cuDNN 9 answers a refused configuration with a list of warnings, outermost last; the frontend
/// puts its own sentence before it. The first reason in it is the one that decides.
std::string reason_in(const std::string& message) {
  const std::string line = one_line(message);
  constexpr std::string_view kMark = "Reason: ";
  const auto start = line.find(kMark);
  if (start == std::string::npos) return line;
  const auto status = line.rfind("CUDNN_STATUS_", start);
  const auto end = line.find(" Warning:", start);
  const std::string reason = line.substr(start + kMark.size(), end - start - kMark.size());
  if (status == std::string::npos) return reason;
  return line.substr(status, line.find(';', status) - status) + ": " + reason;
}

Error refused(const char* step, fe::error_t status) {
  std::string reason = reason_in(status.get_message());
  if (reason.empty()) reason = "no reason given";
  return Error{Code::unsupported, fmt::format("{} ({})", reason, step), ""};
}

/// A call of the frontend; its refusal leaves the enclosing function.
#define ATTEST_CUDNN(step, call)                                     \
  do {                                                               \
    const fe::error_t attest_status = (call);                        \
    if (attest_status.is_bad()) return refused(step, attest_status); \
  } while (false)

/// A call of the CUDA runtime; the message names it.
#define ATTEST_CUDA(call)                                                                          \
  do {                                                                                             \
    const cudaError_t attest_status = (call);                                                      \
    if (attest_status != cudaSuccess) {                                                            \
      return Error{                                                                                \
          Code::unsupported, fmt::format("{}: {}", #call, cudaGetErrorString(attest_status)), ""}; \
    }                                                                                              \
  } while (false)

/// Up to check_support: heuristics have engines for it.
Result<Admission> admit_graph(fe::graph::Graph& graph) {
  ATTEST_CUDNN("validate", graph.validate());
  ATTEST_CUDNN("operation graph", graph.build_operation_graph());
  ATTEST_CUDNN("heuristics", graph.create_execution_plans({fe::HeurMode_t::A}));
  ATTEST_CUDNN("support", graph.check_support());
  Admission admission;
  ATTEST_CUDNN("engine", graph.get_plan_name_at_index(0, admission.engine));
  return admission;
}

Status describe(fe::graph::Graph& graph, const std::string& device_json) {
  auto properties = std::make_shared<fe::DeviceProperties>();
  ATTEST_CUDNN("device properties",
               properties->deserialize({device_json.begin(), device_json.end()}));
  graph.set_device_properties(properties);
  return Done{};
}

/// Device memory of one tensor.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { cudaFree(data_); }
  Status allocate(std::size_t bytes) {
    ATTEST_CUDA(cudaMalloc(&data_, bytes == 0 ? 1 : bytes));
    ATTEST_CUDA(cudaMemset(data_, kPoison, bytes));
    return Done{};
  }
  [[nodiscard]] void* data() const { return data_; }

 private:
  static constexpr int kPoison = 0xff;  // a NaN in every type
  void* data_ = nullptr;
};

/// Two events on the stream that a handle without one of its own uses.
class Stopwatch {
 public:
  Stopwatch() = default;
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    for (cudaEvent_t event : events_) {
      if (event != nullptr) cudaEventDestroy(event);
    }
  }
  Status create() {
    for (cudaEvent_t& event : events_)
      ATTEST_CUDA(cudaEventCreate(&event));
    return Done{};
  }
  Status begin() {
    ATTEST_CUDA(cudaEventRecord(events_[0]));
    return Done{};
  }
  /// Waits. Since begin().
  Result<double> end() {
    ATTEST_CUDA(cudaEventRecord(events_[1]));
    ATTEST_CUDA(cudaEventSynchronize(events_[1]));
    float milliseconds = 0;
    ATTEST_CUDA(cudaEventElapsedTime(&milliseconds, events_[0], events_[1]));
    return 1e3 * static_cast<double>(milliseconds);
  }

 private:
  std::array<cudaEvent_t, 2> events_{};
};

class Handle {
 public:
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (handle_ != nullptr) cudnnDestroy(handle_);
  }
  Status create() {
    const cudnnStatus_t status = cudnnCreate(&handle_);
    if (status == CUDNN_STATUS_SUCCESS) return Done{};
    return Error{
        Code::unsupported, fmt::format("cudnnCreate: {}", cudnnGetErrorString(status)), ""};
  }
  [[nodiscard]] cudnnHandle_t get() const { return handle_; }

 private:
  cudnnHandle_t handle_ = nullptr;
};

}  // namespace

std::string cudnn_version() {
  const std::size_t version = cudnnGetVersion();  // 91900
  return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

std::string cudnn_frontend_version() {
  return fmt::format("{}.{}.{}",
                     CUDNN_FRONTEND_MAJOR_VERSION,
                     CUDNN_FRONTEND_MINOR_VERSION,
                     CUDNN_FRONTEND_PATCH_VERSION);
}

Result<Admission> admit(const Sdpa& sdpa, int sm, const std::string& device_json) {
  SdpaGraph made(sdpa, sm);
  ATTEST_TRY([[maybe_unused]] const Done described, describe(made.graph(), device_json));
  return admit_graph(made.graph());
}

Result<SerialisedPlan> build_plan(const Sdpa& sdpa,
                                  SdpaForm form,
                                  int sm,
                                  const std::string& device_json) {
  SdpaGraph made(sdpa, sm, form);
  ATTEST_TRY([[maybe_unused]] const Done described, describe(made.graph(), device_json));
  SerialisedPlan plan;
  ATTEST_TRY(plan.admission, admit_graph(made.graph()));
  ATTEST_CUDNN("plan", made.graph().build_plans());
  ATTEST_CUDNN("plan name", made.graph().get_plan_name(plan.admission.engine));
  ATTEST_CUDNN("workspace", made.graph().get_workspace_size(plan.admission.workspace_bytes));
  ATTEST_CUDNN("serialise", made.graph().serialize(plan.ubjson));
  return plan;
}

Result<Executed> execute(const Sdpa& sdpa,
                         const std::map<SdpaTensor, std::vector<std::byte>>& inputs,
                         const std::map<SdpaTensor, std::size_t>& output_bytes,
                         int timed_runs) {
  int devices = 0;
  ATTEST_CUDA(cudaGetDeviceCount(&devices));
  Handle handle;
  ATTEST_TRY([[maybe_unused]] const Done created, handle.create());
  SdpaGraph made(sdpa);
  fe::graph::Graph& graph = made.graph();
  ATTEST_CUDNN("build", graph.build(handle.get(), {fe::HeurMode_t::A}));
  Executed done;
  cudaDeviceProp properties{};
  ATTEST_CUDA(cudaGetDeviceProperties(&properties, 0));
  done.sm = properties.major * 10 + properties.minor;
  ATTEST_CUDNN("plan name", graph.get_plan_name(done.admission.engine));
  ATTEST_CUDNN("workspace", graph.get_workspace_size(done.admission.workspace_bytes));

  std::map<SdpaTensor, Buffer> buffers;
  std::unordered_map<std::int64_t, void*> pointers;
  for (const auto& [which, bytes] : inputs) {
    Buffer& buffer = buffers[which];
    ATTEST_TRY([[maybe_unused]] const Done allocated, buffer.allocate(bytes.size()));
    ATTEST_CUDA(cudaMemcpy(buffer.data(), bytes.data(), bytes.size(), cudaMemcpyHostToDevice));
    pointers[static_cast<std::int64_t>(which)] = buffer.data();
  }
  for (const auto& [which, bytes] : output_bytes) {
    ATTEST_TRY([[maybe_unused]] const Done allocated, buffers[which].allocate(bytes));
    pointers[static_cast<std::int64_t>(which)] = buffers[which].data();
  }
  Buffer workspace;
  ATTEST_TRY([[maybe_unused]] const Done allocated,
             workspace.allocate(static_cast<std::size_t>(done.admission.workspace_bytes)));
  ATTEST_CUDNN("execute", graph.execute(handle.get(), pointers, workspace.data()));
  ATTEST_CUDA(cudaDeviceSynchronize());
  Stopwatch stopwatch;
  ATTEST_TRY([[maybe_unused]] const Done made_events, stopwatch.create());
  for (int run = 0; run < timed_runs; ++run) {
    ATTEST_TRY([[maybe_unused]] const Done begun, stopwatch.begin());
    ATTEST_CUDNN("execute", graph.execute(handle.get(), pointers, workspace.data()));
    ATTEST_TRY(const double microseconds, stopwatch.end());
    done.microseconds.push_back(microseconds);
  }
  for (const auto& [which, bytes] : output_bytes) {
    std::vector<std::byte>& out = done.outputs[which];
    out.resize(bytes);
    ATTEST_CUDA(cudaMemcpy(out.data(), buffers[which].data(), bytes, cudaMemcpyDeviceToHost));
  }
  return done;
}

void crash_in_cudnn(const std::string& plan_json) {
  cudnnBackendDescriptor_t plan = nullptr;
  cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan);
  cudnnBackendSetAttribute(plan,
                           CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                           CUDNN_TYPE_CHAR,
                           static_cast<std::int64_t>(plan_json.size()),
                           plan_json.data());
  cudnnBackendFinalize(plan);
}

}  // namespace attest
