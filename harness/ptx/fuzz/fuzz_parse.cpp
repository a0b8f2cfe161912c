// The parser and the printer on any bytes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "harness/ptx/fuzz/target.h"
#include "harness/ptx/syntax/parser.h"

namespace attest::ptx {

void fuzz_parse(std::string_view input) {
  const auto module = parse_module(input, "fuzz");
  if (!module) {
    ATTEST_CHECK(module.error().where.starts_with("fuzz"));
    ATTEST_CHECK(!module.error().message.empty());
    return;
  }
  const std::string printed = print(*module);
  const auto again = parse_module(printed, "printed");
  ATTEST_CHECK(again.has_value());
  ATTEST_CHECK(*again == *module);
  ATTEST_CHECK(print(*again) == printed);
}

}  // namespace attest::ptx
