// Entry points: streams.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <algorithm>
#include <memory>
#include <utility>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Need;
using attest::driver::Operation;
using attest::driver::Stream;

namespace {

CUresult create(Driver& driver, CUstream* to, unsigned flags, int priority) {
  if (to == nullptr || (flags & ~unsigned{CU_STREAM_NON_BLOCKING}) != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto stream = std::make_shared<Stream>();
  stream->context = driver.current();
  stream->flags = flags;
  stream->priority = priority;
  stream->number = driver.next_number++;
  *to = driver.streams.add(std::move(stream));
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return create(driver, stream, flags, 0);
  });
}

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int priority) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const int within = std::max(std::min(priority, 0), attest::driver::kGreatestPriority);
    return create(driver, stream, flags, within);
  });
}

CUresult cuStreamDestroy(CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    // What it was given is still done.
    return driver.streams.take(stream) == nullptr ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS;
  });
}

CUresult cuStreamSynchronize(CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (driver.stream(stream) == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return driver.synchronise_outside_capture();
  });
}

CUresult cuStreamQuery(CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto found = driver.stream(stream);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    const CUresult refused = driver.refuse_in_capture();
    return refused != CUDA_SUCCESS ? refused : driver.poll(found.get());
  });
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto waiting = driver.stream(stream);
    const auto awaited = driver.events.find(event);
    if (waiting == nullptr || awaited == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if ((flags & ~unsigned{CU_EVENT_WAIT_EXTERNAL}) != 0) return CUDA_ERROR_INVALID_VALUE;
    // The queue is in order of submission: whatever was recorded is done before what comes now.
    // A capture does not spread to a second stream here.
    const bool is_other_capture =
        awaited->capture != nullptr && awaited->capture != waiting->capture;
    return is_other_capture ? CUDA_ERROR_STREAM_CAPTURE_ISOLATION : CUDA_SUCCESS;
  });
}

CUresult cuStreamGetFlags(CUstream stream, unsigned* flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (flags == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.stream(stream);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *flags = found->flags;
    return CUDA_SUCCESS;
  });
}

CUresult cuStreamGetPriority(CUstream stream, int* priority) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (priority == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.stream(stream);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *priority = found->priority;
    return CUDA_SUCCESS;
  });
}

CUresult cuStreamGetCtx(CUstream stream, CUcontext* context) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (context == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (driver.stream(stream) == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *context = driver.context_stack().back();
    return CUDA_SUCCESS;
  });
}

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn function, void* data) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (function == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.stream(stream);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    Operation operation;
    operation.type = CU_GRAPH_NODE_TYPE_HOST;
    operation.run = [=](Driver& /*driver*/) {
      function(data);
      return CUDA_SUCCESS;
    };
    return driver.submit(found, std::move(operation));
  });
}

}  // extern "C"
