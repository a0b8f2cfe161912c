// Every symbol that the library exports: refused before cuInit, unharmed by null arguments, made to
// fail by name, found by cuGetProcAddress.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver_testing.h"

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <unistd.h>

namespace attest::driver {
namespace {

// All arguments null or 0. In the x86-64 ABI the caller owns the arguments, so too many do no harm.
using AnyEntryPoint =
    CUresult(void*, void*, void*, void*, void*, void*, void*, void*, void*, void*, void*);

template <class T>
T at(const std::string& file, std::size_t offset) {
  T value{};
  if (offset + sizeof value <= file.size()) std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

/// Names of the functions that a shared library defines, from its table of dynamic symbols.
std::vector<std::string> exports_of(const char* path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(stream), {}};
  const auto header = at<Elf64_Ehdr>(file, 0);
  const auto section = [&](std::size_t n) {
    return at<Elf64_Shdr>(file, header.e_shoff + n * sizeof(Elf64_Shdr));
  };
  std::vector<std::string> names;
  for (std::size_t n = 0; n < header.e_shnum; ++n) {
    const Elf64_Shdr symbols = section(n);
    if (symbols.sh_type != SHT_DYNSYM) continue;
    const Elf64_Shdr strings = section(symbols.sh_link);
    for (std::size_t s = 0; s < symbols.sh_size; s += sizeof(Elf64_Sym)) {
      const auto symbol = at<Elf64_Sym>(file, symbols.sh_offset + s);
      if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
      names.emplace_back(file.c_str() + strings.sh_offset + symbol.st_name);
    }
  }
  return names;
}

std::vector<std::string> exports() {
  return exports_of(ATTEST_SIMULATED_DRIVER);
}

CUresult call_with_nothing(const std::string& symbol) {
  void* const found = dlsym(RTLD_DEFAULT, symbol.c_str());
  EXPECT_NE(found, nullptr) << symbol;
  if (found == nullptr) return CUDA_SUCCESS;
  return reinterpret_cast<AnyEntryPoint*>(found)(nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr);
}

/// Those that need no driver to answer.
bool needs_nothing(const std::string& symbol) {
  static const std::set<std::string> names = {"cuInit",
                                              "cuDriverGetVersion",
                                              "cuGetErrorName",
                                              "cuGetErrorString",
                                              "cuGetProcAddress",
                                              "cuGetProcAddress_v2"};
  return names.count(symbol) > 0;
}

/// Those that null arguments are right for.
bool takes_nothing(const std::string& symbol) {
  static const std::set<std::string> names = {"cuInit",
                                              "cuCtxGetStreamPriorityRange",
                                              "cuCtxPopCurrent_v2",
                                              "cuCtxSetCurrent",
                                              "cuCtxSetLimit",
                                              "cuCtxSynchronize",
                                              "cuDevicePrimaryCtxRelease_v2",
                                              "cuDevicePrimaryCtxReset_v2",
                                              "cuDevicePrimaryCtxSetFlags_v2",
                                              "cuMemFree_v2",
                                              "cuMemGetInfo_v2",
                                              "cuStreamQuery",
                                              "cuStreamSynchronize"};
  // Of no bytes.
  const bool is_copy = symbol.starts_with("cuMemcpy") || symbol.starts_with("cuMemset");
  return is_copy || names.count(symbol) > 0;
}

TEST(SimulatedEntryPoints, AreNoOthers) {
  const std::vector<std::string> symbols = exports();
  EXPECT_GT(symbols.size(), 24u);
  for (const std::string& symbol : symbols)
    EXPECT_TRUE(symbol.starts_with("cu")) << symbol;
}

TEST(SimulatedEntryPoints, WaitForInitialisation) {
  EXPECT_TRUE(holds_in_child({}, [] {
    for (const std::string& symbol : exports()) {
      if (!needs_nothing(symbol)) {
        EXPECT_EQ(call_with_nothing(symbol), CUDA_ERROR_NOT_INITIALIZED) << symbol;
      }
    }
  }));
}

TEST(SimulatedEntryPoints, AreUnharmedByNothing) {
  EXPECT_TRUE(holds_in_child({}, [] {
    for (const std::string& symbol : exports()) {
      CUcontext context = nullptr;
      ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
      ASSERT_EQ(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
      ASSERT_EQ(cuCtxSetCurrent(context), CUDA_SUCCESS);
      EXPECT_EQ(call_with_nothing(symbol) == CUDA_SUCCESS, takes_nothing(symbol)) << symbol;
    }
  }));
}

TEST(SimulatedEntryPoints, NeedAContext) {
  EXPECT_TRUE(holds_in_child({}, [] {
    ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
    CUdeviceptr address = 0;
    EXPECT_EQ(cuMemAlloc(&address, 4), CUDA_ERROR_INVALID_CONTEXT);
    EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_INVALID_CONTEXT);
    CUcontext context = nullptr;
    ASSERT_EQ(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
    ASSERT_EQ(cuCtxSetCurrent(context), CUDA_SUCCESS);
    EXPECT_EQ(cuMemAlloc(&address, 4), CUDA_SUCCESS);
    ASSERT_EQ(cuDevicePrimaryCtxRelease(0), CUDA_SUCCESS);
    EXPECT_EQ(cuMemAlloc(&address, 4), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  }));
}

// The injected error comes back from that entry point, at that call, and from no other.
TEST(SimulatedEntryPoints, EachFailsWhenAskedTo) {
  const std::set<std::string> all = [] {
    const auto symbols = exports();
    return std::set<std::string>(symbols.begin(), symbols.end());
  }();
  for (const std::string& symbol : all) {
    const Environment fault = {
        {"ATTEST_SIMULATED_FAULT", symbol + ":2=CUDA_ERROR_ECC_UNCORRECTABLE"}};
    EXPECT_TRUE(holds_in_child(fault, [&] {
      EXPECT_NE(call_with_nothing(symbol), CUDA_ERROR_ECC_UNCORRECTABLE);
      EXPECT_EQ(call_with_nothing(symbol), CUDA_ERROR_ECC_UNCORRECTABLE);
      EXPECT_NE(call_with_nothing(symbol), CUDA_ERROR_ECC_UNCORRECTABLE);
    })) << symbol;
  }
}

TEST(SimulatedEntryPoints, BadSettingsAreSaidAtInitialisation) {
  for (const auto& [name, value] : Environment{{"ATTEST_SIMULATED_FAULT", "cuMemAlloc:1"},
                                               {"ATTEST_SIMULATED_FAULT", "cuMemAlloc_v2"},
                                               {"ATTEST_SIMULATED_FAULT", "cuMemAlloc_v2:0"},
                                               {"ATTEST_SIMULATED_FAULT", "cuMemAlloc_v2:1=none"},
                                               {"ATTEST_SIMULATED_GPU", "sm_91"},
                                               {"ATTEST_SIMULATED_MMA", "quick"},
                                               {"ATTEST_SIMULATED_STEPS", "-1"},
                                               {"ATTEST_SIMULATED_HANG", "yes"}}) {
    EXPECT_TRUE(holds_in_child({{name, value}}, [] { EXPECT_EQ(cuInit(0), CUDA_ERROR_NO_DEVICE); }))
        << name << "=" << value;
  }
}

TEST(SimulatedEntryPoints, StayAwayFromARealDriver) {
  namespace fs = std::filesystem;
  const fs::path root = fs::temp_directory_path() / ("attest_root_" + std::to_string(getpid()));
  fs::create_directories(root / "proc/driver/nvidia");
  EXPECT_TRUE(holds_in_child({{"ATTEST_SIMULATED_ROOT", root.string()}}, [] {
    EXPECT_EQ(cuInit(0), CUDA_ERROR_NO_DEVICE);
    int count = 0;
    EXPECT_EQ(cuDeviceGetCount(&count), CUDA_ERROR_NOT_INITIALIZED);
  }));
  fs::remove_all(root);
}

TEST(SimulatedEntryPoints, AreFoundByNameAndVersion) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const auto find = [](const char* name, int version) {
      void* function = nullptr;
      CUdriverProcAddressQueryResult status{};
      EXPECT_EQ(cuGetProcAddress(name, &function, version, 0, &status), CUDA_SUCCESS);
      EXPECT_EQ(function != nullptr, status == CU_GET_PROC_ADDRESS_SUCCESS);
      return function;
    };
    const auto symbol = [](const char* name) { return dlsym(RTLD_DEFAULT, name); };
    EXPECT_EQ(find("cuMemAlloc", 13000), symbol("cuMemAlloc_v2"));
    EXPECT_EQ(find("cuMemAlloc", 2000), nullptr);
    EXPECT_EQ(find("cuCtxCreate", 13000), symbol("cuCtxCreate_v4"));
    EXPECT_EQ(find("cuCtxCreate", 12000), symbol("cuCtxCreate_v2"));
    EXPECT_EQ(find("cuEventElapsedTime", 12000), symbol("cuEventElapsedTime"));
    EXPECT_EQ(find("cuNothing", 13000), nullptr);
    void* function = nullptr;
    EXPECT_EQ(cuGetProcAddress("cuNothing", &function, 13000, 0, nullptr), CUDA_ERROR_NOT_FOUND);
  }));
}

TEST(SimulatedEntryPoints, ErrorsHaveNames) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const char* text = nullptr;
    EXPECT_EQ(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text), CUDA_SUCCESS);
    EXPECT_STREQ(text, "CUDA_ERROR_ILLEGAL_ADDRESS");
    EXPECT_EQ(cuGetErrorString(CUDA_ERROR_ILLEGAL_ADDRESS, &text), CUDA_SUCCESS);
    EXPECT_STREQ(text, "illegal address");
    EXPECT_EQ(cuGetErrorString(CUDA_SUCCESS, &text), CUDA_SUCCESS);
    EXPECT_STREQ(text, "no error");
    EXPECT_EQ(cuGetErrorName(static_cast<CUresult>(33), &text), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(text, nullptr);
  }));
}

}  // namespace
}  // namespace attest::driver
