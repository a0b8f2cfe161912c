// The keys of `attn(...)`.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/case_keys.h"

namespace attest {
namespace {

constexpr std::array<Key<Problem>, 16> kKeys = {{
    {.name = "b", .member = &Problem::batch},
    {.name = "hq", .member = &Problem::heads_q},
    {.name = "hkv", .member = &Problem::heads_kv, .origin = "hq"},
    {.name = "sq", .member = &Problem::seq_q, .is_required = true},
    {.name = "skv", .member = &Problem::seq_kv, .origin = "sq"},
    {.name = "d", .member = &Problem::head_dim},
    {.name = "dv", .member = &Problem::head_dim_v, .origin = "d"},
    {.name = "dtype", .member = &Problem::dtype},
    {.name = "layout", .member = &Problem::layout},
    {.name = "gap", .member = &Problem::gap},
    {.name = "skew", .member = &Problem::skew},
    {.name = "mask", .member = &Problem::mask},
    {.name = "fill", .member = &Problem::fill},
    {.name = "scale", .member = &Problem::scale},
    {.name = "data", .member = &Problem::data},
    {.name = "seed", .member = &Problem::seed},
}};

}  // namespace

std::string to_string(const Problem& problem) {
  return print_case<Problem>("attn", kKeys, problem);
}

Result<Problem> parse_problem(std::string_view text) {
  return CaseParser<Problem>("attn", kKeys, text).parse();
}

}  // namespace attest
