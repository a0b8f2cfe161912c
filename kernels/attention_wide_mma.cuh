// Rows of fused attention in f16 or bf16 on tensor cores, for wide heads: K and V pass through
// shared memory in slabs of 128 columns.
// SPDX-License-Identifier: Apache-2.0
//
// Block  128 threads, 16 * kRowGroups rows. Scores of 64 keys: warp w has the row group
//        w % kRowGroups and the keys of w / kRowGroups. O: of every 64 columns, w has 16.
// Shared Q; three slabs of K and V, 64 keys by 128 columns each, of which two are on their way; P;
//        maxima. Chunks of 16 bytes are permuted within 128 bytes, so that the eight rows of an
//        ldmatrix lie in different banks.
// Takes  head_dim a multiple of 8, at most 128 * kSlabs; strides and pointers of q, k, v and o that
//        are multiples of 16 bytes. p.lse may be null.
#pragma once

#include "kernels/attention_mask.cuh"
#include "kernels/tensor_core.cuh"

namespace attention_wide_mma {

using attention_mask::infinity;
using attention_mask::KeyRange;
using tensor_core::Bfloat16;
using tensor_core::commit_copies;
using tensor_core::copy_async;
using tensor_core::exp2_approx;
using tensor_core::Half;
using tensor_core::ldmatrix;
using tensor_core::ldmatrix_transposed;
using tensor_core::load_float;
using tensor_core::store_word;
using tensor_core::wait_copies;

constexpr int kThreads = 128;
constexpr int kWarps = 4;
constexpr int kTileKv = 64;
constexpr int kSlabColumns = 128;
constexpr int kRowBytes = 2 * kSlabColumns;  // of a slab
constexpr int kSlabBytes = kTileKv * kRowBytes;
constexpr int kStages = 3;
constexpr int kWeightBytes = 2 * kTileKv;  // a row of P
constexpr float kLog2E = 1.44269504088896340736f;
constexpr float kLn2 = 0.69314718055994530942f;
constexpr unsigned kAllLanes = 0xffffffffu;

__device__ __forceinline__ void store_float(unsigned to, float x) {
  asm volatile("st.shared.f32 [%0], %1;" ::"r"(to), "f"(x) : "memory");
}

__device__ __forceinline__ void copy_async(unsigned to, const char* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}

/// Byte of a 16-byte chunk in a tile with rows of kBytes, which begins at a multiple of 128 bytes.
template <int kBytes>
__device__ __forceinline__ unsigned chunk_offset(int row, int chunk) {
  return static_cast<unsigned>(row * kBytes + (chunk ^ row % 8) * 16);
}

/// `chunks` further in the row of an address that chunk_offset() made of a chunk with no bit of
/// `chunks`.
__device__ __forceinline__ unsigned along(unsigned address, int chunks) {
  return (address ^ static_cast<unsigned>(chunks % 8 * 16)) +
         static_cast<unsigned>(chunks / 8 * 128);
}

/// Starts the copy of kRows rows of a slab. Rows from `rows` and columns from `columns` on are not
/// read; they become 0, columns up to a multiple of 16.
template <int kRows>
__device__ __forceinline__ void load_slab(
    unsigned slab, const char* source, long long row_bytes, int rows, int columns) {
  constexpr int kChunks = kRowBytes / 16;
  constexpr int kRowsAtOnce = kThreads / kChunks;
  static_assert(kRowsAtOnce == 8, "a thread's rows are permuted alike");
  const int chunk = static_cast<int>(threadIdx.x) % kChunks;
  const int first = static_cast<int>(threadIdx.x) / kChunks;
  if (chunk / 2 * 16 >= columns) return;
  const unsigned to = slab + chunk_offset<kRowBytes>(first, chunk);
  const char* from = source + first * row_bytes + chunk * 16;
  if (rows >= kRows && chunk * 8 < columns) {
#pragma unroll
    for (int i = 0; i < kRows / kRowsAtOnce; ++i) {
      copy_async(to + i * kRowsAtOnce * kRowBytes, from);
      from += kRowsAtOnce * row_bytes;
    }
  } else {
    if (chunk * 8 >= columns) rows = 0;
#pragma unroll
    for (int i = 0; i < kRows / kRowsAtOnce; ++i) {
      const bool is_inside = first + i * kRowsAtOnce < rows;
      copy_async(to + i * kRowsAtOnce * kRowBytes, is_inside ? from : source, is_inside ? 16 : 0);
      from += kRowsAtOnce * row_bytes;
    }
  }
}

/// Which rows.
struct RowsAt {
  int batch;
  int head;
  int row;  // the first, less than seq_q
};

/// Slabs of K and V in the order of their use: K's of 64 keys, then V's, then the next keys'.
class Stream {
 public:
  __device__ __forceinline__
  Stream(const AttentionParams& p, const RowsAt& at, KeyRange range, int keys, unsigned stages)
      : key_(range.first), last_key_(range.last), keys_(keys), stages_(stages) {
    const int head_kv = at.head / (p.heads_q / p.heads_kv);
    source_[0] = static_cast<const char*>(p.k) +
                 2 * (at.batch * p.k_strides.batch + head_kv * p.k_strides.head);
    source_[1] = static_cast<const char*>(p.v) +
                 2 * (at.batch * p.v_strides.batch + head_kv * p.v_strides.head);
  }

  /// Starts the copy of the next slab, if there is one.
  __device__ __forceinline__ void start(const AttentionParams& p) {
    if (key_ <= last_key_) {
      const long long row_bytes = 2 * (is_v_ ? p.v_strides.row : p.k_strides.row);
      load_slab<kTileKv>(stages_ + to_ * kSlabBytes,
                         (is_v_ ? source_[1] : source_[0]) + key_ * row_bytes + 2 * column_,
                         row_bytes,
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
    const unsigned slab = stages_ + from_ * kSlabBytes;
    from_ = from_ == kStages - 1 ? 0 : from_ + 1;
    return slab;
  }

 private:
  const char* source_[2];
  int key_;
  int last_key_;
  int keys_;  // rows of K and V that may be read
  int column_ = 0;
  bool is_v_ = false;
  int to_ = 0;
  int from_ = 0;
  unsigned stages_;
};

/// The maximum, or the sum, over the four lanes that share a row.
__device__ __forceinline__ float row_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, 1));
  return fmaxf(x, __shfl_xor_sync(kAllLanes, x, 2));
}

__device__ __forceinline__ float row_sum(float x) {
  x += __shfl_xor_sync(kAllLanes, x, 1);
  return x + __shfl_xor_sync(kAllLanes, x, 2);
}

template <class Element, int kRowGroups, int kSlabs>
class Rows {
 public:
  static constexpr int kRows = 16 * kRowGroups;
  static constexpr int kMaxHeadDim = kSlabs * kSlabColumns;

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
  static constexpr int kKeyGroups = kWarps / kRowGroups;
  static constexpr int kKeyBlocks = kTileKv / kKeyGroups / 8;  // of 8 keys, in a warp's scores
  static constexpr int kQSlabBytes = kRows * kRowBytes;
  using Scores = float[kKeyBlocks][4];

  __device__ __forceinline__ Rows(const AttentionParams& p, const RowsAt& at, unsigned shared)
      : stages_(shared),
        weights_(stages_ + kStages * kSlabBytes),
        exchange_(weights_ + kRows * kWeightBytes),
        q_(exchange_ + kRows * kKeyGroups * 4) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    score_row_ = warp % kRowGroups * 16 + lane / 4;
    score_key_ = warp / kRowGroups * (kTileKv / kKeyGroups);
    const int kv_length = p.kv_lengths ? p.kv_lengths[at.batch] : p.seq_kv;
    keys_ = attention_mask::is_filled(p) ? p.seq_kv : kv_length;
    const int last_row = min(at.row + kRows, p.seq_q) - 1;
    range_ = attention_mask::summed_keys(p, kv_length, at.row, last_row);
    range_.first = range_.first / kTileKv * kTileKv;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      kept_[half] = attention_mask::kept_keys(p, kv_length, at.row + score_row_ + 8 * half);
      l_[half] = 0.0f;
    }
#pragma unroll
    for (int g = 0; g < kRowGroups; ++g) {
      m_[g][0] = m_[g][1] = -infinity();
#pragma unroll
      for (int n = 0; n < kSlabs * 4; ++n) {
#pragma unroll
        for (int e = 0; e < 4; ++e)
          o_[n][g][e] = 0.0f;
      }
    }
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
      Scores s;
#pragma unroll
      for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
        for (int e = 0; e < 4; ++e)
          s[n][e] = 0.0f;
      }
#pragma unroll 1
      for (int slab = 0; slab * kSlabColumns < p.head_dim; ++slab) {
        const unsigned k = stream.next(p);
        multiply_qk(q_ + slab * kQSlabBytes, k, p.head_dim - slab * kSlabColumns, s);
      }
      scale_and_mask(p, at, key, s);
      online_softmax(p, s);
#pragma unroll
      for (int slab = 0; slab < kSlabs; ++slab) {
        if (slab * kSlabColumns >= p.head_dim) break;
        const unsigned v = stream.next(p);
        multiply_pv(v, p.head_dim - slab * kSlabColumns, &o_[4 * slab]);
      }
    }
  }

  __device__ __forceinline__ void load_q(const AttentionParams& p, const RowsAt& at) const {
    const char* const q =
        static_cast<const char*>(p.q) +
        2 * (at.batch * p.q_strides.batch + at.head * p.q_strides.head + at.row * p.q_strides.row);
#pragma unroll 1
    for (int column = 0; column < p.head_dim; column += kSlabColumns) {
      load_slab<kRows>(q_ + column / kSlabColumns * kQSlabBytes,
                       q + 2 * column,
                       2 * p.q_strides.row,
                       p.seq_q - at.row,
                       p.head_dim - column);
    }
  }

  /// Adds what a slab has of the scores; s[n] covers keys 8n .. 8n+7 of the warp's.
  __device__ __forceinline__ void multiply_qk(unsigned q,
                                              unsigned k,
                                              int columns,
                                              Scores& s) const {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int row = score_row_ - lane / 4 + lane % 16;
    q += chunk_offset<kRowBytes>(row, lane / 16);
    k += chunk_offset<kRowBytes>(score_key_ + lane / 16 * 8 + lane % 8, lane / 8 % 2);
#pragma unroll 1
    for (int column = 0; column < columns && column < kSlabColumns; column += 64) {
      if (columns - column >= 64) {
#pragma unroll
        for (int step = 0; step < 4; ++step)
          multiply_step(along(q, 2 * step), along(k, 2 * step), s);
      } else {
#pragma unroll
        for (int step = 0; step < 4; ++step) {
          if (column + 16 * step < columns)
            multiply_step(along(q, 2 * step), along(k, 2 * step), s);
        }
      }
      q += 128;
      k += 128;
    }
  }

  __device__ __forceinline__ static void multiply_step(unsigned q, unsigned k, Scores& s) {
    unsigned a[4];
    ldmatrix(a, q);
#pragma unroll
    for (int n = 0; n < kKeyBlocks; n += 2) {
      unsigned b[4];
      ldmatrix(b, k + n * 8 * kRowBytes);
      Element::mma(s[n], a, b[0], b[1]);
      Element::mma(s[n + 1], a, b[2], b[3]);
    }
  }

  /// Scores in units of log 2; hidden keys have the fill, and those past the end -inf.
  __device__ __forceinline__ void scale_and_mask(const AttentionParams& p,
                                                 const RowsAt& at,
                                                 int key,
                                                 Scores& s) const {
    const float scale = p.scale * kLog2E;
    const float fill = p.fill * kLog2E;
    const int first = key + score_key_ + static_cast<int>(threadIdx.x) % 4 * 2;
#pragma unroll
    for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const int j = first + 8 * n + e % 2;
        const bool is_kept = kept_[e / 2].first <= j && j <= kept_[e / 2].last;
        s[n][e] = is_kept ? s[n][e] * scale : fill;
      }
    }
    if (p.mask & ATTENTION_BOOLEAN) hide_by_tensor(p, at, first, fill, s);
    if (attention_mask::is_filled(p) && key + kTileKv > keys_) exclude_from(keys_, first, s);
  }

  __device__ __forceinline__ void hide_by_tensor(
      const AttentionParams& p, const RowsAt& at, int first, float fill, Scores& s) const {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const unsigned char* const keep =
          attention_mask::keep_row(p, at.batch, at.row + score_row_ + 8 * half);
#pragma unroll
      for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; ++e) {
          const unsigned char is_kept = keep[min(first + 8 * n + e % 2, p.seq_kv - 1)];
          s[n][e] = is_kept != 0 ? s[n][e] : fill;
        }
      }
    }
  }

  __device__ __forceinline__ static void exclude_from(int end, int first, Scores& s) {
#pragma unroll
    for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
      for (int e = 0; e < 4; ++e)
        s[n][e] = first + 8 * n + e % 2 < end ? s[n][e] : -infinity();
    }
  }

  /// Turns scores into weights 2^(score - m) in shared memory, and rescales what was summed under an
  /// older maximum.
  __device__ __forceinline__ void online_softmax(const AttentionParams& p, Scores& s) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    exchange([&s](int half) {
      float tile_max = -infinity();
#pragma unroll
      for (int n = 0; n < kKeyBlocks; ++n)
        tile_max = fmaxf(tile_max, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
      return row_max(tile_max);
    });
    float m_finite[2];  // of the rows of the scores
    float rescale[kRowGroups][2];
#pragma unroll
    for (int g = 0; g < kRowGroups; ++g) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        float m = m_[g][half];
#pragma unroll
        for (int k = 0; k < kKeyGroups; ++k)
          m = fmaxf(m, load_float(exchanged(16 * g + lane / 4 + 8 * half, k)));
        const float finite = m == -infinity() ? 0.0f : m;  // no key kept so far
        const float of_row = exp2_approx(m_[g][half] - finite);
        rescale[g][half] = of_row;
        m_[g][half] = m;
        if (g == score_row_ / 16) {
          m_finite[half] = finite;
          l_[half] *= of_row;
        }
      }
    }
    rescale_output(p, rescale);
    const unsigned to = weights_ + chunk_offset<kWeightBytes>(score_row_, score_key_ / 8) +
                        static_cast<unsigned>(lane % 4 * 4);
#pragma unroll
    for (int n = 0; n < kKeyBlocks; ++n) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const float low = exp2_approx(s[n][2 * half] - m_finite[half]);
        const float high = exp2_approx(s[n][2 * half + 1] - m_finite[half]);
        l_[half] += low;
        l_[half] += high;
        store_word(along(to, n) + half * 8 * kWeightBytes, Element::pack(low, high));
      }
    }
  }

  __device__ __forceinline__ void rescale_output(const AttentionParams& p,
                                                 const float (&rescale)[kRowGroups][2]) {
#pragma unroll
    for (int slab = 0; slab < kSlabs; ++slab) {
      if (slab * kSlabColumns < p.head_dim) {
#pragma unroll
        for (int n = 4 * slab; n < 4 * slab + 4; ++n) {
#pragma unroll
          for (int g = 0; g < kRowGroups; ++g) {
#pragma unroll
            for (int e = 0; e < 4; ++e)
              o_[n][g][e] *= rescale[g][e / 2];
          }
        }
      }
    }
  }

  /// Adds P V of a slab to o; its columns 64i + 16w .. 64i + 16w + 15 are o[2i] and o[2i + 1].
  __device__ __forceinline__ void multiply_pv(unsigned v,
                                              int columns,
                                              float (*o)[kRowGroups][4]) const {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const unsigned weights = weights_ + chunk_offset<kWeightBytes>(lane % 16, lane / 16);
    v += chunk_offset<kRowBytes>(lane % 16, 2 * warp + lane / 16);
#pragma unroll
    for (int step = 0; step < kTileKv / 16; ++step) {
      unsigned a[kRowGroups][4];
#pragma unroll
      for (int g = 0; g < kRowGroups; ++g)
        ldmatrix(a[g], along(weights, 2 * step) + g * 16 * kWeightBytes);
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        if (64 * i + 16 * warp >= columns) break;
        unsigned b[4];
        ldmatrix_transposed(b, v + step * 16 * kRowBytes + i * 128);
#pragma unroll
        for (int g = 0; g < kRowGroups; ++g) {
          Element::mma(o[2 * i][g], a[g], b[0], b[1]);
          Element::mma(o[2 * i + 1][g], a[g], b[2], b[3]);
        }
      }
    }
  }

  __device__ __forceinline__ unsigned exchanged(int row, int key_group) const {
    return exchange_ + static_cast<unsigned>((row * kKeyGroups + key_group) * 4);
  }

  /// Shows every warp what this one has of its two rows.
  template <class OfHalf>
  __device__ __forceinline__ void exchange(OfHalf of_half) const {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const float x = of_half(half);
      if (threadIdx.x % 4 == 0) {
        store_float(
            exchanged(score_row_ + 8 * half, static_cast<int>(threadIdx.x) / 32 / kRowGroups), x);
      }
    }
    __syncthreads();
  }

  __device__ __forceinline__ void store(const AttentionParams& p, const RowsAt& at) const {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    exchange([this](int half) { return row_sum(l_[half]); });
#pragma unroll
    for (int g = 0; g < kRowGroups; ++g) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = 16 * g + lane / 4 + 8 * half;
        const int i = at.row + row;
        if (i >= p.seq_q) continue;
        float sum = 0.0f;
#pragma unroll
        for (int k = 0; k < kKeyGroups; ++k)
          sum += load_float(exchanged(row, k));
        const float inverse = sum == 0.0f ? 0.0f : 1.0f / sum;
        char* const out = static_cast<char*>(p.o) +
                          2 * (at.batch * p.o_strides.batch + at.head * p.o_strides.head +
                               i * p.o_strides.row + 16 * warp + 2 * (lane % 4));
#pragma unroll
        for (int n = 0; n < kSlabs * 4; ++n) {
          const int column = n / 2 * 64 + n % 2 * 8;
          if (column + 16 * warp >= p.head_dim) continue;
          *reinterpret_cast<unsigned*>(out + 2 * column) =
              Element::pack(o_[n][g][2 * half] * inverse, o_[n][g][2 * half + 1] * inverse);
        }
        if (p.lse && threadIdx.x < 32 && lane % 4 == 0) {
          p.lse[(static_cast<long long>(at.batch) * p.heads_q + at.head) * p.seq_q + i] =
              sum == 0.0f ? -infinity() : fmaf(m_[g][half], kLn2, logf(sum));
        }
      }
    }
  }

  unsigned stages_;
  unsigned weights_;        // [kRows][64] elements
  unsigned exchange_;       // [kRows][kKeyGroups] floats
  unsigned q_;              // slabs of kRows
  int score_row_;           // lane/4 and lane/4 + 8 of the warp's row group, in the block
  int score_key_;           // the first of the warp's keys, in the tile
  int keys_;                // keys from here on are in no sum
  KeyRange range_;          // of the block, from the first of a tile on
  KeyRange kept_[2];        // by the mask's ranges, of the rows of the scores
  float l_[2];              // running sum of 2^(score - m), this lane's keys only
  float m_[kRowGroups][2];  // running maximum of the scores, in units of log 2
  float o_[kSlabs * 4][kRowGroups][4];
};

}  // namespace attention_wide_mma
