// The line that repeats a case, and the case's id.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/case.h"

#include "harness/base/check.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming): the name that xxhash looks for
#include <xxhash.h>

namespace attest {

std::string_view name(MmaBits mma) {
  switch (mma) {
    case MmaBits::exact:
      return "exact";
    case MmaBits::fast:
      return "fast";
  }
  fail_check("the mma mode has a name", __FILE__, __LINE__);
}

std::string_view name(Approx approx) {
  switch (approx) {
    case Approx::cr:
      return "cr";
    case Approx::low:
      return "low";
    case Approx::high:
      return "high";
    case Approx::random:
      return "random";
  }
  fail_check("the approx mode has a name", __FILE__, __LINE__);
}

std::string_view name(Contract contract) {
  switch (contract) {
    case Contract::off:
      return "off";
    case Contract::on:
      return "on";
  }
  fail_check("the contract mode has a name", __FILE__, __LINE__);
}

std::string_view name(Device device) {
  switch (device) {
    case Device::ptx:
      return "ptx";
    case Device::cuda:
      return "cuda";
  }
  fail_check("the device has a name", __FILE__, __LINE__);
}

const Problem& Case::attention() const {
  ATTEST_CHECK(std::holds_alternative<Problem>(problem));
  return std::get<Problem>(problem);
}

std::string replay_line(const Case& c) {
  std::string line = fmt::format(
      "attest replay '{}' --kernel {} --property {}", to_string(c.problem), c.kernel, c.property);
  if (!c.mode.arch.empty()) line += " --arch " + c.mode.arch;
  if (c.mode.schedule != 0) line += fmt::format(" --schedule {}", c.mode.schedule);
  const Mode plain;
  if (c.mode.mma != plain.mma) line += fmt::format(" --mma {}", name(c.mode.mma));
  if (c.mode.approx != plain.approx) line += fmt::format(" --approx {}", name(c.mode.approx));
  if (c.mode.contract != plain.contract)
    line += fmt::format(" --contract {}", name(c.mode.contract));
  if (c.mode.device != plain.device) line += fmt::format(" --device {}", name(c.mode.device));
  return line;
}

std::string id(const Case& c) {
  const std::string line = replay_line(c);
  return fmt::format("{:016x}", XXH3_64bits(line.data(), line.size())).substr(0, 8);
}

}  // namespace attest
