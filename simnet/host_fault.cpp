#include "simnet/host_fault.hpp"

#include <string_view>
#include <utility>

namespace rehearsal::simnet {
namespace {

std::string_view kind(Site site) {
  switch (site) {
    case Site::power:
      return "power loss";
    case Site::clock:
      return "clock jump";
    case Site::one_way:
      return "one-way partition";
    default:
      return simnet::name(site);
  }
}

}  // namespace

HostFault crash(std::string host) { return {Site::crash, std::move(host), {}}; }
HostFault power_loss(std::string host) { return {Site::power, std::move(host), {}}; }
HostFault pause(std::string host) { return {Site::pause, std::move(host), {}}; }
HostFault clock_jump(std::string host) { return {Site::clock, std::move(host), {}}; }
HostFault partition(std::string a, std::string b) {
  return {Site::partition, std::move(a), std::move(b)};
}
HostFault partition_one_way(std::string from, std::string to) {
  return {Site::one_way, std::move(from), std::move(to)};
}
HostFault hold(std::string a, std::string b) { return {Site::hold, std::move(a), std::move(b)}; }

std::string HostFault::pair() const {
  return other.empty() ? std::string() : host + (site == Site::one_way ? '>' : '+') + other;
}

std::string HostFault::name() const {
  return std::string(kind(site)) + " of " + (other.empty() ? host : pair());
}

}  // namespace rehearsal::simnet
