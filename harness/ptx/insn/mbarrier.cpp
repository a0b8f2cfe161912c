// mbarrier: PTX ISA 9.0, 9.7.13.15, without transactions: what sm_80 has, and try_wait, which waits
// no longer than test_wait here. Scopes wider than the block have one block in them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mbarrier.h"

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/insn/mbarrier_address.h"
#include "harness/ptx/machine/async_copy.h"

namespace attest::ptx {
namespace {

constexpr MemoryOrder kStrong{.is_strong = true};

const Instr* init(Warp& w, const Instr* i) {
  const u32* count = w.row<const u32>(i->op[1]);
  return each_mbarrier(w, i, i->op[0], [&](int l, u32 address) {
    const std::string wrong = w.cta->mbarriers().init(shared_data(w) + address, address, count[l]);
    return is_right(w, i, l, address, wrong) && shadow_write(w, i, l, address, kMbarrierBytes);
  });
}

const Instr* invalidate(Warp& w, const Instr* i) {
  return each_mbarrier(w, i, i->op[0], [&](int l, u32 address) {
    const std::string wrong = w.cta->mbarriers().invalidate(shared_data(w) + address, address);
    return is_right(w, i, l, address, wrong) && shadow_write(w, i, l, address, kMbarrierBytes);
  });
}

struct ArrivalKind {
  bool has_count = false;
  bool drops = false;
  bool must_not_complete = false;
  bool releases = true;
};

template <ArrivalKind K>
const Instr* arrive(Warp& w, const Instr* i) {
  u64* state = w.row<u64>(i->op[0]);
  const u32* count = K.has_count ? w.row<const u32>(i->op[2]) : nullptr;
  return each_mbarrier(w, i, i->op[1], [&](int l, u32 address) {
    const MbarrierArrival arrival{
        K.has_count ? count[l] : 1, K.drops, K.must_not_complete, K.releases};
    const std::string wrong = w.cta->mbarriers().arrive(
        shared_data(w) + address, address, arrival, w.cta->order(), w.index, &state[l]);
    return is_right(w, i, l, address, wrong) &&
           strong_shared(w, i, l, address, kMbarrierBytes, Effect::update, kStrong);
  });
}

template <bool Drops>
Handler arrive_form(const Match& match, Instr*) {
  const bool is_relaxed = match.has("relaxed");
  if (match.operands() == 2) {
    return is_relaxed ? arrive<ArrivalKind{false, Drops, false, false}>
                      : arrive<ArrivalKind{false, Drops, false, true}>;
  }
  return is_relaxed ? arrive<ArrivalKind{true, Drops, false, false}>
                    : arrive<ArrivalKind{true, Drops, false, true}>;
}

/// Copies that the object tracks take as long as is legal: until somebody needs them.
bool settle(Warp& w, u32 address) {
  for (const Mbarriers::Deferred& d : w.cta->mbarriers().take_deferred(address)) {
    Warp& from = w.cta->warps()[d.warp];
    deliver_copies(from, [&](const AsyncCopies&) {  // in the order of issue
      return from.delivered_copies[d.lane] < d.issued ? 1u << d.lane : 0u;
    });
    u64 state = 0;
    const std::string wrong = w.cta->mbarriers().arrive(
        shared_data(w) + address, address, {}, w.cta->order(), d.warp, &state);
    if (is_right(from, d.at, static_cast<int>(d.lane), address, wrong)) continue;
    w.state = WarpState::faulted;
    return false;
  }
  return true;
}

/// Is the phase over that `token` names: a state, or (IsParity) the parity of a phase? `wrong`: the
/// state is older than the phase before this one.
template <bool IsParity>
bool is_over(u64 object, u64 token, std::string* wrong) {
  const u32 now = mbarrier::phase(object);
  if constexpr (IsParity) return (now & 1) != (token & 1);
  const u32 age = (now - mbarrier::phase(token)) & mbarrier::kPhaseMask;
  if (age > 1) *wrong = "the state is of neither this phase nor the one before";
  return age == 1;
}

template <bool IsParity, bool Acquires>
const Instr* test(Warp& w, const Instr* i) {
  u32 complete = 0;
  Mbarriers& objects = w.cta->mbarriers();
  const Instr* next = each_mbarrier(w, i, i->op[1], [&](int l, u32 address) {
    const u64 token = IsParity ? w.row<const u32>(i->op[2])[l] : w.row<const u64>(i->op[2])[l];
    const std::byte* bytes = shared_data(w) + address;
    u64 object = 0;
    std::string wrong = objects.read(bytes, address, &object);
    if (!is_right(w, i, l, address, wrong)) return false;
    bool is_complete = is_over<IsParity>(object, token, &wrong);
    if (!is_complete && wrong.empty()) {
      if (!settle(w, address)) return false;
      wrong = objects.read(bytes, address, &object);
      if (wrong.empty()) is_complete = is_over<IsParity>(object, token, &wrong);
    }
    if (!is_right(w, i, l, address, wrong)) return false;
    if (is_complete && Acquires) objects.learn(address, w.cta->order(), w.index);
    complete |= static_cast<u32>(is_complete) << l;
    return strong_shared(w, i, l, address, kMbarrierBytes, Effect::read, kStrong);
  });
  if (next != nullptr) write_predicate(w, i->op[0], w.lanes(*i), complete);
  return next;
}

template <bool IsParity>
Handler test_form(const Match& match, Instr*) {
  return match.has("relaxed") ? test<IsParity, false> : test<IsParity, true>;
}

u32 pending_count(u64 state) {
  return mbarrier::pending(state);
}

}  // namespace

#define ATTEST_MBARRIER_SPACE "{.shared|.shared::cta}.b64 "
#define ATTEST_MBARRIER_SCOPE "{.cta|.cluster}" ATTEST_MBARRIER_SPACE

Insn insn_mbarrier();
Insn insn_mbarrier() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "mbarrier",
      .forms =
          {
              {"mbarrier.init" ATTEST_MBARRIER_SPACE "[a], b:32", mbarrier_at<init>},
              {"mbarrier.inval" ATTEST_MBARRIER_SPACE "[a]", mbarrier_at<invalidate>},
              {"mbarrier.arrive{.release|.relaxed}" ATTEST_MBARRIER_SCOPE "d:64, [a], b:32?",
               mbarrier_in<arrive_form<false>>},
              {"mbarrier.arrive_drop{.release|.relaxed}" ATTEST_MBARRIER_SCOPE "d:64, [a], b:32?",
               mbarrier_in<arrive_form<true>>},
              {"mbarrier.arrive.noComplete{.release}" ATTEST_MBARRIER_SCOPE "d:64, [a], b:32",
               mbarrier_at<arrive<ArrivalKind{true, false, true, true}>>},
              {"mbarrier.arrive_drop.noComplete{.release}" ATTEST_MBARRIER_SCOPE "d:64, [a], b:32",
               mbarrier_at<arrive<ArrivalKind{true, true, true, true}>>},
              {"mbarrier.test_wait{.acquire|.relaxed}" ATTEST_MBARRIER_SCOPE "p:p, [a], b:64",
               mbarrier_in<test_form<false>>},
              {"mbarrier.test_wait.parity{.acquire|.relaxed}" ATTEST_MBARRIER_SCOPE
               "p:p, [a], b:32",
               mbarrier_in<test_form<true>>},
              {"mbarrier.try_wait{.acquire|.relaxed}" ATTEST_MBARRIER_SCOPE "p:p, [a], b:64, c:32?",
               mbarrier_in<test_form<false>>},
              {"mbarrier.try_wait.parity{.acquire|.relaxed}" ATTEST_MBARRIER_SCOPE
               "p:p, [a], b:32, c:32?",
               mbarrier_in<test_form<true>>},
              {"mbarrier.pending_count.b64 d:32, a:64", always<lift<pending_count, u32, u64>>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 8 .b64 bar; .reg .b64 %s; .reg .pred %one; setp.eq.u32 %one, %lane, "
               "0;\n"
               "@%one mbarrier.init.shared.b64 [bar], 32; bar.sync 0;\n"
               "mbarrier.arrive.shared.b64 %s, [bar]; mbarrier.test_wait.shared.b64 %p, [bar], "
               "%s;\n"
               "selp.b32 %value, 1, 0, %p; mbarrier.test_wait.parity.shared.b64 %q, [bar], 0;\n"
               "@%q add.u32 %value, %value, 2; mbarrier.test_wait.parity.shared.b64 %q, [bar], 1;\n"
               "@%q add.u32 %value, %value, 4;",
               std::vector<u32>(32, 3),
               "the last of 32 arrivals completes phase 0, of parity 0; phase 1 goes on"},
              {".shared .align 8 .b64 bar; .reg .b64 %s; .reg .pred %one; setp.eq.u32 %one, %lane, "
               "0;\n"
               "@%one mbarrier.init.shared::cta.b64 [bar], 33; bar.sync 0;\n"
               "mbarrier.arrive.shared.b64 %s, [bar]; mbarrier.test_wait.shared.b64 %p, [bar], "
               "%s;\n"
               "selp.b32 %value, 1, 0, %p; mbarrier.pending_count.b64 %a, %s;\n"
               "shl.b32 %a, %a, 1; add.u32 %value, %value, %a;",
               {66, 64, 62, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42, 40, 38, 36,
                34, 32, 30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8,  6,  4},
               "one arrival is missing; each state has the count before its arrival, lane by lane"},
              {".shared .align 8 .b64 bar; .reg .b64 %s; .reg .pred %one; setp.eq.u32 %one, %lane, "
               "0;\n"
               "@%one mbarrier.init.shared.b64 [bar], 3; bar.sync 0; mov.u32 %value, 0;\n"
               "@%one mbarrier.arrive.noComplete.shared.b64 %s, [bar], 2;\n"
               "@%one mbarrier.arrive_drop.shared.b64 %s, [bar];\n"
               "@%one mbarrier.arrive.shared.b64 _, [bar]; bar.sync 0;\n"
               "mbarrier.test_wait.parity.shared.b64 %p, [bar], 1; @%p add.u32 %value, %value, 1;\n"
               "bar.sync 0; @%one mbarrier.arrive.shared.b64 _, [bar]; bar.sync 0;\n"
               "mbarrier.try_wait.parity.shared.b64 %p, [bar], 1, 1000; @%p add.u32 %value, "
               "%value, 2;",
               std::vector<u32>(32, 2),
               "after a drop the second phase takes two arrivals, not three"},
              {".shared .align 8 .b64 bar; .reg .b64 %s, %g; .reg .pred %one; setp.eq.u32 %one, "
               "%lane, "
               "0;\n"
               "mov.u64 %g, bar; cvta.shared.u64 %g, %g;\n"
               "@%one mbarrier.init.b64 [%g], 32; bar.sync 0;\n"
               "mbarrier.arrive.release.cta.b64 %s, [%g];\n"
               "mbarrier.try_wait.acquire.cta.b64 %p, [%g], %s; selp.b32 %value, 1, 0, %p;\n"
               "bar.sync 0; @%one mbarrier.inval.b64 [%g]; @%one mbarrier.init.shared.b64 [bar], "
               "1;",
               std::vector<u32>(32, 1),
               "generic addresses; an invalidated object may be initialised again"},
          },
      .fault_examples =
          {
              {".shared .align 8 .b64 bar; mbarrier.arrive.shared.b64 _, [bar];",
               FindingKind::mbarrier_misuse,
               0,
               "no object"},
              {".shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 3; @%p mbarrier.init.shared.b64 "
               "[bar], 0;",
               FindingKind::mbarrier_misuse,
               3,
               "a count of 0"},
              {".shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 3; @%p mbarrier.init.shared.b64 "
               "[bar], 1048576;",
               FindingKind::mbarrier_misuse,
               3,
               "a count of 2^20"},
              {".shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 3; @%p mbarrier.init.shared.b64 "
               "[bar], 4; @%p mbarrier.init.shared.b64 [bar], 4;",
               FindingKind::mbarrier_misuse,
               3,
               "twice"},
              {".shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 3; @%p mbarrier.init.shared.b64 "
               "[bar], 4; @%p mbarrier.arrive.noComplete.shared.b64 _, [bar], 4;",
               FindingKind::mbarrier_misuse,
               3,
               ".noComplete completes"},
              {".shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 3; @%p mbarrier.init.shared.b64 "
               "[bar], 4; @%p mbarrier.arrive.shared.b64 _, [bar], 5;",
               FindingKind::mbarrier_misuse,
               3,
               "more arrivals than are pending"},
              {".shared .align 8 .b64 bar; .reg .b64 %s; setp.eq.u32 %p, %lane, 3; @%p "
               "mbarrier.init.shared.b64 [bar], 1; @%p mbarrier.arrive.shared.b64 %s, [bar]; @%p "
               "mbarrier.arrive.shared.b64 _, [bar]; @%p mbarrier.test_wait.shared.b64 %q, [bar], "
               "%s;",
               FindingKind::mbarrier_misuse,
               3,
               "a state from two phases ago"},
              {".shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 3; @%p mbarrier.init.shared.b64 "
               "[bar], 4; @%p st.shared.u32 [bar], %lane; @%p mbarrier.arrive.shared.b64 _, [bar];",
               FindingKind::mbarrier_misuse,
               3,
               "an ordinary store to an object"},
              {".shared .align 8 .b64 bar[2]; mbarrier.arrive.shared.b64 _, [bar+4];",
               FindingKind::misaligned,
               0,
               "8 bytes"},
              {".shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 0; @%p mbarrier.init.shared.b64 "
               "[bar], 32; mbarrier.arrive.shared.b64 _, [bar];",
               FindingKind::shared_race,
               1,
               "others arrive without a barrier after the initialisation"},
          },
  };
}

}  // namespace attest::ptx
