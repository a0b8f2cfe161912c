// Liveness backward over the basic blocks, then rows in the order of first use.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/row_sharing.h"

#include "harness/ptx/decode/flow_graph.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>

namespace attest::ptx {
namespace {

/// From the first to the last instruction, in the order of the code, at which a register is live.
struct Range {
  std::size_t first = ~std::size_t{0};
  std::size_t last = 0;
  std::uint32_t row = 0;
  bool is_wide = false;

  void reach(std::size_t n) {
    first = std::min(first, n);
    last = std::max(last, n);
  }
};

class RowSharing {
 public:
  RowSharing(const std::vector<Element>& elements,
             const Body& body,
             const Symbols& symbols,
             Program* program)
      : elements_(elements), body_(body), graph_(elements, body, *program), program_(*program) {
    for (std::size_t n = body.begin; n < body.end; ++n) {
      for (const OperandUse& use : elements[n].uses) {
        if (!is_row(use) || numbers_.count(use.value) != 0) continue;
        if (symbols.register_name(false, use.value).empty()) continue;  // a constant
        numbers_[use.value] = ranges_.size();
        Range range;
        range.row = use.value;
        range.is_wide = symbols.is_wide(use.value);
        ranges_.push_back(range);
      }
    }
  }

  void run() {
    find_ranges();
    const std::unordered_map<std::uint32_t, std::uint32_t> rows = assign();
    const auto replace = [&](std::uint32_t* row) {
      const auto found = rows.find(*row);
      if (found != rows.end()) *row = found->second;
    };
    for (std::size_t n = body_.begin; n < body_.end; ++n) {
      Instr& i = program_.code[n];
      for (const OperandUse& use : elements_[n].uses) {
        if (!is_row(use)) continue;
        if (use.is_more) {
          replace(
              &program_.more[static_cast<std::size_t>(i.more - program_.more.data()) + use.slot]);
        } else {
          replace(&i.op[use.slot]);
        }
      }
    }
  }

 private:
  static bool is_row(const OperandUse& use) { return use.bits > 1; }

  /// `visit(register number, is written)` for every operand of an instruction; a write that a guard
  /// may keep from happening reads what was there.
  template <class Visit>
  void each_register(std::size_t n, Visit visit) const {
    const bool is_guarded = program_.code[n].guard != 0;
    for (const bool writes : {true, false}) {
      for (const OperandUse& use : elements_[n].uses) {
        const auto found = is_row(use) ? numbers_.find(use.value) : numbers_.end();
        if (found == numbers_.end()) continue;
        const bool is_write = use.role == OperandUse::Role::written;
        if (writes ? is_write && !is_guarded : !is_write || is_guarded)
          visit(found->second, writes);
      }
    }
  }

  void find_ranges() {
    const std::size_t blocks = graph_.blocks();
    std::vector<Bits> live_in(blocks, Bits(ranges_.size()));
    const auto live_out = [&](std::size_t block) {
      Bits live(ranges_.size());
      for (const std::size_t next : graph_.followers(block))
        live.add(live_in[next]);
      return live;
    };
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t block = blocks; block-- > 0;) {
        Bits live = live_out(block);
        for (std::size_t n = graph_.end_of(block); n-- > graph_.begin_of(block);)
          each_register(n, [&](std::size_t r, bool writes) { live.set(r, !writes); });
        changed |= live_in[block].add(live);
      }
    }
    for (std::size_t block = 0; block < blocks; ++block) {
      const Bits out = live_out(block);
      for (std::size_t r = 0; r < ranges_.size(); ++r) {
        if (live_in[block].get(r)) ranges_[r].reach(graph_.begin_of(block));
        if (out.get(r)) ranges_[r].reach(graph_.end_of(block) - 1);
      }
      for (std::size_t n = graph_.begin_of(block); n < graph_.end_of(block); ++n)
        each_register(n, [&](std::size_t r, bool) { ranges_[r].reach(n); });
    }
  }

  /// The new row of each register: the one that was freed last, while it is near. Operands of one
  /// instruction never share.
  [[nodiscard]] std::unordered_map<std::uint32_t, std::uint32_t> assign() const {
    std::vector<std::size_t> order(ranges_.size());
    for (std::size_t r = 0; r < order.size(); ++r)
      order[r] = r;
    std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
      return std::pair(ranges_[x].first, x) < std::pair(ranges_[y].first, y);
    });
    using Busy = std::pair<std::size_t, std::uint32_t>;  // the last instruction, the row
    std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy[2];
    std::vector<std::uint32_t> free[2];
    std::unordered_map<std::uint32_t, std::uint32_t> rows;
    for (const std::size_t r : order) {
      const Range& range = ranges_[r];
      auto& in_use = busy[range.is_wide ? 1 : 0];
      auto& unused = free[range.is_wide ? 1 : 0];
      for (; !in_use.empty() && in_use.top().first < range.first; in_use.pop())
        unused.push_back(in_use.top().second);
      std::uint32_t row =
          range.row;  // nobody's yet: the others that begin before it have their own
      if (!unused.empty()) {
        row = unused.back();
        unused.pop_back();
      }
      rows[range.row] = row;
      in_use.emplace(range.last, row);
    }
    return rows;
  }

  const std::vector<Element>& elements_;
  const Body& body_;
  FlowGraph graph_;
  Program& program_;
  std::unordered_map<std::uint32_t, std::size_t> numbers_;  // by row
  std::vector<Range> ranges_;
};

}  // namespace

void share_rows(const std::vector<Element>& elements,
                const std::vector<Body>& bodies,
                const Symbols& symbols,
                Program* program) {
  if (program->undefined != nullptr || bodies.size() != 1) return;
  const bool is_plain = std::none_of(elements.begin(), elements.end(), [](const Element& e) {
    return e.callee >= 0 || e.is_in_frame;
  });
  if (is_plain) RowSharing(elements, bodies.front(), symbols, program).run();
}

}  // namespace attest::ptx
