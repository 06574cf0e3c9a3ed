// The queue between a fast reader and a writer that waits for acknowledgements grows without limit
// while one is late. The fixed variant stops reading, so that TCP slows the senders down.
#include <deque>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr std::size_t enough = 64;

struct LineQueue {
  std::deque<std::string> lines;
  sched::Event not_empty;
  sched::Event not_full;
};

sched::Task<> collect_lines(Version version, std::shared_ptr<LineQueue> queue, Stream client) {
  for (;;) {
    auto line = co_await recv_line(client);
    if (!line) {
      break;
    }
    while (version == Version::fixed && queue->lines.size() >= enough) {
      queue->not_full.clear();
      co_await queue->not_full.wait();
    }
    queue->lines.push_back(std::move(*line));
    queue->not_empty.set();
  }
}

sched::Task<> forward_lines(std::shared_ptr<LineQueue> queue, Host& host) {
  Stream store = co_await host.connect({"store", port});
  for (;;) {
    while (queue->lines.empty()) {
      queue->not_empty.clear();
      co_await queue->not_empty.wait();
    }
    std::string line = std::move(queue->lines.front());
    queue->lines.pop_front();
    queue->not_full.set();
    co_await send_line(store, std::move(line));
    co_await expect_line(store);
  }
}

sched::Task<std::string> store_line(std::string /*line*/) { co_return "stored"; }

sched::Task<> log_lines(Host& host) {
  Stream collector = co_await host.connect({"collector", port});
  for (int i = 0; i < 120; ++i) {
    co_await send_line(collector, "line " + std::to_string(i));
    co_await sched::sleep_for(2500us);
  }
}

}  // namespace

Scenario unbounded_queue(Version version) {
  Scenario scenario("unbounded_queue", "A log collector reads faster than its store answers",
                    [version](World& world) {
                      auto queue = std::make_shared<LineQueue>();
                      world.host("store").spawn(
                          "serve", [](Host& host) { return serve_answers(host, store_line); });
                      world.host("collector")
                          .spawn("forward",
                                 [queue](Host& host) { return forward_lines(queue, host); })
                          .spawn("collect", [version, queue](Host& host) {
                            return serve(host, [version, queue](Stream client) {
                              return collect_lines(version, queue, std::move(client));
                            });
                          });
                      world.host("web").spawn("log", log_lines);
                      world.invariant("the queue holds 64 lines at most",
                                      [queue] { return queue->lines.size() <= enough; });
                    });
  // Sometimes a segment is lost and sent again after 200 ms.
  scenario.rates[Site::lost] = {2'000, 1};
  return scenario;
}

}  // namespace rehearsal::bugs
