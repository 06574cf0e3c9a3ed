// A ledger: a client sends lines "add N"; the server adds N to one total for all, and answers each
// with the total and a page of padding.
//
// It has a bug that you can switch on: it then answers before it writes the new total down. A send
// that does not block hides that. One that does, because its client takes no answers, lets another
// client's line in between, whose N is then lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/server.hpp>

struct LedgerOptions {
  LedgerOptions() = default;

  bool forgetful = false;    // the bug is there
  std::size_t page = 65536;  // bytes of an answer
};

template <rehearsal::Network Net>
class Ledger {
 public:
  // Listens at once; throws std::system_error if it cannot. `host` must outlive the ledger.
  Ledger(rehearsal::Host<Net>& host, const rehearsal::Endpoint& at, LedgerOptions options)
      : host_(host), options_(options), listener_(host.listen(at)) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  [[nodiscard]] rehearsal::Endpoint endpoint() const { return listener_.local(); }
  // Serves until a sum is wrong: throws std::logic_error then.
  rehearsal::Task<> run();

 private:
  rehearsal::Task<> accept_all(rehearsal::TaskGroup& sessions);
  rehearsal::Task<> session(rehearsal::Stream<Net> client);
  rehearsal::Task<> add_lines(rehearsal::Stream<Net>& client);

  rehearsal::Host<Net>& host_;
  LedgerOptions options_;
  rehearsal::Listener<Net> listener_;
  std::uint64_t total_ = 0;
  std::uint64_t added_ = 0;  // beside it, so that the server itself sees what is lost
};

// Implementation.

template <rehearsal::Network Net>
rehearsal::Task<> Ledger<Net>::run() {
  rehearsal::TaskGroup sessions(host_);  // the first that fails ends them all
  sessions.spawn("accept", accept_all(sessions));
  co_await sessions.join();
}

template <rehearsal::Network Net>
rehearsal::Task<> Ledger<Net>::accept_all(rehearsal::TaskGroup& sessions) {
  for (;;) {
    auto client = co_await listener_.accept();
    const std::string name = client->name();
    sessions.spawn(name, session(std::move(*client)));
  }
}

template <rehearsal::Network Net>
rehearsal::Task<> Ledger<Net>::session(rehearsal::Stream<Net> client) {
  try {
    co_await add_lines(client);
  } catch (const std::system_error&) {
    client.abort();  // it has gone
  }
}

template <rehearsal::Network Net>
rehearsal::Task<> Ledger<Net>::add_lines(rehearsal::Stream<Net>& client) {
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
    co_await client.send_all(answer);
    if (options_.forgetful) {
      total_ = total;
    }
    if (total_ < added_) {
      throw std::logic_error("the ledger says " + std::to_string(total_) + " of " +
                             std::to_string(added_));
    }
  }
}
