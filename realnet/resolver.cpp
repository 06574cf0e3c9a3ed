#include "realnet/resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "realnet/system_call.hpp"
#include "sched/seam/socket_address.hpp"

namespace rehearsal::realnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

namespace {

std::errc error_of(int code) {
  switch (code) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
      return std::errc::no_such_device_or_address;
    case EAI_AGAIN:
      return std::errc::timed_out;
    case EAI_MEMORY:
      return std::errc::not_enough_memory;
    case EAI_SYSTEM:
      // would_block would mean that there is no answer yet.
      return last_error() == sched::would_block ? std::errc::timed_out : last_error();
    default:
      return std::errc::io_error;
  }
}

}  // namespace

Result<Descriptor> Resolver::start(std::string_view name) {
  if (name.empty() || name.find('\0') != std::string_view::npos) {
    return std::errc::invalid_argument;
  }
  auto answer = std::make_shared<Answer>();
  const auto descriptor =
      blocking_.start([answer, text = std::string(name)] { look_up(text.c_str(), *answer); });
  if (descriptor.ok()) {
    answers_.emplace(descriptor.value(), std::move(answer));
  }
  return descriptor;
}

void Resolver::look_up(const char* name, Answer& answer) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;  // one entry per address, not one per socket type
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(name, nullptr, &wanted, &found);
  if (code != 0) {
    answer.error = error_of(code);
    return;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    sched::SocketAddress address;
    std::memcpy(address.to_fill(), entry->ai_addr, std::min(entry->ai_addrlen, address.size()));
    const Endpoint endpoint = address.endpoint();
    // A hosts file with several lines for a name repeats its address.
    if (std::find(answer.endpoints.begin(), answer.endpoints.end(), endpoint) ==
        answer.endpoints.end()) {
      answer.endpoints.push_back(endpoint);
    }
  }
  ::freeaddrinfo(found);
}

Result<std::vector<Endpoint>> Resolver::finish(Descriptor descriptor) {
  const auto found = answers_.find(descriptor);
  if (found == answers_.end()) {
    return std::errc::bad_file_descriptor;
  }
  const auto finished = blocking_.finished(descriptor);
  if (!finished.ok()) {
    return finished.error();
  }
  const Answer& answer = *found->second;
  if (answer.error != std::errc{}) {
    return answer.error;
  }
  return answer.endpoints;
}

void Resolver::close(Descriptor descriptor) {
  answers_.erase(descriptor);
  blocking_.close(descriptor);
}

}  // namespace rehearsal::realnet
