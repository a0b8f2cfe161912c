// LayerView: a layer through its pipelines as tables and bars, the same for every format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "reports/table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// A bar of a chart: `length` of the longest is kBarCells.
struct Bar {
  std::string name;
  std::int64_t value = 0;
  std::string value_text;
  int length = 0;  // at least 1 for a value that is not 0
};
inline constexpr int kBarCells = 40;
/// Of the longest name, and never less than what the names of this project take.
[[nodiscard]] std::size_t name_width(const std::vector<Bar>& bars);

/// The launches of one pipeline, and what went wrong with it.
struct PipelineView {
  std::string title;  // "eager: one launch for each operation, .."
  Table launches;
  std::vector<std::string> failures;  // lines; empty when it agrees
};

struct LayerView {
  std::string title;  // the layer's line
  Table pipelines;
  std::vector<Bar> launches;
  std::vector<Bar> bytes_touched;  // empty on a GPU, which does not count
  Table operations;                // which launch each operation went into, by pipeline
  std::vector<PipelineView> details;
};

/// What only the interpreter counts is "-" for a layer on a GPU. Registers and spills are looked up in `env` by the kernel's name.
[[nodiscard]] LayerView view_of(const LayerRecord& layer, const Environment& env);

/// "812 B", "1.57 MB": decimal units, three digits.
[[nodiscard]] std::string bytes_text(std::int64_t bytes);
/// "35.4 M", "1.20 G": three digits.
[[nodiscard]] std::string count_text(std::int64_t count);

}  // namespace attest
