#include "sched/seam/endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <tuple>

#include "sched/seam/result.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::string_view unix_prefix = "unix:";
// Begins the text of an abstract name, as in ss(8). In sockaddr_un it is a null byte.
constexpr char abstract_mark = '@';

[[noreturn]] void throw_not_unix(std::string_view name) {
  throw_error(std::errc::invalid_argument,
              "'" + std::string(name.substr(0, name.find('\0'))) +
                  "' is not the name of a Unix socket: it has from 1 to " +
                  std::to_string(Endpoint::max_unix_name) + " bytes, none of them null");
}

// Returns the name of the text of a Unix endpoint behind the prefix.
std::string unix_name_in(std::string_view text) {
  std::string name(text);
  if (name.starts_with(abstract_mark)) {
    name.front() = '\0';
  }
  return name;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc{} || stopped != end) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<Endpoint> Endpoint::numeric(std::string_view address, std::uint16_t port) {
  if (address.starts_with(unix_prefix)) {
    const std::string name = unix_name_in(address.substr(unix_prefix.size()));
    return is_unix_name(name) ? std::optional(of_unix(name)) : std::nullopt;
  }
  if (address.find('\0') != std::string_view::npos) {
    return std::nullopt;  // inet_pton would ignore the text behind it
  }
  Endpoint::Bytes bytes{};
  if (address.find(':') == std::string_view::npos) {
    const std::string text(address);
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) != 1) {
      return std::nullopt;
    }
    return Endpoint(Endpoint::Family::ipv4, bytes, port);
  }
  std::uint32_t scope = 0;
  const auto percent = address.find('%');
  if (percent != std::string_view::npos) {
    const auto number = parse_number<std::uint32_t>(address.substr(percent + 1));
    if (!number) {
      return std::nullopt;
    }
    scope = *number;
  }
  const std::string text(address.substr(0, percent));
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  return Endpoint(Endpoint::Family::ipv6, bytes, port, scope);
}

Endpoint::Endpoint(Family family, const Bytes& bytes, std::uint16_t port, std::uint32_t scope)
    : bytes_(bytes), scope_(scope), port_(port), family_(family) {
  check(family != Family::unix_socket, "a Unix socket has no numeric address");
  if (family == Family::ipv4) {
    std::fill(bytes_.begin() + 4, bytes_.end(), std::uint8_t{0});
  }
}

Endpoint::Endpoint(std::string_view address, std::uint16_t port) {
  const auto parsed = numeric(address, port);
  if (!parsed) {
    throw_error(std::errc::invalid_argument,
                "'" + std::string(address) + "' is not a numeric IPv4 or IPv6 address");
  }
  *this = *parsed;
}

bool Endpoint::is_unix_name(std::string_view name) {
  return name.size() <= max_unix_name &&
         (name.starts_with('\0') || name.find('\0') == std::string_view::npos);
}

Endpoint Endpoint::of_unix(std::string_view name) {
  if (!is_unix_name(name)) {
    throw_not_unix(name);
  }
  Endpoint endpoint;
  std::construct_at(&endpoint.name_, std::make_shared<const std::string>(name));
  endpoint.family_ = Family::unix_socket;
  return endpoint;
}

std::strong_ordering operator<=>(const Endpoint& a, const Endpoint& b) {
  if (a.is_unix() || b.is_unix()) {
    return a.family_ != b.family_ ? a.family_ <=> b.family_ : *a.name_ <=> *b.name_;
  }
  return std::tie(a.bytes_, a.scope_, a.port_, a.family_) <=>
         std::tie(b.bytes_, b.scope_, b.port_, b.family_);
}

Endpoint unix_path(std::string_view path) {
  if (path.empty() || path.front() == '\0') {
    throw_not_unix(path);
  }
  // So that the text of the path is not that of an abstract name.
  return Endpoint::of_unix((path.front() == abstract_mark ? "./" : "") + std::string(path));
}

Endpoint unix_abstract(std::string_view name) {
  if (name.empty()) {
    throw_not_unix(name);
  }
  return Endpoint::of_unix('\0' + std::string(name));
}

Endpoint unix_unnamed() { return Endpoint::of_unix({}); }

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  if (text.starts_with(unix_prefix)) {
    return numeric(text, 0);
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  std::string_view address = text.substr(0, colon);
  const bool bracketed = address.size() >= 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) {
    address = address.substr(1, address.size() - 2);
  }
  const bool is_ipv6 = address.find(':') != std::string_view::npos;
  if (!port || bracketed != is_ipv6) {
    return std::nullopt;
  }
  return numeric(address, *port);
}

std::string Endpoint::address() const {
  if (is_unix()) {
    std::string name = *name_;
    if (name.starts_with(abstract_mark)) {
      name.insert(0, "./");
    } else if (name.starts_with('\0')) {
      name.front() = abstract_mark;
    }
    return std::string(unix_prefix) + name;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = family_ == Family::ipv4 ? AF_INET : AF_INET6;
  inet_ntop(family, bytes_.data(), text.data(), static_cast<socklen_t>(text.size()));
  std::string address(text.data());
  return scope_ == 0 ? address : address + "%" + std::to_string(scope_);
}

Address::Address(const char* host, std::uint16_t port) : host_(host), port_(port) {}

std::string Address::to_string() const {
  if (host_.starts_with(unix_prefix)) {
    return host_;
  }
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

std::string Endpoint::to_string() const {
  if (is_unix()) {
    return address();
  }
  const std::string port = ":" + std::to_string(port_);
  return family_ == Family::ipv4 ? address() + port : "[" + address() + "]" + port;
}

}  // namespace rehearsal::sched
