// Rates: how often, and how far, each site deviates if choices are made at random.
#pragma once

#include <array>
#include <cstdint>

#include "simnet/choices/site.hpp"

namespace rehearsal::simnet {

/// How often a site deviates, and how far. The values of deviations are uniform from 1 to `most`.
struct Rate {
  /// Probability of a deviation, in parts per million; 0 means never, 1,000,000 always.
  std::uint32_t per_million = 0;
  /// The largest value of a deviation, at least 1.
  std::uint32_t most = 1;
};

/// The rate of each site. By default no site deviates.
struct Rates {
  /// The rates, by index().
  std::array<Rate, site_count> of{};

  /// Returns the rate of a site, which the caller may change.
  Rate& operator[](Site site) { return of[index(site)]; }
  /// Returns the rate of a site.
  const Rate& operator[](Site site) const { return of[index(site)]; }

  /// Returns the default rates. They vary what varies in production too: order, timing, timers that
  /// fire late, partial reads and writes, spurious readiness and EINTR. They never inject a reset,
  /// a refused connection, a full accept queue, a failed accept, a failed or stale name resolution,
  /// packet loss or duplication: a scenario that tolerates those sets their rates itself. Faults of
  /// hosts happen only in worlds that allow them; see World::survives().
  static Rates usual() {
    Rates rates;
    rates[Site::run] = {20'000, 8};
    rates[Site::tie] = {100'000, 1};
    rates[Site::order] = {50'000, 8};
    rates[Site::late] = {50'000, 2'000};
    rates[Site::recv] = {10'000, 16};
    rates[Site::send] = {10'000, 16};
    rates[Site::spurious] = {2'000, 100};
    rates[Site::again] = {2'000, 1};
    rates[Site::interrupt] = {1'000, 1};
    rates[Site::blocking] = {100'000, 10'000};
    rates[Site::resolve] = {100'000, 10'000};
    rates[Site::program] = {100'000, ~0U};
    rates[Site::crash] = {4'000, 1'000};
    rates[Site::power] = {4'000, 1'000};
    rates[Site::pause] = {4'000, 1'000};
    rates[Site::clock] = {4'000, 1'000};
    rates[Site::partition] = {4'000, 1'000};
    rates[Site::one_way] = {4'000, 1'000};
    rates[Site::hold] = {4'000, 1'000};
    rates[Site::timer] = {20'000, 2'000};
    return rates;
  }
};

}  // namespace rehearsal::simnet
