// EventQueue: which host is due next, in order of (instant, number). A host that is due at `never`
// is not in it.
//
// The hosts that are due soonest are in a sorted row, so that the memory they will use can be
// prefetched before their turn. Most hosts become due behind all of the row, which is cheap. If one
// does not, the hosts behind it move from the row to a heap with four children per node. If there
// are many hosts, the rest of them are in a radix heap, which costs less per host.
//
// Invariants:
// - No host in the heap is due before a host in the row.
// - No host in the heap is due after `reach_`, and no host in the radix heap at `reach_` or
//   before.
// - The row is empty only if the heap is empty, and the heap only if the radix heap is empty.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sched/base/radix_heap.hpp"
#include "sched/base/time.hpp"
#include "sched/base/wide.hpp"

namespace rehearsal::simnet {

class EventQueue {
 public:
  struct Entry {
    sched::Instant at = sched::never;
    std::uint32_t host = UINT32_MAX;

    // Without a branch, which would be predicted wrong half of the time.
    [[nodiscard]] bool before(const Entry& other) const { return order() < other.order(); }

   private:
    [[nodiscard]] sched::Wide order() const {
      return static_cast<sched::Wide>(at.time_since_epoch().count()) * (sched::Wide{1} << 64U) +
             host;
    }
  };

  // The row has at least this many hosts, or all of them.
  static constexpr std::size_t least_soon = 32;

  // Adds a host. REQUIRES: hosts are added in the order of their numbers, from 0.
  void add() { hosts_.emplace_back(); }
  [[nodiscard]] bool empty() const { return soon_count_ == 0; }
  // Returns the host that is due first. REQUIRES: !empty().
  [[nodiscard]] const Entry& top() const { return soon(0); }
  // Returns the size of the row.
  [[nodiscard]] std::size_t soon_count() const { return soon_count_; }
  // Returns the entry `ahead` places after the first. REQUIRES: ahead < soon_count().
  [[nodiscard]] const Entry& soon(std::size_t ahead) const { return soon_[soon_first_ + ahead]; }
  // Returns the hosts that are due together with the first, by number.
  [[nodiscard]] std::vector<std::uint32_t> tied() const {
    std::vector<std::uint32_t> hosts;
    for (std::size_t ahead = 0; ahead < soon_count_ && soon(ahead).at == top().at; ++ahead) {
      hosts.push_back(soon(ahead).host);
    }
    const std::size_t from_row = hosts.size();
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
    std::sort(hosts.begin() + static_cast<std::ptrdiff_t>(from_row), hosts.end());
    return hosts;
  }
  // Sets when `host` is due, in place of the previous instant; `never` removes it.
  [[gnu::hot]] void set(std::uint32_t host, sched::Instant at) {
    take_out(host);
    hosts_[host].due = at;
    if (at != sched::never) {
      put_in({at, host});
    }
    fill_row();
  }
  // Makes `host` due at `at` if it is not due earlier.
  void lower(std::uint32_t host, sched::Instant at) {
    Known& known = hosts_[host];
    if (at >= known.due) {
      return;
    }
    if (known.place != nowhere) [[unlikely]] {
      set(host, at);
      return;
    }
    known.due = at;
    put_in({at, host});
  }

 private:
  static constexpr std::size_t arity = 4;
  static constexpr std::size_t few = 16;  // minimum heap size while far_ is not empty
  static constexpr std::size_t many = 256;
  // Where a host is: its index in the heap, its marked slot in the radix heap, or one of these.
  static constexpr std::uint32_t nowhere = UINT32_MAX;
  static constexpr std::uint32_t in_row = UINT32_MAX - 1;
  static constexpr std::uint32_t far_mark = std::uint32_t{1} << 31U;

  // Returns how many hosts of the row come before `entry`.
  [[nodiscard]] std::size_t place_in_row(const Entry& entry) const {
    const Entry* from = soon_.data() + soon_first_;
    for (std::size_t left = soon_count_; left > 0;) {
      const std::size_t half = (left + 1) / 2;
      from += from[half - 1].before(entry) ? half : 0;
      left -= half;
    }
    return static_cast<std::size_t>(from - soon_.data()) - soon_first_;
  }
  void write(std::size_t place, Entry entry) {
    // Member by member: it is read before all of it has reached the cache.
    soon_[place].at = entry.at;
    soon_[place].host = entry.host;
    hosts_[entry.host].place = in_row;
    ++soon_count_;
  }
  // Inserts an entry before some of the row.
  [[gnu::noinline, gnu::hot]] void put_before(Entry entry) {
    const std::size_t ahead = place_in_row(entry);
    const std::size_t behind = soon_count_ - ahead;
    if (ahead >= least_soon) {
      soon_count_ = ahead;
      for (std::size_t i = 0; i < behind; ++i) {
        put_behind(soon_[soon_first_ + ahead + i]);
      }
    } else if (behind <= ahead) {
      if (soon_first_ + soon_count_ == soon_.size()) {
        make_room();
      }
      std::copy_backward(first_soon() + static_cast<std::ptrdiff_t>(ahead), end_soon(),
                         end_soon() + 1);
    } else {
      if (soon_first_ == 0) {
        make_room();
      }
      std::copy(first_soon(), first_soon() + static_cast<std::ptrdiff_t>(ahead), first_soon() - 1);
      --soon_first_;
    }
    write(soon_first_ + ahead, entry);
  }
  // Removes a host from the row. REQUIRES: it is in the row and is not the first.
  [[gnu::noinline]] void take_out_of_row(std::uint32_t host) {
    const std::size_t place = place_in_row({hosts_[host].due, host});
    const auto at = first_soon() + static_cast<std::ptrdiff_t>(place);
    if (place < soon_count_ / 2) {
      std::copy_backward(first_soon(), at, at + 1);
      ++soon_first_;
    } else {
      std::copy(at + 1, end_soon(), at);
    }
    --soon_count_;
  }
  // Makes room for a few entries before the row, and behind it for as many as the row has. This
  // keeps the cost per entry low.
  [[gnu::noinline]] void make_room() {
    const std::size_t from = soon_first_;
    soon_first_ = least_soon;
    if (2 * soon_count_ + soon_first_ >= soon_.size()) {
      soon_.resize(2 * (soon_.size() + soon_first_));
    }
    const auto row = soon_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = row + static_cast<std::ptrdiff_t>(soon_count_);
    if (from < soon_first_) {
      std::copy_backward(row, end, end_soon());
    } else {
      std::copy(row, end, first_soon());
    }
  }
  [[nodiscard]] std::vector<Entry>::iterator first_soon() {
    return soon_.begin() + static_cast<std::ptrdiff_t>(soon_first_);
  }
  [[nodiscard]] std::vector<Entry>::iterator end_soon() {
    return first_soon() + static_cast<std::ptrdiff_t>(soon_count_);
  }
  void take_out(std::uint32_t host) {
    if (soon_count_ != 0 && top().host == host) {  // nearly always, if it is in the queue
      ++soon_first_;
      --soon_count_;
      hosts_[host].place = nowhere;
      return;
    }
    const std::uint32_t place = std::exchange(hosts_[host].place, nowhere);
    if (place != nowhere) [[unlikely]] {
      take_from(place, host);
    }
  }
  [[gnu::noinline]] void take_from(std::uint32_t place, std::uint32_t host) {
    if (place < far_mark) {
      remove_from_heap(place);
    } else if (place == in_row) {
      take_out_of_row(host);
    } else {
      far_.remove(place - far_mark);
    }
  }
  [[gnu::hot]] void put_in(Entry entry) {
    if (heap_size_ != 0 && !entry.before(heap(0)) && !bring_up_to(entry)) [[unlikely]] {
      put_behind(entry);
    } else if (soon_count_ != 0 && entry.before(soon(soon_count_ - 1))) [[unlikely]] {
      put_before(entry);
    } else {
      append(entry);
    }
  }
  void append(Entry entry) {
    if (soon_first_ + soon_count_ == soon_.size()) [[unlikely]] {
      make_room();
    }
    write(soon_first_ + soon_count_, entry);
  }
  // Moves the hosts that come before `entry` from the heap to the row, so that it can follow.
  // Returns false if there are too many of them.
  [[gnu::noinline, gnu::hot]] bool bring_up_to(Entry entry) {
    constexpr int most = 2;
    for (int i = 0; i < most && entry.at <= reach_; ++i) {
      take_first_of_heap();
      if (heap_size_ == 0 || entry.before(heap(0))) {
        return true;
      }
    }
    return false;
  }
  // Inserts an entry behind the row.
  [[gnu::noinline, gnu::hot]] void put_behind(Entry entry) {
    if (entry.at > reach_) {
      put_far(entry);
      return;
    }
    push_heap(entry);
    if (heap_size_ >= too_many_) {
      move_far();
    }
  }
  // Fills the row from the heap. REQUIRES: the row lacks at most one host.
  void fill_row() {
    if (heap_size_ != 0 && soon_count_ < least_soon) [[unlikely]] {
      take_first_of_heap();
    }
  }
  [[gnu::noinline, gnu::hot]] void take_first_of_heap() {
    const Entry first = heap(0);
    remove_from_heap(0);
    append(first);
  }

  [[nodiscard]] Entry& heap(std::size_t place) {
    return heap_[(place + 3) / arity].of[(place + 3) % arity];
  }
  [[nodiscard]] const Entry& heap(std::size_t place) const {
    return heap_[(place + 3) / arity].of[(place + 3) % arity];
  }
  [[gnu::hot]] void push_heap(const Entry& entry) {
    if (heap_size_ % arity == 1 || heap_size_ == 0) {
      heap_.emplace_back();
    }
    sift_up(heap_size_++, entry);
  }
  [[gnu::hot]] void remove_from_heap(std::size_t place) {
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
  [[gnu::hot]] void sift_down(std::size_t hole, const Entry& entry) {
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
  // Moves the whole heap to the radix heap, and the next hosts back.
  void move_far() {
    far_.rebase(heap(0).at);
    for (std::size_t place = 0; place < heap_size_; ++place) {
      put_far(heap(place));
    }
    heap_.clear();
    heap_size_ = 0;
    take_near();
    // The heap must double before this happens again, which keeps the cost per host low.
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

  // The children of one node, in one cache line; absent ones come last. The root is the last of the
  // first four, so that the children of index p are heap_[p + 1].
  struct alignas(64) Siblings {
    std::array<Entry, arity> of;
  };

  std::vector<Entry> soon_;  // the row, and room before and behind it
  std::size_t soon_first_ = 0;
  std::size_t soon_count_ = 0;
  std::vector<Siblings> heap_;
  std::size_t heap_size_ = 0;
  std::size_t too_many_ = many;  // heap size at which it moves
  sched::Instant reach_ = sched::never;
  sched::RadixHeap<std::uint32_t> far_;                        // values: host number plus 1
  std::vector<sched::RadixHeap<std::uint32_t>::Taken> taken_;  // empty except while hosts move
  struct Known {
    sched::Instant due = sched::never;
    std::uint32_t place = nowhere;
  };
  std::vector<Known> hosts_;  // by number
};

}  // namespace rehearsal::simnet
