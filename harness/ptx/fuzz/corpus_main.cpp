// fuzz_corpus parse|run FOLDER..: every file of the folders through its target, without libFuzzer.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/fuzz/target.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2 || (words[0] != "parse" && words[0] != "run")) {
    std::cerr << "usage: fuzz_corpus parse|run FOLDER..\n";
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (std::size_t n = 1; n < words.size(); ++n) {
    for (const auto& entry : std::filesystem::directory_iterator(words[n]))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  int failures = 0;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::string input((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    try {
      words[0] == "parse" ? attest::ptx::fuzz_parse(input) : attest::ptx::fuzz_run(input);
    } catch (const std::exception& error) {
      std::cerr << path.string() << ": " << error.what() << "\n";
      ++failures;
    }
  }
  std::cout << files.size() << " files, " << failures << " failures\n";
  return files.empty() || failures != 0 ? 1 : 0;
}
