// Fused attention in f32 on the CUDA cores: shared-memory tiles, online softmax.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(seq_q / 64), heads_q, batch), 128 threads, dynamic shared memory of SharedFloats.
// Thread (row group, column group) = (tid / 8, tid % 8) owns 4 rows and every 8th key or 4-column
//        group. The 8 threads of a row are lanes of one warp.
// Takes  any strides; pointers aligned to 4 bytes. ATTENTION_HEAD_DIM selects one entry.
#include "kernels/abi.h"

extern __shared__ float4 attention_f32_shared[];

namespace attention_f32 {

constexpr int kThreads = 128;
constexpr int kTileQ = 64;
constexpr int kTileKv = 32;
constexpr int kColumnGroups = 8;  // threads that share a row
constexpr int kRows = kTileQ * kColumnGroups / kThreads;
constexpr int kKeys = kTileKv / kColumnGroups;
constexpr int kPad = 4;  // floats; rows that are read together fall into different banks
constexpr float kLog2E = 1.44269504088896340736f;
constexpr float kLn2 = 0.69314718055994530942f;
constexpr unsigned kAllLanes = 0xffffffffu;

template <int kHeadDim>
struct Shared {
  static constexpr int kRowQ = kHeadDim + kPad;
  static constexpr int kRowK = kHeadDim + kPad;
  static constexpr int kRowP = kTileKv + kPad;
  static constexpr int kK = kTileQ * kRowQ;
  static constexpr int kV = kK + kTileKv * kRowK;
  static constexpr int kP = kV + kTileKv * kHeadDim;
  static constexpr int kFloats = kP + kTileQ * kRowP;
  static_assert(kFloats * sizeof(float) <= 163 * 1024, "more than a block of sm_80 may have");
};

__device__ __forceinline__ float infinity() {
  return __int_as_float(0x7f800000);
}

__device__ __forceinline__ float exp2_approx(float x) {
  float y;
  asm("ex2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ __forceinline__ float4 load4(const float* at) {
  return *reinterpret_cast<const float4*>(at);
}

__device__ __forceinline__ float element(const float4& v, int i) {
  return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w;
}

/// Keys of row i that causal, window and padding keep: first <= j <= last.
struct KeyRange {
  int first;
  int last;
};

/// Hidden keys stay in the sum, with a score of p.fill.
__device__ __forceinline__ bool is_filled(const AttentionParams& p) {
  return p.fill != -infinity();
}

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

/// Keys of row i that are in the sum, save those that the boolean mask leaves out.
__device__ __forceinline__ KeyRange summed_keys(const AttentionParams& p, int kv_length, int i) {
  return is_filled(p) ? KeyRange{0, p.seq_kv - 1} : kept_keys(p, kv_length, i);
}

/// Rows [0, valid) of a matrix into shared memory; the other rows of the tile become 0 unread.
template <int kTileRows, int kHeadDim, int kRowStride>
__device__ __forceinline__ void load_tile(float* tile,
                                          const float* source,
                                          long long row_stride,
                                          int valid) {
  constexpr int kRowsAtOnce = kThreads / kHeadDim;
  const int column = static_cast<int>(threadIdx.x) % kHeadDim;
  int row = static_cast<int>(threadIdx.x) / kHeadDim;
  const float* from = source + row * row_stride + column;
#pragma unroll 8
  for (int i = 0; i < kTileRows / kRowsAtOnce; ++i) {
    tile[row * kRowStride + column] = row < valid ? *from : 0.0f;
    row += kRowsAtOnce;
    from += kRowsAtOnce * row_stride;
  }
}

/// s[r][c] = scores of row r of the thread and its c-th key, unscaled.
template <int kHeadDim>
__device__ __forceinline__ void multiply_qk(const float* q,
                                            const float* k,
                                            float (&s)[kRows][kKeys]) {
  using S = Shared<kHeadDim>;
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
#pragma unroll
    for (int c = 0; c < kKeys; ++c)
      s[r][c] = 0.0f;
  }
#pragma unroll 4
  for (int d = 0; d < kHeadDim; d += 4) {
    float4 a[kRows];
    float4 b[kKeys];
#pragma unroll
    for (int r = 0; r < kRows; ++r)
      a[r] = load4(q + r * S::kRowQ + d);
#pragma unroll
    for (int c = 0; c < kKeys; ++c)
      b[c] = load4(k + c * kColumnGroups * S::kRowK + d);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int r = 0; r < kRows; ++r) {
#pragma unroll
        for (int c = 0; c < kKeys; ++c) {
          s[r][c] = fmaf(element(a[r], i), element(b[c], i), s[r][c]);
        }
      }
    }
  }
}

/// o[r][g] += p[r][:] * v[:][g]; a thread owns column groups of 4 that lie 32 columns apart.
template <int kHeadDim>
__device__ __forceinline__ void multiply_pv(const float* p,
                                            const float* v,
                                            float (&o)[kRows][kHeadDim / kColumnGroups]) {
  constexpr int kGroups = kHeadDim / (4 * kColumnGroups);
#pragma unroll 1
  for (int key = 0; key < kTileKv; key += 4) {
    float4 a[kRows];
#pragma unroll
    for (int r = 0; r < kRows; ++r)
      a[r] = load4(p + r * Shared<kHeadDim>::kRowP + key);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int g = 0; g < kGroups; ++g) {
        const float4 b = load4(v + (key + i) * kHeadDim + g * 4 * kColumnGroups);
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
#pragma unroll
          for (int c = 0; c < 4; ++c) {
            o[r][4 * g + c] = fmaf(element(a[r], i), element(b, c), o[r][4 * g + c]);
          }
        }
      }
    }
  }
}

/// Scores whose byte in the boolean mask is 0 become `fill`. The address stays inside the tensor.
__device__ __forceinline__ void hide_by_tensor(
    const AttentionParams& p, int batch, int i, int j, float fill, float (&s)[kRows][kKeys]) {
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const long long row = static_cast<long long>(batch) * p.seq_q + min(i + r, p.seq_q - 1);
    const unsigned char* const keep = p.keep + row * p.seq_kv;
#pragma unroll
    for (int c = 0; c < kKeys; ++c) {
      const unsigned char is_kept = keep[min(j + c * kColumnGroups, p.seq_kv - 1)];
      s[r][c] = is_kept != 0 ? s[r][c] : fill;
    }
  }
}

/// Leaves out what lies past the last key: a thread's scores of keys j, j + 8, .. from `end` on.
__device__ __forceinline__ void exclude_from(int end, int j, float (&s)[kRows][kKeys]) {
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
#pragma unroll
    for (int c = 0; c < kKeys; ++c)
      s[r][c] = j + c * kColumnGroups < end ? s[r][c] : -infinity();
  }
}

__device__ __forceinline__ float row_max(float x) {
#pragma unroll
  for (int lanes = kColumnGroups / 2; lanes > 0; lanes /= 2) {
    x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, lanes));
  }
  return x;
}

__device__ __forceinline__ float row_sum(float x) {
#pragma unroll
  for (int lanes = kColumnGroups / 2; lanes > 0; lanes /= 2) {
    x += __shfl_xor_sync(kAllLanes, x, lanes);
  }
  return x;
}

template <int kHeadDim>
__device__ __forceinline__ void attention(const AttentionParams& p) {
  using S = Shared<kHeadDim>;
  float* const shared_q = reinterpret_cast<float*>(attention_f32_shared);
  float* const shared_k = shared_q + S::kK;
  float* const shared_v = shared_q + S::kV;
  float* const shared_p = shared_q + S::kP;

  const int batch = static_cast<int>(blockIdx.z);
  const int head = static_cast<int>(blockIdx.y);
  const int head_kv = head / (p.heads_q / p.heads_kv);
  const int block_row = static_cast<int>(blockIdx.x) * kTileQ;
  const int first_row = static_cast<int>(threadIdx.x) / kColumnGroups * kRows;  // in the tile
  const int group = static_cast<int>(threadIdx.x) % kColumnGroups;
  const int kv_length = p.kv_lengths ? p.kv_lengths[batch] : p.seq_kv;

  const float* const q = static_cast<const float*>(p.q) + batch * p.q_strides.batch +
                         head * p.q_strides.head + block_row * p.q_strides.row;
  const float* const k =
      static_cast<const float*>(p.k) + batch * p.k_strides.batch + head_kv * p.k_strides.head;
  const float* const v =
      static_cast<const float*>(p.v) + batch * p.v_strides.batch + head_kv * p.v_strides.head;

  // Rows rise, so do both ends of their keys: the tile's first and last row bound the whole tile.
  const int rows_in_block = min(kTileQ, p.seq_q - block_row);
  const int keys = is_filled(p) ? p.seq_kv : kv_length;  // that may be in the sum
  const int first_key = summed_keys(p, kv_length, block_row).first / kTileKv * kTileKv;
  const int last_key = summed_keys(p, kv_length, block_row + rows_in_block - 1).last;
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * (32 / kColumnGroups * kRows);
  const bool warp_has_rows = warp_row < rows_in_block;

  KeyRange kept[kRows];
  float o[kRows][kHeadDim / kColumnGroups];
  float m[kRows];  // running maximum of the scores, in units of log 2
  float l[kRows];  // running sum of 2^(score - m), this thread's keys only
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    kept[r] = kept_keys(p, kv_length, block_row + first_row + r);
    m[r] = -infinity();
    l[r] = 0.0f;
#pragma unroll
    for (int c = 0; c < kHeadDim / kColumnGroups; ++c)
      o[r][c] = 0.0f;
  }
  load_tile<kTileQ, kHeadDim, S::kRowQ>(shared_q, q, p.q_strides.row, rows_in_block);

  const float scale_log2 = p.scale * kLog2E;
  const float fill_log2 = p.fill * kLog2E;
#pragma unroll 1
  for (int key = first_key; key <= last_key; key += kTileKv) {
    load_tile<kTileKv, kHeadDim, S::kRowK>(
        shared_k, k + key * p.k_strides.row, p.k_strides.row, keys - key);
    load_tile<kTileKv, kHeadDim, kHeadDim>(
        shared_v, v + key * p.v_strides.row, p.v_strides.row, keys - key);
    __syncthreads();

    if (warp_has_rows) {
      float s[kRows][kKeys];
      multiply_qk<kHeadDim>(shared_q + first_row * S::kRowQ, shared_k + group * S::kRowK, s);
#pragma unroll
      for (int r = 0; r < kRows; ++r) {
#pragma unroll
        for (int c = 0; c < kKeys; ++c) {
          const int j = key + group + c * kColumnGroups;
          const bool keep = kept[r].first <= j && j <= kept[r].last;
          s[r][c] = keep ? s[r][c] * scale_log2 : fill_log2;
        }
      }
      if (p.mask & ATTENTION_BOOLEAN) {
        hide_by_tensor(p, batch, block_row + first_row, key + group, fill_log2, s);
      }
      if (is_filled(p) && key + kTileKv > keys) exclude_from(keys, key + group, s);
#pragma unroll
      for (int r = 0; r < kRows; ++r) {
        float tile_max = s[r][0];
#pragma unroll
        for (int c = 1; c < kKeys; ++c)
          tile_max = fmaxf(tile_max, s[r][c]);
        const float m_new = fmaxf(m[r], row_max(tile_max));
        const float m_finite = m_new == -infinity() ? 0.0f : m_new;  // no key kept so far
        const float rescale = exp2_approx(m[r] - m_finite);
        m[r] = m_new;
        l[r] *= rescale;
#pragma unroll
        for (int c = 0; c < kKeys; ++c) {
          const float weight = exp2_approx(s[r][c] - m_finite);
          l[r] += weight;
          shared_p[(first_row + r) * S::kRowP + group + c * kColumnGroups] = weight;
        }
#pragma unroll
        for (int c = 0; c < kHeadDim / kColumnGroups; ++c)
          o[r][c] *= rescale;
      }
      __syncwarp();
      multiply_pv<kHeadDim>(shared_p + first_row * S::kRowP, shared_v + 4 * group, o);
    }
    __syncthreads();
  }

  if (!warp_has_rows) return;
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const int i = block_row + first_row + r;
    const float sum = row_sum(l[r]);
    if (i >= p.seq_q) continue;
    const float inverse = sum == 0.0f ? 0.0f : 1.0f / sum;
    float* const out = static_cast<float*>(p.o) + batch * p.o_strides.batch +
                       head * p.o_strides.head + i * p.o_strides.row + 4 * group;
#pragma unroll
    for (int c = 0; c < kHeadDim / kColumnGroups; ++c) {
      out[c / 4 * 4 * kColumnGroups + c % 4] = o[r][c] * inverse;
    }
    if (group == 0) {
      p.lse[(static_cast<long long>(batch) * p.heads_q + head) * p.seq_q + i] =
          sum == 0.0f ? -infinity() : fmaf(m[r], kLn2, logf(sum));
    }
  }
}

}  // namespace attention_f32

#define ATTENTION_ENTRY(head_dim)                                       \
  extern "C" __global__ void __launch_bounds__(attention_f32::kThreads) \
      attention_f32_d##head_dim(const AttentionParams parameters) {     \
    attention_f32::attention<head_dim>(parameters);                     \
  }

#if !defined(ATTENTION_HEAD_DIM) || ATTENTION_HEAD_DIM == 32
ATTENTION_ENTRY(32)
#endif
#if !defined(ATTENTION_HEAD_DIM) || ATTENTION_HEAD_DIM == 64
ATTENTION_ENTRY(64)
#endif
#if !defined(ATTENTION_HEAD_DIM) || ATTENTION_HEAD_DIM == 128
ATTENTION_ENTRY(128)
#endif
