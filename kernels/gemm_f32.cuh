// One tile of C = A B in f32 on the ordinary cores, for kernels of one product or of several.
// SPDX-License-Identifier: Apache-2.0
//
// Block  128 threads, 64 x 64 of C; thread t owns rows 8 * (t / 16) and columns 4 * (t % 16) on.
// Shared two stages of a tile of A and one of B, 16 along k, k being the row whatever it is in
//        memory.
// Takes  any m, n and k from 1 on, any stride and base that is a multiple of an element. Each sum
//        is one chain of fused multiply-adds, k rising.
#pragma once

#include "kernels/operation_abi.h"

namespace gemm_f32 {

constexpr int kThreads = 128;
constexpr int kTileM = 64;
constexpr int kTileN = 64;
constexpr int kTileK = 16;
constexpr int kRow = 68;  // floats of a row in shared memory; 4 more than 64: see Loader
constexpr int kTileBytes = kTileK * kRow * 4;
constexpr int kStageBytes = 2 * kTileBytes;
constexpr int kSharedBytes = 2 * kStageBytes;  // a multiple of 16 bytes, from such an address on

/// Copies the kBytes to `to` + kOffset, an address in shared memory; or writes zeros.
template <int kBytes, int kOffset>
__device__ __forceinline__ void copy_if(bool is_inside, unsigned to, const char* from) {
  const int bytes = is_inside ? kBytes : 0;
  asm volatile("cp.async.ca.shared.global [%0+%4], [%1], %3, %2;" ::"r"(to),
               "l"(from),
               "r"(bytes),
               "n"(kBytes),
               "n"(kOffset)
               : "memory");
}

__device__ __forceinline__ void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_group 0;" ::: "memory");
}

template <int kOffset>
__device__ __forceinline__ float4 load_four(unsigned from) {
  float4 x;
  asm volatile("ld.shared.v4.f32 {%0,%1,%2,%3}, [%4+%5];"
               : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w)
               : "r"(from), "n"(kOffset)
               : "memory");
  return x;
}

__device__ __forceinline__ bool is_aligned(const void* p, long long row) {
  return (reinterpret_cast<unsigned long long>(p) | static_cast<unsigned long long>(row) * 4) %
             16 ==
         0;
}

/// Brings tiles of one operand, from its first to its last along k. kAlongRows: k is the row in
/// memory, else the column, and is transposed on the way. A warp that does so copies 8 along k by 4;
/// rows of 68 floats put these into 32 banks.
template <bool kAlongRows>
class Loader {
 public:
  /// `outer` is the extent of m or n from the tile's first row or column on.
  __device__ __forceinline__
  Loader(const char* matrix, long long stride, int outer, int k, int first)
      : outer_(outer - first), k_(k), row_bytes_(4 * stride) {
    tile_ = matrix + (kAlongRows ? 4LL * first : first * row_bytes_);
    is_wide_ = kAlongRows && outer_ >= 64 && is_aligned(tile_, stride);
    if (is_wide_) {
      row_ = static_cast<int>(threadIdx.x / 16);
      column_ = static_cast<int>(threadIdx.x % 16 * 4);
    } else if (kAlongRows) {
      row_ = static_cast<int>(threadIdx.x / 64);
      column_ = static_cast<int>(threadIdx.x % 64);
    } else {
      row_ = static_cast<int>(threadIdx.x % 8);
      column_ = static_cast<int>(threadIdx.x / 8);
    }
    tile_ += kAlongRows ? row_ * row_bytes_ + 4 * column_ : column_ * row_bytes_ + 4 * row_;
    thread_offset_ = static_cast<unsigned>((row_ * kRow + column_) * 4);
  }

  /// Starts the copy of this tile into shared memory at `to`, and moves on to the next one. What
  /// lies outside of the matrix becomes 0 and is not read.
  __device__ __forceinline__ void load(unsigned to) {
    to += thread_offset_;
    if constexpr (kAlongRows) {
      if (is_wide_) {
        copy_if<16, 0>(row_ < k_, to, tile_);
        copy_if<16, 8 * kRow * 4>(row_ + 8 < k_, to, tile_ + 8 * row_bytes_);
      } else {
        load_rows<0>(to, tile_);
      }
    } else {
      load_columns<0>(to, tile_);
    }
    tile_ += kAlongRows ? kTileK * row_bytes_ : 4 * kTileK;
    k_ -= kTileK;
  }

 private:
  template <int kRowOfTile>
  __device__ __forceinline__ void load_rows(unsigned to, const char* from) const {
    copy_if<4, kRowOfTile * kRow * 4>(column_ < outer_ && row_ + kRowOfTile < k_, to, from);
    if constexpr (kRowOfTile + 2 < kTileK) load_rows<kRowOfTile + 2>(to, from + 2 * row_bytes_);
  }

  template <int kColumn>
  __device__ __forceinline__ void load_columns(unsigned to, const char* from) const {
    const bool is_inside = column_ + kColumn < outer_;
    copy_if<4, kColumn * 4>(is_inside && row_ < k_, to, from);
    copy_if<4, (8 * kRow + kColumn) * 4>(is_inside && row_ + 8 < k_, to, from + 32);
    if constexpr (kColumn + 16 < 64) load_columns<kColumn + 16>(to, from + 16 * row_bytes_);
  }

  int outer_;
  int k_;       // what is left of it
  int row_;     // along k, and
  int column_;  // along m or n: the first element that this thread copies
  long long row_bytes_;
  const char* tile_;  // that element
  unsigned thread_offset_;
  bool is_wide_;  // 16 bytes are copied at once
};

/// c[i][j] is row i and column j of the thread's 8 x 4.
using Sums = float[8][4];

template <int kStep = 0>
__device__ __forceinline__ void multiply(unsigned a, unsigned b, Sums& c) {
  if constexpr (kStep < kTileK) {
    constexpr int kOffset = kStep * kRow * 4;
    const float4 a0 = load_four<kOffset>(a);
    const float4 a1 = load_four<kOffset + 16>(a);
    const float4 b0 = load_four<kOffset>(b);
    const float rows[8] = {a0.x, a0.y, a0.z, a0.w, a1.x, a1.y, a1.z, a1.w};
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      c[i][0] = fmaf(rows[i], b0.x, c[i][0]);
      c[i][1] = fmaf(rows[i], b0.y, c[i][1]);
      c[i][2] = fmaf(rows[i], b0.z, c[i][2]);
      c[i][3] = fmaf(rows[i], b0.w, c[i][3]);
    }
    multiply<kStep + 1>(a, b, c);
  }
}

/// Which tile of C.
struct TileAt {
  int batch;
  int head;
  int row;     // its first, a multiple of kTileM, less than m
  int column;  // its first, a multiple of kTileN, less than n
};

/// Four neighbouring columns of C from `first` on.
struct Columns {
  float* to[4];
  float bias[4];
  const unsigned char* mask;
  int count;       // of them inside of C
  bool are_whole;  // all four are, in one tensor and aligned, and so is their mask

  __device__ __forceinline__ Columns(const GemmParams& p, const TileAt& at, int first)
      : count(p.n - first) {
    const long long matrix = at.batch * p.c_strides.batch + at.head * p.c_strides.head;
    mask = p.mask ? p.mask + static_cast<long long>(at.batch) * p.m * p.n + first : nullptr;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int column = first + j;
      void* const tensor = column < p.split_columns       ? p.c
                           : column < 2 * p.split_columns ? p.c1
                                                          : p.c2;
      const int begin = column < p.split_columns       ? 0
                        : column < 2 * p.split_columns ? p.split_columns
                                                       : 2 * p.split_columns;
      to[j] = static_cast<float*>(tensor) + matrix + (column - begin);
      bias[j] = p.bias && j < count ? static_cast<const float*>(p.bias)[column] : 0.0f;
    }
    are_whole = p.split_columns % 4 == 0 && is_aligned(to[0], p.c_strides.row) &&
                reinterpret_cast<unsigned long long>(mask) % 4 == 0;
  }

  /// x = alpha * c + bias, `fill` where the mask is 0.
  __device__ __forceinline__ void store(const GemmParams& p, int row, const float (&c)[4]) const {
    const unsigned char* const keep = mask ? mask + static_cast<long long>(row) * p.n : nullptr;
    const long long offset = row * p.c_strides.row;
    float x[4];
#pragma unroll
    for (int j = 0; j < 4; ++j)
      x[j] = fmaf(p.alpha, c[j], bias[j]);
    if (are_whole) {
      if (keep) {
        const unsigned kept = *reinterpret_cast<const unsigned*>(keep);
#pragma unroll
        for (int j = 0; j < 4; ++j)
          x[j] = (kept & 0xffu << 8 * j) != 0 ? x[j] : p.fill;
      }
      *reinterpret_cast<float4*>(to[0] + offset) = make_float4(x[0], x[1], x[2], x[3]);
      return;
    }
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      if (j >= count) return;
      to[j][offset] = keep && keep[j] == 0 ? p.fill : x[j];
    }
  }
};

/// Computes and stores one tile; all 128 threads of the block. `shared` is the address in shared
/// memory of kSharedBytes bytes, a multiple of 16; one call may follow another on the same bytes.
template <bool kTransposeA, bool kTransposeB>
__device__ __forceinline__ void compute_tile(const GemmParams& p,
                                             const TileAt& at,
                                             unsigned shared) {
  const auto matrix = [&at](const void* base, const MatrixStrides& strides) {
    return static_cast<const char*>(base) + 4 * (at.batch * strides.batch + at.head * strides.head);
  };
  Loader<kTransposeA> a(matrix(p.a, p.a_strides), p.a_strides.row, p.m, p.k, at.row);
  Loader<!kTransposeB> b(matrix(p.b, p.b_strides), p.b_strides.row, p.n, p.k, at.column);
  const int row = at.row + static_cast<int>(threadIdx.x / 16 * 8);
  const int column = at.column + static_cast<int>(threadIdx.x % 16 * 4);
  const unsigned a_offset = threadIdx.x / 16 * 32;
  const unsigned b_offset = kTileBytes + threadIdx.x % 16 * 16;
  const bool has_work = row - static_cast<int>(threadIdx.x / 16 % 2 * 8) < p.m;  // a whole warp

  Sums c = {};
  unsigned stage = shared;
#pragma unroll 1
  for (int left = p.k; left > -kTileK; left -= kTileK) {
    const unsigned other = 2 * shared + kStageBytes - stage;
    wait_for_copies();
    __syncthreads();  // the other stage has arrived, and every warp is done with this one
    if (left > 0) {
      a.load(stage);
      b.load(stage + kTileBytes);
    }
    commit_copies();
    if (has_work && left < p.k) multiply(other + a_offset, other + b_offset, c);
    stage = other;
  }

  if (column >= p.n) return;
  const Columns columns(p, at, column);
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    if (row + i >= p.m) return;
    columns.store(p, row + i, c[i]);
  }
}

}  // namespace gemm_f32
