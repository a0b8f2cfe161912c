// Asks for every key whether it is admitted, then plans the first ones and compares their graphs.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/survey.h"

#include "harness/problem/data.h"
#include "reference/attention.h"
#include "reference/oracle/cudnn/gpu.h"
#include "reference/oracle/cudnn/opinion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace attest {
namespace {

/// Where the reference differs from what a plan's graph said.
std::optional<std::string> graph_difference(const Problem& drawn, const CudnnAnswer& answer) {
  if (!answer.skipped.empty()) return std::nullopt;
  const Problem problem = convention_problem(drawn);
  const ReferenceTerms reference = reference_attention(problem, draw_inputs(problem));
  if (answer.opinion.o.size() != reference.o.size() ||
      answer.opinion.lse.size() != reference.lse.size()) {
    return "another number of elements";
  }
  const auto difference = compare(problem, answer.opinion, reference);
  return difference ? std::optional(to_string(*difference)) : std::nullopt;
}

/// What the conventions are and cases are not: no run draws them, and no kernel's bound is made for them.
bool is_convention(const SurveyedKey& key) {
  return score_extra(key.problem).has_value();
}

class Surveyor {
 public:
  Surveyor(std::vector<SurveyedKey> keys, const SurveyOptions& options) : options_(options) {
    survey_.keys = std::move(keys);
  }

  Result<Survey> run() {
    CudnnClient client({options_.program, "", false});
    ATTEST_TRY(const CudnnAnswer versions, client.ask({CudnnAsk::versions, "", 0}));
    if (versions.tier == CudnnTier::died) return Error{Code::io, versions.reason, "attest-cudnn"};
    survey_.cudnn = versions.cudnn;
    survey_.frontend = versions.frontend;
    all_ = survey_.keys.size();
    ATTEST_TRY([[maybe_unused]] const Done asked, each(every_key(), &Surveyor::admit, false));
    std::vector<std::size_t> planned = admitted_keys();
    std::vector<std::size_t> executed;
    ATTEST_TRY(const bool has_gpu, can_execute(planned));
    if (has_gpu) {
      const auto first = std::stable_partition(planned.begin(), planned.end(), [&](std::size_t at) {
        return is_convention(survey_.keys[at]);
      });
      executed.assign(first, planned.end());
      planned.erase(first, planned.end());
    }
    if (planned.size() > options_.plans) planned.resize(options_.plans);
    all_ += planned.size() + executed.size();
    ATTEST_TRY([[maybe_unused]] const Done plans_done, each(planned, &Surveyor::plan, false));
    ATTEST_TRY([[maybe_unused]] const Done runs_done, each(executed, &Surveyor::execute, true));
    if (!survey_.is_whole) std::erase_if(survey_.keys, was_not_asked);
    return std::move(survey_);
  }

 private:
  static bool was_not_asked(const SurveyedKey& key) {
    return key.answer.tier == CudnnTier::refused && key.answer.reason.empty();
  }

  using Step = Status (Surveyor::*)(SurveyedKey&, CudnnClient&);

  [[nodiscard]] std::vector<std::size_t> every_key() const {
    std::vector<std::size_t> all(survey_.keys.size());
    for (std::size_t at = 0; at < all.size(); ++at)
      all[at] = at;
    return all;
  }
  [[nodiscard]] std::vector<std::size_t> admitted_keys() const {
    std::vector<std::size_t> admitted;
    for (std::size_t at = 0; at < survey_.keys.size(); ++at) {
      if (survey_.keys[at].answer.tier == CudnnTier::admitted) admitted.push_back(at);
    }
    return admitted;
  }

  Status admit(SurveyedKey& key, CudnnClient& client) {
    const auto sdpa = as_sdpa(key.problem);
    if (!sdpa) {
      key.answer.tier = CudnnTier::refused;
      key.answer.reason = sdpa.error().message;
      return Done{};
    }
    ATTEST_TRY(key.answer, client.ask({CudnnAsk::admit, to_string(key.problem), key.sm}));
    return Done{};
  }

  Status plan(SurveyedKey& key, CudnnClient& client) {
    ATTEST_TRY(key.answer, client.ask({CudnnAsk::plan, to_string(key.problem), key.sm}));
    if (key.answer.tier == CudnnTier::planned) compare_graph(key);
    key.answer.opinion = {};
    return Done{};
  }

  static void compare_graph(SurveyedKey& key) {
    key.difference = graph_difference(key.problem, key.answer);
    if (key.difference || !key.answer.skipped.empty() || !is_convention(key)) return;
    const std::vector<Mistake> wrong = mistakes(key.problem);
    if (const auto name = mistaken_for(key.answer.opinion, wrong)) {
      key.difference = "agrees with a mistake too: " + *name;
      return;
    }
    for (const Mistake& mistake : wrong)
      key.told_apart.push_back(mistake.name);
  }

  Status execute(SurveyedKey& key, CudnnClient& client) {
    if (key.problem.dtype == Dtype::f32) return Done{};
    ATTEST_TRY(key.answer, client.ask({CudnnAsk::execute, to_string(key.problem), key.sm}));
    if (key.answer.tier == CudnnTier::executed)
      key.difference = options_.judge(key.problem, key.answer.opinion, key.answer.sm);
    key.answer.opinion = {};
    return Done{};
  }

  /// Whether a key that can be executed here was.
  Result<bool> can_execute(const std::vector<std::size_t>& admitted) {
    if (!options_.judge) return false;
    for (const std::size_t at : admitted) {
      const SurveyedKey& key = survey_.keys[at];
      if (key.problem.dtype == Dtype::f32 || is_convention(key)) continue;
      CudnnClient gpu({options_.program, "", true});
      ATTEST_TRY(const CudnnAnswer answer,
                 gpu.ask({CudnnAsk::execute, to_string(key.problem), key.sm}));
      return answer.tier == CudnnTier::executed;
    }
    return false;
  }

  /// `step` on the keys at `which`, each thread with a process of its own. Results land in their
  /// places, so the order of the threads does not show.
  Status each(const std::vector<std::size_t>& which, Step step, bool executes) {
    std::atomic<std::size_t> next = 0;
    std::mutex guard;
    Status status = Done{};
    const auto work = [&] {
      CudnnClient client({options_.program, options_.cache, executes});
      for (std::size_t at = next++; at < which.size(); at = next++) {
        const bool must_stop = options_.stop && options_.stop();
        Status done = must_stop ? Status(Done{}) : (this->*step)(survey_.keys[which[at]], client);
        const std::lock_guard lock(guard);
        if (must_stop) survey_.is_whole = false;
        if (!done && status) status = done;
        if (must_stop || !status) return;
        ++done_;
        if (options_.progress) options_.progress(done_, all_);
      }
    };
    std::vector<std::thread> threads;
    const auto jobs = std::min(which.size(), static_cast<std::size_t>(std::max(options_.jobs, 1)));
    for (std::size_t n = 0; n < jobs; ++n)
      threads.emplace_back(work);
    for (std::thread& thread : threads)
      thread.join();
    return status;
  }

  const SurveyOptions& options_;
  Survey survey_;
  std::size_t done_ = 0;
  std::size_t all_ = 0;
};

}  // namespace

std::optional<std::string> mistaken_for(const GraphOpinion& opinion,
                                        const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    const ReferenceTerms reference = reference_attention(mistake.problem, mistake.inputs);
    if (!compare(mistake.problem, opinion, reference)) return mistake.name;
  }
  return std::nullopt;
}

std::string agreement(const SurveyedKey& key) {
  const std::string& composite = key.answer.composite;
  std::string text;
  if (!composite.empty()) {
    text = "the plan is one node; the graph is that of the composite form";
    if (composite != name(key.problem.dtype)) text += " in " + composite;
  }
  if (key.told_apart.empty()) return text;
  if (!text.empty()) text += "; ";
  return text + fmt::format("told apart from: {}", fmt::join(key.told_apart, ", "));
}

std::vector<SurveyedKey> survey_keys(const std::vector<Problem>& problems) {
  std::vector<SurveyedKey> keys;
  std::set<std::string> kinds;
  for (const Problem& problem : problems) {
    if (problem.batch * problem.seq_q * problem.seq_kv == 0) continue;
    if (!kinds.insert(plan_key(problem, 0)).second) continue;
    const int sm = described_gpus()[keys.size() % described_gpus().size()].sm;
    keys.push_back({plan_key(problem, sm), problem, sm, {}, std::nullopt, {}});
  }
  return keys;
}

Result<Survey> survey(const std::vector<Problem>& problems, const SurveyOptions& options) {
  std::vector<Problem> all = options.conventions;
  all.insert(all.end(), problems.begin(), problems.end());
  return Surveyor(survey_keys(all), options).run();
}

}  // namespace attest
