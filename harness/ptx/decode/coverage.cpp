// Counts instructions of the syntax tree, and takes off what inspect() refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/coverage.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace attest::ptx {
namespace {

using Counts = std::map<std::string, OpcodeCount>;
using Functions = std::map<std::string, const Function*>;

std::string opcode_of(const Instruction& instruction) {
  std::string text = instruction.opcode;
  for (const std::string& modifier : instruction.modifiers)
    text += "." + modifier;
  return text;
}

template <class Visit>
void each_instruction(const Block& block, const Visit& visit) {
  for (const Statement& statement : block.statements) {
    if (const auto* instruction = std::get_if<Instruction>(&statement)) visit(*instruction);
    if (const auto* inner = std::get_if<Block>(&statement)) each_instruction(*inner, visit);
  }
}

void count(const Function& function, Counts* counts) {
  each_instruction(*function.body, [counts](const Instruction& instruction) {
    const std::string opcode = opcode_of(instruction);
    const auto [found, is_new] = counts->try_emplace(opcode);
    ++found->second.instructions;
    if (is_new) found->second.opcode = opcode;
    if (is_new) found->second.line = instruction.position.line;
  });
}

/// The function and what it calls by name, near or far, that has a body.
std::set<const Function*> reached(const Function& from, const Functions& functions) {
  std::set<const Function*> seen = {&from};
  std::vector<const Function*> open = {&from};
  while (!open.empty()) {
    const Function& function = *open.back();
    open.pop_back();
    each_instruction(*function.body, [&](const Instruction& instruction) {
      if (instruction.opcode != "call") return;
      for (const Operand& operand : instruction.operands) {
        const auto callee = functions.find(operand.name);
        if (callee != functions.end() && seen.insert(callee->second).second)
          open.push_back(callee->second);
      }
    });
  }
  return seen;
}

/// A refusal and how often an entry has it: a line can hold the same instruction twice.
using Refusals = std::map<std::tuple<int, std::string, std::string>, std::int64_t>;

Refusals tally(const std::vector<Unsupported>& unsupported) {
  Refusals refusals;
  for (const Unsupported& each : unsupported)
    ++refusals[{each.line, each.instruction, each.reason}];
  return refusals;
}

Coverage combine(std::string entry, Counts counts, const Refusals& refusals) {
  Coverage coverage;
  coverage.entry = std::move(entry);
  for (const auto& [refusal, times] : refusals) {  // by ascending line
    const auto& [line, instruction, reason] = refusal;
    const auto found = counts.find(instruction);
    if (found == counts.end()) {
      coverage.other.push_back({.line = line, .instruction = instruction, .reason = reason});
      continue;
    }
    OpcodeCount& opcode = found->second;
    if (opcode.refused == 0) opcode.line = line;
    if (opcode.refused == 0) opcode.reason = reason;
    opcode.refused += times;
  }
  for (auto& [name, opcode] : counts)
    coverage.opcodes.push_back(std::move(opcode));
  return coverage;
}

}  // namespace

Tally Coverage::opcode_tally() const {
  Tally tally;
  for (const OpcodeCount& opcode : opcodes) {
    ++tally.total;
    tally.supported += opcode.refused == 0 ? 1 : 0;
  }
  return tally;
}

Tally Coverage::instruction_tally() const {
  Tally tally;
  for (const OpcodeCount& opcode : opcodes) {
    tally.total += opcode.instructions;
    tally.supported += opcode.instructions - opcode.refused;
  }
  return tally;
}

bool Coverage::is_complete() const {
  const Tally tally = instruction_tally();
  return other.empty() && tally.supported == tally.total;
}

ModuleCoverage coverage(const Module& module, const std::vector<EntryInfo>& entries) {
  Functions functions;
  for (const Function& function : module.functions) {
    if (function.body) functions.emplace(function.name, &function);
  }
  ModuleCoverage coverage;
  std::set<const Function*> all;
  Refusals all_refusals;
  for (const EntryInfo& entry : entries) {
    Counts counts;
    if (const auto found = functions.find(entry.name);
        found != functions.end() && entry.is_inspected) {
      for (const Function* function : reached(*found->second, functions)) {
        count(*function, &counts);
        all.insert(function);
      }
    }
    const Refusals refusals = tally(entry.unsupported);
    for (const auto& [refusal, times] : refusals)
      all_refusals[refusal] = std::max(all_refusals[refusal], times);
    coverage.entries.push_back(combine(entry.name, std::move(counts), refusals));
  }
  Counts counts;
  for (const Function* function : all)
    count(*function, &counts);
  coverage.total = combine("", std::move(counts), all_refusals);
  return coverage;
}

}  // namespace attest::ptx
