// One launch of the record to and from JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/json_text.h"
#include "harness/record/record.h"

namespace attest {

[[nodiscard]] Json to_json(const LaunchSummary& launch);
/// Inverse of to_json. Throws nlohmann's exceptions, or DecodeError for a class that there is not.
[[nodiscard]] LaunchSummary launch_from_json(const Json& json);

}  // namespace attest
