// Examples of instructions as PTX text: the entry `example`, which stores what each lane has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/form.h"
#include "harness/ptx/decode/roles.h"
#include "harness/ptx/machine/warp.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// What outputs hold before the instruction.
inline constexpr std::uint64_t kUntouched = 0x5a5a5a5a5a5a5a5au;

inline std::string example_header(int target, std::string_view before = {}) {
  return ".version 9.0\n.target sm_" + std::to_string(target) + "\n.address_size 64\n" +
         std::string(before) +
         "\n.visible .entry example(.param .u64 out)\n{\n"
         ".reg .b64 %at;\n.reg .b32 %lane, %word;\n.reg .pred %guard;\nmov.u32 %lane, %laneid;\n";
}

inline std::string example_store(std::size_t nth, const std::string& wide) {
  return "st.global.u64 [%at+" + std::to_string(nth * kLanes * 8) + "], " + wide + ";\n";
}

/// `guarded`: only odd lanes execute the instruction; the others keep what they had.
inline std::string example_kernel(const Example& example,
                                  bool guarded,
                                  std::size_t* outputs,
                                  int target) {
  std::vector<Role> roles;
  std::string instruction = with_registers(example.instruction, &roles);
  std::string text = example_header(target);
  std::string before = ".reg .b64 %wide;\n";
  std::string after =
      "mov.b64 %at, {%lane, 0};\nshl.b64 %at, %at, 3;\n.reg .b64 %base;\nld.param.u64 %base, "
      "[out];\nadd.u64 %at, %at, %base;\n";
  std::size_t input = 0;
  *outputs = 0;
  for (const Role& r : roles) {
    const std::string reg = "%" + r.name;
    text += ".reg ." + (r.width == "p" ? std::string("pred ") : "b" + r.width + " ") + reg + ";\n";
    const std::uint64_t value = r.is_output() ? kUntouched : example.inputs.at(input++);
    if (r.width == "p") {
      before += "mov.u32 %word, " + std::to_string(r.is_output() ? 0 : value) + ";\nsetp.ne.u32 " +
                reg + ", %word, 0;\n";
    } else if (r.width == "64") {
      before += "mov.b64 " + reg + ", " + std::to_string(value) + "U;\n";
    } else {
      before += "mov.b" + r.width + " " + reg + ", " +
                std::to_string(value & ((1ull << std::stoi(r.width)) - 1)) + ";\n";
    }
    if (!r.is_output()) continue;
    if (r.width == "p") {
      after += "mov.u64 %wide, 0;\n@" + reg + " mov.u64 %wide, 1;\n";
    } else if (r.width == "64") {
      after += "mov.b64 %wide, " + reg + ";\n";
    } else if (r.width == "32") {
      after += "mov.b64 %wide, {" + reg + ", 0};\n";
    } else {
      after += "mov.b64 %wide, {" + reg + ", 0, 0, 0};\n";
    }
    after += example_store((*outputs)++, "%wide");
  }
  // Every one of several instructions.
  for (std::size_t at = 0; guarded && (at = instruction.find("; ", at)) != std::string::npos;)
    instruction.replace(at, 2, ";\n@%guard ");
  const std::string guard =
      guarded ? ".reg .b32 %odd;\nand.b32 %odd, %lane, 1;\nsetp.ne.u32 %guard, %odd, 0;\n@%guard "
              : "";
  return text + before + guard + instruction + ";\n" + after + "ret;\n}\n";
}

/// Stores %value of each lane after the body.
inline std::string warp_kernel(const WarpExample& example, int target) {
  return example_header(target, example.before) +
         ".reg .b64 %wide;\n.reg .b64 %base;\n.reg .b32 %value, %a, %b, %c, %d;\n.reg .pred %p, "
         "%q;\nld.param.u64 %at, [out];\nmov.u32 %value, 0;\n" +
         std::string(example.body) +
         "\nmov.b64 %at, {%lane, 0};\nshl.b64 %at, %at, 3;\nld.param.u64 %base, [out];\n"
         "add.u64 %at, %at, %base;\nmov.b64 %wide, {%value, 0};\n" +
         example_store(0, "%wide") + "ret;\n}\n";
}

}  // namespace attest::ptx
