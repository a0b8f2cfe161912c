// Lays out the parameter block and makes the buffers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/parameter_block.h"

#include "harness/cli/buffer_fill.h"
#include "harness/cli/input_file.h"
#include "harness/cli/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace attest {
namespace {

using Kind = ParameterSpec::Kind;
constexpr std::int64_t kAddressBytes = 8;

Error error_at(const ParameterSpec& spec, Code code, std::string message) {
  return {code, std::move(message), spec.where()};
}
Error bad(const ParameterSpec& spec, std::string message) {
  return error_at(spec, Code::bad_input, std::move(message));
}

/// Bytes of a buffer; nullopt when 64 bits do not hold them.
std::optional<std::int64_t> size_bytes(const Element& element,
                                       const std::vector<std::int64_t>& shape) {
  std::int64_t size = element.size_bytes;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  for (const std::int64_t dimension : shape) {
    if (__builtin_mul_overflow(size, dimension, &size)) return std::nullopt;
  }
  return size;
}

std::string declared_text(const ptx::Parameter& parameter) {
  return fmt::format("'{}' {}", parameter.name.substr(0, 80), parameter.type);
}

/// "'x' .u64, 'n' .u32"; the first few of a long list.
std::string declared_text(std::span<const ptx::Parameter> parameters) {
  constexpr std::size_t kShown = 12;
  std::string text;
  for (std::size_t n = 0; n < std::min(kShown, parameters.size()); ++n)
    text += (n > 0 ? ", " : "") + declared_text(parameters[n]);
  return parameters.size() > kShown ? text + ", .." : text;
}

class Builder {
 public:
  explicit Builder(const BlockRequest& request) : request_(request) {}

  Result<ParameterBlock> build() {
    block_.bytes.resize(static_cast<std::size_t>(request_.parameter_bytes));
    for (const auto specs : {request_.parameters, request_.buffers}) {
      for (const ParameterSpec& spec : specs) {
        if (!spec.is_buffer()) continue;
        ATTEST_TRY([[maybe_unused]] const Done is_made, make_buffer(spec));
      }
    }
    std::size_t given = 0;
    for (const ParameterSpec& spec : request_.parameters)
      given += spec.offset ? 0 : 1;
    if (given != request_.declared.size()) {
      return Error{Code::bad_input,
                   fmt::format("the entry has {} parameters ({}), {} are given",
                               request_.declared.size(),
                               declared_text(request_.declared),
                               given),
                   "--param"};
    }
    std::size_t next = 0;
    for (const ParameterSpec& spec : request_.parameters) {
      if (!spec.offset) {
        names_.push_back(spec.name);
        ATTEST_TRY([[maybe_unused]] const Done is_set,
                   set(spec, request_.declared[next++], std::nullopt));
        continue;
      }
      const auto named = std::find(names_.begin(), names_.end(), spec.name);
      if (named == names_.end()) return bad(spec, "no parameter of that name was given before it");
      ATTEST_TRY([[maybe_unused]] const Done is_set,
                 set(spec,
                     request_.declared[static_cast<std::size_t>(named - names_.begin())],
                     spec.offset));
    }
    return std::move(block_);
  }

 private:
  Status make_buffer(const ParameterSpec& spec) {
    if (find_buffer(spec.name) >= 0) return bad(spec, "two buffers have this name");
    RunBuffer buffer;
    buffer.name = spec.name;
    buffer.element = spec.element;
    buffer.shape = spec.shape;
    buffer.is_writable = spec.is_writable;
    buffer.has_contents = spec.kind == Kind::npy || spec.fill.kind != Fill::Kind::none;
    if (spec.kind == Kind::npy) {
      ATTEST_TRY([[maybe_unused]] const Done is_read, read(spec, &buffer));
    } else {
      const auto size = size_bytes(*spec.element, spec.shape);
      if (!size || *size > left()) {
        return error_at(spec,
                        Code::limit,
                        fmt::format("{}[{}] does not fit: all buffers together have at most {} "
                                    "bytes (--max-memory)",
                                    spec.element->name,
                                    fmt::join(spec.shape, ","),
                                    request_.max_bytes));
      }
      buffer.size_bytes = *size;
    }
    used_ += buffer.size_bytes;
    if (spec.kind == Kind::buffer && buffer.has_contents) {
      buffer.filled.resize(static_cast<std::size_t>(buffer.size_bytes));
      fill_buffer(
          *buffer.element, spec.fill, request_.seed, block_.buffers.size() + 1, buffer.filled);
    }
    block_.buffers.push_back(std::move(buffer));
    return Done{};
  }

  Status read(const ParameterSpec& spec, RunBuffer* buffer) {
    auto npy = read_npy(spec.file, left());
    if (!npy) return error_at(spec, npy.error().code, npy.error().to_string());
    buffer->npy = std::move(*npy);
    buffer->shape = buffer->npy.shape;
    buffer->size_bytes = static_cast<std::int64_t>(buffer->npy.data().size());
    const Element* own = element_of_npy(buffer->npy.type);
    if (buffer->element == nullptr) buffer->element = own;
    const Element& element = *buffer->element;
    const bool is_pattern =
        own->coding == Coding::unsigned_integer && own->size_bytes == element.size_bytes;
    if (&element != own && element.npy != own->npy && !is_pattern) {
      return bad(spec,
                 fmt::format("'{}' holds {}; {} is kept as {}",
                             spec.file,
                             buffer->npy.type,
                             element.name,
                             element.npy));
    }
    return Done{};
  }

  [[nodiscard]] std::int64_t left() const { return request_.max_bytes - used_; }

  [[nodiscard]] int find_buffer(const std::string& name) const {
    const auto found = std::find_if(block_.buffers.begin(),
                                    block_.buffers.end(),
                                    [&name](const RunBuffer& b) { return b.name == name; });
    return found == block_.buffers.end() ? -1 : static_cast<int>(found - block_.buffers.begin());
  }

  [[nodiscard]] std::vector<std::string> buffer_names() const {
    std::vector<std::string> names;
    for (const RunBuffer& buffer : block_.buffers)
      names.push_back(buffer.name);
    return names;
  }

  /// One parameter, or with `offset` a part of it.
  Status set(const ParameterSpec& spec,
             const ptx::Parameter& declared,
             std::optional<std::int64_t> offset) {
    switch (spec.kind) {
      case Kind::buffer:
      case Kind::npy:
        return set_address(spec, declared, offset, spec.name, 0);
      case Kind::address:
        return set_address(spec, declared, offset, spec.target, spec.target_offset);
      case Kind::null:
        return put(spec, declared, offset, std::vector<std::byte>(kAddressBytes));
      case Kind::zero:
        return put(spec,
                   declared,
                   offset,
                   std::vector<std::byte>(
                       static_cast<std::size_t>(declared.size_bytes - offset.value_or(0))));
      case Kind::scalar:
        return set_scalar(spec, declared, offset);
      case Kind::bytes:
        return put(spec, declared, offset, spec.bytes);
      case Kind::raw_file: {
        auto text = read_input(spec.file, "a file of bytes", declared.size_bytes);
        if (!text) return error_at(spec, text.error().code, text.error().to_string());
        const auto bytes = std::as_bytes(std::span(*text));
        return put(spec, declared, offset, {bytes.begin(), bytes.end()});
      }
    }
    fail_check("every kind of parameter is set", __FILE__, __LINE__);
  }

  Status set_scalar(const ParameterSpec& spec,
                    const ptx::Parameter& declared,
                    std::optional<std::int64_t> offset) {
    if (!offset && !fits(*spec.element, declared)) {
      std::vector<std::string_view> allowed;
      for (const Element& element : all_elements()) {
        if (fits(element, declared)) allowed.push_back(element.name);
      }
      return bad(spec,
                 fmt::format("{} is no type of the parameter {}; allowed: {}",
                             spec.element->name,
                             declared_text(declared),
                             allowed.empty() ? "zero, bytes:0x.. or @FILE"
                                             : fmt::format("{}", fmt::join(allowed, ", "))));
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(spec.element->size_bytes));
    store_bits(*spec.element, bytes.data(), 0, spec.bits);
    return put(spec, declared, offset, bytes);
  }

  /// The same size, and no float for what is declared an integer or the other way round.
  static bool fits(const Element& element, const ptx::Parameter& declared) {
    if (element.size_bytes != declared.size_bytes) return false;
    const char kind = declared.type.size() > 1 ? declared.type[1] : 'b';
    if (kind == 'f') return element.is_float();
    return (kind != 'u' && kind != 's') || !element.is_float();
  }

  Status set_address(const ParameterSpec& spec,
                     const ptx::Parameter& declared,
                     std::optional<std::int64_t> offset,
                     const std::string& target,
                     std::int64_t target_offset) {
    const int buffer = find_buffer(target);
    if (buffer < 0) return bad(spec, no_such("buffer", target, buffer_names()));
    ATTEST_TRY([[maybe_unused]] const Done is_put,
               put(spec, declared, offset, std::vector<std::byte>(kAddressBytes)));
    block_.relocations.push_back({declared.offset + offset.value_or(0), buffer, target_offset});
    return Done{};
  }

  Status put(const ParameterSpec& spec,
             const ptx::Parameter& declared,
             std::optional<std::int64_t> offset,
             const std::vector<std::byte>& bytes) {
    const auto size = static_cast<std::int64_t>(bytes.size());
    const std::int64_t room = declared.size_bytes - offset.value_or(0);
    if (offset ? size > room : size != room) {
      const std::string_view what =
          spec.is_buffer() || spec.kind == Kind::address || spec.kind == Kind::null
              ? "an address is"
              : "the value is";
      return bad(spec,
                 fmt::format("{} {} bytes, the parameter {} has {}{}",
                             what,
                             size,
                             declared_text(declared),
                             std::max<std::int64_t>(0, room),
                             offset ? fmt::format(" from byte {}", *offset) : ""));
    }
    if (!bytes.empty()) {
      std::memcpy(
          block_.bytes.data() + declared.offset + offset.value_or(0), bytes.data(), bytes.size());
    }
    return Done{};
  }

  const BlockRequest& request_;
  ParameterBlock block_;
  std::int64_t used_ = 0;
  std::vector<std::string> names_;
};

}  // namespace

Result<ParameterBlock> make_parameter_block(const BlockRequest& request) {
  return Builder(request).build();
}

}  // namespace attest
