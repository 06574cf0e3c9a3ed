// Which host is due next: a heap of the hosts of a world, ordered by (instant, number), with four
// children a node. Every host is in it, at `never` where nothing is due.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sched/time.hpp"

namespace rehearsal::simnet {

class Agenda {
 public:
  struct Entry {
    sched::Instant at;
    std::uint32_t host;

    // Without a branch, which would be guessed wrong half the time.
    [[nodiscard]] bool before(const Entry& other) const {
      const bool earlier = at < other.at;
      const bool lower = host < other.host;
      return static_cast<bool>(static_cast<int>(earlier) |
                               (static_cast<int>(at == other.at) & static_cast<int>(lower)));
    }
  };

  // REQUIRES: hosts are added in the order of their numbers, from 0.
  void add(sched::Instant at) {
    const auto host = static_cast<std::uint32_t>(places_.size());
    places_.push_back(0);
    heap_.push_back({});
    sift_up(heap_.size() - 1, {at, host});
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  // REQUIRES: !empty().
  [[nodiscard]] const Entry& top() const { return heap_.front(); }
  // The first but one; `top()` where there is no other.
  [[nodiscard]] const Entry& second() const {
    const std::size_t end = std::min<std::size_t>(heap_.size(), 1 + arity);
    std::size_t best = heap_.size() > 1 ? 1 : 0;
    for (std::size_t child = 2; child < end; ++child) {
      best = heap_[child].before(heap_[best]) ? child : best;
    }
    return heap_[best];
  }
  // The hosts that are due together with the first, by number.
  [[nodiscard]] std::vector<std::uint32_t> tied() const {
    std::vector<std::size_t> places = {0};
    std::vector<std::uint32_t> hosts;
    while (!places.empty()) {
      const std::size_t place = places.back();
      places.pop_back();
      if (place < heap_.size() && heap_[place].at == top().at) {
        hosts.push_back(heap_[place].host);
        for (std::size_t child = 1; child <= arity; ++child) {
          places.push_back(arity * place + child);
        }
      }
    }
    std::ranges::sort(hosts);
    return hosts;
  }
  // Calls f(host) for those that are likely to be due after the first.
  template <class F>
  void for_each_soon(F&& f) const {
    const std::size_t end = std::min<std::size_t>(heap_.size(), 1 + arity);
    for (std::size_t place = 1; place < end; ++place) {
      f(heap_[place].host);
    }
  }
  void set(std::uint32_t host, sched::Instant at) {
    const std::size_t place = places_[host];
    const Entry entry{at, host};
    if (entry.before(heap_[place])) {
      sift_up(place, entry);
    } else {
      sift_down(place, entry);
    }
  }
  // `host` has something to do at `at`, too.
  void lower(std::uint32_t host, sched::Instant at) {
    const std::size_t place = places_[host];
    if (at < heap_[place].at) {
      sift_up(place, {at, host});
    }
  }

 private:
  static constexpr std::size_t arity = 4;

  void put(std::size_t place, const Entry& entry) {
    heap_[place] = entry;
    places_[entry.host] = static_cast<std::uint32_t>(place);
  }
  void sift_up(std::size_t hole, const Entry& entry) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / arity;
      if (!entry.before(heap_[parent])) {
        break;
      }
      put(hole, heap_[parent]);
      hole = parent;
    }
    put(hole, entry);
  }
  void sift_down(std::size_t hole, const Entry& entry) {
    for (;;) {
      const std::size_t first = arity * hole + 1;
      if (first >= heap_.size()) {
        break;
      }
      const std::size_t end = std::min(first + arity, heap_.size());
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child) {
        least = heap_[child].before(heap_[least]) ? child : least;
      }
      if (!heap_[least].before(entry)) {
        break;
      }
      put(hole, heap_[least]);
      hole = least;
    }
    put(hole, entry);
  }

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> places_;  // of each host, in heap_
};

}  // namespace rehearsal::simnet
