// serve: the helper program's side of a Worker.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/process/message.h"

#include <functional>

namespace attest {

/// Answers messages on descriptor 0 until the other side closes it; returns the exit code of main:
/// 0 at the end of the stream, 70 after a broken one or an exception, with a line on stderr. What
/// else the process writes to stdout goes to stderr. The process dies with the thread that started it.
int serve(const std::function<Message(const Message&)>& handler,
          std::int64_t max_bytes = kMaxMessageBytes);

}  // namespace attest
