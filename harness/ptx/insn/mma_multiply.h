// The handler that mma and wmma.mma share: registers to the plan and back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/aligned.h"
#include "harness/ptx/machine/mma_plan.h"

#include <array>
#include <cstddef>

namespace attest::ptx {

/// Rows of the next operand in Instr::more.
template <class T>
std::array<T*, 8> mma_rows(Warp& w, const u32** more, const FragmentMap& map) {
  std::array<T*, 8> out{};
  for (int r = 0; r < map.registers(); ++r)
    out[static_cast<std::size_t>(r)] = w.row<T>(*(*more)++);
  return out;
}

/// more: the rows of d, a, b and c; imm: the plan. Word: what a register is, u32 or double.
template <class Word>
const Instr* mma_multiply(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): mma_handler() puts the plan there
  const MmaPlan& plan = *reinterpret_cast<const MmaPlan*>(i->imm);
  const u32* more = i->more;
  const auto d = mma_rows<Word>(w, &more, plan.d());
  const auto a = mma_rows<const Word>(w, &more, plan.a());
  const auto b = mma_rows<const Word>(w, &more, plan.b());
  const auto c = mma_rows<const Word>(w, &more, plan.c());
  plan.run(d.data(), a.data(), b.data(), c.data());
  return i + 1;
}

/// Fills in what every form says in the same words, and picks the handler; null when the GPU has no
/// such instruction.
inline Handler mma_handler(const Match& match, MmaKey key, Instr* out) {
  key.sm = match.sm();
  key.is_fast = match.options().mma == MmaMode::fast;
  key.saturates = match.has("satfinite");
  key.is_xor = match.has("xor");
  if (match.has("rz")) key.rounding = Rounding::rz;
  if (match.has("rm")) key.rounding = Rounding::rm;
  if (match.has("rp")) key.rounding = Rounding::rp;
  const MmaPlan* plan = MmaPlan::find(key);
  if (plan == nullptr) return nullptr;
  out->imm = reinterpret_cast<std::intptr_t>(plan);
  return key.a == MmaFormat::f64 ? mma_multiply<double> : mma_multiply<u32>;
}

}  // namespace attest::ptx
