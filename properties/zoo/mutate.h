// Mutations: small changes to the PTX of any kernel, each an error that somebody might have made.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// One instruction of an entry, changed or left out.
struct Mutation {
  std::string change;  // "comparison off by one"
  int ptx_line = 0;    // from 1
  std::string before;  // the instruction
  std::string after;   // empty: left out
  std::string source;  // "kernels/attention_f32.cu:97"; empty where the PTX does not say
};

/// Every mutation of the entry, in the order of its lines:
/// barrier left out        bar, barrier, cp.async.wait_group and wait_all
/// guard removed           what a predicate keeps from being done is done
/// branch never taken      of a conditional bra
/// comparison off by one   < for <=, > for >=, and back; == for != and back
/// constant off by one     the last operand, an integer, of an arithmetic or logical instruction
/// constant inexact        a float constant other than 0 and infinity, off by 2^-12
/// infinity finite         -infinity as the most negative finite float
/// operation exchanged     min for max, add for sub, and back
/// None for an entry that is not there. Instructions that stand alone on their line are looked at,
/// as compilers write them.
[[nodiscard]] std::vector<Mutation> mutations_of(std::string_view ptx, const std::string& entry);

/// The text with this mutation.
[[nodiscard]] std::string mutated(std::string_view ptx, const Mutation& mutation);

}  // namespace attest
