// Lays the matrix out: titles of columns stand upright, groups of detectors apart.
// SPDX-License-Identifier: Apache-2.0
#include "reports/zoo_view.h"

#include "reports/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace attest {
namespace {

constexpr const char* kGap = "  ";

bool sees_any(const ZooRecord& zoo, const ZooDetector& detector) {
  return std::any_of(zoo.faults.begin(), zoo.faults.end(), [&](const ZooFaultRecord& fault) {
    return kill_by(fault, detector.name) != nullptr;
  });
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

char mark_of(ZooCell cell) {
  switch (cell) {
    case ZooCell::named:
      return '#';
    case ZooCell::seen:
      return '+';
    case ZooCell::unseen:
      return '.';
    case ZooCell::silent:
      break;
  }
  return ' ';
}

/// Line `line` of the upright titles, which end at the bottom.
std::string title_line(const std::vector<std::vector<ZooDetector>>& groups,
                       std::size_t height,
                       std::size_t line) {
  std::string out;
  for (const auto& group : groups) {
    out += kGap;
    for (const ZooDetector& detector : group) {
      const std::size_t above = height - detector.name.size();
      out += line < above ? ' ' : detector.name[line - above];
    }
  }
  return out;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string list(const std::string& title,
                 const std::vector<std::pair<std::string, std::string>>& entries) {
  if (entries.empty()) return "";
  std::size_t width = 0;
  for (const auto& [name, reason] : entries)
    width = std::max(width, name.size());
  std::string out = title + "\n";
  for (const auto& [name, reason] : entries)
    out += without_trailing_blanks(fmt::format("  {:<{}}  {}", name, width, reason)) + "\n";
  return out;
}

}  // namespace

ZooCell zoo_cell(const ZooFaultRecord& fault, const ZooDetector& detector) {
  if (contains(fault.deaf, detector.name)) return ZooCell::silent;
  if (detector.kind == DetectorKind::comparison)
    return contains(fault.compared, detector.name) ? ZooCell::seen : ZooCell::unseen;
  const ZooKill* const kill = kill_by(fault, detector.name);
  if (kill == nullptr) return ZooCell::unseen;
  return kill->names_class ? ZooCell::named : ZooCell::seen;
}

std::vector<std::vector<ZooDetector>> zoo_columns(const ZooRecord& zoo) {
  std::vector<std::vector<ZooDetector>> out;
  for (const DetectorKind kind : {DetectorKind::comparison,
                                  DetectorKind::tier,
                                  DetectorKind::property,
                                  DetectorKind::check}) {
    std::vector<ZooDetector> group;
    for (const ZooDetector& detector : zoo.detectors) {
      const bool is_shown = kind == DetectorKind::comparison || sees_any(zoo, detector);
      if (detector.kind == kind && is_shown) group.push_back(detector);
    }
    if (!group.empty()) out.push_back(std::move(group));
  }
  return out;
}

std::string zoo_summary(const ZooRecord& zoo) {
  const ZooTotals sums = totals(zoo);
  std::vector<std::pair<std::string, std::string>> survivors;
  std::vector<std::pair<std::string, std::string>> equivalents;
  std::vector<std::pair<std::string, std::string>> broken;
  for (const ZooFaultRecord& fault : zoo.faults) {
    if (fault.is_dead) {
      broken.emplace_back(fault.name, "its instructions are those of the correct kernel");
      continue;
    }
    if (!fault.equivalent.empty()) {
      const bool is_revealed = is_killed(fault);
      equivalents.emplace_back(
          fault.name,
          is_revealed ? "NOT equivalent: " + fault.kills.front().replay : fault.equivalent);
    }
    if (const std::string why = survival(fault); !why.empty())
      survivors.emplace_back(fault.name, why);
  }
  std::string out = list("dead anchors", broken) + list("survivors", survivors) +
                    list("equivalents", equivalents);
  for (const std::string& alarm : sums.alarms)
    out += fmt::format("false alarm  {}\n", alarm);
  out += fmt::format(
      "{}  {} of {} faults killed, {} by a detector that names their class; "
      "{} survivors, {} equivalents, {} dead anchors, {} false alarms; "
      "{} numbers of the collection\n",
      sums.holds() ? "HELD" : "FAILED",
      sums.killed,
      sums.faults,
      sums.named,
      sums.survivors.size(),
      sums.equivalents.size(),
      sums.dead.size(),
      sums.alarms.size(),
      sums.numbers);
  return out;
}

std::string zoo_matrix(const ZooRecord& zoo) {
  const auto groups = zoo_columns(zoo);
  std::size_t height = 0;
  for (const auto& group : groups) {
    for (const ZooDetector& detector : group)
      height = std::max(height, detector.name.size());
  }
  std::size_t width = 0;
  std::size_t class_width = 0;
  for (const ZooFaultRecord& fault : zoo.faults) {
    width = std::max(width, fault.name.size());
    class_width = std::max(class_width, fault.fault_class.size());
  }
  std::string out;
  for (std::size_t line = 0; line < height; ++line) {
    out += without_trailing_blanks(std::string(width + 2 + class_width, ' ') +
                                   title_line(groups, height, line)) +
           "\n";
  }
  for (const ZooFaultRecord& fault : zoo.faults) {
    std::string row =
        fmt::format("{:<{}}  {:<{}}", fault.name, width, fault.fault_class, class_width);
    for (const auto& group : groups) {
      row += kGap;
      for (const ZooDetector& detector : group)
        row += mark_of(zoo_cell(fault, detector));
    }
    out += without_trailing_blanks(std::move(row)) + "\n";
  }
  out += "\n# sees it and names its class  + sees it  . does not  blank: says nothing about it\n\n";
  const ZooTotals sums = totals(zoo);
  std::size_t at = 0;
  for (const ZooDetector& detector : zoo.detectors) {
    if (detector.kind != DetectorKind::comparison) continue;
    out += fmt::format("{} kills {} of {}\n", detector.name, sums.compared[at++], sums.faults);
  }
  return out + "\n" + zoo_summary(zoo);
}

}  // namespace attest
