// One tile of C = A B in f16 or bf16 on tensor cores, for kernels of one product or of several.
// SPDX-License-Identifier: Apache-2.0
//
// Block  128 threads, 64 x 64 of C; warp w owns rows 32 * (w / 2) and columns 32 * (w % 2) on.
// Shared two stages of a tile of A and one of B, 64 x 64 elements each, as they lie in memory:
//        whichever index is contiguous there is contiguous here, and ldmatrix transposes.
// Takes  any m, n and k from 1 on, any stride and base; 16 bytes are copied at once where base and
//        strides are multiples of 16 bytes, 4 where they are of 4, else single elements.
#pragma once

#include "kernels/operation_abi.h"
#include "kernels/tensor_core.cuh"

namespace gemm_mma {

using tensor_core::Bfloat16;
using tensor_core::commit_copies;
using tensor_core::copy_async;
using tensor_core::Half;
using tensor_core::load_float;
using tensor_core::store_word;
using tensor_core::wait_copies;

constexpr int kThreads = 128;
constexpr int kTileM = 64;
constexpr int kTileN = 64;
constexpr int kTileK = 64;
constexpr int kRowBytes = 128;  // a row of a tile in shared memory: 64 elements of 2 bytes
constexpr int kTileBytes = 64 * kRowBytes;
constexpr int kStageBytes = 2 * kTileBytes;
constexpr int kSharedBytes = 2 * kStageBytes;  // a multiple of 128 bytes, from such an address on

/// Copies 16 bytes to `to` + kOffset, an address in shared memory.
template <int kOffset>
__device__ __forceinline__ void copy_chunk(unsigned to, const char* from) {
  asm volatile("cp.async.cg.shared.global [%0+%2], [%1], 16;" ::"r"(to), "l"(from), "n"(kOffset)
               : "memory");
}

/// Copies the first `bytes` (0 .. kBytes), and writes zeros into the rest of the kBytes.
template <int kBytes>
__device__ __forceinline__ void copy_first(unsigned to, const char* from, int bytes) {
  if constexpr (kBytes == 16) {
    copy_async(to, from, bytes);
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %3, %2;" ::"r"(to),
                 "l"(from),
                 "r"(bytes),
                 "n"(kBytes)
                 : "memory");
  }
}

__device__ __forceinline__ void store_two(unsigned to, float x, float y) {
  asm volatile("st.shared.v2.f32 [%0], {%1, %2};" ::"r"(to), "f"(x), "f"(y) : "memory");
}

__device__ __forceinline__ unsigned load_global(const unsigned short* from) {
  unsigned short x;
  asm volatile("ld.global.u16 %0, [%1];" : "=h"(x) : "l"(from) : "memory");
  return x;
}

__device__ __forceinline__ unsigned load_global(const unsigned char* from) {
  unsigned x;
  asm volatile("ld.global.u8 %0, [%1];" : "=r"(x) : "l"(from) : "memory");
  return x;
}

/// Two neighbours as a word, of which the first `inside` are loaded and the others 0.
__device__ __forceinline__ unsigned load_up_to_two(const char* from, int inside) {
  unsigned word;
  asm volatile(
      "{\n"
      ".reg .pred has_low, has_high;\n"
      ".reg .b16 low, high;\n"
      "setp.gt.s32 has_low, %2, 0;\n"
      "setp.gt.s32 has_high, %2, 1;\n"
      "mov.b32 {low, high}, 0;\n"
      "@has_low ld.global.b16 low, [%1];\n"
      "@has_high ld.global.b16 high, [%1+2];\n"
      "mov.b32 %0, {low, high};\n"
      "}"
      : "=r"(word)
      : "l"(from), "r"(inside)
      : "memory");
  return word;
}

__device__ __forceinline__ void store_global(char* to, unsigned word) {
  asm volatile("st.global.u32 [%0], %1;" ::"l"(to), "r"(word) : "memory");
}

__device__ __forceinline__ void store_global(char* to, unsigned short half) {
  asm volatile("st.global.u16 [%0], %1;" ::"l"(to), "h"(half) : "memory");
}

/// The value, of which the compiler forgets where it comes from: it stays in a register, and is not
/// computed anew in every round of a loop.
__device__ __forceinline__ unsigned pin(unsigned x) {
  asm volatile("" : "+r"(x));
  return x;
}
__device__ __forceinline__ int pin(int x) {
  asm volatile("" : "+r"(x));
  return x;
}
__device__ __forceinline__ float pin(float x) {
  asm volatile("" : "+f"(x));
  return x;
}
__device__ __forceinline__ long long pin(long long x) {
  asm volatile("" : "+l"(x));
  return x;
}
template <class T>
__device__ __forceinline__ T* pin(T* x) {
  asm volatile("" : "+l"(x));
  return x;
}

__device__ __forceinline__ unsigned low_bits(const void* p) {
  return static_cast<unsigned>(reinterpret_cast<unsigned long long>(p));
}

template <bool kTransposed, int kOffset>
__device__ __forceinline__ void ldmatrix(unsigned (&r)[4], unsigned address) {
  if constexpr (kTransposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4+%5];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address), "n"(kOffset)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4+%5];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address), "n"(kOffset)
                 : "memory");
  }
}

/// Byte of a 16-byte chunk (0 .. 7) of a row in a tile: chunks are permuted within their row, so
/// that the eight rows of an ldmatrix lie in different banks.
__device__ __forceinline__ unsigned chunk_offset(unsigned row, unsigned chunk) {
  return row * kRowBytes + (chunk ^ row % 8) * 16;
}

/// Brings tiles of one operand, from its first to its last along k. kAlongRows: k is the row in
/// memory, else the column.
template <bool kAlongRows>
class Loader {
 public:
  /// `outer` is the extent of m or n, `first` where in it the tiles begin.
  __device__ __forceinline__ Loader(const char* matrix, long long stride, int outer, int first)
      : outer_(outer - first), row_bytes_(pin(2 * stride)) {
    const unsigned bits = low_bits(matrix) | static_cast<unsigned>(row_bytes_);
    width_ = bits % 16 == 0 ? 16 : bits % 4 == 0 ? 4 : 2;
    least_k_ = pin(width_ == 16 && outer_ >= 64 ? 64 : kNever);
    from_ = pin(matrix + (kAlongRows ? 2LL * first : first * row_bytes_) + thread_bytes());
    thread_offset_ = pin(chunk_offset(threadIdx.x / 8, threadIdx.x % 8));
    step_ = pin(16 * row_bytes_);
  }

  /// Starts the copy of this tile into shared memory at `to`, and moves on to the next one; k of
  /// the matrix is left from this tile's first on. What lies outside becomes 0 and is not read.
  __device__ __forceinline__ void load(unsigned to, int k) {
    if (k >= least_k_) {
      load_whole(to + thread_offset_);
    } else if (width_ == 16) {
      load_chunks(to + thread_offset_, kAlongRows ? k : outer_, kAlongRows ? outer_ : k);
    } else {
      load_words(to, kAlongRows ? k : outer_, kAlongRows ? outer_ : k);
    }
    from_ += kAlongRows ? 4 * step_ : 2 * 64;
  }

 private:
  static constexpr int kNever = 0x7fffffff;

  /// From a tile in memory to this thread's first chunk of 16 bytes.
  __device__ __forceinline__ long long thread_bytes() const {
    return threadIdx.x / 8 * row_bytes_ + threadIdx.x % 8 * 16;
  }

  __device__ __forceinline__ void load_whole(unsigned to) const {
    const char* from = from_;
    copy_chunk<0>(to, from);
    copy_chunk<16 * kRowBytes>(to, from += step_);
    copy_chunk<32 * kRowBytes>(to, from += step_);
    copy_chunk<48 * kRowBytes>(to, from += step_);
  }

  __device__ __forceinline__ void load_chunks(unsigned to, int rows, int columns) const {
    const int row = static_cast<int>(threadIdx.x / 8);
    const int chunk = static_cast<int>(threadIdx.x % 8);
    const int bytes = min(max(2 * (columns - 8 * chunk), 0), 16);
    const char* const tile = from_ - thread_bytes();
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const bool is_inside = row + 16 * i < rows && bytes > 0;
      const char* const from = is_inside ? from_ + i * step_ : tile;
      copy_first<16>(to + 16 * i * kRowBytes, from, is_inside ? bytes : 0);
    }
  }

  /// Two elements at a time: a warp copies every fourth row.
  __device__ __forceinline__ void load_words(unsigned to, int rows, int columns) const {
    const unsigned lane = threadIdx.x % 32;
    const unsigned first = threadIdx.x / 32;
    const int elements = pin(min(max(columns - static_cast<int>(2 * lane), 0), 2));
    const char* const tile = pin(from_ - thread_bytes());
    const char* from = tile + first * row_bytes_ + 4 * lane;
    const long long step = pin(4 * row_bytes_);
    unsigned word = to + chunk_offset(first, lane / 4) + lane % 4 * 4;
#pragma unroll 1
    for (int left = rows - static_cast<int>(first); left > rows - 64; left -= 4) {
      const int inside = left > 0 ? elements : 0;
      if (width_ == 4) {
        copy_first<4>(word, inside > 0 ? from : tile, 2 * inside);
      } else {
        store_word(word, load_up_to_two(from, inside));
      }
      from += step;
      word = (word ^ 64) + 4 * kRowBytes;  // chunk_offset of the fourth row after a row
    }
  }

  int outer_;    // extent from the tile's first on
  int width_;    // bytes copied at once
  int least_k_;  // from so many on that are left, a tile is whole and of chunks
  long long row_bytes_;
  long long step_;          // 16 rows
  const char* from_;        // this thread's first chunk
  unsigned thread_offset_;  // the same in a tile in shared memory
};

/// Fragments of a warp's 32 rows of A, or 32 columns of B, as ldmatrix finds them in a tile: two of
/// 16 x 16. kTransposed: k is the row in shared memory.
template <bool kTransposed, bool kIsA>
struct Fragments {
  unsigned thread_offset;

  __device__ __forceinline__ explicit Fragments(unsigned first) {
    const unsigned lane = threadIdx.x % 32;
    // Matrices 1 and 2 of the four: A's are m+8 and k+8, B's k+8 and n+8.
    const bool rows_first = kIsA != kTransposed;
    const unsigned row = rows_first ? lane % 16 : lane / 16 * 8 + lane % 8;
    const unsigned chunk = rows_first ? lane / 16 : lane / 8 % 2;
    thread_offset =
        pin(kTransposed ? chunk_offset(row, first / 8 + chunk) : chunk_offset(first + row, chunk));
  }

  /// Those of the 16 along k that begin at 16 * kStep.
  template <int kStep>
  __device__ __forceinline__ void load(unsigned tile, unsigned (&r)[2][4]) const {
    const unsigned address = tile + thread_offset;
    if constexpr (kTransposed) {
      ldmatrix<true, kStep * 16 * kRowBytes>(r[0], address);
      ldmatrix<true, kStep * 16 * kRowBytes>(r[1], address ^ 32);
    } else {
      ldmatrix<false, 0>(r[0], address ^ kStep * 32);
      ldmatrix<false, 16 * kRowBytes>(r[1], address ^ kStep * 32);
    }
  }
};

/// c[i][j] covers rows 16 * i and columns 8 * j on of the warp's 32 x 32.
using Accumulators = float[2][4][4];

template <class Element, class FragmentsA, class FragmentsB, int kStep = 0>
__device__ __forceinline__ void multiply(const FragmentsA& a_fragments,
                                         const FragmentsB& b_fragments,
                                         unsigned stage,
                                         int k,
                                         Accumulators& c) {
  if constexpr (kStep < kTileK / 16) {
    if (k <= kStep * 16) return;
    unsigned a[2][4];
    unsigned b[2][4];
    a_fragments.template load<kStep>(stage, a);
    b_fragments.template load<kStep>(stage + kTileBytes, b);
#pragma unroll
    for (int i = 0; i < 2; ++i) {
#pragma unroll
      for (int j = 0; j < 4; ++j)
        Element::mma(c[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
    }
    multiply<Element, FragmentsA, FragmentsB, kStep + 1>(a_fragments, b_fragments, stage, k, c);
  }
}

/// Which tile of C.
struct TileAt {
  int batch;
  int head;
  int row;     // its first, a multiple of kTileM, less than m
  int column;  // its first, a multiple of kTileN, less than n
};

/// Where a matrix of C and its mask lie, and what is done to its sums.
struct Result {
  char* c[3];  // that many columns of C to the left of what they hold
  const unsigned char* mask;
  const unsigned short* bias;
  long long row_bytes;
  int split_columns;
  float alpha;
  float fill;
  bool has_pairs;  // two columns can be stored, and their mask loaded, at once

  __device__ __forceinline__ Result(const GemmParams& p, const TileAt& at)
      : bias(pin(static_cast<const unsigned short*>(p.bias))),
        row_bytes(pin(2 * p.c_strides.row)),
        split_columns(pin(p.split_columns)),
        alpha(pin(p.alpha)),
        fill(pin(p.fill)) {
    const long long bytes = 2 * (at.batch * p.c_strides.batch + at.head * p.c_strides.head);
    c[0] = static_cast<char*>(p.c) + bytes;
    c[1] = static_cast<char*>(p.c1) + bytes;
    c[2] = static_cast<char*>(p.c2) + bytes;
    mask = p.mask ? p.mask + static_cast<long long>(at.batch) * p.m * p.n : nullptr;
    mask = pin(mask);
    unsigned bits = low_bits(c[0]) | low_bits(mask) * 2 | static_cast<unsigned>(row_bytes) |
                    static_cast<unsigned>(2 * split_columns);
    if (p.c1) bits |= low_bits(c[1]);
    if (p.c2) bits |= low_bits(c[2]);
    has_pairs = bits % 4 == 0;
    c[0] = pin(c[0]);
    c[1] = pin(c[1] - 2LL * split_columns);
    c[2] = pin(c[2] - 4LL * split_columns);
  }

  __device__ __forceinline__ char* column(int column) const {
    char* const right = column < 2 * split_columns ? c[1] : c[2];
    return (column < split_columns ? c[0] : right) + 2LL * column;
  }
};

/// Stores what a warp has, whose first row and column these are; two columns at once.
template <class Element>
__device__ __forceinline__ void store_pairs(
    const GemmParams& p, const Result& result, int row, int column, const Accumulators& c) {
  column += static_cast<int>(threadIdx.x % 4 * 2);
  row += static_cast<int>(threadIdx.x % 32 / 4);
  char* to[4];
  float bias[4][2] = {};
#pragma unroll
  for (int j = 0; j < 4; ++j)
    to[j] = pin(result.column(column + 8 * j));
  if (result.bias) {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      if (column + 8 * j >= p.n) break;
      bias[j][0] = Element::widen(load_global(result.bias + column + 8 * j));
      bias[j][1] = Element::widen(load_global(result.bias + column + 8 * j + 1));
    }
  }
  const unsigned char* mask = pin(result.mask + static_cast<long long>(row) * p.n + column);
  long long row_bytes = row * result.row_bytes;
#pragma unroll
  for (int quarter = 0; quarter < 4; ++quarter) {
    if (row + 8 * quarter >= p.m) return;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      if (column + 8 * j >= p.n) break;
      const float* const sum = c[quarter / 2][j] + quarter % 2 * 2;
      float x0 = fmaf(result.alpha, sum[0], bias[j][0]);
      float x1 = fmaf(result.alpha, sum[1], bias[j][1]);
      if (result.mask) {
        const unsigned keep = load_global(reinterpret_cast<const unsigned short*>(mask + 8 * j));
        x0 = keep % 256 != 0 ? x0 : result.fill;
        x1 = keep >= 256 ? x1 : result.fill;
      }
      store_global(to[j] + row_bytes, Element::pack(x0, x1));
    }
    mask += 8LL * p.n;
    row_bytes += 8 * result.row_bytes;
  }
}

constexpr int kStagedRow =
    40;  // floats: a warp's stores of pairs and loads of rows meet no bank twice
constexpr int kStagedBytes = 32 * kStagedRow * 4;
static_assert(kThreads / 32 * kStagedBytes <= kSharedBytes);

/// The same for any base and stride: a row at a time, by way of shared memory.
template <class Element>
__device__ __forceinline__ void store_singly(const GemmParams& p,
                                             const Result& result,
                                             int row,
                                             int column,
                                             unsigned shared,
                                             const Accumulators& c) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const unsigned staged = shared + threadIdx.x / 32 * kStagedBytes;
  const unsigned thread = staged + threadIdx.x % 32 / 4 * kStagedRow * 4 + threadIdx.x % 4 * 8;
#pragma unroll
  for (int quarter = 0; quarter < 4; ++quarter) {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const float* const sum = c[quarter / 2][j] + quarter % 2 * 2;
      store_two(thread + 8 * (quarter * kStagedRow + j) * 4, sum[0], sum[1]);
    }
  }
  __syncwarp();
  column += lane;
  if (column >= p.n) return;
  char* const to = result.column(column);
  const float bias = result.bias ? Element::widen(load_global(result.bias + column)) : 0.0f;
  const int rows = min(p.m - row, 32);
#pragma unroll 1
  for (int i = 0; i < rows; ++i) {
    float x = fmaf(result.alpha, load_float(staged + (i * kStagedRow + lane) * 4), bias);
    const long long at = row + i;
    if (result.mask && load_global(result.mask + at * p.n + column) == 0) x = result.fill;
    store_global(to + at * result.row_bytes, static_cast<unsigned short>(Element::pack(x, 0.0f)));
  }
}

/// Computes and stores one tile; all 128 threads of the block. `shared` is the address in shared
/// memory of kSharedBytes bytes, a multiple of 128; one call may follow another on the same bytes.
template <class Element, bool kTransposeA, bool kTransposeB>
__device__ __forceinline__ void compute_tile(const GemmParams& p,
                                             const TileAt& at,
                                             unsigned shared) {
  const auto matrix = [&at](const void* base, const MatrixStrides& strides) {
    return static_cast<const char*>(base) + 2 * (at.batch * strides.batch + at.head * strides.head);
  };
  Loader<kTransposeA> a(matrix(p.a, p.a_strides), p.a_strides.row, p.m, at.row);
  Loader<!kTransposeB> b(matrix(p.b, p.b_strides), p.b_strides.row, p.n, at.column);
  const int warp_row = static_cast<int>(threadIdx.x / 64 * 32);
  const int warp_column = static_cast<int>(threadIdx.x / 32 % 2 * 32);
  const Fragments<kTransposeA, true> a_fragments(warp_row);
  const Fragments<!kTransposeB, false> b_fragments(warp_column);
  const bool has_work = at.row + warp_row < p.m && at.column + warp_column < p.n;
  const int first_left = pin(has_work ? p.k - 1 : -kTileK);  // there is a stage to multiply

  Accumulators c = {};
  const unsigned both = pin(2 * shared + kStageBytes);  // the two stages' addresses added
  unsigned stage = shared;
#pragma unroll 1
  for (int left = pin(p.k); left > -kTileK; left -= kTileK) {
    wait_copies<0>();
    __syncthreads();  // the other stage has arrived, and every warp is done with this one
    if (left > 0) {
      a.load(stage, left);
      b.load(stage + kTileBytes, left);
    }
    commit_copies();
    stage = both - stage;
    if (left <= first_left) multiply<Element>(a_fragments, b_fragments, stage, left + kTileK, c);
  }

  const Result result(p, at);
  if (result.has_pairs) {
    if (has_work) store_pairs<Element>(p, result, at.row + warp_row, at.column + warp_column, c);
  } else {
    __syncthreads();  // every warp is done with the last stage
    if (!has_work) return;
    store_singly<Element>(p, result, at.row + warp_row, at.column + warp_column, shared, c);
  }
}

}  // namespace gemm_mma
