// The calls of cudnn-frontend; kept in one file, since its headers take most of a minute to compile.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/frontend.h"

#include <cuda_runtime_api.h>
#include <cudnn_frontend.h>
#include <fmt/format.h>

#include <memory>
#include <utility>

namespace attest {
namespace {

namespace fe = cudnn_frontend;
using fe::graph::Tensor_attributes;
using Tensor = std::shared_ptr<Tensor_attributes>;
using Shape = std::vector<std::int64_t>;

fe::DataType_t frontend_type(SdpaType type) {
  switch (type) {
    case SdpaType::f32:
      return fe::DataType_t::FLOAT;
    case SdpaType::f16:
      return fe::DataType_t::HALF;
    case SdpaType::bf16:
      return fe::DataType_t::BFLOAT16;
    case SdpaType::e4m3:
      return fe::DataType_t::FP8_E4M3;
    case SdpaType::e5m2:
      return fe::DataType_t::FP8_E5M2;
  }
  ATTEST_CHECK(false);
}

bool is_fp8(SdpaType type) {
  return type == SdpaType::e4m3 || type == SdpaType::e5m2;
}

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

/// The frontend's graph of one Sdpa.
class SdpaGraph {
 public:
  /// `sm`: of a described GPU; without it the frontend asks the device. The nodes copy it when they
  /// are made.
  explicit SdpaGraph(const Sdpa& sdpa,
                     std::optional<int> sm = std::nullopt,
                     SdpaForm form = SdpaForm::chosen)
      : sdpa_(sdpa), form_(form) {
    if (sm) graph_.set_sm_version(*sm);
    graph_.set_io_data_type(frontend_type(sdpa.type))
        .set_intermediate_data_type(fe::DataType_t::FLOAT)
        .set_compute_data_type(fe::DataType_t::FLOAT);
    if (is_fp8(sdpa.type)) {
      make_fp8();
    } else {
      make();
    }
  }

  fe::graph::Graph& graph() { return graph_; }

 private:
  Tensor tensor(SdpaTensor which, std::string_view name, Shape shape, Shape strides) {
    return graph_.tensor(Tensor_attributes()
                             .set_name(std::string(name))
                             .set_uid(static_cast<std::int64_t>(which))
                             .set_dim(std::move(shape))
                             .set_stride(std::move(strides)));
  }
  Tensor packed(SdpaTensor which, std::string_view name, const Shape& shape, fe::DataType_t type) {
    Shape strides(shape.size(), 1);
    for (std::size_t axis = shape.size() - 1; axis > 0; --axis)
      strides[axis - 1] = strides[axis] * shape[axis];
    Tensor made = tensor(which, name, shape, strides);
    made->set_data_type(type);
    return made;
  }
  [[nodiscard]] Shape strides(std::size_t at) const {
    return {sdpa_.strides[at].begin(), sdpa_.strides[at].end()};
  }
  /// A pool of pages, as many as every batch needs.
  Tensor pages(SdpaTensor which, std::string_view name, std::int64_t heads, std::int64_t dim) {
    const std::int64_t rows = sdpa_.page;
    return tensor(which,
                  name,
                  {sdpa_.batch * pages_per_batch(), heads, rows, dim},
                  {heads * rows * dim, rows * dim, dim, 1});
  }
  [[nodiscard]] std::int64_t pages_per_batch() const {
    return (sdpa_.seq_kv + sdpa_.page - 1) / sdpa_.page;
  }
  void make_ragged(const Tensor& which, SdpaTensor offsets, std::string_view name) {
    which->set_ragged_offset(
        packed(offsets, name, {sdpa_.batch + 1, 1, 1, 1}, fe::DataType_t::INT32));
  }

  void make_operands() {
    q_ = tensor(
        SdpaTensor::q, "q", {sdpa_.batch, sdpa_.heads_q, sdpa_.seq_q, sdpa_.head_dim}, strides(0));
    if (sdpa_.page > 0) {
      k_ = pages(SdpaTensor::k, "k", sdpa_.heads_k, sdpa_.head_dim);
      v_ = pages(SdpaTensor::v, "v", sdpa_.heads_v, sdpa_.head_dim_v);
    } else {
      k_ = tensor(SdpaTensor::k,
                  "k",
                  {sdpa_.batch, sdpa_.heads_k, sdpa_.seq_kv, sdpa_.head_dim},
                  strides(1));
      v_ = tensor(SdpaTensor::v,
                  "v",
                  {sdpa_.batch, sdpa_.heads_v, sdpa_.seq_kv, sdpa_.head_dim_v},
                  strides(2));
    }
    if (sdpa_.is_ragged) {
      make_ragged(q_, SdpaTensor::ragged_q, "ragged_q");
      if (sdpa_.page == 0) {
        make_ragged(k_, SdpaTensor::ragged_k, "ragged_k");
        make_ragged(v_, SdpaTensor::ragged_v, "ragged_v");
      }
    }
  }

  fe::graph::SDPA_attributes attributes() {
    fe::graph::SDPA_attributes a;
    a.set_name("sdpa").set_generate_stats(true).set_attn_scale(sdpa_.scale);
    if (form_ == SdpaForm::composite)
      a.set_implementation(fe::AttentionImplementation_t::COMPOSITE);
    a.set_diagonal_alignment(sdpa_.band.bottom_right ? fe::DiagonalAlignment_t::BOTTOM_RIGHT
                                                     : fe::DiagonalAlignment_t::TOP_LEFT);
    if (sdpa_.band.left) a.set_diagonal_band_left_bound(static_cast<int>(*sdpa_.band.left));
    if (sdpa_.band.right) a.set_diagonal_band_right_bound(static_cast<int>(*sdpa_.band.right));
    if (sdpa_.has_padding) {
      const Shape lengths = {sdpa_.batch, 1, 1, 1};
      a.set_padding_mask(true)
          .set_seq_len_q(packed(SdpaTensor::seq_q, "seq_q", lengths, fe::DataType_t::INT32))
          .set_seq_len_kv(packed(SdpaTensor::seq_kv, "seq_kv", lengths, fe::DataType_t::INT32));
    }
    if (sdpa_.has_bias) {
      a.set_bias(packed(SdpaTensor::bias,
                        "bias",
                        {sdpa_.batch, 1, sdpa_.seq_q, sdpa_.seq_kv},
                        frontend_type(sdpa_.type)));
    }
    a.set_alibi_mask(sdpa_.has_alibi);
    if (sdpa_.has_sink) {
      a.set_sink_token(
          packed(SdpaTensor::sink, "sink", {1, sdpa_.heads_q, 1, 1}, fe::DataType_t::FLOAT));
    }
    if (sdpa_.dropout > 0) {
      const Shape one = {1, 1, 1, 1};
      a.set_dropout(
          sdpa_.dropout,
          packed(SdpaTensor::dropout_seed, "dropout_seed", one, fe::DataType_t::INT64),
          packed(SdpaTensor::dropout_offset, "dropout_offset", one, fe::DataType_t::INT64));
    }
    if (sdpa_.page > 0) {
      const Shape table = {sdpa_.batch, 1, pages_per_batch(), 1};
      a.set_paged_attention_k_table(
           packed(SdpaTensor::page_table_k, "page_table_k", table, fe::DataType_t::INT32))
          .set_paged_attention_v_table(
              packed(SdpaTensor::page_table_v, "page_table_v", table, fe::DataType_t::INT32))
          .set_paged_attention_max_seq_len_kv(static_cast<int>(sdpa_.seq_kv));
    }
    return a;
  }

  void set_outputs(const Tensor& o, const Tensor& lse) {
    o->set_output(true)
        .set_name("o")
        .set_uid(static_cast<std::int64_t>(SdpaTensor::o))
        .set_data_type(frontend_type(sdpa_.output.value_or(sdpa_.type)))
        .set_dim({sdpa_.batch, sdpa_.heads_q, sdpa_.seq_q, sdpa_.head_dim_v})
        .set_stride(strides(3));
    if (sdpa_.is_ragged) make_ragged(o, SdpaTensor::ragged_o, "ragged_o");
    lse->set_output(true)
        .set_name("lse")
        .set_uid(static_cast<std::int64_t>(SdpaTensor::lse))
        .set_data_type(fe::DataType_t::FLOAT);
  }

  void make() {
    make_operands();
    auto [o, lse] = graph_.sdpa(q_, k_, v_, attributes());
    set_outputs(o, lse);
  }

  void make_fp8() {
    make_operands();
    std::int64_t next = static_cast<std::int64_t>(SdpaTensor::scales);
    const auto scalar = [&](const char* name) {
      return packed(SdpaTensor{next++}, name, {1, 1, 1, 1}, fe::DataType_t::FLOAT);
    };
    auto [o, lse, amax_s, amax_o] = graph_.sdpa_fp8(q_,
                                                    k_,
                                                    v_,
                                                    scalar("descale_q"),
                                                    scalar("descale_k"),
                                                    scalar("descale_v"),
                                                    scalar("descale_s"),
                                                    scalar("scale_s"),
                                                    scalar("scale_o"),
                                                    attributes());
    set_outputs(o, lse);
    for (const Tensor& amax : {amax_s, amax_o}) {
      amax->set_output(true)
          .set_uid(next++)
          .set_data_type(fe::DataType_t::FLOAT)
          .set_dim({1, 1, 1, 1})
          .set_stride({1, 1, 1, 1});
    }
  }

  const Sdpa& sdpa_;
  SdpaForm form_;
  fe::graph::Graph graph_;
  Tensor q_;
  Tensor k_;
  Tensor v_;
};

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
                         const std::map<SdpaTensor, std::size_t>& output_bytes) {
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
