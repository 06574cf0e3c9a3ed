// A server with a bug that only a rare interleaving of its clients shows.
//
// A client sends lines "add N"; the server adds N to one total for all, and answers each with the
// total and a page of padding. Planted: it answers before it writes the new total down. A send that
// does not block hides that; one that does, because a client does not take its answers, lets
// another client's line in between, whose N is then lost.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"

namespace rehearsal::harness {

struct LedgerOptions {
  LedgerOptions() = default;

  bool forgetful = false;  // the bug is there
  std::size_t page = 65536;
};

template <sched::Network Net>
class Ledger {
 public:
  Ledger(sched::Host<Net>& host, const sched::Endpoint& at, LedgerOptions options)
      : host_(host), options_(options), listener_(host.listen(at)) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  [[nodiscard]] sched::Endpoint endpoint() const { return listener_.local(); }
  // Until a sum is wrong, which it throws.
  sched::Task<> run();

 private:
  sched::Task<> session(sched::Stream<Net> client);
  sched::Task<> add_lines(sched::Stream<Net>& client);

  sched::Host<Net>& host_;
  LedgerOptions options_;
  sched::Listener<Net> listener_;
  std::uint64_t total_ = 0;
  std::uint64_t added_ = 0;  // kept beside it, so that the server sees for itself
};

// Implementation.

template <sched::Network Net>
sched::Task<> Ledger<Net>::run() {
  sched::TaskGroup sessions(host_);
  sessions.spawn("accept", [](Ledger* ledger, sched::TaskGroup* group) -> sched::Task<> {
    for (;;) {
      auto client = co_await ledger->listener_.accept();
      if (!client) {
        break;
      }
      const std::string name = client->name();
      group->spawn(name, ledger->session(std::move(*client)));
    }
  }(this, &sessions));
  co_await sessions.join();
}

template <sched::Network Net>
sched::Task<> Ledger<Net>::session(sched::Stream<Net> client) {
  try {
    co_await add_lines(client);
  } catch (const std::system_error&) {
    client.abort();  // it has gone
  }
}

template <sched::Network Net>
sched::Task<> Ledger<Net>::add_lines(sched::Stream<Net>& client) {
  for (;;) {
    const std::string line = co_await client.recv_until("\n", 64);
    if (!line.starts_with("add ") || !line.ends_with('\n')) {
      co_return;  // it is done, or it left in the middle of a line
    }
    const std::uint64_t amount = std::stoull(line.substr(4));
    const std::uint64_t total = total_ + amount;
    added_ += amount;
    if (!options_.forgetful) {
      total_ = total;
    }
    std::string answer = std::to_string(total);
    answer.resize(options_.page, ' ');
    answer.back() = '\n';
    co_await client.send_all(std::as_bytes(std::span(answer)));
    if (options_.forgetful) {
      total_ = total;
      if (total_ < added_) {
        throw std::logic_error("the ledger says " + std::to_string(total_) + " of " +
                               std::to_string(added_));
      }
    }
  }
}

}  // namespace rehearsal::harness
