// Frames: built, sent, and read in steps that a false claim cannot make large.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace attest {
namespace {

constexpr std::array<std::byte, 4> kMagic = {
    std::byte{'A'}, std::byte{'T'}, std::byte{'M'}, std::byte{'1'}};
constexpr std::size_t kStartBytes = 8;                      // magic and number of blobs
constexpr std::size_t kStepBytes = std::size_t{16} << 20U;  // allocated ahead of what has arrived

template <class Word>
void put(std::vector<std::byte>& out, Word word) {
  for (std::size_t n = 0; n < sizeof word; ++n) {
    out.push_back(static_cast<std::byte>((word >> (8 * n)) & 0xffU));
  }
}

template <class Word>
Word get(std::span<const std::byte> bytes) {
  Word word = 0;
  for (std::size_t n = 0; n < sizeof word; ++n) {
    word |= static_cast<Word>(std::to_integer<Word>(bytes[n]) << (8 * n));
  }
  return word;
}

Error system_error(const char* call) {
  return {Code::io, fmt::format("{}: {}", call, std::strerror(errno)), "message"};
}

Status send_all(int socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return system_error("send");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return Done{};
}

}  // namespace

std::vector<std::byte> frame_header(const Message& message) {
  std::vector<std::byte> header(kMagic.begin(), kMagic.end());
  put(header, static_cast<std::uint32_t>(message.blobs.size()));
  put(header, static_cast<std::uint64_t>(message.text.size()));
  for (const auto& blob : message.blobs)
    put(header, static_cast<std::uint64_t>(blob.size()));
  return header;
}

Status MessageReader::begin_sizes() {
  if (!std::equal(kMagic.begin(), kMagic.end(), head_.begin())) {
    return Error{Code::bad_input, "the stream holds no message: it does not begin with ATM1", ""};
  }
  const auto blobs = get<std::uint32_t>(std::span(head_).subspan(kMagic.size()));
  if (blobs > kMaxBlobs) {
    return Error{
        Code::limit, fmt::format("a message of {} blobs; {} are allowed", blobs, kMaxBlobs), ""};
  }
  stage_ = Stage::sizes;
  head_.assign((std::size_t{blobs} + 1) * sizeof(std::uint64_t), std::byte{0});
  head_filled_ = 0;
  return Done{};
}

Status MessageReader::begin_payload() {
  auto left = static_cast<std::uint64_t>(max_bytes_);
  sizes_.clear();
  for (std::size_t at = 0; at < head_.size(); at += sizeof(std::uint64_t)) {
    const auto size = get<std::uint64_t>(std::span(head_).subspan(at));
    if (size > left) {
      return Error{
          Code::limit,
          fmt::format("a message with a part of {} bytes; all of it may have {}", size, max_bytes_),
          ""};
    }
    left -= size;
    sizes_.push_back(size);
  }
  message_.blobs.resize(sizes_.size() - 1);
  stage_ = Stage::payload;
  part_ = 0;
  part_filled_ = 0;
  return Done{};
}

std::pair<std::byte*, std::size_t> MessageReader::room() {
  if (stage_ != Stage::payload) return {head_.data() + head_filled_, head_.size() - head_filled_};
  const std::size_t size = sizes_[part_];
  const std::size_t wanted = std::min(size, part_filled_ + std::max(kStepBytes, part_filled_));
  if (part_ == 0) {
    if (message_.text.size() < wanted) message_.text.resize(wanted);
    return {reinterpret_cast<std::byte*>(message_.text.data()) + part_filled_,
            message_.text.size() - part_filled_};
  }
  std::vector<std::byte>& blob = message_.blobs[part_ - 1];
  if (blob.size() == part_filled_) blob.resize(wanted);
  return {blob.data() + part_filled_, blob.size() - part_filled_};
}

/// True when the frame is whole.
Result<bool> MessageReader::advance() {
  if (stage_ == Stage::start && head_filled_ == head_.size()) {
    ATTEST_TRY([[maybe_unused]] const Done begun, begin_sizes());
  }
  if (stage_ == Stage::sizes && head_filled_ == head_.size()) {
    ATTEST_TRY([[maybe_unused]] const Done begun, begin_payload());
  }
  if (stage_ != Stage::payload) return false;
  while (part_ < sizes_.size() && part_filled_ == sizes_[part_]) {
    ++part_;
    part_filled_ = 0;
  }
  return part_ == sizes_.size();
}

Result<MessageReader::Progress> MessageReader::read_some(int descriptor) {
  const auto [to, size] = room();
  const ssize_t got = read(descriptor, to, size);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Progress::waits;
  if (got < 0 && errno == EINTR) return Progress::more;
  if (got < 0 && errno == ECONNRESET) return Progress::closed;
  if (got < 0) return system_error("read");
  if (got == 0) return Progress::closed;
  received_ += got;
  (stage_ == Stage::payload ? part_filled_ : head_filled_) += static_cast<std::size_t>(got);
  ATTEST_TRY(const bool is_whole, advance());
  return is_whole ? Progress::done : Progress::more;
}

Message MessageReader::take() {
  Message message = std::move(message_);
  *this = MessageReader(max_bytes_);
  return message;
}

Status send_message(int socket, const Message& message) {
  ATTEST_TRY([[maybe_unused]] const Done head, send_all(socket, frame_header(message)));
  ATTEST_TRY([[maybe_unused]] const Done text,
             send_all(socket, std::as_bytes(std::span(message.text))));
  for (const auto& blob : message.blobs) {
    ATTEST_TRY([[maybe_unused]] const Done sent, send_all(socket, blob));
  }
  return Done{};
}

Result<std::optional<Message>> receive_message(int descriptor, std::int64_t max_bytes) {
  MessageReader reader(max_bytes);
  for (;;) {
    ATTEST_TRY(const MessageReader::Progress progress, reader.read_some(descriptor));
    if (progress == MessageReader::Progress::done) return std::optional(reader.take());
    if (progress == MessageReader::Progress::waits) {
      return Error{Code::io, "the descriptor does not block", "message"};
    }
    if (progress != MessageReader::Progress::closed) continue;
    if (reader.at_boundary()) return std::optional<Message>();
    return Error{Code::bad_input, "the stream ends inside a message", ""};
  }
}

}  // namespace attest
