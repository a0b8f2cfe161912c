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

}  // namespace attest
