// Ast: a PTX module as plain values; what the parser makes and the printer writes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace attest::ptx {

/// 1-based place in the PTX text. Positions never take part in comparisons.
struct Position {
  int line = 0;
  int column = 0;
  friend bool operator==(const Position&, const Position&) { return true; }
};

/// One operand. Which fields mean something depends on `kind`.
struct Operand {
  enum class Kind : std::uint8_t {
    name,     // a register, variable, label, function or special register: name ("%r1", "%tid.x"),
              // plus offset bytes (sym+4)
    integer,  // bits: two's complement, 64 bits
    float32,  // bits: 0fXXXXXXXX
    float64,  // bits: 0dXXXXXXXXXXXXXXXX, or a decimal such as 1.5 (PTX: a double, also for .f32)
    address,  // [name+offset], or [offset] with an empty name; elements: what follows a comma
              // inside the brackets, such as the coordinates of [map, {x, y}]
    vector,   // {a, b, ..}; a parameter list of a call
    sink,     // _
    pair,     // a|b: elements[0] is the data, elements[1] the predicate
  };
  Kind kind = Kind::name;
  std::string name;
  std::uint64_t bits = 0;
  std::int64_t offset = 0;
  bool is_negated = false;  // !p
  bool is_generic = false;  // initialisers only: generic(name)+offset
  std::uint64_t mask = 0;   // initialisers only: mask(name); 0: none
  std::vector<Operand> elements;
  Position position;
  friend bool operator==(const Operand&, const Operand&) = default;
};

struct Guard {
  std::string predicate;
  bool is_negated = false;
  friend bool operator==(const Guard&, const Guard&) = default;
};

/// `@!%p1 add.rn.f32 %f1, %f2, 0f3F800000;`
struct Instruction {
  std::optional<Guard> guard;
  std::string opcode;  // "add"
  std::vector<std::string>
      modifiers;                  // {"rn", "f32"}: each part after a dot ("shared::cta" is one)
  std::vector<Operand> operands;  // a call keeps its lists as vector operands
  Position position;
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

struct Label {
  std::string name;
  Position position;
  friend bool operator==(const Label&, const Label&) = default;
};

/// `.reg .b32 %r<12>;` (count 12), `.reg .pred p, q;` (names, count 0).
struct RegisterDeclaration {
  std::string type;  // "b32", "pred"
  std::vector<std::string> names;
  int vector_width = 1;      // .v2, .v4
  std::optional<int> count;  // %r<count>: %r0 .. %r(count-1); then one name
  Position position;
  friend bool operator==(const RegisterDeclaration&, const RegisterDeclaration&) = default;
};

/// `.ptr .global .align 16` of a kernel parameter.
struct PointerHint {
  std::string space;  // "": generic
  int alignment = 0;  // bytes pointed to; 0: not given
  friend bool operator==(const PointerHint&, const PointerHint&) = default;
};

/// `.extern .shared .align 16 .b8 tile[];` and parameters.
struct VariableDeclaration {
  std::string linkage;  // "", "extern", "visible", "weak", "common"
  std::string space;    // "shared", "local", "global", "const", "param"; "reg" of a .func parameter
  std::string attribute;  // ".managed": inside of .attribute(..), verbatim; may be empty
  int alignment = 0;      // bytes; 0: natural for the type
  int vector_width = 1;   // .v2, .v4
  std::string type;       // "b8", "f32", "u64"
  std::optional<PointerHint> pointer;
  std::string name;                                     // "_" in a prototype
  std::vector<std::optional<std::int64_t>> dimensions;  // [] is nullopt
  std::vector<Operand> initialiser;                     // flat; empty when none
  Position position;
  friend bool operator==(const VariableDeclaration&, const VariableDeclaration&) = default;
};

/// `.loc 1 36 11` with an optional `, function_name .., inlined_at 1 20 3`.
struct Location {
  int file = 0;
  int line = 0;
  int column = 0;
  std::string rest;  // text after the third number, verbatim; may be empty
  friend bool operator==(const Location&, const Location&) = default;
};

struct Pragma {
  std::string text;
  friend bool operator==(const Pragma&, const Pragma&) = default;
};

/// `prototype_0 : .callprototype (.param .b32 _) _ (.param .b64 _);` of an indirect call.
struct CallPrototype {
  std::string name;
  std::vector<VariableDeclaration> returns;
  std::vector<VariableDeclaration> parameters;
  bool is_noreturn = false;
  Position position;
  friend bool operator==(const CallPrototype&, const CallPrototype&) = default;
};

/// `$L_brx_0: .branchtargets $L__BB0_2, $L__BB0_3;` of a brx.idx, or `.calltargets`.
struct TargetList {
  std::string name;
  bool is_call = false;
  std::vector<std::string> targets;
  Position position;
  friend bool operator==(const TargetList&, const TargetList&) = default;
};

struct Block;
using Statement = std::variant<Instruction,
                               Label,
                               RegisterDeclaration,
                               VariableDeclaration,
                               Location,
                               Pragma,
                               CallPrototype,
                               TargetList,
                               Block>;

/// `{ .. }`: names declared in it are seen only in it.
struct Block {
  std::vector<Statement> statements;
  friend bool operator==(const Block&, const Block&);
};

/// `.visible .entry name(params) .maxntid 128, 1, 1 { .. }` or a `.func`.
struct Function {
  std::string linkage;  // "", "visible", "extern", "weak", "common"
  bool is_entry = false;
  std::vector<VariableDeclaration> returns;  // of a .func
  std::string name;
  std::vector<VariableDeclaration> parameters;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>>
      directives;  // {"maxntid", {128,1,1}}
  std::vector<Pragma> pragmas;
  std::optional<Block> body;  // none: a declaration
  Position position;
  friend bool operator==(const Function&, const Function&) = default;
};

struct File {
  int number = 0;
  std::string path;
  std::string rest;  // anything after the path, verbatim
  friend bool operator==(const File&, const File&) = default;
};

/// `.alias name, target;`: a second name of a function.
struct Alias {
  std::string name;
  std::string target;
  Position position;
  friend bool operator==(const Alias&, const Alias&) = default;
};

/// `.section .debug_str { .. }`
struct Section {
  std::string name;  // ".debug_str"
  std::string text;  // between the braces, verbatim
  friend bool operator==(const Section&, const Section&) = default;
};

struct Module {
  std::string version;               // "9.0"
  std::vector<std::string> targets;  // {"sm_80"}
  int address_size = 64;
  std::vector<Pragma> pragmas;
  std::vector<File> files;
  std::vector<VariableDeclaration> variables;
  std::vector<Function> functions;
  std::vector<Alias> aliases;
  std::vector<Section> sections;
  friend bool operator==(const Module&, const Module&) = default;
};

inline bool operator==(const Block& a, const Block& b) {
  return a.statements == b.statements;
}

}  // namespace attest::ptx
