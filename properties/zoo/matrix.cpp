// Draws, judges and notes who saw what, until the cases or the time are over.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/matrix.h"

#include "harness/base/rng.h"
#include "properties/zoo/detectors.h"
#include "properties/zoo/patient.h"

#include <algorithm>
#include <map>
#include <utility>

namespace attest {
namespace {

/// Cases that a property is given at most: it is about the first ones that matter.
constexpr std::int64_t kCasesOfAProperty = 60;

/// Whether a job may leave out the check that found it.
bool can_be_left_out(FindingKind kind) {
  switch (class_of(kind).value_or(FaultClass::memory)) {
    case FaultClass::initialisation:
    case FaultClass::race:
      return true;
    case FaultClass::synchronisation:
      return kind != FindingKind::no_progress;
    default:
      return false;
  }
}

/// A property that has not disagreed so far, and the cases that are left to it.
struct Turn {
  const Property* property = nullptr;
  std::vector<Case> cases;
  std::size_t next = 0;
};

class Examiner {
 public:
  Examiner(const ZooFault& fault, const ZooLimits& limits, Executor& executor)
      : fault_(fault),
        limits_(limits),
        executor_(executor),
        unchecked_(executor),
        faulty_(faulty_patient(fault)),
        correct_(correct_patient(fault)) {
    record_.name = fault.name;
    record_.kernel = fault.kernel;
    record_.models = fault.models;
    record_.facts = fault.facts;
    record_.fault_class = name(fault.fault_class);
    record_.equivalent = fault.equivalent;
  }

  Examination examine(Comparisons& comparisons) && {
    record_.is_dead = !changes_instructions(correct_, faulty_, fault_.example);
    note_the_deaf(comparisons);
    if (!record_.is_dead) {
      take_turns();
      if (limits_.compares)
        record_.compared = comparisons.that_see(faulty_, executor_, [] { return false; });
    }
    return sorted();
  }

 private:
  void note_the_deaf(const Comparisons& comparisons) {
    for (const Property& property : all_properties()) {
      if (!property.compares_devices && !speaks_of(property, faulty_))
        record_.deaf.push_back(property.name);
    }
    const std::vector<std::string> speaking = comparisons.that_speak_of(faulty_);
    for (const ZooDetector& detector : Comparisons::detectors()) {
      if (std::find(speaking.begin(), speaking.end(), detector.name) == speaking.end())
        record_.deaf.push_back(detector.name);
    }
  }

  void take_turns() {
    std::vector<Turn> turns;
    for (const Property& property : all_properties()) {
      if (!speaks_of(property, faulty_)) continue;
      const std::uint64_t seed = derive_seed(limits_.seed, turns.size());
      turns.push_back({&property, cases_of(faulty_, fault_, property, kCasesOfAProperty, seed), 0});
    }
    while (!turns.empty()) {
      for (Turn& turn : turns) {
        if (record_.cases >= limits_.cases) return;
        if (limits_.is_late && limits_.is_late()) {
          record_.is_late = true;
          return;
        }
        take(turn);
      }
      turns.erase(std::remove_if(turns.begin(),
                                 turns.end(),
                                 [](const Turn& turn) { return turn.next >= turn.cases.size(); }),
                  turns.end());
    }
  }

  /// One case; the turn is over where the property has disagreed.
  void take(Turn& turn) {
    while (turn.next < turn.cases.size()) {
      const Case& which = turn.cases[turn.next++];
      const CaseResult result = judge_case(faulty_, *turn.property, which, executor_);
      if (!is_judged(result.verdict)) continue;
      ++record_.cases;
      bool has_disagreed = note(*turn.property, result, executor_);
      if (!result.findings.empty() && can_be_left_out(result.findings.front().kind)) {
        const CaseResult blind = judge_case(faulty_, *turn.property, which, unchecked_);
        has_disagreed = note(*turn.property, blind, unchecked_) || has_disagreed;
      }
      if (has_disagreed) turn.next = turn.cases.size();
      return;
    }
  }

  /// Whether it is a disagreement.
  bool note(const Property& property, const CaseResult& result, Executor& executor) {
    if (!is_failure(result)) return false;
    const CaseResult right = judge_case(correct_, property, result.which, executor);
    if (right.verdict != Verdict::agree) {
      record_.alarms.push_back(replay_line(right.which));
      return false;
    }
    for (const Sighting& seen : sightings(property, result)) {
      const bool is_known = kill_by(record_, seen.detector) != nullptr;
      if (is_known) continue;
      ZooKill kill;
      kill.detector = seen.detector;
      kill.names_class = std::find(seen.classes.begin(), seen.classes.end(), fault_.fault_class) !=
                         seen.classes.end();
      kill.cases = record_.cases;
      if (result.divergence) kill.tier = result.divergence->tier;
      kill.replay = replay_line(result.which);
      record_.kills.push_back(std::move(kill));
      cases_.emplace(seen.detector, result.which);
    }
    return result.verdict == Verdict::disagree;
  }

  /// Kills in the order of the detectors.
  Examination sorted() {
    Examination out{record_, {}};
    out.fault.kills.clear();
    for (const ZooDetector& detector : judging_detectors()) {
      if (const ZooKill* const kill = kill_by(record_, detector.name)) {
        out.fault.kills.push_back(*kill);
        out.cases.push_back(cases_.at(detector.name));
      }
    }
    return out;
  }

  const ZooFault& fault_;
  const ZooLimits& limits_;
  Executor& executor_;
  UncheckedExecutor unchecked_;
  Patient faulty_;
  Patient correct_;
  ZooFaultRecord record_;
  std::map<std::string, Case> cases_;  // of the kills, by detector
};

}  // namespace

Examination examine(const ZooFault& fault,
                    const ZooLimits& limits,
                    Comparisons& comparisons,
                    Executor& executor) {
  return Examiner(fault, limits, executor).examine(comparisons);
}

}  // namespace attest
