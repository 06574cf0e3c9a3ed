// Choices: the one oracle of a run. Every decision of the simulated network is asked here, under
// its coordinate (site, entity, ordinal), and is 0 unless the policy or the schedule says
// otherwise.
//
// Invariants:
//  - A value depends on nothing but the coordinate, the policy and the deviations that are
//    replayed: not on what was asked before.
//  - What was asked and did not come out 0 is in deviations(), once.
//  - A coordinate stands for one choice: a second deviation of one is a CHECK, also if deviations
//    are not recorded.
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

// How often a site was asked, came out other than 0, and changed what happened.
struct SiteCount {
  std::uint64_t fired = 0;
  std::uint64_t mattered = 0;
};

// How a choice came out. Code that acts on a deviation reads it by matters(), so that a deviation
// that changed nothing is counted apart.
class Choice {
 public:
  Choice() = default;
  // `count` outlives the choice.
  Choice(std::uint32_t value, SiteCount& count) : count_(&count), value_(value) {}

  [[nodiscard]] std::uint32_t value() const { return value_; }
  [[nodiscard]] bool deviates() const { return value_ != 0; }
  // Returns the value. If it is not 0, counts the choice as one that changed what happened.
  std::uint32_t matters() const {
    if (value_ != 0) [[unlikely]] {
      ++count_->mattered;
    }
    return value_;
  }

 private:
  SiteCount* count_ = nullptr;  // null: the choice is nominal
  std::uint32_t value_ = 0;
};

class Choices {
 public:
  // Each choice is made by `policy`.
  explicit Choices(const Policy& policy);
  // Each choice is nominal, but for these.
  explicit Choices(std::vector<Deviation> replayed);

  // Makes a choice of `outcomes` outcomes. `name()` returns the path name whose key `entity` is; it
  // is called only if the choice deviates. REQUIRES: outcomes >= 1; ordinals of one (site, entity)
  // differ.
  template <class Name>
  Choice choose(Site site, std::uint64_t entity, std::uint32_t ordinal, std::uint32_t outcomes,
                Name&& name) {
    const std::uint64_t reach = reach_[index(site)];
    if (reach == 0) {
      return {};
    }
    const std::uint64_t bits = draw(seed_, entity + site_salt(site), ordinal);
    if (static_cast<std::uint32_t>(bits) >= reach) [[likely]] {
      return {};
    }
    const Coordinates at{site, entity, ordinal, outcomes};
    return {choose_at(walks_[index(site)], at, bits, name), counts_[index(site)]};
  }
  // Makes a choice for which a random policy uses `rate` instead of its own.
  template <class Name>
  Choice choose(const Rate& rate, Site site, std::uint64_t entity, std::uint32_t ordinal,
                std::uint32_t outcomes, Name&& name) {
    if (!draws_) {
      return choose(site, entity, ordinal, outcomes, name);
    }
    const std::uint64_t bits = draw(seed_, entity + site_salt(site), ordinal);
    return {choose_at(RandomWalk(rate), {site, entity, ordinal, outcomes}, bits, name),
            counts_[index(site)]};
  }
  // Makes a choice that comes out as `value`, unless deviations are replayed: then a choice that
  // they do not name is nominal, as always.
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
  // From now on each choice is made by `policy`, whatever made those so far.
  void follow(const Policy& policy);
  // Whether choices are drawn at random, so that rates count.
  [[nodiscard]] bool draws() const { return draws_; }
  // Whether deviations are replayed.
  [[nodiscard]] bool replays() const { return replays_; }

  [[nodiscard]] const std::vector<Deviation>& deviations() const { return deviations_; }
  // If false, deviations() stays empty; a run of the same policy finds them again.
  void record(bool records) { records_ = records; }
  [[nodiscard]] const SiteCount& count(Site site) const { return counts_[index(site)]; }
  // Of a replay: the deviations that were never asked for, or whose value was out of range.
  [[nodiscard]] std::vector<Deviation> not_applied() const;
  // `listener` is told the coordinate of every choice from now on.
  void listen(std::function<void(const Coordinate&)> listener) {
    asked_ = std::move(listener);
    set_reach();
  }
  // The count of events of the run, by which a CHECK says when a choice was made.
  void count_by(const std::uint64_t& events) { events_ = &events; }
  // `listener` is told every deviation that is recorded from now on, before anything comes of it.
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
  };
  struct LastDeviation {
    std::uint64_t next_ordinal = 0;  // its own and one; 0: there was none
    std::uint64_t after = 0;         // how many events
  };
  // What is left to do where a draw is within reach, which is rare.
  template <class Name>
  [[gnu::noinline]] std::uint32_t choose_at(const RandomWalk& walk, const Coordinates& at,
                                            std::uint64_t bits, Name&& name) {
    const auto [site, entity, ordinal, outcomes] = at;
    if (asked_) [[unlikely]] {
      asked_({site, name(), ordinal});
    }
    std::uint32_t value = 0;
    if (decided(site)) [[unlikely]] {
      value = decide({site, entity, ordinal, outcomes, walk.most});
    } else if (walk.deviates(bits)) {
      value = draws_ ? walk.outcome(outcomes, bits) : replayed(bits, outcomes);
    }
    if (value != 0) [[unlikely]] {
      // A task's name is claimed when it is spawned, and it counts how often it becomes ready. A
      // policy by priorities deviates at most of these choices. A replay looks in replayed().
      if (site != Site::run && !replays_) {
        refuse_second(at, name);
      }
      deviate(at, value, name);
    }
    return value;
  }
  // The ordinals of one object are asked in ascending order: one that does not ascend is of an
  // object that was made again under the same name.
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
  // Whether the policy's algorithm decides at this site.
  [[nodiscard]] bool decided(Site site) const { return (decided_ >> index(site) & 1U) != 0; }
  void set_reach();
  std::uint32_t decide(const Question& question);
  std::uint32_t replayed(std::uint64_t bits, std::uint32_t outcomes);
  // Reports that `at` deviates now, and that the choice `ordinal` of its object did after `after`
  // events.
  [[noreturn]] void refuse(Coordinate at, std::uint32_t ordinal, std::uint64_t after) const;
  void add(Deviation deviation);

  std::uint64_t seed_ = 0;
  bool draws_ = false;
  bool replays_ = false;
  bool records_ = true;
  std::uint32_t decided_ = 0;  // a bit for each site
  std::shared_ptr<PolicyAlgorithm> algorithm_;
  // By site: a draw whose lower 32 bits are not below this is 0 whatever else there is.
  std::array<std::uint64_t, site_count> reach_{};
  // Where choices are replayed, or an algorithm decides, each of the site's is looked at.
  std::array<RandomWalk, site_count> walks_{};
  std::array<SiteCount, site_count> counts_{};
  std::vector<Deviation> deviations_;
  KeyTable<LastDeviation> last_deviations_;  // by entity and site
  static constexpr std::uint64_t no_events = 0;
  const std::uint64_t* events_ = &no_events;
  struct Replayed {
    Deviation deviation;
    std::uint64_t applied = 0;  // how many events before, and one; 0: it is not yet
  };
  std::vector<Replayed> replayed_;
  KeyTable<std::uint32_t> replayed_at_;  // by draw(), a place in replayed_
  std::function<void(const Coordinate&)> asked_;
  std::function<void(const Deviation&)> deviated_;
};

}  // namespace rehearsal::simnet
