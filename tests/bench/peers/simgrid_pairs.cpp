// The exchanges of sim_ours between pairs of SimGrid actors: a mailbox per direction, two hosts and
// a link per pair. Usage: simgrid_pairs PAIRS ROUND_TRIPS; prints one JSON object.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <simgrid/s4u.hpp>

namespace {

namespace s4u = simgrid::s4u;

constexpr double start_of_exchange = 1000.0;  // simulated seconds
constexpr std::uint64_t message_size = 64;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void exchange(s4u::Mailbox* there, s4u::Mailbox* back, int times) {
  static char message = 'x';
  for (int i = 0; i < times; ++i) {
    there->put(&message, message_size);
    back->get<char>();
  }
}

void ask(s4u::Mailbox* there, s4u::Mailbox* back, int round_trips) {
  exchange(there, back, 1);
  s4u::this_actor::sleep_until(start_of_exchange);
  exchange(there, back, round_trips);
}

void answer(s4u::Mailbox* there, s4u::Mailbox* back) {
  for (;;) {
    back->put(there->get<char>(), message_size);
  }
}

// A star whose centre costs nothing: a table of all routes would not fit into memory.
void add_pair(s4u::NetZone* zone, int number, int round_trips) {
  const std::string name = std::to_string(number);
  s4u::Host* client = zone->create_host("client-" + name, 1e9)->seal();
  s4u::Host* server = zone->create_host("server-" + name, 1e9)->seal();
  const s4u::Link* link = zone->create_link("link-" + name, 1e10)->set_latency(100e-6)->seal();
  zone->add_route(client->get_netpoint(), nullptr, nullptr, nullptr, {s4u::LinkInRoute(link)});
  zone->add_route(server->get_netpoint(), nullptr, nullptr, nullptr,
                  std::vector<s4u::LinkInRoute>{});
  s4u::Mailbox* there = s4u::Mailbox::by_name("there-" + name);
  s4u::Mailbox* back = s4u::Mailbox::by_name("back-" + name);
  s4u::Actor::create("answer", server, answer, there, back)->daemonize();
  s4u::Actor::create("ask", client, ask, there, back, round_trips);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: simgrid_pairs PAIRS ROUND_TRIPS\n");
    return 2;
  }
  const int pairs = std::atoi(arguments[1]);
  const int round_trips = std::atoi(arguments[2]);
  const double begin = cpu_seconds();
  int none = 1;
  s4u::Engine engine(&none, arguments);
  s4u::Engine::set_config("contexts/stack-size", 64);  // KiB; the smallest safe value
  s4u::NetZone* zone = s4u::create_star_zone("zone");
  for (int i = 0; i < pairs; ++i) {
    add_pair(zone, i, round_trips);
  }
  zone->seal();
  engine.run_until(start_of_exchange / 2);
  const double start = cpu_seconds();
  engine.run();
  const double seconds = cpu_seconds() - start;
  std::printf(R"({"round_trips_per_s": %.9g, "building_s": %.9g})"
              "\n",
              static_cast<double>(pairs) * round_trips / seconds, start - begin);
}
