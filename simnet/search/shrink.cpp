#include "simnet/search/shrink.hpp"

#include <algorithm>
#include <iterator>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "simnet/scenario.hpp"
#include "simnet/search/renumbering.hpp"

namespace rehearsal::simnet {
namespace {

// Exchanges are tried only up to this number of deviations, since each pair is tried.
constexpr std::size_t most_exchanged = 24;
// Longer delays are tried only above this number of deviations.
constexpr std::size_t most_plain = 2;

// Returns whether a larger value at this site means a longer delay of the same kind.
bool delays(Site site) {
  return site == Site::run || site == Site::order || site == Site::late || site == Site::lost ||
         site == Site::blocking || site == Site::resolve || site == Site::timer ||
         site == Site::backlog || site == Site::stale || is_host_fault(site);
}

bool is_parameter(const Deviation& deviation) {
  return deviation.at.site == Site::program && deviation.at.entity.starts_with(world_prefix);
}

bool all_differ(const std::vector<Deviation>& deviations) {
  std::set<Coordinate> seen;
  return std::ranges::all_of(deviations,
                             [&](const Deviation& one) { return seen.insert(one.at).second; });
}

class Shrinker {
 public:
  Shrinker(const Schedule& failing, const Attempt& attempt, const ShrinkBound& bound)
      : attempt_(attempt), bound_(bound) {
    shrunk_.schedule = failing;
    shrunk_.deviations_before = failing.deviations.size();
  }

  Shrunk run();

 private:
  using Deviations = std::vector<Deviation>;

  [[nodiscard]] const Deviations& best() const { return shrunk_.schedule.deviations; }
  [[nodiscard]] bool stopped() const {
    return shrunk_.runs >= bound_.runs || steps_ >= bound_.steps;
  }
  Outcome run_with(Deviations deviations);
  bool was_tried();
  bool fails_with(Deviations deviations);
  bool fails_with(const Coordinate& at, std::uint32_t value);
  template <class Belongs>
  bool fails_without(Belongs belongs);
  void remove_groups();
  void remove_chunks();
  bool lower(const Coordinate& at);
  bool lower_values(bool parameters_only);
  bool move_earlier(const Coordinate& at);
  void remove();
  void lower_and_remove();
  bool fails_with_long_delays(const Deviations& whole);
  void remove_from_long_delays(Deviations whole);
  bool remove_and_shift();
  bool exchange();
  bool exchange(const Deviation& raised, const Coordinate& removed);
  void reduce();

  const Attempt& attempt_;
  const ShrinkBound& bound_;
  Shrunk shrunk_;
  std::uint64_t steps_ = 0;
  bool cut_short_ = false;
  bool unchanged_ = true;    // the best is the given schedule, so that tries are counted
  std::uint64_t tried_ = 0;  // number of first tries that need no run
  std::array<std::uint32_t, site_count> farthest_{};  // largest value per site, given or allowed
};

Outcome Shrinker::run_with(Deviations deviations) {
  Outcome outcome =
      attempt_({shrunk_.schedule.scenario, shrunk_.schedule.data_seed, std::move(deviations)});
  ++shrunk_.runs;
  steps_ += outcome.steps;
  return outcome;
}

// Returns whether the next try is one that an earlier call ran without success.
bool Shrinker::was_tried() {
  const bool known = unchanged_ && shrunk_.tried < tried_;
  shrunk_.tried += known ? 1 : 0;
  return known;
}

// Returns whether these deviations fail in the same way. If they do, those that applied
// become the best.
bool Shrinker::fails_with(Deviations deviations) {
  if (was_tried()) {
    return false;
  }
  if (stopped()) {
    cut_short_ = true;
    return false;
  }
  Outcome outcome = run_with(std::move(deviations));
  if (!outcome.failure || !same_failure(*shrunk_.failure, *outcome.failure)) {
    shrunk_.tried += unchanged_ ? 1 : 0;
    return false;
  }
  shrunk_.schedule.deviations = std::move(outcome.deviated);
  shrunk_.failure = std::move(outcome.failure);
  shrunk_.tried = 0;
  unchanged_ = false;
  return true;
}

// Returns whether the best fails in the same way with `value` for the choice at `at`; 0 removes it.
bool Shrinker::fails_with(const Coordinate& at, std::uint32_t value) {
  Deviations changed = best();
  const auto place = std::ranges::find(changed, at, &Deviation::at);
  const bool parameter = is_parameter(*place);
  if (value == 0) {
    changed.erase(place);
  } else {
    place->value = value;
  }
  if (!parameter) {
    return fails_with(std::move(changed));
  }
  Deviations others = renumbered(changed);
  const bool differ = others != changed;
  return fails_with(std::move(changed)) || (differ && fails_with(std::move(others)));
}

template <class Belongs>
bool Shrinker::fails_without(Belongs belongs) {
  Deviations kept = best();
  return std::erase_if(kept, belongs) != 0 && fails_with(std::move(kept));
}

void Shrinker::remove_groups() {
  const auto any = [](const Deviation& /*one*/) { return true; };
  if (fails_without(any)) {
    return;
  }
  for (std::size_t site = 0; site < site_count; ++site) {
    fails_without([site](const Deviation& one) { return index(one.at.site) == site; });
  }
}

void Shrinker::remove_chunks() {
  std::size_t size = (best().size() + 1) / 2;
  bool removed = false;
  while (size != 0 && !best().empty()) {
    removed = false;
    for (std::size_t from = 0; from < best().size();) {
      const std::size_t to = std::min(from + size, best().size());
      Deviations kept(best().begin(), best().begin() + static_cast<std::ptrdiff_t>(from));
      kept.insert(kept.end(), best().begin() + static_cast<std::ptrdiff_t>(to), best().end());
      if (fails_with(std::move(kept))) {
        removed = true;
      } else {
        from = to;
      }
    }
    if (size > 1) {
      size = (size + 1) / 2;
    } else if (!removed) {
      return;  // no single one can be removed
    }
  }
}

// Lowers the value at `at` as far as possible. Returns whether it became smaller.
bool Shrinker::lower(const Coordinate& at) {
  const auto place = std::ranges::find(best(), at, &Deviation::at);
  if (place == best().end()) {
    return false;
  }
  const std::uint32_t before = place->value;
  if (is_parameter(*place) && fails_with(at, 0)) {
    return true;
  }
  std::uint32_t high = before;  // fails
  std::uint32_t low = 0;        // all values up to it are assumed to pass
  for (std::uint32_t next = 1; low + 1 < high; next = low + (high - low) / 2) {
    if (fails_with(at, next)) {
      high = next;
      if (std::ranges::find(best(), at, &Deviation::at) == best().end()) {
        return true;  // the choice is not made any more
      }
    } else {
      low = next;
    }
  }
  return high != before;
}

// Moves the fault of a host at `at` to an earlier moment, as far as possible. Returns whether it
// moved.
bool Shrinker::move_earlier(const Coordinate& at) {
  std::uint32_t high = at.ordinal;  // fails
  std::uint32_t low = 0;            // all moments before it are assumed to pass
  Coordinate found = at;
  while (low < high) {
    const std::uint32_t next = low + (high - low) / 2;
    Deviations moved = best();
    const auto place = std::ranges::find(moved, found, &Deviation::at);
    if (place == moved.end()) {
      break;
    }
    place->at.ordinal = next;
    if (all_differ(moved) && fails_with(std::move(moved))) {
      high = found.ordinal = next;
    } else {
      low = next + 1;
    }
  }
  return high != at.ordinal;
}

bool Shrinker::lower_values(bool parameters_only) {
  bool lowered = false;
  const Deviations snapshot = best();
  for (const Deviation& deviation : snapshot) {
    if (!parameters_only || is_parameter(deviation)) {
      lowered = lower(deviation.at) || lowered;
    }
    if (!parameters_only && is_host_fault(deviation.at.site)) {
      lowered = move_earlier(deviation.at) || lowered;
    }
  }
  return lowered;
}

// Removes deviations if the later ones of the same entity then have ordinals lower by 1. Example:
// without a partial write there is one segment less before the one that is to be late. Returns
// whether one was removed.
bool Shrinker::remove_and_shift() {
  bool any = false;
  for (std::size_t removed = 0; removed < best().size();) {
    Deviations changed = best();
    const std::string entity = changed[removed].at.entity;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(removed));
    bool shifts = false;
    for (std::size_t i = removed; i < changed.size(); ++i) {
      if (changed[i].at.entity == entity && changed[i].at.ordinal != 0) {
        --changed[i].at.ordinal;
        shifts = true;
      }
    }
    if (shifts && all_differ(changed) && fails_with(std::move(changed))) {
      any = true;
    } else {
      ++removed;
    }
  }
  return any;
}

// Removes one deviation while another one is raised, so that many small delays on one path become
// one. No value exceeds both the largest given value of its site and the limit of the scenario.
// Returns whether one was removed.
bool Shrinker::exchange() {
  const Deviations snapshot = best();
  if (snapshot.size() > most_exchanged) {
    return false;
  }
  for (const Deviation& raised : snapshot) {
    for (const Deviation& removed : snapshot) {
      if (raised.at != removed.at && delays(raised.at.site) && !is_parameter(removed) &&
          exchange(raised, removed.at)) {
        return true;
      }
    }
  }
  return false;
}

bool Shrinker::exchange(const Deviation& raised, const Coordinate& removed) {
  Deviations changed = best();
  const auto place = std::ranges::find(changed, removed, &Deviation::at);
  const std::uint32_t far = farthest_[index(raised.at.site)];
  const std::uint32_t sum = raised.value + std::min(place->value, far - raised.value);
  changed.erase(place);
  const auto fails_raised_to = [&](std::uint32_t value) {
    std::ranges::find(changed, raised.at, &Deviation::at)->value = value;
    return fails_with(changed);
  };
  return (sum > raised.value && fails_raised_to(sum)) || (far > sum && fails_raised_to(far));
}

void Shrinker::remove() {
  remove_chunks();
  while (remove_and_shift()) {
    remove_chunks();
  }
}

// Repeats until nothing more can be removed or lowered.
void Shrinker::lower_and_remove() {
  while (lower_values(false) || exchange()) {
    remove();
  }
}

// Returns whether these fail in the same way. If they are as many as were given, nothing is
// gained: it counts as a try without success, and the tries after it begin with them as they are,
// without a run.
bool Shrinker::fails_with_long_delays(const Deviations& whole) {
  const Shrunk before = shrunk_;
  const bool unchanged = unchanged_;
  const bool known = was_tried();
  if (!known && !fails_with(whole)) {
    return false;
  }
  if (unchanged && (known || best().size() == whole.size())) {
    shrunk_.schedule.deviations = whole;
    shrunk_.failure = before.failure;
    shrunk_.tried = before.tried + 1;
    unchanged_ = true;
  }
  return true;
}

// If a few of many deviations are enough for one long delay, hardly any single one can be removed.
// With every delay at its maximum, few suffice. `whole` are the deviations at the start. The result
// replaces the best if it has fewer deviations.
void Shrinker::remove_from_long_delays(Deviations whole) {
  const Schedule before = shrunk_.schedule;
  const std::optional<Failure> failure = shrunk_.failure;
  for (Deviation& one : whole) {
    one.value = delays(one.at.site) ? farthest_[index(one.at.site)] : one.value;
  }
  if (whole == best() || !fails_with_long_delays(whole)) {
    return;
  }
  remove_groups();
  remove();
  if (best().size() < before.deviations.size()) {
    lower_and_remove();
  } else {
    shrunk_.schedule = before;
    shrunk_.failure = failure;
  }
}

// Each accepted schedule has fewer deviations, or as many with lower values or earlier moments; so
// has the result with longer delays. So it ends, even if it is stopped and resumed again and again.
void Shrinker::reduce() {
  // While many deviations are left, a smaller scenario is likely to fail with some of them.
  lower_values(true);
  Deviations whole = best();
  remove_groups();
  remove();
  lower_and_remove();
  if (best().size() > most_plain) {
    remove_from_long_delays(std::move(whole));
  }
}

Shrunk Shrinker::run() {
  Outcome first = run_with(best());
  if (!first.failure) {
    return std::move(shrunk_);
  }
  const bool as_given = first.deviated.size() == best().size();
  shrunk_.failure = std::move(first.failure);
  shrunk_.schedule.deviations = std::move(first.deviated);
  std::ranges::transform(bound_.rates.of, farthest_.begin(), &Rate::most);
  for (const Deviation& deviation : best()) {
    std::uint32_t& farthest = farthest_[index(deviation.at.site)];
    farthest = std::max(farthest, deviation.value);
  }
  tried_ = as_given ? bound_.tried : 0;
  reduce();
  if (!cut_short_ && unchanged_ && shrunk_.tried <= tried_) {
    // There are fewer candidates than `tried`, so it was not counted for this schedule.
    shrunk_.tried = tried_ = 0;
    reduce();
  }
  shrunk_.minimal = !cut_short_;
  shrunk_.tried = shrunk_.minimal ? 0 : shrunk_.tried;
  return std::move(shrunk_);
}

}  // namespace

Outcome outcome_of(const RunResult& result) {
  return {result.report.failure(), result.schedule.deviations, result.report.steps,
          result.report.digest};
}

std::vector<Deviation> not_applied(const Schedule& schedule, const Outcome& outcome) {
  std::vector<Deviation> missing;
  std::ranges::copy_if(schedule.deviations, std::back_inserter(missing), [&](const Deviation& one) {
    return std::ranges::find(outcome.deviated, one) == outcome.deviated.end();
  });
  return missing;
}

Attempt attempt_here(const Scenario& scenario) {
  return [&scenario](const Schedule& schedule) {
    return outcome_of(replay_scenario(scenario, schedule));
  };
}

Shrunk shrink(const Schedule& failing, const Attempt& attempt, const ShrinkBound& bound) {
  return Shrinker(failing, attempt, bound).run();
}

}  // namespace rehearsal::simnet
