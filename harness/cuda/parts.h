// What of a GPU machine is here: driver, device, cuBLAS, cuBLASLt, CUPTI.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/process/message.h"

namespace attest::cuda {

/// {"parts":[{"name","is_there","detail"}..],"symbols":[..]}: a version, or why it is missing; the
/// functions of the driver that this program uses.
[[nodiscard]] Message parts_message();

}  // namespace attest::cuda
