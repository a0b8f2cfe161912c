// Forward dataflow over the basic blocks of each function: a register may be undefined where some
// path has no write to it, or only writes that compute from what may be undefined.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/undefined_registers.h"

#include "harness/ptx/decode/flow_graph.h"
#include "harness/ptx/machine/undefined.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace attest::ptx {
namespace {

constexpr std::uint32_t kNotFollowed = ~0u;

/// A register: its row or predicate index, and which of the two.
using Key = std::pair<bool, std::uint32_t>;

Key key_of(const OperandUse& use) {
  return {use.bits == 1, use.value};
}

/// The registers of one function that may be undefined, at every place.
class BodyAnalysis {
 public:
  BodyAnalysis(const std::vector<Element>& elements,
               const Body& body,
               const Symbols& symbols,
               const Program& program)
      : elements_(elements), program_(program), graph_(elements, body, program) {
    for (std::size_t n = body.begin; n < body.end; ++n) {
      for (const OperandUse& use : elements[n].uses) {
        if (use.bits != 0) number(key_of(use), symbols);
      }
      if (program.code[n].guard != 0) number({true, program.code[n].guard}, symbols);
    }
  }

  /// Calls `found(code index, register)` for every read of what may be undefined.
  template <class Found>
  void run(Found found) {
    if (graph_.blocks() == 0) return;
    in_.assign(graph_.blocks(), Bits(numbers_.size()));
    reached_.assign(graph_.blocks(), false);
    in_[0] = Bits(numbers_.size(), true);
    reached_[0] = true;
    std::vector<std::size_t> work{0};
    while (!work.empty()) {
      const std::size_t block = work.back();
      work.pop_back();
      Bits undefined = in_[block];
      through(block, &undefined, [](std::size_t, const Key&) {});
      for (const std::size_t next : graph_.followers(block)) {
        if (!in_[next].add(undefined) && reached_[next]) continue;
        reached_[next] = true;
        work.push_back(next);
      }
    }
    for (std::size_t block = 0; block < graph_.blocks(); ++block) {
      Bits undefined = in_[block];
      if (reached_[block]) through(block, &undefined, found);
    }
  }

 private:
  void number(const Key& key, const Symbols& symbols) {
    if (!symbols.register_name(key.first, key.second).empty())
      numbers_.try_emplace(key, numbers_.size());
  }

  /// One block's instructions on the set of what may be undefined.
  template <class Found>
  void through(std::size_t block, Bits* undefined, Found found) const {
    for (std::size_t n = graph_.begin_of(block); n < graph_.end_of(block); ++n) {
      const std::uint32_t guard = program_.code[n].guard;
      const auto test = [&](const Key& key) {
        const auto known = numbers_.find(key);
        if (known == numbers_.end() || !undefined->get(known->second)) return false;
        found(n, key);
        return true;
      };
      if (guard != 0) test({true, guard});
      bool from_undefined = false;
      for (const OperandUse& use : elements_[n].uses) {
        if (use.role == OperandUse::Role::written || use.bits == 0) continue;
        const bool is_undefined = test(key_of(use));
        if (use.role == OperandUse::Role::read) from_undefined |= is_undefined;
      }
      for (const OperandUse& use : elements_[n].uses) {
        if (use.role != OperandUse::Role::written) continue;
        const auto known = numbers_.find(key_of(use));
        if (known == numbers_.end()) continue;
        if (from_undefined || guard == 0) undefined->set(known->second, from_undefined);
      }
    }
  }

  const std::vector<Element>& elements_;
  const Program& program_;
  FlowGraph graph_;
  std::map<Key, std::size_t> numbers_;
  std::vector<Bits> in_;
  std::vector<bool> reached_;
};

/// Builds what the machine follows.
class PlanBuilder {
 public:
  PlanBuilder(const std::vector<Element>& elements, Symbols* symbols, Program* program)
      : elements_(elements), symbols_(symbols), program_(program) {}

  void shadow(const Key& key, int bits) {
    if (shadows_.count(key) != 0) return;
    Shadow s;
    s.value = key.second;
    s.bits = static_cast<std::uint8_t>(bits);
    s.shadow = key.first ? symbols_->spare_predicate() : symbols_->spare_row(bits == 64);
    shadows_[key] = s;
  }
  [[nodiscard]] bool has_shadows() const { return !shadows_.empty(); }

  /// The shadows of a function's registers.
  [[nodiscard]] std::vector<Shadow> all_of(const std::vector<Key>& keys) const {
    std::vector<Shadow> all;
    all.reserve(keys.size());
    for (const Key& key : keys)
      all.push_back(shadows_.at(key));
    return all;
  }

  [[nodiscard]] bool touches(std::size_t n, bool writes_only) const {
    const auto has = [&](const Key& key) { return shadows_.count(key) != 0; };
    for (const OperandUse& use : elements_[n].uses) {
      if (writes_only && use.role != OperandUse::Role::written) continue;
      if (use.bits != 0 && has(key_of(use))) return true;
    }
    return !writes_only && program_->code[n].guard != 0 && has({true, program_->code[n].guard});
  }

  FollowedInstr build(std::size_t n) {
    const Element& e = elements_[n];
    const Instr& code = program_->code[n];
    FollowedInstr f;
    f.run = code.run;
    f.propagation = e.propagation;
    if (const Shadow* s = find({true, code.guard}); code.guard != 0 && s != nullptr) {
      f.has_guard_shadow = true;
      f.guard = {*s, ~0ull, "guard " + name(*s)};
    }
    has_address_ = std::any_of(e.uses.begin(), e.uses.end(), [](const OperandUse& use) {
      return use.role == OperandUse::Role::address;
    });
    f.on_shadows = code;
    if (code.more != nullptr) {
      std::size_t count = 0;
      for (const OperandUse& use : e.uses)
        count += use.is_more ? 1 : 0;
      f.more.assign(code.more, code.more + count);
    }
    for (const OperandUse& use : e.uses) {
      if (use.bits == 0) continue;
      switch (use.role) {
        case OperandUse::Role::written:
          written(use, &f);
          break;
        case OperandUse::Role::address:
          if (const Shadow* s = find(key_of(use)))
            f.sinks.push_back({*s, ~0ull, "address " + name(*s)});
          break;
        case OperandUse::Role::read:
          read(e, use, &f);
          break;
      }
    }
    return f;
  }

 private:
  [[nodiscard]] const Shadow* find(const Key& key) const {
    const auto found = shadows_.find(key);
    return found == shadows_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] std::string name(const Shadow& s) const {
    return symbols_->register_name(s.bits == 1, s.value);
  }

  [[nodiscard]] static bool moves_bits(const FollowedInstr& f) {
    return f.propagation == Propagation::copies || f.propagation == Propagation::exchanges;
  }

  /// Puts another row in the place of an operand of the instruction on shadows.
  static void replace(const OperandUse& use, std::uint32_t row, FollowedInstr* f) {
    (use.is_more ? f->more[use.slot] : f->on_shadows.op[use.slot]) = row;
  }

  void written(const OperandUse& use, FollowedInstr* f) {
    const Shadow* s = find(key_of(use));
    if (s != nullptr) f->outputs.push_back(*s);
    if (!moves_bits(*f)) return;
    if (use.bits == 1) return replace(use, kNoPredicate, f);
    replace(use, s != nullptr ? s->shadow : spare(use.bits), f);
  }

  void read(const Element& e, const OperandUse& use, FollowedInstr* f) {
    const Shadow* s = find(key_of(use));
    if (f->propagation == Propagation::decides || (has_address_ && !e.is_in_frame)) {
      if (s == nullptr) return;
      const std::uint64_t mask = e.data_bits >= 64 ? ~0ull : (1ull << e.data_bits) - 1;
      const bool is_index = f->propagation == Propagation::decides;
      f->sinks.push_back(
          {*s, is_index ? ~0ull : mask, (is_index ? "index " : "stored ") + name(*s)});
      return;
    }
    if (moves_bits(*f)) return read_to_move(e, use, s, f);
    if (f->propagation == Propagation::fragments && use.operand != kAccumulator) {
      if (s != nullptr) (use.operand == kRows ? f->rows_a : f->rows_b).push_back(*s);
      return;
    }
    const bool is_bitwise = f->propagation == Propagation::bitwise ||
                            f->propagation == Propagation::bitwise_and ||
                            f->propagation == Propagation::bitwise_or;
    if (s != nullptr) {
      f->inputs.push_back(*s);
    } else if (is_bitwise) {
      const auto bits = static_cast<std::uint8_t>(use.bits);
      f->inputs.push_back({use.value, use.bits == 1 ? zero_predicate() : zero_row(), bits});
    }
  }

  void read_to_move(const Element& e, const OperandUse& use, const Shadow* s, FollowedInstr* f) {
    const bool steers = use.bits == 1 || (!use.is_more && (e.controls >> use.slot & 1u) != 0);
    if (!steers) return replace(use, s != nullptr ? s->shadow : zero_row(), f);
    if (s != nullptr) f->inputs.push_back(*s);
    if (f->propagation != Propagation::exchanges || use.bits == 1) return;
    const std::uint32_t kept = symbols_->spare_row(false);
    f->saved.push_back({use.value, kept, static_cast<std::uint8_t>(use.bits)});
    replace(use, kept, f);
  }

  std::uint32_t zero_row() {
    if (!zero_row_) zero_row_ = symbols_->spare_row(true);
    return *zero_row_;
  }
  std::uint32_t zero_predicate() {
    if (!zero_predicate_) zero_predicate_ = symbols_->spare_predicate();
    return *zero_predicate_;
  }
  std::uint32_t spare(int) {
    if (!spare_) spare_ = symbols_->spare_row(true);
    return *spare_;
  }

  // Operands of mma: d, a, b, c.
  static constexpr int kRows = 1;
  static constexpr int kAccumulator = 3;

  const std::vector<Element>& elements_;
  Symbols* symbols_;
  Program* program_;
  std::map<Key, Shadow> shadows_;
  std::optional<std::uint32_t> zero_row_, zero_predicate_, spare_;
  bool has_address_ = false;
};

}  // namespace

void follow_undefined_registers(const std::vector<Element>& elements,
                                const std::vector<Body>& bodies,
                                Symbols* symbols,
                                Program* program) {
  PlanBuilder builder(elements, symbols, program);
  std::vector<bool> is_followed(elements.size(), false);
  std::vector<std::vector<Key>> keys(bodies.size());
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    std::map<Key, int> found;
    BodyAnalysis(elements, bodies[b], *symbols, *program).run([&](std::size_t n, const Key& key) {
      is_followed[n] = true;
      found.try_emplace(key, key.first ? 1 : symbols->is_wide(key.second) ? 64 : 32);
    });
    for (const auto& [key, bits] : found) {
      builder.shadow(key, bits);
      keys[b].push_back(key);
    }
  }
  if (!builder.has_shadows()) return;

  auto plan = std::make_shared<UndefinedPlan>();
  plan->at.assign(elements.size(), kNotFollowed);
  plan->registers = builder.all_of(keys.back());
  for (std::size_t n = 0; n < elements.size(); ++n) {
    const int callee = elements[n].callee;
    const bool enters = callee >= 0 && !keys[static_cast<std::size_t>(callee)].empty();
    if (!is_followed[n] && !enters && !builder.touches(n, true)) continue;
    FollowedInstr f = builder.build(n);
    if (enters) f.entered = builder.all_of(keys[static_cast<std::size_t>(callee)]);
    plan->at[n] = static_cast<std::uint32_t>(plan->followed.size());
    plan->followed.push_back(std::move(f));
    program->code[n].run = follow_undefined;
  }
  for (FollowedInstr& f : plan->followed) {
    if (!f.more.empty()) f.on_shadows.more = f.more.data();
  }
  program->undefined = std::move(plan);
}

}  // namespace attest::ptx
