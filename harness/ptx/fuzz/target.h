// Fuzz targets: any bytes through a part of the executor, and what must hold of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace attest::ptx {

/// Parses; what parses is printed, parsed again and must be equal, and printed again the same text.
/// Throws InternalError when a promise is broken.
void fuzz_parse(std::string_view input);

/// Parses, decodes and runs the first entry on small buffers, few warps and few instructions, twice:
/// the two runs must agree in counts, finding and bytes. inspect() must refuse an entry exactly when
/// decode() does. The last eight bytes of the input are the launch, by their low four bits (so "1"
/// is 1): blocks in x and y, threads in x by eights, threads in y and z, dynamic shared memory by
/// KiB, seed of the schedule, and flags: 1 unchecked, 2 keeps sites, 4 fast mma, 8 contracts.
/// Throws InternalError when a promise is broken.
void fuzz_run(std::string_view input);

}  // namespace attest::ptx
