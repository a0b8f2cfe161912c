// Patterns over names, and what to say when a name is not there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// `*` is any run of characters and `?` any one, neither a slash: "*" is not "zoo/x", "zoo/*" is.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view name);

/// Up to three of `names` that are nearest to `text`, nearest first; none that shares too little.
[[nodiscard]] std::vector<std::string> close_matches(std::string_view text,
                                                     const std::vector<std::string>& names);

/// "no kernel 'nosuch'; close: attention_mma" or "; there are: a, b, c".
[[nodiscard]] std::string no_such(std::string_view what,
                                  std::string_view text,
                                  const std::vector<std::string>& names);

}  // namespace attest
