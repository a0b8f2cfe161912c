// Entry points: initialisation, versions, errors in words.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"
#include "harness/driver/result_name.h"

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Need;

extern "C" {

CUresult cuInit(unsigned flags) {
  return enter(__func__, Need::nothing, [&](Driver& driver) -> CUresult {
    return flags != 0 ? CUDA_ERROR_INVALID_VALUE : driver.initialise();
  });
}

CUresult cuDriverGetVersion(int* version) {
  return enter(__func__, Need::nothing, [&](Driver& /*driver*/) -> CUresult {
    if (version == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *version = CUDA_VERSION;
    return CUDA_SUCCESS;
  });
}

CUresult cuGetErrorName(CUresult error, const char** name) {
  return enter(__func__, Need::nothing, [&](Driver& /*driver*/) -> CUresult {
    if (name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *name = attest::driver::result_name(error);
    return *name == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
  });
}

CUresult cuGetErrorString(CUresult error, const char** text) {
  return enter(__func__, Need::nothing, [&](Driver& /*driver*/) -> CUresult {
    if (text == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *text = attest::driver::result_text(error);
    return *text == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
  });
}

}  // extern "C"
