// Depth-first over direct calls, without recursion of our own: chains of calls may be long.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/call_graph.h"

#include <unordered_set>
#include <variant>

namespace attest::ptx {
namespace {

void collect_calls(const Block& block, std::vector<const Instruction*>* calls) {
  for (const Statement& s : block.statements) {
    if (const auto* i = std::get_if<Instruction>(&s)) {
      if (i->opcode == "call") calls->push_back(i);
    } else if (const auto* b = std::get_if<Block>(&s)) {
      collect_calls(*b, calls);
    }
  }
}

/// A function whose calls are being followed.
struct Frame {
  const Function* function = nullptr;
  std::vector<const Instruction*> calls;
  std::size_t next = 0;
};

Frame frame_of(const Function& function) {
  Frame frame{&function, {}, 0};
  collect_calls(*function.body, &frame.calls);
  return frame;
}

/// "'f' -> 'g' -> 'f'"
std::string cycle_text(const std::vector<Frame>& frames, const Function* callee) {
  std::string text;
  for (const Frame& frame : frames) {
    if (text.empty() && frame.function != callee) continue;
    text += "'" + frame.function->name + "' -> ";
  }
  return text + "'" + callee->name + "'";
}

}  // namespace

CallGraph::CallGraph(const Module& module) {
  for (const Function& f : module.functions) {
    if (f.body && !f.is_entry) functions_.emplace(f.name, &f);
  }
  for (const Alias& a : module.aliases)
    aliases_.emplace(a.name, a.target);
}

const Function* CallGraph::find(const std::string& name) const {
  auto found = functions_.find(name);
  if (found == functions_.end()) {
    const auto alias = aliases_.find(name);
    if (alias == aliases_.end()) return nullptr;
    found = functions_.find(alias->second);
  }
  return found == functions_.end() ? nullptr : found->second;
}

Result<std::vector<const Function*>> CallGraph::order(const Function& entry,
                                                      std::string_view name) const {
  std::vector<const Function*> ordered;
  std::unordered_set<const Function*> done;
  std::unordered_set<const Function*> open{&entry};
  std::vector<Frame> frames;
  frames.push_back(frame_of(entry));
  while (!frames.empty()) {
    Frame& frame = frames.back();
    if (frame.next == frame.calls.size()) {
      ordered.push_back(frame.function);
      done.insert(frame.function);
      open.erase(frame.function);
      frames.pop_back();
      continue;
    }
    const Instruction& call = *frame.calls[frame.next++];
    const Operand* target = call_operands(call).function;
    const Function* callee = target == nullptr ? nullptr : find(target->name);
    if (callee == nullptr || done.count(callee) != 0) continue;
    if (!open.insert(callee).second) {
      return Error{Code::unsupported,
                   "recursion is not implemented: " + cycle_text(frames, callee),
                   std::string(name) + ":" + std::to_string(call.position.line) + ":" +
                       std::to_string(call.position.column)};
    }
    frames.push_back(frame_of(*callee));
  }
  return ordered;
}

CallOperands call_operands(const Instruction& call) {
  CallOperands parts;
  for (const Operand& operand : call.operands) {
    if (operand.kind == Operand::Kind::vector) {
      (parts.function == nullptr ? parts.returns : parts.arguments) = &operand;
    } else {
      (parts.function == nullptr ? parts.function : parts.prototype) = &operand;
    }
  }
  return parts;
}

}  // namespace attest::ptx
