// .npy files byte by byte, and what is refused of them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/npy.h"

#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

#include <array>

namespace attest {
namespace {

constexpr std::int64_t kLimit = 1 << 20;

/// A file of this header; `length_bytes` 2 is version 1.0, 4 is 2.0.
std::string file_of(const std::string& header,
                    const std::string& data,
                    std::size_t length_bytes = 2) {
  std::string file = "\x93NUMPY";
  file += length_bytes == 2 ? '\1' : '\2';
  file += '\0';
  for (std::size_t n = 0; n < length_bytes; ++n)
    file += static_cast<char>(header.size() >> (8 * n) & 0xff);
  return file + header + data;
}

std::string text_of(const NpyArray& array) {
  const auto data = array.data();
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// What numpy 1.26 writes for numpy.arange(3, dtype="i2").
const std::string three = file_of(
    "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }" + std::string(60, ' ') + "\n",
    std::string("\0\0\1\0\2\0", 6));

TEST(Npy, ReadsVersionOne) {
  const auto array = parse_npy(three, "a.npy", kLimit);
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(array->type, "i2");
  EXPECT_EQ(array->shape, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(text_of(*array), std::string("\0\0\1\0\2\0", 6));
}

TEST(Npy, ReadsVersionTwoAndAnyOrderOfKeys) {
  const auto array = parse_npy(
      file_of(R"({"shape":(2,1),"fortran_order":False,"descr":"|u1"})", "ab", 4), "a.npy", kLimit);
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(array->type, "u1");
  EXPECT_EQ(array->shape, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(text_of(*array), "ab");
}

TEST(Npy, ReadsNoDimensionAndAnEmptyOne) {
  const auto one =
      parse_npy(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n", "abcd"),
                "a.npy",
                kLimit);
  ASSERT_TRUE(one) << one.error().to_string();
  EXPECT_TRUE(one->shape.empty());
  EXPECT_EQ(text_of(*one), "abcd");
  const auto none =
      parse_npy(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 0), }\n", ""),
                "a.npy",
                kLimit);
  ASSERT_TRUE(none) << none.error().to_string();
  EXPECT_EQ(none->data().size(), 0u);
}

TEST(Npy, WritesWhatNumpyWrites) {
  const std::array<std::byte, 6> data = {
      std::byte{0}, std::byte{0}, std::byte{1}, std::byte{0}, std::byte{2}, std::byte{0}};
  EXPECT_EQ(npy_file("i2", {3}, data), three);
  EXPECT_EQ(three.size() % 64, 6u);  // the header ends on a multiple of 64
  const std::string bytes = npy_file("u1", {2, 3}, data);
  EXPECT_NE(bytes.find("'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }"),
            std::string::npos);
  const auto again = parse_npy(bytes, "a.npy", kLimit);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(parse_npy(npy_file("f8", {}, std::array<std::byte, 8>{}), "a", kLimit)->shape.size(),
            0u);
}

/// The rest of a header of four f4.
std::string header(const std::string& type,
                   const std::string& fortran = "False",
                   const std::string& shape = "(4,)") {
  return "{'descr': " + type + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

TEST(Npy, RefusesByName) {
  const std::string data(16, 'x');
  const std::vector<std::array<std::string, 2>> rows = {
      {"", "does not begin with"},
      {"\x93NUMPY", "does not begin with"},
      {"PK\3\4 a zip", "does not begin with"},
      {"\x93NUMPY\3", "does not begin with"},
      {std::string("\x93NUMPY\3\0ab", 10), "version 3.0; versions 1.0 and 2.0"},
      {std::string("\x93NUMPY\1\0\xff", 9), "ends within its header"},
      {std::string("\x93NUMPY\1\0\xff\0{", 11), "ends within its header"},
      {std::string("\x93NUMPY\2\0\xff\xff\xff\xff{", 13),
       "header of 4294967295 bytes, limit 65536"},
      {file_of(header("'<f4'", "True", "(2, 2)"), data), "Fortran order"},
      {file_of(header("'>f4'"), data), "big endian"},
      {file_of(header("'|O'"), data), "Python objects"},
      {file_of(header("'<c4'"), data), "type '<c4' is not f2, f4"},
      {file_of(header("'<f3'"), data), "type '<f3'"},
      {file_of(header("'|S4'"), data), "type '|S4'"},
      {file_of(header("'<M8[ns]'"), data), "type '<M8[ns]'"},
      {file_of(header("''"), data), "type ''"},
      {file_of(header("[('a', '<f4')]"), data), "expected a plain type"},
      {file_of(header("'<f4'", "0"), data), "expected True or False"},
      {file_of(header("'<f4'", "False", "4"), data), "expected a shape"},
      {file_of(header("'<f4'", "False", "(4)"), data), "expected a shape"},
      {file_of(header("'<f4'", "False", "(-4,)"), data), "expected a shape"},
      {file_of(header("'<f4'", "False", "(99999999999999999999,)"), data), "expected a shape"},
      {file_of("{'descr': '<f4', 'descr': '<f4'}", data), "once"},
      {file_of("{'descr': '<f4', 'shape': (4,)}", data), "expected descr, fortran_order and shape"},
      {file_of(header("'<f4'") + "x", data), "expected the end"},
      {file_of(header("'<f4'"), data + "x"),
       "has 17 bytes of elements, its shape (4) of f4 needs 16"},
      {file_of(header("'<f4'"), "x"), "has 1 bytes of elements, its shape (4) of f4 needs 16"}};
  for (const auto& [file, wanted] : rows) {
    const auto array = parse_npy(file, "a.npy", kLimit);
    ASSERT_FALSE(array) << wanted;
    EXPECT_EQ(array.error().where, "a.npy");
    EXPECT_NE(array.error().message.find(wanted), std::string::npos) << array.error().message;
  }
}

TEST(Npy, SizesThatOverflowAreOverTheLimit) {
  for (const char* shape : {"(4611686018427387904, 4)",
                            "(4294967296, 4294967296, 4294967296)",
                            "(262145,)",
                            "(0, 4611686018427387904, 4)"}) {
    const auto array = parse_npy(file_of(header("'<f4'", "False", shape), ""), "a.npy", kLimit);
    const bool is_empty = std::string(shape).starts_with("(0");
    EXPECT_EQ(array.has_value(), is_empty) << shape;
    if (!is_empty) {
      EXPECT_EQ(array.error().code, Code::limit) << array.error().message;
    }
  }
}

TEST(Npy, FilesLongerThanTheLimitAreNotRead) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "a.npy", three));
  EXPECT_TRUE(read_npy(folder / "a.npy", 6));
  const auto small = read_npy(folder / "a.npy", 5);
  ASSERT_FALSE(small);
  EXPECT_EQ(small.error().to_string(),
            folder / "a.npy" + ": shape (3) of i2 is more than the limit of 5 bytes");
  EXPECT_FALSE(read_npy("/dev/zero", kLimit));
}

}  // namespace
}  // namespace attest
