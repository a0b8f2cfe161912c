// Reads conditions, and finds the kernel that exceeds one most.
// SPDX-License-Identifier: Apache-2.0
#include "reports/gate.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace attest {
namespace {

Error not_a_gate(const std::string& text) {
  std::string metrics;
  for (const Metric metric : kMetrics)
    metrics += fmt::format("{}{}", metrics.empty() ? "" : ", ", name(metric));
  return {Code::bad_input,
          fmt::format("'{}' is not METRIC>LIMIT, such as launches>0, bytes>1% or ratio>+0.1; "
                      "metrics: {}",
                      text,
                      metrics),
          "--fail-on"};
}

std::optional<Metric> metric_named(std::string_view text) {
  for (const Metric metric : kMetrics) {
    if (name(metric) == text) return metric;
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

/// The rise in the gate's unit.
double amount(const Gate& gate, const Figure& figure) {
  if (!gate.is_percent || figure.rise <= 0) return figure.rise;
  if (figure.before == 0) return std::numeric_limits<double>::infinity();
  return 100 * figure.rise / figure.before;
}

}  // namespace

Result<Gate> parse_gate(const std::string& text) {
  const std::size_t sign = text.find('>');
  if (sign == std::string::npos) return not_a_gate(text);
  const auto metric = metric_named(trimmed(std::string_view(text).substr(0, sign)));
  std::string_view number = trimmed(std::string_view(text).substr(sign + 1));
  Gate gate{text, metric.value_or(Metric::falsified), false, 0};
  if (!number.empty() && number.back() == '%') {
    gate.is_percent = true;
    number = trimmed(number.substr(0, number.size() - 1));
  }
  if (!number.empty() && number.front() == '+') number.remove_prefix(1);
  const char* last = number.data() + number.size();
  const auto end = std::from_chars(number.data(), last, gate.limit, std::chars_format::fixed);
  const bool is_number = !number.empty() && end.ec == std::errc() && end.ptr == last;
  const bool is_limit = is_number && std::isfinite(gate.limit) && !std::signbit(gate.limit);
  if (!metric || !is_limit) return not_a_gate(text);
  return gate;
}

std::optional<std::string> exceeded(const Gate& gate, const Comparison& comparison) {
  const KernelChange* most = nullptr;
  double most_amount = gate.limit;
  int others = -1;
  for (const KernelChange& change : comparison.kernels) {
    const auto& figure = change[gate.metric];
    if (!figure || !(amount(gate, *figure) > gate.limit)) continue;
    ++others;
    if (!(amount(gate, *figure) > most_amount)) continue;
    most = &change;
    most_amount = amount(gate, *figure);
  }
  if (most == nullptr) return std::nullopt;
  std::string line = fmt::format("{} holds: {}: {} {}",
                                 gate.text,
                                 most->kernel,
                                 name(gate.metric),
                                 text_of((*most)[gate.metric], gate.metric));
  if (others > 0) line += fmt::format("; and {} more", others);
  return line;
}

}  // namespace attest
