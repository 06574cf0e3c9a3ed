// Invented schedules and their failures, for tests of shrinking.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sched/base/draw.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::simnet {

using Deviations = std::vector<Deviation>;

inline const Failure broken{FailureKind::property, "it breaks", "a.cpp:1"};
inline const Failure elsewhere{FailureKind::property, "it breaks", "a.cpp:2"};

inline Deviation numbered(std::uint32_t number, std::uint32_t value = 1) {
  static constexpr std::array sites = {Site::run, Site::late, Site::recv};
  return {{sites[number % sites.size()], "client-0/0", number}, value};
}

inline Schedule schedule_of(std::uint32_t count, std::uint32_t value) {
  Schedule schedule{"made up", 1, {}};
  for (std::uint32_t i = 0; i < count; ++i) {
    schedule.deviations.push_back(numbered(i, value));
  }
  return schedule;
}

inline bool includes(const Deviations& all, const Deviations& some) {
  return std::ranges::all_of(some, [&](const Deviation& one) {
    const auto found = std::ranges::find(all, one.at, &Deviation::at);
    return found != all.end() && found->value >= one.value;
  });
}

inline Schedule without(Schedule schedule, std::size_t place) {
  schedule.deviations.erase(schedule.deviations.begin() + static_cast<std::ptrdiff_t>(place));
  return schedule;
}

inline bool fails_so(const Attempt& attempt, const Schedule& schedule, const Failure& failure) {
  const Outcome outcome = attempt(schedule);
  return outcome.failure && same_failure(failure, *outcome.failure);
}

// Fails if the schedule has all of `needed`, each with at least its value.
inline Attempt needs(const Deviations& needed) {
  return [needed](const Schedule& schedule) {
    Outcome outcome;
    outcome.deviated = schedule.deviations;
    outcome.steps = 10;
    if (includes(schedule.deviations, needed)) {
      outcome.failure = broken;
    }
    return outcome;
  };
}

// Fails if the delays add up to at least `sum` microseconds.
inline Attempt needs_late(std::uint32_t sum) {
  return [sum](const Schedule& schedule) {
    std::uint32_t late = 0;
    for (const Deviation& deviation : schedule.deviations) {
      late += deviation.at.site == Site::late ? deviation.value : 0;
    }
    Outcome outcome;
    outcome.deviated = schedule.deviations;
    if (late >= sum) {
      outcome.failure = broken;
    }
    return outcome;
  };
}

inline Schedule late_by(const std::vector<std::uint32_t>& values) {
  Schedule schedule{"made up", 1, {}};
  for (const std::uint32_t value : values) {
    schedule.deviations.push_back(
        {{Site::late, "client-0/0", static_cast<std::uint32_t>(schedule.deviations.size())},
         value});
  }
  return schedule;
}

// One schedule in `odds` fails, by chance, and one fails differently; `failing` always fails.
inline Attempt fails_by_chance(const Schedule& failing, std::uint64_t seed, std::uint64_t odds) {
  return [failing, seed, odds](const Schedule& schedule) {
    std::uint64_t bits = seed;
    for (const Deviation& deviation : schedule.deviations) {
      bits = mix(bits ^ (deviation.at.ordinal * 4'096U + deviation.value));
    }
    Outcome outcome;
    outcome.deviated = schedule.deviations;
    if (schedule == failing || bits % odds == 0) {
      outcome.failure = broken;
    } else if (bits % odds == 1) {
      outcome.failure = elsewhere;
    }
    return outcome;
  };
}

}  // namespace rehearsal::simnet
