// Fabric: what the kernels of one world share. It knows hosts by number and by address, and the
// links between them.
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

  // Adds a host of this name, whose key is `key`; gives its number.
  std::uint32_t add(Kernel& kernel, const std::string& name, std::uint64_t key);
  [[nodiscard]] std::size_t size() const { return kernels_.size(); }
  [[nodiscard]] Kernel& kernel(std::uint32_t number) const { return *kernels_[number]; }
  // The host of this address; null where no host has it.
  [[nodiscard]] Kernel* route(const sched::Endpoint& to) const;
  // The host of this name; null where no host has it.
  [[nodiscard]] Kernel* named(std::string_view name) const;
  // Made by the options in force when it is first asked for. Lives as long as the fabric.
  Link& link(std::uint32_t from, std::uint32_t to);
  // Calls f(Link&) for every link in use, in order of (from, to).
  template <class F>
  void for_each_link(F&& f) {
    for (auto& [ends, link] : links_) {
      f(*link);
    }
  }

  // One event of the run; its data is read only during the call.
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
  bool in_steps = false;               // see simnet/choices/policy.hpp
  bool refuses_library_calls = false;  // see simnet/interpose
  std::function<void(const RunEvent&)> listener;
  PolicyAlgorithm* steering = nullptr;  // picks each transition; null: the run does not go by them

 private:
  std::uint32_t count(std::uint64_t key, std::string_view end) override;
  // Takes a copy, so that where nobody listens an event need never be in memory.
  [[gnu::noinline]] void tell(RunEvent event) const { listener(event); }

  std::vector<Kernel*> kernels_;
  std::map<std::string, Kernel*, std::less<>> by_name_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::unique_ptr<Link>> links_;
  // How many tasks, sockets and services had each name, and another hash of how it ends.
  struct KnownName {
    std::uint32_t count = 0;
    std::uint32_t end = 0;
  };
  KeyTable<KnownName> names_;
  KeyTable<std::uint32_t> hosts_;  // by key
};

}  // namespace rehearsal::simnet
