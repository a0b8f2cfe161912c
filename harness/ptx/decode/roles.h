// Roles: the operands of an instruction's example, by name and width.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// One operand of an example: "d:32".
struct Role {
  std::string name;
  std::string width;  // "16", "32", "64", "p"
  [[nodiscard]] bool is_output() const { return name[0] == 'd' || name[0] == 'p'; }
};

/// Rewrites "add.s32 d:32, a:32" to "add.s32 %d, %a" and lists the operands.
inline std::string with_registers(std::string_view text, std::vector<Role>* roles) {
  std::string out;
  const std::size_t mnemonic = text.find(' ');
  out += text.substr(0, mnemonic);
  for (std::size_t at = mnemonic; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0)
      ++end;
    if (end > at && end < text.size() && text[end] == ':') {
      Role role{std::string(text.substr(at, end - at)), ""};
      std::size_t stop = end + 1;
      while (stop < text.size() && std::isalnum(static_cast<unsigned char>(text[stop])) != 0)
        ++stop;
      role.width = text.substr(end + 1, stop - end - 1);
      out += "%" + role.name;
      const auto same = [&](const Role& r) { return r.name == role.name; };
      if (std::none_of(roles->begin(), roles->end(), same)) roles->push_back(role);
      at = stop;
    } else {
      out += text.substr(at, std::max<std::size_t>(1, end - at));
      at = std::max(at + 1, end);
    }
  }
  return out;
}

}  // namespace attest::ptx
