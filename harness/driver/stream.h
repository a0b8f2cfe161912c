// Streams, events and graphs: operations, when they run, and those that are only recorded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/driver/kernel.h"

#include <cuda.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace attest::driver {

class Driver;
struct Context;

/// Of streams; lower numbers come first, and 0 is the least.
inline constexpr int kGreatestPriority = -5;

/// Something that a stream does, once or, from a graph, many times.
struct Operation {
  CUgraphNodeType type = CU_GRAPH_NODE_TYPE_EMPTY;
  std::function<CUresult(Driver&)> run;
  std::shared_ptr<const KernelLaunch> kernel;  // of a kernel node
};

struct GraphNode {
  Operation operation;
  std::vector<void*> parameters;  // into the launch's parameter block, for who asks
};

/// A list of nodes, in the order in which they were recorded.
struct Graph {
  std::vector<std::shared_ptr<GraphNode>> nodes;
  std::vector<CUgraphNode> handles;  // of those; empty in an executable graph
};

struct Capture {
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  bool is_invalid = false;
  std::uint64_t number = 0;
  std::vector<Operation> operations;
};

struct Stream {
  std::shared_ptr<Context> context;  // null: a default stream
  unsigned flags = CU_STREAM_DEFAULT;
  int priority = 0;
  std::uint64_t number = 0;
  std::shared_ptr<Capture> capture;  // null: it does not capture
};

struct Event {
  std::shared_ptr<Context> context;
  unsigned flags = CU_EVENT_DEFAULT;
  std::uint64_t records = 0;    // submitted
  std::uint64_t completed = 0;  // of those
  std::chrono::steady_clock::time_point at;
  std::shared_ptr<Stream> stream;    // of the last record
  std::shared_ptr<Capture> capture;  // the last record was captured
};

}  // namespace attest::driver
