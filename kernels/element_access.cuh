// Elements of f32, f16 and bf16 in global memory, several at once or one by one, as floats.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace element {

struct Float {
  using Bits = unsigned;
  __device__ __forceinline__ static float widen(Bits bits) { return __uint_as_float(bits); }
  __device__ __forceinline__ static Bits narrow(float x) { return __float_as_uint(x); }
  __device__ __forceinline__ static unsigned word(const float* x) { return narrow(x[0]); }
};

struct Half {
  using Bits = unsigned short;
  __device__ __forceinline__ static float widen(Bits bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
  }
  __device__ __forceinline__ static Bits narrow(float x) {
    Bits bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
  }
  __device__ __forceinline__ static unsigned word(const float* x) {
    unsigned word;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(x[1]), "f"(x[0]));
    return word;
  }
};

struct Bfloat16 {
  using Bits = unsigned short;
  __device__ __forceinline__ static float widen(Bits bits) {
    return __uint_as_float(static_cast<unsigned>(bits) << 16);
  }
  __device__ __forceinline__ static Bits narrow(float x) {
    Bits bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
  }
  __device__ __forceinline__ static unsigned word(const float* x) {
    unsigned word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(x[1]), "f"(x[0]));
    return word;
  }
};

/// kCount neighbours.
template <class T, int kCount>
struct Pack {
  T of[kCount];
};

/// What 4, 8 or 16 bytes are loaded and stored as at once.
template <int kBytes>
struct Words;
template <>
struct Words<4> {
  using Type = unsigned;
};
template <>
struct Words<8> {
  using Type = uint2;
};
template <>
struct Words<16> {
  using Type = uint4;
};

template <class T, int kCount>
__device__ __forceinline__ bool is_aligned(const T* p) {
  return reinterpret_cast<unsigned long long>(p) % (sizeof(T) * kCount) == 0;
}

template <class T, int kCount>
__device__ __forceinline__ Pack<T, kCount> load_wide(const T* from) {
  const auto words = *reinterpret_cast<const typename Words<sizeof(T) * kCount>::Type*>(from);
  Pack<T, kCount> pack;
  memcpy(&pack, &words, sizeof pack);
  return pack;
}

/// The kCount elements from `from` on; of the first `inside` where that is less, the others are 0.
template <class T, int kCount>
__device__ __forceinline__ Pack<T, kCount> load(const T* from, int inside) {
  if (inside >= kCount && is_aligned<T, kCount>(from)) return load_wide<T, kCount>(from);
  Pack<T, kCount> pack = {};
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    if (i < inside) pack.of[i] = from[i];
  }
  return pack;
}

// One instruction each: the compiler would take some of them apart.
__device__ __forceinline__ void store_words(void* to, const unsigned (&w)[2]) {
  asm volatile("st.global.v2.u32 [%0], {%1, %2};" ::"l"(to), "r"(w[0]), "r"(w[1]) : "memory");
}
__device__ __forceinline__ void store_words(void* to, const unsigned (&w)[4]) {
  asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to),
               "r"(w[0]),
               "r"(w[1]),
               "r"(w[2]),
               "r"(w[3])
               : "memory");
}

/// Word `i` of a pack.
template <int kCount>
__device__ __forceinline__ unsigned word(const Pack<unsigned, kCount>& pack, int i) {
  return pack.of[i];
}
template <int kCount>
__device__ __forceinline__ unsigned word(const Pack<unsigned short, kCount>& pack, int i) {
  unsigned w;
  asm("mov.b32 %0, {%1, %2};" : "=r"(w) : "h"(pack.of[2 * i]), "h"(pack.of[2 * i + 1]));
  return w;
}
template <int kCount>
__device__ __forceinline__ unsigned word(const Pack<unsigned char, kCount>& pack, int i) {
  return pack.of[4 * i] | pack.of[4 * i + 1] << 8 | pack.of[4 * i + 2] << 16 |
         static_cast<unsigned>(pack.of[4 * i + 3]) << 24;
}

/// Stores the first `inside` of them, or all.
template <class T, int kCount>
__device__ __forceinline__ void store(T* to, int inside, const Pack<T, kCount>& pack) {
  if (inside >= kCount && is_aligned<T, kCount>(to)) {
    unsigned words[sizeof(T) * kCount / 4];
#pragma unroll
    for (int i = 0; i < static_cast<int>(sizeof words / 4); ++i)
      words[i] = word(pack, i);
    return store_words(to, words);
  }
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    if (i < inside) to[i] = pack.of[i];
  }
}

/// Rounds kCount floats and stores them where they can be at once.
template <class Element, int kCount>
__device__ __forceinline__ void store_wide(typename Element::Bits* to, const float (&x)[kCount]) {
  constexpr int kOfWord = 4 / sizeof(typename Element::Bits);
  unsigned words[kCount / kOfWord];
#pragma unroll
  for (int i = 0; i < kCount / kOfWord; ++i)
    words[i] = Element::word(x + kOfWord * i);
  store_words(to, words);
}

/// Rounds kCount floats and stores the first `inside` of them, or all.
template <class Element, int kCount>
__device__ __forceinline__ void store_rounded(typename Element::Bits* to,
                                              int inside,
                                              const float (&x)[kCount]) {
  using Bits = typename Element::Bits;
  if (inside >= kCount && is_aligned<Bits, kCount>(to)) return store_wide<Element>(to, x);
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    if (i < inside) to[i] = Element::narrow(x[i]);
  }
}

}  // namespace element
