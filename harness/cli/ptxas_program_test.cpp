// ptxas as a child process: found, read, failing, hanging, writing without end.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ptxas_program.h"

#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <unistd.h>

namespace attest {
namespace {

constexpr const char* kSays =
    "echo \"ptxas info    : Compiling entry function 'copy' for '${2#-arch=}'\"\n"
    "echo 'ptxas info    : Function properties for copy'\n"
    "echo '    16 bytes stack frame, 24 bytes spill stores, 28 bytes spill loads'\n"
    "echo 'ptxas info    : Used 40 registers, used 1 barriers, 512 bytes smem'\n";
constexpr const char* kText =
    ".version 8.0\n.target sm_86\n.address_size 64\n.visible .entry copy()\n{\nret;\n}\n";

/// An environment variable that is as before when this is gone.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class Ptxas : public testing::Test {
 protected:
  /// A program that does this, in the folder.
  [[nodiscard]] std::string script(const std::string& body, const std::string& name = "ptxas") {
    const std::string path = folder_ / name;
    EXPECT_TRUE(write_file(path, "#!/bin/sh\n" + body));
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  [[nodiscard]] std::string error_of(const std::string& body, int timeout_ms = 30000) {
    const PtxasCall call{script(body), "a.ptx", "sm_86", std::chrono::milliseconds(timeout_ms)};
    const auto figures = run_ptxas(call);
    EXPECT_FALSE(figures.has_value());
    return figures ? "" : figures.error().message;
  }

  const TemporaryFolder folder_;
};

TEST_F(Ptxas, IsReadFromBothOfItsOutputs) {
  const auto figures = run_ptxas({script(std::string("exec 1>&2\n") + kSays), "a.ptx", "sm_86"});
  ASSERT_TRUE(figures.has_value()) << figures.error().to_string();
  ASSERT_EQ(figures->size(), 1u);
  EXPECT_EQ(figures->front(), (PtxasFigures{"copy", "sm_86", 40, 24, 28, 16, 512}));
}

TEST_F(Ptxas, ThatFailsIsOneLine) {
  EXPECT_EQ(error_of("echo first; echo 'ptxas fatal   : no such thing' >&2; exit 3"),
            "exit 3: ptxas fatal   : no such thing");
  EXPECT_EQ(error_of("printf 'a\\033b\\n'; exit 1"), "exit 1: a?b");
  EXPECT_EQ(error_of("exit 1"), "exit 1: it says nothing");
  EXPECT_EQ(error_of("kill -9 $$"), "signal 9: it says nothing");
  const auto absent = run_ptxas({folder_ / "absent", "a.ptx", "sm_86"});
  ASSERT_FALSE(absent.has_value());
  EXPECT_EQ(absent.error().message, "does not start: No such file or directory");
}

TEST_F(Ptxas, ThatHangsIsEndedWithWhatItStarted) {
  const std::string pid = folder_ / "pid";
  EXPECT_EQ(error_of("sleep 1000 & echo $! > " + pid + "; wait", 500),
            "does not end within 500 ms");
  EXPECT_EQ(error_of("exec 1>&- 2>&-; sleep 1000", 500), "does not end within 500 ms");
  const std::string sleeper = read_file(pid);
  ASSERT_FALSE(sleeper.empty());
  for (int n = 0; n < 1000 && ::kill(std::stoi(sleeper), 0) == 0; ++n)
    ::usleep(10000);  // until it is reaped by whoever does
  std::string state;
  if (::kill(std::stoi(sleeper), 0) == 0)
    state = read_file("/proc/" + std::to_string(std::stoi(sleeper)) + "/stat");
  EXPECT_TRUE(state.empty() || state.find(") Z ") != std::string::npos) << state;
}

TEST_F(Ptxas, ThatWritesWithoutEndIsEnded) {
  EXPECT_EQ(error_of("while :; do cat /dev/zero; done"), "writes more than 16777216 bytes");
}

TEST_F(Ptxas, IsFoundByNameOnPathAndBesideNvcc) {
  const std::string ptxas = script("");
  {
    const Variable named("ATTEST_PTXAS", ptxas);
    EXPECT_EQ(find_ptxas(), ptxas);
  }
  {
    const Variable named("ATTEST_PTXAS", folder_ / "absent");
    EXPECT_EQ(find_ptxas(), std::nullopt);
  }
  ::unsetenv("ATTEST_PTXAS");
  {
    const Variable path("PATH", "/nowhere:" + folder_.path());
    EXPECT_EQ(find_ptxas(), ptxas);
  }
  const std::string nvcc = script("", "nvcc");
  std::filesystem::create_directory(folder_ / "bin");
  std::filesystem::create_symlink(nvcc, folder_ / "bin/nvcc");
  {
    const Variable path("PATH", folder_ / "bin");
    EXPECT_EQ(find_ptxas(), std::filesystem::canonical(ptxas).string());
  }
  const Variable path("PATH", "/nowhere");
  EXPECT_EQ(find_ptxas(), std::nullopt);
}

TEST_F(Ptxas, StandsInTheOutputOfPtx) {
  const std::string file = folder_ / "copy.ptx";
  ASSERT_TRUE(write_file(file, kText));
  const auto lines = [&](const std::string& ptxas) {
    const Variable named("ATTEST_PTXAS", ptxas);
    const Output output = run({"ptx", file});
    EXPECT_EQ(output.exit, Exit::held) << output.err;
    return output.out;
  };
  const auto expect_has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
  };
  expect_has(lines(script(kSays)),
             "\n  ptxas sm_86: 40 registers, 24 bytes of spill stores, 28 of spill loads, 16 of "
             "stack, 512 of static shared memory\n");
  expect_has(lines(""), "\nptxas not found: registers and spills unknown\n");
  const std::string broken = script("echo no licence; exit 2", "broken");
  expect_has(lines(broken), "\n" + broken + ": exit 2: no licence; registers and spills unknown\n");
}

}  // namespace
}  // namespace attest
