#include "sched/seam/endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "sched/seam/result.hpp"

namespace rehearsal::sched {
namespace {

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

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
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
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = family_ == Family::ipv4 ? AF_INET : AF_INET6;
  inet_ntop(family, bytes_.data(), text.data(), static_cast<socklen_t>(text.size()));
  std::string address(text.data());
  return scope_ == 0 ? address : address + "%" + std::to_string(scope_);
}

Address::Address(const char* host, std::uint16_t port) : host_(host), port_(port) {}

std::string Address::to_string() const {
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

std::string Endpoint::to_string() const {
  const std::string port = ":" + std::to_string(port_);
  return family_ == Family::ipv4 ? address() + port : "[" + address() + "]" + port;
}

}  // namespace rehearsal::sched
