// First contents of a buffer of `attest ptx --run`, as its --param says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/parameter_spec.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace attest {

/// Fills all of `data`, a whole number of elements. An element is a pure function of (seed, stream,
/// index): it stays when the buffer becomes longer.
void fill_buffer(const Element& element,
                 const Fill& fill,
                 std::uint64_t seed,
                 std::uint64_t stream,
                 std::span<std::byte> data);

}  // namespace attest
