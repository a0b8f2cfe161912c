// Calls: a function is decoded once; a call writes where to return to in a row of the function and
// jumps. Without recursion a lane is in a function once at most, so its registers are rows and its
// parameters and variables bytes of local memory, all at fixed places.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/body_decoder.h"
#include "harness/ptx/decode/variable_layout.h"
#include "harness/ptx/machine/local_copy.h"
#include "harness/ptx/machine/system_calls.h"
#include "harness/ptx/syntax/parser.h"

#include <algorithm>
#include <utility>

namespace attest::ptx {
namespace {

// Names that no PTX text can spell, seen from every function.

/// Row with the return address, and label of the first instruction.
std::string key_of(const Function& function) {
  return "<" + function.name + ">";
}
std::string formal_key(const Function& function, const VariableDeclaration& formal) {
  return key_of(function) + formal.name;
}

Operand named(std::string name) {
  Operand operand;
  operand.name = std::move(name);
  return operand;
}

Operand bytes_at(std::string name) {
  Operand operand = named(std::move(name));
  operand.kind = Operand::Kind::address;
  return operand;
}

/// `opcode` with the guard and the place of a call.
Instruction like(const Instruction& call, std::string opcode) {
  Instruction i;
  i.guard = call.guard;
  i.opcode = std::move(opcode);
  i.position = call.position;
  return i;
}

/// "b32" of ".f32": arguments move as bits.
std::string bits_type(const VariableDeclaration& formal) {
  return formal.type == "pred" ? "pred" : "b" + std::to_string(type_bits(formal.type));
}

std::int64_t bytes_of(const VariableDeclaration& v) {
  bool is_open = false;
  return size_of(v, &is_open);
}

bool is_scalar(const VariableDeclaration& v) {
  return v.dimensions.empty() && v.vector_width == 1;
}

}  // namespace

Status BodyDecoder::function(const Function& f) {
  RegisterDeclaration back;
  back.type = "b32";
  back.names = {key_of(f)};
  ATTEST_TRY(const Done declared, symbols_.declare(back));
  (void)declared;
  symbols_.share(key_of(f), key_of(f));
  symbols_.declare_label(key_of(f));
  begin_block();
  label_at_[symbols_.label(key_of(f))] = program_.code.size() - 1;

  symbols_.enter();
  scopes_.emplace_back();
  for (const auto* formals : {&f.returns, &f.parameters}) {
    for (const VariableDeclaration& formal : *formals) {
      if (auto done = declare_formal(f, formal); !done)
        return error_at(formal.position, done.error().code, done.error().message);
    }
  }
  ATTEST_TRY(const Done body, block(*f.body));
  (void)body;
  scopes_.pop_back();
  symbols_.leave();

  Instruction end;  // of a body that runs off its end
  end.opcode = "ret";
  end.position = f.position;
  return return_from(end);
}

Status BodyDecoder::declare_formal(const Function& f, const VariableDeclaration& formal) {
  if (formal.space == "reg") {
    RegisterDeclaration r;
    r.type = formal.type;
    r.names = {formal.name};
    ATTEST_TRY(const Done done, symbols_.declare(r));
    (void)done;
  } else {
    ATTEST_TRY(const Done done, declare_in_frame(formal));
    (void)done;
  }
  symbols_.share(formal.name, formal_key(f, formal));
  return Done{};
}

Status BodyDecoder::declare_in_frame(VariableDeclaration variable) {
  variable.space = "local";
  scopes_.back().frame[variable.name] = bytes_of(variable);
  return symbols_.declare(variable);
}

/// ld.param and st.param of a variable in the frame, not of a parameter of the kernel.
bool BodyDecoder::is_frame_access(const Instruction& i) const {
  if (i.opcode != "ld" && i.opcode != "st") return false;
  const auto is_param = [](const std::string& m) { return m.starts_with("param"); };
  if (std::none_of(i.modifiers.begin(), i.modifiers.end(), is_param)) return false;
  const auto is_in_frame = [&](const Operand& operand) {
    return operand.kind == Operand::Kind::address && frame_bytes(operand.name) >= 0;
  };
  return std::any_of(i.operands.begin(), i.operands.end(), is_in_frame);
}

/// Size of a variable in the frame; -1 when the name is none.
std::int64_t BodyDecoder::frame_bytes(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->frame.find(name); found != scope->frame.end())
      return found->second;
  }
  return -1;
}

Status BodyDecoder::return_from(const Instruction& i) {
  if (!i.operands.empty())
    return error_at(i.position, Code::bad_input, "'ret': expected no operand");
  if (current_->is_entry) return append(i, i.position);
  Instruction back = i;
  back.operands = {named(key_of(*current_))};
  return append(back, i.position);
}

Status BodyDecoder::call(const Instruction& i) {
  const CallOperands parts = call_operands(i);
  if (parts.function == nullptr)
    return refuse(i.position, i, Code::bad_input, "a call without a function to call");
  const std::string& name = parts.function->name;
  if (parts.prototype != nullptr || symbols_.is_register(name))
    return refuse(i.position, i, Code::unsupported, "an indirect call is not implemented");
  const Function* callee = calls_.find(name);
  if (callee == nullptr) return call_system(i, parts);
  const int entry = symbols_.label(key_of(*callee));
  if (entry < 0)
    return refuse(i.position, i, Code::unsupported, "'" + name + "' is part of a recursion");

  ATTEST_TRY(const Done given, pass_all(i, *callee, callee->parameters, parts.arguments, false));
  (void)given;
  Instruction jump = like(i, "call");
  jump.modifiers = i.modifiers;
  jump.operands = {named(key_of(*callee)), named(key_of(*callee))};
  const std::size_t at = program_.code.size();
  ATTEST_TRY(const Done jumped, append(jump, i.position));
  (void)jumped;
  if (at < program_.code.size()) {
    program_.code[at].imm = static_cast<std::int64_t>(program_.code.size() - 1);
    const auto body = std::find(functions_.begin(), functions_.end(), callee);
    elements_[at].callee = static_cast<int>(body - functions_.begin());
  }
  return pass_all(i, *callee, callee->returns, parts.returns, true);
}

Status BodyDecoder::pass_all(const Instruction& i,
                             const Function& callee,
                             const std::vector<VariableDeclaration>& formals,
                             const Operand* actuals,
                             bool is_return) {
  const std::size_t given = actuals == nullptr ? 0 : actuals->elements.size();
  if (is_return && given == 0) return Done{};  // a result that nobody wants
  if (given != formals.size()) {
    return error_at(i.position,
                    Code::bad_input,
                    "'" + callee.name + "' " + (is_return ? "returns " : "takes ") +
                        std::to_string(formals.size()) + " values, found " + std::to_string(given));
  }
  for (std::size_t n = 0; n < given; ++n) {
    ATTEST_TRY(
        const Done done,
        pass(
            i, formals[n], named(formal_key(callee, formals[n])), actuals->elements[n], is_return));
    (void)done;
  }
  return Done{};
}

/// `inside` is the formal parameter, `outside` what the caller has for it.
Status BodyDecoder::pass(const Instruction& i,
                         const VariableDeclaration& formal,
                         const Operand& inside,
                         const Operand& outside,
                         bool is_return) {
  const bool is_name = outside.kind == Operand::Kind::name;
  const std::int64_t bytes = is_name ? frame_bytes(outside.name) : -1;
  if (formal.space != "reg" && bytes >= 0) {
    const std::int64_t wanted = bytes_of(formal);
    if (bytes != wanted) {
      return error_at(outside.position,
                      Code::bad_input,
                      "'" + outside.name + "' has " + std::to_string(bytes) + " bytes, expected " +
                          std::to_string(wanted) + " as '" + formal.name + "' has");
    }
    return is_return ? copy(i, outside.name, inside.name, bytes)
                     : copy(i, inside.name, outside.name, bytes);
  }
  if (bytes >= 0 || !is_scalar(formal)) {
    return error_at(outside.position,
                    Code::bad_input,
                    std::string("expected ") +
                        (formal.space == "reg" ? "a register" : "a .param variable") + ", found '" +
                        print(outside) + "'");
  }
  Instruction move = like(i, formal.space == "reg" ? "mov" : is_return ? "ld" : "st");
  if (formal.space != "reg") move.modifiers.emplace_back("local");
  move.modifiers.push_back(bits_type(formal));
  const Operand place = formal.space == "reg" ? inside : bytes_at(inside.name);
  move.operands =
      is_return ? std::vector<Operand>{outside, place} : std::vector<Operand>{place, outside};
  is_in_frame_ = true;
  auto done = append(move, outside.position);
  is_in_frame_ = false;
  return done;
}

/// A function of the driver: its arguments are variables in the frame.
Status BodyDecoder::call_system(const Instruction& i, const CallOperands& parts) {
  const std::string& name = parts.function->name;
  const SystemCall* system = find_system_call(name);
  if (system == nullptr) {
    return refuse(i.position, i, Code::unsupported, "function '" + name + "' is not implemented");
  }
  const std::size_t given = parts.arguments == nullptr ? 0 : parts.arguments->elements.size();
  const std::size_t wanted = system->argument_bytes.size();
  if (given != wanted) {
    return error_at(i.position,
                    Code::bad_input,
                    "'" + name + "' takes " + std::to_string(wanted) + " values, found " +
                        std::to_string(given));
  }
  Instr instr;
  instr.run = system->run;
  std::vector<std::uint32_t> places;
  const auto place = [&](const Operand& variable, std::int64_t bytes) -> Status {
    if (frame_bytes(variable.name) != bytes) {
      return error_at(variable.position,
                      Code::bad_input,
                      "expected a .param variable of " + std::to_string(bytes) + " bytes, found '" +
                          print(variable) + "'");
    }
    ATTEST_TRY(const Resolver::Base base, symbols_.address(bytes_at(variable.name)));
    places.push_back(static_cast<std::uint32_t>(base.offset));
    return Done{};
  };
  for (std::size_t n = 0; n < given; ++n) {
    ATTEST_TRY(const Done done, place(parts.arguments->elements[n], system->argument_bytes[n]));
    (void)done;
  }
  if (system->result_bytes != 0 && parts.returns != nullptr && !parts.returns->elements.empty()) {
    ATTEST_TRY(const Done done, place(parts.returns->elements[0], system->result_bytes));
    (void)done;
  } else {
    places.push_back(kNoResult);
  }
  ATTEST_TRY(instr.guard, guard_of(i));
  instr.guard_flip = i.guard && i.guard->is_negated ? ~0u : 0u;
  ++program_.blocks.back().instructions;
  push(instr, places);
  return Done{};
}

Status BodyDecoder::copy(const Instruction& i,
                         const std::string& to,
                         const std::string& from,
                         std::int64_t bytes) {
  Instr instr;
  instr.run = copy_local;
  ATTEST_TRY(const Resolver::Base source, symbols_.address(bytes_at(from)));
  ATTEST_TRY(const Resolver::Base destination, symbols_.address(bytes_at(to)));
  instr.imm = source.offset;
  instr.imm2 = destination.offset;
  instr.op[0] = static_cast<std::uint32_t>(bytes);
  ATTEST_TRY(instr.guard, guard_of(i));
  instr.guard_flip = i.guard && i.guard->is_negated ? ~0u : 0u;
  push(instr, {});
  return Done{};
}

}  // namespace attest::ptx
