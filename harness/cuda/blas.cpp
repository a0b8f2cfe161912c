// cublasGemmStridedBatchedEx and cublasLtMatmul with exactly the arguments of a BlasCall.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/blas.h"

#if ATTEST_HAS_CUBLAS

#include "harness/base/check.h"
#include "harness/cuda/library.h"

#include <fmt/format.h>

#include <array>
#include <cublas_v2.h>
#include <cublasLt.h>

namespace attest::cuda {
namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20U;
constexpr int kMajor = CUBLAS_VER_MAJOR;

std::vector<std::string> names(const char* stem) {
  return {fmt::format("{}.so.{}", stem, kMajor)};
}

std::string version_text(std::size_t version) {
  return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

cudaDataType_t type_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return CUDA_R_32F;
    case Dtype::f16:
      return CUDA_R_16F;
    case Dtype::bf16:
      return CUDA_R_16BF;
  }
  fail_check("the dtype has a CUDA type", __FILE__, __LINE__);
}

cublasOperation_t op(const BlasMatrix& matrix) {
  return matrix.is_transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
}

std::string text(const char* function, const BlasCall& call) {
  return fmt::format(
      "{}(transa={}, transb={}, m={}, n={}, k={}, lda={}, strideA={}, ldb={}, strideB={}, ldc={}, "
      "strideC={}, batchCount={}, {})",
      function,
      call.left.is_transposed ? "T" : "N",
      call.right.is_transposed ? "T" : "N",
      call.m,
      call.n,
      call.k,
      call.left.leading,
      call.left.stride,
      call.right.leading,
      call.right.stride,
      call.result.leading,
      call.result.stride,
      call.count,
      name(call.dtype));
}

const void* pointer(CUdeviceptr address) {
  return reinterpret_cast<const void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

/// The functions that are used, by their names in the headers.
struct Functions {
  decltype(&cublasCreate_v2) create = nullptr;
  decltype(&cublasDestroy_v2) destroy = nullptr;
  decltype(&cublasSetStream_v2) set_stream = nullptr;
  decltype(&cublasGetStatusName) status_name = nullptr;
  decltype(&cublasGemmStridedBatchedEx_64) gemm = nullptr;
  decltype(&cublasLtCreate) lt_create = nullptr;
  decltype(&cublasLtDestroy) lt_destroy = nullptr;
  decltype(&cublasLtGetVersion) lt_version = nullptr;
  decltype(&cublasLtMatmulDescCreate) desc_create = nullptr;
  decltype(&cublasLtMatmulDescDestroy) desc_destroy = nullptr;
  decltype(&cublasLtMatmulDescSetAttribute) desc_set = nullptr;
  decltype(&cublasLtMatrixLayoutCreate) layout_create = nullptr;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy = nullptr;
  decltype(&cublasLtMatrixLayoutSetAttribute) layout_set = nullptr;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create = nullptr;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy = nullptr;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set = nullptr;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;
  decltype(&cublasLtMatmul) matmul = nullptr;
};

Result<Functions> find_functions(const Library& blas, const Library& lt) {
  Functions f;
  Status status = Done{};
  const auto find = [&status](const Library& library, const char* symbol, auto& function) {
    if (status) status = library.find(symbol, function);
  };
  find(blas, "cublasCreate_v2", f.create);
  find(blas, "cublasDestroy_v2", f.destroy);
  find(blas, "cublasSetStream_v2", f.set_stream);
  find(blas, "cublasGetStatusName", f.status_name);
  find(blas, "cublasGemmStridedBatchedEx_64", f.gemm);
  find(lt, "cublasLtCreate", f.lt_create);
  find(lt, "cublasLtDestroy", f.lt_destroy);
  find(lt, "cublasLtGetVersion", f.lt_version);
  find(lt, "cublasLtMatmulDescCreate", f.desc_create);
  find(lt, "cublasLtMatmulDescDestroy", f.desc_destroy);
  find(lt, "cublasLtMatmulDescSetAttribute", f.desc_set);
  find(lt, "cublasLtMatrixLayoutCreate", f.layout_create);
  find(lt, "cublasLtMatrixLayoutDestroy", f.layout_destroy);
  find(lt, "cublasLtMatrixLayoutSetAttribute", f.layout_set);
  find(lt, "cublasLtMatmulPreferenceCreate", f.preference_create);
  find(lt, "cublasLtMatmulPreferenceDestroy", f.preference_destroy);
  find(lt, "cublasLtMatmulPreferenceSetAttribute", f.preference_set);
  find(lt, "cublasLtMatmulAlgoGetHeuristic", f.heuristic);
  find(lt, "cublasLtMatmul", f.matmul);
  if (!status) return status.error();
  return f;
}

class CuBlas final : public Blas {
 public:
  CuBlas(const Functions& functions, DeviceMemory workspace)
      : f_(functions), workspace_(std::move(workspace)) {}
  ~CuBlas() override {
    if (handle_ != nullptr) f_.destroy(handle_);
    if (lt_ != nullptr) f_.lt_destroy(lt_);
  }
  CuBlas(const CuBlas&) = delete;
  CuBlas& operator=(const CuBlas&) = delete;

  Status start() {
    ATTEST_TRY([[maybe_unused]] const Done made, check("cublasCreate_v2()", f_.create(&handle_)));
    return check("cublasLtCreate()", f_.lt_create(&lt_));
  }

  [[nodiscard]] std::string version() const override { return version_text(f_.lt_version()); }

  Status run(const BlasCall& call, const BlasOperands& operands, CUstream stream) override {
    return call.bias ? run_lt(call, operands, stream) : run_plain(call, operands, stream);
  }

 private:
  [[nodiscard]] Status check(const std::string& call, cublasStatus_t status) const {
    if (status == CUBLAS_STATUS_SUCCESS) return Done{};
    return Error{
        Code::io,
        fmt::format("{} = {} ({})", call, f_.status_name(status), static_cast<int>(status)),
        ""};
  }

  Status run_plain(const BlasCall& call, const BlasOperands& operands, CUstream stream) {
    const auto alpha = static_cast<float>(call.alpha);
    const float beta = 0;
    const cudaDataType_t type = type_of(call.dtype);
    ATTEST_TRY([[maybe_unused]] const Done set,
               check("cublasSetStream_v2()", f_.set_stream(handle_, stream)));
    return check(text("cublasGemmStridedBatchedEx_64", call),
                 f_.gemm(handle_,
                         op(call.left),
                         op(call.right),
                         call.m,
                         call.n,
                         call.k,
                         &alpha,
                         pointer(operands.left),
                         type,
                         call.left.leading,
                         call.left.stride,
                         pointer(operands.right),
                         type,
                         call.right.leading,
                         call.right.stride,
                         &beta,
                         const_cast<void*>(pointer(operands.result)),
                         type,
                         call.result.leading,
                         call.result.stride,
                         call.count,
                         CUBLAS_COMPUTE_32F,
                         CUBLAS_GEMM_DEFAULT));
  }

  /// Descriptors of one matmul; null ones are not destroyed.
  struct Descriptors {
    const Functions& f;
    cublasLtMatmulDesc_t matmul = nullptr;
    std::array<cublasLtMatrixLayout_t, 3> layouts{};  // left, right, result
    cublasLtMatmulPreference_t preference = nullptr;

    explicit Descriptors(const Functions& functions) : f(functions) {}
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;
    ~Descriptors() {
      if (preference != nullptr) f.preference_destroy(preference);
      for (auto* const layout : layouts) {
        if (layout != nullptr) f.layout_destroy(layout);
      }
      if (matmul != nullptr) f.desc_destroy(matmul);
    }
  };

  template <class Value>
  Status set(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t attribute, Value value) {
    return check("cublasLtMatmulDescSetAttribute()",
                 f_.desc_set(desc, attribute, &value, sizeof value));
  }

  Status describe_matmul(const BlasCall& call, CUdeviceptr bias, Descriptors& d) {
    ATTEST_TRY([[maybe_unused]] const Done made,
               check("cublasLtMatmulDescCreate()",
                     f_.desc_create(&d.matmul, CUBLAS_COMPUTE_32F, CUDA_R_32F)));
    ATTEST_TRY([[maybe_unused]] const Done left,
               set(d.matmul, CUBLASLT_MATMUL_DESC_TRANSA, op(call.left)));
    ATTEST_TRY([[maybe_unused]] const Done right,
               set(d.matmul, CUBLASLT_MATMUL_DESC_TRANSB, op(call.right)));
    ATTEST_TRY([[maybe_unused]] const Done epilogue,
               set(d.matmul, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS));
    return set(d.matmul, CUBLASLT_MATMUL_DESC_BIAS_POINTER, pointer(bias));
  }

  Status describe_layout(const BlasMatrix& matrix,
                         std::int64_t rows,
                         std::int64_t columns,
                         const BlasCall& call,
                         cublasLtMatrixLayout_t* layout) {
    if (matrix.is_transposed) std::swap(rows, columns);
    ATTEST_TRY([[maybe_unused]] const Done made,
               check("cublasLtMatrixLayoutCreate()",
                     f_.layout_create(layout,
                                      type_of(call.dtype),
                                      static_cast<std::uint64_t>(rows),
                                      static_cast<std::uint64_t>(columns),
                                      matrix.leading)));
    const auto count = static_cast<std::int32_t>(call.count);
    ATTEST_TRY(
        [[maybe_unused]] const Done counted,
        check("cublasLtMatrixLayoutSetAttribute(BATCH_COUNT)",
              f_.layout_set(*layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count)));
    return check("cublasLtMatrixLayoutSetAttribute(STRIDED_BATCH_OFFSET)",
                 f_.layout_set(*layout,
                               CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                               &matrix.stride,
                               sizeof matrix.stride));
  }

  Status run_lt(const BlasCall& call, const BlasOperands& operands, CUstream stream) {
    Descriptors d(f_);
    ATTEST_TRY([[maybe_unused]] const Done matmul, describe_matmul(call, operands.bias, d));
    ATTEST_TRY([[maybe_unused]] const Done left,
               describe_layout(call.left, call.m, call.k, call, &d.layouts[0]));
    ATTEST_TRY([[maybe_unused]] const Done right,
               describe_layout(call.right, call.k, call.n, call, &d.layouts[1]));
    ATTEST_TRY([[maybe_unused]] const Done result,
               describe_layout(call.result, call.m, call.n, call, &d.layouts[2]));
    ATTEST_TRY([[maybe_unused]] const Done preferred,
               check("cublasLtMatmulPreferenceCreate()", f_.preference_create(&d.preference)));
    const std::size_t workspace = kWorkspaceBytes;
    ATTEST_TRY([[maybe_unused]] const Done limited,
               check("cublasLtMatmulPreferenceSetAttribute()",
                     f_.preference_set(d.preference,
                                       CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                       &workspace,
                                       sizeof workspace)));
    cublasLtMatmulHeuristicResult_t best{};
    int found = 0;
    ATTEST_TRY([[maybe_unused]] const Done chosen,
               check(text("cublasLtMatmulAlgoGetHeuristic", call),
                     f_.heuristic(lt_,
                                  d.matmul,
                                  d.layouts[0],
                                  d.layouts[1],
                                  d.layouts[2],
                                  d.layouts[2],
                                  d.preference,
                                  1,
                                  &best,
                                  &found)));
    if (found == 0) {
      return Error{Code::unsupported, text("cublasLtMatmul", call) + " has no algorithm", ""};
    }
    const auto alpha = static_cast<float>(call.alpha);
    const float beta = 0;
    auto* const d_out = const_cast<void*>(pointer(operands.result));
    return check(text("cublasLtMatmul", call),
                 f_.matmul(lt_,
                           d.matmul,
                           &alpha,
                           pointer(operands.left),
                           d.layouts[0],
                           pointer(operands.right),
                           d.layouts[1],
                           &beta,
                           d_out,
                           d.layouts[2],
                           d_out,
                           d.layouts[2],
                           &best.algo,
                           const_cast<void*>(pointer(workspace_.get())),
                           workspace,
                           stream));
  }

  Functions f_;
  DeviceMemory workspace_;
  cublasHandle_t handle_ = nullptr;
  cublasLtHandle_t lt_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Blas>> open_blas(const Driver& driver) {
  ATTEST_TRY(const Library blas, Library::open(names("libcublas")));
  ATTEST_TRY(const Library lt, Library::open(names("libcublasLt")));
  ATTEST_TRY(const Functions functions, find_functions(blas, lt));
  ATTEST_TRY(DeviceMemory workspace, allocate(driver, kWorkspaceBytes));
  auto opened = std::make_unique<CuBlas>(functions, std::move(workspace));
  ATTEST_TRY([[maybe_unused]] const Done started, opened->start());
  return std::unique_ptr<Blas>(std::move(opened));
}

Result<std::string> blas_lt_version() {
  ATTEST_TRY(const Library lt, Library::open(names("libcublasLt")));
  decltype(&cublasLtGetVersion) version = nullptr;
  ATTEST_TRY([[maybe_unused]] const Done found, lt.find("cublasLtGetVersion", version));
  return version_text(version());
}

Result<std::string> blas_version() {
  ATTEST_TRY(const Library blas, Library::open(names("libcublas")));
  decltype(&cublasGetProperty) property = nullptr;
  ATTEST_TRY([[maybe_unused]] const Done found, blas.find("cublasGetProperty", property));
  std::array<int, 3> parts{};
  const std::array<libraryPropertyType, 3> wanted = {MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL};
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    if (property(wanted[n], &parts[n]) != CUBLAS_STATUS_SUCCESS) {
      return Error{Code::unsupported, "cublasGetProperty() fails", ""};
    }
  }
  return fmt::format("{}.{}.{}", parts[0], parts[1], parts[2]);
}

}  // namespace attest::cuda

#else

namespace attest::cuda {
namespace {

Error not_built() {
  return {Code::unsupported, "not built: it was left out, or its headers were missing", ""};
}

}  // namespace

Result<std::unique_ptr<Blas>> open_blas(const Driver&) {
  return not_built();
}
Result<std::string> blas_version() {
  return not_built();
}
Result<std::string> blas_lt_version() {
  return not_built();
}

}  // namespace attest::cuda

#endif
