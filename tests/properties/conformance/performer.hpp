// Performs the steps of a program on one of the two kernels and describes each result in text, so
// that the two can be compared word by word.
//
// Its decisions depend on its own records of the sockets, never on a number that the kernels are
// free to choose. As long as all results are the same, both performers make the same calls.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sched/base/key.hpp"
#include "tests/properties/conformance/networks.hpp"
#include "tests/properties/conformance/program.hpp"

namespace rehearsal::conformance {

inline constexpr std::size_t most_sockets = 4;

// Returns how many bytes a step sends or receives.
[[nodiscard]] std::size_t stream_size(const Step& step);

// The addresses of a program's sockets.
struct Place {
  sched::Endpoint host;  // the address of this program, port 0; or the beginning of its two paths
  std::uint16_t port;    // the first of two

  // Returns the address number `which`, 0 or 1. For Unix sockets it may be an abstract name.
  [[nodiscard]] sched::Endpoint at(unsigned which, bool abstract = false) const;
};
// Removes the files that Unix sockets have left.
void remove_files(const Place& place);

// One direction of a connection.
struct Flow {
  std::uint64_t sent = 0;
  std::uint64_t read = 0;
  bool clogged = false;  // it would have blocked, and was not drained since
};

struct Wire {
  sched::Endpoint client;
  sched::Endpoint server;     // where it connects to
  std::array<Flow, 2> flows;  // from the client, to the client
  std::array<bool, 2> open = {true, true};
  bool accepted = false;
};

struct Slot {
  enum class Kind : std::uint8_t { listener, stream, datagram };
  Kind kind = Kind::stream;
  Descriptor descriptor = -1;
  sched::Endpoint local;
  std::size_t wire = 0;
  std::size_t end = 0;  // 0: the client
  bool fresh = true;    // its readiness was not checked yet
  Readiness shown = Readiness::none;
};

template <class Net>
class Performer {
 public:
  Performer(Net& net, const Place& place) : net_(net), place_(place) {}
  Performer(const Performer&) = delete;
  Performer& operator=(const Performer&) = delete;
  ~Performer() {
    for (const Slot& slot : slots_) {
      net_.calls().close(slot.descriptor);
    }
  }

  std::string perform(const Step& step);
  // Returns true if two clients had the same port, which is allowed: they cannot be told
  // apart any more.
  [[nodiscard]] bool ambiguous() const { return ambiguous_; }
  [[nodiscard]] std::vector<Slot>& slots() { return slots_; }
  [[nodiscard]] const Flow& inward(const Slot& slot) const {
    return wires_[slot.wire].flows[1 - slot.end];
  }
  [[nodiscard]] const Flow& outward(const Slot& slot) const {
    return wires_[slot.wire].flows[slot.end];
  }

 private:
  using Kind = Slot::Kind;

  Slot* pick(const Step& step, Kind kind);
  [[nodiscard]] bool of_unix() const { return place_.host.is_unix(); }
  [[nodiscard]] std::size_t datagram_size(const Step& step) const;
  [[nodiscard]] bool enough_sent(const Flow& flow, std::size_t size) const;
  [[nodiscard]] bool enough_datagrams(std::size_t size) const;
  [[nodiscard]] sched::Endpoint address(const Step& step) const;
  [[nodiscard]] sched::Endpoint unix_address(const Step& step) const;
  [[nodiscard]] std::string described(const sched::Endpoint& at, bool of_udp = false) const;
  template <class T>
  static std::string failure(const sched::Result<T>& result) {
    return result.error() == sched::would_block ? "would block"
                                                : std::make_error_code(result.error()).message();
  }
  std::string listen(const sched::Endpoint& at, const Step& step);
  std::string connect(sched::Endpoint to);
  std::string accept(Slot& listener);
  std::string pair(const Step& step);
  std::string datagram_pair(const Step& step);
  std::string bind(const sched::Endpoint& at, bool replaces_stale);
  std::string send(Slot& slot, const Step& step);
  std::string fill(Slot& slot);
  std::string fill_datagrams(Slot& slot);
  std::string fill_backlog(const sched::Endpoint& listener);
  sched::Result<std::size_t> send_once(Slot& slot, std::size_t size);
  std::string recv(Slot& slot, std::size_t size);
  std::string drain(Slot& slot);
  std::string take_in(Slot& slot, sched::ConstBytes bytes);
  std::string send_to(Slot& slot, const Step& step);
  std::string recv_from(Slot& slot, const Step& step);
  std::string reset_on_close(const Slot& slot, bool resets);
  std::string set_peer(Slot& slot, const sched::Endpoint& peer);
  std::vector<std::byte> next_datagram(std::size_t size);
  std::string end(Slot& slot, Action how);
  std::string on_socket(Slot& slot, const Step& step);

  Net& net_;
  Place place_;
  std::vector<Slot> slots_;
  std::vector<Wire> wires_;
  bool ambiguous_ = false;
  std::uint32_t datagrams_ = 0;
  std::size_t datagram_bytes_ = 0;  // maximum bytes that wait to be received
};

extern template class Performer<Simulated>;
extern template class Performer<Kernel>;

}  // namespace rehearsal::conformance
