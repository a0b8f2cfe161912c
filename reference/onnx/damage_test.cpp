// Damaged files: no crash, no endless work, whatever the bytes say.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/evaluate.h"
#include "reference/onnx/reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace attest {
namespace {

// Cut anywhere or with any byte changed, a file gives a graph or an error; so does its evaluation.
TEST(OnnxFile, MayBeDamaged) {
  std::ostringstream text;
  text << std::ifstream(ATTEST_ONNX_FOLDER "/layer_h1.onnx", std::ios::binary).rdbuf();
  const std::string whole = text.str();
  ASSERT_GT(whole.size(), 1000U);
  int read = 0;
  int evaluated = 0;
  const auto attempt = [&](const std::string& bytes) {
    const Result<OnnxGraph> graph = parse_onnx(bytes, "f");
    if (!graph) return;
    ++read;
    std::map<std::string, OnnxTensor> inputs;
    for (const OnnxInput& input : graph->inputs) {
      OnnxTensor& tensor = inputs[input.name];
      tensor = {input.type, input.shape, {}};
      std::int64_t elements = 1;
      for (const std::int64_t size : input.shape)
        elements = size > 0 && size < 1000 && elements < 1000000 ? elements * size : 0;
      tensor.values.assign(static_cast<std::size_t>(elements), 1.0);
    }
    if (evaluate_onnx(*graph, inputs).has_value()) ++evaluated;
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    attempt(whole.substr(0, at));
    for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      attempt(damaged);
    }
  }
  // Both outcomes did occur.
  EXPECT_GT(evaluated, 1000);
  EXPECT_GT(read, evaluated);
}

}  // namespace
}  // namespace attest
