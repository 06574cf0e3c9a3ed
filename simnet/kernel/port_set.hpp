// PortSet: which ports of a range are taken. Ephemeral ports are assigned in order, so a bit for
// each port up to the highest needs less memory than any set with nodes.
#pragma once

#include <cstdint>
#include <vector>

namespace rehearsal::simnet {

class PortSet {
 public:
  // Creates an empty set of ports from `first` on.
  explicit PortSet(std::uint16_t first) : first_(first) {}

  [[nodiscard]] bool contains(std::uint16_t port) const {
    return port >= first_ && word(port) < words_.size() && (words_[word(port)] & bit(port)) != 0;
  }
  // Adds or removes a port. REQUIRES: port >= first.
  void insert(std::uint16_t port) {
    if (word(port) >= words_.size()) {
      words_.resize(word(port) + 1);
    }
    words_[word(port)] |= bit(port);
  }
  void erase(std::uint16_t port) { words_[word(port)] &= ~bit(port); }

 private:
  [[nodiscard]] std::size_t word(std::uint16_t port) const { return (port - first_) / 64U; }
  [[nodiscard]] std::uint64_t bit(std::uint16_t port) const {
    return std::uint64_t{1} << ((port - first_) % 64U);
  }

  std::uint16_t first_;
  std::vector<std::uint64_t> words_;
};

}  // namespace rehearsal::simnet
