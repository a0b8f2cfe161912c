// Plans come back from the cache as they went in, or not at all.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/plan_cache.h"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace attest {
namespace {

namespace fs = std::filesystem;

class PlanCacheTest : public ::testing::Test {
 protected:
  PlanCacheTest()
      : folder_(fs::temp_directory_path() / ("attest-plan-cache-" + std::to_string(getpid()))) {}
  ~PlanCacheTest() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path file() const { return *fs::directory_iterator(folder_ / "9.19.0"); }

  fs::path folder_;
  SerialisedPlan plan_{{"eng2_k24=7", 256}, {'\n', 0, 7, '\n'}};
};

TEST_F(PlanCacheTest, finds_what_it_stored) {
  const PlanCache cache(folder_, "9.19.0");
  EXPECT_FALSE(cache.find("sdpa(a)").has_value());
  cache.store("sdpa(a)", plan_);
  const auto found = cache.find("sdpa(a)");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->admission.engine, "eng2_k24=7");
  EXPECT_EQ(found->admission.workspace_bytes, 256);
  EXPECT_EQ(found->ubjson, plan_.ubjson);
  EXPECT_FALSE(cache.find("sdpa(b)").has_value());
  EXPECT_FALSE(PlanCache(folder_, "9.20.0").find("sdpa(a)").has_value());
}

TEST_F(PlanCacheTest, leaves_out_a_plan_that_is_not_whole) {
  const PlanCache cache(folder_, "9.19.0");
  cache.store("sdpa(a)", plan_);
  fs::resize_file(file(), fs::file_size(file()) - 1);
  EXPECT_FALSE(cache.find("sdpa(a)").has_value());
}

TEST_F(PlanCacheTest, leaves_out_a_plan_of_another_request) {
  const PlanCache cache(folder_, "9.19.0");
  cache.store("sdpa(a)", plan_);
  std::fstream(file(), std::ios::in | std::ios::out) << "sdpa(c)";
  EXPECT_FALSE(cache.find("sdpa(a)").has_value());
}

TEST_F(PlanCacheTest, works_without_a_folder) {
  const PlanCache none("", "9.19.0");
  none.store("sdpa(a)", plan_);
  EXPECT_FALSE(none.find("sdpa(a)").has_value());
  const PlanCache blocked("/proc/nowhere", "9.19.0");
  blocked.store("sdpa(a)", plan_);
  EXPECT_FALSE(blocked.find("sdpa(a)").has_value());
}

}  // namespace
}  // namespace attest
