// The keys of `attn(...)`.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/case_keys.h"

namespace attest {
namespace {

constexpr std::array kKeys = {
    key<&Problem::batch>("b"),
    key<&Problem::heads_q>("hq"),
    key<&Problem::heads_kv>("hkv", {.origin = "hq"}),
    key<&Problem::seq_q>("sq", {.is_required = true}),
    key<&Problem::seq_kv>("skv", {.origin = "sq"}),
    key<&Problem::head_dim>("d"),
    key<&Problem::head_dim_v>("dv", {.origin = "d"}),
    key<&Problem::dtype>("dtype"),
    key<&Problem::layout>("layout"),
    key<&Problem::gap>("gap"),
    key<&Problem::skew>("skew"),
    key<&Problem::mask>("mask"),
    key<&Problem::fill>("fill"),
    key<&Problem::scale>("scale"),
    key<&Problem::softcap>("softcap"),
    key<&Problem::sink>("sink"),
    key<&Problem::data>("data"),
    key<&Problem::seed>("seed"),
};

}  // namespace

std::string to_string(const Problem& problem) {
  return print_case<Problem>("attn", kKeys, problem);
}

Result<Problem> parse_problem(std::string_view text) {
  return CaseParser<Problem>("attn", kKeys, text).parse();
}

}  // namespace attest
