// The program attest-cuda: answers what an executor asks of a GPU, and may die of it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/parts.h"
#include "harness/cuda/session.h"
#include "harness/process/serve.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace attest::cuda {
namespace {

class Answers {
 public:
  Message operator()(const Message& message) {
    const auto json = nlohmann::json::parse(message.text, nullptr, false);
    const std::string ask = json.is_object() ? json.value("ask", "") : "";
    if (ask == "parts") return parts_message();
    if (ask == "run") return run(message);
    return encode_error({Code::bad_input, "asks for neither parts nor run", "attest-cuda"});
  }

 private:
  Message run(const Message& message) {
    auto received = decode_job(message);
    if (!received) return encode_error(received.error());
    if (session_ == nullptr) {
      auto session = Session::open();
      if (!session) return encode_error(session.error());
      session_ = std::move(session).value();
    }
    auto answer = session_->run(received->job, received->launch_ms);
    return answer ? encode_answer(*answer) : encode_error(answer.error());
  }

  std::unique_ptr<Session> session_;
};

}  // namespace
}  // namespace attest::cuda

int main() {
  attest::cuda::Answers answers;
  return attest::serve([&answers](const attest::Message& message) { return answers(message); });
}
