// ConnectionRandom: the random numbers of one end of a TLS connection, made from 256 bits that its
// host has drawn.
//
// All bytes are a function of the seed and of the requests before. So a connection draws from its
// host once, and does not depend on what else OpenSSL does in the process. An exception changes
// nothing: how much OpenSSL draws to blind an RSA key depends on how often the key was used before,
// but it does so after its last other request.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace rehearsal::tls {

class ConnectionRandom {
 public:
  using Seed = std::array<std::uint64_t, 4>;

  explicit ConnectionRandom(const Seed& seed) : seed_(seed) {}

  // Fills `out`. Returns false if OpenSSL cannot compute SHA-512.
  [[nodiscard]] bool fill(std::span<unsigned char> out);

 private:
  Seed seed_;
  std::uint64_t blocks_ = 0;  // how many were made
};

}  // namespace rehearsal::tls
