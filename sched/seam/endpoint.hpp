// Where a socket is: an address of IPv4 or IPv6, and a port.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rehearsal::sched {

class Endpoint {
 public:
  enum class Family : std::uint8_t { ipv4, ipv6 };
  using Bytes = std::array<std::uint8_t, 16>;

  // 0.0.0.0:0.
  Endpoint() = default;
  // `address` is numeric: dotted IPv4 or IPv6 (RFC 4291, with an optional numeric %scope). Names
  // are for Host::resolve. Throws std::system_error(invalid_argument) that quotes what it was
  // given.
  Endpoint(std::string_view address, std::uint16_t port);
  // In network order; of IPv4 the first four bytes count.
  Endpoint(Family family, const Bytes& bytes, std::uint16_t port, std::uint32_t scope = 0);

  // As the constructor, but nothing where `address` is not numeric.
  static std::optional<Endpoint> numeric(std::string_view address, std::uint16_t port);
  // "127.0.0.1:25000" or "[::1]:25000"; nothing where `text` is neither.
  static std::optional<Endpoint> parse(std::string_view text);

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint32_t scope() const { return scope_; }
  [[nodiscard]] Endpoint with_port(std::uint16_t port) const {
    return {family_, bytes_, port, scope_};
  }

  // The address alone; IPv6 in the canonical form of RFC 5952.
  [[nodiscard]] std::string address() const;
  // The form that parse() reads.
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

 private:
  Bytes bytes_{};
  std::uint32_t scope_ = 0;
  std::uint16_t port_ = 0;
  Family family_ = Family::ipv4;
};

// What a client connects to: a name or a numeric address, and a port.
class Address {
 public:
  Address(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  Address(const char* host, std::uint16_t port);
  Address(const Endpoint& endpoint)  // NOLINT(google-explicit-constructor)
      : host_(endpoint.address()), port_(endpoint.port()) {}

  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string to_string() const;

 private:
  std::string host_;
  std::uint16_t port_;
};

}  // namespace rehearsal::sched
