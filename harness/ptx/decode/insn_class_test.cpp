// Classes of instructions: by opcode, by space, by the first type.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/insn_class.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {
namespace {

/// "add.f32" -> opcode and modifiers.
Instruction instruction(std::string_view text) {
  Instruction i;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    const std::string word(text.substr(at, end - at));
    if (at == 0) {
      i.opcode = word;
    } else {
      i.modifiers.push_back(word);
    }
    at = end + 1;
  }
  return i;
}

TEST(InsnClass, OfInstructions) {
  using enum InsnClass;
  const struct {
    std::string_view text;
    InsnClass want;
  } rows[] = {
      {"add.s32", integer},
      {"setp.lt.u32", integer},
      {"fma.rn.ftz.f32", floating},
      {"add.f64", floating},
      {"fma.rn.f16x2", half},
      {"mul.bf16", half},
      {"div.rn.f32", special},
      {"div.s32", integer},
      {"ex2.approx.ftz.f32", special},
      {"cvt.rn.bf16x2.f32", conversion},
      {"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", mma},
      {"wmma.mma.sync.aligned.row.row.m16n16k16.f32.f32", mma},
      {"wmma.load.a.sync.aligned.row.m16n16k16.shared.f16", load_shared},
      {"wmma.store.d.sync.aligned.row.m16n16k16.f32", store_generic},
      {"ld.global.nc.v4.u32", load_global},
      {"ld.shared::cta.u32", load_shared},
      {"ld.param.u64", load_constant},
      {"ld.acquire.gpu.u32", load_generic},
      {"st.local.u32", store_local},
      {"ldmatrix.sync.aligned.m8n8.x4.shared.b16", load_shared},
      {"cp.async.cg.shared.global", async_copy},
      {"atom.add.release.gpu.u32", atomic},
      {"red.global.add.f32", atomic},
      {"shfl.sync.bfly.b32", warp},
      {"bar.warp.sync", warp},
      {"bar.sync", barrier},
      {"mov.b32", move},
      {"selp.b32", move},
      {"bra.uni", control},
      {"fence.acq_rel.gpu", other},
  };
  for (const auto& row : rows)
    EXPECT_EQ(name(insn_class(instruction(row.text))), name(row.want)) << row.text;
}

TEST(InsnClass, WhatPollsAndWhatStores) {
  for (const char* text : {"atom.cas.b32",
                           "ld.volatile.global.u32",
                           "ld.acquire.gpu.u32",
                           "ld.relaxed.gpu.global.u32",
                           "nanosleep.u32",
                           "mbarrier.test_wait.shared.b64"}) {
    EXPECT_TRUE(is_poll(instruction(text))) << text;
    EXPECT_FALSE(is_store(instruction(text))) << text;
  }
  for (const char* text : {"st.global.u32",
                           "st.volatile.shared.u32",
                           "red.add.u32",
                           "cp.async.ca.shared.global",
                           "mbarrier.arrive.shared.b64",
                           "call"}) {
    EXPECT_TRUE(is_store(instruction(text))) << text;
    EXPECT_FALSE(is_poll(instruction(text))) << text;
  }
  for (const char* text : {"ld.global.u32", "add.s32", "bar.sync", "bra"}) {
    EXPECT_FALSE(is_poll(instruction(text))) << text;
    EXPECT_FALSE(is_store(instruction(text))) << text;
  }
}

}  // namespace
}  // namespace attest::ptx
