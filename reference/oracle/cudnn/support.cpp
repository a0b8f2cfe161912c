// What is documented, and the text of the support matrix.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/support.h"

#include "reference/oracle/cudnn/gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace attest {
namespace {

bool is_fp8(SdpaType type) {
  return type == SdpaType::e4m3 || type == SdpaType::e5m2;
}

/// "eng2_k24=7" as "2/7", "eng5_k14=2_k24=31" as "5.2/31".
std::string short_engine(const std::string& engine) {
  std::string text = engine;
  if (text.starts_with("eng")) text.erase(0, 3);
  const std::array<std::pair<std::string_view, std::string_view>, 2> knobs = {
      {{"_k14=", "."}, {"_k24=", "/"}}};
  for (const auto& [name, mark] : knobs) {
    const auto knob = text.find(name);
    if (knob != std::string::npos) text.replace(knob, name.size(), mark);
  }
  return text;
}

bool is_documented_backward(const Sdpa& s, int major) {
  if (is_fp8(s.type)) {
    const bool fits = s.head_dim % 16 == 0 && s.head_dim <= 128 && s.head_dim_v <= 128;
    return (major == 9 || major == 10) && fits;
  }
  if (s.head_dim % 8 != 0 || s.head_dim_v % 8 != 0) return false;
  if (s.head_dim == 192 && s.head_dim_v == 128) return major == 9 || major == 10;
  const std::int64_t most = major == 9 ? 256 : 128;
  return s.head_dim <= most && s.head_dim_v <= most;
}

/// "2/7", "2/7+", "6/26=1", "died"; a refusal's number is the caller's.
std::string engine_cell(const CudnnAnswer& answer, const Sdpa& sdpa, int sm) {
  std::string cell = short_engine(answer.engine);
  if (answer.tier == CudnnTier::planned) cell += fmt::format("={}", answer.kernels.size());
  return cell + (is_documented(sdpa, sm) ? "" : "+");
}

}  // namespace

bool is_documented(const Sdpa& s, int sm) {
  const int major = sm / 10;
  const bool is_192_128 = s.head_dim == 192 && s.head_dim_v == 128;
  if (s.type == SdpaType::f32 || s.seq_kv == 0) return false;
  if (s.is_backward) return is_documented_backward(s, major);
  if (is_fp8(s.type)) {
    const std::int64_t most = major == 9 ? 256 : 128;
    const bool fits = s.head_dim % 16 == 0 && s.head_dim <= most && s.head_dim_v <= most;
    return major >= 9 && (fits || (major == 10 && is_192_128));
  }
  if (s.head_dim % 8 != 0 || s.head_dim_v % 8 != 0) return false;
  const bool is_wide_decode = s.seq_q == 1 && (s.head_dim > 128 || s.head_dim_v > 128);
  if (is_wide_decode && major != 9) return false;
  if (major == 9 && s.head_dim != s.head_dim_v) return is_192_128;
  return s.head_dim <= 256 && s.head_dim_v <= 256;
}

std::string support_table(const std::string& cudnn,
                          const std::string& frontend,
                          const SupportRows& rows,
                          const std::vector<std::vector<CudnnAnswer>>& answers) {
  ATTEST_CHECK(answers.size() == rows.size());
  std::vector<std::string> reasons;
  const auto number_of = [&](const std::string& reason) {
    const auto at = std::find(reasons.begin(), reasons.end(), reason);
    const auto number = at - reasons.begin() + 1;
    if (at == reasons.end()) reasons.push_back(reason);
    return number;
  };
  std::string text = fmt::format(
      "cuDNN {} with cudnn-frontend {}: attention that it admits for described GPUs\n"
      "bf16 b=2 hq=8 hkv=8 sq=512 skv=512 d=128 bshd with LSE, but for what a row says.\n"
      "engine/kernel configuration; =n: its plan was built, with n kernels; + beyond what NVIDIA\n"
      "documents: nothing more is known;\n"
      "r1, r2, ..: refused, the reasons are at the end\n\n",
      cudnn,
      frontend);
  std::size_t width = 0;
  for (const SupportRow* row : rows)
    width = std::max(width, row->name.size());
  const auto add_line = [&](const std::string& name, const std::vector<std::string>& cells) {
    std::string line = fmt::format("{:<{}}", name, width);
    for (const std::string& cell : cells)
      line += fmt::format("  {:<8}", cell);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  std::vector<std::string> header;
  for (const DescribedGpu& gpu : described_gpus())
    header.push_back(fmt::format("sm_{}", gpu.sm));
  add_line("", header);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::vector<std::string> cells;
    for (std::size_t at = 0; at < described_gpus().size(); ++at) {
      const CudnnAnswer& answer = answers[row].at(at);
      switch (answer.tier) {
        case CudnnTier::admitted:
        case CudnnTier::planned:
        case CudnnTier::executed:
          cells.push_back(engine_cell(answer, rows[row]->sdpa, described_gpus()[at].sm));
          break;
        case CudnnTier::died:
          cells.emplace_back("died");
          break;
        case CudnnTier::refused:
          cells.push_back(fmt::format("r{}", number_of(answer.reason)));
      }
    }
    add_line(rows[row]->name, cells);
  }
  text += "\n";
  for (std::size_t at = 0; at < reasons.size(); ++at)
    text += fmt::format("r{}  {}\n", at + 1, reasons[at]);
  return text;
}

}  // namespace attest
