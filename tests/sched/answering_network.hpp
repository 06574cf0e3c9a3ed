// A scripted network that also answers the calls that a script does not name: pending connects,
// names, signals, inboxes, blocking work. The answers of each are a literal list too.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/scripted_network.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {

class AnsweringNetwork : public simnet::ScriptedNetwork {
 public:
  using ScriptedNetwork::ScriptedNetwork;

  Result<Connecting> connect(const Endpoint& to) {
    connected_to.push_back(to.to_string());
    const Result<> answer = next(connects);
    if (!answer.ok() && answer.error() != would_block) {
      return answer.error();
    }
    auto connecting = ScriptedNetwork::connect(to);
    connecting.value().in_progress = !answer.ok();
    return connecting;
  }
  Result<> connected(Descriptor /*descriptor*/) { return next(connections); }
  WallTime wall_clock() { return wall_time; }
  Result<Descriptor> resolve(std::string_view name) {
    looked_up.emplace_back(name);
    return special;
  }
  Result<std::vector<Endpoint>> resolved(Descriptor /*descriptor*/) { return next(lookups); }
  Result<Descriptor> signals(std::span<const int> numbers) {
    awaited_signals.assign(numbers.begin(), numbers.end());
    return special;
  }
  Result<int> next_signal(Descriptor /*descriptor*/) { return next(signal_numbers); }
  Result<Descriptor> inbox(std::string_view /*name*/) { return special; }
  Result<Message> next_message(Descriptor /*descriptor*/) { return next(messages); }
  Result<Descriptor> start_blocking(std::function<void()> started) {
    if (!can_start_work) {
      return std::errc::resource_unavailable_try_again;
    }
    work = std::move(started);
    return special;
  }
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes) {
    chosen = name;
    return outcomes - 1;
  }

  // The descriptor of lookups, signals, inboxes and work.
  static constexpr Descriptor special = 90;

  std::deque<Result<>> connects;     // would_block: the connection is pending
  std::deque<Result<>> connections;  // results of the pending connections
  WallTime wall_time{};
  std::deque<Result<std::vector<Endpoint>>> lookups;
  std::deque<Result<int>> signal_numbers;
  std::deque<Result<Message>> messages;
  std::function<void()> work;
  bool can_start_work = true;

  std::vector<std::string> connected_to;
  std::vector<std::string> looked_up;
  std::vector<int> awaited_signals;
  std::string chosen;

 private:
  // Returns the front of `script`, or would_block if the script is used up.
  template <class T>
  static Result<T> next(std::deque<Result<T>>& script) {
    if (script.empty()) {
      return would_block;
    }
    Result<T> front = std::move(script.front());
    script.pop_front();
    return front;
  }
};

class AnsweringTest : public ::testing::Test {
 protected:
  template <class F>
  decltype(auto) run(F&& body) {
    return run_to_end(host_, std::forward<F>(body));
  }

  NoFrameIsLeft no_frame_is_left_;
  Log log_;
  AnsweringNetwork network_;  // a test may assign another before anything runs
  Host<AnsweringNetwork> host_{network_};
};

}  // namespace rehearsal::sched
