// The runner on toy units: order, number of threads, stopping, exceptions.
// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/runner.h"

#include "harness/base/check.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <thread>
#include <vector>

namespace attest {
namespace {

struct Log {
  std::vector<std::int64_t> squares;
  std::vector<std::int64_t> delivered;
  std::vector<std::int64_t> seen_at_delivery;
  std::int64_t ran = 0;
};

/// Squares, the early ones slow, so that threads finish out of order.
Log run_squares(std::int64_t units, int jobs) {
  Log log;
  log.squares.assign(static_cast<std::size_t>(units), -1);
  Work work;
  work.units = units;
  work.jobs = jobs;
  work.make_worker = [&log] {
    return [&log](std::int64_t unit) {
      if (unit % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      log.squares[static_cast<std::size_t>(unit)] = unit * unit;
    };
  };
  work.delivered = [&log](std::int64_t unit) {
    log.delivered.push_back(unit);
    log.seen_at_delivery.push_back(log.squares[static_cast<std::size_t>(unit)]);
  };
  log.ran = run_units(work);
  return log;
}

TEST(Runner, delivers_every_unit_in_order_whatever_the_number_of_threads) {
  const std::vector<std::int64_t> order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<std::int64_t> squares = {0, 1, 4, 9, 16, 25, 36, 49, 64, 81};
  for (const int jobs : {1, 2, 5, 50}) {
    const Log log = run_squares(10, jobs);
    EXPECT_EQ(log.ran, 10) << jobs;
    EXPECT_EQ(log.delivered, order) << jobs;
    EXPECT_EQ(log.seen_at_delivery, squares) << jobs;
  }
}

TEST(Runner, runs_nothing_for_no_units) {
  const Log log = run_squares(0, 2);
  EXPECT_EQ(log.ran, 0);
  EXPECT_TRUE(log.delivered.empty());
}

TEST(Runner, runs_two_units_at_once) {
  std::barrier both(2);  // one thread alone would wait here for ever
  Work work;
  work.units = 2;
  work.jobs = 2;
  work.make_worker = [&both] { return [&both](std::int64_t) { both.arrive_and_wait(); }; };
  EXPECT_EQ(run_units(work), 2);
}

TEST(Runner, makes_one_worker_a_thread) {
  std::atomic<int> workers{0};
  Work work;
  work.units = 20;
  work.jobs = 3;
  work.make_worker = [&workers] {
    ++workers;
    return [](std::int64_t) {};
  };
  run_units(work);
  EXPECT_EQ(workers.load(), 3);
}

TEST(Runner, callbacks_never_overlap) {
  int inside = 0;  // not atomic: the callbacks are serialised
  int overlaps = 0;
  const auto visit = [&](std::int64_t) {
    if (++inside != 1) ++overlaps;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    --inside;
  };
  Work work;
  work.units = 40;
  work.jobs = 4;
  work.make_worker = [] { return [](std::int64_t) {}; };
  work.started = work.finished = work.delivered = visit;
  run_units(work);
  EXPECT_EQ(overlaps, 0);
}

TEST(Runner, stops_between_units_and_delivers_those_that_ran) {
  std::atomic<int> begun{0};
  std::vector<std::int64_t> delivered;
  Work work;
  work.units = 1000;
  work.jobs = 2;
  work.make_worker = [&begun] { return [&begun](std::int64_t) { ++begun; }; };
  work.delivered = [&delivered](std::int64_t unit) { delivered.push_back(unit); };
  work.stop = [&delivered] { return delivered.size() >= 5; };
  const std::int64_t ran = run_units(work);
  EXPECT_GE(ran, 5);
  EXPECT_LE(ran, 6);  // one more may have been in flight
  EXPECT_EQ(begun.load(), ran);
  EXPECT_EQ(delivered.size(), static_cast<std::size_t>(ran));
}

TEST(Runner, hands_on_the_exception_of_a_worker_and_begins_nothing_more) {
  for (const int jobs : {1, 2}) {
    std::atomic<int> ran{0};
    Work work;
    work.units = 1000;
    work.jobs = jobs;
    work.make_worker = [&ran, jobs] {
      return [&ran, jobs](std::int64_t unit) {
        ++ran;
        if (unit == 3) throw InternalError("unit 3");
        if (jobs > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      };
    };
    EXPECT_THROW(run_units(work), InternalError);
    EXPECT_GE(ran.load(), 4);
    EXPECT_LT(ran.load(), jobs == 1 ? 5 : 1000);
  }
}

}  // namespace
}  // namespace attest
