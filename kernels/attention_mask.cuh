// Which keys of a row are in the sum, for attention kernels that are made of parts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/abi.h"

namespace attention_mask {

__device__ __forceinline__ float infinity() {
  return __int_as_float(0x7f800000);
}

/// Hidden keys stay in the sum, with a score of p.fill.
__device__ __forceinline__ bool is_filled(const AttentionParams& p) {
  return p.fill != -infinity();
}

/// first <= j <= last.
struct KeyRange {
  int first;
  int last;
};

/// Keys of row i that causal, window and padding keep.
__device__ __forceinline__ KeyRange kept_keys(const AttentionParams& p, int kv_length, int i) {
  KeyRange range = {0, kv_length - 1};
  if (p.mask & ATTENTION_CAUSAL) {
    const int offset = p.causal_bottom_right ? kv_length - p.seq_q : 0;
    range.last = min(range.last, i + offset);
  }
  if (p.mask & ATTENTION_WINDOW) {
    const int offset = p.window_bottom_right ? kv_length - p.seq_q : 0;
    if (p.window_right >= 0) range.last = min(range.last, i + offset + p.window_right);
    if (p.window_left >= 0) range.first = max(range.first, i + offset - p.window_left);
  }
  return range;
}

/// Keys that any of the rows first .. last has in its sum. Rows rise, so do both ends of their keys.
__device__ __forceinline__ KeyRange summed_keys(const AttentionParams& p,
                                                int kv_length,
                                                int first,
                                                int last) {
  if (is_filled(p)) return {0, p.seq_kv - 1};
  return {kept_keys(p, kv_length, first).first, kept_keys(p, kv_length, last).last};
}

/// Row i of a batch in the boolean mask; a row past the end is the last one.
__device__ __forceinline__ const unsigned char* keep_row(const AttentionParams& p,
                                                         int batch,
                                                         int i) {
  const long long row = static_cast<long long>(batch) * p.seq_q + min(i, p.seq_q - 1);
  return p.keep + row * p.seq_kv;
}

}  // namespace attention_mask
