// Reads in pieces, so that a device without an end stops at the limit.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace attest {
namespace {

constexpr std::int64_t kPieceBytes = std::int64_t{1} << 20;

Error too_long(const std::string& path, std::int64_t max_bytes) {
  return {Code::limit, "is longer than " + std::to_string(max_bytes) + " bytes", path};
}

}  // namespace

Result<std::string> read_input(const std::string& path,
                               const std::string& what,
                               std::int64_t max_bytes) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error{Code::io, "is a folder, not " + what, path};
  }
  std::string bytes;
  if (std::filesystem::is_regular_file(path, ignored)) {
    const std::uintmax_t size = std::filesystem::file_size(path, ignored);
    if (!ignored && size > static_cast<std::uintmax_t>(max_bytes)) return too_long(path, max_bytes);
    if (!ignored) bytes.reserve(static_cast<std::size_t>(size));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  while (file) {
    const auto have = static_cast<std::int64_t>(bytes.size());
    const std::int64_t wanted = std::min(kPieceBytes, max_bytes + 1 - have);
    bytes.resize(static_cast<std::size_t>(have + wanted));
    file.read(bytes.data() + have, static_cast<std::streamsize>(wanted));
    bytes.resize(static_cast<std::size_t>(have + file.gcount()));
    if (static_cast<std::int64_t>(bytes.size()) > max_bytes) return too_long(path, max_bytes);
  }
  if (!file.eof()) {
    return Error{Code::io, std::string("cannot be read: ") + std::strerror(errno), path};
  }
  return bytes;
}

}  // namespace attest
