// Names of hosts and of the host itself, from the world if a guest asks.
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "sched/seam/socket_address.hpp"
#include "simnet/guest/symbols/real.hpp"

namespace {

using rehearsal::sched::Endpoint;
using rehearsal::sched::SocketAddress;
using rehearsal::simnet::Guest;
using rehearsal::simnet::Process;
using rehearsal::simnet::real;

struct Service {
  std::string_view name;
  std::uint16_t port;
};
constexpr Service services[] = {{"domain", 53}, {"ftp", 21},  {"http", 80},         {"https", 443},
                                {"imap", 143},  {"ntp", 123}, {"postgresql", 5432}, {"redis", 6379},
                                {"smtp", 25},   {"ssh", 22},  {"telnet", 23}};

// Returns the port of a service, or -1 if it is not known.
int port_of(const char* service, int flags) {
  if (service == nullptr || *service == '\0') {
    return 0;
  }
  const std::string_view text(service);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), port);
  if (error == std::errc() && end == text.end()) {
    return port;
  }
  const auto* known = std::ranges::find(services, text, &Service::name);
  const bool numeric = (flags & AI_NUMERICSERV) != 0;
  return numeric || known == std::ranges::end(services) ? -1 : known->port;
}

// Appends an entry, in the form that freeaddrinfo() of the C library frees.
void append(addrinfo**& end, const Endpoint& at, int type, int protocol) {
  const SocketAddress address(at);
  auto* entry = static_cast<addrinfo*>(std::calloc(1, sizeof(addrinfo) + address.size()));
  entry->ai_family = address.get()->sa_family;
  entry->ai_socktype = type;
  entry->ai_protocol = protocol;
  entry->ai_addrlen = address.size();
  entry->ai_addr = reinterpret_cast<sockaddr*>(entry + 1);
  std::memcpy(entry->ai_addr, address.get(), address.size());
  *end = entry;
  end = &entry->ai_next;
}

int addresses_of(Process& process, const char* node, const addrinfo& hints,
                 std::vector<Endpoint>& found) {
  const bool v4 = hints.ai_family != AF_INET6;
  const bool v6 = hints.ai_family != AF_INET;
  const bool passive = (hints.ai_flags & AI_PASSIVE) != 0;
  const std::string_view name = node == nullptr ? "" : node;
  if (node == nullptr || name == "localhost") {
    if (v6 && (node == nullptr || !v4)) {
      found.emplace_back(node == nullptr && passive ? "::" : "::1", 0);
    }
    if (v4) {
      found.emplace_back(node == nullptr && passive ? "0.0.0.0" : "127.0.0.1", 0);
    }
    return 0;
  }
  if (const auto numeric = Endpoint::numeric(name, 0); numeric.has_value()) {
    const bool is_v6 = numeric->family() == Endpoint::Family::ipv6;
    if (is_v6 ? !v6 : !v4) {
      return EAI_ADDRFAMILY;
    }
    found.push_back(*numeric);
    return 0;
  }
  if ((hints.ai_flags & AI_NUMERICHOST) != 0) {
    return EAI_NONAME;
  }
  const int error = process.resolve(std::string(name), found);
  // The hosts of a world have IPv4 addresses.
  return error == 0 && !v4 ? EAI_ADDRFAMILY : error;
}

int look_up(Process& process, const char* node, const char* service, const addrinfo& hints,
            addrinfo** result) {
  const int port = port_of(service, hints.ai_flags);
  if (node == nullptr && service == nullptr) {
    return EAI_NONAME;
  }
  if (hints.ai_family != AF_UNSPEC && hints.ai_family != AF_INET && hints.ai_family != AF_INET6) {
    return EAI_FAMILY;
  }
  if (port < 0) {
    return EAI_SERVICE;
  }
  std::vector<Endpoint> found;
  if (const int error = addresses_of(process, node, hints, found); error != 0) {
    return error;
  }
  addrinfo** end = result;
  *result = nullptr;
  struct Kind {
    int type;
    int protocol;
  };
  constexpr Kind kinds[] = {{SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP}};
  for (const Endpoint& one : found) {
    for (const Kind& kind : kinds) {
      if ((hints.ai_socktype == 0 || hints.ai_socktype == kind.type) &&
          (hints.ai_protocol == 0 || hints.ai_protocol == kind.protocol)) {
        append(end, one.with_port(static_cast<std::uint16_t>(port)), kind.type, kind.protocol);
      }
    }
  }
  if (*result == nullptr) {
    return EAI_SOCKTYPE;
  }
  if ((hints.ai_flags & AI_CANONNAME) != 0) {
    (*result)->ai_canonname = strdup(node == nullptr ? "localhost" : node);
  }
  return 0;
}

// Copies a text and the null byte that ends it. Returns whether there was room.
bool copy_text(const std::string& text, char* into, std::size_t size) {
  if (into == nullptr || size == 0) {
    return true;
  }
  const std::size_t count = std::min(text.size() + 1, size);
  std::memcpy(into, text.c_str(), count);
  return count == text.size() + 1;
}

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    const Guest::InKernel kernel(*guest);
    guest->process().enter();
    addrinfo none{};
    none.ai_flags = AI_V4MAPPED | AI_ADDRCONFIG;
    return look_up(guest->process(), node, service, hints == nullptr ? none : *hints, result);
  }
  REHEARSAL_REAL_CALL(getaddrinfo, (node, service, hints, result));
}

int getnameinfo(const sockaddr* address, socklen_t size, char* host, socklen_t host_size,
                char* service, socklen_t service_size, int flags) {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    const Guest::InKernel kernel(*guest);
    guest->process().enter();
    const Endpoint at = SocketAddress(address, size).endpoint();
    std::string name = at.is_unix() ? at.unix_name() : at.address();
    if ((flags & NI_NUMERICHOST) == 0 && !at.is_unix()) {
      const auto* known = guest->process().kernel().fabric().route(at);
      if (known != nullptr) {
        name = known->name();
      } else if ((flags & NI_NAMEREQD) != 0) {
        return EAI_NONAME;
      }
    }
    return copy_text(name, host, host_size) &&
                   copy_text(std::to_string(at.port()), service, service_size)
               ? 0
               : EAI_OVERFLOW;
  }
  REHEARSAL_REAL_CALL(getnameinfo, (address, size, host, host_size, service, service_size, flags));
}

int gethostname(char* name, size_t size) noexcept {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    const Guest::InKernel kernel(*guest);
    const bool fits = copy_text(guest->process().kernel().name(), name, size);
    errno = fits ? errno : ENAMETOOLONG;
    return fits ? 0 : -1;
  }
  REHEARSAL_REAL_CALL(gethostname, (name, size));
}

int uname(utsname* name) noexcept {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    const Guest::InKernel kernel(*guest);
    *name = utsname{};
    copy_text("Linux", name->sysname, sizeof name->sysname);
    copy_text(guest->process().kernel().name(), name->nodename, sizeof name->nodename);
    copy_text("6.0.0", name->release, sizeof name->release);
    copy_text("x86_64", name->machine, sizeof name->machine);
    return 0;
  }
  REHEARSAL_REAL_CALL(uname, (name));
}

pid_t getpid() noexcept {
  if (const Guest* guest = Guest::current(); guest != nullptr) {
    constexpr pid_t first = 1000;
    return first + static_cast<pid_t>(const_cast<Guest*>(guest)->process().kernel().number());
  }
  REHEARSAL_REAL_CALL(getpid, ());
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
