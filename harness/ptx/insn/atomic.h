// What atom and red have in common: the operations, and the handler that applies them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/memory_form.h"

// Order, scope and space, in that order as in the manual; compilers also write the operation first.
#define ATTEST_ATOMIC_PLACE                                        \
  "{.relaxed|.acquire|.release|.acq_rel}{.cta|.cluster|.gpu|.sys}" \
  "{.global|.shared|.shared::cta|.shared::cluster}"
#define ATTEST_ATOMIC(opcode, operation, type) \
  opcode ATTEST_ATOMIC_PLACE operation ATTEST_ATOMIC_PLACE ATTEST_CACHE_HINT type

// What examples begin with: four words at [s] in shared memory, or at [%base] in global memory.
#define ATTEST_SHARED_WORDS(word)                                        \
  ".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared" \
  ".v4.u32 [s], {" word ", " word ", " word ", " word "}; bar.sync 0; "
#define ATTEST_SHARED_ZEROS ATTEST_SHARED_WORDS("0")
#define ATTEST_SHARED_ONES ATTEST_SHARED_WORDS("-1")
#define ATTEST_GLOBAL_ZEROS                                               \
  "ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4" \
  ".u32 [%base], {0, 0, 0, 0}; bar.sync 0; "

namespace attest::ptx {

/// Builders of one group of operations each: with a result (atom) or without (red).
enum class AtomicResult : bool { none, old_value };

template <AtomicResult kResult>
Handler atomic_bits(const Match& match, Instr* out);
template <AtomicResult kResult>
Handler atomic_cas(const Match& match, Instr* out);
template <AtomicResult kResult>
Handler atomic_add(const Match& match, Instr* out);
/// inc and dec.
template <AtomicResult kResult>
Handler atomic_count(const Match& match, Instr* out);
/// min and max.
template <AtomicResult kResult>
Handler atomic_extreme(const Match& match, Instr* out);
/// add of f16 and bf16, and of two of them.
template <AtomicResult kResult>
Handler atomic_half(const Match& match, Instr* out);
/// add of a vector of f32; add, min and max of vectors of f16 and bf16.
template <AtomicResult kResult>
Handler atomic_vector(const Match& match, Instr* out);

}  // namespace attest::ptx
