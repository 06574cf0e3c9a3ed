// Endpoint: a numeric IPv4 or IPv6 address and a port, or the name of a Unix socket. Address: what
// a client connects to, which may be a host name too.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::sched {

/// The address of a socket: a numeric IPv4 or IPv6 address and a port, or the name of a Unix socket
/// (see unix_path() and unix_abstract()). An IPv4 or IPv6 endpoint needs no memory of its own.
class Endpoint {
 public:
  /// The address family.
  enum class Family : std::uint8_t { ipv4, ipv6, unix_socket };
  /// The bytes of an address.
  using Bytes = std::array<std::uint8_t, 16>;

  /// Creates 0.0.0.0:0.
  Endpoint() noexcept : bytes_{} {}
  /// Creates an endpoint from a numeric address: dotted IPv4, or IPv6 (RFC 4291, with an optional
  /// numeric `%scope`). Throws std::system_error(invalid_argument), which quotes the address, if it
  /// is not numeric; use Host::resolve for names.
  Endpoint(std::string_view address, std::uint16_t port);
  /// Creates an endpoint from bytes in network order; IPv4 uses the first four.
  Endpoint(Family family, const Bytes& bytes, std::uint16_t port, std::uint32_t scope = 0);
  Endpoint(const Endpoint& other) noexcept { copy(other); }
  Endpoint& operator=(const Endpoint& other) noexcept {
    if (this != &other) {
      drop();
      copy(other);
    }
    return *this;
  }
  ~Endpoint() { drop(); }

  /// Returns the endpoint, or nothing if `address` has none of the forms of address().
  static std::optional<Endpoint> numeric(std::string_view address, std::uint16_t port);
  /// Parses "127.0.0.1:25000", "[::1]:25000", "unix:/run/x.sock" or "unix:@name". Returns nothing
  /// if `text` has none of these forms.
  static std::optional<Endpoint> parse(std::string_view text);
  /// Returns the Unix endpoint of a name as sockaddr_un of unix(7) has it: a path, a null byte and
  /// an abstract name, or nothing for an unnamed socket. Throws std::system_error(invalid_argument)
  /// if a path contains a null byte, or the name is longer than max_unix_name.
  static Endpoint of_unix(std::string_view name);
  /// Returns true if a Unix socket can have this name; see of_unix().
  static bool is_unix_name(std::string_view name);
  /// Maximum length of the name of a Unix socket, in bytes.
  static constexpr std::size_t max_unix_name = 108;

  /// Returns the address family.
  [[nodiscard]] Family family() const { return family_; }
  /// Returns true if it is the name of a Unix socket.
  [[nodiscard]] bool is_unix() const { return family_ == Family::unix_socket; }
  /// Returns the address in network order; IPv4 uses the first four bytes. REQUIRES: !is_unix().
  [[nodiscard]] const Bytes& bytes() const {
    check(!is_unix(), "a Unix socket has no numeric address");
    return bytes_;
  }
  /// Returns the name of a Unix socket: a path, a null byte and an abstract name, or an empty text
  /// if it has none. REQUIRES: is_unix().
  [[nodiscard]] const std::string& unix_name() const {
    check(is_unix(), "only a Unix socket has a name");
    return *name_;
  }
  /// Returns the port, or 0 for a Unix socket.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Returns the IPv6 scope, or 0 if none.
  [[nodiscard]] std::uint32_t scope() const { return scope_; }
  /// Returns the same address with another port; a Unix endpoint, which has no port, as it is.
  [[nodiscard]] Endpoint with_port(std::uint16_t port) const {
    Endpoint other = *this;
    other.port_ = is_unix() ? std::uint16_t{0} : port;
    return other;
  }

  /// Returns the address alone: IPv6 in the canonical form of RFC 5952; a Unix socket as
  /// to_string() returns it.
  [[nodiscard]] std::string address() const;
  /// Returns the form that parse() reads. An unnamed Unix socket is "unix:", and the path "@x" is
  /// "unix:./@x".
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Endpoint& a, const Endpoint& b) {
    if (a.family_ != b.family_ || a.port_ != b.port_ || a.scope_ != b.scope_) {
      return false;
    }
    return a.is_unix() ? *a.name_ == *b.name_ : a.bytes_ == b.bytes_;
  }
  friend std::strong_ordering operator<=>(const Endpoint& a, const Endpoint& b);

 private:
  using Name = std::shared_ptr<const std::string>;

  void copy(const Endpoint& other) noexcept {
    scope_ = other.scope_;
    port_ = other.port_;
    family_ = other.family_;
    if (is_unix()) [[unlikely]] {
      std::construct_at(&name_, other.name_);
    } else {
      bytes_ = other.bytes_;
    }
  }
  void drop() noexcept {
    if (is_unix()) [[unlikely]] {
      std::destroy_at(&name_);
      family_ = Family::ipv4;
    }
  }

  // The name of a Unix socket is shared by the copies, so that the other families stay as small and
  // as cheap to copy as their bytes.
  union {
    Bytes bytes_;
    Name name_;
  };
  std::uint32_t scope_ = 0;
  std::uint16_t port_ = 0;
  Family family_ = Family::ipv4;
};

/// Returns the endpoint of the Unix socket at `path`: host.listen(unix_path("/run/x.sock")). Throws
/// std::system_error(invalid_argument) if the path is empty, contains a null byte, or is longer
/// than 108 bytes.
[[nodiscard]] Endpoint unix_path(std::string_view path);
/// Returns the endpoint of the Unix socket with the abstract name `name`, which has no file
/// (unix(7); Linux only). Throws std::system_error(invalid_argument) if it is empty or longer than
/// 107 bytes.
[[nodiscard]] Endpoint unix_abstract(std::string_view name);
/// Returns the endpoint of a Unix socket without a name. A datagram socket that is bound to it
/// can send; nothing can be sent to it.
[[nodiscard]] Endpoint unix_unnamed();

/// The destination of a client: a host name or a numeric address, and a port; or a Unix socket.
class Address {
 public:
  /// Creates an address from a name, or a numeric address as text.
  Address(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  /// Creates an address from a name, or a numeric address as text.
  Address(const char* host, std::uint16_t port);
  /// Creates an address from an endpoint.
  Address(const Endpoint& endpoint)  // NOLINT(google-explicit-constructor)
      : host_(endpoint.address()), port_(endpoint.port()) {}

  /// Returns the host name, or the address as Endpoint::address() returns it.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string to_string() const;

 private:
  std::string host_;
  std::uint16_t port_;
};

}  // namespace rehearsal::sched
