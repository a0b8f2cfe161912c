// The published vectors: text files, perhaps compressed, of hexadecimal f32 and binary words.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/vector_set.h"

#include "harness/base/dtype.h"
#include "harness/ptx/machine/mma_model.h"
#include "harness/ptx/machine/round_half.h"

#include <fmt/core.h>

#include <array>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <zlib.h>

namespace attest::ptx {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& path) {
  const fs::path zipped = path.string() + ".gz";
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(
      gzopen(fs::exists(zipped) ? zipped.c_str() : path.c_str(), "rb"), gzclose);
  if (!file) {
    throw std::runtime_error("cannot open " + path.string());
  }
  std::string text;
  std::array<char, 1 << 16> part{};
  int count = 0;
  while ((count = gzread(file.get(), part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  if (count < 0) {
    throw std::runtime_error("cannot read " + path.string());
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.find_first_not_of(" \r") != std::string::npos) {
      lines.push_back(line);
    }
  }
  return lines;
}

/// The f32 that an element of a narrow format is.
std::uint32_t widened(MmaFormat format, std::uint32_t bits) {
  switch (format) {
    case MmaFormat::f16:
      return bits_of(F16::widen(static_cast<std::uint16_t>(bits)));
    case MmaFormat::bf16:
      return bits << 16;
    case MmaFormat::tf32:
      return bits & ~0x1fffU;
    case MmaFormat::f32:
      return bits;
    default:
      return bits_of(F16::widen(static_cast<std::uint16_t>(mma_f16_of_fp8(format, bits))));
  }
}

/// The element whose value is this f32, exactly.
std::uint32_t narrowed(MmaFormat format, std::uint32_t wide) {
  std::uint32_t bits = wide;
  if (format == MmaFormat::f16 || format == MmaFormat::bf16) {
    bits = encode(format == MmaFormat::f16 ? Dtype::f16 : Dtype::bf16, f32_of(wide));
  } else if (format == MmaFormat::e4m3 || format == MmaFormat::e5m2) {
    for (bits = 0; bits < 0x100 && widened(format, bits) != wide; ++bits) {
    }
  }
  if (bits != wide && (bits > 0xffff || widened(format, bits) != wide)) {
    throw std::runtime_error(fmt::format("{:08x} is not a value of the narrow type", wide));
  }
  return bits;
}

std::vector<std::uint32_t> row_of(const std::string& line, MmaFormat format) {
  std::vector<std::uint32_t> row;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    row.push_back(narrowed(format, static_cast<std::uint32_t>(std::stoul(word, nullptr, 16))));
  }
  return row;
}

}  // namespace

/// Source  the folder layout and the rules of the published vectors: a c that is used with f16
///         results is rounded to f16 first; fp8 to f32 of H100 and H200 was measured with wgmma and
///         c = 0.
std::optional<VectorSet> read_vectors(const fs::path& root,
                                      const MeasuredGpu& gpu,
                                      const MeasuredType& in,
                                      const MeasuredType& out) {
  const fs::path folder = root / gpu.name / in.folder;
  const auto file = [&](std::string_view operand, std::string_view type) {
    return folder / fmt::format("{}_{}_{}.txt", operand, gpu.name, type);
  };
  if (!fs::exists(file("d", out.folder)) && !fs::exists(file("d", out.folder).string() + ".gz")) {
    return std::nullopt;
  }
  VectorSet set;
  set.label = fmt::format("{}/{}->{}", gpu.name, in.word, out.word);
  set.sm = gpu.sm;
  set.input = in.word;
  set.output = out.word;
  const bool is_fp8 = in.word[0] == 'e';
  const bool is_half = out.word == "f16";
  set.is_wgmma = is_fp8 && !is_half && gpu.sm == 90;
  const MmaFormat format = *mma_format(in.word);
  for (const std::string& line : lines_of(file("a", in.folder))) {
    set.a.push_back(row_of(line, format));
  }
  for (const std::string& line : lines_of(file("b", in.folder))) {
    set.b.push_back(row_of(line, format));
  }
  for (const std::string& line : lines_of(file("c", "fp32"))) {
    const auto bits = static_cast<std::uint32_t>(std::stoul(line, nullptr, 2));
    const std::uint32_t rounded = is_half ? narrow<F16, Rounding::rn>(f32_of(bits)) : bits;
    set.c.push_back(set.is_wgmma ? 0 : rounded);
  }
  for (const std::string& line : lines_of(file("d", out.folder))) {
    const auto bits = static_cast<std::uint32_t>(std::stoul(line, nullptr, 2));
    set.d.push_back(is_half ? narrowed(MmaFormat::f16, bits) : bits);
  }
  const std::size_t total = set.d.size();
  if (total == 0 || set.a.size() != total || set.b.size() != total || set.c.size() != total) {
    throw std::runtime_error(set.label + ": files of different lengths");
  }
  for (std::size_t i = 0; i < total; ++i) {
    if (set.a[i].size() != set.a[0].size() || set.b[i].size() != set.a[0].size()) {
      throw std::runtime_error(set.label + ": vectors of different lengths");
    }
  }
  return set;
}

}  // namespace attest::ptx
