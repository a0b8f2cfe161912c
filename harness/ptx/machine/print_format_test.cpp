// Formats of printf as kernels have it; expected texts by hand from the C standard.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/print_format.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

/// A buffer as nvcc lays it out, each argument aligned to its size.
class Buffer final : public PrintArguments {
 public:
  template <class T>
  Buffer& put(T value) {
    bytes_.resize((bytes_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T));
    bytes_.resize(bytes_.size() + sizeof(T));
    std::memcpy(bytes_.data() + bytes_.size() - sizeof(T), &value, sizeof(T));
    return *this;
  }
  std::optional<std::uint64_t> next(std::uint64_t bytes) override {
    at_ = (at_ + bytes - 1) / bytes * bytes;
    if (at_ + bytes > bytes_.size()) return std::nullopt;
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + at_, bytes);
    at_ += bytes;
    return value;
  }
  std::optional<std::string> string_at(std::uint64_t address) override {
    if (address != kText) return std::nullopt;
    return "text";
  }
  static constexpr std::uint64_t kText = 0x1000;

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t at_ = 0;
};

std::string printed(std::string_view format, Buffer buffer = {}) {
  const auto result = print_formatted(format, buffer);
  return result ? result->text : "(unreadable)";
}

TEST(PrintFormat, TextAndPercentSigns) {
  EXPECT_EQ(printed("100 %% sure\n"), "100 % sure\n");
  EXPECT_EQ(printed("at the end %"), "at the end %");
  EXPECT_EQ(printed("%5", {}), "%5");
  EXPECT_EQ(printed("%n and %y"), "%n and %y") << "no conversions of a kernel's printf";
}

TEST(PrintFormat, Integers) {
  EXPECT_EQ(printed("%d|%i|%u", Buffer().put(-1).put(7).put(-1)), "-1|7|4294967295");
  EXPECT_EQ(printed("%5d|%-5d|%05d|%+d|% d", Buffer().put(42).put(42).put(42).put(42).put(42)),
            "   42|42   |00042|+42| 42");
  EXPECT_EQ(printed("%x|%X|%#x|%o", Buffer().put(255).put(255).put(255).put(8)), "ff|FF|0xff|10");
  EXPECT_EQ(printed("%.3d|%6.3d", Buffer().put(7).put(7)), "007|   007");
  EXPECT_EQ(printed("%hd %hhu", Buffer().put(0x18000).put(0x1ff)), "-32768 255");
}

TEST(PrintFormat, LongsAreAlignedTo8) {
  EXPECT_EQ(printed("%d %lld %lu", Buffer().put(1).put(-5LL).put(~0ULL)),
            "1 -5 18446744073709551615");
}

TEST(PrintFormat, Floats) {
  EXPECT_EQ(printed("%f|%.2f|%8.3f", Buffer().put(1.5).put(2.125).put(-3.25)),
            "1.500000|2.12|  -3.250");
  EXPECT_EQ(printed("%e|%G|%a", Buffer().put(1234.5).put(0.25).put(0.5)),
            "1.234500e+03|0.25|0x1p-1");
  EXPECT_EQ(printed("%d %f", Buffer().put(3).put(0.5)), "3 0.500000");
}

TEST(PrintFormat, CharactersStringsAndPointers) {
  EXPECT_EQ(printed("%c%3c|", Buffer().put(65).put(66)), "A  B|");
  EXPECT_EQ(
      printed("%s|%6s|%-6s|%.2s",
              Buffer().put(Buffer::kText).put(Buffer::kText).put(Buffer::kText).put(Buffer::kText)),
      "text|  text|text  |te");
  EXPECT_EQ(printed("%s", Buffer().put(std::uint64_t{0})), "(null)");
  EXPECT_EQ(printed("%p", Buffer().put(std::uint64_t{0x7f0000001000})), "0x7f0000001000");
}

TEST(PrintFormat, WidthsFromArguments) {
  EXPECT_EQ(printed("%*d|%-*d|%*d", Buffer().put(4).put(7).put(4).put(7).put(-4).put(7)),
            "   7|7   |7   ");
  EXPECT_EQ(printed("%.*f", Buffer().put(1).put(2.25)), "2.2");
}

TEST(PrintFormat, CountsArguments) {
  Buffer three = Buffer().put(1).put(2).put(3);
  EXPECT_EQ(print_formatted("%d %*d", three)->arguments, 3);
  Buffer none;
  EXPECT_EQ(print_formatted("%%", none)->arguments, 0);
}

TEST(PrintFormat, EndsWhereAnArgumentCannotBeRead) {
  EXPECT_EQ(printed("%d"), "(unreadable)");
  EXPECT_EQ(printed("%s", Buffer().put(std::uint64_t{8})), "(unreadable)");
}

TEST(PrintFormat, WidthsHaveALimit) {
  EXPECT_EQ(printed("%2000000000d", Buffer().put(1)).size(), 1024U);
  EXPECT_EQ(printed("%.2000000000f", Buffer().put(0.5)).size(), 2U + 1024U);
  EXPECT_EQ(printed("%1024.1024f", Buffer().put(-1e308)).size(), 1U + 309U + 1U + 1024U);
}

}  // namespace
}  // namespace attest::ptx
