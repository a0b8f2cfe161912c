// Frames: round trip in small pieces, limits, and what is no frame.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/message.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace attest {
namespace {

class Frames : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
  void TearDown() override {
    close_writer();
    close(ends_[1]);
  }
  void close_writer() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }
  void send_raw(const std::string& bytes) const {
    ASSERT_EQ(write(ends_[0], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] int reader() const { return ends_[1]; }
  [[nodiscard]] int writer() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

std::vector<std::byte> bytes(std::size_t count) {
  std::vector<std::byte> out(count);
  for (std::size_t n = 0; n < count; ++n)
    out[n] = static_cast<std::byte>(n * 37 % 251);
  return out;
}

TEST(FrameHeader, is_little_endian_with_every_size) {
  const std::vector<std::byte> header = frame_header({"abc", {bytes(258)}});
  const std::array<unsigned char, 24> expected = {'A', 'T', 'M', '1', 1, 0, 0, 0, 3, 0, 0, 0,
                                                  0,   0,   0,   0,   2, 1, 0, 0, 0, 0, 0, 0};
  ASSERT_EQ(header.size(), expected.size());
  EXPECT_EQ(std::memcmp(header.data(), expected.data(), expected.size()), 0);
}

TEST_F(Frames, arrive_as_they_were_sent_one_after_the_other) {
  const Message first{"text", {bytes(3), {}, bytes(40'000'000)}};
  const Message second{"", {}};
  std::thread sender([&] {
    EXPECT_TRUE(send_message(writer(), first));
    EXPECT_TRUE(send_message(writer(), second));
  });
  auto got = receive_message(reader(), kMaxMessageBytes);
  auto last = receive_message(reader(), kMaxMessageBytes);
  sender.join();
  ASSERT_TRUE(got) << got.error().to_string();
  ASSERT_TRUE(got->has_value());
  EXPECT_EQ((*got)->text, first.text);
  EXPECT_EQ((*got)->blobs, first.blobs);
  ASSERT_TRUE(last && last->has_value());
  EXPECT_EQ((*last)->text, "");
  EXPECT_TRUE((*last)->blobs.empty());
}

TEST_F(Frames, are_put_together_from_single_bytes) {
  const Message sent{"xy", {bytes(5)}};
  std::string stream;
  for (const std::byte b : frame_header(sent))
    stream += static_cast<char>(b);
  stream += sent.text + std::string(reinterpret_cast<const char*>(sent.blobs[0].data()), 5);
  MessageReader frame(1000);
  for (std::size_t n = 0; n < stream.size(); ++n) {
    send_raw(stream.substr(n, 1));
    auto progress = frame.read_some(reader());
    ASSERT_TRUE(progress) << progress.error().to_string();
    const bool is_last = n + 1 == stream.size();
    EXPECT_EQ(*progress, is_last ? MessageReader::Progress::done : MessageReader::Progress::more);
  }
  const Message got = frame.take();
  EXPECT_EQ(got.text, sent.text);
  EXPECT_EQ(got.blobs, sent.blobs);
  EXPECT_TRUE(frame.at_boundary());
}

TEST_F(Frames, above_the_limit_are_refused_before_they_are_read) {
  ASSERT_TRUE(send_message(writer(), {"123456", {bytes(5)}}));
  const auto got = receive_message(reader(), 10);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::limit);
  EXPECT_NE(got.error().message.find("5 bytes; all of it may have 10"), std::string::npos)
      << got.error().message;
}

TEST_F(Frames, of_too_many_blobs_are_refused) {
  send_raw(std::string("ATM1\xff\xff\xff\xff", 8));
  const auto got = receive_message(reader(), kMaxMessageBytes);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::limit);
  EXPECT_NE(got.error().message.find("4294967295 blobs"), std::string::npos);
}

TEST_F(Frames, a_stream_that_ends_between_two_is_no_error) {
  close_writer();
  auto got = receive_message(reader(), kMaxMessageBytes);
  ASSERT_TRUE(got);
  EXPECT_FALSE(got->has_value());
}

TEST_F(Frames, a_stream_that_ends_inside_one_is) {
  send_raw(std::string("ATM1\0\0\0\0\4\0\0\0\0\0\0\0ab", 18));
  close_writer();
  const auto got = receive_message(reader(), kMaxMessageBytes);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "the stream ends inside a message");
}

TEST_F(Frames, other_text_is_no_message) {
  send_raw("Segmentation fault");
  const auto got = receive_message(reader(), kMaxMessageBytes);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::bad_input);
  EXPECT_NE(got.error().message.find("ATM1"), std::string::npos);
}

TEST_F(Frames, to_a_reader_that_is_gone_are_an_error_and_no_signal) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  close(ends[1]);
  const auto sent = send_message(ends[0], {"text", {}});
  close(ends[0]);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Code::io);
}

}  // namespace
}  // namespace attest
