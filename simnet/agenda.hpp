// Which host is due next, in order of (instant, number). A host at `never` is not in it.
//
// The hosts that are due soonest lie sorted in a ring, so that what they will touch can be fetched
// before their turn; the others in a heap with four children a node. Of few hosts all are in the
// ring.
//
// Invariants:
//  - No host in the heap is due before one in the ring.
//  - The ring is empty only where the heap is, too.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sched/time.hpp"

namespace rehearsal::simnet {

class Agenda {
 public:
  struct Entry {
    sched::Instant at = sched::never;
    std::uint32_t host = UINT32_MAX;

    // Without a branch, which would be guessed wrong half the time.
    [[nodiscard]] bool before(const Entry& other) const {
      const bool earlier = at < other.at;
      const bool lower = host < other.host;
      return static_cast<bool>(static_cast<int>(earlier) |
                               (static_cast<int>(at == other.at) & static_cast<int>(lower)));
    }
  };

  static constexpr std::size_t ring_size = 32;  // a power of two

  // REQUIRES: hosts are added in the order of their numbers, from 0.
  void add() { places_.push_back(nowhere); }
  [[nodiscard]] bool empty() const { return soon_count_ == 0; }
  // REQUIRES: !empty().
  [[nodiscard]] const Entry& top() const { return soon(0); }
  // How many of those that are due next are in order.
  [[nodiscard]] std::size_t soon_count() const { return soon_count_; }
  // The one that is due `ahead` places after the first. REQUIRES: ahead < soon_count().
  [[nodiscard]] const Entry& soon(std::size_t ahead) const {
    return soon_[(soon_head_ + ahead) % ring_size];
  }
  // The hosts that are due together with the first, by number.
  [[nodiscard]] std::vector<std::uint32_t> tied() const {
    std::vector<std::uint32_t> hosts;
    for (std::size_t ahead = 0; ahead < soon_count_ && soon(ahead).at == top().at; ++ahead) {
      hosts.push_back(soon(ahead).host);
    }
    const std::size_t from_ring = hosts.size();
    std::vector<std::size_t> places = {0};
    while (!places.empty()) {
      const std::size_t place = places.back();
      places.pop_back();
      if (place < heap_size_ && heap(place).at == top().at) {
        hosts.push_back(heap(place).host);
        for (std::size_t child = 1; child <= arity; ++child) {
          places.push_back(arity * place + child);
        }
      }
    }
    std::sort(hosts.begin() + static_cast<std::ptrdiff_t>(from_ring), hosts.end());
    return hosts;
  }
  // `host` is due at `at`, and not when it was before; at `never` it is not due at all.
  void set(std::uint32_t host, sched::Instant at) {
    take_out(host);
    if (at != sched::never) {
      put_in({at, host});
    }
    fill_ring();
  }
  // `host` has something to do at `at`, too.
  void lower(std::uint32_t host, sched::Instant at) {
    if (at < due(host)) {
      set(host, at);
    }
  }

 private:
  static constexpr std::size_t arity = 4;
  // Where a host is: its place in the heap, or one of these.
  static constexpr std::uint32_t nowhere = UINT32_MAX;
  static constexpr std::uint32_t in_ring = UINT32_MAX - 1;

  [[nodiscard]] Entry& ring(std::size_t ahead) { return soon_[(soon_head_ + ahead) % ring_size]; }
  // REQUIRES: it is in the ring.
  [[nodiscard]] std::size_t find_in_ring(std::uint32_t host) const {
    std::size_t ahead = 0;
    while (soon(ahead).host != host) {
      ++ahead;
    }
    return ahead;
  }
  [[nodiscard]] sched::Instant due(std::uint32_t host) const {
    const std::uint32_t place = places_[host];
    if (place == nowhere) {
      return sched::never;
    }
    return place == in_ring ? soon(find_in_ring(host)).at : heap(place).at;
  }

  void take_out(std::uint32_t host) {
    const std::uint32_t place = places_[host];
    if (place == nowhere) {
      return;
    }
    places_[host] = nowhere;
    if (place != in_ring) {
      remove_from_heap(place);
      return;
    }
    // Those before it move up; most often it is the first.
    for (std::size_t ahead = find_in_ring(host); ahead > 0; --ahead) {
      ring(ahead) = ring(ahead - 1);
    }
    ++soon_head_;
    --soon_count_;
  }
  void put_in(const Entry& entry) {
    const bool behind = soon_count_ != 0 && soon(soon_count_ - 1).before(entry);
    if (behind && (heap_size_ != 0 || soon_count_ == ring_size)) {
      push_heap(entry);
      return;
    }
    if (soon_count_ == ring_size) {
      --soon_count_;
      push_heap(ring(soon_count_));
    }
    std::size_t ahead = soon_count_++;
    for (; ahead > 0 && entry.before(ring(ahead - 1)); --ahead) {
      ring(ahead) = ring(ahead - 1);
    }
    ring(ahead) = entry;
    places_[entry.host] = in_ring;
  }
  // REQUIRES: it misses at most one.
  void fill_ring() {
    if (soon_count_ < ring_size && heap_size_ != 0) {
      const Entry first = heap(0);
      remove_from_heap(0);
      ring(soon_count_++) = first;
      places_[first.host] = in_ring;
    }
  }

  [[nodiscard]] Entry& heap(std::size_t place) {
    return heap_[(place + 3) / arity].of[(place + 3) % arity];
  }
  [[nodiscard]] const Entry& heap(std::size_t place) const {
    return heap_[(place + 3) / arity].of[(place + 3) % arity];
  }
  void push_heap(const Entry& entry) {
    if (heap_size_ % arity == 1 || heap_size_ == 0) {
      heap_.emplace_back();
    }
    sift_up(heap_size_++, entry);
  }
  void remove_from_heap(std::size_t place) {
    const Entry last = std::exchange(heap(--heap_size_), Entry{});
    if (heap_size_ % arity == 1 || heap_size_ == 0) {
      heap_.pop_back();
    }
    if (place == heap_size_) {
      return;
    }
    if (last.before(heap(place))) {
      sift_up(place, last);
    } else {
      sift_down(place, last);
    }
  }
  void put(std::size_t place, const Entry& entry) {
    heap(place) = entry;
    places_[entry.host] = static_cast<std::uint32_t>(place);
  }
  void sift_up(std::size_t hole, const Entry& entry) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / arity;
      if (!entry.before(heap(parent))) {
        break;
      }
      put(hole, heap(parent));
      hole = parent;
    }
    put(hole, entry);
  }
  void sift_down(std::size_t hole, const Entry& entry) {
    while (hole + 1 < heap_.size()) {
      const Entry* const children = heap_[hole + 1].of.data();
      const std::size_t left = children[1].before(children[0]) ? 1 : 0;
      const std::size_t right = children[3].before(children[2]) ? 3 : 2;
      const std::size_t least = children[right].before(children[left]) ? right : left;
      if (!children[least].before(entry)) {
        break;
      }
      put(hole, children[least]);
      hole = arity * hole + 1 + least;
    }
    put(hole, entry);
  }

  // The children of one node, in one line of the cache; those that are not there come last of all.
  // The root is the last of the first four, so that the children of place p are heap_[p + 1].
  struct alignas(64) Siblings {
    std::array<Entry, arity> of;
  };

  std::array<Entry, ring_size> soon_{};
  std::size_t soon_head_ = 0;  // counts without wrapping
  std::size_t soon_count_ = 0;
  std::vector<Siblings> heap_;
  std::size_t heap_size_ = 0;
  std::vector<std::uint32_t> places_;  // of each host
};

}  // namespace rehearsal::simnet
