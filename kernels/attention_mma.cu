// Fused attention in f16 and bf16 on tensor cores: cp.async, ldmatrix, mma.sync, online softmax.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(seq_q / 64), heads_q, batch), 128 threads, dynamic shared memory of five tiles:
//        Q, and two stages of K and V, 64 rows of head_dim elements each.
// Warp   w owns rows 16w .. 16w+15 of the tile. In a fragment, lane owns rows lane/4 and lane/4 + 8
//        and columns 2 * (lane % 4) + {0, 1} of every 8.
// Takes  row, head and batch strides, and pointers of q, k, v and o, that are multiples of 16
//        bytes. ATTENTION_HEAD_DIM selects the entries of one head size.
#include "kernels/abi.h"
#include "kernels/tensor_core.cuh"

extern __shared__ __align__(128) uint4 attention_mma_shared[];

namespace attention_mma {

using tensor_core::Bfloat16;
using tensor_core::commit_copies;
using tensor_core::copy_async;
using tensor_core::exp2_approx;
using tensor_core::Half;
using tensor_core::ldmatrix;
using tensor_core::ldmatrix_transposed;
using tensor_core::wait_copies;

constexpr int kThreads = 128;
constexpr int kTileQ = 64;
constexpr int kTileKv = 64;
constexpr int kWarpRows = 16;
constexpr int kKeyBlocks = kTileKv / 8;  // blocks of 8 keys: columns of one accumulator
constexpr int kChunk = 8;                // elements in 16 bytes
constexpr int kBlocks = 3;               // per multiprocessor, where registers allow
constexpr float kLog2E = 1.44269504088896340736f;
constexpr float kLn2 = 0.69314718055994530942f;
constexpr unsigned kAllLanes = 0xffffffffu;

__device__ __forceinline__ float infinity() {
  return __int_as_float(0x7f800000);
}

/// A tile [64][head_dim] of 2-byte elements, its 16-byte chunks permuted within 128 bytes so that
/// the eight rows of an ldmatrix lie in different banks.
template <int kHeadDim>
struct Tile {
  static constexpr int kRowChunks = kHeadDim / kChunk;
  static constexpr int kLineChunks = kRowChunks < 8 ? kRowChunks : 8;
  static constexpr int kLineRows = 8 / kLineChunks;
  static constexpr int kBytes = kTileKv * kHeadDim * 2;
  static_assert(kTileQ == kTileKv, "one tile shape");

  __device__ __forceinline__ static unsigned offset(int row, int chunk) {
    const int permuted = chunk ^ (row / kLineRows % kLineChunks);
    return static_cast<unsigned>((row * kRowChunks + permuted) * 16);
  }

  /// `chunks` further in the row of an address that offset() made of a chunk with no bit of
  /// `chunks`, in a tile at a multiple of 128 bytes. One register serves all steps of a loop.
  __device__ __forceinline__ static unsigned along(unsigned address, int chunks) {
    const int in_line = chunks % kLineChunks;
    return (address ^ static_cast<unsigned>(in_line * 16)) +
           static_cast<unsigned>((chunks - in_line) * 16);
  }

  /// Starts the copy of rows [0, valid); the other rows become 0 unread.
  __device__ __forceinline__ static void load(unsigned tile,
                                              const char* source,
                                              long long row_bytes,
                                              int valid) {
    constexpr int kRowsAtOnce = kThreads / kRowChunks;
    const int chunk = static_cast<int>(threadIdx.x) % kRowChunks;
    const int first = static_cast<int>(threadIdx.x) / kRowChunks;
#pragma unroll
    for (int i = 0; i < kTileKv / kRowsAtOnce; ++i) {
      const int row = first + i * kRowsAtOnce;
      const bool is_valid = row < valid;
      const char* const from = source + (is_valid ? row : 0) * row_bytes + chunk * 16;
      copy_async(tile + offset(row, chunk), from, is_valid ? 16 : 0);
    }
  }
};

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

/// Scores [16, 64] of a warp, unscaled; s[n] covers keys 8n .. 8n+7.
template <class Element, int kHeadDim>
__device__ __forceinline__ void multiply_qk(const unsigned (&q)[kHeadDim / 16][4],
                                            unsigned tile,
                                            float (&s)[kKeyBlocks][4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const unsigned first = tile + Tile<kHeadDim>::offset(lane / 16 * 8 + lane % 8, lane / 8 % 2);
#pragma unroll
  for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e)
      s[n][e] = 0.0f;
  }
#pragma unroll
  for (int step = 0; step < kHeadDim / 16; ++step) {
#pragma unroll
    for (int n = 0; n < kKeyBlocks; n += 2) {
      unsigned k[4];
      ldmatrix(k, Tile<kHeadDim>::along(first, step * 2) + n * Tile<kHeadDim>::kBytes / kKeyBlocks);
      Element::mma(s[n], q[step], k[0], k[1]);
      Element::mma(s[n + 1], q[step], k[2], k[3]);
    }
  }
}

/// o += P V; o[n] covers columns 8n .. 8n+7. The accumulators of two blocks of 8 keys are, packed
/// into pairs, the A fragment of one step of 16 keys.
template <class Element, int kHeadDim>
__device__ __forceinline__ void multiply_pv(const float (&weights)[kKeyBlocks][4],
                                            unsigned tile,
                                            float (&o)[kHeadDim / 8][4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const unsigned first = tile + Tile<kHeadDim>::offset(lane % 16, lane / 16);
#pragma unroll
  for (int n = 0; n < kKeyBlocks; n += 2) {
    const unsigned a[4] = {Element::pack(weights[n][0], weights[n][1]),
                           Element::pack(weights[n][2], weights[n][3]),
                           Element::pack(weights[n + 1][0], weights[n + 1][1]),
                           Element::pack(weights[n + 1][2], weights[n + 1][3])};
#pragma unroll
    for (int d = 0; d < kHeadDim / 8; d += 2) {
      unsigned v[4];
      ldmatrix_transposed(
          v, Tile<kHeadDim>::along(first, d) + n * Tile<kHeadDim>::kBytes / kKeyBlocks);
      Element::mma(o[d], a, v[0], v[1]);
      Element::mma(o[d + 1], a, v[2], v[3]);
    }
  }
}

/// The maximum, or the sum, over the four lanes that share a row.
__device__ __forceinline__ float row_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, 1));
  return fmaxf(x, __shfl_xor_sync(kAllLanes, x, 2));
}

__device__ __forceinline__ float row_sum(float x) {
  x += __shfl_xor_sync(kAllLanes, x, 1);
  return x + __shfl_xor_sync(kAllLanes, x, 2);
}

/// Scores whose byte in the boolean mask is 0 become `fill`. The address stays inside the tensor.
__device__ __forceinline__ void hide_by_tensor(
    const AttentionParams& p, int batch, int i, int j, float fill, float (&s)[kKeyBlocks][4]) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const long long row = static_cast<long long>(batch) * p.seq_q + min(i + 8 * half, p.seq_q - 1);
    const unsigned char* const keep = p.keep + row * p.seq_kv;
#pragma unroll
    for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
      for (int e = 2 * half; e < 2 * half + 2; ++e) {
        const unsigned char is_kept = keep[min(j + 8 * n + e % 2, p.seq_kv - 1)];
        s[n][e] = is_kept != 0 ? s[n][e] : fill;
      }
    }
  }
}

/// Scores of keys outside of their row's range become `fill`.
__device__ __forceinline__ void hide_by_range(const KeyRange (&kept)[2],
                                              int j,
                                              float fill,
                                              float (&s)[kKeyBlocks][4]) {
#pragma unroll
  for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int key = j + 8 * n + e % 2;
      const bool is_kept = kept[e / 2].first <= key && key <= kept[e / 2].last;
      s[n][e] = is_kept ? s[n][e] : fill;
    }
  }
}

/// Leaves out what lies past the last key: a lane's scores of keys j, j + 1, j + 8, .. from `end` on.
__device__ __forceinline__ void exclude_from(int end, int j, float (&s)[kKeyBlocks][4]) {
#pragma unroll
  for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      s[n][e] = j + 8 * n + e % 2 < end ? s[n][e] : -infinity();
    }
  }
}

/// Rows lane/4 and lane/4 + 8 of a warp: index 0 and 1.
template <int kHeadDim>
struct RowState {
  KeyRange kept[2];
  float m[2];  // running maximum of the scores, in units of log 2
  float l[2];  // running sum of 2^(score - m), this lane's keys only
  float o[kHeadDim / 8][4];
};

/// Turns scores into weights 2^(score - m), and rescales what was summed under an older maximum.
template <int kHeadDim>
__device__ __forceinline__ void online_softmax(float (&s)[kKeyBlocks][4],
                                               RowState<kHeadDim>& rows) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float tile_max = -infinity();
#pragma unroll
    for (int n = 0; n < kKeyBlocks; ++n) {
      tile_max = fmaxf(tile_max, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
    }
    const float m_new = fmaxf(rows.m[half], row_max(tile_max));
    const float m_finite = m_new == -infinity() ? 0.0f : m_new;  // no key kept so far
    const float rescale = exp2_approx(rows.m[half] - m_finite);
    rows.m[half] = m_new;
    rows.l[half] *= rescale;
#pragma unroll
    for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
      for (int e = 2 * half; e < 2 * half + 2; ++e) {
        s[n][e] = exp2_approx(s[n][e] - m_finite);
        rows.l[half] += s[n][e];
      }
    }
#pragma unroll
    for (int d = 0; d < kHeadDim / 8; ++d) {
      rows.o[d][2 * half] *= rescale;
      rows.o[d][2 * half + 1] *= rescale;
    }
  }
}

template <class Element, int kHeadDim>
__device__ __forceinline__ void attention(const AttentionParams& p) {
  using T = Tile<kHeadDim>;
  const unsigned shared_q = static_cast<unsigned>(__cvta_generic_to_shared(attention_mma_shared));
  const unsigned shared_k = shared_q + T::kBytes;      // two stages
  const unsigned shared_v = shared_q + 3 * T::kBytes;  // two stages

  const int batch = static_cast<int>(blockIdx.z);
  const int head = static_cast<int>(blockIdx.y);
  const int head_kv = head / (p.heads_q / p.heads_kv);
  const int block_row = static_cast<int>(blockIdx.x) * kTileQ;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * kWarpRows;  // in the tile
  const int row = block_row + warp_row + lane / 4;
  const int kv_length = p.kv_lengths ? p.kv_lengths[batch] : p.seq_kv;

  const char* const q =
      static_cast<const char*>(p.q) +
      2 * (batch * p.q_strides.batch + head * p.q_strides.head + block_row * p.q_strides.row);
  const char* const k =
      static_cast<const char*>(p.k) + 2 * (batch * p.k_strides.batch + head_kv * p.k_strides.head);
  const char* const v =
      static_cast<const char*>(p.v) + 2 * (batch * p.v_strides.batch + head_kv * p.v_strides.head);
  const long long k_row_bytes = 2 * p.k_strides.row;
  const long long v_row_bytes = 2 * p.v_strides.row;

  // Rows rise, so do both ends of their keys: first and last row bound a tile, and a warp.
  const int rows_in_block = min(kTileQ, p.seq_q - block_row);
  const int keys = is_filled(p) ? p.seq_kv : kv_length;  // that may be in the sum
  const int first_key = summed_keys(p, kv_length, block_row).first / kTileKv * kTileKv;
  const int last_key = summed_keys(p, kv_length, block_row + rows_in_block - 1).last;
  const bool warp_has_rows = warp_row < rows_in_block;
  const int warp_last_row = min(warp_row + kWarpRows, rows_in_block) - 1;
  const KeyRange warp_keys = {summed_keys(p, kv_length, block_row + warp_row).first,
                              summed_keys(p, kv_length, block_row + warp_last_row).last};
  const KeyRange kept_by_all = {kept_keys(p, kv_length, block_row + warp_last_row).first,
                                kept_keys(p, kv_length, block_row + warp_row).last};

  RowState<kHeadDim> rows;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    rows.kept[half] = kept_keys(p, kv_length, row + 8 * half);
    rows.m[half] = -infinity();
    rows.l[half] = 0.0f;
  }
#pragma unroll
  for (int d = 0; d < kHeadDim / 8; ++d) {
#pragma unroll
    for (int e = 0; e < 4; ++e)
      rows.o[d][e] = 0.0f;
  }

  T::load(shared_q, q, 2 * p.q_strides.row, rows_in_block);
  commit_copies();
  if (first_key <= last_key) {
    T::load(shared_k, k + first_key * k_row_bytes, k_row_bytes, keys - first_key);
    T::load(shared_v, v + first_key * v_row_bytes, v_row_bytes, keys - first_key);
  }
  commit_copies();

  wait_copies<1>();
  __syncthreads();
  unsigned q_fragments[kHeadDim / 16][4];
#pragma unroll
  for (int step = 0; step < kHeadDim / 16; ++step) {
    ldmatrix(q_fragments[step], shared_q + T::offset(warp_row + lane % 16, step * 2 + lane / 16));
  }

  const float scale_log2 = p.scale * kLog2E;
  const float fill_log2 = p.fill * kLog2E;
  int stage = 0;
#pragma unroll 1
  for (int key = first_key; key <= last_key; key += kTileKv) {
    wait_copies<0>();
    __syncthreads();  // this tile has arrived, and every warp is done with the one before
    const int next = key + kTileKv;
    if (next <= last_key) {
      const int other = (1 - stage) * T::kBytes;
      T::load(shared_k + other, k + next * k_row_bytes, k_row_bytes, keys - next);
      T::load(shared_v + other, v + next * v_row_bytes, v_row_bytes, keys - next);
    }
    commit_copies();

    const bool has_keys = key <= warp_keys.last && key + kTileKv > warp_keys.first;
    if (warp_has_rows && has_keys) {
      float s[kKeyBlocks][4];
      multiply_qk<Element, kHeadDim>(q_fragments, shared_k + stage * T::kBytes, s);
#pragma unroll
      for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
        for (int e = 0; e < 4; ++e)
          s[n][e] *= scale_log2;
      }
      if (key < kept_by_all.first || key + kTileKv - 1 > kept_by_all.last) {
        hide_by_range(rows.kept, key + 2 * (lane % 4), fill_log2, s);
      }
      if (p.mask & ATTENTION_BOOLEAN) {
        hide_by_tensor(p, batch, row, key + 2 * (lane % 4), fill_log2, s);
      }
      if (is_filled(p) && key + kTileKv > keys) exclude_from(keys, key + 2 * (lane % 4), s);
      online_softmax(s, rows);
      multiply_pv<Element, kHeadDim>(s, shared_v + stage * T::kBytes, rows.o);
    }
    stage = 1 - stage;
  }

  if (!warp_has_rows) return;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int i = row + 8 * half;
    const float sum = row_sum(rows.l[half]);
    if (i >= p.seq_q) continue;
    const float inverse = sum == 0.0f ? 0.0f : 1.0f / sum;
    char* const out =
        static_cast<char*>(p.o) + 2 * (batch * p.o_strides.batch + head * p.o_strides.head +
                                       i * p.o_strides.row + 2 * (lane % 4));
#pragma unroll
    for (int d = 0; d < kHeadDim / 8; ++d) {
      *reinterpret_cast<unsigned*>(out + 16 * d) =
          Element::pack(rows.o[d][2 * half] * inverse, rows.o[d][2 * half + 1] * inverse);
    }
    if (lane % 4 == 0) {
      p.lse[(static_cast<long long>(batch) * p.heads_q + head) * p.seq_q + i] =
          sum == 0.0f ? -infinity() : fmaf(rows.m[half], kLn2, logf(sum));
    }
  }
}

}  // namespace attention_mma

#define ATTENTION_ENTRIES(head_dim)                                                        \
  extern "C" __global__ void __launch_bounds__(attention_mma::kThreads,                    \
                                               head_dim < 64 ? attention_mma::kBlocks : 1) \
      attention_mma_f16_d##head_dim(const AttentionParams parameters) {                    \
    attention_mma::attention<attention_mma::Half, head_dim>(parameters);                   \
  }                                                                                        \
  extern "C" __global__ void __launch_bounds__(attention_mma::kThreads,                    \
                                               head_dim < 64 ? attention_mma::kBlocks : 1) \
      attention_mma_bf16_d##head_dim(const AttentionParams parameters) {                   \
    attention_mma::attention<attention_mma::Bfloat16, head_dim>(parameters);               \
  }

#if !defined(ATTENTION_HEAD_DIM) || ATTENTION_HEAD_DIM == 32
ATTENTION_ENTRIES(32)
#endif
#if !defined(ATTENTION_HEAD_DIM) || ATTENTION_HEAD_DIM == 64
ATTENTION_ENTRIES(64)
#endif
#if !defined(ATTENTION_HEAD_DIM) || ATTENTION_HEAD_DIM == 128
ATTENTION_ENTRIES(128)
#endif
