// Findings as text, in the layout that compute-sanitizer has made familiar.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/finding.h"

#include "harness/base/check.h"

#include <fmt/format.h>

namespace attest {
namespace {

std::string text(const Dim3& d) {
  return fmt::format("({},{},{})", d.x, d.y, d.z);
}

std::string bytes(std::uint64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "byte" : "bytes");
}

std::string at_site(const std::string& kernel, const CodeSite& site) {
  std::string line = "at " + (kernel.empty() ? std::string("the launch") : kernel);
  if (!site.file.empty()) {
    line += " in " + site.file;
    if (site.line > 0) line += fmt::format(":{}", site.line);
  }
  if (site.ptx_line > 0) line += fmt::format(" (PTX line {})", site.ptx_line);
  return line;
}

std::string by_thread(const Party& party) {
  return "    by thread " + text(party.thread) + " in block " + text(party.block) + "\n";
}

std::string_view lower(Access access) {
  if (access == Access::atomic) return "atomic";
  return access == Access::write ? "write" : "read";
}
std::string_view upper(Access access) {
  if (access == Access::atomic) return "Atomic";
  return access == Access::write ? "Write" : "Read";
}

std::string qualified(Space space) {
  switch (space) {
    case Space::none:
      return "";
    case Space::generic:
      return "generic ";
    case Space::constant:
    case Space::global:
    case Space::shared:
    case Space::local:
    case Space::param:
      return fmt::format("__{}__ ", name(space));
  }
  fail_check("space has a name", __FILE__, __LINE__);
}

/// "__shared__ read of size 4 bytes"
std::string access_text(const Finding& f) {
  return fmt::format("{}{} of size {}",
                     qualified(f.space),
                     lower(f.party.access),
                     bytes(static_cast<std::uint64_t>(f.size_bytes)));
}

std::string headline(const Finding& f) {
  switch (f.kind) {
    case FindingKind::out_of_bounds:
    case FindingKind::misaligned:
      return "Invalid " + access_text(f);
    case FindingKind::uninitialised_read:
      return "Uninitialized " + access_text(f);
    case FindingKind::undefined_register:
      return "Undefined register read";
    case FindingKind::shared_race:
    case FindingKind::global_race:
      return "Race on " + access_text(f);
    case FindingKind::nc_write:
      return "Write and read-only (.nc) read in one launch: " + access_text(f);
    case FindingKind::async_copy_unwaited:
      return "Asynchronous copy not waited for: " + access_text(f);
    case FindingKind::barrier_divergence:
      return "Barrier error: divergent threads";
    case FindingKind::mbarrier_misuse:
      return "Barrier error: misused mbarrier";
    case FindingKind::invalid_launch:
      return "Invalid launch";
    case FindingKind::no_progress:
      return "No progress";
    case FindingKind::memory_limit:
      return "Memory limit reached";
    case FindingKind::guard_band:
      return "Guard band changed: " + bytes(static_cast<std::uint64_t>(f.size_bytes));
    case FindingKind::trap:
      return "Trap executed";
    case FindingKind::assertion:
      return "Assertion failed";
    case FindingKind::crash:
      return "The process that ran the case died";
    case FindingKind::timeout:
      return "No answer in time";
  }
  fail_check("finding has a headline", __FILE__, __LINE__);
}

/// ": 12 bytes after the end of 'k'"
std::string place(const Finding& f) {
  if (f.allocation.empty()) return "";
  if (f.distance_bytes == 0) return fmt::format(" in '{}'", f.allocation);
  const bool is_after = f.distance_bytes > 0;
  const auto distance = static_cast<std::uint64_t>(f.distance_bytes);
  return fmt::format(": {} {} of '{}'",
                     bytes(is_after ? distance : 0 - distance),
                     is_after ? "after the end" : "before the start",
                     f.allocation);
}

std::string address_line(const Finding& f) {
  switch (f.kind) {
    case FindingKind::out_of_bounds:
      return fmt::format(
          "    Address {:#x} is {}{}\n",
          f.address,
          f.distance_bytes == 0 && !f.allocation.empty() ? "not allowed" : "out of bounds",
          place(f));
    case FindingKind::misaligned:
      return fmt::format("    Address {:#x} is misaligned{}\n", f.address, place(f));
    case FindingKind::uninitialised_read:
    case FindingKind::shared_race:
    case FindingKind::global_race:
    case FindingKind::nc_write:
    case FindingKind::async_copy_unwaited:
    case FindingKind::mbarrier_misuse:
    case FindingKind::guard_band:
      return fmt::format("    Address {:#x}{}\n", f.address, place(f));
    case FindingKind::undefined_register:
    case FindingKind::barrier_divergence:
    case FindingKind::invalid_launch:
    case FindingKind::no_progress:
    case FindingKind::memory_limit:
    case FindingKind::trap:
    case FindingKind::assertion:
    case FindingKind::crash:
    case FindingKind::timeout:
      return "";
  }
  fail_check("finding has an address rule", __FILE__, __LINE__);
}

}  // namespace

std::string_view name(FindingKind kind) {
  switch (kind) {
    case FindingKind::out_of_bounds:
      return "out_of_bounds";
    case FindingKind::misaligned:
      return "misaligned";
    case FindingKind::uninitialised_read:
      return "uninitialised_read";
    case FindingKind::undefined_register:
      return "undefined_register";
    case FindingKind::shared_race:
      return "shared_race";
    case FindingKind::global_race:
      return "global_race";
    case FindingKind::nc_write:
      return "nc_write";
    case FindingKind::async_copy_unwaited:
      return "async_copy_unwaited";
    case FindingKind::barrier_divergence:
      return "barrier_divergence";
    case FindingKind::mbarrier_misuse:
      return "mbarrier_misuse";
    case FindingKind::invalid_launch:
      return "invalid_launch";
    case FindingKind::no_progress:
      return "no_progress";
    case FindingKind::memory_limit:
      return "memory_limit";
    case FindingKind::guard_band:
      return "guard_band";
    case FindingKind::trap:
      return "trap";
    case FindingKind::assertion:
      return "assertion";
    case FindingKind::crash:
      return "crash";
    case FindingKind::timeout:
      return "timeout";
  }
  fail_check("finding kind has a name", __FILE__, __LINE__);
}

std::string_view name(Space space) {
  switch (space) {
    case Space::none:
      return "none";
    case Space::global:
      return "global";
    case Space::constant:
      return "constant";
    case Space::shared:
      return "shared";
    case Space::local:
      return "local";
    case Space::param:
      return "param";
    case Space::generic:
      return "generic";
  }
  fail_check("space has a name", __FILE__, __LINE__);
}

std::string describe(const Finding& f) {
  std::string out = headline(f) + "\n    " + at_site(f.kernel, f.party.site) + "\n";
  const bool has_thread = f.kind != FindingKind::invalid_launch &&
                          f.kind != FindingKind::memory_limit && f.kind != FindingKind::guard_band;
  if (has_thread) out += by_thread(f.party);
  if (f.other) {
    out += fmt::format(
        "    and {} access {}\n", upper(f.other->access), at_site(f.kernel, f.other->site));
    out += by_thread(*f.other);
  }
  out += address_line(f);
  if (!f.message.empty()) out += "    " + f.message + "\n";
  out.pop_back();
  return out;
}

}  // namespace attest
