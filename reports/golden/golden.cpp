// Reads golden files.
// SPDX-License-Identifier: Apache-2.0
#include "reports/golden/golden.h"

#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace attest {
namespace {

/// `page` without what stands between each `open` and the next `close`.
std::string without(const std::string& page, const std::string& open, const std::string& close) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = page.find(open, at);
    if (begin == std::string::npos) return out + page.substr(at);
    out += page.substr(at, begin + open.size() - at);
    at = page.find(close, begin);
    if (at == std::string::npos) return out;
  }
}

}  // namespace

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
  run.env.shard = {};
  run.env.missing.clear();
  run.env.retried.clear();
  return run;
}

void expect_golden(const std::string& text, const std::string& file) {
  if (std::getenv("ATTEST_GOLDEN_UPDATE") != nullptr) {
    std::ofstream(std::string(ATTEST_GOLDEN_DIR) + "/" + file, std::ios::binary) << text;
  }
  EXPECT_EQ(text, golden(file));
}

std::string markup(const std::string& page) {
  return without(without(without(page, "<style>", "</style>"), "<script>", "</script>"),
                 "id=\"data\">",
                 "</script>");
}

}  // namespace attest
