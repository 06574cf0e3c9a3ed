// Fabric: what the kernels of one world share: hosts by number and by address, the links between
// them, choices, faults and the digest.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/key_table.hpp"
#include "sched/core/footprint.hpp"
#include "sched/core/names.hpp"
#include "sched/seam/endpoint.hpp"
#include "sched/seam/source.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/network/buffer.hpp"
#include "simnet/network/digest.hpp"
#include "simnet/network/event_queue.hpp"
#include "simnet/network/faults.hpp"
#include "simnet/network/link.hpp"
#include "simnet/network/run_event.hpp"

namespace rehearsal::simnet {

class Kernel;
class PolicyAlgorithm;

class Fabric final : public sched::Names {
 public:
  explicit Fabric(Choices oracle) : choices(std::move(oracle)) { choices.count_by(events); }

  // Adds a host of this name, whose key is `key`. Returns its number.
  std::uint32_t add(Kernel& kernel, const std::string& name, std::uint64_t key);
  [[nodiscard]] std::size_t size() const { return kernels_.size(); }
  [[nodiscard]] Kernel& kernel(std::uint32_t number) const { return *kernels_[number]; }
  // Returns the host of this address, or null if there is none.
  [[nodiscard]] Kernel* route(const sched::Endpoint& to) const;
  // Returns the host of this name, or null if there is none.
  [[nodiscard]] Kernel* named(std::string_view name) const;
  // Returns a link; creates it at the first call with the present options. It lives as long
  // as the fabric.
  Link& link(std::uint32_t from, std::uint32_t to);
  // Calls f(Link&) for every link in use, in order of (from, to).
  template <class F>
  void for_each_link(F&& f) {
    for (auto& [ends, link] : links_) {
      f(*link);
    }
  }

  // Notes one event of the run. Its data is read only during the call.
  [[gnu::always_inline]] void note(const RunEvent& event) {
    const std::uint64_t data =
        event.data.empty() || !event.digests_data ? 0 : sched::hash_bytes(event.data);
    digest.add(event.word(), event.key,
               static_cast<std::uint64_t>(event.at.time_since_epoch().count()),
               event.result ^ data);
    ++events;
    if (listener) [[unlikely]] {
      tell(event);
    }
  }

  Choices choices;
  Faults faults;
  Digest digest;
  EventQueue queue;
  BufferPool buffers;
  LinkOptions link_options;      // of links between two hosts
  LinkOptions loopback_options;  // of a host's link to itself
  std::uint64_t events = 0;
  std::uint64_t steps = 0;  // resumptions of tasks
  std::uint64_t data_seed = 0;
  sched::WallTime epoch{};             // what a wall clock shows when the clock of its host shows 0
  bool in_steps = false;               // the run is steered: see simnet/choices/policy.hpp
  bool refuses_library_calls = false;  // see simnet/interpose
  std::function<void(const RunEvent&)> listener;
  PolicyAlgorithm* steering = nullptr;  // picks each transition; null: not steered

 private:
  std::uint32_t count(std::uint64_t key, std::string_view end) override;
  // Takes a copy, so that without a listener an event need never be in memory.
  [[gnu::noinline]] void tell(RunEvent event) const { listener(event); }

  std::vector<Kernel*> kernels_;
  std::map<std::string, Kernel*, std::less<>> by_name_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::unique_ptr<Link>> links_;
  // How many tasks, sockets and services had each name, and a second hash of the end of the name.
  struct KnownName {
    std::uint32_t count = 0;
    std::uint32_t end = 0;
  };
  KeyTable<KnownName> names_;
  KeyTable<std::uint32_t> hosts_;  // by key
};

}  // namespace rehearsal::simnet
