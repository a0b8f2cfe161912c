// Executor: runs a list of launches over a set of buffers; a ptx interpreter or a GPU behind it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/base/launch.h"
#include "harness/base/launch_counts.h"
#include "harness/base/result.h"
#include "harness/executor/blas_call.h"
#include "harness/problem/case.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace attest {

enum class BufferRole : std::uint8_t {
  input,    // initialised, read only: a store to it is out_of_bounds
  update,   // initialised, may be written, returned
  output,   // starts uninitialised, its bytes Job::dirt (0xff: a NaN)
  scratch,  // as output, not returned
};

struct BufferSpec {
  std::string name;  // "q", "o": used in findings
  BufferRole role = BufferRole::input;
  std::int64_t size_bytes = 0;
  std::int64_t skew_bytes = 0;          // base address = 256-byte aligned + skew
  std::span<const std::byte> contents;  // size_bytes for an input or update, empty otherwise
};

struct Limits {
  std::int64_t warp_instructions = 200'000'000;  // per launch; beyond: finding no_progress
  std::int64_t memory_bytes = 2'147'483'648;     // buffers and shared; beyond: memory_limit
  int findings = 16;  // per job; the launch ends at the first all the same
};

/// Everything an executor needs; buffers are numbered as Relocation::buffer says.
struct Job {
  std::vector<BufferSpec> buffers;
  std::vector<Launch> launches;
  std::vector<BlasCall> calls;  // of cuBLAS, in order among the launches; on a GPU alone
  Mode mode;
  Limits limits;
  bool checks = true;           // false: bounds and alignment only
  bool counts_traffic = false;  // LaunchCounts::traffic
  std::uint8_t dirt = 0xff;     // byte that outputs and scratch hold before the first launch
};

/// What one launch did; all but registers and duration is the same on every run.
struct LaunchRecord {
  std::string kernel;  // entry name
  Dim3 grid;
  Dim3 block;
  std::int64_t shared_bytes = 0;  // static + dynamic
  std::int64_t step = 0;  // of the job, its launches and calls counted together, that launched it
  LaunchCounts counts;
  std::string printed;           // by the kernel, in the order of execution
  int registers = 0;             // per thread, as the driver loaded it; of a GPU alone
  std::int64_t duration_ns = 0;  // of a GPU alone; never judged
};

struct Execution {
  std::vector<std::vector<std::byte>> buffers;  // after the run; empty for inputs and scratch
  std::vector<Finding> findings;                // empty: nothing was found
  std::vector<LaunchRecord> launches;
  std::string counted_by;  // who counted the launches of a GPU: "CUPTI", "CUDA graph", "events"
};

class Executor {
 public:
  virtual ~Executor() = default;
  /// Errors  Code::unsupported with the PTX line for an instruction that is not implemented,
  ///         Code::bad_input for PTX that does not parse. A fault of the kernel is a Finding.
  virtual Result<Execution> run(const Job& job) = 0;
};

}  // namespace attest
