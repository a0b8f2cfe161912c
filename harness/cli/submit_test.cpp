// Command submit: its texts do what they say when they are run.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace attest {
namespace {

/// Runs `text` by bash in `folder`, with these commands first on its path.
int run_script(const TemporaryFolder& folder, const std::string& text) {
  std::ofstream(folder / "script") << text;
  const std::string command =
      "cd " + folder.path() + " && PATH=" + folder.path() + ":$PATH bash script > out 2> err";
  return std::system(command.c_str());  // NOLINT(cert-env33-c): the test is about a shell
}

void make_program(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder / name) << "#!/usr/bin/env bash\n" << text;
  EXPECT_EQ(std::system(("chmod +x '" + folder / name + "'").c_str()), 0);  // NOLINT(cert-env33-c)
}

// A scheduler that runs the tasks of the array at once, one after another.
constexpr const char* kSbatch = R"(
script=$(cat)
array=
for word in "$@"; do [[ $word == --array=* ]] && array=${word#--array=1-}; done
for ((n = 1; n <= ${array:-1}; ++n)); do SLURM_ARRAY_TASK_ID=$n bash -c "$script" >&2; done
echo 17
)";
constexpr const char* kProgram = R"(printf '%s|' "$@" >> calls; echo >> calls)";

TEST(Submit, SlurmRunsEveryShardAndThenTheMerge) {
  const TemporaryFolder folder;
  make_program(folder, "sbatch", kSbatch);
  make_program(folder, "att est", kProgram);
  const Output output = run({"submit",
                             "slurm",
                             "--shards",
                             "3",
                             "--folder",
                             "my shards",
                             "--program",
                             folder / "att est",
                             "--",
                             "--kernel",
                             "zoo/*",
                             "--seed",
                             "0x2a"});
  ASSERT_EQ(output.exit, Exit::held) << output.err;
  ASSERT_EQ(run_script(folder, output.out), 0) << read_file(folder / "err");
  EXPECT_EQ(read_file(folder / "calls"),
            "check|--shard|1/3|--out|my shards/shard-1|--kernel|zoo/*|--seed|0x2a|\n"
            "check|--shard|2/3|--out|my shards/shard-2|--kernel|zoo/*|--seed|0x2a|\n"
            "check|--shard|3/3|--out|my shards/shard-3|--kernel|zoo/*|--seed|0x2a|\n"
            "merge|my shards/shard-1|my shards/shard-2|my shards/shard-3|--out|my shards/whole|"
            "-o|my shards/run.json|\n");
}

TEST(Submit, ATaskThatIsBegunAgainResumes) {
  const TemporaryFolder folder;
  make_program(folder, "sbatch", kSbatch);
  make_program(folder, "attest", kProgram);
  ASSERT_EQ(std::system(("mkdir -p " + folder / "d/shard-1" + " && echo x > " +  // NOLINT
                         folder / "d/shard-1/events.ndjson")
                            .c_str()),
            0);
  const Output output =
      run({"submit", "slurm", "--shards", "1", "--folder", "d", "--program", folder / "attest"});
  ASSERT_EQ(run_script(folder, output.out), 0) << read_file(folder / "err");
  EXPECT_EQ(read_file(folder / "calls").rfind("check|--resume|d/shard-1|\n", 0), 0U);
}

TEST(Submit, LimitsHowManyRunAtOnce) {
  const Output slurm = run({"submit", "slurm", "--shards", "8", "--at-once", "2"});
  EXPECT_NE(slurm.out.find("--array=1-8%2 "), std::string::npos) << slurm.out;
  const Output github = run({"submit", "github", "--shards", "3", "--at-once", "2"});
  EXPECT_NE(github.out.find("max-parallel: 2\n"), std::string::npos) << github.out;
  EXPECT_NE(github.out.find("shard: [1, 2, 3]\n"), std::string::npos) << github.out;
  EXPECT_NE(github.out.find("--shard \"${{ matrix.shard }}/3\""), std::string::npos) << github.out;
}

TEST(Submit, CTestRunsItsTestsAndTheMergeAfterThem) {
  const TemporaryFolder folder;
  make_program(folder, "attest", kProgram);
  const Output output = run({"submit",
                             "ctest",
                             "--shards",
                             "2",
                             "--folder",
                             folder / "d",
                             "--program",
                             folder / "attest"});
  std::ofstream(folder / "CMakeLists.txt")
      << "cmake_minimum_required(VERSION 3.25)\nproject(shards NONE)\nenable_testing()\n"
      << output.out;
  ASSERT_EQ(
      run_script(folder,
                 "set -e\ncmake -G Ninja -S . -B b\nctest --test-dir b --output-on-failure -V"),
      0)
      << read_file(folder / "out") << read_file(folder / "err");
  const std::string out = read_file(folder / "out");
  EXPECT_NE(out.find("100% tests passed, 0 tests failed out of 3"), std::string::npos) << out;
  EXPECT_LT(out.find("Start 2: attest_shard_2"), out.find("Start 3: attest_merge"));
}

TEST(Submit, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"submit"},
                                                {"submit", "pbs"},
                                                {"submit", "slurm", "--shards", "0"},
                                                {"submit", "slurm", "--shards", "many"},
                                                {"submit", "slurm", "--at-once", "0"}}) {
    const Output output = run(wrong);
    EXPECT_EQ(output.exit, Exit::bad_input);
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
  }
}

}  // namespace
}  // namespace attest
