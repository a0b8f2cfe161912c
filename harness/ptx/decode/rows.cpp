// A kernel with one thread per row around the statements under test.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/rows.h"

#include "harness/base/check.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/syntax/parser.h"

#include <fmt/core.h>

#include <cstring>
#include <span>
#include <string_view>

namespace attest::ptx {
namespace {

constexpr std::string_view kNames = "abcd";
constexpr std::uint32_t kBlock = 256;

std::string text_of(const Rows& rows) {
  std::string text =
      ".version 9.0\n.target sm_90\n.address_size 64\n.visible .entry e(.param .u64 x, "
      ".param .u32 n";
  for (std::size_t i = 0; i < rows.operands.size(); ++i)
    text += std::string(", .param .u64 ") + kNames[i];
  text +=
      ")\n{\n.reg .pred %p, %q, %past;\n.reg .b16 %x16, %t16;\n.reg .b32 %x32, %t32, %u32, %v32, "
      "%row, %n;\n"
      ".reg .b64 %x64, %t64, %u64, %at, %offset;\n"
      "mov.u32 %row, %ctaid.x;\nshl.b32 %row, %row, 8;\nmov.u32 %n, %tid.x;\n"
      "add.u32 %row, %row, %n;\nld.param.u32 %n, [n];\nsetp.ge.u32 %past, %row, %n;\n"
      "@%past ret;\nmov.b64 %offset, {%row, 0};\nshl.b64 %offset, %offset, 3;\n";
  for (std::size_t i = 0; i < rows.operands.size(); ++i) {
    text += fmt::format(
        ".reg .b16 %{0}16;\n.reg .b32 %{0}32;\n.reg .b64 %{0}64;\n"
        "ld.param.u64 %at, [{0}];\nadd.u64 %at, %at, %offset;\nld.global.u64 %{0}64, [%at];\n"
        "cvt.u32.u64 %{0}32, %{0}64;\ncvt.u16.u64 %{0}16, %{0}64;\n",
        kNames[i]);
  }
  text += rows.body + "\n";
  const std::string bits = std::to_string(rows.result_bits);
  if (rows.result_bits != 64) text += "cvt.u64.u" + bits + " %x64, %x" + bits + ";\n";
  return text +
         "ld.param.u64 %at, [x];\nadd.u64 %at, %at, %offset;\nst.global.u64 [%at], %x64;\n"
         "ret;\n}\n";
}

}  // namespace

Result<std::vector<std::uint64_t>> run_rows(const Rows& rows) {
  ATTEST_CHECK(!rows.operands.empty() && rows.operands.size() <= kNames.size());
  const std::string text = text_of(rows);
  ATTEST_TRY(const Module module, parse_module(text, "rows"));
  ATTEST_TRY(const auto program, decode(module, "rows", "e", rows.options));
  const std::size_t count = rows.operands.front().size();
  std::vector<std::uint64_t> words;
  GlobalMemory memory;
  words.push_back(memory.allocate("x", static_cast<std::int64_t>(count * 8), 0, {}, true));
  words.push_back(count);
  for (const auto& operand : rows.operands) {
    ATTEST_CHECK(operand.size() == count);
    words.push_back(memory.allocate(
        "in", static_cast<std::int64_t>(count * 8), 0, std::as_bytes(std::span(operand)), false));
  }
  Launch launch;
  launch.grid = {static_cast<std::uint32_t>((count + kBlock - 1) / kBlock), 1, 1};
  launch.block = {kBlock, 1, 1};
  launch.parameters.resize(words.size() * 8);  // n is followed by a hole of 4 bytes
  std::memcpy(launch.parameters.data(), words.data(), words.size() * 8);
  Grid grid(*program, launch, memory, {});
  if (const auto finding = grid.run()) {
    return Error{Code::bad_input, describe(*finding) + "\n" + text, "rows"};
  }
  std::vector<std::uint64_t> out(count);
  std::memcpy(out.data(), memory.allocations().front().data, count * 8);
  return out;
}

}  // namespace attest::ptx
