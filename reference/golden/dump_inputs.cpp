// attest_golden_inputs FOLDER < CASES: the drawn input bits of each case, for programs that are not ours.
// SPDX-License-Identifier: Apache-2.0
//
// Line n, counted from 0, becomes FOLDER/n/<tensor>: the elements row-major without gaps, as
// little-endian bits of their dtype; masks as bytes.
#include "harness/problem/any_problem.h"
#include "harness/problem/data.h"
#include "harness/problem/operation_data.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

namespace attest {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, const void* bytes, std::size_t count) {
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count));
  if (!file.flush()) throw fs::filesystem_error("cannot write", path, std::error_code());
}

void write_tensor(const fs::path& path, const HostTensor& tensor) {
  const auto& [batch, heads, rows, columns] = tensor.layout.shape;
  const auto elements = static_cast<std::size_t>(tensor.layout.elements());
  const Dtype dtype = tensor.layout.dtype;
  std::vector<std::byte> packed(elements * static_cast<std::size_t>(size_bytes(dtype)));
  std::int64_t at = 0;
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t h = 0; h < heads; ++h)
      for (std::int64_t s = 0; s < rows; ++s)
        for (std::int64_t d = 0; d < columns; ++d)
          store_bits(dtype, packed.data(), at++, tensor.bits(b, h, s, d));
  write_file(path, packed.data(), packed.size());
}

void dump(const fs::path& folder, const Problem& problem) {
  const Inputs inputs = draw_inputs(problem);
  write_tensor(folder / "q", inputs.q);
  write_tensor(folder / "k", inputs.k);
  write_tensor(folder / "v", inputs.v);
  write_file(folder / "keep", inputs.keep.data(), inputs.keep.size());
}

void dump(const fs::path& folder, const LayerProblem& layer) {
  const LayerInputs inputs = draw_layer(layer);
  write_tensor(folder / "x", inputs.x);
  write_tensor(folder / "w_qkv", inputs.w_qkv);
  write_tensor(folder / "b_qkv", inputs.b_qkv);
  write_tensor(folder / "w_out", inputs.w_out);
  write_tensor(folder / "b_out", inputs.b_out);
  write_file(folder / "mask", inputs.mask.data(), inputs.mask.size());
}

int fail(const std::string& message) {
  std::cerr << "attest_golden_inputs: " << message << '\n';
  return 2;
}

int run(int argc, char** argv) {
  if (argc != 2) return fail("usage: attest_golden_inputs FOLDER < CASES");
  std::string line;
  for (int n = 0; std::getline(std::cin, line); ++n) {
    const Result<AnyProblem> any = parse_any(line);
    if (!any) return fail(any.error().to_string());
    const fs::path folder = fs::path(argv[1]) / std::to_string(n);
    fs::create_directories(folder);
    if (const auto* problem = std::get_if<Problem>(&*any)) {
      dump(folder, *problem);
    } else if (const auto* layer = std::get_if<LayerProblem>(&*any)) {
      dump(folder, *layer);
    } else {
      return fail(line + ": neither attn nor layer");
    }
  }
  return 0;
}

}  // namespace
}  // namespace attest

int main(int argc, char** argv) {
  try {
    return attest::run(argc, argv);
  } catch (const std::exception& error) {
    return attest::fail(error.what());
  }
}
