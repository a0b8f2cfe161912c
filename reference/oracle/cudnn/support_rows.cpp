// The rows of the support matrix.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/support.h"

#include <fmt/format.h>

#include <array>

namespace attest {
namespace {

constexpr std::int64_t kRows = 512;  // of q and kv where nothing else is said

/// Rows of one kind, each a change of the plain attention.
class Rows {
 public:
  template <class Change>
  void add(std::string name, Change change) {
    Sdpa sdpa;
    sdpa.type = SdpaType::bf16;
    sdpa.batch = 2;
    sdpa.heads_q = sdpa.heads_k = sdpa.heads_v = 8;
    sdpa.seq_q = sdpa.seq_kv = kRows;
    sdpa.head_dim = sdpa.head_dim_v = 128;
    sdpa.scale = 0.125F;
    change(sdpa);
    if (sdpa.strides[0][0] == 0) set_packed_strides(sdpa, false);
    rows_.push_back({std::move(name), sdpa});
  }
  [[nodiscard]] std::vector<SupportRow> take() { return std::move(rows_); }

 private:
  std::vector<SupportRow> rows_;
};

void causal(Sdpa& s) {
  s.band.right = 0;
}
void causal_br(Sdpa& s) {
  s.band.right = 0;
  s.band.bottom_right = true;
}

void add_dtypes(Rows& rows) {
  for (const SdpaType type : {SdpaType::f16, SdpaType::bf16, SdpaType::f32}) {
    rows.add(fmt::format("{}", name(type)), [&](Sdpa& s) { s.type = type; });
    rows.add(fmt::format("{} causal-tl", name(type)), [&](Sdpa& s) {
      s.type = type;
      causal(s);
    });
  }
  for (const SdpaType type : {SdpaType::e4m3, SdpaType::e5m2}) {
    const auto row = [&](const char* what, auto change) {
      rows.add(fmt::format("{}{}", name(type), what), [&](Sdpa& s) {
        s.type = type;
        change(s);
      });
    };
    row("", [](Sdpa&) {});
    row(" causal-tl", causal);
    row(" causal-br", causal_br);
    row(" d=256", [](Sdpa& s) { s.head_dim = s.head_dim_v = 256; });
    row(" d=192/128", [](Sdpa& s) { s.head_dim = 192; });
    row(" o in bf16", [](Sdpa& s) { s.output = SdpaType::bf16; });
    row(" ragged", [](Sdpa& s) { s.has_padding = s.is_ragged = true; });
  }
}

void add_head_dims(Rows& rows) {
  for (const std::int64_t d : {4, 8, 32, 64, 96, 100, 136, 192, 256, 264, 512, 1024})
    rows.add(fmt::format("d={}", d), [&](Sdpa& s) { s.head_dim = s.head_dim_v = d; });
  constexpr std::array<std::array<std::int64_t, 2>, 4> kPairs = {
      {{192, 128}, {576, 512}, {128, 64}, {64, 128}}};
  for (const auto& pair : kPairs) {
    rows.add(fmt::format("d={}/{} causal-tl", pair[0], pair[1]), [&](Sdpa& s) {
      s.head_dim = pair[0];
      s.head_dim_v = pair[1];
      causal(s);
    });
  }
}

void add_masks(Rows& rows) {
  rows.add("causal-tl sq<skv", [](Sdpa& s) { s.seq_q = 96, causal(s); });
  rows.add("causal-tl sq>skv", [](Sdpa& s) { s.seq_kv = 96, causal(s); });
  rows.add("causal-br", causal_br);
  rows.add("causal-br sq<skv", [](Sdpa& s) { s.seq_q = 96, causal_br(s); });
  rows.add("causal-br sq>skv", [](Sdpa& s) { s.seq_kv = 96, causal_br(s); });
  rows.add("causal-br sq>skv padding",
           [](Sdpa& s) { s.seq_kv = 96, s.has_padding = true, causal_br(s); });
  rows.add("left 64", [](Sdpa& s) { s.band.left = 64; });
  rows.add("left 64 sq>skv", [](Sdpa& s) { s.seq_kv = 96, s.band.left = 64; });
  rows.add("left 64 sq>skv padding",
           [](Sdpa& s) { s.seq_kv = 96, s.band.left = 64, s.has_padding = true; });
  rows.add("left 64 right 32", [](Sdpa& s) { s.band.left = 64, s.band.right = 32; });
  rows.add("left 64 causal-tl", [](Sdpa& s) { s.band.left = 64, causal(s); });
  rows.add("left 64 causal-br", [](Sdpa& s) { s.band.left = 64, causal_br(s); });
  rows.add("padding", [](Sdpa& s) { s.has_padding = true; });
  rows.add("padding causal-tl", [](Sdpa& s) { s.has_padding = true, causal(s); });
  rows.add("bias", [](Sdpa& s) { s.bias_heads = 1; });
  rows.add("bias causal-tl", [](Sdpa& s) { s.bias_heads = 1, causal(s); });
  rows.add("bias causal-br", [](Sdpa& s) { s.bias_heads = 1, causal_br(s); });
  rows.add("bias padding", [](Sdpa& s) { s.bias_heads = 1, s.has_padding = true; });
  rows.add("alibi", [](Sdpa& s) { s.has_alibi = true; });
  rows.add("alibi causal-tl", [](Sdpa& s) { s.has_alibi = true, causal(s); });
  rows.add("alibi causal-br", [](Sdpa& s) { s.has_alibi = true, causal_br(s); });
}

void add_layouts(Rows& rows) {
  rows.add("bhsd", [](Sdpa& s) { set_packed_strides(s, true); });
  rows.add("rows with a gap of 8", [](Sdpa& s) {
    set_packed_strides(s, false);
    for (auto& strides : s.strides) {
      strides[2] += 8;
      strides[0] = strides[2] * kRows;
    }
  });
  rows.add("rows with a gap of 1", [](Sdpa& s) {
    set_packed_strides(s, false);
    for (auto& strides : s.strides) {
      strides[2] += 1;
      strides[0] = strides[2] * kRows;
    }
  });
  rows.add("ragged", [](Sdpa& s) { s.has_padding = s.is_ragged = true; });
  rows.add("ragged without padding", [](Sdpa& s) { s.is_ragged = true; });
  for (const std::int64_t page : {1, 16, 64}) {
    rows.add(fmt::format("pages of {}", page),
             [&](Sdpa& s) { s.has_padding = true, s.page = page; });
  }
  rows.add("pages of 16 ragged", [](Sdpa& s) { s.has_padding = s.is_ragged = true, s.page = 16; });
  rows.add("pages of 16 decode", [](Sdpa& s) { s.has_padding = true, s.page = 16, s.seq_q = 1; });
}

void add_rest(Rows& rows) {
  rows.add("gqa 8/2", [](Sdpa& s) { s.heads_k = s.heads_v = 2; });
  rows.add("mqa 8/1", [](Sdpa& s) { s.heads_k = s.heads_v = 1; });
  rows.add("heads of k 2, of v 4", [](Sdpa& s) { s.heads_k = 2, s.heads_v = 4; });
  rows.add("heads 8/3", [](Sdpa& s) { s.heads_k = s.heads_v = 3; });
  rows.add("decode", [](Sdpa& s) { s.seq_q = 1; });
  rows.add("decode causal-br", [](Sdpa& s) { s.seq_q = 1, causal_br(s); });
  rows.add("decode d=256", [](Sdpa& s) { s.seq_q = 1, s.head_dim = s.head_dim_v = 256; });
  rows.add("sink", [](Sdpa& s) { s.has_sink = true; });
  rows.add("sink causal-tl", [](Sdpa& s) { s.has_sink = true, causal(s); });
  rows.add("sink decode", [](Sdpa& s) { s.has_sink = true, s.seq_q = 1; });
  rows.add("softcap", [](Sdpa& s) { s.softcap = 30; });
  rows.add("softcap causal-tl", [](Sdpa& s) { s.softcap = 30, causal(s); });
  rows.add("softcap bias", [](Sdpa& s) { s.softcap = 30, s.bias_heads = 1; });
  rows.add("dropout", [](Sdpa& s) { s.dropout = 0.25F; });
  rows.add("dropout causal-tl padding",
           [](Sdpa& s) { s.dropout = 0.25F, s.has_padding = true, causal(s); });
  rows.add("dropout causal-br", [](Sdpa& s) { s.dropout = 0.25F, causal_br(s); });
  rows.add("skv=131072 causal-tl", [](Sdpa& s) { s.seq_kv = 131072, causal(s); });
  rows.add("skv=0", [](Sdpa& s) { s.seq_kv = 0; });
}

void add_backward(Rows& rows) {
  const auto row = [&](const std::string& what, auto change) {
    rows.add("backward" + what, [&](Sdpa& s) {
      s.is_backward = true;
      change(s);
    });
  };
  row("", [](Sdpa&) {});
  row(" f16", [](Sdpa& s) { s.type = SdpaType::f16; });
  row(" f32", [](Sdpa& s) { s.type = SdpaType::f32; });
  row(" e4m3", [](Sdpa& s) { s.type = SdpaType::e4m3; });
  row(" e5m2", [](Sdpa& s) { s.type = SdpaType::e5m2; });
  row(" d=64", [](Sdpa& s) { s.head_dim = s.head_dim_v = 64; });
  row(" d=256", [](Sdpa& s) { s.head_dim = s.head_dim_v = 256; });
  row(" d=192/128", [](Sdpa& s) { s.head_dim = 192; });
  row(" causal-tl", causal);
  row(" causal-tl sq<skv", [](Sdpa& s) { s.seq_q = 96, causal(s); });
  row(" causal-br sq<skv", [](Sdpa& s) { s.seq_q = 96, causal_br(s); });
  row(" left 64 causal-tl", [](Sdpa& s) { s.band.left = 64, causal(s); });
  row(" padding causal-tl", [](Sdpa& s) { s.has_padding = true, causal(s); });
  row(" bias", [](Sdpa& s) { s.bias_heads = 1; });
  row(" alibi causal-tl", [](Sdpa& s) { s.has_alibi = true, causal(s); });
  row(" sink", [](Sdpa& s) { s.has_sink = true; });
  row(" dropout", [](Sdpa& s) { s.dropout = 0.25F; });
  row(" gqa 8/2", [](Sdpa& s) { s.heads_k = s.heads_v = 2; });
  row(" ragged", [](Sdpa& s) { s.has_padding = s.is_ragged = true; });
  row(" deterministic", [](Sdpa& s) { s.is_deterministic = true; });
}

const std::vector<SupportRow>& all_rows() {
  static const std::vector<SupportRow> all = [] {
    Rows rows;
    add_dtypes(rows);
    add_head_dims(rows);
    add_masks(rows);
    add_layouts(rows);
    add_rest(rows);
    add_backward(rows);
    return rows.take();
  }();
  return all;
}

bool has_case(const Sdpa& s) {
  return s.type != SdpaType::e4m3 && s.type != SdpaType::e5m2 && !s.is_ragged && s.page == 0 &&
         s.dropout == 0 && !s.is_backward;
}

}  // namespace

SupportRows support_rows() {
  SupportRows rows;
  for (const SupportRow& row : all_rows())
    rows.push_back(&row);
  return rows;
}

SupportRows rows_without_cases() {
  SupportRows rows;
  for (const SupportRow& row : all_rows()) {
    if (!has_case(row.sdpa)) rows.push_back(&row);
  }
  return rows;
}

Result<const SupportRow*> find_support_row(std::string_view name) {
  for (const SupportRow& row : all_rows()) {
    if (row.name == name) return &row;
  }
  return Error{Code::bad_input, fmt::format("no row '{}' in the support matrix", name), ""};
}

}  // namespace attest
