// BodyDecoder: an entry and the functions that it calls, as one flat program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/call_graph.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/decode/form_matcher.h"
#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/decode/undefined_registers.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace attest::ptx {

class BodyDecoder {
 public:
  /// `functions`: callees before their callers, the entry last. All references outlive it.
  BodyDecoder(const Module& module,
              std::string_view name,
              const CallGraph& calls,
              const std::vector<const Function*>& functions,
              const DecodeOptions& options);

  /// Collects every refusal instead of stopping at the first.
  void collect(std::vector<Unsupported>* refusals) { refusals_ = refusals; }

  Status decode();
  Program take() { return std::move(program_); }

 private:
  // body_decoder.cpp
  [[nodiscard]] Error error_at(const Position& at, Code code, std::string message) const;
  Status entry(const Function& function);
  Status block(const Block& block);
  Status statement(const Statement& statement);
  Status instruction(const Instruction& instruction);
  /// Appends it decoded. `position` is where a refusal points.
  Status append(const Instruction& instruction, const Position& position);
  Status refuse(const Position& at, const Instruction& instruction, Code code, std::string why);
  bool select(const Instruction& instruction, Decoded* decoded, Mismatch* mismatch);
  void note_poll(const Instruction& instruction, BlockInfo* block);
  Status resolve_label(const Instruction& instruction, Decoded* decoded);
  Result<std::uint32_t> guard_of(const Instruction& instruction);
  Status variable(const VariableDeclaration& variable);
  void begin_block();
  void push(const Instr& instr, const std::vector<std::uint32_t>& more, Element element = {});
  void push_refreshes(const std::vector<OperandUse>& uses);
  Status finish();

  // calls.cpp
  Status function(const Function& function);
  Status declare_formal(const Function& function, const VariableDeclaration& formal);
  /// `.param` variables of functions and of calls are bytes of local memory.
  Status declare_in_frame(VariableDeclaration variable);
  [[nodiscard]] bool is_frame_access(const Instruction& instruction) const;
  [[nodiscard]] std::int64_t frame_bytes(const std::string& name) const;
  Status call(const Instruction& call);
  Status call_system(const Instruction& call, const CallOperands& parts);
  Status return_from(const Instruction& instruction);
  /// Argument lists against formal parameters.
  Status pass_all(const Instruction& call,
                  const Function& callee,
                  const std::vector<VariableDeclaration>& formals,
                  const Operand* actuals,
                  bool is_return);
  Status pass(const Instruction& call,
              const VariableDeclaration& formal,
              const Operand& inside,
              const Operand& outside,
              bool is_return);
  Status copy(const Instruction& call,
              const std::string& to,
              const std::string& from,
              std::int64_t bytes);

  struct Scope {
    std::unordered_map<std::string, const TargetList*> lists;
    std::unordered_map<std::string, std::int64_t> frame;  // sizes of .param variables
  };
  struct Refresh {  // of a special register
    std::size_t at = 0;
    std::size_t block = 0;
    std::int64_t before = 0;  // instructions of the block
  };
  struct Table {  // of a brx.idx
    std::size_t more = 0;
    std::vector<int> labels;
  };

  const Module& module_;
  std::string_view name_;
  const CallGraph& calls_;
  const std::vector<const Function*>& functions_;
  const DecodeOptions& options_;
  Program program_;
  Symbols symbols_;
  const Function* current_ = nullptr;
  std::vector<Scope> scopes_;
  std::vector<Table> tables_;
  std::map<int, std::string> files_;
  std::vector<Element> elements_;  // one per code element
  std::vector<Body> bodies_;       // one per function decoded
  std::vector<Refresh> refreshes_;
  CodeSite site_;
  std::vector<std::size_t> leaders_;
  std::vector<std::int64_t> more_at_;
  std::vector<std::pair<std::size_t, int>> branches_;
  std::map<int, std::size_t> label_at_;
  bool poll_is_sleep_ = false;  // of the current block
  bool is_in_frame_ = false;
  std::vector<Unsupported>* refusals_ = nullptr;
};

/// "add.rn.f32"
[[nodiscard]] std::string mnemonic(const Instruction& instruction);

}  // namespace attest::ptx
