// How often each site deviates, where choices are drawn at random.
#pragma once

#include <array>
#include <cstdint>

#include "simnet/choices/site.hpp"

namespace rehearsal::simnet {

// How often a site deviates, in parts per million, and how far: values are 1 to `most`, uniformly.
struct Rate {
  std::uint32_t per_million = 0;
  std::uint32_t most = 1;
};

struct Rates {
  std::array<Rate, site_count> of{};

  Rate& operator[](Site site) { return of[index(site)]; }
  const Rate& operator[](Site site) const { return of[index(site)]; }

  // What the order of things, the network's timing and partial reads and writes do in production,
  // more often. No rate of it breaks a connection, refuses one or loses a datagram: those are set
  // by a scenario that can bear them.
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
    return rates;
  }
};

}  // namespace rehearsal::simnet
