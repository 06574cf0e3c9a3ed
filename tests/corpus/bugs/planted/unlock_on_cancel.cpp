// A cancelled task never reaches the line that unlocks. Here printing a page takes too long, and
// the printer stays locked forever. The destructor of a lock guard unlocks in any case.
#include "sched/sync/mutex.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Printer {
  bool busy = false;
  sched::Event is_free;
  sched::Mutex mutex;
};

sched::Task<> print_page(Host& host) {
  const auto page = [] {};
  co_await host.run_blocking(page);
}

sched::Task<> print(Version version, Host& host, Printer& printer) {
  if (version == Version::buggy) {
    while (printer.busy) {
      printer.is_free.clear();
      co_await printer.is_free.wait();
    }
    printer.busy = true;
    co_await print_page(host);
    printer.busy = false;
    printer.is_free.set();
  } else {
    auto lock = co_await printer.mutex.lock();
    co_await print_page(host);
  }
}

sched::Task<std::string> print_in_time(Version version, Host& host, Printer& printer,
                                       std::string /*page*/) {
  std::string answer = "printed";
  try {
    co_await sched::with_timeout(5ms, print(version, host, printer));
  } catch (const std::system_error&) {
    answer = "try again";
  }
  co_return answer;
}

sched::Task<> run_printer(Version version, Host& host) {
  Printer printer;
  const Answer answer = [version, &host, &printer](std::string page) {
    return print_in_time(version, host, printer, std::move(page));
  };
  co_await serve_answers(host, answer);
}

sched::Task<> print_pages(World& world, Host& host) {
  for (int page = 0; page < 3; ++page) {
    std::string answer;
    for (int attempt = 0; attempt < 40 && answer != "printed"; ++attempt) {
      answer = co_await ask(host, "printer", "a page");
      co_await sched::sleep_for(10ms);
    }
    world.always("a page is printed at last", answer == "printed");
  }
}

}  // namespace

Scenario unlock_on_cancel(Version version) {
  return {"unlock_on_cancel", "A print job that times out keeps the printer",
          [version](World& world) {
            world.host("printer").spawn(
                "serve", [version](Host& host) { return run_printer(version, host); });
            world.host("client").spawn("print",
                                       [&world](Host& host) { return print_pages(world, host); });
          }};
}

}  // namespace rehearsal::bugs
