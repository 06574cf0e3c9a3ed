#include "simnet/trace/host_events.hpp"

#include <algorithm>

#include "sched/base/draw.hpp"
#include "sched/base/hash.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::simnet {
namespace {

// Returns a hash of an event without its time.
std::uint64_t what_of(const RunEvent& event) {
  const std::uint64_t data = event.data.empty() ? 0 : sched::hash_bytes(event.data);
  return draw(event.word(), event.key, event.result ^ data);
}

}  // namespace

void HostEvents::begins(World& world) {
  all_.clear();
  by_host_.clear();
  sent_ = {};
  last_step_ = 0;
  Fabric& fabric = world.fabric();
  fabric.listener = [this, &fabric, before = std::move(fabric.listener)](const RunEvent& event) {
    if (before) {
      before(event);
    }
    happens(fabric, event);
  };
}

void HostEvents::ends(World& world, const RunReport& /*report*/) {
  world.fabric().listener = nullptr;
}

void HostEvents::happens(const Fabric& fabric, const RunEvent& event) {
  if (all_.size() == most) {
    return;
  }
  by_host_.resize(std::max<std::size_t>(by_host_.size(), event.host + std::size_t{1}));
  Event noted;
  noted.what = what_of(event);
  noted.host = event.host;
  noted.resumes = event.op == Op::resume;
  if (noted.resumes) {
    last_step_ = all_.size();
  } else if (event.op == Op::deliver || event.op == Op::accept || event.op == Op::connected) {
    depend(noted, fabric, event);
  } else if (event.op == Op::send && static_cast<std::int64_t>(event.result) > 0) {
    std::vector<Sent>& sent = sent_[event.key];
    const std::uint64_t before = sent.empty() ? 0 : sent.back().bytes;
    sent.push_back({before + event.result, by_host_[event.host].size() + 1});
  }
  by_host_[event.host].push_back(all_.size());
  all_.push_back(noted);
}

// Notes the host whose events led to a delivery or a connection.
void HostEvents::depend(Event& event, const Fabric& fabric, const RunEvent& why) {
  const bool accepts = why.op == Op::accept;
  const auto descriptor = accepts ? static_cast<sched::Descriptor>(why.result) : why.descriptor;
  const auto* end = fabric.kernel(why.host).find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end == nullptr) {
    event.from = why.op == Op::deliver ? everybody : nobody;
    return;
  }
  event.from = end->peer().kernel().number();
  event.count = of_host(event.from).size();
  if (const std::vector<Sent>* sent = sent_.find(why.key); sent != nullptr && !accepts) {
    const auto found = std::ranges::lower_bound(*sent, why.result, {}, &Sent::bytes);
    event.count = found == sent->end() ? event.count : found->count;
  }
}

std::span<const std::size_t> HostEvents::of_host(std::size_t host) const {
  return host < by_host_.size() ? std::span<const std::size_t>(by_host_[host])
                                : std::span<const std::size_t>();
}

HostEvents::Counts HostEvents::needed_for_all() const {
  Counts counts(by_host_.size());
  std::ranges::transform(by_host_, counts.begin(), &std::vector<std::size_t>::size);
  return counts;
}

// Returns the last event of the host of this one before its next resumption.
std::size_t HostEvents::end_of_step(std::size_t event) const {
  const std::span<const std::size_t> all = of_host(all_[event].host);
  auto next = std::ranges::upper_bound(all, event);
  while (next != all.end() && !all_[*next].resumes) {
    ++next;
  }
  return *(next - 1);
}

HostEvents::Counts HostEvents::needed_for(std::size_t event) const {
  Counts counts(by_host_.size());
  Counts before(by_host_.size());  // how many events of each host come before the present one
  for (std::size_t i = 0; i <= event; ++i) {
    ++before[all_[i].host];
  }
  counts[all_[event].host] = before[all_[event].host];
  for (std::size_t i = event + 1; i-- > 0;) {
    const Event& present = all_[i];
    if (--before[present.host] >= counts[present.host] || present.from == nobody) {
      continue;
    }
    for (std::size_t host = 0; host < counts.size(); ++host) {
      const bool all = present.from == everybody;
      if (all || present.from == host) {
        counts[host] = std::max(counts[host], all ? before[host] : present.count);
      }
    }
  }
  return counts;
}

// Returns how many of the first events of a host are the same in both runs.
std::size_t HostEvents::equal_events(const HostEvents& other, std::size_t host) const {
  const std::span<const std::size_t> here = of_host(host);
  const std::span<const std::size_t> there = other.of_host(host);
  const auto same = [&](std::size_t one, std::size_t two) {
    return all_[one].what == other.all_[two].what;
  };
  return static_cast<std::size_t>(std::ranges::mismatch(here, there, same).in1 - here.begin());
}

// REQUIRES: the runs differ on the host.
HostEvents::Difference HostEvents::difference(const HostEvents& other, std::size_t host) const {
  const std::size_t place = equal_events(other, host);
  const auto number = [place](std::span<const std::size_t> events) {
    return place < events.size() ? events[place] + 1 : 0;
  };
  return {number(of_host(host)), number(other.of_host(host))};
}

std::optional<HostEvents::Difference> HostEvents::first_difference(const HostEvents& other,
                                                                   bool of_all) const {
  if (all_.empty()) {
    return std::nullopt;
  }
  std::optional<Difference> first;
  const auto consider = [&](const Counts& here, const Counts& there) {
    for (std::size_t host = 0; host < std::max(here.size(), there.size()); ++host) {
      const std::size_t place = equal_events(other, host);
      if ((host < here.size() && place < here[host]) ||
          (host < there.size() && place < there[host])) {
        // An event that a host lacks comes after all others.
        const Difference found = difference(other, host);
        first = !first || found.failing - 1 < first->failing - 1 ? found : *first;
      }
    }
  };
  if (of_all) {
    consider(needed_for_all(), other.needed_for_all());
    return first;
  }
  const std::size_t end = by_host_[all_[last_step_].host].back();
  consider(needed_for(end), {});
  if (first && first->other != 0) {
    consider({}, other.needed_for(other.end_of_step(first->other - 1)));
  }
  return first;
}

}  // namespace rehearsal::simnet
