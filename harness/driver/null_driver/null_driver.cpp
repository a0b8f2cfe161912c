// The null driver: a libcuda.so.1 without a device, with which cuDNN finishes plans where no GPU is.
// SPDX-License-Identifier: Apache-2.0
//
// cuDNN 9.19 compiles a plan's kernels by NVRTC, loads them into the driver and only then calls the
// plan finished. It wants the 24 symbols of this file (measured with LD_DEBUG and by taking them
// away one at a time; a missing one is printed, "Could not load symbol"). Three succeed: loading a
// library, getting a kernel from it, unloading it. All others answer what NVIDIA's own stub library
// answers, so nothing is ever launched. Only the types' sizes matter: the file needs no cuda.h.

namespace {

constexpr int kSuccess = 0;            // CUDA_SUCCESS
constexpr int kInvalidValue = 1;       // CUDA_ERROR_INVALID_VALUE
constexpr int kStubLibrary = 34;       // CUDA_ERROR_STUB_LIBRARY
constexpr int kHandleBytes = 64;       // readable, should someone look
char handle_bytes[kHandleBytes] = {};  // every library and every kernel is this one

int give_handle(void** handle) {
  if (handle == nullptr) return kInvalidValue;
  *handle = handle_bytes;
  return kSuccess;
}

int describe(int error, const char* text, const char** out) {
  if (out == nullptr) return kInvalidValue;
  *out = error == kStubLibrary ? text : nullptr;
  return error == kStubLibrary ? kSuccess : kInvalidValue;
}

}  // namespace

#define ATTEST_EXPORT extern "C" __attribute__((visibility("default")))
/// An entry point that refuses whatever it is given; in the x86-64 ABI the caller owns the arguments.
#define ATTEST_REFUSES(name) \
  ATTEST_EXPORT int name() { \
    return kStubLibrary;     \
  }

ATTEST_EXPORT int cuLibraryLoadData(void** library,
                                    const void* /*code*/,
                                    int* /*jit_options*/,
                                    void** /*jit_values*/,
                                    unsigned /*jit_count*/,
                                    int* /*library_options*/,
                                    void** /*library_values*/,
                                    unsigned /*library_count*/) {
  return give_handle(library);
}

ATTEST_EXPORT int cuLibraryGetKernel(void** kernel, void* /*library*/, const char* /*name*/) {
  return give_handle(kernel);
}

ATTEST_EXPORT int cuLibraryUnload(void* /*library*/) {
  return kSuccess;
}

ATTEST_EXPORT int cuGetErrorName(int error, const char** name) {
  return describe(error, "CUDA_ERROR_STUB_LIBRARY", name);
}

ATTEST_EXPORT int cuGetErrorString(int error, const char** text) {
  return describe(error, "attest's null driver has no device", text);
}

ATTEST_REFUSES(cuCtxGetCurrent)
ATTEST_REFUSES(cuCtxGetLimit)
ATTEST_REFUSES(cuCtxPopCurrent)
ATTEST_REFUSES(cuCtxPushCurrent)
ATTEST_REFUSES(cuDeviceGet)
ATTEST_REFUSES(cuDeviceGetCount)
ATTEST_REFUSES(cuDriverGetVersion)
ATTEST_REFUSES(cuKernelGetAttribute)
ATTEST_REFUSES(cuKernelSetAttribute)
ATTEST_REFUSES(cuLaunchCooperativeKernel)
ATTEST_REFUSES(cuLaunchKernel)
ATTEST_REFUSES(cuLaunchKernelEx)
ATTEST_REFUSES(cuLibraryLoadFromFile)
ATTEST_REFUSES(cuLinkAddData)
ATTEST_REFUSES(cuLinkComplete)
ATTEST_REFUSES(cuLinkCreate)
ATTEST_REFUSES(cuLinkDestroy)
ATTEST_REFUSES(cuOccupancyMaxPotentialClusterSize)
ATTEST_REFUSES(cuStreamGetCtx)
