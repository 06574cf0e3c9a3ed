// A typical user's test: its types are in an unnamed namespace, its programs are generic.
#include <utility>

#include "sched/host.hpp"
#include "simnet/world.hpp"

using namespace rehearsal;

namespace {

template <class Net>
struct Client {
  sched::Stream<Net> stream;
  int requests = 0;
};

template <class Net>
sched::Task<Client<Net>> connect(sched::Host<Net>& host) {
  auto stream = co_await host.connect({"server", 80});
  Client<Net> client{std::move(stream)};
  co_return std::move(client);
}

}  // namespace

void start(simnet::World& world) {
  world.host("client").spawn("ask", [](auto& host) -> sched::Task<> {
    auto client = co_await connect(host);
    client.stream.close();
  });
}
