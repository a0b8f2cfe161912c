// The language of --param: what each form says, and one line for each mistake.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/parameter_spec.h"

#include <gtest/gtest.h>

#include <array>

namespace attest {
namespace {

using Kind = ParameterSpec::Kind;

ParameterSpec spec_of(const std::string& text) {
  auto spec = parse_parameter("--param", text);
  EXPECT_TRUE(spec) << spec.error().to_string();
  return spec ? *spec : ParameterSpec{};
}

TEST(ParameterSpec, Buffers) {
  const ParameterSpec out = spec_of("out=f32[2,3,4]");
  EXPECT_EQ(out.kind, Kind::buffer);
  EXPECT_EQ(out.name, "out");
  EXPECT_EQ(out.element->name, "f32");
  EXPECT_EQ(out.shape, (std::vector<std::int64_t>{2, 3, 4}));
  EXPECT_EQ(out.fill.kind, Fill::Kind::none);
  EXPECT_TRUE(out.is_writable);

  const ParameterSpec q = spec_of("q=f16[8]:normal(0.5)");
  EXPECT_EQ(q.fill.kind, Fill::Kind::normal);
  EXPECT_EQ(q.fill.sigma, 0.5);
  EXPECT_FALSE(q.is_writable);
  EXPECT_TRUE(spec_of("q=f16[8]:normal:rw").is_writable);

  const ParameterSpec minus = spec_of("m=f32[8]:-inf:rw");
  EXPECT_EQ(minus.fill.kind, Fill::Kind::constant);
  EXPECT_EQ(minus.fill.bits, 0xff800000u);
  EXPECT_TRUE(minus.is_writable);
  EXPECT_EQ(spec_of("m=i8[8]:-1").fill.bits, 0xffu);
  EXPECT_EQ(spec_of("m=i8[0]:iota").fill.kind, Fill::Kind::iota);
  EXPECT_EQ(spec_of("m=f64[1]:ramp").fill.kind, Fill::Kind::ramp);
  EXPECT_EQ(spec_of("m=u64[1]:random").fill.kind, Fill::Kind::any_bits);
  EXPECT_EQ(spec_of("m=f16[1]:random").fill.low, -1);
}

TEST(ParameterSpec, UniformIntegersCountTheirValues) {
  const Fill few = spec_of("m=i8[1]:uniform(-3,4)").fill;
  EXPECT_EQ(few.kind, Fill::Kind::uniform);
  EXPECT_EQ(few.first, 0xfdu);
  EXPECT_EQ(few.count, 8u);
  EXPECT_EQ(spec_of("m=u8[1]:uniform(0,255)").fill.count, 256u);
  EXPECT_EQ(spec_of("m=u64[1]:uniform(0,18446744073709551615)").fill.count, 0u);
  EXPECT_EQ(spec_of("m=u32[1]:uniform(7,7)").fill.count, 1u);
}

TEST(ParameterSpec, Files) {
  const ParameterSpec x = spec_of("x=@dir/a b.npy:rw");
  EXPECT_EQ(x.kind, Kind::npy);
  EXPECT_EQ(x.file, "dir/a b.npy");
  EXPECT_TRUE(x.is_writable);
  EXPECT_EQ(x.element, nullptr);
  EXPECT_EQ(spec_of("x=bf16@a.npy").element->name, "bf16");
  EXPECT_FALSE(spec_of("x=bf16@a.npy").is_writable);
  EXPECT_EQ(spec_of("cfg=@struct.bin").kind, Kind::raw_file);
}

TEST(ParameterSpec, ValuesAndAddresses) {
  const ParameterSpec n = spec_of("n=i32:-64");
  EXPECT_EQ(n.kind, Kind::scalar);
  EXPECT_EQ(n.bits, 0xffffffc0u);
  EXPECT_EQ(spec_of("p=null").kind, Kind::null);
  EXPECT_EQ(spec_of("p=zero").kind, Kind::zero);
  const ParameterSpec bytes = spec_of("cfg=bytes:0x01fF00");
  EXPECT_EQ(bytes.bytes, (std::vector{std::byte{1}, std::byte{0xff}, std::byte{0}}));
  const ParameterSpec part = spec_of("cfg+8=&q-16");
  EXPECT_EQ(part.name, "cfg");
  EXPECT_EQ(part.offset, 8);
  EXPECT_EQ(part.kind, Kind::address);
  EXPECT_EQ(part.target, "q");
  EXPECT_EQ(part.target_offset, -16);
  EXPECT_EQ(spec_of("p=&q+4").target_offset, 4);
}

TEST(ParameterSpec, MistakesSayWhatIsAllowed) {
  const std::vector<std::array<const char*, 2>> rows = {
      {"", "needs NAME=VALUE"},
      {"q", "needs NAME=VALUE"},
      {"=f32[2]", "a name has letters"},
      {"a b=f32[2]", "a name has letters"},
      {"q=", "'' is none of TYPE[N,..]"},
      {"q=f32", "'f32' is none of TYPE[N,..]"},
      {"q=f33[2]", "no type 'f33'; there are: f16 bf16 f32"},
      {"q=f32[", "']' is missing"},
      {"q=f32[]", "dimension '' is not a number from 0"},
      {"q=f32[2,]", "dimension '' is not a number"},
      {"q=f32[-1]", "dimension '-1' is not a number"},
      {"q=f32[9223372036854775808]", "dimension '9223372036854775808' is not a number"},
      {"q=f32[2]x", "'x' after ']'"},
      {"q=f32[2]:rw", "leave :rw out"},
      {"q=f32[2]:", "'' is no value of f32"},
      {"q=f32[2]:lots", "iota, ramp, random, uniform(A,B)"},
      {"q=f16[2]:1e9", "'1e9' is no value of f16"},
      {"q=i32[2]:normal(1)", "normal is of floats, not of i32"},
      {"q=u8[2]:ramp", "ramp is of floats, not of u8"},
      {"q=f32[2]:normal(x)", "'x' is not a finite number"},
      {"q=f32[2]:uniform(1)", "uniform needs two values"},
      {"q=f32[2]:uniform(1,1)", "needs A below B"},
      {"q=f32[2]:uniform(0,inf)", "'inf' is not a finite number"},
      {"q=i8[2]:uniform(1,0)", "needs A not above B"},
      {"q=i8[2]:uniform(0,128)", "'128' is no value of i8"},
      {"q=@", "'@' without the name"},
      {"q=f32@a.bin", "is of a .npy file only"},
      {"q=@a.bin:rw", "bytes by value are not written"},
      {"q=i32:", "'' is no value of i32"},
      {"q=i32:4294967296", "-2147483648 to 2147483647"},
      {"q=bytes:12", "0x and two hexadecimal digits"},
      {"q=bytes:0x1", "0x and two hexadecimal digits"},
      {"q=bytes:0x1g", "'1g' is not two hexadecimal digits"},
      {"q=&", "'&' needs the name"},
      {"q=&x+", "'+' is no number of bytes"},
      {"q+=null", "NAME+BYTES=VALUE needs a number"},
      {"q+-1=null", "NAME+BYTES=VALUE needs a number"},
      {"q+8=f32[2]", "describe it with --buffer"}};
  for (const auto& [text, wanted] : rows) {
    const auto spec = parse_parameter("--param", text);
    ASSERT_FALSE(spec) << text;
    EXPECT_EQ(spec.error().where, "--param '" + std::string(text) + "'");
    EXPECT_NE(spec.error().message.find(wanted), std::string::npos)
        << text << ": " << spec.error().message;
  }
  EXPECT_FALSE(parse_parameter("--buffer", "q=i32:1"));
  EXPECT_TRUE(parse_parameter("--buffer", "q=i32[1]"));
}

TEST(ParameterSpec, LongTextsAreCutInMessages) {
  const auto spec = parse_parameter("--param", "q=f32[" + std::string(100000, '1') + "]");
  ASSERT_FALSE(spec);
  EXPECT_LT(spec.error().to_string().size(), 300u);
}

}  // namespace
}  // namespace attest
