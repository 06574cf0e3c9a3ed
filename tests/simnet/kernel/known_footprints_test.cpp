// The whole footprint of calls and arrivals is known. A search leaves out an order of two steps if
// their footprints say that it does not matter, so each object that is missing here can hide a
// failure, and each one that is too many costs runs.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/core/footprint.hpp"
#include "simnet/kernel/any_socket.hpp"
#include "simnet/kernel/kernel.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Descriptor;

class AllAccesses final : public sched::Footprint {
 public:
  void touch(std::uint64_t object, sched::Access how) override {
    objects[object] |= static_cast<unsigned>(how);
  }
  std::uint64_t new_object() override { return 1; }

  std::map<std::uint64_t, unsigned> objects;
};

// One host that talks to itself, and the footprints of what it does, as text: "call: object object"
// in the order of their names. An object that is only read has "?" behind it, one that is only
// added to "+". A socket has objects of its own: "stream", "stream.1" and so on.
class KnownFootprints : public testing::Test {
 protected:
  static constexpr std::uint64_t most_parts = 16;  // of one socket, or of a kernel

  void SetUp() override { names_[sched::everything] = "everything"; }

  // Names what `descriptor` is, from now on.
  Descriptor named(const std::string& name, Descriptor descriptor) {
    names_[key_of(*kernel_.descriptors().find(descriptor))] = name;
    return descriptor;
  }
  template <class F>
  void note(const std::string& what, F f) {
    AllAccesses accesses;
    sched::footprint = &accesses;
    static_cast<void>(f());
    sched::footprint = nullptr;
    std::map<std::string, std::string> found;
    for (const auto& [object, how] : accesses.objects) {
      const std::string marks = how == static_cast<unsigned>(sched::Access::read)  ? "?"
                                : how == static_cast<unsigned>(sched::Access::add) ? "+"
                                                                                   : "";
      found[name_of(object)] += marks;
    }
    text_ += what + ':';
    for (const auto& [name, marks] : found) {
      text_ += ' ' + name + marks;
    }
    text_ += '\n';
  }
  // Notes a call that returns a descriptor, and names it.
  template <class F>
  Descriptor open(const std::string& name, const std::string& what, F f) {
    Descriptor opened = -1;
    note(what, [&] { opened = f(); });
    return named(name, opened);
  }
  // Lets everything arrive that is under way, and notes what that touches.
  void arrive(const std::string& what) {
    note(what, [this] {
      while (kernel_.timers().next() <= sched::after(kernel_.at(), 1ms)) {
        const sched::Instant at = kernel_.timers().next();
        kernel_.work(at);
        kernel_.begin_round(at);
      }
    });
  }
  std::string name_of(std::uint64_t object) const {
    for (std::uint64_t part = 0; part < most_parts; ++part) {
      const auto place = names_.find(object - part);
      if (place != names_.end()) {
        return place->second + (part == 0 ? "" : '.' + std::to_string(part));
      }
      if (object - part == kernel_.key()) {
        static const std::array<const char*, 8> parts = {
            "host", "descriptors", "ports", "listeners", "datagrams", "random", "program", "names"};
        return part < parts.size() ? parts.at(part) : "host." + std::to_string(part);
      }
    }
    return "other";
  }

  Fabric fabric_{Choices(Policy::nominal())};
  Kernel kernel_{fabric_, "host", {}};
  std::map<std::uint64_t, std::string> names_;
  std::string text_ = "\n";
  std::array<std::byte, 100> bytes_{};
};

TEST_F(KnownFootprints, of_tcp) {
  const sched::Endpoint at{"127.0.0.1", 7};
  const std::array<sched::ConstBytes, 1> pieces = {bytes_};
  const Descriptor listener =
      open("listener", "listen", [&] { return kernel_.listen(at, {}).value(); });
  const Descriptor client =
      open("client", "connect", [&] { return kernel_.connect(at).value().descriptor; });
  arrive("handshake");
  note("connected", [&] { return kernel_.connected(client); });
  const Descriptor server =
      open("server", "accept", [&] { return kernel_.accept(listener).value().descriptor; });
  note("send", [&] { return kernel_.send(client, pieces); });
  arrive("data");
  note("recv", [&] { return kernel_.recv(server, bytes_); });
  note("recv nothing", [&] { return kernel_.recv(server, bytes_); });
  note("local", [&] { return kernel_.local(client); });
  note("peer", [&] { return kernel_.peer(client); });
  note("options", [&] { return kernel_.set_options(client, {}); });
  note("shutdown", [&] { return kernel_.shutdown_send(client); });
  arrive("end");
  note("close", [&] { return kernel_.close(server); });
  arrive("other end");
  note("last close", [&] { return kernel_.close(client); });
  const Descriptor refused =
      open("refused", "connect again", [&] { return kernel_.connect(at).value().descriptor; });
  note("close listener", [&] { return kernel_.close(listener); });
  arrive("refusal");
  note("abort", [&] { return kernel_.abort(refused); });
  EXPECT_EQ(text_, R"(
listen: descriptors listeners other ports
connect: descriptors other? ports
handshake: client client.1 listener listener.1+ listeners? other
connected: client client.2?
accept: descriptors listener
send: client client.2? server.1
data: client.2 server server.1
recv: server
recv nothing: server
local: client
peer: client client.2?
options: client
shutdown: client server.1
end: client.2 server server.1
close: client? client.1 descriptors server server.1 server.2?
other end: client client.1 server.2
last close: client client.1 client.2? descriptors ports server?
connect again: descriptors other? ports
close listener: descriptors listener listener.1 listeners
refusal: listeners? other refused refused.1
abort: descriptors other? ports refused refused.1
)");
}

TEST_F(KnownFootprints, of_a_reset) {
  const sched::Endpoint at{"127.0.0.1", 7};
  const Descriptor listener = named("listener", kernel_.listen(at, {}).value());
  const Descriptor client = named("client", kernel_.connect(at).value().descriptor);
  const Descriptor early = named("early", kernel_.connect(at).value().descriptor);
  arrive("handshakes");
  const Descriptor server = named("server", kernel_.accept(listener).value().descriptor);
  note("abort", [&] { return kernel_.abort(client); });
  note("abort before accept", [&] { return kernel_.abort(early); });
  arrive("resets");
  note("recv", [&] { return kernel_.recv(server, bytes_); });
  note("close", [&] { return kernel_.close(server); });
  EXPECT_EQ(text_, R"(
handshakes: client client.1 early early.1 listener listener.1+ listeners? other
abort: client client.1 client.2? descriptors ports server? server.1
abort before accept: descriptors early early.1 early.2? other? ports
resets: other? server server.1 server.2?
recv: server
close: client? descriptors server server.1
)");
  kernel_.end_process();
}

TEST_F(KnownFootprints, of_udp) {
  const sched::Endpoint at{"127.0.0.1", 9};
  const std::array<sched::ConstBytes, 1> pieces = {bytes_};
  const Descriptor socket = open("socket", "bind", [&] { return kernel_.bind(at, {}).value(); });
  const Descriptor sender =
      open("sender", "bind any", [&] { return kernel_.bind({"0.0.0.0", 0}, {}).value(); });
  note("set_peer", [&] { return kernel_.set_peer(sender, at); });
  note("local", [&] { return kernel_.local(sender); });
  note("connected", [&] { return kernel_.connected(sender); });
  note("send", [&] { return kernel_.send(sender, pieces); });
  note("send_to", [&] { return kernel_.send_to(sender, bytes_, at); });
  arrive("datagrams");
  note("recv", [&] { return kernel_.recv(socket, bytes_); });
  note("recv_from", [&] { return kernel_.recv_from(socket, bytes_); });
  note("shutdown", [&] { return kernel_.shutdown_send(socket); });
  note("close", [&] { return kernel_.close(socket); });
  note("send to nobody", [&] { return kernel_.send(sender, pieces); });
  arrive("refusal");
  EXPECT_EQ(text_, R"(
bind: datagrams descriptors other
bind any: datagrams descriptors other
set_peer: sender
local: sender
connected: sender
send: sender
send_to: sender
datagrams: datagrams? socket
recv: socket
recv_from: socket
shutdown: socket
close: datagrams descriptors socket
send to nobody: sender
refusal: datagrams? sender
)");
}

TEST_F(KnownFootprints, of_unix_sockets) {
  const sched::Endpoint at = sched::unix_path("/run/x.sock");
  const sched::Endpoint of_datagrams = sched::unix_abstract("y");
  const std::array<sched::ConstBytes, 1> pieces = {bytes_};
  const Descriptor listener =
      open("listener", "listen", [&] { return kernel_.listen(at, {}).value(); });
  const Descriptor client =
      open("client", "connect", [&] { return kernel_.connect(at).value().descriptor; });
  note("connected", [&] { return kernel_.connected(client); });
  const Descriptor server =
      open("server", "accept", [&] { return kernel_.accept(listener).value().descriptor; });
  note("send", [&] { return kernel_.send(client, pieces); });
  note("recv", [&] { return kernel_.recv(server, bytes_); });
  note("local", [&] { return kernel_.local(client); });
  note("peer", [&] { return kernel_.peer(client); });
  note("shutdown", [&] { return kernel_.shutdown_send(client); });
  note("close", [&] { return kernel_.close(server); });
  note("close listener", [&] { return kernel_.close(listener); });
  const Descriptor socket =
      open("socket", "bind", [&] { return kernel_.bind(of_datagrams, {}).value(); });
  const Descriptor sender =
      open("sender", "bind any", [&] { return kernel_.bind(sched::unix_unnamed(), {}).value(); });
  note("set_peer", [&] { return kernel_.set_peer(sender, of_datagrams); });
  note("send datagram", [&] { return kernel_.send(sender, pieces); });
  note("send_to", [&] { return kernel_.send_to(sender, bytes_, of_datagrams); });
  note("recv_from", [&] { return kernel_.recv_from(socket, bytes_); });
  note("shutdown of datagrams", [&] { return kernel_.shutdown_send(sender); });
  note("close of datagrams", [&] { return kernel_.close(socket); });
  EXPECT_EQ(text_, R"(
listen: descriptors listeners names other ports
connect: descriptors listener names? ports
connected: client
accept: descriptors listener
send: client server
recv: server
local: client
peer: client
shutdown: client server
close: client descriptors server
close listener: descriptors listener names
bind: datagrams descriptors names other
bind any: datagrams descriptors names other
set_peer: names? sender socket
send datagram: sender socket
send_to: names? sender socket
recv_from: socket
shutdown of datagrams: sender
close of datagrams: descriptors names sender socket
)");
}

// A sender that waits for room is woken by a receiver, whose footprint has the sender too.
TEST_F(KnownFootprints, of_a_receive_that_makes_room) {
  const sched::Endpoint at = sched::unix_path("/run/x.sock");
  const sched::Endpoint of_datagrams = sched::unix_path("/run/y.sock");
  const std::vector<std::byte> much(kernel_.options().send_buffer);
  const std::array<sched::ConstBytes, 1> pieces = {much};
  const Descriptor listener = kernel_.listen(at, {}).value();
  const Descriptor client = named("client", kernel_.connect(at).value().descriptor);
  const Descriptor server = named("server", kernel_.accept(listener).value().descriptor);
  EXPECT_EQ(kernel_.send(client, pieces).value(), much.size());
  std::vector<std::byte> into(much.size());
  note("recv", [&] { return kernel_.recv(server, into); });
  const Descriptor socket = named("socket", kernel_.bind(of_datagrams, {}).value());
  const Descriptor sender = named("sender", kernel_.bind(sched::unix_unnamed(), {}).value());
  EXPECT_TRUE(kernel_.set_peer(sender, of_datagrams).ok());
  const std::array<sched::ConstBytes, 1> word = {bytes_};
  while (kernel_.send(sender, word).ok()) {
  }
  note("recv_from", [&] { return kernel_.recv_from(socket, into); });
  EXPECT_EQ(text_, R"(
recv: client server
recv_from: sender socket
)");
}

TEST_F(KnownFootprints, of_events) {
  static constexpr std::array numbers = {15};
  const Descriptor signals =
      open("signals", "signals", [&] { return kernel_.signals(numbers).value(); });
  const Descriptor inbox = open("inbox", "inbox", [&] { return kernel_.inbox("in").value(); });
  const Descriptor lookup =
      open("lookup", "resolve", [&] { return kernel_.resolve("host").value(); });
  note("raise", [&] { return kernel_.raise(15); });
  note("post", [&] { return kernel_.post("in", {}); });
  arrive("answer");
  note("next_signal", [&] { return kernel_.next_signal(signals); });
  note("next_message", [&] { return kernel_.next_message(inbox); });
  note("resolved", [&] { return kernel_.resolved(lookup); });
  note("random", [&] { return kernel_.random(); });
  note("choose", [&] { return kernel_.choose("which", 2); });
  for (const Descriptor open : {signals, inbox, lookup}) {
    note("close", [&] { return kernel_.close(open); });
  }
  EXPECT_EQ(text_, R"(
signals: descriptors other
inbox: descriptors other
resolve: descriptors other
raise: everything
post: everything
answer: lookup
next_signal: signals
next_message: inbox
resolved: lookup
random: random
choose: other
close: descriptors signals
close: descriptors inbox
close: descriptors lookup
)");
}

}  // namespace
}  // namespace rehearsal::simnet
