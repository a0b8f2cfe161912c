// ModuleVariables: the .global and .const variables of one module, before they have addresses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace attest::ptx {

/// Bytes of an initial value that hold the address of a variable of the same module.
struct AddressBytes {
  std::int64_t offset = 0;   // in the variable that is initialised
  std::size_t variable = 0;  // index of the one whose address it is
  std::int64_t addend = 0;
  int size_bytes = 8;
  int shift_bits = 0;  // of the address; 0xff00(name) is its second byte
  friend bool operator==(const AddressBytes&, const AddressBytes&) = default;
};

struct ModuleVariable {
  std::string name;
  bool is_constant = false;  // .const: kernels cannot write it
  std::int64_t size_bytes = 0;
  std::vector<std::byte> contents;  // what the initialiser gives, zeros after it
  std::vector<AddressBytes> addresses;
  friend bool operator==(const ModuleVariable&, const ModuleVariable&) = default;
};

struct ModuleVariables {
  /// Bytes of all variables of a module together, at most.
  static constexpr std::int64_t kMaxBytes = std::int64_t{256} << 20;
  /// And of those in .const.  Source  CUDA C++ Programming Guide, technical specifications.
  static constexpr std::int64_t kMaxConstantBytes = std::int64_t{64} << 10;

  std::string module;  // name of the PTX text
  std::vector<ModuleVariable> variables;
  friend bool operator==(const ModuleVariables&, const ModuleVariables&) = default;
};

}  // namespace attest::ptx
