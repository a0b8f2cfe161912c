// The null driver has every symbol that cuDNN asks for; loads succeed, all else is refused.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <dlfcn.h>
#include <string>
#include <string_view>

namespace {

constexpr int kStubLibrary = 34;

// What cuDNN 9.19.0 looks up in libcuda.so.1 until a plan is finished (LD_DEBUG=symbols).
constexpr std::array<const char*, 5> kAnswering = {"cuLibraryLoadData",
                                                   "cuLibraryGetKernel",
                                                   "cuLibraryUnload",
                                                   "cuGetErrorName",
                                                   "cuGetErrorString"};
constexpr std::array<const char*, 19> kRefusing = {"cuCtxGetCurrent",
                                                   "cuCtxGetLimit",
                                                   "cuCtxPopCurrent",
                                                   "cuCtxPushCurrent",
                                                   "cuStreamGetCtx",
                                                   "cuDriverGetVersion",
                                                   "cuLinkCreate",
                                                   "cuLinkAddData",
                                                   "cuLinkComplete",
                                                   "cuLinkDestroy",
                                                   "cuLaunchKernel",
                                                   "cuLaunchCooperativeKernel",
                                                   "cuDeviceGetCount",
                                                   "cuDeviceGet",
                                                   "cuLibraryLoadFromFile",
                                                   "cuKernelSetAttribute",
                                                   "cuKernelGetAttribute",
                                                   "cuOccupancyMaxPotentialClusterSize",
                                                   "cuLaunchKernelEx"};

class NullDriver : public ::testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen(ATTEST_NULL_DRIVER, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
  }
  void TearDown() override {
    if (library_ != nullptr) dlclose(library_);
  }

  template <class Function>
  Function* symbol(const char* name) {
    void* found = dlsym(library_, name);
    EXPECT_NE(found, nullptr) << name;
    return reinterpret_cast<Function*>(found);
  }

  void* library_ = nullptr;
};

TEST_F(NullDriver, HasTheSymbolsOfCudnn) {
  for (const char* name : kAnswering)
    EXPECT_NE(dlsym(library_, name), nullptr) << name;
  for (const char* name : kRefusing)
    EXPECT_NE(dlsym(library_, name), nullptr) << name;
}

TEST_F(NullDriver, LoadsLibrariesAndKernels) {
  auto* load = symbol<int(void**, const void*, int*, void**, unsigned, int*, void**, unsigned)>(
      "cuLibraryLoadData");
  auto* get_kernel = symbol<int(void**, void*, const char*)>("cuLibraryGetKernel");
  auto* unload = symbol<int(void*)>("cuLibraryUnload");
  void* library = nullptr;
  EXPECT_EQ(load(&library, "ELF", nullptr, nullptr, 0, nullptr, nullptr, 0), 0);
  EXPECT_NE(library, nullptr);
  void* kernel = nullptr;
  EXPECT_EQ(get_kernel(&kernel, library, "kernel0_0"), 0);
  EXPECT_NE(kernel, nullptr);
  EXPECT_EQ(unload(library), 0);
  EXPECT_NE(load(nullptr, "ELF", nullptr, nullptr, 0, nullptr, nullptr, 0), 0);
  EXPECT_NE(get_kernel(nullptr, library, "kernel0_0"), 0);
}

TEST_F(NullDriver, RefusesEverythingElse) {
  for (const char* name : kRefusing) {
    auto* refused = symbol<int(void*, void*, void*, void*, void*, void*)>(name);
    EXPECT_EQ(refused(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr), kStubLibrary) << name;
  }
}

TEST_F(NullDriver, NamesItsOneError) {
  auto* name = symbol<int(int, const char**)>("cuGetErrorName");
  auto* text = symbol<int(int, const char**)>("cuGetErrorString");
  const char* answer = nullptr;
  EXPECT_EQ(name(kStubLibrary, &answer), 0);
  EXPECT_EQ(std::string_view(answer), "CUDA_ERROR_STUB_LIBRARY");
  EXPECT_EQ(text(kStubLibrary, &answer), 0);
  EXPECT_NE(std::string_view(answer).find("null driver"), std::string_view::npos);
  EXPECT_NE(name(1, &answer), 0);
  EXPECT_EQ(answer, nullptr);
  EXPECT_NE(name(kStubLibrary, nullptr), 0);
}

// cuDNN opens "libcuda.so.1": with the null driver's folder first, or loaded before, it gets this.
TEST_F(NullDriver, OwnsTheSoname) {
  void* by_name = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  EXPECT_EQ(by_name, library_);
  if (by_name != nullptr) dlclose(by_name);
}

}  // namespace
