// Reads and writes .npy files. Source: numpy.lib.format, "Format Version 1.0" and "2.0".
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/npy.h"

#include "harness/cli/input_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace attest {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeaderBytes = 65536;
constexpr std::size_t kMaxDimensions = 32;
constexpr std::size_t kAlignment = 64;  // of the first element in the file

/// What the dictionary of the header says.
struct Header {
  std::optional<std::string> type;  // "<f4"
  std::optional<bool> is_fortran;
  std::optional<std::vector<std::int64_t>> shape;
};

/// Reads the dictionary: a literal of Python with these three keys, in any order.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  Result<Header> parse() {
    Header header;
    if (!accept('{')) return wrong("'{'");
    while (!accept('}')) {
      std::string_view key;
      if (!quoted(&key)) return wrong("a key in quotes or '}'");
      if (!accept(':')) return wrong("':'");
      if (key == "descr" && !header.type) {
        std::string_view type;
        // A list here is a structured type.
        if (!quoted(&type)) return wrong("a plain type such as '<f4'");
        header.type = type;
      } else if (key == "fortran_order" && !header.is_fortran) {
        header.is_fortran = accept_word("True");
        if (!*header.is_fortran && !accept_word("False")) return wrong("True or False");
      } else if (key == "shape" && !header.shape) {
        if (!tuple(&header.shape.emplace())) return wrong("a shape such as (3, 4)");
      } else {
        return wrong("each of descr, fortran_order and shape once");
      }
      if (!accept(',') && !is('}')) return wrong("',' or '}'");
    }
    skip_blanks();
    if (at_ != text_.size()) return wrong("the end of the header");
    if (!header.type || !header.is_fortran || !header.shape)
      return wrong("descr, fortran_order and shape");
    return header;
  }

 private:
  [[nodiscard]] Error wrong(std::string_view expected) const {
    return {Code::bad_input,
            fmt::format("header at byte {}: expected {}", at_ + kMagic.size() + 4, expected),
            ""};
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n'))
      ++at_;
  }
  bool is(char c) {
    skip_blanks();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool accept(char c) {
    const bool found = is(c);
    at_ += found ? 1 : 0;
    return found;
  }
  bool accept_word(std::string_view word) {
    skip_blanks();
    const bool found = text_.substr(at_, word.size()) == word;
    at_ += found ? word.size() : 0;
    return found;
  }
  bool quoted(std::string_view* value) {
    const char quote = is('"') ? '"' : '\'';
    if (!accept(quote)) return false;
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) return false;
    *value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }
  /// (), (3,), (3, 4)
  bool tuple(std::vector<std::int64_t>* values) {
    if (!accept('(')) return false;
    while (!accept(')')) {
      skip_blanks();
      std::int64_t value = 0;
      const char* begin = text_.data() + at_;
      const auto end = std::from_chars(begin, text_.data() + text_.size(), value);
      if (end.ec != std::errc() || value < 0 || values->size() == kMaxDimensions) return false;
      at_ += static_cast<std::size_t>(end.ptr - begin);
      values->push_back(value);
      if (!accept(',') && (!is(')') || values->size() == 1)) return false;  // (3) is no tuple
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// "<f4" as "f4", when it is a plain number in little endian.
Result<std::string> plain_type(const std::string& type) {
  const auto refuse = [&type](std::string_view why) {
    return Error{Code::unsupported, fmt::format("type '{}' {}", type.substr(0, 40), why), ""};
  };
  if (type.size() < 2) return refuse("is not one of numpy's");
  if (type == "|b1") return std::string("u1");
  const char order = type[0];
  const char kind = type[1];
  const std::string_view size = std::string_view(type).substr(2);
  if (kind == 'O') return refuse("holds Python objects; only numbers are read");
  if (order == '>' && size != "1") return refuse("is big endian; save it as little endian");
  const bool is_known = order == '<' || order == '|' || order == '>';
  const bool is_float = kind == 'f' && (size == "2" || size == "4" || size == "8");
  const bool is_integer =
      (kind == 'i' || kind == 'u') && (size == "1" || size == "2" || size == "4" || size == "8");
  if (!is_known || !(is_float || is_integer))
    return refuse("is not f2, f4, f8, i1 to i8 or u1 to u8");
  return type.substr(1);
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t n = bytes.size(); n > 0; --n)
    value = value << 8 | static_cast<unsigned char>(bytes[n - 1]);
  return value;
}

/// Bytes of an array; nullopt when 64 bits do not hold them.
std::optional<std::int64_t> size_bytes(const std::vector<std::int64_t>& shape, std::int64_t each) {
  std::int64_t size = each;
  for (const std::int64_t dimension : shape) {
    if (dimension == 0) return 0;
    if (__builtin_mul_overflow(size, dimension, &size)) return std::nullopt;
  }
  return size;
}

Result<NpyArray> parse(std::string file, std::int64_t max_bytes) {
  const auto bad = [](std::string message) {
    return Error{Code::bad_input, std::move(message), ""};
  };
  const std::string_view text(file);
  if (text.size() < kMagic.size() + 2 || !text.starts_with(kMagic))
    return bad("is not a .npy file: it does not begin with \\x93NUMPY");
  const int major = static_cast<unsigned char>(text[6]);
  const int minor = static_cast<unsigned char>(text[7]);
  if ((major != 1 && major != 2) || minor != 0) {
    return Error{Code::unsupported,
                 fmt::format("is .npy version {}.{}; versions 1.0 and 2.0 are read", major, minor),
                 ""};
  }
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::size_t begin = kMagic.size() + 2 + length_bytes;
  if (text.size() < begin) return bad("ends within its header");
  const std::uint64_t header_bytes = little_endian(text.substr(kMagic.size() + 2, length_bytes));
  if (header_bytes > kMaxHeaderBytes) {
    return Error{Code::limit,
                 fmt::format("header of {} bytes, limit {}", header_bytes, kMaxHeaderBytes),
                 ""};
  }
  if (text.size() - begin < header_bytes) return bad("ends within its header");
  ATTEST_TRY(Header header,
             HeaderParser(text.substr(begin, static_cast<std::size_t>(header_bytes))).parse());
  NpyArray array;
  ATTEST_TRY(array.type, plain_type(*header.type));
  if (*header.is_fortran) {
    return Error{Code::unsupported, "is in Fortran order; save numpy.ascontiguousarray of it", ""};
  }
  array.shape = std::move(*header.shape);
  array.data_offset = begin + static_cast<std::size_t>(header_bytes);
  const auto wanted = size_bytes(array.shape, array.type[1] - '0');
  if (!wanted || *wanted > max_bytes) {
    return Error{Code::limit,
                 fmt::format("shape ({}) of {} is more than the limit of {} bytes",
                             fmt::join(array.shape, ","),
                             array.type,
                             max_bytes),
                 ""};
  }
  const std::size_t have = file.size() - array.data_offset;
  if (have != static_cast<std::size_t>(*wanted)) {
    return bad(fmt::format("has {} bytes of elements, its shape ({}) of {} needs {}",
                           have,
                           fmt::join(array.shape, ","),
                           array.type,
                           *wanted));
  }
  array.file = std::move(file);
  return array;
}

}  // namespace

Result<NpyArray> parse_npy(std::string file, const std::string& name, std::int64_t max_bytes) {
  auto array = parse(std::move(file), max_bytes);
  if (array) return array;
  Error error = array.error();
  error.where = name;
  return error;
}

Result<NpyArray> read_npy(const std::string& path, std::int64_t max_bytes) {
  constexpr std::int64_t kAround = kMaxHeaderBytes + 12;
  ATTEST_TRY(std::string file, read_input(path, "a .npy file", max_bytes + kAround));
  return parse_npy(std::move(file), path, max_bytes);
}

std::string npy_file(std::string_view type,
                     const std::vector<std::int64_t>& shape,
                     std::span<const std::byte> data) {
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   type.ends_with('1') ? '|' : '<',
                                   type,
                                   fmt::join(shape, ", "),
                                   shape.size() == 1 ? "," : "");
  const std::size_t before = kMagic.size() + 4;
  const std::size_t used = before + header.size() + 1;
  header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string file(kMagic);
  file += '\1';
  file += '\0';
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  const std::size_t offset = file.size();
  file.resize(offset + data.size());
  if (!data.empty()) std::memcpy(file.data() + offset, data.data(), data.size());
  return file;
}

}  // namespace attest
