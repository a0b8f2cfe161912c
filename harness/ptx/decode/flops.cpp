// Operations by opcode, elements by type, products by shape.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/flops.h"

#include "harness/ptx/machine/warp.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_map>

namespace attest::ptx {
namespace {

bool has(const Instruction& i, std::string_view word) {
  return std::find(i.modifiers.begin(), i.modifiers.end(), word) != i.modifiers.end();
}

/// Operations on one element.
std::int64_t element_operations(const Instruction& i) {
  static const std::unordered_map<std::string_view, std::int64_t> table = {
      {"add", 1},
      {"cos", 1},
      {"div", 1},
      {"ex2", 1},
      {"fma", 2},
      {"lg2", 1},
      {"mad", 2},
      {"mul", 1},
      {"rcp", 1},
      {"rsqrt", 1},
      {"sin", 1},
      {"sqrt", 1},
      {"sub", 1},
      {"tanh", 1},
  };
  if (i.opcode == "max" || i.opcode == "min") return i.operands.size() > 3 ? 2 : 1;
  if (i.opcode == "atom" || i.opcode == "red")
    return has(i, "add") || has(i, "max") || has(i, "min") ? 1 : 0;
  const auto found = table.find(i.opcode);
  return found == table.end() ? 0 : found->second;
}

/// Floating-point elements that a lane works on; 0 when they are of another type.
std::int64_t elements(const Instruction& i) {
  std::int64_t packed = 0;
  std::int64_t vector = 1;
  for (const std::string& m : i.modifiers) {
    if (m == "v2") vector = 2;
    if (m == "v4") vector = 4;
    if (m == "v8") vector = 8;
    if (packed != 0) continue;
    if (m == "f16x2" || m == "bf16x2" || m == "f32x2") packed = 2;
    if (m == "f16" || m == "bf16" || m == "f32" || m == "f64") packed = 1;
  }
  return packed * vector;
}

/// "m16n8k16" -> 2 * 16 * 8 * 16; 0 for other words.
std::int64_t shape_flops(std::string_view shape) {
  std::int64_t flops = 2;
  for (const char dimension : {'m', 'n', 'k'}) {
    if (shape.empty() || shape.front() != dimension) return 0;
    std::int64_t size = 0;
    const char* end = shape.data() + shape.size();
    const auto read = std::from_chars(shape.data() + 1, end, size);
    if (read.ec != std::errc()) return 0;
    flops *= size;
    shape.remove_prefix(static_cast<std::size_t>(read.ptr - shape.data()));
  }
  return shape.empty() ? flops : 0;
}

std::int64_t matrix_flops(const Instruction& i) {
  if (has(i, "s32")) return 0;
  std::int64_t flops = 0;
  for (const std::string& m : i.modifiers)
    flops = std::max(flops, shape_flops(m));
  // PTX ISA 9.0, 9.7.14.5.1: m8n8k4 of .f16 is four products, one for each quarter of the warp.
  const bool is_four = i.opcode == "mma" && has(i, "m8n8k4") && has(i, "f16");
  return is_four ? 4 * flops : flops;
}

}  // namespace

std::int64_t flops(const Instruction& i) {
  if (i.opcode == "mma" || (i.opcode == "wmma" && has(i, "mma"))) return matrix_flops(i);
  return kLanes * elements(i) * element_operations(i);
}

}  // namespace attest::ptx
