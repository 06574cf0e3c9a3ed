// A fuzzer makes the choices of a run: its bytes are a list of deviations. With libFuzzer, guided
// by coverage (https://llvm.org/docs/LibFuzzer.html):
//
//   extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
//     return rehearsal::simnet::fuzz(scenario(), {data, size});
//   }
//
// Four bytes are one deviation, whatever stands before them and behind, so that a fuzzer which
// drops, copies or mixes pieces drops, copies or mixes deviations. Of little endian:
//
//   byte 0     the site, as a place in the list of those at which the scenario's rates have any,
//              modulo their number
//   bytes 1-2  which choice of that site, in the order in which they come up, from 0
//   byte 3     how far: about 2^(byte / 8), no further than the scenario lets the site deviate
//
// Bytes left over are ignored; of two deviations for one choice the first counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "simnet/choices/policy.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

class FuzzChooser final : public PolicyAlgorithm {
 public:
  static constexpr std::size_t deviation_size = 4;

  FuzzChooser(std::span<const std::uint8_t> bytes, const Rates& rates);

  [[nodiscard]] bool decides(Site site) const override { return rates_[site].per_million != 0; }
  std::uint32_t choose(const Question& question) override;

 private:
  struct Place {
    std::uint32_t ordinal;  // among the choices of its site
    std::uint8_t far;
  };

  Rates rates_;
  std::array<std::vector<Place>, site_count> places_;  // in order
  std::array<std::size_t, site_count> next_{};
  std::array<std::uint32_t, site_count> asked_{};
};

// Runs `scenario` with the deviations that `bytes` say, and data seed 1.
RunResult run_fuzzed(const Scenario& scenario, std::span<const std::uint8_t> bytes,
                     RunWatchers watchers = {});

// Likewise. Where the run fails, prints what failed and the schedule that replays it to stderr, and
// ends the process by abort(3), which a fuzzer takes for a finding. Gives 0.
int fuzz(const Scenario& scenario, std::span<const std::uint8_t> bytes);

}  // namespace rehearsal::simnet
