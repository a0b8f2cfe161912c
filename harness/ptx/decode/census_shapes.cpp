// Operand shapes by opcode family, and the kernel around them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/census_shapes.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <vector>

namespace attest::ptx {
namespace {

/// Statements around an opcode, OP. Without OP, its operands alone. Upper-case words stand for
/// registers whose width is that of a type in the opcode:
///   D     destination, of the first type       A B C  sources, of the last type
///   WD WC destination and source of twice that width
///   VD VA as many of them as .v2 or .v4 says, in braces
/// {4} is a vector of 4 registers of 32 bits, {2w} one of 64-bit ones. Per lane there are addresses
/// of 64 bytes each: %ga global, %sa shared, %sg the same generic, %la local.
struct Shape {
  std::string_view prefix;  // the longest one that fits counts; ".." in it is any modifiers
  std::string_view text;
};

constexpr Shape kShapes[] = {
    {"abs.", "D, A"},
    {"activemask.b32", "D"},
    {"add.", "D, A, B"},
    {"and.", "D, A, B"},
    {"and.pred", "%p, %q, %q"},
    {"atom.", "D, [%ga], A"},
    {"atom.shared.", "D, [%sa], A"},
    {"atom.cas.", "D, [%ga], A, B"},
    {"atom.global.cas.", "D, [%ga], A, B"},
    {"bar.arrive", "OP 1, 64; bar.sync 1, 64"},
    {"bar.red.or.pred", "%p, 0, %q"},
    {"bar.sync", "0"},
    {"bar.warp.sync", "-1"},
    {"barrier.sync", "0"},
    {"bfi.", "D, A, B, 4, 8"},
    {"bfind.", "%d32, A"},
    {"bra", "OP OVER; trap; OVER: ret"},
    {"brev.", "D, A"},
    {"call",
     "{ .param .b32 x; st.param.b32 [x], %a32; .param .b64 y; st.param.b64 [y], %a64; OP f, (x, "
     "y); }"},
    {"copysign.", "D, A, B"},
    {"cos.", "D, A"},
    {"cp.async.ca.", "OP [%sa], [%ga], 16; cp.async.wait_all"},
    {"cp.async.cg.", "OP [%sa], [%ga], 16; cp.async.wait_all"},
    {"cp.async.commit_group", "OP; cp.async.wait_all"},
    {"cp.async.mbarrier.arrive.", "mbarrier.init.shared.b64 [%sa], 2; OP [%sa]"},
    {"cp.async.wait_all", ""},
    {"cp.async.wait_group", "0"},
    {"createpolicy.fractional.", "D, 0f3F800000"},
    {"cvt.", "D, A"},
    {"cvt.rn.bf16x2.f32", "D, A, B"},
    {"cvt.rn.f16x2.f32", "D, A, B"},
    {"cvt.rn.satfinite.e4m3x2.f32", "D, A, B"},
    {"cvt.rn.satfinite.e5m2x2.f32", "D, A, B"},
    {"cvta.global.", "D, %a64"},
    {"cvta.local.", "D, %a64"},
    {"cvta.param.u64", "mov.b64 %a64, more; OP D, %a64; ld.param.u32 %d32, [%d64]"},
    {"cvta.shared.", "D, %a64"},
    {"cvta.to.", "D, %sg"},
    {"cvta.to.global.", "D, %ga"},
    {"cvta.to.local.", "cvta.local.u64 %a64, %la; OP D, %a64; ld.local.u32 %d32, [%d64]"},
    {"div.", "D, A, B"},
    {"dp4a.", "%d32, %a32, %b32, %c32"},
    {"ex2.", "D, A"},
    {"fence.", ""},
    {"fma.", "D, A, B, C"},
    {"ld.", "VD, [%ga]"},
    {"ld.global.nc.L1::evict_last.L2::cache_hint.",
     "createpolicy.fractional.L2::evict_last.b64 %a64, 0f3F800000; OP VD, [%ga], %a64"},
    {"ld.local.", "VD, [%la]"},
    {"ld.param.", "VD, [more]"},
    {"ld.shared.", "VD, [%sa]"},
    {"ldmatrix.", "{4}, [%sg]"},
    {"ldmatrix...x2..shared", "{2}, [%sa]"},
    {"ldmatrix...x2", "{2}, [%sg]"},
    {"ldmatrix...shared", "{4}, [%sa]"},
    {"lg2.", "D, A"},
    {"mad.lo.", "D, A, B, C"},
    {"mad.wide.", "WD, A, B, WC"},
    {"match.any.sync.", "%d32, A, -1"},
    {"max.", "D, A, B"},
    {"mbarrier.arrive.", "mbarrier.init.b64 [%sg], 2; OP %d64, [%sg]"},
    {"mbarrier.arrive.shared.", "mbarrier.init.shared.b64 [%sa], 2; OP %d64, [%sa]"},
    {"mbarrier.arrive.noComplete.", "mbarrier.init.b64 [%sg], 2; OP %d64, [%sg], 1"},
    {"mbarrier.init.", "[%sg], 2"},
    {"mbarrier.init.shared.", "[%sa], 2"},
    {"mbarrier.inval.shared.", "mbarrier.init.shared.b64 [%sa], 2; OP [%sa]"},
    {"mbarrier.test_wait.parity.", "mbarrier.init.b64 [%sg], 2; OP %p, [%sg], 0"},
    {"mbarrier.test_wait.parity.shared.", "mbarrier.init.shared.b64 [%sa], 2; OP %p, [%sa], 0"},
    {"mbarrier.test_wait.shared.",
     "mbarrier.init.shared.b64 [%sa], 2; mbarrier.arrive.shared.b64 %a64, [%sa]; OP %p, [%sa], "
     "%a64"},
    {"membar.", ""},
    {"min.", "D, A, B"},
    {"mma...m16n8k16..f32", "{4}, {4}, {2}, {4}"},
    {"mma...m16n8k16..f16.f16.f16.f16", "{2}, {4}, {2}, {2}"},
    {"mma...m16n8k8..f32", "{4}, {2}, {1}, {4}"},
    {"mma...m16n8k8..f32.tf32", "{4}, {4}, {2}, {4}"},
    {"mma...m16n8k32.", "{4}, {4}, {2}, {4}"},
    {"mma...m16n8k32..f16.e4m3.e4m3.f16", "{2}, {4}, {2}, {2}"},
    {"mov.", "D, A"},
    {"mov.pred", "%p, %q"},
    {"movmatrix.", "%d32, %a32"},
    {"mul.", "D, A, B"},
    {"mul.wide.", "WD, A, B"},
    {"nanosleep.", "%a32"},
    {"neg.", "D, A"},
    {"not.", "D, A"},
    {"not.pred", "%p, %q"},
    {"or.", "D, A, B"},
    {"or.pred", "%p, %q, %q"},
    {"popc.", "%d32, A"},
    {"prmt.", "%d32, %a32, %b32, %c32"},
    {"rcp.", "D, A"},
    {"red.", "[%ga], A"},
    {"redux.sync.", "D, A, -1"},
    {"rem.", "D, A, B"},
    {"ret", ""},
    {"rsqrt.", "D, A"},
    {"selp.", "D, A, B, %q"},
    {"set.", "D, A, B"},
    {"setp.", "%p, A, B"},
    {"shf.", "D, A, B, %c32"},
    {"shfl.sync.", "%d32|%p, %a32, 1, 31, -1"},
    {"shl.", "D, A, %b32"},
    {"shr.", "D, A, %b32"},
    {"sin.", "D, A"},
    {"sqrt.", "D, A"},
    {"st.", "[%ga], VA"},
    {"st.local.", "[%la], VA"},
    {"st.param.b32",
     "{ .param .b32 x; OP [x+0], %a32; .param .b64 y; st.param.b64 [y+0], %a64; call f, (x, y); }"},
    {"st.param.b64",
     "{ .param .b32 x; st.param.b32 [x], %a32; .param .b64 y; OP [y], %a64; call f, (x, y); }"},
    {"st.shared.", "[%sa], VA"},
    {"sub.", "D, A, B"},
    {"tanh.", "D, A"},
    {"trap", ""},
    {"vote.sync.", "%p, %q, -1"},
    {"vote.sync.ballot.b32", "%d32, %q, -1"},
    {"wmma.load...f64", "{1w}, [%base], %n"},
    {"wmma.load.c..f64", "{2w}, [%base], %n"},
    {"wmma.load...f16", "{8}, [%base], %n"},
    {"wmma.load...bf16", "{4}, [%base], %n"},
    {"wmma.load...tf32", "{4}, [%base], %n"},
    {"wmma.load...u8", "{2}, [%base], %n"},
    {"wmma.load.c..f32", "{8}, [%base], %n"},
    {"wmma.load.c..s32", "{8}, [%base], %n"},
    {"wmma.load...shared.f16", "{8}, [s], %n"},
    {"wmma.load...shared.u8", "{2}, [s], %n"},
    {"wmma.load.c..shared.f32", "{8}, [s], %n"},
    {"wmma.load.c..shared.s32", "{8}, [s], %n"},
    {"wmma.mma...f64.f64.f64.f64.rn", "{2w}, {1w}, {1w}, {2w}"},
    {"wmma.mma...f32.f32", "{8}, {8}, {8}, {8}"},
    {"wmma.mma...f16.f16", "{4}, {8}, {8}, {4}"},
    {"wmma.mma...s32.u8.u8.s32", "{8}, {2}, {2}, {8}"},
    {"wmma.mma...f32.bf16.bf16.f32", "{8}, {4}, {4}, {8}"},
    {"wmma.mma...f32.tf32.tf32.f32", "{8}, {4}, {4}, {8}"},
    {"wmma.store...f64", "[%base], {2w}, %n"},
    {"wmma.store...f32", "[%base], {8}, %n"},
    {"wmma.store...s32", "[%base], {8}, %n"},
    {"wmma.store...f16", "[%base], {4}, %n"},
    {"wmma.store...shared.f32", "[s], {8}, %n"},
    {"wmma.store...shared.s32", "[s], {8}, %n"},
    {"xor.", "D, A, B"},
    {"xor.pred", "%p, %q, %q"},
};

/// Whether the opcode begins with what stands before each "..", in this order.
bool fits(std::string_view pattern, std::string_view opcode) {
  bool is_first = true;
  for (;;) {
    const std::size_t gap = pattern.find("..");
    const std::string_view piece = pattern.substr(0, gap);
    const std::size_t at = opcode.find(piece);
    if (at == std::string_view::npos || (is_first && at != 0)) return false;
    // The last piece is a prefix of a modifier, or the end of the opcode.
    opcode.remove_prefix(at + piece.size());
    if (gap == std::string_view::npos) return true;
    pattern.remove_prefix(gap + 2);
    is_first = false;
  }
}

std::optional<std::string_view> shape_of(std::string_view opcode) {
  const Shape* best = nullptr;
  for (const Shape& shape : kShapes) {
    if (!fits(shape.prefix, opcode)) continue;
    if (best == nullptr || shape.prefix.size() > best->prefix.size()) best = &shape;
  }
  if (best == nullptr) return std::nullopt;
  return best->text;
}

/// Widths of the registers of each type word of the opcode, in order.
std::vector<int> widths_of(std::string_view opcode) {
  static const std::map<std::string_view, int> width_of = {
      {"b8", 16},  {"u8", 16},   {"s8", 16},     {"b16", 16},    {"u16", 16},    {"s16", 16},
      {"f16", 16}, {"bf16", 16}, {"e4m3x2", 16}, {"e5m2x2", 16}, {"b32", 32},    {"u32", 32},
      {"s32", 32}, {"f32", 32},  {"tf32", 32},   {"f16x2", 32},  {"bf16x2", 32}, {"b64", 64},
      {"u64", 64}, {"s64", 64},  {"f64", 64}};
  std::vector<int> widths;
  while (!opcode.empty()) {
    const std::size_t dot = std::min(opcode.find('.'), opcode.size());
    const auto found = width_of.find(opcode.substr(0, dot));
    if (found != width_of.end()) widths.push_back(found->second);
    opcode.remove_prefix(std::min(dot + 1, opcode.size()));
  }
  return widths;
}

std::string vector_of(const std::string& name, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i)
    text += (i == 0 ? "%" : ", %") + name + "_" + std::to_string(i);
  return text + "}";
}

class Writer {
 public:
  explicit Writer(std::string_view opcode) : opcode_(opcode), widths_(widths_of(opcode)) {}

  std::string statements(std::string_view shape) {
    std::string out;
    const bool is_block = shape.starts_with("{ ");
    if (shape.find("OP") == std::string_view::npos) out = std::string(opcode_) + " ";
    while (!shape.empty()) {
      std::size_t end = 0;
      const auto is_word = [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
               (c >= 'a' && c <= 'z');
      };
      while (end < shape.size() && is_word(shape[end]))
        ++end;
      const bool is_register = !out.empty() && out.back() == '%';
      if (end > 0 && !is_register) {
        out += word(std::string(shape.substr(0, end)));
      } else if (shape[0] == '{' && shape.size() > 1 && is_digit(shape[1])) {
        end = shape.find('}') + 1;
        const bool is_wide = shape[end - 2] == 'w';
        const int count = shape[1] - '0';
        out += vector_of((is_wide ? "w" : "n") + std::to_string(vectors_++), count);
      } else {
        end = std::max<std::size_t>(end, 1);
        out += shape.substr(0, end);
      }
      shape.remove_prefix(end);
    }
    return out + (is_block ? "\n" : ";\n");
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  /// Without a type word there is no such register, and the decoder says so.
  [[nodiscard]] std::string first() const { return width(widths_.empty() ? 0 : widths_.front()); }
  [[nodiscard]] std::string last() const { return width(widths_.empty() ? 0 : widths_.back()); }
  [[nodiscard]] std::string twice() const {
    return width(widths_.empty() ? 0 : 2 * widths_.back());
  }
  static std::string width(int bits) { return std::to_string(bits); }

  [[nodiscard]] std::string word(const std::string& text) const {
    if (text == "OP") return std::string(opcode_);
    if (text == "D") return "%d" + first();
    if (text == "A") return "%a" + last();
    if (text == "B") return "%b" + last();
    if (text == "C") return "%c" + last();
    if (text == "WD") return "%d" + twice();
    if (text == "WC") return "%c" + twice();
    if (text == "VD" || text == "VA") {
      const std::string name = (text == "VD" ? "d" : "a") + last();
      if (opcode_.find(".v2.") != std::string_view::npos) return vector_of(name, 2);
      if (opcode_.find(".v4.") != std::string_view::npos) return vector_of(name, 4);
      return "%" + name;
    }
    return text;
  }

  std::string_view opcode_;
  std::vector<int> widths_;
  int vectors_ = 0;
};

std::string declarations() {
  std::string text =
      ".reg .pred %p, %q;\n.reg .b32 %lane, %n, %sa;\n.reg .b64 %base, %ga, %sg, %la;\n"
      ".shared .align 128 .b8 s[8192];\n.local .align 16 .b8 l[64];\n";
  std::string values = "setp.ne.u32 %q, %lane, 3;\n";
  for (const int width : {16, 32, 64}) {
    for (const char name : {'a', 'b', 'c', 'd'}) {
      for (const char* suffix : {"", "_0", "_1", "_2", "_3"}) {
        text += fmt::format(".reg .b{0} %{1}{0}{2};\n", width, name, suffix);
        values += fmt::format("mov.b{0} %{1}{0}{2}, 3;\n", width, name, suffix);
      }
    }
  }
  for (int vector = 0; vector < 4; ++vector) {
    for (int i = 0; i < 8; ++i) {
      text += fmt::format(".reg .b32 %n{0}_{1};\n.reg .b64 %w{0}_{1};\n", vector, i);
      values += fmt::format("mov.b32 %n{0}_{1}, 3;\nmov.b64 %w{0}_{1}, 3;\n", vector, i);
    }
  }
  return text + "mov.u32 %lane, %laneid;\n" + values;
}

/// Addresses; shared memory, and local memory where it is used, filled by the lane that owns it.
std::string addresses(bool has_local) {
  std::string text =
      "mov.u32 %n, 16;\nld.param.u64 %base, [out];\nshl.b32 %sa, %lane, 6;\ncvt.u64.u32 %ga, %sa;\n"
      "add.u64 %ga, %ga, %base;\nmov.u64 %la, l;\nmov.u32 %d32, s;\nadd.u32 %sa, %sa, %d32;\n"
      "cvt.u64.u32 %sg, %sa;\ncvta.shared.u64 %sg, %sg;\n";
  for (int at = 0; at < 64; at += 16) {
    const std::string to = "+" + std::to_string(at) + "], {%a32, %a32, %a32, %a32};\n";
    if (has_local) text += "st.local.v4.b32 [%la" + to;
    for (int part = 0; part < 8192; part += 2048)
      text += "st.shared.v4.b32 [%sa+" + std::to_string(part) + to;
  }
  return text + "bar.sync 0;\n";
}

}  // namespace

std::optional<std::string> census_module(std::string_view opcode) {
  const auto shape = shape_of(opcode);
  if (!shape) return std::nullopt;
  return ".version 9.0\n.target sm_90\n.address_size 64\n.func f(.param .b32 x, .param .b64 y)\n{\n"
         "ret;\n}\n.visible .entry e(.param .u64 out, .param .align 16 .b8 more[16])\n{\n" +
         declarations() + addresses(opcode.find("local") != std::string_view::npos) +
         Writer(opcode).statements(*shape) + "ret;\n}\n";
}

}  // namespace attest::ptx
