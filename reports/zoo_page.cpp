// Tables of HTML: who kills how many, the matrix, and a line for each fault.
// SPDX-License-Identifier: Apache-2.0
#include "reports/zoo_page.h"

#include "reports/printable.h"
#include "reports/zoo_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace attest {
namespace {

constexpr std::string_view kHow =
    "<p class=\"how\"><b>How to read this.</b> Each row is a correct kernel with one fault, most "
    "of them "
    "modelled on bugs that shipped; each column is a detector. <b>#</b> sees the fault and names "
    "its "
    "class, <b>+</b> sees it, <b>·</b> does not, and an empty cell says nothing about such a "
    "kernel. The "
    "first columns are other people's tests of the same kernels: normal data within allclose of "
    "1e-2, "
    "and at most twice the error of unfused attention. A fault that nobody names has "
    "survived.</p>\n";

/// A share of the faults as a bar beside its figure.
std::string bar_row(const std::string& who, std::int64_t killed, std::int64_t of) {
  const double percent =
      of == 0 ? 0 : 100.0 * static_cast<double>(killed) / static_cast<double>(of);
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td class=\"number\">{} of {}</td><td class=\"bar\">"
      "<span style=\"width:{:.1f}%\"></span></td></tr>\n",
      html_text(who),
      killed,
      of,
      percent);
}

std::string bars(const ZooRecord& zoo) {
  const ZooTotals sums = totals(zoo);
  std::string out =
      "<div class=\"table\"><table class=\"zoo-bars\"><caption>Faults that each "
      "kills</caption><thead><tr>"
      "<th scope=\"col\">test</th><th scope=\"col\">kills</th><th "
      "scope=\"col\">share</th></tr></thead>"
      "<tbody>\n";
  out += bar_row("attest, naming the class", sums.named, sums.faults);
  std::size_t at = 0;
  for (const ZooDetector& detector : zoo.detectors) {
    if (detector.kind == DetectorKind::comparison)
      out += bar_row(detector.name, sums.compared[at++], sums.faults);
  }
  return out + "</tbody></table></div>\n";
}

struct Mark {
  std::string_view text;
  std::string_view css;
};
Mark mark_of(ZooCell cell) {
  switch (cell) {
    case ZooCell::named:
      return {"#", "named"};
    case ZooCell::seen:
      return {"+", "seen"};
    case ZooCell::unseen:
      return {"·", "unseen"};
    case ZooCell::silent:
      break;
  }
  return {"", "silent"};
}

std::string matrix(const ZooRecord& zoo) {
  const auto groups = zoo_columns(zoo);
  std::string out =
      "<div class=\"table\"><table class=\"zoo-matrix\"><caption>Faults by "
      "detectors</caption><thead><tr>"
      "<th scope=\"col\">fault</th><th scope=\"col\">class</th>";
  for (const auto& group : groups) {
    for (const ZooDetector& detector : group) {
      out += fmt::format("<th scope=\"col\" class=\"upright{}\"><span>{}</span></th>",
                         detector.name == group.front().name ? " first" : "",
                         html_text(detector.name));
    }
  }
  out += "</tr></thead><tbody>\n";
  for (const ZooFaultRecord& fault : zoo.faults) {
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td>",
                       html_text(fault.name),
                       html_text(fault.fault_class));
    for (const auto& group : groups) {
      for (const ZooDetector& detector : group) {
        const Mark mark = mark_of(zoo_cell(fault, detector));
        out += fmt::format("<td class=\"{}{}\">{}</td>",
                           mark.css,
                           detector.name == group.front().name ? " first" : "",
                           mark.text);
      }
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string numbers_of(const ZooFaultRecord& fault) {
  std::string out;
  for (const int number : fault.facts)
    out += (out.empty() ? "" : ", ") + std::to_string(number);
  return out.empty() ? "-" : out;
}

/// What became of it, in a few words, and the line that shows it.
std::string fate_of(const ZooFaultRecord& fault) {
  if (fault.is_dead) return "<td class=\"bad\">dead anchor</td><td></td>";
  if (const std::string why = survival(fault); !why.empty())
    return fmt::format("<td class=\"bad\">survives: {}</td><td></td>", html_text(why));
  if (fault.kills.empty())
    return fmt::format("<td>equivalent: {}</td><td></td>", html_text(fault.equivalent));
  const auto named = std::find_if(
      fault.kills.begin(), fault.kills.end(), [](const ZooKill& kill) { return kill.names_class; });
  const ZooKill& kill = named == fault.kills.end() ? fault.kills.front() : *named;
  return fmt::format("<td class=\"{}\">{}</td><td><code>{}</code></td>",
                     fault.equivalent.empty() ? "good" : "bad",
                     html_text(kill.detector),
                     html_text(kill.replay));
}

std::string faults_table(const ZooRecord& zoo) {
  std::string out =
      "<div class=\"table\"><table class=\"sortable\"><caption>Faults</caption><thead><tr>"
      "<th scope=\"col\">fault</th><th scope=\"col\">kernel</th><th scope=\"col\">models</th>"
      "<th scope=\"col\">number</th><th scope=\"col\">named by</th><th scope=\"col\">repeat</th>"
      "</tr></thead><tbody>\n";
  for (const ZooFaultRecord& fault : zoo.faults) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n",
                       html_text(fault.name),
                       html_text(fault.kernel),
                       html_text(fault.models),
                       numbers_of(fault),
                       fate_of(fault));
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string zoo_section(const ZooRecord& zoo) {
  const ZooTotals sums = totals(zoo);
  std::string out = "\n<section id=\"zoo\">\n<h2>What a green run is worth</h2>\n";
  out += kHow;
  out += fmt::format(
      "<p class=\"{}\"><b>{}</b> {} of {} faults are killed, {} by a detector that names "
      "their class; {} survivors, {} equivalents, {} dead anchors, {} false alarms.</p>\n",
      sums.holds() ? "good" : "bad",
      sums.holds() ? "HELD" : "FAILED",
      sums.killed,
      sums.faults,
      sums.named,
      sums.survivors.size(),
      sums.equivalents.size(),
      sums.dead.size(),
      sums.alarms.size());
  out += bars(zoo) + matrix(zoo);
  out += "<details><summary>Each fault, and the line that shows it</summary>" + faults_table(zoo) +
         "</details>\n";
  out += "<details><summary>The matrix as text</summary><pre tabindex=\"0\">" +
         html_text(zoo_matrix(zoo)) + "</pre></details>\n</section>";
  return out;
}

}  // namespace attest
