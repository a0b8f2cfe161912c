// Kernels loaded once, launched through the driver.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/simulated_blas/gemm.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace attest::embedded {
std::string_view ATTEST_KERNELS();
}

namespace attest::simulated_blas {
namespace {

constexpr unsigned kTile = 16;
constexpr int kParts = 2;
constexpr long long kLongSum = 64;
constexpr long long kMostParts = 1 << 22;  // elements of the workspace

/// Stay as long as the process, as cuBLAS's own do.
struct Device {
  CUmodule module = nullptr;
  CUdeviceptr parts = 0;
};

const Device* device() {
  static const Device loaded = [] {
    Device d;
    const std::string text(embedded::ATTEST_KERNELS());
    if (cuModuleLoadData(&d.module, text.c_str()) != CUDA_SUCCESS) return Device{};
    if (cuMemAlloc(&d.parts, kParts * kMostParts * sizeof(float)) != CUDA_SUCCESS) return Device{};
    return d;
  }();
  return loaded.module != nullptr ? &loaded : nullptr;
}

const char* suffix(cudaDataType_t type) {
  switch (type) {
    case CUDA_R_32F:
      return "f32";
    case CUDA_R_16F:
      return "f16";
    case CUDA_R_16BF:
      return "bf16";
    default:
      return nullptr;
  }
}

bool is_valid(const GemmParams& p, long long count) {
  const auto fits = [](long long leading, long long rows) {
    return leading >= std::max(rows, 1LL);
  };
  return p.m >= 0 && p.n >= 0 && p.k >= 0 && count >= 0 &&
         fits(p.lda, p.is_a_transposed ? p.k : p.m) && fits(p.ldb, p.is_b_transposed ? p.n : p.k) &&
         fits(p.ldd, p.m);
}

cublasStatus_t launch(
    const char* kernel, const char* type, GemmParams params, long long depth, CUstream stream) {
  CUfunction function = nullptr;
  const std::string entry = std::string("simulated_") + kernel + "_" + type;
  if (cuModuleGetFunction(&function, device()->module, entry.c_str()) != CUDA_SUCCESS) {
    return CUBLAS_STATUS_INTERNAL_ERROR;
  }
  std::array<void*, 1> arguments = {&params};
  const auto blocks = [](long long size) {
    return static_cast<unsigned>((size + kTile - 1) / kTile);
  };
  const CUresult launched = cuLaunchKernel(function,
                                           blocks(params.m),
                                           blocks(params.n),
                                           static_cast<unsigned>(depth),
                                           kTile,
                                           kTile,
                                           1,
                                           0,
                                           stream,
                                           arguments.data(),
                                           nullptr);
  return launched == CUDA_SUCCESS ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

}  // namespace

cublasStatus_t start() {
  return device() != nullptr ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t enqueue(GemmParams params, cudaDataType_t type, long long count, CUstream stream) {
  const char* const name = suffix(type);
  if (name == nullptr) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (!is_valid(params, count)) return CUBLAS_STATUS_INVALID_VALUE;
  if (params.m == 0 || params.n == 0 || count == 0) return CUBLAS_STATUS_SUCCESS;
  if (device() == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  const bool is_split = count == 1 && params.k >= kLongSum && params.m * params.n <= kMostParts;
  if (!is_split) return launch("gemm", name, params, count, stream);
  params.parts = reinterpret_cast<float*>(device()->parts);  // NOLINT(performance-no-int-to-ptr)
  params.part_count = kParts;
  const cublasStatus_t summed = launch("splitk", name, params, kParts, stream);
  return summed == CUBLAS_STATUS_SUCCESS ? launch("reduce", name, params, 1, stream) : summed;
}

}  // namespace attest::simulated_blas
