// `count` on a simulated GPU with a simulated cuBLAS: what stands beside the kernels of this project.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <map>

namespace attest {
namespace {

class CountGpu : public testing::Test {
 protected:
  void SetUp() override {
    std::error_code ignored;
    if (std::filesystem::exists("/proc/driver/nvidia", ignored)) {
      GTEST_SKIP() << "a real driver is here";
    }
    std::string path;
    for (const char* library : {ATTEST_SIMULATED_DRIVER, ATTEST_SIMULATED_CUBLAS})
      path += std::filesystem::path(library).parent_path().string() + ":";
    ASSERT_EQ(setenv("LD_LIBRARY_PATH", path.c_str(), 1), 0);
  }
  TemporaryFolder folder;
};

TEST_F(CountGpu, RunsThePipelinesWithCublasToo) {
  ASSERT_EQ(
      run_binary({"count", "layer(s=32,d=64,h=2)", "--device", "cuda", "--json", "-"}, folder), 0)
      << read_file(folder / "err");
  const auto json = nlohmann::json::parse(read_file(folder / "out"));
  std::map<std::string, int> launches;
  for (const auto& pipeline : json.at("pipelines")) {
    EXPECT_EQ(pipeline.at("verdict"), "agree");
    launches[pipeline.at("name")] = pipeline.at("launches");
  }
  const std::map<std::string, int> want = {{"eager", 10},
                                           {"eager-cublas", 12},
                                           {"epilogue-fused", 5},
                                           {"flash", 3},
                                           {"graph-fused", 7},
                                           {"graph-fused-cublas", 9},
                                           {"single", 1}};
  EXPECT_EQ(launches, want);
}

TEST_F(CountGpu, ShowsEveryGemmOfCublasAndNoCountOfTheInterpreter) {
  ASSERT_EQ(run_binary({"count", "layer(s=32,d=64,h=2)", "--device", "cuda"}, folder), 0);
  const std::string out = read_file(folder / "out");
  EXPECT_NE(out.find("layer(s=32,d=64,h=2) on the GPU\n"), std::string::npos) << out;
  EXPECT_NE(out.find("cuBLAS on NVIDIA A100"), std::string::npos) << out;
  EXPECT_NE(out.find("gemm(m=32,n=64,k=64,tb=1,bias=1)"), std::string::npos) << out;
  EXPECT_NE(out.find("simulated_splitk_f16, simulated_reduce_f16"), std::string::npos) << out;
  EXPECT_NE(out.find("refused: BLAS has no mask"), std::string::npos) << out;
  EXPECT_EQ(out.find(" 0 B "), std::string::npos) << out;
}

}  // namespace
}  // namespace attest
