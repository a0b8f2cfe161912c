// Reads golden files.
// SPDX-License-Identifier: Apache-2.0
#include "reports/golden/golden.h"

#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace attest {

std::string golden(const std::string& file) {
  std::ifstream in(std::string(ATTEST_GOLDEN_DIR) + "/" + file, std::ios::binary);
  EXPECT_TRUE(in.good()) << "no golden file " << file;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

RunRecord green_run() {
  RunRecord run = sample_run();
  run.interrupted = false;
  run.cases.resize(5);
  run.planned = 5;
  run.failures.clear();
  run.oracles[0].keys.pop_back();  // the one that disagrees
  run.oracles[0].deaths.clear();
  return run;
}

}  // namespace attest
