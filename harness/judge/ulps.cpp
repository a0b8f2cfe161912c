// Errors by class, row by row.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/ulps.h"

#include "harness/base/check.h"

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

constexpr double kFloor = 1.0 / 16;  // of the largest element of a row

std::size_t class_of(double error, double unit) {
  double limit = 0.5 * unit;
  for (std::size_t n = 0; n + 1 < kUlpClasses; ++n, limit *= 2) {
    if (error <= limit) return n;  // never for a NaN
  }
  return kUlpClasses - 1;
}

std::vector<double> packed(const HostTensor& tensor) {
  const auto& shape = tensor.layout.shape;
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(tensor.layout.elements()));
  for (std::int64_t b = 0; b < shape[0]; ++b) {
    for (std::int64_t h = 0; h < shape[1]; ++h) {
      for (std::int64_t s = 0; s < shape[2]; ++s) {
        for (std::int64_t d = 0; d < shape[3]; ++d)
          out.push_back(tensor.value(b, h, s, d));
      }
    }
  }
  return out;
}

UlpCounts counts_of(const std::vector<double>& got,
                    const std::vector<double>& want,
                    const std::vector<double>& units) {
  UlpCounts counts{};
  for (std::size_t n = 0; n < got.size(); ++n)
    ++counts[class_of(std::fabs(got[n] - want[n]), units[n])];
  return counts;
}

}  // namespace

double unit_in_last_place(Dtype dtype, double magnitude) {
  if (magnitude == 0) return smallest_subnormal(dtype);
  int exponent = 0;
  std::frexp(magnitude, &exponent);  // magnitude in [2^(exponent-1), 2^exponent)
  const double unit = std::ldexp(unit_roundoff(dtype), exponent);
  return std::max(unit, smallest_subnormal(dtype));
}

UlpRecord ulp_record(const HostTensor& o,
                     const std::vector<double>& unfused,
                     const std::vector<double>& reference) {
  const std::vector<double> got = packed(o);
  ATTEST_CHECK(got.size() == reference.size() && unfused.size() == reference.size());
  const auto columns = static_cast<std::size_t>(o.layout.shape[3]);
  std::vector<double> units(reference.size());
  for (std::size_t row = 0; row < units.size(); row += columns) {
    double most = 0;
    for (std::size_t d = row; d < row + columns; ++d)
      most = std::max(most, std::fabs(reference[d]));
    for (std::size_t d = row; d < row + columns; ++d) {
      units[d] =
          unit_in_last_place(o.layout.dtype, std::max(std::fabs(reference[d]), kFloor * most));
    }
  }
  return {counts_of(got, reference, units), counts_of(unfused, reference, units)};
}

}  // namespace attest
