// Choices: makes every choice of a run. The simulated network asks it under the choice's coordinate
// (site, entity, ordinal). The outcome is 0 unless the policy or the schedule decides otherwise.
//
// Invariants:
// - An outcome depends only on the coordinate, the policy and the replayed deviations, not on
//   earlier choices. (A PolicyAlgorithm may depend on the questions before.)
// - A choice that deviates is in deviations() exactly once.
// - A coordinate stands for one choice: a second deviation under one coordinate fails a CHECK,
//   also if deviations are not recorded.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/draw.hpp"
#include "sched/base/key_table.hpp"
#include "simnet/choices/policy.hpp"
#include "simnet/choices/random_walk.hpp"
#include "simnet/choices/schedule.hpp"

namespace rehearsal::simnet {

/// How often a site deviated, and how often that changed what happened.
struct SiteCount {
  /// Number of choices that deviated.
  std::uint64_t fired = 0;
  /// Number of those that changed what happened.
  std::uint64_t mattered = 0;
};

/// The outcome of a choice. Code that acts on a deviation reads it with matters(), so that a
/// deviation without an effect is counted apart.
class Choice {
 public:
  /// Creates the default outcome, 0.
  Choice() = default;
  /// Creates an outcome. `count` must outlive it.
  Choice(std::uint32_t value, SiteCount& count) : count_(&count), value_(value) {}

  /// Returns the outcome, 0 by default.
  [[nodiscard]] std::uint32_t value() const { return value_; }
  /// Returns whether the outcome is not the default.
  [[nodiscard]] bool deviates() const { return value_ != 0; }
  /// Returns the outcome. If it is not 0, counts the choice as one that changed what happened.
  std::uint32_t matters() const {
    if (value_ != 0) [[unlikely]] {
      ++count_->mattered;
    }
    return value_;
  }

 private:
  SiteCount* count_ = nullptr;  // null: the default outcome
  std::uint32_t value_ = 0;
};

/// Returns the subject of a choice that has none.
struct NoSubject {
  /// Returns an empty subject.
  Subject operator()() const { return {}; }
};

/// Makes the choices of one run. World::choices() returns it.
class Choices {
 public:
  /// Creates choices that `policy` makes.
  explicit Choices(const Policy& policy);
  /// Creates choices that take their default, except those in `replayed`. Fails a CHECK if a
  /// coordinate occurs twice.
  explicit Choices(std::vector<Deviation> replayed);

  /// Makes a choice with `outcomes` outcomes. `name()` returns the path name whose key is `entity`;
  /// it is called only if the choice deviates. `about()` returns the subject of the choice; it is
  /// called only if a PolicyAlgorithm may decide. REQUIRES: outcomes >= 1; the ordinals of one
  /// (site, entity) differ.
  template <class Name, class About = NoSubject>
  Choice choose(Site site, std::uint64_t entity, std::uint32_t ordinal, std::uint32_t outcomes,
                Name&& name, About about = {}) {
    const std::uint64_t reach = reach_[index(site)];
    if (reach == 0) {
      return {};
    }
    const std::uint64_t bits = draw(seed_, entity + site_salt(site), ordinal);
    if (static_cast<std::uint32_t>(bits) >= reach) [[likely]] {
      return {};
    }
    const Coordinates at{site, entity, ordinal, outcomes, about()};
    return {choose_at(walks_[index(site)], at, bits, name), counts_[index(site)]};
  }
  /// Makes a choice for which a policy uses `rate` instead of the rate of the site.
  template <class Name, class About = NoSubject>
  Choice choose(const Rate& rate, Site site, std::uint64_t entity, std::uint32_t ordinal,
                std::uint32_t outcomes, Name&& name, About about = {}) {
    if (!draws_ && !decided(site)) {
      return choose(site, entity, ordinal, outcomes, name, about);
    }
    const std::uint64_t bits = draw(seed_, entity + site_salt(site), ordinal);
    const Coordinates at{site, entity, ordinal, outcomes, about()};
    return {choose_at(RandomWalk(rate), at, bits, name), counts_[index(site)]};
  }
  /// Makes a choice with the outcome `value`. In a replay the outcome is that of the schedule, or 0
  /// if the schedule does not name the choice.
  template <class Name>
  Choice choose_as(std::uint32_t value, Site site, std::uint64_t entity, std::uint32_t ordinal,
                   std::uint32_t outcomes, Name&& name) {
    if (replays_) {
      return choose(site, entity, ordinal, outcomes, name);
    }
    if (asked_) {
      asked_({site, name(), ordinal});
    }
    if (value != 0) {
      const Coordinates at{site, entity, ordinal, outcomes};
      refuse_second(at, name);
      deviate(at, value, name);
    }
    return {value, counts_[index(site)]};
  }
  /// Returns whether a choice at this site may deviate now. If not, it need not be made.
  [[nodiscard]] bool may_deviate(Site site) const { return reach_[index(site)] != 0; }
  /// Lets `policy` make each choice from now on. Deviations that were not replayed are dropped.
  void follow(const Policy& policy);
  /// Returns whether choices are made at random, so that rates count.
  [[nodiscard]] bool draws() const { return draws_; }
  /// Returns whether deviations are replayed.
  [[nodiscard]] bool replays() const { return replays_; }

  /// Returns the deviations of the run until now, in order.
  [[nodiscard]] const std::vector<Deviation>& deviations() const { return deviations_; }
  /// Sets whether deviations are recorded. If not, deviations() stays empty; another run with the
  /// same policy finds them.
  void record(bool records) { records_ = records; }
  /// Returns how often a site has deviated.
  [[nodiscard]] const SiteCount& count(Site site) const { return counts_[index(site)]; }
  /// Returns the replayed deviations that have not applied: their choice was not made, or their
  /// value was out of range.
  [[nodiscard]] std::vector<Deviation> not_applied() const;
  /// Calls `listener` with the coordinate of every choice from now on.
  void listen(std::function<void(const Coordinate&)> listener) {
    asked_ = std::move(listener);
    set_reach();
  }
  /// Sets the event counter of the run, which a failed CHECK uses to say when a choice was made.
  void count_by(const std::uint64_t& events) { events_ = &events; }
  /// Calls `listener` with every deviation that is recorded from now on, before it takes effect.
  void on_deviation(std::function<void(const Deviation&)> listener) {
    deviated_ = std::move(listener);
  }

 private:
  static constexpr std::uint64_t site_salt(Site site) {
    return (index(site) + 1) * 0xd1342543de82ef95;
  }
  struct Coordinates {
    Site site;
    std::uint64_t entity;
    std::uint32_t ordinal;
    std::uint32_t outcomes;
    Subject subject{};
  };
  struct LastDeviation {
    std::uint64_t next_ordinal = 0;  // its own plus 1; 0: there was none
    std::uint64_t after = 0;         // number of events before it
  };
  // The rare rest of choose(): the draw is within reach.
  template <class Name>
  [[gnu::noinline]] std::uint32_t choose_at(const RandomWalk& walk, const Coordinates& at,
                                            std::uint64_t bits, Name&& name) {
    const auto& [site, entity, ordinal, outcomes, subject] = at;
    if (asked_) [[unlikely]] {
      asked_({site, name(), ordinal});
    }
    std::uint32_t value = 0;
    if (decided(site)) [[unlikely]] {
      value = decide({site, entity, ordinal, outcomes, walk.most, walk.allowed, subject});
    } else if (walk.deviates(bits)) {
      value = draws_ ? walk.outcome(outcomes, bits) : replayed(bits, outcomes);
    }
    if (value != 0) [[unlikely]] {
      // Site::run is excluded: a task claims its name when it is spawned and counts how often it
      // becomes ready. A policy by priorities deviates at most of these choices. A replay checks
      // in replayed().
      if (site != Site::run && !replays_) {
        refuse_second(at, name);
      }
      deviate(at, value, name);
    }
    return value;
  }
  // The ordinals of one object ascend. An ordinal that does not belongs to an object that was
  // created again under the same name.
  template <class Name>
  void refuse_second(const Coordinates& at, Name&& name) {
    LastDeviation& last = last_deviations_[mix(at.entity + site_salt(at.site))];
    if (at.ordinal < last.next_ordinal) [[unlikely]] {
      const auto ordinal = static_cast<std::uint32_t>(last.next_ordinal - 1);
      refuse({at.site, name(), at.ordinal}, ordinal, last.after);
    }
    last = {std::uint64_t{at.ordinal} + 1, *events_};
  }
  template <class Name>
  [[gnu::always_inline]] void deviate(const Coordinates& at, std::uint32_t value, Name&& name) {
    ++counts_[index(at.site)].fired;
    if (records_) {
      add({{at.site, name(), at.ordinal}, value});
    }
  }
  // Returns whether the policy's algorithm decides at this site.
  [[nodiscard]] bool decided(Site site) const { return (decided_ >> index(site) & 1U) != 0; }
  void set_reach();
  std::uint32_t decide(const Question& question);
  std::uint32_t replayed(std::uint64_t bits, std::uint32_t outcomes);
  // Reports that `at` deviates now although the choice `ordinal` of its object deviated after
  // `after` events.
  [[noreturn]] void refuse(Coordinate at, std::uint32_t ordinal, std::uint64_t after) const;
  void add(Deviation deviation);

  std::uint64_t seed_ = 0;
  bool draws_ = false;
  bool replays_ = false;
  bool records_ = true;
  std::uint32_t decided_ = 0;  // a bit for each site
  static_assert(site_count <= 32);
  std::shared_ptr<PolicyAlgorithm> algorithm_;
  // By site: a draw whose lower 32 bits are not below this value results in 0 in every case.
  std::array<std::uint64_t, site_count> reach_{};
  // By site. In a replay, or if an algorithm decides, every choice of the site is within reach.
  std::array<RandomWalk, site_count> walks_{};
  std::array<SiteCount, site_count> counts_{};
  std::vector<Deviation> deviations_;
  KeyTable<LastDeviation> last_deviations_;  // by entity and site
  static constexpr std::uint64_t no_events = 0;
  const std::uint64_t* events_ = &no_events;
  struct Replayed {
    Deviation deviation;
    std::uint64_t applied = 0;  // number of events before, plus 1; 0: not yet applied
  };
  std::vector<Replayed> replayed_;
  KeyTable<std::uint32_t> replayed_at_;  // by draw(): an index of replayed_
  std::function<void(const Coordinate&)> asked_;
  std::function<void(const Deviation&)> deviated_;
};

}  // namespace rehearsal::simnet
