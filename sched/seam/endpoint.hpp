// Endpoint: a numeric IPv4 or IPv6 address, and a port. Address: a host name or an address, and
// a port.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rehearsal::sched {

/// The address of a socket: a numeric IPv4 or IPv6 address, and a port.
class Endpoint {
 public:
  /// The address family.
  enum class Family : std::uint8_t { ipv4, ipv6 };
  /// The bytes of an address.
  using Bytes = std::array<std::uint8_t, 16>;

  /// Creates 0.0.0.0:0.
  Endpoint() = default;
  /// Creates an endpoint from a numeric address: dotted IPv4, or IPv6 (RFC 4291, with an optional
  /// numeric `%scope`). Throws std::system_error(invalid_argument), which quotes the address, if it
  /// is not numeric; use Host::resolve for names.
  Endpoint(std::string_view address, std::uint16_t port);
  /// Creates an endpoint from bytes in network order; IPv4 uses the first four.
  Endpoint(Family family, const Bytes& bytes, std::uint16_t port, std::uint32_t scope = 0);

  /// Returns the endpoint, or nothing if `address` is not numeric.
  static std::optional<Endpoint> numeric(std::string_view address, std::uint16_t port);
  /// Parses "127.0.0.1:25000" or "[::1]:25000". Returns nothing if `text` has neither form.
  static std::optional<Endpoint> parse(std::string_view text);

  /// Returns the address family.
  [[nodiscard]] Family family() const { return family_; }
  /// Returns the address in network order; IPv4 uses the first four bytes.
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  /// Returns the port.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Returns the IPv6 scope, or 0 if none.
  [[nodiscard]] std::uint32_t scope() const { return scope_; }
  /// Returns the same address with another port.
  [[nodiscard]] Endpoint with_port(std::uint16_t port) const {
    return {family_, bytes_, port, scope_};
  }

  /// Returns the address alone; IPv6 in the canonical form of RFC 5952.
  [[nodiscard]] std::string address() const;
  /// Returns the form that parse() reads.
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

 private:
  Bytes bytes_{};
  std::uint32_t scope_ = 0;
  std::uint16_t port_ = 0;
  Family family_ = Family::ipv4;
};

/// The destination of a client: a host name or a numeric address, and a port.
class Address {
 public:
  /// Creates an address from a name, or a numeric address as text.
  Address(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  /// Creates an address from a name, or a numeric address as text.
  Address(const char* host, std::uint16_t port);
  /// Creates an address from an endpoint.
  Address(const Endpoint& endpoint)  // NOLINT(google-explicit-constructor)
      : host_(endpoint.address()), port_(endpoint.port()) {}

  /// Returns the host name, or the numeric address as text.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string to_string() const;

 private:
  std::string host_;
  std::uint16_t port_;
};

}  // namespace rehearsal::sched
