// Which host is due next, in order of (instant, number). A host at `never` is not in it.
//
// The hosts that are due soonest lie sorted in a ring, so that what they will touch can be fetched
// before their turn; the next in a heap with four children a node, and of many hosts the others in
// a radix heap, which costs each of them less. Of few hosts all are in the ring.
//
// Invariants:
//  - No host in the heap is due before one in the ring.
//  - No host in the heap is due after `reach_`, and none of the others at it or before.
//  - The ring is empty only where the heap is, too, and the heap only where no others are.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sched/radix_heap.hpp"
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
  void add() { hosts_.emplace_back(); }
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
    hosts_[host].due = at;
    if (at != sched::never) {
      put_in({at, host});
    }
    fill_ring();
  }
  // `host` has something to do at `at`, too.
  void lower(std::uint32_t host, sched::Instant at) {
    if (at < hosts_[host].due) {
      set(host, at);
    }
  }

 private:
  static constexpr std::size_t arity = 4;
  static constexpr std::size_t few = 16;  // in the heap are so few only where there are no others
  static constexpr std::size_t many = 256;
  // Where a host is: its place in the heap, its slot in the radix heap, marked, or one of these.
  static constexpr std::uint32_t nowhere = UINT32_MAX;
  static constexpr std::uint32_t in_ring = UINT32_MAX - 1;
  static constexpr std::uint32_t far_mark = std::uint32_t{1} << 31U;

  [[nodiscard]] Entry& ring(std::size_t ahead) { return soon_[(soon_head_ + ahead) % ring_size]; }
  // REQUIRES: it is in the ring.
  [[nodiscard]] std::size_t find_in_ring(std::uint32_t host) const {
    std::size_t ahead = 0;
    while (soon(ahead).host != host) {
      ++ahead;
    }
    return ahead;
  }
  void take_out(std::uint32_t host) {
    const std::uint32_t place = std::exchange(hosts_[host].place, nowhere);
    if (place == nowhere) {
      return;
    }
    if (place < far_mark) {
      remove_from_heap(place);
      return;
    }
    if (place != in_ring) {
      far_.remove(place - far_mark);
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
      put_behind(entry);
      return;
    }
    if (soon_count_ == ring_size) {
      --soon_count_;
      put_behind(ring(soon_count_));
    }
    std::size_t ahead = soon_count_++;
    for (; ahead > 0 && entry.before(ring(ahead - 1)); --ahead) {
      ring(ahead) = ring(ahead - 1);
    }
    ring(ahead) = entry;
    hosts_[entry.host].place = in_ring;
  }
  // Behind those in the ring.
  void put_behind(const Entry& entry) {
    if (entry.at > reach_) {
      put_far(entry);
      return;
    }
    push_heap(entry);
    if (heap_size_ >= too_many_) {
      move_far();
    }
  }
  // REQUIRES: it misses at most one.
  void fill_ring() {
    if (soon_count_ < ring_size && heap_size_ != 0) {
      const Entry first = heap(0);
      remove_from_heap(0);
      ring(soon_count_++) = first;
      hosts_[first.host].place = in_ring;
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
    if (place < heap_size_) {
      if (last.before(heap(place))) {
        sift_up(place, last);
      } else {
        sift_down(place, last);
      }
    }
    if (heap_size_ < few && reach_ != sched::never) {
      take_near();
    }
  }
  void put(std::size_t place, const Entry& entry) {
    heap(place) = entry;
    hosts_[entry.host].place = static_cast<std::uint32_t>(place);
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

  void put_far(const Entry& entry) {
    hosts_[entry.host].place = far_mark + far_.put({entry.at, 0, entry.host + 1});
  }
  // All of the heap, and the next ones back.
  void move_far() {
    far_.rebase(heap(0).at);
    for (std::size_t place = 0; place < heap_size_; ++place) {
      put_far(heap(place));
    }
    heap_.clear();
    heap_size_ = 0;
    take_near();
    // Not again before there are twice as many, so that it costs each of them little.
    too_many_ = std::max({many, 2 * heap_size_, far_.size()});
  }
  void take_near() {
    far_.take(taken_);
    reach_ = far_.size() == 0 ? sched::never : far_.reach();
    for (const auto& next : taken_) {
      push_heap({next.deadline, next.value - 1});
    }
    taken_.clear();
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
  std::size_t too_many_ = many;  // in the heap
  sched::Instant reach_ = sched::never;
  sched::RadixHeap<std::uint32_t> far_;                        // of their numbers, and 1
  std::vector<sched::RadixHeap<std::uint32_t>::Taken> taken_;  // empty but while they move
  struct Known {
    sched::Instant due = sched::never;
    std::uint32_t place = nowhere;
  };
  std::vector<Known> hosts_;  // by number
};

}  // namespace rehearsal::simnet
