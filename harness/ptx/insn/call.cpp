// call: PTX ISA 9.0, 9.7.12.5. Direct calls; the decoder passes arguments and names the place of
// the function.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// op[0]: row of the function that holds where each lane returns to; imm: the code index behind
/// the call.
const Instr* call_function(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  u32* back = w.row<u32>(i->op[0]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) != 0) back[l] = static_cast<u32>(i->imm);
  }
  return m == w.active ? i->target : w.diverge(i->target, m, i + 1);
}

constexpr std::string_view kScale =
    ".func (.reg .b32 r) scale(.reg .b32 x, .reg .b32 n) { .reg .pred %p; setp.eq.u32 %p, n, 0; "
    "mov.u32 r, x; @%p ret; shl.b32 r, x, n; }\n"
    ".func (.reg .b32 r) twice(.reg .b32 x) { .reg .b32 t; call (t), scale, (x, 1); "
    "call (t), scale, (t, 0); mov.u32 r, t; ret; }\n"
    ".alias again, twice;";

/// Structs and scalars through .param variables, as nvcc writes it.
constexpr std::string_view kRotate =
    ".func (.param .align 8 .b8 back[24]) rotate(.param .align 8 .b8 given[24], .param .b32 by) "
    "{ .reg .b32 %r<4>; .reg .b64 %d; ld.param.b64 %d, [given+8]; ld.param.u32 %r0, [given]; "
    "ld.param.u32 %r1, [by]; add.u32 %r2, %r0, %r1; st.param.b64 [back+0], %d; "
    "st.param.b32 [back+16], %r2; ret; }\n";

constexpr std::string_view kNext =
    ".func (.param .b32 r) next(.param .b32 x) { .reg .b32 %r; ld.param.b32 %r, [x]; "
    "add.u32 %r, %r, 1; st.param.b32 [r], %r; }";

}  // namespace

Insn insn_call();
Insn insn_call() {
  return {
      .opcode = "call",
      .forms = {{"call{.uni} d:32, L", always<call_function>}},
      .examples = {},
      .warp_examples =
          {
              {"call.uni (%value), scale, (%lane, 2);",
               {0,  4,  8,  12, 16, 20, 24, 28, 32, 36,  40,  44,  48,  52,  56,  60,
                64, 68, 72, 76, 80, 84, 88, 92, 96, 100, 104, 108, 112, 116, 120, 124},
               "registers in, a register out",
               kScale},
              {"call (%a), twice, (%lane); call (%value), twice, (%a);",
               {0,  4,  8,  12, 16, 20, 24, 28, 32, 36,  40,  44,  48,  52,  56,  60,
                64, 68, 72, 76, 80, 84, 88, 92, 96, 100, 104, 108, 112, 116, 120, 124},
               "two calls return to where each was made",
               kScale},
              {"setp.lt.u32 %p, %lane, 16; mov.u32 %value, 7; @%p call (%value), scale, (%lane, "
               "1);",
               {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
                7, 7, 7, 7, 7, 7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7},
               "a guarded call, its argument and its result",
               kScale},
              {"setp.lt.u32 %p, %lane, 16; @%p bra LOW; call (%value), scale, (%lane, 0); bra OUT; "
               "LOW: call (%value), again, (%lane); OUT:",
               {0,  2,  4,  6,  8,  10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "lanes in one function from different places; an alias",
               kScale},
              {"and.b32 %a, %lane, 1; call (%value), scale, (%lane, %a); "
               "shfl.sync.bfly.b32 %value, %value, 1, 31, 0xffffffff;",
               {2,  0,  6,  2,  10, 4,  14, 6,  18, 8,  22, 10, 26, 12, 30, 14,
                34, 16, 38, 18, 42, 20, 46, 22, 50, 24, 54, 26, 58, 28, 62, 30},
               "lanes that return early are joined by the others",
               kScale},
              {"{ .param .align 8 .b8 p0[24]; st.param.b32 [p0+0], %lane; mov.u64 %wide, 7; "
               "st.param.b64 [p0+8], %wide; .param .b32 p1; st.param.b32 [p1+0], 100; "
               ".param .align 8 .b8 r0[24]; call.uni (r0), rotate, (p0, p1); "
               "ld.param.b32 %value, [r0+16]; ld.param.b64 %wide, [r0+0]; } mov.b64 {%a, %b}, "
               "%wide; "
               "add.u32 %value, %value, %a;",
               {107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122,
                123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138},
               "a struct and a scalar by value; the gap in the struct stays unwritten",
               kRotate},
              {".param .b32 p; .param .b32 r; st.param.b32 [p], %lane; call (r), next, (p); "
               "call (r), next, (r); ld.param.b32 %value, [r];",
               {2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
                18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33},
               "one variable for several calls",
               kNext},
              {"call (%value), next, (%lane); call (%value), next, (%value); call (%a), next, (5); "
               "add.u32 %value, %value, %a;",
               {8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39},
               "registers and constants for scalar variables",
               kNext},
          },
  };
}

}  // namespace attest::ptx
