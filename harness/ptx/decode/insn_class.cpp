// Classes by opcode; by space for loads and stores; by type for what is left.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/insn_class.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace attest::ptx {
namespace {

/// Opcodes whose class does not depend on modifiers.
const std::unordered_map<std::string_view, InsnClass>& fixed_classes() {
  using enum InsnClass;
  static const std::unordered_map<std::string_view, InsnClass> table = {
      {"activemask", warp},
      {"applypriority", other},
      {"atom", atomic},
      {"bar", barrier},
      {"barrier", barrier},
      {"bra", control},
      {"brkpt", control},
      {"brx", control},
      {"call", control},
      {"cos", special},
      {"cp", async_copy},
      {"createpolicy", other},
      {"cvt", conversion},
      {"cvta", integer},
      {"discard", other},
      {"elect", warp},
      {"ex2", special},
      {"exit", control},
      {"fence", other},
      {"griddepcontrol", other},
      {"ldmatrix", load_shared},
      {"lg2", special},
      {"match", warp},
      {"mbarrier", barrier},
      {"membar", other},
      {"mma", mma},
      {"mov", move},
      {"movmatrix", warp},
      {"nanosleep", control},
      {"prefetch", other},
      {"prefetchu", other},
      {"rcp", special},
      {"red", atomic},
      {"redux", warp},
      {"ret", control},
      {"rsqrt", special},
      {"selp", move},
      {"setmaxnreg", other},
      {"shfl", warp},
      {"sin", special},
      {"slct", move},
      {"sqrt", special},
      {"stmatrix", store_shared},
      {"tanh", special},
      {"trap", control},
      {"vote", warp},
  };
  return table;
}

bool has(const Instruction& i, std::string_view word) {
  return std::find(i.modifiers.begin(), i.modifiers.end(), word) != i.modifiers.end();
}

InsnClass access_class(const Instruction& i, bool is_load) {
  using enum InsnClass;
  for (const std::string& m : i.modifiers) {
    if (m == "global") return is_load ? load_global : store_global;
    if (m.starts_with("shared")) return is_load ? load_shared : store_shared;
    if (m == "local") return is_load ? load_local : store_local;
    if (m.starts_with("param") || m == "const") return is_load ? load_constant : store_constant;
  }
  return is_load ? load_generic : store_generic;
}

/// By the first type that is written, which is the result's.
InsnClass arithmetic_class(const Instruction& i) {
  for (const std::string& m : i.modifiers) {
    if (m == "f16" || m == "f16x2" || m == "bf16" || m == "bf16x2") return InsnClass::half;
    if (m == "f32" || m == "f64" || m == "f32x2") {
      return i.opcode == "div" ? InsnClass::special : InsnClass::floating;
    }
  }
  return InsnClass::integer;
}

bool is_ordered(const Instruction& i) {
  return has(i, "volatile") || has(i, "relaxed") || has(i, "acquire") || has(i, "mmio");
}

}  // namespace

InsnClass insn_class(const Instruction& i) {
  if (i.opcode == "bar" && has(i, "warp")) return InsnClass::warp;
  if (const auto found = fixed_classes().find(i.opcode); found != fixed_classes().end())
    return found->second;
  if (i.opcode == "ld" || i.opcode == "ldu") return access_class(i, true);
  if (i.opcode == "st") return access_class(i, false);
  if (i.opcode == "wmma") {
    if (has(i, "mma")) return InsnClass::mma;
    return access_class(i, has(i, "load"));
  }
  return arithmetic_class(i);
}

bool is_poll(const Instruction& i) {
  if (i.opcode == "ld") return is_ordered(i);
  if (i.opcode == "mbarrier") return has(i, "test_wait") || has(i, "try_wait");
  return i.opcode == "atom" || i.opcode == "nanosleep";
}

bool is_store(const Instruction& i) {
  if (i.opcode == "mbarrier") return !is_poll(i);
  if (i.opcode == "red" || i.opcode == "cp" || i.opcode == "call") return true;
  switch (insn_class(i)) {
    case InsnClass::store_global:
    case InsnClass::store_shared:
    case InsnClass::store_local:
    case InsnClass::store_generic:
      return true;
    default:
      return false;
  }
}

}  // namespace attest::ptx
