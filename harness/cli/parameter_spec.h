// The little language of --param and --buffer: what one of them says, before it meets a kernel.
// SPDX-License-Identifier: Apache-2.0
//
//   NAME=VALUE           the next parameter of the kernel, in order; NAME is for reports and --save
//   NAME+BYTES=VALUE     bytes of a parameter that was given before (not of --buffer)
// VALUE is
//   TYPE[N,..]           a buffer without initial values: an output
//   TYPE[N,..]:FILL      a buffer that the kernel reads; FILL is a value, iota (0, 1, 2, ..), ramp
//                        (n / count), random (integers: any bits; floats: from -1 up to 1),
//                        uniform(A,B), normal or normal(SIGMA)
//   @FILE.npy            a buffer of the file's type; TYPE@FILE.npy says or changes what its bits are
//   TYPE:VALUE           a number by value
//   &NAME, &NAME+BYTES   the address of another buffer
//   null, zero           an address of 0; every byte of the parameter 0
//   bytes:0x01ab..       bytes by value, in the order of memory; @FILE (any other name): of a file
// A buffer with :rw behind it may be written too.
#pragma once

#include "harness/base/result.h"
#include "harness/cli/element.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// How the elements of a buffer begin.
struct Fill {
  enum class Kind : std::uint8_t { none, constant, iota, ramp, uniform, normal, any_bits };
  Kind kind = Kind::none;
  std::uint64_t bits = 0;   // constant
  double low = 0;           // uniform, of floats
  double high = 0;          // exclusive
  std::uint64_t first = 0;  // uniform, of integers: the least, as bits
  std::uint64_t count = 0;  // and how many values from there; 0: 2^64
  double sigma = 1;         // normal
};

struct ParameterSpec {
  enum class Kind : std::uint8_t {
    buffer,    // element, shape, fill
    npy,       // file; element null: the file's own type
    scalar,    // element, bits
    address,   // target, target_offset
    null,      // 8 bytes of 0
    zero,      // all bytes 0
    bytes,     // bytes
    raw_file,  // file
  };
  std::string option;  // "--param" or "--buffer"
  std::string text;    // as typed
  std::string name;
  std::optional<std::int64_t> offset;  // bytes into an earlier parameter of that name
  Kind kind = Kind::null;
  const Element* element = nullptr;
  std::vector<std::int64_t> shape;
  Fill fill;
  bool is_writable = false;  // :rw, or without initial values
  std::string file;
  std::uint64_t bits = 0;
  std::string target;
  std::int64_t target_offset = 0;
  std::vector<std::byte> bytes;

  [[nodiscard]] bool is_buffer() const { return kind == Kind::buffer || kind == Kind::npy; }
  /// "--param q": where an error of it is.
  [[nodiscard]] std::string where() const { return option + " " + name; }
};

/// Errors  Code::bad_input; where is the option and the text.
Result<ParameterSpec> parse_parameter(const std::string& option, const std::string& text);

}  // namespace attest
