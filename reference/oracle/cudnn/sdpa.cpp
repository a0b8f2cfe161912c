// Translates a Problem into cuDNN's conventions, and prints what a plan depends on.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/sdpa.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

constexpr std::int64_t kAlignmentBytes = 16;  // of every tensor that cuDNN is given

Error refused(std::string reason) {
  return Error{Code::unsupported, std::move(reason), ""};
}

SdpaType type_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return SdpaType::f32;
    case Dtype::f16:
      return SdpaType::f16;
    case Dtype::bf16:
      return SdpaType::bf16;
  }
  ATTEST_CHECK(false);
}

/// Whether top-left and bottom-right are the same in every batch.
bool is_square(const Problem& p) {
  for (std::int64_t b = 0; b < p.batch; ++b) {
    if (kv_length(p, b) != p.seq_q) return false;
  }
  return true;
}

/// The smaller of two right ends, where none is unbounded.
void narrow(std::optional<std::int64_t>& right, std::int64_t bound) {
  right = right ? std::min(*right, bound) : bound;
}

Result<SdpaBand> band_of(const Problem& p) {
  SdpaBand band;
  const Mask& mask = p.mask;
  if (mask.causal) narrow(band.right, 0);
  if (mask.window) {
    if (mask.window->left >= 0) band.left = mask.window->left + 1;
    if (mask.window->right >= 0) narrow(band.right, mask.window->right);
  }
  if (is_square(p)) return band;
  if (mask.causal && mask.window && *mask.causal != mask.window->alignment) {
    return refused("causal and window have different alignments; cuDNN has one for both");
  }
  const Alignment alignment = mask.causal   ? *mask.causal
                              : mask.window ? mask.window->alignment
                                            : Alignment::top_left;
  band.bottom_right = alignment == Alignment::bottom_right;
  return band;
}

/// Everything between q k^T and softmax but the scale.
std::string score_kinds(const Problem& p) {
  const Mask& mask = p.mask;
  const auto ending = [](Alignment alignment) {
    return alignment == Alignment::top_left ? "tl" : "br";
  };
  std::vector<std::string> parts;
  if (mask.causal) parts.push_back(fmt::format("causal-{}", ending(*mask.causal)));
  if (mask.window) {
    parts.push_back(fmt::format("window-{}{}{}",
                                ending(mask.window->alignment),
                                mask.window->left >= 0 ? "-left" : "",
                                mask.window->right >= 0 ? "-right" : ""));
  }
  if (mask.kv_lengths) parts.emplace_back("padding");
  if (mask.boolean) parts.emplace_back("bool");
  if (mask.bias) parts.emplace_back("bias");
  if (mask.alibi) parts.emplace_back("alibi");
  if (p.softcap) parts.emplace_back("softcap");
  if (p.sink) parts.emplace_back("sink");
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, "&"));
}

std::string_view sharing(const Problem& p) {
  if (p.heads_q == p.heads_kv) return "mha";
  return p.heads_kv == 1 ? "mqa" : "gqa";
}

}  // namespace

std::string_view name(SdpaType type) {
  switch (type) {
    case SdpaType::f32:
      return "f32";
    case SdpaType::f16:
      return "f16";
    case SdpaType::bf16:
      return "bf16";
    case SdpaType::e4m3:
      return "e4m3";
    case SdpaType::e5m2:
      return "e5m2";
  }
  ATTEST_CHECK(false);
}

void set_packed_strides(Sdpa& s, bool is_bhsd) {
  const struct {
    std::int64_t heads;
    std::int64_t rows;
    std::int64_t dim;
  } tensors[] = {{s.heads_q, s.seq_q, s.head_dim},
                 {s.heads_k, s.seq_kv, s.head_dim},
                 {s.heads_v, s.seq_kv, s.head_dim_v},
                 {s.heads_q, s.seq_q, s.head_dim_v}};
  for (std::size_t at = 0; at < 4; ++at) {
    const auto& t = tensors[at];
    s.strides[at] =
        is_bhsd ? std::array{t.heads * t.rows * t.dim, t.rows * t.dim, t.dim, std::int64_t{1}}
                : std::array{t.rows * t.heads * t.dim, t.dim, t.heads * t.dim, std::int64_t{1}};
  }
}

std::string to_string(const Sdpa& s) {
  std::string line = fmt::format("sdpa(type={},b={},hq={},hk={},hv={},sq={},skv={},d={},dv={}",
                                 name(s.type),
                                 s.batch,
                                 s.heads_q,
                                 s.heads_k,
                                 s.heads_v,
                                 s.seq_q,
                                 s.seq_kv,
                                 s.head_dim,
                                 s.head_dim_v);
  if (s.output) line += fmt::format(",output={}", name(*s.output));
  constexpr std::array kNames = {"q", "k", "v", "o"};
  for (std::size_t at = 0; at < kNames.size(); ++at)
    line += fmt::format(",{}={}", kNames[at], fmt::join(s.strides[at], "x"));
  line += fmt::format(",scale={}", s.scale);
  if (s.band.bottom_right) line += ",bottom-right";
  if (s.band.left) line += fmt::format(",left={}", *s.band.left);
  if (s.band.right) line += fmt::format(",right={}", *s.band.right);
  if (s.has_padding) line += ",padding";
  if (s.bias_heads > 0) line += s.bias_heads == 1 ? ",bias" : fmt::format(",bias={}", s.bias_heads);
  if (s.softcap) line += fmt::format(",softcap={}", *s.softcap);
  if (s.has_alibi) line += ",alibi";
  if (s.has_sink) line += ",sink";
  if (s.dropout > 0) line += fmt::format(",dropout={}", s.dropout);
  if (s.is_ragged) line += ",ragged";
  if (s.page > 0) line += fmt::format(",page={}", s.page);
  if (s.is_backward) line += ",backward";
  if (s.is_deterministic) line += ",deterministic";
  return line + ")";
}

Result<Sdpa> as_sdpa(const Problem& p) {
  if (std::isfinite(p.fill)) {
    return refused("a finite fill keeps hidden keys in the sum; cuDNN leaves them out");
  }
  if (p.batch == 0 || p.seq_q == 0) {  // the frontend of 1.23 divides by them
    return refused("without a row of q there is nothing to launch");
  }
  for (const Tensor tensor : kTensors) {
    const std::int64_t skew = p.skew[static_cast<std::size_t>(tensor)];
    if (skew % kAlignmentBytes != 0) {
      return refused(
          fmt::format("{} is skewed; cuDNN is given addresses that are multiples of {} bytes",
                      name(tensor),
                      kAlignmentBytes));
    }
  }
  if (p.mask.alibi && !is_square(p)) {
    return refused("ALiBi counts from the bottom-right diagonal, cuDNN's from the top-left one");
  }
  Sdpa s;
  s.type = type_of(p.dtype);
  s.batch = p.batch;
  s.heads_q = p.heads_q;
  s.heads_k = s.heads_v = p.heads_kv;
  s.seq_q = p.seq_q;
  s.seq_kv = p.seq_kv;
  s.head_dim = p.head_dim;
  s.head_dim_v = p.head_dim_v;
  for (const Tensor tensor : kTensors) {
    s.strides[static_cast<std::size_t>(tensor)] = tensor_layout(p, tensor).strides;
  }
  s.scale = effective_scale(p);
  ATTEST_TRY(s.band, band_of(p));
  s.has_padding = p.mask.kv_lengths.has_value();
  if (p.mask.bias || p.mask.boolean) s.bias_heads = p.mask.bias ? p.heads_q : 1;
  s.has_alibi = p.mask.alibi;
  s.has_sink = p.sink;
  if (p.softcap) s.softcap = static_cast<float>(*p.softcap);
  return s;
}

std::vector<double> sdpa_bias(const Problem& p, const Sdpa& sdpa, const Inputs& inputs) {
  std::vector<double> bias;
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < sdpa.bias_heads; ++h) {
      for (std::int64_t i = 0; i < p.seq_q; ++i) {
        for (std::int64_t j = 0; j < p.seq_kv; ++j) {
          const auto at = static_cast<std::size_t>((b * p.seq_q + i) * p.seq_kv + j);
          const bool is_hidden = p.mask.boolean && inputs.keep[at] == 0;
          bias.push_back(is_hidden     ? -std::numeric_limits<double>::infinity()
                         : p.mask.bias ? inputs.bias.value(b, h, i, j)
                                       : 0.0);
        }
      }
    }
  }
  return bias;
}

std::string plan_key(const Problem& p, int sm) {
  const bool has_gap = std::any_of(p.gap.begin(), p.gap.end(), [](auto gap) { return gap != 0; });
  return fmt::format("sm_{} {} {} d={}{} {} {}{}",
                     sm,
                     name(p.dtype),
                     score_kinds(p),
                     p.head_dim,
                     p.head_dim_v == p.head_dim ? "" : fmt::format("/{}", p.head_dim_v),
                     sharing(p),
                     p.layout == Layout::bshd ? "bshd" : "bhsd",
                     has_gap ? "+gap" : "");
}

}  // namespace attest
