// Message: what a program and its helper say to each other, framed on a stream.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attest {

struct Message {
  std::string text;                           // JSON, by agreement of the two sides
  std::vector<std::vector<std::byte>> blobs;  // what JSON is too slow for
};

/// What one frame may hold in all; a frame that claims more is refused before it is read.
inline constexpr std::int64_t kMaxMessageBytes = std::int64_t{1} << 32;
inline constexpr std::size_t kMaxBlobs = 65'536;

/// The bytes before the payload: "ATM1", the number of blobs as 32 bits, then the size of the text
/// and of each blob as 64 bits, all little-endian. The payload is the text and the blobs in order.
[[nodiscard]] std::vector<std::byte> frame_header(const Message& message);

/// Takes a frame from a descriptor as its bytes arrive.
class MessageReader {
 public:
  explicit MessageReader(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  /// What one call of read_some() led to.
  enum class Progress : std::uint8_t {
    more,    // the frame goes on
    waits,   // nothing there now (descriptors that do not block)
    done,    // take() has the message
    closed,  // the other side ended: at_boundary() says whether inside a frame
  };
  /// One read(2) at most, never past the end of the frame.
  /// Errors  Code::bad_input for what is no frame, Code::limit for one above `max_bytes`,
  ///         Code::io of the descriptor.
  Result<Progress> read_some(int descriptor);
  [[nodiscard]] bool at_boundary() const { return received_ == 0; }
  /// The message of a frame that is done; the reader begins anew.
  [[nodiscard]] Message take();

 private:
  enum class Stage : std::uint8_t { start, sizes, payload };

  Status begin_sizes();
  Status begin_payload();
  /// Where the next bytes go; allocates in steps, so that a claim alone costs nothing.
  [[nodiscard]] std::pair<std::byte*, std::size_t> room();
  Result<bool> advance();

  std::int64_t max_bytes_;
  Stage stage_ = Stage::start;
  std::vector<std::byte> head_ = std::vector<std::byte>(8);
  std::size_t head_filled_ = 0;
  std::vector<std::uint64_t> sizes_;  // of the text and the blobs
  std::size_t part_ = 0;              // 0: the text
  std::size_t part_filled_ = 0;
  Message message_;
  std::int64_t received_ = 0;
};

/// The whole message to a socket that blocks. Never raises SIGPIPE.
/// Errors  Code::io, also when the other side is gone.
Status send_message(int socket, const Message& message);

/// The next message from a descriptor that blocks; nothing when the other side ended between two.
/// Errors  as MessageReader, and Code::bad_input for a stream that ends inside a frame.
Result<std::optional<Message>> receive_message(int descriptor, std::int64_t max_bytes);

}  // namespace attest
