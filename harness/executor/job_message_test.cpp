// Jobs and answers survive the way to a worker; hostile messages do not.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/job_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>

namespace attest {
namespace {

constexpr std::int64_t kLaunchMs = 250;

struct Example {
  std::string text = ".version 9.0 // one";
  std::string other = ".version 9.0 // two";
  std::array<std::byte, 4> q = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  Job job;

  Example() {
    job.buffers = {{"q", BufferRole::input, 4, 2, q},
                   {"o", BufferRole::output, 8, 0, {}},
                   {"w", BufferRole::scratch, 16, 0, {}},
                   {"u", BufferRole::update, 4, 0, q}};
    Launch launch;
    launch.image = {"one", text};
    launch.entry = "first";
    launch.grid = {7, 2, 3};
    launch.block = {128, 1, 1};
    launch.dynamic_shared_bytes = 1024;
    launch.parameters = std::vector<std::byte>(24, std::byte{9});
    launch.relocations = {{8, 1, -4}};
    job.launches = {launch, launch, launch};
    job.launches[1].image = {"two", other};
    job.launches[1].is_cooperative = true;
    job.launches[2].entry = "third";
    BlasCall call;
    call.m = 1;
    call.n = 2;
    call.k = 3;
    call.alpha = 0.125;
    call.count = 4;
    call.left = {1, 5, 6, 7, true};
    call.bias = BlasBias{2, 8};
    call.after_launches = 2;
    job.calls = {call};
    job.dirt = 0x3c;
    job.limits.memory_bytes = 4096;
  }
};

TEST(JobMessage, carries_a_job_whole) {
  const Example example;
  const Message sent = encode_job(example.job, kLaunchMs);
  EXPECT_EQ(sent.blobs.size(), 2U + 3U + 2U);  // texts once each, parameters, contents
  auto got = decode_job(sent);
  ASSERT_TRUE(got) << got.error().to_string();
  const Job& job = got->job;
  EXPECT_EQ(got->launch_ms, kLaunchMs);
  EXPECT_EQ(job.calls, example.job.calls);
  EXPECT_EQ(job.dirt, 0x3c);
  EXPECT_EQ(job.limits.memory_bytes, 4096);
  ASSERT_EQ(job.launches.size(), 3U);
  EXPECT_EQ(job.launches[0].image.ptx, example.text);
  EXPECT_EQ(job.launches[1].image.ptx, example.other);
  EXPECT_EQ(job.launches[2].image.ptx, example.text);
  EXPECT_EQ(job.launches[2].entry, "third");
  EXPECT_TRUE(job.launches[1].is_cooperative);
  EXPECT_FALSE(job.launches[0].is_cooperative);
  EXPECT_EQ(job.launches[0].grid, (Dim3{7, 2, 3}));
  EXPECT_EQ(job.launches[0].block, (Dim3{128, 1, 1}));
  EXPECT_EQ(job.launches[0].dynamic_shared_bytes, 1024);
  EXPECT_EQ(job.launches[0].parameters, example.job.launches[0].parameters);
  ASSERT_EQ(job.launches[0].relocations.size(), 1U);
  EXPECT_EQ(job.launches[0].relocations[0].parameter_offset, 8);
  EXPECT_EQ(job.launches[0].relocations[0].buffer, 1);
  EXPECT_EQ(job.launches[0].relocations[0].byte_offset, -4);
  ASSERT_EQ(job.buffers.size(), 4U);
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(job.buffers[n].name, example.job.buffers[n].name);
    EXPECT_EQ(job.buffers[n].role, example.job.buffers[n].role);
    EXPECT_EQ(job.buffers[n].size_bytes, example.job.buffers[n].size_bytes);
    EXPECT_EQ(job.buffers[n].skew_bytes, example.job.buffers[n].skew_bytes);
  }
  EXPECT_TRUE(std::equal(
      job.buffers[3].contents.begin(), job.buffers[3].contents.end(), example.q.begin()));
  EXPECT_TRUE(job.buffers[1].contents.empty());
}

TEST(JobMessage, refuses_what_is_no_job) {
  EXPECT_FALSE(decode_job({"{}", {}}));
  EXPECT_FALSE(decode_job({"not json", {}}));
  const Example example;
  const Message whole = encode_job(example.job, kLaunchMs);
  for (std::size_t cut = 0; cut < whole.blobs.size(); ++cut) {
    Message message = whole;
    message.blobs.resize(cut);
    EXPECT_FALSE(decode_job(message)) << cut;
  }
  Message shorter = whole;
  shorter.blobs.back().pop_back();
  EXPECT_FALSE(decode_job(shorter));
}

TEST(JobMessage, carries_an_answer_whole) {
  JobAnswer answer;
  Finding f;
  f.kind = FindingKind::misaligned;
  f.kernel = "first";
  f.party.access = Access::write;
  f.space = Space::global;
  f.address = 0xffff'ffff'0000'0001;
  f.size_bytes = 4;
  f.allocation = "o";
  f.distance_bytes = -12;
  f.message = "a message \xff that is no UTF-8";
  answer.execution.findings = {f};
  LaunchRecord launch;
  launch.kernel = "first";
  launch.grid = {1, 2, 3};
  launch.block = {4, 5, 6};
  launch.shared_bytes = 99;
  launch.step = 3;
  launch.registers = 168;
  launch.duration_ns = 1234;
  answer.execution.launches = {launch};
  answer.execution.buffers = {{}, {std::byte{5}}};
  answer.execution.counted_by = "CUPTI";
  answer.is_ruined = true;
  auto got = decode_answer(encode_answer(answer));
  ASSERT_TRUE(got) << got.error().to_string();
  ASSERT_EQ(got->execution.findings.size(), 1U);
  const Finding& g = got->execution.findings[0];
  EXPECT_EQ(describe(g).substr(0, 100), describe(f).substr(0, 100));
  EXPECT_EQ(g.kind, f.kind);
  EXPECT_EQ(g.address, f.address);
  EXPECT_EQ(g.distance_bytes, f.distance_bytes);
  EXPECT_EQ(g.party.access, Access::write);
  EXPECT_EQ(g.space, Space::global);
  ASSERT_EQ(got->execution.launches.size(), 1U);
  EXPECT_EQ(got->execution.launches[0].registers, 168);
  EXPECT_EQ(got->execution.launches[0].duration_ns, 1234);
  EXPECT_EQ(got->execution.launches[0].shared_bytes, 99);
  EXPECT_EQ(got->execution.launches[0].step, 3);
  EXPECT_EQ(got->execution.launches[0].block, launch.block);
  EXPECT_EQ(got->execution.buffers, answer.execution.buffers);
  EXPECT_EQ(got->execution.counted_by, "CUPTI");
  EXPECT_TRUE(got->is_ruined);
}

TEST(JobMessage, carries_the_workers_error) {
  const auto got = decode_answer(encode_error({Code::limit, "no memory", "cuMemAlloc_v2"}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::limit);
  EXPECT_EQ(got.error().to_string(), "cuMemAlloc_v2: no memory");
}

TEST(JobMessage, refuses_what_is_no_answer) {
  EXPECT_FALSE(decode_answer({"{}", {}}));
  EXPECT_FALSE(decode_answer({"x", {}}));
  Message message = encode_answer({});
  message.text.replace(message.text.find("\"is_ruined\":false"), 17, "\"is_ruined\":7");
  EXPECT_FALSE(decode_answer(message));
}

}  // namespace
}  // namespace attest
