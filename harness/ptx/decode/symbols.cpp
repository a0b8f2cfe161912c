// Names of one function, and where they live in the machine: scopes and declarations.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/symbols.h"

#include "harness/ptx/decode/module_variables.h"
#include "harness/ptx/decode/variable_layout.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/memory/local_memory.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

namespace attest::ptx {
namespace {

constexpr std::int64_t kMaxRowBytes = std::int64_t{64} << 20;  // of one warp
constexpr std::int64_t kMaxSharedBytes = std::int64_t{256}
                                         << 20;  // validated against the target later

constexpr std::int64_t kMaxParameterBytes = 32764;  // of one entry

Error bad(std::string message) {
  return {Code::bad_input, std::move(message), ""};
}
Error unsupported(std::string message) {
  return {Code::unsupported, std::move(message), ""};
}

void collect_names(const Operand& operand, std::unordered_set<std::string>* names) {
  names->insert(operand.name);
  for (const Operand& element : operand.elements)
    collect_names(element, names);
}

/// Every name that the operands of a body use, and the shared variables it declares.
void collect(const Block& block,
             std::unordered_set<std::string>* names,
             std::vector<const VariableDeclaration*>* shared) {
  for (const Statement& s : block.statements) {
    if (const auto* i = std::get_if<Instruction>(&s)) {
      for (const Operand& operand : i->operands)
        collect_names(operand, names);
    } else if (const auto* v = std::get_if<VariableDeclaration>(&s)) {
      if (v->space == "shared") shared->push_back(v);
    } else if (const auto* b = std::get_if<Block>(&s)) {
      collect(*b, names, shared);
    }
  }
}

}  // namespace

Symbols::Symbols(const Module& module,
                 const std::vector<const Function*>& functions,
                 Program* program)
    : program_(program) {
  enter();
  program->row_bytes = 0;
  scratch_narrow_ = new_row(false);
  scratch_wide_ = new_row(true);
  scratch_predicate_ = program->predicate_count++;
  place_shared(module, functions);
}

/// Static variables that the functions use first, then the dynamic ones, which share one offset.
void Symbols::place_shared(const Module& module, const std::vector<const Function*>& functions) {
  std::unordered_set<std::string> used;
  std::vector<const VariableDeclaration*> shared;
  for (const Function* function : functions)
    collect(*function->body, &used, &shared);
  for (const VariableDeclaration& v : module.variables) {
    if (v.space == "shared" && used.count(v.name) != 0) shared.push_back(&v);
  }
  std::vector<const VariableDeclaration*> open;
  for (const VariableDeclaration* v : shared) {
    bool is_open = false;
    const std::int64_t size = size_of(*v, &is_open);
    if (is_open) {
      open.push_back(v);
    } else if (size >= 0 && size <= kMaxSharedBytes - program_->static_shared_bytes) {
      place(*v, align_up(program_->static_shared_bytes, alignment_of(*v)), size);
      program_->static_shared_bytes = program_->shared.back().offset + size;
    }
  }
  if (open.empty()) return;
  std::int64_t alignment = 16;
  for (const VariableDeclaration* v : open)
    alignment = std::max(alignment, alignment_of(*v));
  program_->static_shared_bytes = align_up(program_->static_shared_bytes, alignment);
  for (const VariableDeclaration* v : open)
    place(*v, program_->static_shared_bytes, kMaxSharedBytes);
}

void Symbols::place(const VariableDeclaration& v, std::int64_t offset, std::int64_t size_bytes) {
  program_->shared.push_back({v.name, offset, size_bytes});
  shared_offsets_[&v] = offset;
  scopes_.front().names.try_emplace(v.name,
                                    Symbol{Kind::shared, 64, static_cast<std::uint64_t>(offset)});
}

void Symbols::share(const std::string& name, const std::string& outer) {
  Symbol storage;
  const Symbol* symbol = find(name, &storage);
  if (symbol == nullptr) return;
  scopes_.front().names[outer] = *symbol;
  auto& ranges = symbol->kind == Kind::predicate ? predicate_ranges_ : row_ranges_;
  const auto range = ranges.find(static_cast<std::uint32_t>(symbol->value));
  if (range != ranges.end() && is_register(name)) range->second.is_formal = true;
}

bool Symbols::is_register(const std::string& name) const {
  Symbol storage;
  const Symbol* s = find(name, &storage);
  return s != nullptr &&
         (s->kind == Kind::predicate || s->kind == Kind::narrow || s->kind == Kind::wide);
}

void Symbols::enter() {
  scopes_.emplace_back();
}
void Symbols::leave() {
  scopes_.pop_back();
}

std::uint32_t Symbols::new_row(bool is_wide) {
  const std::int64_t bytes = is_wide ? kWideRowBytes : kRowBytes;
  const std::int64_t row = program_->row_bytes;
  program_->row_bytes += bytes;
  return static_cast<std::uint32_t>(row);
}

Status Symbols::declare_variables(const Module& module) {
  ATTEST_TRY(program_->variables, module_variables(module, program_->source));
  auto& names = scopes_.front().names;
  for (const VariableDeclaration& v : module.variables) {
    if (v.space == "global" || v.space == "const")
      names.try_emplace(v.name, Symbol{Kind::external});
  }
  const auto& variables = program_->variables->variables;
  for (std::size_t n = 0; n < variables.size(); ++n) {
    const Kind kind = variables[n].is_constant ? Kind::constant : Kind::global;
    names[variables[n].name] = {kind, 64, n};
  }
  return Done{};
}

Status Symbols::declare_parameters(const Function& function) {
  for (const VariableDeclaration& v : function.parameters) {
    bool is_open = false;
    const std::int64_t size = size_of(v, &is_open);
    if (size < 0 || is_open || size > kMaxParameterBytes)
      return bad("parameter '" + v.name + "' is larger than 32764 bytes");
    Parameter p;
    p.name = v.name;
    p.type = "." + v.type;
    if (!v.dimensions.empty()) p.type += "[" + std::to_string(*v.dimensions[0]) + "]";
    p.offset = align_up(program_->parameter_bytes, alignment_of(v));
    p.size_bytes = size;
    if (p.offset + size > kMaxParameterBytes)
      return bad("the parameters up to '" + v.name + "' are larger than 32764 bytes");
    program_->parameter_bytes = p.offset + size;
    scopes_.back().names[v.name] = {Kind::param, 64, static_cast<std::uint64_t>(p.offset)};
    program_->parameters.push_back(std::move(p));
  }
  return Done{};
}

Status Symbols::declare(const RegisterDeclaration& r) {
  const int bits = type_bits(r.type);
  if (bits != 1 && bits != 8 && bits != 16 && bits != 32 && bits != 64) {
    return unsupported("registers of type ." + r.type + " are not implemented");
  }
  Symbol symbol;
  symbol.kind = bits == 1 ? Kind::predicate : bits == 64 ? Kind::wide : Kind::narrow;
  symbol.bits = bits;
  const std::int64_t count = r.count ? *r.count : static_cast<std::int64_t>(r.names.size());
  const std::int64_t row_bytes = bits == 64 ? kWideRowBytes : kRowBytes;
  if (program_->row_bytes + count * row_bytes > kMaxRowBytes) {
    return bad("more registers than " + std::to_string(kMaxRowBytes / kRowBytes) + " are declared");
  }
  const auto next = [&]() -> std::uint64_t {
    return bits == 1 ? program_->predicate_count++ : new_row(bits == 64);
  };
  const auto note = [&](const std::string& name, std::uint64_t first, bool is_numbered) {
    Range range;
    range.name = name;
    range.count = is_numbered ? static_cast<std::uint32_t>(count) : 1;
    range.step = bits == 1 ? 1 : static_cast<std::uint32_t>(row_bytes);
    range.is_numbered = is_numbered;
    (bits == 1 ? predicate_ranges_ : row_ranges_)[static_cast<std::uint32_t>(first)] = range;
  };
  if (!r.count) {
    for (const std::string& name : r.names) {
      symbol.value = next();
      note(name, symbol.value, false);
      scopes_.back().names[name] = symbol;
    }
    return Done{};
  }
  Numbered numbered;
  numbered.first = symbol;
  numbered.count = static_cast<std::uint64_t>(count);
  numbered.step = bits == 1 ? 1 : static_cast<std::uint64_t>(row_bytes);
  for (std::int64_t n = 0; n < count; ++n) {
    const std::uint64_t value = next();
    if (n == 0) numbered.first.value = value;
  }
  if (count != 0) note(r.names.front(), numbered.first.value, true);
  scopes_.back().numbered[r.names.front()] = numbered;
  return Done{};
}

Status Symbols::declare(const VariableDeclaration& v) {
  if (v.space == "shared") return declare_shared(v);
  if (v.space == "local") return declare_local(v);
  return unsupported("." + v.space + " variable '" + v.name + "' is not implemented");
}

Status Symbols::declare_shared(const VariableDeclaration& v) {
  const auto found = shared_offsets_.find(&v);
  if (found == shared_offsets_.end()) return bad("shared variable '" + v.name + "' is too large");
  scopes_.back().names[v.name] = {Kind::shared, 64, static_cast<std::uint64_t>(found->second)};
  return Done{};
}

/// Every variable has bytes of its own, in whatever scope: no two calls are ever under way.
Status Symbols::declare_local(const VariableDeclaration& v) {
  bool is_open = false;
  const std::int64_t size = size_of(v, &is_open);
  const std::int64_t offset = align_up(program_->local_bytes, alignment_of(v));
  if (is_open) return bad("local variable '" + v.name + "' has no size");
  if (size < 0 || offset > LocalMemory::kMaxThreadBytes ||
      size > LocalMemory::kMaxThreadBytes - offset) {
    return Error{Code::limit,
                 "the local variables up to '" + v.name + "' need more than " +
                     std::to_string(LocalMemory::kMaxThreadBytes) + " bytes a thread",
                 ""};
  }
  program_->local.push_back({v.name, offset, size});
  program_->local_bytes = offset + size;
  scopes_.back().names[v.name] = {Kind::local, 64, static_cast<std::uint64_t>(offset)};
  return Done{};
}

void Symbols::declare_label(const std::string& name) {
  scopes_.back().labels[name] = label_count_++;
}

int Symbols::label(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->labels.find(name); found != scope->labels.end())
      return found->second;
  }
  return -1;
}

const Symbols::Symbol* Symbols::find(const std::string& name, Symbol* storage) const {
  std::size_t digits = name.size();
  while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
    --digits;
  std::uint64_t number = 0;
  const bool is_numbered =
      digits < name.size() &&
      std::from_chars(name.data() + digits, name.data() + name.size(), number).ec == std::errc{};
  const std::string prefix = name.substr(0, digits);
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->names.find(name); found != scope->names.end())
      return &found->second;
    if (!is_numbered) continue;
    const auto found = scope->numbered.find(prefix);
    if (found == scope->numbered.end() || number >= found->second.count) continue;
    *storage = found->second.first;
    storage->value += number * found->second.step;
    return storage;
  }
  return nullptr;
}

std::string Symbols::register_name(bool is_predicate, std::uint32_t value) const {
  const auto& ranges = is_predicate ? predicate_ranges_ : row_ranges_;
  auto range = ranges.upper_bound(value);
  if (range == ranges.begin()) return "";
  --range;
  const Range& r = range->second;
  if (r.is_formal || value >= range->first + r.count * r.step) return "";
  if (!r.is_numbered) return r.name;
  return r.name + std::to_string((value - range->first) / r.step);
}

bool Symbols::is_wide(std::uint32_t row) const {
  auto range = row_ranges_.upper_bound(row);
  return range != row_ranges_.begin() && (--range)->second.step == kWideRowBytes;
}

}  // namespace attest::ptx
