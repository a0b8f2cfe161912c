// The figures of a case's errors, and what probes say of a failure, as JSON values.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/errors_codec.h"

#include "harness/record/field.h"

namespace attest {

Json to_json(const ErrorSums& errors) {
  return {{"elements", errors.elements},
          {"ratio_squares", number_to_json(errors.ratio_squares)},
          {"ratio_signed", number_to_json(errors.ratio_signed)},
          {"bound_squares", number_to_json(errors.bound_squares)},
          {"value_squares", number_to_json(errors.value_squares)},
          {"value_max", number_to_json(errors.value_max)},
          {"error_max", number_to_json(errors.error_max)},
          {"unfused_max", number_to_json(errors.unfused_max)}};
}

ErrorSums errors_from_json(const Json& json) {
  ErrorSums errors;
  errors.elements = field<std::int64_t>(json, "elements");
  errors.ratio_squares = number_field(json, "ratio_squares");
  errors.ratio_signed = number_field(json, "ratio_signed");
  errors.bound_squares = number_field(json, "bound_squares");
  errors.value_squares = number_field(json, "value_squares");
  errors.value_max = number_field(json, "value_max");
  errors.error_max = number_field(json, "error_max");
  errors.unfused_max = number_field(json, "unfused_max");
  return errors;
}

Json to_json(const Diagnosis& diagnosis) {
  return {{"stage", diagnosis.stage},
          {"because", diagnosis.because},
          {"convention", diagnosis.convention}};
}

Diagnosis diagnosis_from_json(const Json& json) {
  return {field<std::string>(json, "stage"),
          field<std::string>(json, "because"),
          field<std::string>(json, "convention")};
}

}  // namespace attest
