#include "simnet/network/fabric.hpp"

#include <span>

#include "sched/base/check.hpp"

namespace rehearsal::simnet {

std::uint32_t Fabric::add(Kernel& kernel, const std::string& name, std::uint64_t key) {
  const bool fresh = by_name_.emplace(name, &kernel).second;
  sched::check(fresh, "hosts of a world have different names");
  sched::check(hosts_[key]++ == 0, "no two names of hosts have one key: rename a host");
  kernels_.push_back(&kernel);
  queue.add();
  return static_cast<std::uint32_t>(kernels_.size() - 1);
}

Kernel* Fabric::route(const sched::Endpoint& to) const {
  const auto& bytes = to.bytes();
  if (to.family() != sched::Endpoint::Family::ipv4 || bytes[0] != 10) {
    return nullptr;
  }
  const std::uint32_t host =
      std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | std::uint32_t{bytes[3]};
  return host >= 1 && host <= kernels_.size() ? kernels_[host - 1] : nullptr;
}

std::uint32_t Fabric::count(std::uint64_t key, std::string_view end) {
  sched::touch(key);
  const auto hash = static_cast<std::uint32_t>(hash_bytes(std::as_bytes(std::span(end))));
  KnownName& known = names_[key];
  if (known.count == 0) {
    known.end = hash;
  }
  sched::check(known.end == hash, "no two names have one key: rename a task");
  return known.count++;
}

Kernel* Fabric::named(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Link& Fabric::link(std::uint32_t from, std::uint32_t to) {
  auto& link = links_[{from, to}];
  if (link == nullptr) {
    link = std::make_unique<Link>(from, to, from == to ? loopback_options : link_options);
  }
  return *link;
}

}  // namespace rehearsal::simnet
