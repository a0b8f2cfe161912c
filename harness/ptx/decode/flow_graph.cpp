// Basic blocks by their leaders.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/flow_graph.h"

#include <algorithm>

namespace attest::ptx {

FlowGraph::FlowGraph(const std::vector<Element>& elements, const Body& body, const Program& program)
    : elements_(elements), body_(body), program_(program) {
  for (std::size_t n = body.begin; n < body.end; ++n) {
    if (elements[n].is_leader) starts_.push_back(n);
  }
}

std::vector<std::size_t> FlowGraph::followers(std::size_t block) const {
  std::vector<std::size_t> next;
  const std::size_t last = end_of(block) - 1;
  const Instr& i = program_.code[last];
  const Flow flow = elements_[last].flow;
  if (flow == Flow::branch)
    next.push_back(block_at(static_cast<std::size_t>(i.target - program_.code.data())));
  if (flow == Flow::table) {
    for (std::int64_t n = 0; n < i.imm; ++n)
      next.push_back(block_at(i.more[n]));
  }
  if ((flow == Flow::next || i.guard != 0) && block + 1 < starts_.size()) next.push_back(block + 1);
  return next;
}

std::size_t FlowGraph::block_at(std::size_t leader) const {
  const auto found = std::lower_bound(starts_.begin(), starts_.end(), leader);
  return static_cast<std::size_t>(found - starts_.begin());
}

}  // namespace attest::ptx
