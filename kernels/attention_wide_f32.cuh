// Rows of fused attention in f32 on the CUDA cores, for wide heads: K and V pass through shared
// memory in slabs of 128 columns.
// SPDX-License-Identifier: Apache-2.0
//
// Block  128 threads, 16 rows. Scores of 32 keys: every warp sums over 32 columns of a slab, a
//        thread has rows lane/8 + 4r and keys lane%8 + 8c; then thread t has row t/8 and keys
//        t%8 + 8c. O: warp w has rows 4w .. 4w+3, a thread 4 columns of every slab.
// Shared floats: three slabs of K and V, 32 keys by 128 columns each, of which two are on their
//        way; partial scores; P; Q.
// Takes  head_dim a multiple of 8, at most 128 * kSlabs; any strides; pointers aligned to 4 bytes.
//        p.lse may be null.
#pragma once

#include "kernels/attention_mask.cuh"

namespace attention_wide_f32 {

using attention_mask::infinity;
using attention_mask::KeyRange;

constexpr int kThreads = 128;
constexpr int kWarps = 4;
constexpr int kRows = 16;
constexpr int kTileKv = 32;
constexpr int kSlabColumns = 128;
constexpr int kRow = kSlabColumns + 4;  // floats; rows that are read together lie in other banks
constexpr int kSlab = kTileKv * kRow;
constexpr int kStages = 3;
constexpr int kScoreRow = kTileKv + 8;
constexpr int kScores = kRows * kScoreRow;
constexpr int kShares = 4;  // rows, and keys, of a thread's scores
constexpr float kLog2E = 1.44269504088896340736f;
constexpr float kLn2 = 0.69314718055994530942f;
constexpr unsigned kAllLanes = 0xffffffffu;

__device__ __forceinline__ float exp2_approx(float x) {
  float y;
  asm("ex2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ __forceinline__ float4 load4(unsigned from) {
  float4 x;
  asm volatile("ld.shared.v4.f32 {%0,%1,%2,%3}, [%4];"
               : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w)
               : "r"(from)
               : "memory");
  return x;
}

__device__ __forceinline__ float load_float(unsigned from) {
  float x;
  asm volatile("ld.shared.f32 %0, [%1];" : "=f"(x) : "r"(from) : "memory");
  return x;
}

__device__ __forceinline__ void store_float(unsigned to, float x) {
  asm volatile("st.shared.f32 [%0], %1;" ::"r"(to), "f"(x) : "memory");
}

__device__ __forceinline__ float element(const float4& v, int i) {
  return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w;
}

__device__ __forceinline__ void copy_async(unsigned to, const float* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(from) : "memory");
}

/// Copies `bytes` (0 or 4) and writes zeros into the rest of the 4.
__device__ __forceinline__ void copy_async(unsigned to, const float* from, int bytes) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(from), "r"(bytes)
               : "memory");
}

__device__ __forceinline__ void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

template <int kGroupsLeft>
__device__ __forceinline__ void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kGroupsLeft) : "memory");
}

/// Starts the copy of rows of a slab, one column per thread. Rows from `rows` on are not read and
/// become 0; columns from `columns` on stay as they are.
template <int kSlabRows>
__device__ __forceinline__ void load_slab(
    unsigned slab, const float* source, long long row_stride, int rows, int columns) {
  const int column = static_cast<int>(threadIdx.x);
  if (column >= columns) return;
  const float* from = source + column;
  const unsigned to = slab + static_cast<unsigned>(column * 4);
  if (rows >= kSlabRows) {
#pragma unroll
    for (int row = 0; row < kSlabRows; ++row) {
      copy_async(to + row * kRow * 4, from);
      from += row_stride;
    }
  } else {
#pragma unroll
    for (int row = 0; row < kSlabRows; ++row) {
      copy_async(to + row * kRow * 4, row < rows ? from : source, row < rows ? 4 : 0);
      from += row_stride;
    }
  }
}

/// Which rows.
struct RowsAt {
  int batch;
  int head;
  int row;  // the first, less than seq_q
};

/// Slabs of K and V in the order of their use: K's of 32 keys, then V's, then the next keys'.
class Stream {
 public:
  __device__ __forceinline__
  Stream(const AttentionParams& p, const RowsAt& at, KeyRange range, int keys, unsigned stages)
      : key_(range.first), last_key_(range.last), keys_(keys), stages_(stages) {
    const int head_kv = at.head / (p.heads_q / p.heads_kv);
    source_[0] =
        static_cast<const float*>(p.k) + at.batch * p.k_strides.batch + head_kv * p.k_strides.head;
    source_[1] =
        static_cast<const float*>(p.v) + at.batch * p.v_strides.batch + head_kv * p.v_strides.head;
  }

  /// Starts the copy of the next slab, if there is one.
  __device__ __forceinline__ void start(const AttentionParams& p) {
    if (key_ <= last_key_) {
      const long long stride = is_v_ ? p.v_strides.row : p.k_strides.row;
      load_slab<kTileKv>(stages_ + static_cast<unsigned>(to_ * kSlab * 4),
                         (is_v_ ? source_[1] : source_[0]) + key_ * stride + column_,
                         stride,
                         keys_ - key_,
                         p.head_dim - column_);
      column_ += kSlabColumns;
      if (column_ >= p.head_dim) {
        column_ = 0;
        if (is_v_) key_ += kTileKv;
        is_v_ = !is_v_;
      }
    }
    commit_copies();
    to_ = to_ == kStages - 1 ? 0 : to_ + 1;
  }

  /// Waits for the oldest slab, and starts the copy of another where every warp is done with the
  /// one before.
  __device__ __forceinline__ unsigned next(const AttentionParams& p) {
    wait_copies<kStages - 2>();
    __syncthreads();
    start(p);
    const unsigned slab = stages_ + static_cast<unsigned>(from_ * kSlab * 4);
    from_ = from_ == kStages - 1 ? 0 : from_ + 1;
    return slab;
  }

 private:
  const float* source_[2];
  int key_;
  int last_key_;
  int keys_;  // rows of K and V that may be read
  int column_ = 0;
  bool is_v_ = false;
  int to_ = 0;
  int from_ = 0;
  unsigned stages_;
};

/// The maximum, or the sum, over the eight lanes that share a row.
__device__ __forceinline__ float row_max(float x) {
#pragma unroll
  for (int lanes = 4; lanes > 0; lanes /= 2)
    x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, lanes));
  return x;
}

__device__ __forceinline__ float row_sum(float x) {
#pragma unroll
  for (int lanes = 4; lanes > 0; lanes /= 2)
    x += __shfl_xor_sync(kAllLanes, x, lanes);
  return x;
}

/// x of row r of a warp's four, from a lane that has that row.
__device__ __forceinline__ float of_row(float x, int r) {
  return __shfl_sync(kAllLanes, x, 8 * r);
}

template <int kSlabs>
class Rows {
 public:
  /// Computes O and LSE of kRows rows. All threads of the block call it, with a `shared` that is an
  /// address in shared memory at a multiple of 128 bytes; no barrier at the end.
  __device__ __forceinline__ static void attend(const AttentionParams& p,
                                                const RowsAt& at,
                                                unsigned shared) {
    Rows rows(p, at, shared);
    rows.run(p, at);
    rows.store(p, at);
  }

 private:
  using Partial = float[kShares][kShares];

  __device__ __forceinline__ Rows(const AttentionParams& p, const RowsAt& at, unsigned shared)
      : stages_(shared),
        partial_(stages_ + kStages * kSlab * 4),
        weights_(partial_ + kWarps * kScores * 4),
        q_(weights_ + kScores * 4) {
    const int kv_length = p.kv_lengths ? p.kv_lengths[at.batch] : p.seq_kv;
    keys_ = attention_mask::is_filled(p) ? p.seq_kv : kv_length;
    const int last_row = min(at.row + kRows, p.seq_q) - 1;
    range_ = attention_mask::summed_keys(p, kv_length, at.row, last_row);
    range_.first = range_.first / kTileKv * kTileKv;
    kept_ = attention_mask::kept_keys(p, kv_length, at.row + score_row());
#pragma unroll
    for (int n = 0; n < kSlabs; ++n) {
#pragma unroll
      for (int r = 0; r < kShares; ++r) {
#pragma unroll
        for (int c = 0; c < 4; ++c)
          o_[n][r][c] = 0.0f;
      }
    }
  }

  __device__ __forceinline__ static int lane() {
    return static_cast<int>(threadIdx.x) % 32;
  }
  __device__ __forceinline__ static int warp() {
    return static_cast<int>(threadIdx.x) / 32;
  }
  __device__ __forceinline__ static int score_row() {
    return static_cast<int>(threadIdx.x) / 8;
  }

  __device__ __forceinline__ void run(const AttentionParams& p, const RowsAt& at) {
    if (range_.first > range_.last) return;
    load_q(p, at);
    Stream stream(p, at, range_, keys_, stages_);
#pragma unroll
    for (int i = 0; i < kStages - 1; ++i)
      stream.start(p);
#pragma unroll 1
    for (int key = range_.first; key <= range_.last; key += kTileKv) {
      Partial s;
#pragma unroll
      for (int r = 0; r < kShares; ++r) {
#pragma unroll
        for (int c = 0; c < kShares; ++c)
          s[r][c] = 0.0f;
      }
#pragma unroll 1
      for (int slab = 0; slab * kSlabColumns < p.head_dim; ++slab) {
        const unsigned k = stream.next(p);
        const unsigned q = q_ + static_cast<unsigned>(slab * kRows * kRow * 4);
        multiply_qk(q, k, p.head_dim - slab * kSlabColumns, s);
      }
      online_softmax(p, at, key, s);
#pragma unroll
      for (int slab = 0; slab < kSlabs; ++slab) {
        if (slab * kSlabColumns >= p.head_dim) break;
        const unsigned v = stream.next(p);
        if (4 * lane() < p.head_dim - slab * kSlabColumns) multiply_pv(v, o_[slab]);
      }
    }
  }

  __device__ __forceinline__ void load_q(const AttentionParams& p, const RowsAt& at) const {
    const float* const q = static_cast<const float*>(p.q) + at.batch * p.q_strides.batch +
                           at.head * p.q_strides.head + at.row * p.q_strides.row;
#pragma unroll 1
    for (int column = 0; column < p.head_dim; column += kSlabColumns) {
      load_slab<kRows>(q_ + static_cast<unsigned>(column / kSlabColumns * kRows * kRow * 4),
                       q + column,
                       p.q_strides.row,
                       p.seq_q - at.row,
                       p.head_dim - column);
    }
  }

  /// Adds what the warp's columns of a slab have of the scores.
  __device__ __forceinline__ static void multiply_qk(unsigned q,
                                                     unsigned k,
                                                     int columns,
                                                     Partial& s) {
    const int first = warp() * (kSlabColumns / kWarps);
    const int last = min(first + kSlabColumns / kWarps, columns);
    q += static_cast<unsigned>((lane() / 8 * kRow + first) * 4);
    k += static_cast<unsigned>((lane() % 8 * kRow + first) * 4);
#pragma unroll 2
    for (int column = first; column < last; column += 4) {
      float4 a[kShares];
      float4 b[kShares];
#pragma unroll
      for (int r = 0; r < kShares; ++r)
        a[r] = load4(q + r * 4 * kRow * 4);
#pragma unroll
      for (int c = 0; c < kShares; ++c)
        b[c] = load4(k + c * 8 * kRow * 4);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int r = 0; r < kShares; ++r) {
#pragma unroll
          for (int c = 0; c < kShares; ++c)
            s[r][c] = fmaf(element(a[r], i), element(b[c], i), s[r][c]);
        }
      }
      q += 16;
      k += 16;
    }
  }

  /// Adds up the warps' scores, turns them into weights 2^(score - m) in shared memory, and rescales
  /// what was summed under an older maximum.
  __device__ __forceinline__ void online_softmax(const AttentionParams& p,
                                                 const RowsAt& at,
                                                 int key,
                                                 const Partial& partial) {
    const int mine = lane() / 8 * kScoreRow + lane() % 8;
#pragma unroll
    for (int r = 0; r < kShares; ++r) {
#pragma unroll
      for (int c = 0; c < kShares; ++c) {
        const int to = warp() * kScores + mine + 4 * r * kScoreRow + 8 * c;
        store_float(partial_ + static_cast<unsigned>(to * 4), partial[r][c]);
      }
    }
    __syncthreads();
    float s[kShares];
    float tile_max = -infinity();
#pragma unroll
    for (int c = 0; c < kShares; ++c) {
      const int from = score_row() * kScoreRow + lane() % 8 + 8 * c;
      s[c] = load_float(partial_ + static_cast<unsigned>(from * 4));
#pragma unroll
      for (int w = 1; w < kWarps; ++w)
        s[c] += load_float(partial_ + static_cast<unsigned>((w * kScores + from) * 4));
      s[c] = masked(p, at, key + lane() % 8 + 8 * c, s[c]);
      tile_max = fmaxf(tile_max, s[c]);
    }
    const float m_new = fmaxf(m_, row_max(tile_max));
    const float m_finite = m_new == -infinity() ? 0.0f : m_new;  // no key kept so far
    const float rescale = exp2_approx(m_ - m_finite);
    m_ = m_new;
    l_ *= rescale;
#pragma unroll
    for (int c = 0; c < kShares; ++c) {
      const float weight = exp2_approx(s[c] - m_finite);
      l_ += weight;
      const int to = score_row() * kScoreRow + lane() % 8 + 8 * c;
      store_float(weights_ + static_cast<unsigned>(to * 4), weight);
    }
#pragma unroll
    for (int r = 0; r < kShares; ++r) {
      const float of_o = of_row(rescale, r);
#pragma unroll
      for (int n = 0; n < kSlabs; ++n) {
#pragma unroll
        for (int c = 0; c < 4; ++c)
          o_[n][r][c] *= of_o;
      }
    }
    __syncwarp();  // the rows of a warp's weights are those of its O
  }

  /// A score of the thread's row in units of log 2: hidden keys have the fill, and those past the
  /// end -inf.
  __device__ __forceinline__ float masked(const AttentionParams& p,
                                          const RowsAt& at,
                                          int j,
                                          float score) const {
    bool is_kept = kept_.first <= j && j <= kept_.last;
    if (is_kept && (p.mask & ATTENTION_BOOLEAN)) {
      is_kept = attention_mask::keep_row(p, at.batch, at.row + score_row())[j] != 0;
    }
    if (is_kept) return score * (p.scale * kLog2E);
    return j < keys_ ? p.fill * kLog2E : -infinity();
  }

  /// o[r] += P V of the warp's row r and the thread's four columns of a slab.
  __device__ __forceinline__ void multiply_pv(unsigned v, float (&o)[kShares][4]) const {
    v += static_cast<unsigned>(lane() * 16);
    unsigned weights = weights_ + static_cast<unsigned>(warp() * kShares * kScoreRow * 4);
#pragma unroll 1
    for (int key = 0; key < kTileKv; key += 4) {
      float4 a[kShares];
#pragma unroll
      for (int r = 0; r < kShares; ++r)
        a[r] = load4(weights + r * kScoreRow * 4);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float4 b = load4(v + i * kRow * 4);
#pragma unroll
        for (int r = 0; r < kShares; ++r) {
#pragma unroll
          for (int c = 0; c < 4; ++c)
            o[r][c] = fmaf(element(a[r], i), element(b, c), o[r][c]);
        }
      }
      weights += 16;
      v += 4 * kRow * 4;
    }
  }

  __device__ __forceinline__ void store(const AttentionParams& p, const RowsAt& at) const {
    const float sum = row_sum(l_);
    const float inverse = sum == 0.0f ? 0.0f : 1.0f / sum;
#pragma unroll
    for (int r = 0; r < kShares; ++r) {
      const float of_o = of_row(inverse, r);
      const int i = at.row + kShares * warp() + r;
      if (i >= p.seq_q) continue;
      float* const out = static_cast<float*>(p.o) + at.batch * p.o_strides.batch +
                         at.head * p.o_strides.head + i * p.o_strides.row + 4 * lane();
#pragma unroll
      for (int n = 0; n < kSlabs; ++n) {
        if (n * kSlabColumns + 4 * lane() >= p.head_dim) continue;
#pragma unroll
        for (int c = 0; c < 4; ++c)
          out[n * kSlabColumns + c] = o_[n][r][c] * of_o;
      }
    }
    const int i = at.row + score_row();
    if (p.lse && lane() % 8 == 0 && i < p.seq_q) {
      p.lse[(static_cast<long long>(at.batch) * p.heads_q + at.head) * p.seq_q + i] =
          sum == 0.0f ? -infinity() : fmaf(m_, kLn2, logf(sum));
    }
  }

  unsigned stages_;
  unsigned partial_;       // [kWarps][kRows][kTileKv]
  unsigned weights_;       // [kRows][kTileKv]
  unsigned q_;             // slabs of kRows
  int keys_;               // keys from here on are in no sum
  KeyRange range_;         // of the block, from the first of a tile on
  KeyRange kept_;          // by the mask's ranges, of the thread's row of scores
  float m_ = -infinity();  // running maximum of that row, in units of log 2
  float l_ = 0.0f;         // running sum of 2^(score - m), this thread's keys only
  float o_[kSlabs][kShares][4];
};

}  // namespace attention_wide_f32
