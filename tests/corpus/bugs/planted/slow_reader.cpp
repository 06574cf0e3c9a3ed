// A subscriber that does not read fills its connection. A sender that waits for it makes all the
// others wait. The fixed variant has a queue and a writer for each subscriber, and drops
// subscribers that cannot keep up.
#include <list>

#include "sched/sync/channel.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr int news_count = 30;
constexpr sched::Duration first_news = 50ms;
constexpr sched::Duration news_every = 2ms;

struct Subscriber {
  explicit Subscriber(Stream to) : stream(std::move(to)) {}
  Stream stream;
  sched::Channel<std::string> queue{8};
};

// All that listen, and whether the last news is out.
struct Audience {
  std::list<std::shared_ptr<Subscriber>> subscribers;
  bool over = false;
};

sched::Task<> write_queue(std::shared_ptr<Subscriber> subscriber) {
  for (;;) {
    auto news = co_await subscriber->queue.recv();
    if (!news) {
      subscriber->stream.shutdown_send();
      break;
    }
    co_await send_line(subscriber->stream, std::move(*news));
  }
}

sched::Task<> publish(Version version, Audience& audience) {
  auto& subscribers = audience.subscribers;
  for (int i = 0; i < news_count; ++i) {
    co_await until(first_news + i * news_every);
    const std::string news = std::to_string(i) + ' ' + std::string(1000, 'x');
    for (const auto& subscriber : subscribers) {
      if (version == Version::buggy) {
        co_await send_line(subscriber->stream, news);
      } else if (subscriber->queue.size() == subscriber->queue.capacity()) {
        subscriber->stream.abort();
      } else if (subscriber->stream.is_open()) {
        co_await subscriber->queue.send(news);
      }
    }
  }
  audience.over = true;
  for (const auto& subscriber : subscribers) {
    subscriber->queue.close();
  }
}

sched::Task<> run_blocked_publisher(Version version, Host& host) {
  auto listener = host.listen({"0.0.0.0", port});
  Audience audience;
  sched::Supervisor tasks(host);
  tasks.spawn(publish(version, audience));
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    const auto subscriber = std::make_shared<Subscriber>(std::move(*client));
    if (audience.over) {
      subscriber->queue.close();
    }
    audience.subscribers.push_back(subscriber);
    tasks.spawn(write_queue(subscriber));
  }
}

sched::Task<> read_news(World& world, Host& host) {
  Stream publisher = co_await host.connect({"publisher", port});
  for (int i = 0; i < news_count; ++i) {
    const std::string news = co_await expect_line(publisher);
    const sched::Duration sent = first_news + std::stoi(news) * news_every;
    const sched::Duration age = host.now().time_since_epoch() - sent;
    world.always("news is less than 50 ms old", age < 50ms);
  }
}

// A reader that accepts old news and missing news.
sched::Task<> skim_news(Host& host) {
  try {
    Stream publisher = co_await host.connect({"publisher", port});
    for (int i = 0; i < news_count; ++i) {
      co_await expect_line(publisher);
    }
  } catch (const std::system_error&) {
    co_return;
  }
}

}  // namespace

Scenario slow_reader(Version version) {
  return {"slow_reader", "A publisher writes to one subscriber after the other",
          [version](World& world) {
            simnet::HostOptions small;
            small.send_buffer = 4096;
            small.recv_buffer = 4096;
            world.host("publisher", small).spawn("publish", [version](Host& host) {
              return run_blocked_publisher(version, host);
            });
            world.host("laptop", small).spawn("skim", skim_news);
            world.host("reader", small).spawn("read", [&world](Host& host) {
              return read_news(world, host);
            });
            // Somebody shuts the lid of the laptop for a while.
            world.survives({simnet::pause("laptop")}, {.in_all = 1, .until = 300ms});
          }};
}

}  // namespace rehearsal::bugs
