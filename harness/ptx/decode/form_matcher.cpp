// Matching of grammar lines. Grammars are our own text: a malformed one is an internal error.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/form_matcher.h"

#include "harness/base/check.h"
#include "harness/ptx/machine/mma_model.h"
#include "harness/ptx/syntax/parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace attest::ptx {
namespace {

constexpr int kEndOfGpus = 1000;  // sm numbers have three digits at most

/// A part of the mnemonic pattern: one of `words`, or nothing when optional.
struct Part {
  std::vector<std::string_view> words;
  bool is_optional = false;
  bool is_group = false;  // numbered in Match
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// "add{.rn}.(f32|f64)" without its opcode -> parts.
std::vector<Part> mnemonic_parts(std::string_view text) {
  std::vector<Part> parts;
  text.remove_prefix(std::min(text.find_first_of(".{"), text.size()));
  while (!text.empty()) {
    Part part;
    if (text.starts_with('{')) {
      const std::size_t end = text.find('}');
      ATTEST_CHECK(end != std::string_view::npos);
      for (std::string_view word : split(text.substr(1, end - 1), '|'))
        part.words.push_back(word.substr(1));
      part.is_optional = part.is_group = true;
      text.remove_prefix(end + 1);
    } else if (text.starts_with(".(")) {
      const std::size_t end = text.find(')');
      ATTEST_CHECK(end != std::string_view::npos);
      part.words = split(text.substr(2, end - 2), '|');
      part.is_group = true;
      text.remove_prefix(end + 1);
    } else {
      ATTEST_CHECK(text.starts_with('.'));
      const std::size_t end = std::min(text.find_first_of(".{", 1), text.size());
      part.words = {text.substr(1, end - 1)};
      text.remove_prefix(end);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

/// "d:32, [a], {b:32*2}" -> one pattern per operand.
std::vector<std::string_view> operand_patterns(std::string_view text) {
  std::vector<std::string_view> patterns;
  for (std::string_view p : split(text, ',')) {
    while (p.starts_with(' '))
      p.remove_prefix(1);
    patterns.push_back(p);
  }
  return patterns;
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Error wrong(std::string message) {
  return {Code::bad_input, std::move(message), ""};
}

/// "':p'": predicates named p or q are written, others by names that start with d.
bool is_written(std::string_view pattern, bool is_predicate) {
  return pattern[0] == 'd' || (is_predicate && (pattern[0] == 'p' || pattern[0] == 'q'));
}

/// Fills one Decoded from the operands of one instruction.
class OperandReader {
 public:
  OperandReader(Resolver& names, std::string_view type, Decoded* out)
      : names_(names), type_(type), out_(out) {}

  void at(std::size_t operand) { operand_ = static_cast<std::uint8_t>(operand); }

  Status read(std::string_view pattern,
              const Operand& operand,
              std::vector<std::int64_t>* integers,
              int* address_bits) {
    if (pattern == "L") {
      if (operand.kind != Operand::Kind::name)
        return wrong("expected a label, found '" + print(operand) + "'");
      out_->label = operand.name;
      return Done{};
    }
    if (pattern.starts_with('#')) {
      if (operand.kind != Operand::Kind::integer)
        return wrong("expected an integer, found '" + print(operand) + "'");
      integers->push_back(static_cast<std::int64_t>(operand.bits));
      return Done{};
    }
    if (pattern.starts_with('[')) return address(operand, address_bits);
    if (pattern.starts_with('{')) return vector(pattern, operand);
    if (pattern.ends_with(":any")) return any(pattern, operand);
    if (const std::size_t bar = pattern.find('|'); bar != std::string_view::npos) {
      const bool is_pair = operand.kind == Operand::Kind::pair;
      ATTEST_TRY(Done first,
                 scalar(pattern.substr(0, bar), is_pair ? operand.elements[0] : operand));
      (void)first;
      if (is_pair) return scalar(pattern.substr(bar + 1), operand.elements[1]);
      return put(kNoPredicate);
    }
    return scalar(pattern, operand);
  }

  Status put(std::uint32_t value) {
    ATTEST_CHECK(slot_ < out_->instr.op.size());
    out_->instr.op[slot_++] = value;
    return Done{};
  }

  [[nodiscard]] Space address_space() const { return address_space_; }
  [[nodiscard]] int register_bits() const { return register_bits_; }
  [[nodiscard]] std::size_t elements() const { return elements_; }

 private:
  Result<std::uint32_t> resolve(std::string_view pattern, const Operand& operand, bool is_more) {
    const std::size_t colon = pattern.find(':');
    ATTEST_CHECK(colon != std::string_view::npos);
    const std::string_view width = pattern.substr(colon + 1);
    const bool is_predicate = width == "p";
    const int bits = is_predicate ? 1 : width == "any" ? register_bits_ : number(width);
    std::uint32_t value = 0;
    const bool is_destination = is_written(pattern, is_predicate);
    if (is_predicate) {
      ATTEST_TRY(value, names_.predicate(operand));
    } else if (is_destination) {
      ATTEST_TRY(value, names_.destination(operand, bits));
    } else {
      ATTEST_TRY(value, names_.source(operand, bits));
    }
    note(is_destination ? OperandUse::Role::written : OperandUse::Role::read, is_more, bits, value);
    return value;
  }

  void note(OperandUse::Role role, bool is_more, int bits, std::uint32_t value) {
    out_->uses.push_back({.role = role,
                          .is_more = is_more,
                          .slot = static_cast<std::uint8_t>(is_more ? out_->more.size() : slot_),
                          .bits = static_cast<std::uint8_t>(bits),
                          .operand = operand_,
                          .value = value});
  }

  Status scalar(std::string_view pattern, const Operand& operand) {
    if (pattern.ends_with(":!p")) return read_predicate(operand);
    ATTEST_TRY(const std::uint32_t row, resolve(pattern, operand, false));
    return put(row);
  }

  /// Predicate 0 is always true, so a constant is that, flipped or not.
  Status read_predicate(const Operand& operand) {
    std::uint32_t index = 0;
    bool is_flipped = operand.is_negated;
    if (operand.kind == Operand::Kind::integer) {
      is_flipped = operand.bits == 0;
    } else {
      Operand plain = operand;
      plain.is_negated = false;
      ATTEST_TRY(index, names_.predicate(plain));
      note(OperandUse::Role::read, false, 1, index);
    }
    ATTEST_TRY(const Done done, put(index));
    (void)done;
    return put(is_flipped ? ~0u : 0u);
  }

  Status vector(std::string_view pattern, const Operand& operand) {
    const std::size_t star = pattern.find('*');
    ATTEST_CHECK(star != std::string_view::npos);
    const auto count = static_cast<std::size_t>(number(pattern.substr(star + 1)));
    if (operand.kind != Operand::Kind::vector || operand.elements.size() != count) {
      return wrong("expected a vector of " + std::to_string(count) + ", found '" + print(operand) +
                   "'");
    }
    for (const Operand& element : operand.elements) {
      ATTEST_TRY(const std::uint32_t row, resolve(pattern.substr(1, star - 1), element, true));
      out_->more.push_back(row);
    }
    return Done{};
  }

  /// A register or a vector of registers: rows of one width, in all `any` operands. A constant or
  /// `_` takes any.
  Status any(std::string_view pattern, const Operand& operand) {
    const bool is_vector = operand.kind == Operand::Kind::vector;
    const Operand* elements = is_vector ? operand.elements.data() : &operand;
    elements_ = is_vector ? operand.elements.size() : 1;
    if (is_vector && elements_ < 2) return wrong("expected a register, or a vector of 2 or more");
    Operand constant;
    constant.kind = Operand::Kind::integer;
    const int needed = names_.width(constant, type_);
    for (std::size_t n = 0; n < elements_; ++n) {
      if (elements[n].kind != Operand::Kind::name) continue;
      const int bits = names_.width(elements[n], type_);
      if (bits < needed) {
        return wrong("'" + elements[n].name + "' has " + std::to_string(bits) + " bits, ." +
                     std::string(type_) + " needs " + std::to_string(needed));
      }
      if (register_bits_ != 0 && (bits == 64) != (register_bits_ == 64))
        return wrong("the registers are all 64 bits wide or none is");
      register_bits_ = bits;
    }
    if (register_bits_ == 0) register_bits_ = needed;
    if (!is_vector) return scalar(pattern, operand);
    for (std::size_t n = 0; n < elements_; ++n) {
      ATTEST_TRY(const std::uint32_t row, resolve(pattern, elements[n], true));
      out_->more.push_back(row);
    }
    return Done{};
  }

  Status address(const Operand& operand, int* bits) {
    if (operand.kind != Operand::Kind::address)
      return wrong("expected an address in brackets, found '" + print(operand) + "'");
    ATTEST_TRY(const Resolver::Base base, names_.address(operand));
    if (!has_address_) {
      *bits = base.bits;
      out_->instr.imm = base.offset;
      address_space_ = base.space;
      has_address_ = true;
    } else {
      out_->instr.imm2 = base.offset;
    }
    note(OperandUse::Role::address, false, base.bits, base.row);
    return put(base.row);
  }

  Resolver& names_;
  std::string_view type_;  // of the instruction
  Decoded* out_;
  Space address_space_ = Space::none;
  int register_bits_ = 0;
  std::size_t elements_ = 1;
  std::size_t slot_ = 0;
  std::uint8_t operand_ = 0;
  bool has_address_ = false;
};

Propagation propagation_of(const Form& form, std::string_view type, bool saturates) {
  if (form.propagation == Propagation::copies && saturates) return Propagation::spreads;
  const bool is_packed = type.ends_with("16x2");
  if (form.propagation == Propagation::spreads && is_packed) return Propagation::halves;
  return form.propagation;
}

/// A vector where one is wanted, an address where one is wanted, and so on.
bool has_shape(std::string_view pattern, const Operand& operand) {
  return pattern.starts_with('{') == (operand.kind == Operand::Kind::vector) &&
         pattern.starts_with('[') == (operand.kind == Operand::Kind::address);
}

std::string_view mnemonic(std::string_view grammar) {
  return grammar.substr(0, grammar.find(' '));
}

std::string_view operands(std::string_view grammar) {
  const std::size_t space = grammar.find(' ');
  return space == std::string_view::npos ? std::string_view{} : grammar.substr(space + 1);
}

}  // namespace

bool Match::has(std::string_view word) const {
  return std::find(words_.begin(), words_.end(), word) != words_.end();
}

bool FormMatcher::fits(const Form& form, const Instruction& instruction, Match* match) {
  *match = Match{};
  std::size_t at = 0;
  const auto& modifiers = instruction.modifiers;
  for (const Part& part : mnemonic_parts(mnemonic(form.grammar))) {
    int index = -1;
    if (at < modifiers.size()) {
      const auto found = std::find(part.words.begin(), part.words.end(), modifiers[at]);
      if (found != part.words.end()) index = static_cast<int>(found - part.words.begin());
    }
    if (index < 0 && !part.is_optional) return false;
    if (index >= 0) ++at;
    if (part.is_group) {
      match->indices_.push_back(index);
      match->words_.push_back(index < 0 ? std::string_view{}
                                        : part.words[static_cast<std::size_t>(index)]);
    }
  }
  return at == modifiers.size();
}

bool FormMatcher::build(const Form& form,
                        const Instruction& instruction,
                        Match* match,
                        Decoded* out,
                        Mismatch* mismatch) const {
  const std::vector<std::string_view> patterns = operand_patterns(operands(form.grammar));
  const std::string_view type =
      instruction.modifiers.empty() ? std::string_view{} : instruction.modifiers.back();
  *out = {};
  OperandReader reader(names_, type, out);
  const std::vector<Operand>& written = instruction.operands;
  std::size_t n = 0;
  const auto refuse = [&](Error error) {
    const bool is_operand = n < written.size();
    const bool fits = is_operand && n < patterns.size() && has_shape(patterns[n], written[n]);
    *mismatch = {
        std::move(error), is_operand ? written[n].position : Position{}, 2 * n + (fits ? 1 : 0)};
    return false;
  };
  for (std::string_view pattern : patterns) {
    const bool is_optional = pattern.ends_with('?');
    if (is_optional) pattern.remove_suffix(1);
    if (n == written.size()) {
      if (is_optional) break;
      return refuse(wrong("expected " + std::to_string(patterns.size()) + " operands, found " +
                          std::to_string(n)));
    }
    reader.at(n);
    auto done = reader.read(pattern, written[n], &match->integers_, &match->address_bits_);
    if (!done) return refuse(done.error());
    ++n;
  }
  if (n != written.size()) {
    return refuse(wrong("expected " + std::to_string(n) + " operands, found " +
                        std::to_string(written.size())));
  }
  match->operands_ = n;
  out->propagation = propagation_of(form, type, match->has("sat"));
  out->controls = form.controls;
  match->address_space_ = reader.address_space();
  match->register_bits_ = reader.register_bits();
  match->elements_ = reader.elements();
  match->sm_ = sm_;
  match->options_ = &options_;
  out->instr.run = form.build(*match, &out->instr);
  if (out->instr.run == nullptr) return refuse({Code::unsupported, refusal(form, *match), ""});
  return true;
}

std::string FormMatcher::refusal(const Form& form, Match match) const {
  const auto has = [&](int sm) {
    Instr unused;
    match.sm_ = sm;
    return mma_model(sm) != nullptr && form.build(match, &unused) != nullptr;
  };
  int other = 0;  // the first after sm_, else the last before it
  for (int sm = 1; sm < kEndOfGpus && other <= sm_; ++sm) {
    if (has(sm)) other = sm;
  }
  if (other == 0) return "this combination is not implemented";
  const std::string mine = "sm_" + std::to_string(sm_);
  const std::string theirs = "sm_" + std::to_string(other);
  return mma_model(sm_) != nullptr ? mine + " has no such instruction; " + theirs + " has"
                                   : "not implemented for " + mine + "; for " + theirs + " it is";
}

}  // namespace attest::ptx
