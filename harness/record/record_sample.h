// A small run with every kind of outcome in it, for tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

namespace attest {

/// Three agree, one disagree, one fault, two refused, one interrupted; two failures.
[[nodiscard]] RunRecord sample_run();
/// cuDNN: one graph agrees, one disagrees, one is not evaluated; some admitted, refused, dead.
[[nodiscard]] OracleRecord sample_oracle();
/// A layer through three pipelines: one with a fault, one that agrees, one that disagrees.
[[nodiscard]] RunRecord sample_layer_run();

/// sample_run() with text that would end a string, a tag, a script, a line or a command in it, bytes
/// that are no UTF-8, and numbers that JSON has not.
[[nodiscard]] RunRecord sample_hostile_run();
inline constexpr const char* kHostileText =
    "</script><script>document.title='broken'</script><!-- ]]> \x01\x7f\xff \" ' & {{x}} | ``` %0A"
    "\n::error::\x1b[31m";

}  // namespace attest
