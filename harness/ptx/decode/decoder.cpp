// Decoder: lays out rows and shared memory, finds basic blocks, and selects a handler per
// instruction.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"

#include "harness/base/check.h"
#include "harness/ptx/decode/form_matcher.h"
#include "harness/ptx/decode/insn_class.h"
#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/syntax/parser.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>
#include <utility>

namespace attest::ptx {
namespace {

const Insn* find_insn(std::string_view opcode) {
  static const std::unordered_map<std::string_view, const Insn*> table = [] {
    std::unordered_map<std::string_view, const Insn*> t;
    for (const Insn& insn : all_insns())
      t.emplace(insn.opcode, &insn);
    return t;
  }();
  const auto found = table.find(opcode);
  return found == table.end() ? nullptr : found->second;
}

std::string mnemonic(const Instruction& i) {
  std::string text = i.opcode;
  for (const std::string& m : i.modifiers)
    text += "." + m;
  return text;
}

bool ends_block(const Instruction& i) {
  return i.opcode == "bra" || i.opcode == "ret" || i.opcode == "exit";
}

/// "sm_90a" -> 90; 0 for anything else.
int sm_number(std::string_view arch) {
  int sm = 0;
  if (arch.starts_with("sm_")) std::from_chars(arch.data() + 3, arch.data() + arch.size(), sm);
  return sm;
}

/// Decodes one function body.
class BodyDecoder {
 public:
  BodyDecoder(const Module& module,
              std::string_view name,
              const Function& function,
              const DecodeOptions& options)
      : module_(module), name_(name), options_(options), symbols_(module, function, &program_) {
    program_.entry = function.name;
    program_.source = name;
    for (const File& f : module.files)
      files_[f.number] = f.path;
    std::string_view arch = options.arch;
    if (arch.empty() && !module.targets.empty()) arch = module.targets.front();
    program_.sm = sm_number(arch);
    for (const auto& [directive, values] : function.directives) {
      if (directive != "maxntid" && directive != "reqntid") continue;
      for (std::size_t axis = 0; axis < 3; ++axis)
        program_.max_block[axis] = axis < values.size() ? values[axis] : 1;
    }
  }

  /// Collects every refusal instead of stopping at the first.
  void collect(std::vector<Unsupported>* refusals) { refusals_ = refusals; }

  Status decode(const Function& function) {
    ATTEST_TRY(const Done variables, symbols_.declare_variables(module_));
    (void)variables;
    ATTEST_TRY(const Done declared, symbols_.declare_parameters(function));
    (void)declared;
    begin_block();
    ATTEST_TRY(const Done body, block(*function.body));
    (void)body;
    return finish();
  }

  Program take() { return std::move(program_); }

 private:
  Error error_at(const Position& at, Code code, std::string message) const {
    return {code, std::move(message), std::string(name_) + ":" + std::to_string(at.line)};
  }

  Status block(const Block& b) {
    symbols_.enter();
    for (const Statement& s : b.statements) {
      if (const auto* label = std::get_if<Label>(&s)) symbols_.declare_label(label->name);
    }
    for (const Statement& s : b.statements) {
      ATTEST_TRY(const Done done, statement(s));
      (void)done;
    }
    symbols_.leave();
    return Done{};
  }

  Status statement(const Statement& s) {
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
      if (auto done = symbols_.declare(*v); !done)
        return error_at(v->position, done.error().code, done.error().message);
    } else if (const auto* b = std::get_if<Block>(&s)) {
      return block(*b);
    }
    return Done{};
  }

  /// Starts a basic block, unless the current one is still empty.
  void begin_block() {
    if (!program_.blocks.empty() && program_.blocks.back().instructions == 0) return;
    Instr leader;
    leader.run = enter_block;
    leader.op[0] = static_cast<std::uint32_t>(program_.blocks.size());
    program_.blocks.push_back({});
    leaders_.push_back(program_.code.size());
    append(leader, {});
  }

  void append(const Instr& instr, const std::vector<std::uint32_t>& more) {
    more_at_.push_back(more.empty() ? -1 : static_cast<std::int64_t>(program_.more.size()));
    program_.more.insert(program_.more.end(), more.begin(), more.end());
    program_.code.push_back(instr);
    program_.sites.push_back(site_);
  }

  Status instruction(const Instruction& i) {
    site_.ptx_line = i.position.line;
    auto decoded = select(i);
    if (!decoded) {
      if (refusals_ != nullptr && decoded.error().code == Code::unsupported) {
        refusals_->push_back({i.position.line, mnemonic(i), decoded.error().message});
        return Done{};
      }
      return error_at(i.position, decoded.error().code, decoded.error().message);
    }
    Instr& instr = decoded->instr;
    if (i.guard) {
      Operand guard;
      guard.name = i.guard->predicate;
      auto index = symbols_.predicate(guard);
      if (!index) return error_at(i.position, index.error().code, index.error().message);
      instr.guard = *index;
      instr.guard_flip = i.guard->is_negated ? ~0u : 0u;
    }
    if (!decoded->label.empty()) {
      const int label = symbols_.label(decoded->label);
      if (label < 0)
        return error_at(
            i.position, Code::bad_input, "no label '" + decoded->label + "' is in scope");
      branches_.emplace_back(program_.code.size(), label);
    }
    BlockInfo& b = program_.blocks.back();
    ++b.instructions;
    ++b.classes[insn_class(i)];
    b.has_store |= is_store(i);
    if (is_poll(i)) note_poll(i, &b);
    append(instr, decoded->more);
    if (ends_block(i)) begin_block();
    return Done{};
  }

  /// A report of a wait names what looks for the value, rather than the sleep before it.
  void note_poll(const Instruction& i, BlockInfo* b) {
    const bool is_sleep = i.opcode == "nanosleep";
    if (b->poll >= 0 && (is_sleep || !poll_is_sleep_)) return;
    b->poll = static_cast<std::int64_t>(program_.code.size());
    poll_is_sleep_ = is_sleep;
  }

  Result<Decoded> select(const Instruction& i) {
    const Insn* insn = find_insn(i.opcode);
    if (insn == nullptr)
      return Error{Code::unsupported, "instruction '" + mnemonic(i) + "' is not implemented", ""};
    std::optional<Error> reason;
    for (const Form& form : insn->forms) {
      Match match;
      if (!FormMatcher::fits(form, i, &match)) continue;
      auto decoded = FormMatcher::build(form, i, &match, symbols_, program_.sm, options_);
      if (decoded) return decoded;
      if (!reason) reason = decoded.error();
    }
    if (reason) return Error{reason->code, "'" + mnemonic(i) + "': " + reason->message, ""};
    return Error{Code::unsupported, "form '" + mnemonic(i) + "' is not implemented", ""};
  }

  /// Pointers into the code, block lengths, and a final `ret` for a body that runs off its end.
  Status finish() {
    Instruction end;
    end.opcode = "ret";
    ATTEST_TRY(const Done done, instruction(end));
    (void)done;
    for (std::size_t n = 0; n < program_.code.size(); ++n) {
      if (more_at_[n] >= 0) program_.code[n].more = program_.more.data() + more_at_[n];
    }
    for (const auto& [at, label] : branches_) {
      program_.code[at].target = &program_.code[label_at_.at(label)];
    }
    for (std::size_t n = 0; n < leaders_.size(); ++n) {
      program_.code[leaders_[n]].imm = program_.blocks[n].instructions;
      if (program_.blocks[n].poll >= 0) program_.code[leaders_[n]].run = enter_polling_block;
      if (leaders_[n] + 1 < program_.sites.size())
        program_.sites[leaders_[n]] = program_.sites[leaders_[n] + 1];
    }
    return Done{};
  }

  const Module& module_;
  std::string_view name_;
  const DecodeOptions& options_;
  Program program_;
  Symbols symbols_;
  std::map<int, std::string> files_;
  CodeSite site_;
  std::vector<std::size_t> leaders_;
  std::vector<std::int64_t> more_at_;
  std::vector<std::pair<std::size_t, int>> branches_;
  std::map<int, std::size_t> label_at_;
  bool poll_is_sleep_ = false;  // of the current block
  std::vector<Unsupported>* refusals_ = nullptr;
};

}  // namespace

Result<std::shared_ptr<const Program>> decode(const Module& module,
                                              std::string_view name,
                                              std::string_view entry,
                                              const DecodeOptions& options) {
  for (const Function& f : module.functions) {
    if (!f.is_entry || f.name != entry || !f.body) continue;
    BodyDecoder decoder(module, name, f, options);
    ATTEST_TRY(const Done done, decoder.decode(f));
    (void)done;
    return std::shared_ptr<const Program>(std::make_shared<Program>(decoder.take()));
  }
  return Error{Code::bad_input, "no entry '" + std::string(entry) + "'", std::string(name)};
}

std::vector<EntryInfo> inspect(const Module& module, std::string_view name) {
  std::vector<EntryInfo> entries;
  const DecodeOptions options;
  for (const Function& f : module.functions) {
    if (!f.is_entry || !f.body) continue;
    EntryInfo info;
    info.name = f.name;
    BodyDecoder decoder(module, name, f, options);
    decoder.collect(&info.unsupported);
    if (auto done = decoder.decode(f); !done) {
      info.unsupported.push_back({0, "", done.error().to_string()});
    }
    const Program program = decoder.take();
    info.parameters = program.parameters;
    info.static_shared_bytes = program.static_shared_bytes;
    for (const BlockInfo& b : program.blocks)
      info.instructions += b.instructions;
    entries.push_back(std::move(info));
  }
  return entries;
}

}  // namespace attest::ptx
