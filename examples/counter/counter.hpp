// A counter over UDP. Datagrams are lost, come twice and overtake each other: a client repeats its
// request until it is answered, and the server counts a request once, however often it comes.
//
// A request is "CLIENT NUMBER AMOUNT", the answer to it "NUMBER TOTAL".
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/server.hpp>

class Counter {
 public:
  // The answer to a request; empty if it is not one, or older than the last of its client.
  std::string answer(const std::string& request) {
    std::istringstream words(request);
    std::string client;
    std::uint64_t number = 0;
    std::uint64_t amount = 0;
    if (!(words >> client >> number >> amount)) {
      return {};
    }
    Answered& last = last_[client];
    if (number > last.number) {
      total_ += amount;
      last = {number, total_};
    }
    return number == last.number ? std::to_string(number) + ' ' + std::to_string(last.total) : "";
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  struct Answered {
    std::uint64_t number = 0;
    std::uint64_t total = 0;
  };

  std::uint64_t total_ = 0;
  std::map<std::string, Answered> last_;  // by client
};

template <rehearsal::Network Net>
rehearsal::Task<> serve_counter(rehearsal::Datagram<Net> wire, Counter& counter) {
  std::array<std::byte, 256> buffer{};
  for (;;) {
    const rehearsal::Received request = co_await wire.recv_from(buffer);
    const std::string text = rehearsal::as_text(std::span(buffer).first(request.size));
    const std::string answer = counter.answer(text);
    if (!answer.empty()) {
      co_await wire.send_to(answer, request.from);
    }
  }
}

template <rehearsal::Network Net>
class CounterClient {
 public:
  // `name` has no spaces and is of no other client.
  CounterClient(rehearsal::Host<Net>& host, rehearsal::Endpoint server, std::string name)
      : wire_(host.bind({"0.0.0.0", 0})), server_(server), name_(std::move(name)) {}

  // Adds to the counter and returns its total. Throws std::errc::timed_out if no answer has come to
  // any of `max_tries`.
  rehearsal::Task<std::uint64_t> add(std::uint64_t amount) {
    ++number_;
    const std::string request =
        name_ + ' ' + std::to_string(number_) + ' ' + std::to_string(amount);
    for (int tries = 1;; ++tries) {
      co_await wire_.send_to(request, server_);
      try {
        const auto total = co_await rehearsal::with_timeout(patience, total_of(number_));
        co_return total;
      } catch (const std::system_error& error) {
        if (error.code() != std::errc::timed_out || tries == max_tries) {
          throw;
        }
      }
    }
  }

  static constexpr rehearsal::Duration patience = std::chrono::milliseconds(50);
  static constexpr int max_tries = 100;

 private:
  // The next answer to request `number`; answers to earlier ones, which come late, are dropped.
  rehearsal::Task<std::uint64_t> total_of(std::uint64_t number) {
    std::array<std::byte, 256> buffer{};
    for (;;) {
      const rehearsal::Received answer = co_await wire_.recv_from(buffer);
      std::istringstream words(rehearsal::as_text(std::span(buffer).first(answer.size)));
      std::uint64_t answered = 0;
      std::uint64_t total = 0;
      if (words >> answered >> total && answered == number) {
        co_return total;
      }
    }
  }

  rehearsal::Datagram<Net> wire_;
  rehearsal::Endpoint server_;
  std::string name_;
  std::uint64_t number_ = 0;
};
