// Four clients subscribe to a topic and unsubscribe, while a fifth one publishes.
// unsubscribe_test.py runs this program, whose first test fails.
#include <string>

#include <rehearsal/gtest.hpp>

#include "tests/corpus/broker/broker.hpp"

namespace {

using namespace rehearsal;  // NOLINT(google-build-using-namespace)
using corpus::BrokerOptions;

// Sends a command and returns the first line that is not news; counts the news.
template <Network Net>
Task<std::string> ask(Stream<Net>& broker, std::string command, int& news) {
  co_await broker.send_all(command + '\n');
  std::string line = "MSG";
  while (line.starts_with("MSG")) {
    line = co_await broker.recv_until("\n", 512);
    news += line.starts_with("MSG") ? 1 : 0;
  }
  co_return line;
}

// Subscribes and unsubscribes `times` times. No news may come between the answer to UNSUB and the
// answer to what follows.
template <Network Net>
Task<> subscribe(Host<Net>& host, int times) {
  auto broker = co_await host.connect({"broker", 7});
  int news = 0;
  co_await ask(broker, "SUB weather", news);
  for (int i = 1; i <= times; ++i) {
    co_await ask(broker, "UNSUB weather", news);
    const int before = news;
    const std::string next = i == times ? "QUIT" : "SUB weather";
    co_await ask(broker, next, news);
    CO_ASSERT_EQ(news, before) << "news after the answer to UNSUB";
  }
}

template <Network Net>
Task<> publish(Host<Net>& host) {
  auto broker = co_await host.connect({"broker", 7});
  int news = 0;
  for (const char* weather :
       {"sunny", "windy", "rainy", "foggy", "snowy", "dusty", "balmy", "humid"}) {
    co_await ask(broker, std::string("PUB weather ") + weather, news);
  }
  co_await ask(broker, "QUIT", news);
}

void add_broker(World& world, bool forgets_unsubscribers) {
  BrokerOptions options;
  options.queue = 1;
  options.yields = true;
  options.forgets_unsubscribers = forgets_unsubscribers;
  world.host("broker").spawn("serve", [options](auto& host) {
    return corpus::serve_broker(host, host.listen({"0.0.0.0", 7}), options);
  });
  for (const char* name : {"Ada", "Barbara", "Frances", "Grace"}) {
    world.host(name).spawn("subscribe", [](auto& host) { return subscribe(host, 6); });
  }
  world.host("press").spawn("publish", [](auto& host) { return publish(host); });
}

REHEARSE(Unsubscribe, ends_the_news) { add_broker(world, true); }
REHEARSE(Unsubscribe, ends_the_news_without_the_bug) { add_broker(world, false); }

}  // namespace
