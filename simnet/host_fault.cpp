#include "simnet/host_fault.hpp"

#include <string_view>

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

std::string HostFault::pair() const {
  return other.empty() ? std::string() : host + (site == Site::one_way ? '>' : '+') + other;
}

std::string HostFault::name() const {
  return std::string(kind(site)) + " of " + (other.empty() ? host : pair());
}

}  // namespace rehearsal::simnet
