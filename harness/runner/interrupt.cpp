// Signal handlers that only set a flag.
// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/interrupt.h"

#include <atomic>

namespace attest {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free");

extern "C" void raise_flag(int) {
  interrupted.store(true);
}

}  // namespace

InterruptScope::InterruptScope() {
  interrupted.store(false);
  struct sigaction action {};
  action.sa_handler = raise_flag;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &previous_int_);
  sigaction(SIGTERM, &action, &previous_term_);
}

InterruptScope::~InterruptScope() {
  sigaction(SIGINT, &previous_int_, nullptr);
  sigaction(SIGTERM, &previous_term_, nullptr);
}

bool InterruptScope::is_interrupted() {
  return interrupted.load();
}

}  // namespace attest
