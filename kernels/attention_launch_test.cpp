// What every attention kernel shares: its embedded PTX, its claims, its parameter block and grid.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_launch.h"

#include "harness/base/ptxas.h"
#include "kernels/abi.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <regex>
#include <set>

namespace attest {
namespace {

Problem problem(const std::string& text) {
  return parse_problem(text).value();
}

/// The bytes of the one .param of an entry; -1 when the PTX has no such entry.
std::int64_t parameter_bytes(std::string_view ptx, const std::string& entry) {
  const std::string start = ".entry " + entry + "(";
  const std::size_t at = ptx.find(start);
  if (at == std::string_view::npos) return -1;
  const std::string list(ptx.substr(at, ptx.find(')', at) - at));
  std::smatch match;
  const std::regex only_parameter(R"(^[^,]*\.param \.align 8 \.b8 \w+\[(\d+)\]\s*$)");
  return std::regex_search(list, match, only_parameter) ? std::stoll(match[1]) : -1;
}

std::vector<std::string> entries(std::string_view ptx) {
  std::vector<std::string> names;
  const std::string text(ptx);
  const std::regex entry(R"(\.visible \.entry (\w+)\()");
  for (std::sregex_iterator it(text.begin(), text.end(), entry), end; it != end; ++it) {
    names.push_back((*it)[1]);
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Kernels, RegisterHoldsEveryAttentionKernel) {
  std::vector<std::string> names;
  for (const KernelSpec& kernel : all_kernels())
    names.push_back(kernel.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{
                "attention_f32", "attention_mma", "attention_wide_f32", "attention_wide_mma"}));
}

TEST(KernelImages, KeepEverythingInRegistersAndCallNothing) {
  for (const KernelSpec& kernel : all_kernels()) {
    EXPECT_EQ(kernel.image.name, kernel.name);
    EXPECT_NE(kernel.image.ptx.find(".target sm_80"), std::string_view::npos) << kernel.name;
    EXPECT_EQ(kernel.image.ptx.find(".local"), std::string_view::npos) << kernel.name;
    EXPECT_EQ(kernel.image.ptx.find("call"), std::string_view::npos) << kernel.name;
  }
}

TEST(KernelImages, NameFilesByRelativePaths) {
  for (const KernelSpec& kernel : all_kernels()) {
    const std::string text(kernel.image.ptx);
    const std::regex file(R"re(\.file\s+\d+\s+"([^"]*)")re");
    std::set<std::string> files;
    for (std::sregex_iterator it(text.begin(), text.end(), file), end; it != end; ++it) {
      files.insert((*it)[1]);
    }
    EXPECT_TRUE(files.count("kernels/" + kernel.name + ".cu")) << kernel.name;
    for (const std::string& path : files)
      EXPECT_NE(path.front(), '/') << path;
    EXPECT_EQ(text.find("\"/"), std::string::npos) << kernel.name;
  }
}

TEST(KernelImages, HaveTheFiguresOfPtxasOrNone) {
  for (const KernelSpec& kernel : all_kernels()) {
    if (kernel.ptxas.empty()) continue;  // a build without ptxas
    std::set<std::string> named;
    for (const PtxasFigures& figures : parse_ptxas(kernel.ptxas)) {
      named.insert(figures.entry);
      EXPECT_GT(figures.registers, 0) << figures.entry;
      EXPECT_LE(figures.registers, 255) << figures.entry;
      EXPECT_EQ(figures.spill_store_bytes + figures.spill_load_bytes, 0) << figures.entry;
    }
    const std::vector<std::string> all = entries(kernel.image.ptx);
    EXPECT_EQ(named, std::set<std::string>(all.begin(), all.end())) << kernel.name;
    EXPECT_EQ(kernel.ptxas.find("Compile time"), std::string_view::npos) << kernel.name;
  }
}

/// Every value that a kernel claims, in every combination of dtype, head size, mask and layout.
TEST(KernelClaims, ArePlanned) {
  const std::vector<std::string> masks = {"none",
                                          "causal-tl",
                                          "causal-br",
                                          "window(3,-1,tl)",
                                          "window(-1,5,br)",
                                          "padding(0,70)",
                                          "bool",
                                          "causal-br&window(31,0,br)&padding(7,8)&bool"};
  for (const KernelSpec& kernel : all_kernels()) {
    std::set<std::string> planned;
    for (const Dtype dtype : kernel.dtypes) {
      for (const std::int64_t head_dim : kernel.head_dims) {
        for (const std::string& mask : masks) {
          for (const char* layout : {"bshd", "bhsd"}) {
            const Problem p =
                problem(fmt::format("attn(b=2,hq=6,hkv=3,sq=65,skv=70,d={},dtype={},layout={},"
                                    "mask={})",
                                    head_dim,
                                    name(dtype),
                                    layout,
                                    mask));
            EXPECT_EQ(kernel.refusal(p), std::nullopt) << to_string(p);
            const std::vector<Launch> launches = kernel.plan(kernel.image, p);
            ASSERT_EQ(launches.size(), 1u) << to_string(p);
            const Launch& launch = launches.front();
            EXPECT_EQ(launch.image.ptx.data(), kernel.image.ptx.data());
            EXPECT_GE(launch.grid.x, 2u) << "65 rows";
            EXPECT_EQ(launch.grid.y, 6u);
            EXPECT_EQ(launch.grid.z, 2u);
            EXPECT_EQ(parameter_bytes(kernel.image.ptx, launch.entry),
                      static_cast<std::int64_t>(launch.parameters.size()))
                << launch.entry;
            planned.insert(launch.entry);
          }
        }
      }
    }
    const std::vector<std::string> reached(planned.begin(), planned.end());
    EXPECT_EQ(reached, entries(kernel.image.ptx)) << "entries that no problem reaches, or missing";
  }
}

TEST(KernelPlans, BlockIsTheOneThatThePtxWasCompiledFor) {
  for (const KernelSpec& kernel : all_kernels()) {
    Problem p = problem("attn(sq=1)");
    p.dtype = kernel.dtypes.front();
    const Launch launch = kernel.plan(kernel.image, p).front();
    const std::size_t entry = kernel.image.ptx.find(".entry " + launch.entry + "(");
    const std::size_t at = kernel.image.ptx.find(".maxntid", entry);
    EXPECT_EQ(kernel.image.ptx.substr(at, kernel.image.ptx.find('\n', at) - at),
              fmt::format(".maxntid {}, {}, {}", launch.block.x, launch.block.y, launch.block.z));
  }
}

TEST(KernelPlans, NothingToComputeIsNoLaunchAndNoKeysIsOne) {
  for (const KernelSpec& kernel : all_kernels()) {
    Problem p = problem("attn(b=2,sq=64,skv=0)");
    p.dtype = kernel.dtypes.front();
    EXPECT_EQ(kernel.refusal(p), std::nullopt);
    EXPECT_EQ(kernel.plan(kernel.image, p).size(), 1u);
    p.batch = 0;
    EXPECT_TRUE(kernel.plan(kernel.image, p).empty());
    p.batch = 2;
    p.seq_q = 0;
    EXPECT_TRUE(kernel.plan(kernel.image, p).empty());
  }
}

TEST(KernelPlans, OneBlockPerStartedTileOfRows) {
  for (const KernelSpec& kernel : all_kernels()) {
    Problem p = problem("attn(sq=1)");
    p.dtype = kernel.dtypes.front();
    for (const unsigned tiles : {1u, 2u, 3u}) {
      p.seq_q = tiles * kernel.tile_q;
      EXPECT_EQ(kernel.plan(kernel.image, p).front().grid.x, tiles) << p.seq_q;
      p.seq_q += 1;
      EXPECT_EQ(kernel.plan(kernel.image, p).front().grid.x, tiles + 1) << p.seq_q;
    }
  }
}

TEST(KernelRefusals, NameWhatIsOutsideTheClaim) {
  for (const KernelSpec& kernel : all_kernels()) {
    Problem p = problem("attn(sq=64)");
    p.dtype = kernel.dtypes.front();
    const auto refused = [&kernel, &p](auto change) {
      Problem changed = p;
      change(changed);
      return kernel.refusal(changed).value_or("taken");
    };
    EXPECT_EQ(refused([](Problem& x) { x.head_dim = x.head_dim_v = 60; }).substr(0, 11),
              "d=60 (only ");
    EXPECT_EQ(refused([](Problem& x) { x.head_dim_v = 32; }), "dv=32 (only d)");
    EXPECT_EQ(refused([](Problem& x) { x.fill = -1000; }), "taken");
    EXPECT_EQ(refused([](Problem& x) { x.fill = -3e38; }),
              "fill=-3e+38 (-inf, or at most 2e+38 in size)");
    EXPECT_EQ(refused([](Problem& x) { x.mask.bias = true; }), "mask=bias");
    EXPECT_EQ(refused([](Problem& x) { x.mask.alibi = true; }), "mask=alibi");
    EXPECT_EQ(refused([](Problem& x) { x.softcap = 30; }), "softcap=30");
    EXPECT_EQ(refused([](Problem& x) { x.sink = true; }), "sink=1");
    EXPECT_EQ(refused([](Problem& x) { x.batch = 65536; }), "b=65536 (at most 65535)");
    EXPECT_EQ(refused([](Problem& x) { x.heads_q = 65536; }), "hq=65536 (at most 65535)");
    EXPECT_EQ(refused([](Problem& x) { x.batch = x.heads_q = 65535; }), "taken");
  }
}

AttentionParams decode(const std::vector<std::byte>& bytes) {
  AttentionParams params{};
  EXPECT_EQ(bytes.size(), sizeof params);
  std::memcpy(&params, bytes.data(), sizeof params);
  return params;
}

void expect_strides(const AttentionStrides& strides, long long batch, long long head, int row) {
  EXPECT_EQ(strides.batch, batch);
  EXPECT_EQ(strides.head, head);
  EXPECT_EQ(strides.row, row);
}

TEST(AttentionParameters, HoldTheProblem) {
  const AttentionParams p = decode(attention_parameters(
      problem("attn(b=3,hq=6,hkv=2,sq=5,skv=7,d=32,dtype=f32,gap(q=1,k=2,v=3,o=4),"
              "mask=causal-br&window(4,9,tl)&bool,fill=-1000,scale=0.25)")));
  expect_strides(p.q_strides, 5 * (192LL + 1), 32, 6 * 32 + 1);
  expect_strides(p.k_strides, 7 * (64LL + 2), 32, 2 * 32 + 2);
  expect_strides(p.v_strides, 7 * (64LL + 3), 32, 2 * 32 + 3);
  expect_strides(p.o_strides, 5 * (192LL + 4), 32, 6 * 32 + 4);
  EXPECT_EQ(p.heads_q, 6);
  EXPECT_EQ(p.heads_kv, 2);
  EXPECT_EQ(p.seq_q, 5);
  EXPECT_EQ(p.seq_kv, 7);
  EXPECT_EQ(p.head_dim, 32);
  EXPECT_EQ(p.scale, 0.25f);
  EXPECT_EQ(p.fill, -1000.0f);
  EXPECT_EQ(p.mask, ATTENTION_CAUSAL | ATTENTION_WINDOW | ATTENTION_BOOLEAN);
  EXPECT_EQ(p.causal_bottom_right, 1);
  EXPECT_EQ(p.window_left, 4);
  EXPECT_EQ(p.window_right, 9);
  EXPECT_EQ(p.window_bottom_right, 0);
}

TEST(AttentionParameters, KeepTheTwoAlignmentsApart) {
  const AttentionParams p =
      decode(attention_parameters(problem("attn(sq=5,dtype=f32,mask=causal-tl&window(-1,-1,br))")));
  EXPECT_EQ(p.mask, ATTENTION_CAUSAL | ATTENTION_WINDOW);
  EXPECT_EQ(p.causal_bottom_right, 0);
  EXPECT_EQ(p.window_left, -1);
  EXPECT_EQ(p.window_right, -1);
  EXPECT_EQ(p.window_bottom_right, 1);
}

TEST(AttentionRelocations, PointAtTheBuffersOfTheProblem) {
  const auto targets = [](const std::string& text) {
    std::vector<std::pair<std::int64_t, AttentionBuffer>> list;
    for (const Relocation& r : attention_relocations(problem(text))) {
      EXPECT_EQ(r.byte_offset, 0);
      list.emplace_back(r.parameter_offset, static_cast<AttentionBuffer>(r.buffer));
    }
    return list;
  };
  std::vector<std::pair<std::int64_t, AttentionBuffer>> expected = {{0, AttentionBuffer::q},
                                                                    {8, AttentionBuffer::k},
                                                                    {16, AttentionBuffer::v},
                                                                    {24, AttentionBuffer::o},
                                                                    {32, AttentionBuffer::lse}};
  EXPECT_EQ(targets("attn(sq=5,mask=causal-tl)"), expected);
  expected.emplace_back(40, AttentionBuffer::keep);
  EXPECT_EQ(targets("attn(sq=5,mask=bool)"), expected);
  expected.back() = {48, AttentionBuffer::kv_lengths};
  EXPECT_EQ(targets("attn(sq=5,mask=padding(3))"), expected);
}

}  // namespace
}  // namespace attest
