// What no_libm.cmake must find: one call each of exp, logf, pow and tanh.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

namespace attest {

double calls_libm(double x);

double calls_libm(double x) {
  return std::exp(x) + static_cast<double>(std::log(static_cast<float>(x))) + std::pow(x, x) +
         std::tanh(x);
}

}  // namespace attest
