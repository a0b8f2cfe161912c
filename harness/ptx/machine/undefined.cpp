// Reads shadows, decides, and writes those of the results.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/undefined.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

#include <cstring>

namespace attest::ptx {
namespace {

constexpr std::uint64_t kAllBits = ~0ull;

/// Lanes in which a bit of `mask` is undefined.
std::uint32_t undefined_lanes(const Warp& w, const Shadow& s, std::uint64_t mask = kAllBits) {
  if (s.bits == 1) return w.predicates[s.shadow];
  std::uint32_t lanes = 0;
  for (int l = 0; l < kLanes; ++l) {
    const std::uint64_t bits = s.bits == 64 ? w.row<const std::uint64_t>(s.shadow)[l]
                                            : w.row<const std::uint32_t>(s.shadow)[l];
    lanes |= static_cast<std::uint32_t>((bits & mask) != 0) << l;
  }
  return lanes;
}

std::uint32_t undefined_lanes(const Warp& w, const std::vector<Shadow>& shadows) {
  std::uint32_t lanes = 0;
  for (const Shadow& s : shadows)
    lanes |= undefined_lanes(w, s);
  return lanes;
}

/// In the lanes of `m`: undefined where `lanes` says so, else defined.
void mark(Warp& w, const Shadow& s, std::uint32_t m, std::uint32_t lanes) {
  if (s.bits == 1) {
    std::uint32_t& p = w.predicates[s.shadow];
    p = (p & ~m) | (lanes & m);
    return;
  }
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const std::uint64_t bits = (lanes >> l & 1) != 0 ? kAllBits : 0;
    if (s.bits == 64) {
      w.row<std::uint64_t>(s.shadow)[l] = bits;
    } else {
      w.row<std::uint32_t>(s.shadow)[l] = static_cast<std::uint32_t>(bits);
    }
  }
}

void mark(Warp& w, const std::vector<Shadow>& shadows, std::uint32_t m, std::uint32_t lanes) {
  for (const Shadow& s : shadows)
    mark(w, s, m, lanes);
}

template <class T>
T combine(Propagation how, T a, T known_a, T b, T known_b) {
  // Where neither input decides alone.
  if (how == Propagation::bitwise_and)
    return static_cast<T>((a & b) | (a & known_b) | (b & known_a));
  if (how == Propagation::bitwise_or)
    return static_cast<T>((a & b) | (a & ~known_b) | (b & ~known_a));
  return static_cast<T>(a | b);
}

/// The inputs are all register operands here, in order; one without a shadow has shadow == value of
/// a row of zeros.
template <class T>
void combine_rows(Warp& w, const FollowedInstr& f, std::uint32_t m) {
  const Shadow& d = f.outputs.front();
  T* out = w.row<T>(d.shadow);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    T bits = w.row<const T>(f.inputs[0].shadow)[l];
    T known = w.row<const T>(f.inputs[0].value)[l];
    for (std::size_t n = 1; n < f.inputs.size(); ++n) {
      bits = combine<T>(f.propagation,
                        bits,
                        known,
                        w.row<const T>(f.inputs[n].shadow)[l],
                        w.row<const T>(f.inputs[n].value)[l]);
      known = w.row<const T>(f.inputs[n].value)[l];
    }
    out[l] = bits;
  }
}

void combine_predicates(Warp& w, const FollowedInstr& f, std::uint32_t m) {
  std::uint32_t bits = w.predicates[f.inputs[0].shadow];
  std::uint32_t known = w.predicates[f.inputs[0].value];
  for (std::size_t n = 1; n < f.inputs.size(); ++n) {
    bits = combine<std::uint32_t>(f.propagation,
                                  bits,
                                  known,
                                  w.predicates[f.inputs[n].shadow],
                                  w.predicates[f.inputs[n].value]);
    known = w.predicates[f.inputs[n].value];
  }
  mark(w, f.outputs.front(), m, bits);
}

void combine_bits(Warp& w, const FollowedInstr& f, std::uint32_t m) {
  if (f.outputs.empty()) return;
  switch (f.outputs.front().bits) {
    case 1:
      return combine_predicates(w, f, m);
    case 64:
      return combine_rows<std::uint64_t>(w, f, m);
    default:
      return combine_rows<std::uint32_t>(w, f, m);
  }
}

/// A row of A, and of D, lies in four lanes 4r to 4r + 3; column c of B, and of D, in the lanes whose
/// number mod 4 is c / 2.
std::uint32_t undefined_in_product(std::uint32_t a, std::uint32_t b, std::uint32_t own) {
  std::uint32_t lanes = own;
  for (int quad = 0; quad < 8; ++quad) {
    if ((a >> (4 * quad) & 0xf) != 0) lanes |= 0xfu << (4 * quad);
    if ((b >> (4 * quad) & 0xf) != 0) lanes |= 0x11111111u << (quad / 2);
  }
  return lanes;
}

/// Low and high half apart; a predicate comes from either.
void mark_halves(Warp& w, const FollowedInstr& f, std::uint32_t m) {
  constexpr std::uint32_t kLow = 0xffff;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  for (const Shadow& s : f.inputs) {
    low |= undefined_lanes(w, s, kLow);
    high |= undefined_lanes(w, s, ~kLow);
  }
  for (const Shadow& s : f.outputs) {
    if (s.bits == 1) {
      mark(w, s, m, low | high);
      continue;
    }
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) == 0) continue;
      w.row<std::uint32_t>(s.shadow)[l] =
          ((low >> l & 1) != 0 ? kLow : 0) | ((high >> l & 1) != 0 ? ~kLow : 0);
    }
  }
}

/// Shadows of the results, before the instruction runs.
void propagate(Warp& w, const FollowedInstr& f, std::uint32_t m) {
  const std::uint32_t undefined = undefined_lanes(w, f.inputs) & m;
  switch (f.propagation) {
    case Propagation::spreads:
    case Propagation::decides:
      return mark(w, f.outputs, m, undefined);
    case Propagation::halves:
      return mark_halves(w, f, m);
    case Propagation::gathers:
      return mark(w, f.outputs, m, undefined != 0 ? kAllLanes : 0);
    case Propagation::fragments:
      return mark(
          w,
          f.outputs,
          m,
          undefined_in_product(
              undefined_lanes(w, f.rows_a) & m, undefined_lanes(w, f.rows_b) & m, undefined));
    case Propagation::bitwise:
    case Propagation::bitwise_and:
    case Propagation::bitwise_or:
      return combine_bits(w, f, m);
    case Propagation::copies:
      f.on_shadows.run(w, &f.on_shadows);
      if (undefined != 0) mark(w, f.outputs, undefined, undefined);
      return;
    case Propagation::exchanges:
      return;
  }
}

/// Runs an instruction that moves bits between lanes, then once more on the shadows; only when it
/// executed and did not wait for other lanes.
const Instr* exchange(Warp& w, const Instr* i, const FollowedInstr& f, std::uint32_t m) {
  const std::uint32_t active = w.active;
  const std::uint32_t undefined = undefined_lanes(w, f.inputs) & m;
  for (const Shadow& s : f.saved) {
    std::memcpy(w.row<std::byte>(s.shadow), w.row<const std::byte>(s.value), kRowBytes);
  }
  const Instr* next = f.run(w, i);
  if (next != i + 1 || w.active != active) return next;
  f.on_shadows.run(w, &f.on_shadows);
  for (const Shadow& s : f.outputs) {
    if (s.bits == 1) {
      mark(w, s, m, undefined);
    } else if (undefined != 0) {
      mark(w, s, undefined, undefined);
    }
  }
  return next;
}

const Instr* report_sink(Warp& w, const Instr* i, const Sink& sink, std::uint32_t lanes) {
  return report(w,
                i,
                __builtin_ctz(lanes),
                FindingKind::undefined_register,
                sink.text + ": the register was not written, or comes from one that was not");
}

}  // namespace

const Instr* follow_undefined(Warp& w, const Instr* i) {
  const Program& program = w.cta->grid().program();
  const UndefinedPlan& plan = *program.undefined;
  const FollowedInstr& f =
      plan.followed[plan.at[static_cast<std::size_t>(i - program.code.data())]];
  if (!w.cta->grid().options().is_checked) return f.run(w, i);
  if (f.has_guard_shadow) {
    const std::uint32_t undefined = undefined_lanes(w, f.guard.at) & w.active;
    if (undefined != 0) return report_sink(w, i, f.guard, undefined);
  }
  const std::uint32_t m = w.lanes(*i);
  if (m == 0) return f.run(w, i);
  for (const Sink& sink : f.sinks) {
    const std::uint32_t undefined = undefined_lanes(w, sink.at, sink.mask) & m;
    if (undefined != 0) return report_sink(w, i, sink, undefined);
  }
  if (f.propagation == Propagation::exchanges) return exchange(w, i, f, m);
  propagate(w, f, m);
  mark(w, f.entered, m, m);
  return f.run(w, i);
}

void start_undefined(Warp& w) {
  const UndefinedPlan* plan = w.cta->grid().program().undefined.get();
  if (plan != nullptr) mark(w, plan->registers, kAllLanes, kAllLanes);
}

}  // namespace attest::ptx
