// Parts of the record as JSON values, schema version 1; fields that are empty are left out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/field.h"
#include "harness/record/json_text.h"
#include "harness/record/record.h"

namespace attest {

inline constexpr int kSchemaVersion = 1;

[[nodiscard]] Json to_json(const Finding& finding);
[[nodiscard]] Json to_json(const DivergenceRecord& divergence);
[[nodiscard]] Json to_json(const Case& which);
[[nodiscard]] Json to_json(const CaseResult& result);
[[nodiscard]] Json to_json(const FailureRecord& failure);
[[nodiscard]] Json to_json(const Environment& env);
[[nodiscard]] Json to_json(const Dim3& size);
[[nodiscard]] Json to_json(const LayerRecord& layer);
[[nodiscard]] Json to_json(const OracleRecord& oracle);
[[nodiscard]] Json to_json(const UlpRecord& ulps);
[[nodiscard]] Json to_json(const PairRecord& pairs);
/// Adds the axes of a mode that are not the defaults.
void put_mode(Json& json, const Mode& mode);
/// 64-bit words are strings, "0x2a", since JSON readers keep 53 bits.
[[nodiscard]] Json word_to_json(std::uint64_t word);

/// Inverses of to_json; unknown fields are ignored.
/// Throw nlohmann's exceptions or DecodeError; from_json_or_error turns both into an Error.
[[nodiscard]] Case case_from_json(const Json& json);
[[nodiscard]] CaseResult case_result_from_json(const Json& json);
[[nodiscard]] FailureRecord failure_from_json(const Json& json);
[[nodiscard]] Environment environment_from_json(const Json& json);
[[nodiscard]] LayerRecord layer_from_json(const Json& json);
[[nodiscard]] OracleRecord oracle_from_json(const std::string& name, const Json& json);
[[nodiscard]] UlpRecord ulps_from_json(const Json& json);
[[nodiscard]] PairRecord pairs_from_json(const Json& json);
[[nodiscard]] Mode mode_from_json(const Json& json);
[[nodiscard]] Finding finding_from_json(const Json& json);
[[nodiscard]] DivergenceRecord divergence_from_json(const Json& json);
[[nodiscard]] Shard shard_from_json(const Json& json);
[[nodiscard]] Verdict verdict_from_json(const Json& json);
[[nodiscard]] Dim3 dim3_from_json(const Json& json);
[[nodiscard]] Dim3 dim3_field(const Json& json, const char* key);
[[nodiscard]] std::uint64_t word_from_json(const Json& json);

/// Runs `decode`, and turns what it throws into Code::bad_input at `where`.
template <class Decode>
auto from_json_or_error(const std::string& where, Decode decode) -> Result<decltype(decode())> {
  try {
    return decode();
  } catch (const Json::exception& error) {
    return Error{Code::bad_input, plain_message(error), where};
  } catch (const DecodeError& error) {
    return Error{Code::bad_input, error.what(), where};
  }
}

}  // namespace attest
