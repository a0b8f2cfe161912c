// Entry points: events. Their times are this machine's clock.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <chrono>
#include <memory>
#include <utility>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Event;
using attest::driver::Need;
using attest::driver::Operation;

namespace {

constexpr unsigned kFlags =
    CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS;

CUresult record(Driver& driver, CUevent handle, CUstream stream_handle) {
  const auto event = driver.events.find(handle);
  const auto stream = driver.stream(stream_handle);
  if (event == nullptr || stream == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  event->capture = stream->capture;
  if (stream->capture != nullptr) return CUDA_SUCCESS;  // a mark in the capture, no node
  ++event->records;
  event->stream = stream;
  Operation operation;
  operation.type = CU_GRAPH_NODE_TYPE_EVENT_RECORD;
  operation.run = [event](Driver& /*driver*/) {
    ++event->completed;
    event->at = std::chrono::steady_clock::now();
    return CUDA_SUCCESS;
  };
  return driver.submit(stream, std::move(operation));
}

CUresult elapsed(Driver& driver, float* milliseconds, CUevent first, CUevent last) {
  if (milliseconds == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const auto from = driver.events.find(first);
  const auto to = driver.events.find(last);
  if (from == nullptr || to == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  for (const auto& event : {from, to}) {
    if ((event->flags & CU_EVENT_DISABLE_TIMING) != 0 || event->records == 0) {
      return CUDA_ERROR_INVALID_HANDLE;
    }
    if (event->completed != event->records) return CUDA_ERROR_NOT_READY;
  }
  *milliseconds = std::chrono::duration<float, std::milli>(to->at - from->at).count();
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuEventCreate(CUevent* event, unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (event == nullptr || (flags & ~kFlags) != 0) return CUDA_ERROR_INVALID_VALUE;
    auto created = std::make_shared<Event>();
    created->context = driver.current();
    created->flags = flags;
    *event = driver.events.add(std::move(created));
    return CUDA_SUCCESS;
  });
}

CUresult cuEventDestroy(CUevent event) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return driver.events.take(event) == nullptr ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS;
  });
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return record(driver, event, stream);
  });
}

CUresult cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if ((flags & ~unsigned{CU_EVENT_RECORD_EXTERNAL}) != 0) return CUDA_ERROR_INVALID_VALUE;
    return record(driver, event, stream);
  });
}

CUresult cuEventSynchronize(CUevent event) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto found = driver.events.find(event);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (found->capture != nullptr) return CUDA_ERROR_CAPTURED_EVENT;
    return found->completed == found->records ? CUDA_SUCCESS : driver.synchronise();
  });
}

CUresult cuEventQuery(CUevent event) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto found = driver.events.find(event);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (found->capture != nullptr) return CUDA_ERROR_CAPTURED_EVENT;
    return found->completed == found->records ? CUDA_SUCCESS : driver.poll(found->stream.get());
  });
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent first, CUevent last) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return elapsed(driver, milliseconds, first, last);
  });
}

}  // extern "C"

#undef cuEventElapsedTime
// The name of before CUDA 12.8; the same arguments.
extern "C" CUresult cuEventElapsedTime(float* milliseconds, CUevent first, CUevent last) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return elapsed(driver, milliseconds, first, last);
  });
}
