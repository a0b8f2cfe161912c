// Command list: what there is, one line each.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/selection.h"
#include "harness/ptx/check/check.h"
#include "properties/zoo/zoo.h"
#include "reference/oracle/oracle.h"
#include "reports/format/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace attest {
namespace {

struct Section {
  std::string name;
  std::vector<std::pair<std::string, std::string>> entries;  // name, one line
};

Section kernels() {
  Section section{"kernels", {}};
  for (const KernelSpec& kernel : all_kernels()) {
    std::string dtypes;
    for (const Dtype dtype : kernel.dtypes)
      dtypes += fmt::format("{} ", name(dtype));
    section.entries.emplace_back(kernel.name,
                                 fmt::format("{} d {}", dtypes, fmt::join(kernel.head_dims, " ")));
  }
  for (const OperationSpec& kernel : all_operation_specs()) {
    std::string line;
    for (const Dtype dtype : kernel.dtypes)
      line += fmt::format("{} ", name(dtype));
    section.entries.emplace_back(
        kernel.name,
        fmt::format("{} tile {} x {} x {}", line, kernel.tile_m, kernel.tile_n, kernel.tile_k));
  }
  return section;
}

Section faults() {
  Section section{"faults", {}};
  for (const ZooFault& fault : all_zoo_faults()) {
    section.entries.emplace_back("zoo/" + fault.name, fault.models);
  }
  return section;
}

Section properties() {
  Section section{"properties", {}};
  for (const Property& property : all_properties()) {
    section.entries.emplace_back(property.name, property.sentence);
  }
  return section;
}

Section oracles() {
  Section section{"oracles", {}};
  for (const Oracle& oracle : all_oracles())
    section.entries.emplace_back(oracle.name,
                                 oracle.sentence + (oracle.is_built() ? "" : "; not built"));
  return section;
}

/// What the ptx executor looks for while a kernel runs.
Section checks() {
  Section section{"checks", {}};
  for (const ptx::Check& check : ptx::all_checks())
    section.entries.emplace_back(check.name, check.sentence);
  return section;
}

Section formats() {
  Section section{"formats", {}};
  for (const Format& format : all_formats()) {
    section.entries.emplace_back(format.name, format.description);
  }
  return section;
}

/// `text` in lines of at most `width` characters, the later ones indented.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column != 0 && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = 0;
    }
    if (column != 0) out += ' ';
    column += word.size() + (column != 0 ? 1 : 0);
    out += word;
  }
  return out;
}

std::string render(const Section& section) {
  constexpr std::size_t kColumns = 100;
  std::size_t width = 0;
  for (const auto& entry : section.entries)
    width = std::max(width, entry.first.size());
  const std::size_t indent = 2 + width + 2;
  std::string out = section.name + "\n";
  for (const auto& [entry, line] : section.entries) {
    out += fmt::format("  {:<{}}  {}\n", entry, width, wrapped(line, kColumns - indent, indent));
  }
  return out;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  std::string wanted;
  Arguments parser("list",
                   "Kernels, faulty kernels, properties, oracles, checks and report formats.");
  parser.text("section", wanted, "one of them alone");
  auto is_run = parser.parse(arguments, context.out);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;

  const std::vector<Section> sections = {
      kernels(), faults(), properties(), oracles(), checks(), formats()};
  std::vector<std::string> names;
  names.reserve(sections.size());
  for (const Section& section : sections)
    names.push_back(section.name);
  if (!wanted.empty()) {
    auto index = parse_choice("list", wanted, names);
    if (!index) return report_error(index.error(), context);
    context.out << render(sections[*index]);
    return Exit::held;
  }
  for (const Section& section : sections)
    context.out << render(section) << "\n";
  return Exit::held;
}

}  // namespace

Command command_list() {
  return {"list", "kernels, properties, oracles, checks, formats", run_command};
}

}  // namespace attest
