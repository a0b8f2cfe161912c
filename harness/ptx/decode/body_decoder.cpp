// Basic blocks, labels, guards and line marks; a handler per instruction; pointers at the end.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/body_decoder.h"

#include "harness/base/check.h"
#include "harness/ptx/decode/flops.h"
#include "harness/ptx/decode/insn_class.h"
#include "harness/ptx/decode/insn_sets.h"
#include "harness/ptx/decode/row_sharing.h"
#include "harness/ptx/decode/variable_layout.h"
#include "harness/ptx/machine/special_registers.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/syntax/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace attest::ptx {
namespace {

/// Opcodes behind which another basic block begins.
bool ends_block(const Instruction& i) {
  constexpr std::array<std::string_view, 5> kEnds = {"bra", "brx", "call", "exit", "ret"};
  return std::find(kEnds.begin(), kEnds.end(), i.opcode) != kEnds.end();
}

Flow flow_of(const Instruction& i) {
  if (i.opcode == "bra") return Flow::branch;
  if (i.opcode == "brx") return Flow::table;
  const bool ends = i.opcode == "ret" || i.opcode == "exit" || i.opcode == "trap";
  return ends ? Flow::end : Flow::next;
}

/// "sm_90a" -> 90; 0 for anything else.
int sm_number(std::string_view arch) {
  int sm = 0;
  if (arch.starts_with("sm_")) std::from_chars(arch.data() + 3, arch.data() + arch.size(), sm);
  return sm;
}

}  // namespace

std::string mnemonic(const Instruction& instruction) {
  std::string text = instruction.opcode;
  for (const std::string& m : instruction.modifiers)
    text += "." + m;
  return text;
}

BodyDecoder::BodyDecoder(const Module& module,
                         std::string_view name,
                         const CallGraph& calls,
                         const std::vector<const Function*>& functions,
                         const DecodeOptions& options)
    : module_(module),
      name_(name),
      calls_(calls),
      functions_(functions),
      options_(options),
      symbols_(module, functions, &program_) {
  const Function& entry = *functions.back();
  program_.entry = entry.name;
  program_.source = name;
  for (const File& f : module.files)
    files_[f.number] = f.path;
  std::string_view arch = options.arch;
  if (arch.empty() && !module.targets.empty()) arch = module.targets.front();
  program_.sm = sm_number(arch);
  for (const auto& [directive, values] : entry.directives) {
    if (directive != "maxntid" && directive != "reqntid") continue;
    for (std::size_t axis = 0; axis < 3; ++axis)
      program_.max_block[axis] = axis < values.size() ? values[axis] : 1;
  }
}

Status BodyDecoder::decode() {
  ATTEST_TRY(const Done variables, symbols_.declare_variables(module_));
  (void)variables;
  for (const Function* each : functions_) {
    current_ = each;
    site_ = {};
    begin_block();
    Body body{program_.code.size() - 1, 0};
    ATTEST_TRY(const Done done, each->is_entry ? entry(*each) : function(*each));
    (void)done;
    begin_block();
    body.end = program_.code.size() - 1;
    bodies_.push_back(body);
  }
  return finish();
}

Error BodyDecoder::error_at(const Position& at, Code code, std::string message) const {
  return {code,
          std::move(message),
          std::string(name_) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column)};
}

Status BodyDecoder::entry(const Function& function) {
  symbols_.enter();
  ATTEST_TRY(const Done declared, symbols_.declare_parameters(function));
  (void)declared;
  begin_block();
  program_.first = program_.code.size() - 1;
  ATTEST_TRY(const Done body, block(*function.body));
  (void)body;
  symbols_.leave();
  Instruction end;  // of a body that runs off its end
  end.opcode = "ret";
  return append(end, function.position);
}

Status BodyDecoder::block(const Block& b) {
  symbols_.enter();
  scopes_.emplace_back();
  for (const Statement& s : b.statements) {
    if (const auto* label = std::get_if<Label>(&s)) symbols_.declare_label(label->name);
    if (const auto* list = std::get_if<TargetList>(&s)) scopes_.back().lists[list->name] = list;
  }
  for (const Statement& s : b.statements) {
    ATTEST_TRY(const Done done, statement(s));
    (void)done;
  }
  scopes_.pop_back();
  symbols_.leave();
  return Done{};
}

Status BodyDecoder::statement(const Statement& s) {
  if (const auto* i = std::get_if<Instruction>(&s)) return instruction(*i);
  if (const auto* l = std::get_if<Location>(&s)) {
    site_.file = files_.count(l->file) != 0 ? files_[l->file] : "";
    site_.line = l->line;
  } else if (const auto* label = std::get_if<Label>(&s)) {
    begin_block();
    label_at_[symbols_.label(label->name)] = program_.code.size() - 1;
  } else if (const auto* r = std::get_if<RegisterDeclaration>(&s)) {
    if (auto done = symbols_.declare(*r); !done)
      return error_at(r->position, done.error().code, done.error().message);
  } else if (const auto* v = std::get_if<VariableDeclaration>(&s)) {
    return variable(*v);
  } else if (const auto* b = std::get_if<Block>(&s)) {
    return block(*b);
  }
  return Done{};
}

Status BodyDecoder::variable(const VariableDeclaration& v) {
  auto done = v.space == "param" ? declare_in_frame(v) : symbols_.declare(v);
  if (!done) return error_at(v.position, done.error().code, done.error().message);
  return Done{};
}

/// Starts a basic block, unless the current one is still empty.
void BodyDecoder::begin_block() {
  if (!leaders_.empty() && leaders_.back() + 1 == program_.code.size()) return;
  Instr leader;
  leader.run = enter_block;
  leader.op[0] = static_cast<std::uint32_t>(program_.blocks.size());
  program_.blocks.push_back({});
  leaders_.push_back(program_.code.size());
  Element element;
  element.is_leader = true;
  push(leader, {}, std::move(element));
}

void BodyDecoder::push(const Instr& instr,
                       const std::vector<std::uint32_t>& more,
                       Element element) {
  more_at_.push_back(more.empty() ? -1 : static_cast<std::int64_t>(program_.more.size()));
  program_.more.insert(program_.more.end(), more.begin(), more.end());
  program_.code.push_back(instr);
  program_.sites.push_back(site_);
  elements_.push_back(std::move(element));
}

/// Clocks are read as they are then.
void BodyDecoder::push_refreshes(const std::vector<OperandUse>& uses) {
  for (const OperandUse& use : uses) {
    if (use.role != OperandUse::Role::read || use.bits == 1) continue;
    const auto number = symbols_.refreshed(use.value);
    if (!number) continue;
    Instr refresh;
    refresh.run = refresh_special;
    refresh.op[0] = static_cast<std::uint32_t>(*number);
    refreshes_.push_back(
        {program_.code.size(), program_.blocks.size() - 1, program_.blocks.back().instructions});
    push(refresh, {});
  }
}

Status BodyDecoder::instruction(const Instruction& i) {
  site_.ptx_line = i.position.line;
  if (i.opcode == "call") return call(i);
  if (i.opcode == "ret") return return_from(i);
  if (is_frame_access(i)) {
    Instruction local = i;
    for (std::string& m : local.modifiers) {
      if (m.starts_with("param")) m = "local";
    }
    is_in_frame_ = true;
    auto done = append(local, i.position);
    is_in_frame_ = false;
    return done;
  }
  return append(i, i.position);
}

Status BodyDecoder::refuse(const Position& at,
                           const Instruction& instruction,
                           Code code,
                           std::string why) {
  if (refusals_ == nullptr || code != Code::unsupported) return error_at(at, code, std::move(why));
  refusals_->push_back({at.line, at.column, mnemonic(instruction), std::move(why)});
  return Done{};
}

Result<std::uint32_t> BodyDecoder::guard_of(const Instruction& i) {
  if (!i.guard) return 0u;
  Operand operand;
  operand.name = i.guard->predicate;
  auto index = symbols_.predicate(operand);
  if (!index) return error_at(i.position, index.error().code, index.error().message);
  return index;
}

Status BodyDecoder::append(const Instruction& i, const Position& position) {
  Decoded decoded;
  Mismatch mismatch;
  if (!select(i, &decoded, &mismatch)) {
    const Position& at = mismatch.position.line != 0 ? mismatch.position : position;
    return refuse(at, i, mismatch.error.code, mismatch.error.message);
  }
  ATTEST_TRY(decoded.instr.guard, guard_of(i));
  decoded.instr.guard_flip = i.guard && i.guard->is_negated ? ~0u : 0u;
  if (!decoded.label.empty()) {
    ATTEST_TRY(const Done done, resolve_label(i, &decoded));
    (void)done;
  }
  push_refreshes(decoded.uses);
  BlockInfo& b = program_.blocks.back();
  ++b.instructions;
  const InsnClass c = insn_class(i);
  ++b.classes[c];
  const std::int64_t operations = flops(i);
  b.flops += operations;
  if (c == InsnClass::mma) b.mma_flops += operations;
  b.has_store |= is_store(i);
  if (is_poll(i)) note_poll(i, &b);
  Element element;
  element.propagation = decoded.propagation;
  element.controls = decoded.controls;
  element.uses = std::move(decoded.uses);
  element.flow = flow_of(i);
  element.is_in_frame = is_in_frame_;
  if (!i.modifiers.empty() && type_bits(i.modifiers.back()) > 1)
    element.data_bits = type_bits(i.modifiers.back());
  push(decoded.instr, decoded.more, std::move(element));
  if (ends_block(i)) begin_block();
  return Done{};
}

/// A report of a wait names what looks for the value, rather than the sleep before it.
void BodyDecoder::note_poll(const Instruction& i, BlockInfo* b) {
  const bool is_sleep = i.opcode == "nanosleep";
  if (b->poll >= 0 && (is_sleep || !poll_is_sleep_)) return;
  b->poll = static_cast<std::int64_t>(program_.code.size());
  poll_is_sleep_ = is_sleep;
}

/// A label, or a list of labels whose code indices Instr::more then holds (count in imm).
Status BodyDecoder::resolve_label(const Instruction& i, Decoded* decoded) {
  const auto number = [&](const std::string& name, int* label) -> Status {
    *label = symbols_.label(name);
    if (*label >= 0) return Done{};
    return error_at(i.position, Code::bad_input, "no label '" + name + "' is in scope");
  };
  if (i.opcode != "brx") {
    int label = -1;
    ATTEST_TRY(const Done done, number(decoded->label, &label));
    (void)done;
    branches_.emplace_back(program_.code.size(), label);
    return Done{};
  }
  const TargetList* list = nullptr;
  for (const Scope& scope : scopes_) {
    const auto found = scope.lists.find(decoded->label);
    if (found != scope.lists.end() && !found->second->is_call) list = found->second;
  }
  if (list == nullptr)
    return error_at(
        i.position, Code::bad_input, "no .branchtargets '" + decoded->label + "' is in scope");
  Table table{program_.more.size(), {}};
  for (const std::string& target : list->targets) {
    ATTEST_TRY(const Done done, number(target, &table.labels.emplace_back()));
    (void)done;
  }
  decoded->instr.imm = static_cast<std::int64_t>(table.labels.size());
  decoded->more.resize(table.labels.size());
  tables_.push_back(std::move(table));
  return Done{};
}

/// The first form that takes it; else what the form objects to that got the furthest.
bool BodyDecoder::select(const Instruction& i, Decoded* decoded, Mismatch* mismatch) {
  const Insn* insn = find_insn(i.opcode, options_.simd);
  if (insn == nullptr) {
    mismatch->error = {
        Code::unsupported, "instruction '" + mnemonic(i) + "' is not implemented", ""};
    return false;
  }
  const FormMatcher matcher(symbols_, program_.sm, options_);
  bool has_fitted = false;
  for (const Form& form : insn->forms) {
    Match match;
    if (!FormMatcher::fits(form, i, &match)) continue;
    Mismatch why;
    if (matcher.build(form, i, &match, decoded, &why)) return true;
    if (!has_fitted || why.rank > mismatch->rank) *mismatch = why;
    has_fitted = true;
  }
  if (has_fitted) {
    mismatch->error.message = "'" + mnemonic(i) + "': " + mismatch->error.message;
  } else {
    mismatch->error = {Code::unsupported, "form '" + mnemonic(i) + "' is not implemented", ""};
  }
  return false;
}

/// Pointers into the code, and lengths of blocks.
Status BodyDecoder::finish() {
  for (const Table& table : tables_) {
    for (std::size_t n = 0; n < table.labels.size(); ++n)
      program_.more[table.more + n] = static_cast<std::uint32_t>(label_at_.at(table.labels[n]));
  }
  for (std::size_t n = 0; n < program_.code.size(); ++n) {
    if (more_at_[n] >= 0) program_.code[n].more = program_.more.data() + more_at_[n];
  }
  for (const auto& [at, label] : branches_)
    program_.code[at].target = &program_.code[label_at_.at(label)];
  for (std::size_t n = 0; n < leaders_.size(); ++n) {
    program_.code[leaders_[n]].imm = program_.blocks[n].instructions;
    if (program_.blocks[n].poll >= 0) program_.code[leaders_[n]].run = enter_polling_block;
    if (leaders_[n] + 1 < program_.sites.size())
      program_.sites[leaders_[n]] = program_.sites[leaders_[n] + 1];
  }
  for (const Refresh& r : refreshes_)
    program_.code[r.at].imm = r.before - program_.blocks[r.block].instructions;
  follow_undefined_registers(elements_, bodies_, &symbols_, &program_);
  share_rows(elements_, bodies_, symbols_, &program_);
  return Done{};
}

}  // namespace attest::ptx
