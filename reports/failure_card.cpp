// Lines of a failure card.
// SPDX-License-Identifier: Apache-2.0
#include "reports/failure_card.h"

#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace attest {
namespace {

class Card {
 public:
  void heading(std::string text) { lines_.push_back(std::move(text)); }
  /// `text` may have several lines; the label stands before the first.
  void entry(std::string_view label, std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines_.push_back(fmt::format("  {:<9} {}", label, text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
      label = "";
    }
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

/// What is wrong with the elements that the judge counted, by tier.
std::string_view complaint(std::string_view tier) {
  if (tier == "classes") return "are of another class (NaN, +Inf, -Inf, finite)";
  if (tier == "exact") return "differ in bits";
  if (tier == "count") return "are missing or too many";
  if (tier == "probabilistic") return "are beyond what is likely, as with other draws";
  return "are beyond the bound";
}

std::string how_many(const DivergenceRecord& d) {
  const double share = 100.0 * static_cast<double>(d.wrong) / static_cast<double>(d.total);
  return fmt::format("{} of {} elements ({:.3g} %) {}", d.wrong, d.total, share, complaint(d.tier));
}

void add_divergence(Card& out, const DivergenceRecord& d, Dtype dtype) {
  out.entry(d.tensor, how_many(d));
  out.entry("where", d.pattern);
  if (d.tier == "count") return;
  const int digits = d.tensor == "lse" || dtype == Dtype::f32 ? 8 : 4;
  out.entry("worst",
            fmt::format("{}[{},{},{},{}]  got {:.9g} (0x{:0{}x})  want {:.9g} (0x{:0{}x})",
                        d.tensor,
                        d.index[0],
                        d.index[1],
                        d.index[2],
                        d.index[3],
                        d.got,
                        d.got_bits,
                        digits,
                        d.want,
                        d.want_bits,
                        digits));
  if (d.tier != "bound" && d.tier != "probabilistic") return;
  const double error = std::fabs(d.got - d.want);
  out.entry(
      "error",
      fmt::format(
          "{:.6g}, bound {:.6g}, error / bound {}", error, d.bound, ratio_text(error / d.bound)));
  out.entry("bound", d.bound_terms);
}

void add_launches(Card& out, const std::vector<LaunchSummary>& launches) {
  std::string text;
  for (const LaunchSummary& launch : launches) {
    text += fmt::format("{} grid ({},{},{}) block ({},{},{}), {} warp instructions, {} mma\n",
                        launch.kernel,
                        launch.grid.x,
                        launch.grid.y,
                        launch.grid.z,
                        launch.block.x,
                        launch.block.y,
                        launch.block.z,
                        launch.counts.warp_instructions,
                        launch.counts.classes[InsnClass::mma]);
  }
  out.entry("launches", text);
}

std::string mode_text(const Mode& mode) {
  const Mode plain;
  std::vector<std::string> parts;
  if (!mode.arch.empty()) parts.push_back("arch " + mode.arch);
  if (mode.schedule != 0) parts.push_back(fmt::format("schedule {}", mode.schedule));
  if (mode.mma != plain.mma) parts.push_back(fmt::format("mma {}", name(mode.mma)));
  if (mode.approx != plain.approx) parts.push_back(fmt::format("approx {}", name(mode.approx)));
  if (mode.contract != plain.contract)
    parts.push_back(fmt::format("contract {}", name(mode.contract)));
  if (mode.device != plain.device) parts.push_back(fmt::format("device {}", name(mode.device)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

void add_diagnosis(Card& out, const Diagnosis& diagnosis) {
  const std::string stage = diagnosis.stage.empty() ? "no stage" : diagnosis.stage;
  out.entry("blame", fmt::format("{}: {}", stage, diagnosis.because));
  if (!diagnosis.convention.empty()) {
    out.entry(
        "verdict",
        fmt::format("convention: the kernel is right under another one, {}", diagnosis.convention));
  }
}

std::vector<std::string> make_card(const CaseResult& result,
                                   const FailureRecord* failure,
                                   const Diagnosis* diagnosis) {
  const Case& which = result.which;
  Card out;
  out.heading(fmt::format(
      "{}  {} / {}   id {}", upper(name(result.verdict)), which.kernel, which.property, id(which)));
  out.entry("case", to_string(which.problem));
  out.entry("mode", mode_text(which.mode));
  if (failure != nullptr && !(failure->found == which)) {
    out.entry("found as", to_string(failure->found.problem));
    out.entry("", mode_text(failure->found.mode));
  }
  if (failure != nullptr) {
    out.entry("shrunk",
              fmt::format("in {} evaluations; cases of this run with the same signature: {}",
                          failure->steps,
                          failure->seen));
  }
  out.entry("reason", result.reason);
  if (result.divergence) add_divergence(out, *result.divergence, dtype(which.problem));
  if (result.verdict == Verdict::agree) {
    const bool is_attention = std::holds_alternative<Problem>(which.problem);
    const std::string o = ratio_text(result.ratio_o);
    out.entry("largest",
              is_attention
                  ? fmt::format("error / bound: o {}, lse {}", o, ratio_text(result.ratio_lse))
                  : fmt::format("error / bound: c {}", o));
  }
  for (const Finding& finding : result.findings)
    out.entry("finding", describe(finding));
  if (diagnosis != nullptr) add_diagnosis(out, *diagnosis);
  out.entry("known", result.known);
  add_launches(out, result.launches);
  out.entry("replay", replay_line(which));
  return out.take();
}

}  // namespace

std::vector<std::string> card(const CaseResult& result) {
  return make_card(result, nullptr, nullptr);
}

std::vector<std::string> card(const CaseResult& result, const Diagnosis& diagnosis) {
  return make_card(result, nullptr, &diagnosis);
}

std::vector<std::string> card(const FailureRecord& failure) {
  return make_card(failure.shrunk, &failure, failure.diagnosis ? &*failure.diagnosis : nullptr);
}

std::string one_line(const CaseResult& result) {
  const std::string verdict(name(result.verdict));
  if (!result.known.empty() && result.verdict == Verdict::agree)
    return verdict + ": a known failure that holds now, remove its line from the corpus";
  if (!result.findings.empty()) {
    const std::string text = describe(result.findings.front());
    return verdict + ": " + text.substr(0, text.find('\n'));
  }
  if (result.divergence)
    return verdict + ": " + result.divergence->tensor + ", " + how_many(*result.divergence);
  return result.reason.empty() ? verdict : verdict + ": " + result.reason;
}

}  // namespace attest
