#include "simnet/search/fault_values.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Instant;

namespace {

constexpr std::chrono::microseconds delay_unit{1};

void add_value(std::vector<std::uint32_t>& values, std::uint32_t value) {
  if (value != 0 && std::ranges::find(values, value) == values.end()) {
    values.push_back(value);
  }
}

bool is_delay(Site site) {
  return site == Site::late || site == Site::spurious || site == Site::blocking ||
         site == Site::resolve || site == Site::timer;
}

// Returns the values that result in different orders: the last order first, which outlasts the
// most, then the others, the smallest delay first.
FaultValues orders(const Question& question, const Moments& moments, std::uint32_t most) {
  const Subject& subject = question.subject;
  std::vector<std::uint32_t> found;
  if (question.site == Site::spurious) {
    found.push_back(1);  // before what comes next
  }
  for (const Instant moment :
       moments.between(subject.host, subject.at, sched::after(subject.at, most * delay_unit))) {
    const auto value = static_cast<std::uint32_t>((moment - subject.at) / delay_unit) + 1;
    if (value <= most && (found.empty() || found.back() != value)) {
      found.push_back(value);
    }
  }
  FaultValues chosen;
  if (!found.empty()) {
    chosen.values.push_back(found.back());
    found.pop_back();
  }
  for (const std::uint32_t value : found) {
    if (chosen.values.size() < most_values) {
      chosen.values.push_back(value);
    } else {
      ++chosen.left_out;
    }
  }
  return chosen;
}

FaultValues sizes(std::uint32_t bytes) {
  FaultValues chosen;
  if (bytes > 1) {
    add_value(chosen.values, 1);
    add_value(chosen.values, bytes - 1);
    add_value(chosen.values, bytes / 2);
  }
  return chosen;
}

// Returns durations at equal ratios: 1, 10, 100 and 1000 if the longest is 1000. If the longest is
// too short for that, the shortest ones are between.
FaultValues durations(std::uint32_t most) {
  std::uint64_t ratio = 1;
  while ((ratio + 1) * (ratio + 1) * (ratio + 1) <= most) {
    ++ratio;
  }
  FaultValues chosen;
  add_value(chosen.values, most);
  for (const std::uint64_t value :
       {std::uint64_t{1}, ratio * ratio, ratio, std::uint64_t{2}, std::uint64_t{3}}) {
    if (value < most && chosen.values.size() < most_values) {
      add_value(chosen.values, static_cast<std::uint32_t>(value));
    }
  }
  return chosen;
}

FaultValues outcomes(std::uint32_t most) {
  FaultValues chosen;
  for (std::uint32_t value = 1; value <= std::min(most, most_outcomes); ++value) {
    chosen.values.push_back(value);
  }
  chosen.left_out = most - chosen.values.size();
  return chosen;
}

}  // namespace

void Moments::begins(World& world) {
  world.fabric().listener = [this, &world](const RunEvent& event) {
    happens(world, event.host, event.at);
  };
}

void Moments::happens(World& world, std::uint32_t host, Instant at) {
  if (host >= hosts_.size()) {
    hosts_.resize(host + 1);
  }
  OfHost& here = hosts_[host];
  if (here.host == nullptr) {
    here.host = &world.host(world.fabric().kernel(host).name());
  }
  if (here.moments.empty() || here.moments.back() != at) {
    here.moments.push_back(at);
  }
  const Instant timer = here.host->next_timer();
  if (timer != sched::never && timer != here.timer) {
    here.timer = timer;
    here.moments.push_back(timer);
  }
}

void Moments::ends(World& world, const RunReport& /*report*/) {
  world.fabric().listener = nullptr;
  for (OfHost& of_host : hosts_) {
    std::vector<Instant>& moments = of_host.moments;
    std::ranges::sort(moments);
    moments.erase(std::ranges::unique(moments).begin(), moments.end());
    of_host.host = nullptr;
  }
}

std::span<const Instant> Moments::between(std::uint32_t host, Instant after, Instant until) const {
  if (host >= hosts_.size()) {
    return {};
  }
  const std::vector<Instant>& moments = hosts_[host].moments;
  return {std::ranges::upper_bound(moments, after), std::ranges::upper_bound(moments, until)};
}

bool is_fault(Site site) {
  return site != Site::run && site != Site::tie && site != Site::order && site != Site::program &&
         site != Site::step;
}

FaultValues fault_values(const Question& question, const Moments& moments) {
  const std::uint32_t most = std::min(question.most, question.outcomes - 1);
  if (question.site == Site::recv || question.site == Site::send) {
    return sizes(question.subject.bytes);
  }
  if (is_host_fault(question.site) || question.site == Site::stale) {
    return durations(most);
  }
  return is_delay(question.site) ? orders(question, moments, most) : outcomes(most);
}

}  // namespace rehearsal::simnet
