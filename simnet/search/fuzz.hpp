// A fuzzer makes the choices of a run: its bytes are a list of deviations. With libFuzzer, guided
// by coverage (https://llvm.org/docs/LibFuzzer.html):
//
//   extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
//     return rehearsal::simnet::fuzz(scenario(), {data, size});
//   }
//
// Four bytes are one deviation, independent of the bytes before and after them. So a fuzzer that
// drops, copies or mixes pieces drops, copies or mixes deviations. The encoding is little endian:
//
//   byte 0     the site: an index, modulo their number, into the list of sites whose rate in the
//              scenario is not 0
//   bytes 1-2  which choice of that site, in the order in which they are made, from 0
//   byte 3     the value: about 2^(byte / 8), at most what the scenario's rate allows
//
// Left-over bytes are ignored. Of two deviations for one choice the first counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "simnet/choices/policy.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

/// Makes the choices of one run by the bytes of a fuzzer.
class FuzzChooser final : public PolicyAlgorithm {
 public:
  /// Number of bytes that encode one deviation.
  static constexpr std::size_t deviation_size = 4;

  /// Reads the deviations from `bytes`, which need not outlive the call.
  FuzzChooser(std::span<const std::uint8_t> bytes, const Rates& rates);

  /// Returns whether the scenario's rate at this site is not 0.
  [[nodiscard]] bool decides(Site site) const override { return rates_[site].per_million != 0; }
  /// Returns the value that the bytes encode for this choice, or 0.
  std::uint32_t choose(const Question& question) override;

 private:
  struct Place {
    std::uint32_t ordinal;  // among the choices of its site
    std::uint8_t far;
  };

  Rates rates_;
  std::array<std::vector<Place>, site_count> places_;  // sorted
  std::array<std::size_t, site_count> next_{};
  std::array<std::uint32_t, site_count> asked_{};
};

/// Runs `scenario` once with the deviations that `bytes` encode, and with data seed 1.
RunResult run_fuzzed(const Scenario& scenario, std::span<const std::uint8_t> bytes,
                     RunWatchers watchers = {});

/// Runs `scenario` once with the deviations that `bytes` encode, and with data seed 1. If the run
/// fails, prints the failure and the schedule that reproduces it to stderr and calls abort(3),
/// which a fuzzer reports as a finding. Otherwise returns 0.
int fuzz(const Scenario& scenario, std::span<const std::uint8_t> bytes);

}  // namespace rehearsal::simnet
