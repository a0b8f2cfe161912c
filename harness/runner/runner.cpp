// A pool of threads that claim units in order.
// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/runner.h"

#include "harness/base/check.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace attest {
namespace {

class Pool {
 public:
  explicit Pool(const Work& work)
      : work_(work), is_done_(static_cast<std::size_t>(work.units), false) {}

  std::int64_t run() {
    const auto threads = static_cast<int>(std::min<std::int64_t>(work_.jobs, work_.units));
    std::vector<std::thread> pool;
    pool.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i)
      pool.emplace_back([this] { run_thread(); });
    for (std::thread& thread : pool)
      thread.join();
    if (failure_) std::rethrow_exception(failure_);
    return claimed_;
  }

 private:
  void run_thread() {
    try {
      const Work::Worker worker = work_.make_worker();
      for (std::int64_t unit = claim(); unit >= 0; unit = claim()) {
        worker(unit);
        finish(unit);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  /// The next unit, or -1.
  std::int64_t claim() {
    const std::lock_guard lock(mutex_);
    if (failure_ || claimed_ == work_.units || (work_.stop && work_.stop())) return -1;
    const std::int64_t unit = claimed_++;
    if (work_.started) work_.started(unit);
    return unit;
  }

  void finish(std::int64_t unit) {
    const std::lock_guard lock(mutex_);
    if (work_.finished) work_.finished(unit);
    is_done_[static_cast<std::size_t>(unit)] = true;
    for (; delivered_ < work_.units && is_done_[static_cast<std::size_t>(delivered_)];
         ++delivered_) {
      if (work_.delivered) work_.delivered(delivered_);
    }
  }

  const Work& work_;
  std::mutex mutex_;
  std::int64_t claimed_ = 0;    // units 0 .. claimed_-1 were handed to a thread
  std::int64_t delivered_ = 0;  // units 0 .. delivered_-1 were delivered
  std::vector<bool> is_done_;
  std::exception_ptr failure_;
};

}  // namespace

std::int64_t run_units(const Work& work) {
  ATTEST_CHECK(work.units >= 0);
  ATTEST_CHECK(work.jobs >= 1);
  ATTEST_CHECK(work.make_worker != nullptr);
  return Pool(work).run();
}

}  // namespace attest
