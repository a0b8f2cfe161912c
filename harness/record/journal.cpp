// Events as lines of JSON, and the run put together from them again.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/journal.h"

#include "harness/record/codec.h"

#include <cerrno>
#include <fstream>
#include <map>
#include <system_error>
#include <unistd.h>

namespace attest {
namespace {

/// A journal's first line is shorter; a device without an end and without lines is no journal.
constexpr std::int64_t kPieceBytes = std::int64_t{1} << 20;

Error io_error(const std::string& path, const char* what) {
  return Error{Code::io, std::string(what) + ": " + std::generic_category().message(errno), path};
}

/// What has been read so far.
struct Rebuild {
  JournalContent content;
  std::map<std::int64_t, CaseResult> cases;
  bool has_begun = false;
};

void apply_begin(Rebuild& rebuild, const Json& json) {
  if (const int schema = field<int>(json, "schema"); schema != kSchemaVersion) {
    throw DecodeError("schema " + std::to_string(schema) + "; this program reads " +
                      std::to_string(kSchemaVersion));
  }
  RunRecord& run = rebuild.content.run;
  run.profile = field<std::string>(json, "profile");
  run.seed = word_from_json(field(json, "seed"));
  run.plan = field_or<std::string>(json, "plan", "");
  run.discarded = field<std::int64_t>(json, "discarded");
  run.duplicates = field<std::int64_t>(json, "duplicates");
  run.planned = field<std::int64_t>(json, "planned");
  run.env = environment_from_json(field(json, "env"));
  rebuild.content.arguments = field_or<std::vector<std::string>>(json, "arguments", {});
  rebuild.has_begun = true;
}

CaseResult interrupted_case(const Json& json) {
  CaseResult result;
  result.which = case_from_json(json);
  result.reason = kInterrupted;
  return result;
}

void apply(Rebuild& rebuild, const Json& json) {
  const std::string event = field<std::string>(json, "t");
  if (event == "run") return apply_begin(rebuild, json);
  if (!rebuild.has_begun) throw DecodeError("the first event is '" + event + "', not 'run'");
  JournalContent& content = rebuild.content;
  if (event == "start") {
    rebuild.cases.try_emplace(field<std::int64_t>(json, "n"), interrupted_case(json));
  } else if (event == "result") {
    rebuild.cases.insert_or_assign(field<std::int64_t>(json, "n"), case_result_from_json(json));
  } else if (event == "failure") {
    content.run.failures.push_back(failure_from_json(json));
    content.failure_numbers.push_back(field<std::int64_t>(json, "n"));
  } else if (event == "layer") {
    content.run.layers.push_back(layer_from_json(json));
  } else if (event == "oracle") {
    content.run.oracles.push_back(oracle_from_json(field<std::string>(json, "name"), json));
  } else if (event == "pairs") {
    content.run.pairs.push_back(pairs_from_json(json));
  } else if (event == "resume") {
    content.run.oracles.clear();
    content.run.pairs.clear();
    content.run.failures.clear();
    content.failure_numbers.clear();
    content.run.interrupted = false;
    content.run.env = environment_from_json(field(json, "env"));
    content.has_ended = false;
  } else if (event == "end") {
    content.run.interrupted = field<bool>(json, "interrupted");
    content.run.env = environment_from_json(field(json, "env"));
    content.has_ended = true;
  }
}

Status apply_line(Rebuild& rebuild, std::string_view line, const std::string& where) {
  ATTEST_TRY(const Json json, parse_json(line, where));
  return from_json_or_error(where, [&] {
    apply(rebuild, json);
    return Done{};
  });
}

Json event(const char* type) {
  return {{"t", type}};
}

}  // namespace

/// Unbuffered, so that nothing of a line that failed is written later.
JournalWriter::JournalWriter(std::string path, std::FILE* file, std::int64_t bytes)
    : path_(std::move(path)), file_(file), bytes_(bytes) {
  std::setvbuf(file, nullptr, _IONBF, 0);
}

Result<JournalWriter> JournalWriter::create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return io_error(path, "cannot be written");
  return JournalWriter(path, file, 0);
}

Result<JournalWriter> JournalWriter::append_to(const std::string& path, std::int64_t bytes) {
  std::FILE* file = std::fopen(path.c_str(), "r+e");
  if (file == nullptr) return io_error(path, "cannot be written");
  JournalWriter writer(path, file, bytes);
  if (ftruncate(fileno(file), bytes) != 0 || std::fseek(file, 0, SEEK_END) != 0) {
    return io_error(path, "cannot be written");
  }
  return writer;
}

Status JournalWriter::append(std::string line) {
  if (!status_) return status_;
  line += '\n';
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size()) {
    bytes_ += static_cast<std::int64_t>(line.size());
    return Done{};
  }
  status_ = io_error(path_, "cannot be written");
  [[maybe_unused]] const int ignored = ftruncate(fileno(file_.get()), bytes_);
  return status_;
}

Status JournalWriter::begin(const RunRecord& run, const std::vector<std::string>& arguments) {
  Json json = event("run");
  json["schema"] = kSchemaVersion;
  json["seed"] = word_to_json(run.seed);
  json["profile"] = run.profile;
  json["plan"] = run.plan;
  json["arguments"] = arguments;
  json["discarded"] = run.discarded;
  json["duplicates"] = run.duplicates;
  json["planned"] = run.planned;
  json["env"] = to_json(run.env);
  return append(to_line(json));
}

Status JournalWriter::resume(const RunRecord& run) {
  Json json = event("resume");
  json["env"] = to_json(run.env);
  return append(to_line(json));
}

Status JournalWriter::start(std::int64_t number, const Case& which) {
  Json json = event("start");
  json["n"] = number;
  json.update(to_json(which));
  return append(to_line(json));
}

Status JournalWriter::result(std::int64_t number, const CaseResult& result) {
  Json json = event("result");
  json["n"] = number;
  json.update(to_json(result));
  return append(to_line(json));
}

Status JournalWriter::failure(std::int64_t number, const FailureRecord& failure) {
  Json json = event("failure");
  json["n"] = number;
  json.update(to_json(failure));
  return append(to_line(json));
}

Status JournalWriter::layer(const LayerRecord& layer) {
  Json json = event("layer");
  json.update(to_json(layer));
  return append(to_line(json));
}

Status JournalWriter::oracle(const OracleRecord& oracle) {
  Json json = event("oracle");
  json["name"] = oracle.name;
  json.update(to_json(oracle));
  return append(to_line(json));
}

Status JournalWriter::pairs(const PairRecord& pairs) {
  Json json = event("pairs");
  json.update(to_json(pairs));
  return append(to_line(json));
}

Status JournalWriter::end(const RunRecord& run) {
  Json json = event("end");
  json["interrupted"] = run.interrupted;
  json["env"] = to_json(run.env);
  return append(to_line(json));
}

Result<JournalContent> parse_journal(std::string_view text, const std::string& path) {
  Rebuild rebuild;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // cut off while it was written
    const std::string where = path + ":" + std::to_string(number);
    if (auto applied = apply_line(rebuild, text.substr(0, end), where); !applied) {
      return applied.error();
    }
    text.remove_prefix(end + 1);
    rebuild.content.bytes += static_cast<std::int64_t>(end) + 1;
  }
  JournalContent& content = rebuild.content;
  if (!rebuild.has_begun) return Error{Code::bad_input, "holds no run", path};
  if (!content.has_ended) content.run.interrupted = true;
  for (auto& [number, result] : rebuild.cases) {
    content.numbers.push_back(number);
    content.run.cases.push_back(std::move(result));
  }
  return std::move(content);
}

Result<JournalContent> read_journal(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return io_error(path, "cannot be read");
  std::string text;
  while (file) {
    const std::size_t have = text.size();
    text.resize(have + kPieceBytes);
    file.read(text.data() + have, kPieceBytes);
    text.resize(have + static_cast<std::size_t>(file.gcount()));
    if (static_cast<std::int64_t>(text.size()) > kMaxJournalBytes) {
      return Error{
          Code::limit, "is longer than " + std::to_string(kMaxJournalBytes) + " bytes", path};
    }
    const bool has_line = have > 0 || text.find('\n') != std::string::npos;
    if (!has_line && file) return Error{Code::bad_input, "holds no run", path};
  }
  if (!file.eof()) return io_error(path, "cannot be read");
  return parse_journal(text, path);
}

}  // namespace attest
