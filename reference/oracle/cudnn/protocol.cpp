// The JSON of questions to attest-cudnn and its answers.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/protocol.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstring>

namespace attest {
namespace {

using Json = nlohmann::json;

constexpr std::array kAsks = {
    "versions", "admit", "plan", "execute", "time", "support", "build", "crash"};
constexpr std::array kTiers = {"refused", "admitted", "planned", "executed", "died"};

template <std::size_t Count>
std::size_t index_of(const std::array<const char*, Count>& names, const std::string& name) {
  for (std::size_t at = 0; at < Count; ++at) {
    if (name == names[at]) return at;
  }
  throw Json::other_error::create(501, fmt::format("unknown word '{}'", name), nullptr);
}

std::vector<std::byte> as_blob(const std::vector<double>& values) {
  std::vector<std::byte> blob(values.size() * sizeof(double));
  if (!blob.empty()) std::memcpy(blob.data(), values.data(), blob.size());
  return blob;
}

std::vector<double> as_doubles(const std::vector<std::byte>& blob) {
  std::vector<double> values(blob.size() / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), blob.data(), values.size() * sizeof(double));
  return values;
}

template <class Read>
auto guarded(Read read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const Json::exception& error) {
    return Error{Code::bad_input, error.what(), "attest-cudnn"};
  }
}

}  // namespace

std::string_view name(CudnnTier tier) {
  return kTiers.at(static_cast<std::size_t>(tier));
}

Message to_message(const CudnnQuestion& question) {
  const Json json = {{"ask", kAsks.at(static_cast<std::size_t>(question.ask))},
                     {"subject", question.subject},
                     {"sm", question.sm}};
  return {json.dump(), {}};
}

Message to_message(const CudnnAnswer& answer) {
  const Json json = {{"tier", name(answer.tier)},
                     {"reason", answer.reason},
                     {"engine", answer.engine},
                     {"kernels", answer.kernels},
                     {"workspace", answer.workspace_bytes},
                     {"nodes", answer.nodes},
                     {"composite", answer.composite},
                     {"skipped", answer.skipped},
                     {"sm", answer.sm},
                     {"microseconds", answer.microseconds},
                     {"cudnn", answer.cudnn},
                     {"frontend", answer.frontend}};
  // cuDNN's own words may hold any byte.
  return {json.dump(-1, ' ', false, Json::error_handler_t::replace),
          {as_blob(answer.opinion.o), as_blob(answer.opinion.lse)}};
}

Result<CudnnQuestion> read_question(const Message& message) {
  return guarded([&] {
    const Json json = Json::parse(message.text);
    CudnnQuestion question;
    question.ask = static_cast<CudnnAsk>(index_of(kAsks, json.at("ask").get<std::string>()));
    question.subject = json.value("subject", "");
    question.sm = json.value("sm", 0);
    return question;
  });
}

Result<CudnnAnswer> read_answer(const Message& message) {
  return guarded([&] {
    const Json json = Json::parse(message.text);
    CudnnAnswer answer;
    answer.tier = static_cast<CudnnTier>(index_of(kTiers, json.at("tier").get<std::string>()));
    answer.reason = json.at("reason").get<std::string>();
    answer.engine = json.at("engine").get<std::string>();
    answer.kernels = json.at("kernels").get<std::vector<std::string>>();
    answer.workspace_bytes = json.at("workspace").get<std::int64_t>();
    answer.nodes = json.at("nodes").get<std::int64_t>();
    answer.composite = json.at("composite").get<std::string>();
    answer.skipped = json.at("skipped").get<std::string>();
    answer.sm = json.at("sm").get<int>();
    answer.microseconds = json.at("microseconds").get<double>();
    answer.cudnn = json.at("cudnn").get<std::string>();
    answer.frontend = json.at("frontend").get<std::string>();
    if (message.blobs.size() == 2) {
      answer.opinion.o = as_doubles(message.blobs[0]);
      answer.opinion.lse = as_doubles(message.blobs[1]);
    }
    return answer;
  });
}

}  // namespace attest
