// Few but large deviations: of all choices of a run, `count` that are drawn beforehand deviate. It
// samples what a delay-bounded search enumerates (Emmi, Qadeer, Rakamaric: Delay-bounded
// scheduling, POPL 2011), but over all kinds of choices, not only the order of tasks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "simnet/choices/magnitude.hpp"
#include "simnet/choices/named_policy.hpp"

namespace rehearsal::simnet {

class Sparse final : public PolicyAlgorithm {
 public:
  // Creates the algorithm of one run. It decides at the sites whose rate is not 0. `shape` is the
  // shape of the default run; this run is assumed to have the same length.
  Sparse(std::uint64_t seed, std::uint32_t count, const Rates& rates, const RunShape& shape)
      : seed_(mix(seed)), rates_(rates) {
    // The site is drawn first, so that sites with many choices do not hide the others.
    std::vector<Site> sites;
    for (std::size_t i = 0; i < site_count; ++i) {
      if (rates.of[i].per_million != 0 && shape.asked[i] != 0) {
        sites.push_back(static_cast<Site>(i));
      }
    }
    for (std::uint32_t i = 0; i < count && !sites.empty(); ++i) {
      const std::uint64_t bits = draw(seed_, 0, i);
      const Site site = sites[below(bits, static_cast<std::uint32_t>(sites.size()))];
      const auto asked =
          static_cast<std::uint32_t>(std::min(shape.asked[index(site)], std::uint64_t{1} << 31U));
      places_.push_back({site, 1 + below(mix(bits), asked)});
    }
  }

  [[nodiscard]] bool decides(Site site) const override { return rates_[site].per_million != 0; }
  std::uint32_t choose(const Question& question) override {
    const std::uint64_t place = ++asked_[index(question.site)];
    const bool here = std::ranges::any_of(
        places_, [&](const Place& one) { return one.site == question.site && one.place == place; });
    return here ? magnitude(question, draw(seed_, question.entity, place)) : 0;
  }

 private:
  struct Place {
    Site site;
    std::uint64_t place;  // 1-based index among the choices of this site
  };

  std::uint64_t seed_;
  Rates rates_;
  std::vector<Place> places_;
  std::array<std::uint64_t, site_count> asked_{};
};

}  // namespace rehearsal::simnet
