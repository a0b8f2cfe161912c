// MXCSR as the handlers want it, for as long as a launch runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

namespace attest::ptx {

/// Round to nearest, subnormals neither flushed nor taken as zero, exceptions masked: the state that
/// a program starts with. A library built with -ffast-math, or the caller, may have changed it; what
/// was found is put back.
class DefaultMxcsr {
 public:
  DefaultMxcsr() : found_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
  ~DefaultMxcsr() { _mm_setcsr(found_); }
  DefaultMxcsr(const DefaultMxcsr&) = delete;
  DefaultMxcsr& operator=(const DefaultMxcsr&) = delete;

 private:
  unsigned found_;
};

}  // namespace attest::ptx
