// Initial values as bytes, and as addresses that are not known yet.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/module_variables.h"

#include "harness/ptx/decode/variable_layout.h"

#include <bit>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>

namespace attest::ptx {
namespace {

constexpr std::int64_t kMaxAlignment = 256;  // what every allocation has

Error wrong(Code code, std::string message) {
  return {code, std::move(message), ""};
}

bool is_module_variable(const VariableDeclaration& v) {
  return (v.space == "global" || v.space == "const") && v.linkage != "extern";
}

/// The index of every variable that has an address, by name.
using Numbers = std::unordered_map<std::string, std::size_t>;

/// Fills one variable, element after element.
class Initialiser {
 public:
  Initialiser(const Numbers& numbers, const VariableDeclaration& from, ModuleVariable* to)
      : numbers_(numbers), from_(from), to_(to), bytes_(element_bytes(from)) {}

  Status run() {
    to_->contents.resize(from_.initialiser.size() * static_cast<std::size_t>(bytes_));
    for (const Operand& value : from_.initialiser) {
      ATTEST_TRY(const Done done, value.kind == Operand::Kind::name ? address(value) : bits(value));
      (void)done;
      at_ += bytes_;
    }
    return Done{};
  }

 private:
  Status address(const Operand& value) {
    const auto found = numbers_.find(value.name);
    if (found == numbers_.end()) {
      return wrong(Code::unsupported,
                   "the initial value of '" + from_.name + "' is the address of '" + value.name +
                       "', which is no .global or .const variable of the module");
    }
    AddressBytes a{at_, found->second, value.offset, static_cast<int>(bytes_), 0};
    if (value.mask != 0) {
      a.shift_bits = std::countr_zero(value.mask);
      if (value.mask >> a.shift_bits != 0xff || a.shift_bits % 8 != 0 || bytes_ != 1) {
        return wrong(Code::bad_input,
                     "a masked address in '" + from_.name + "' is not one byte in a byte");
      }
    } else if (bytes_ != 8) {
      return wrong(Code::bad_input,
                   "the address of '" + value.name + "' needs 64 bits, an element of '" +
                       from_.name + "' has " + std::to_string(8 * bytes_));
    }
    to_->addresses.push_back(a);
    return Done{};
  }

  Status bits(const Operand& value) {
    std::uint64_t bits = value.bits;
    const bool is_integer = value.kind == Operand::Kind::integer;
    const bool is_double = value.kind == Operand::Kind::float64;
    if (from_.type == "f32" && is_double) {
      bits = std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<double>(bits)));
    } else if (from_.type == "f64" && value.kind == Operand::Kind::float32) {
      const auto narrow = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
      bits = std::bit_cast<std::uint64_t>(static_cast<double>(narrow));
    } else if (is_integer && (from_.type == "f32" || from_.type == "f64")) {
      return wrong(Code::bad_input, "an integer is no initial value of ." + from_.type);
    } else if (!is_integer && from_.type != "f32" && from_.type != "f64") {
      return wrong(Code::bad_input,
                   "the initial value of '" + from_.name + "' is not a constant of ." + from_.type);
    }
    std::memcpy(to_->contents.data() + at_, &bits, static_cast<std::size_t>(bytes_));
    return Done{};
  }

  const Numbers& numbers_;
  const VariableDeclaration& from_;
  ModuleVariable* to_;
  std::int64_t bytes_;  // of an element
  std::int64_t at_ = 0;
};

/// Its place and size; the initial value comes when all names are known.
Result<ModuleVariable> laid_out(const VariableDeclaration& v) {
  ModuleVariable variable;
  variable.name = v.name;
  variable.is_constant = v.space == "const";
  bool is_open = false;
  variable.size_bytes = size_of(v, &is_open);
  if (is_open) {  // [] has as many elements as it is given
    variable.size_bytes = element_bytes(v) * static_cast<std::int64_t>(v.initialiser.size());
  }
  if (type_bits(v.type) > 64)
    return wrong(Code::unsupported, "variables of type ." + v.type + " are not implemented");
  if (alignment_of(v) > kMaxAlignment) {
    return wrong(Code::unsupported,
                 "the alignment of '" + v.name + "' is above " + std::to_string(kMaxAlignment));
  }
  return variable;
}

/// Adds up sizes in 64 bits: each is at most 2^40 and there are fewer than 2^23.
Status within_limits(const ModuleVariables& module) {
  std::int64_t all = 0;
  std::int64_t constants = 0;
  for (const ModuleVariable& v : module.variables) {
    all += v.size_bytes;
    if (v.is_constant) constants += v.size_bytes;
    if (v.size_bytes < 0 || all > ModuleVariables::kMaxBytes) {
      return wrong(Code::limit,
                   "the variables up to '" + v.name + "' have more than " +
                       std::to_string(ModuleVariables::kMaxBytes) + " bytes");
    }
    if (constants > ModuleVariables::kMaxConstantBytes) {
      return wrong(Code::limit,
                   "the .const variables up to '" + v.name + "' have more than " +
                       std::to_string(ModuleVariables::kMaxConstantBytes) + " bytes");
    }
  }
  return Done{};
}

}  // namespace

Result<std::shared_ptr<const ModuleVariables>> module_variables(const Module& module,
                                                                std::string_view name) {
  auto variables = std::make_shared<ModuleVariables>();
  variables->module = name;
  std::vector<const VariableDeclaration*> declarations;
  Numbers numbers;
  const auto at = [&](const VariableDeclaration& v, Error error) {
    error.where = std::string(name) + ":" + std::to_string(v.position.line);
    return error;
  };
  for (const VariableDeclaration& v : module.variables) {
    if (!is_module_variable(v)) continue;
    auto variable = laid_out(v);
    if (!variable) return at(v, variable.error());
    numbers[v.name] = declarations.size();
    declarations.push_back(&v);
    variables->variables.push_back(std::move(*variable));
    if (auto done = within_limits(*variables); !done) return at(v, done.error());
  }
  for (std::size_t n = 0; n < declarations.size(); ++n) {
    Initialiser initialiser(numbers, *declarations[n], &variables->variables[n]);
    if (auto done = initialiser.run(); !done) return at(*declarations[n], done.error());
  }
  return std::shared_ptr<const ModuleVariables>(std::move(variables));
}

}  // namespace attest::ptx
