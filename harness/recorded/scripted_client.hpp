// A client that sends what a recorded client has sent.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/recorded/recordable_server.hpp"
#include "harness/recorded/recorded_traffic.hpp"
#include "sched/host.hpp"
#include "sched/sync/event.hpp"

namespace rehearsal::harness {

struct ScriptedClientOptions {
  ScriptedClientOptions() = default;

  std::uint16_t port = 0;    // on the host "server"
  std::size_t messages = 0;  // how many messages to send, from the first
  // Checks the bytes received so far. Returns what is wrong, or nothing. May be empty.
  std::function<std::optional<std::string>(const Conversation& conversation)> judge;
};

template <sched::Network Net>
class ScriptedClient {
 public:
  // `host` and `script` must outlive the client.
  ScriptedClient(sched::Host<Net>& host, const RecordedClient& script,
                 ScriptedClientOptions options)
      : host_(host), script_(script), options_(std::move(options)) {}

  // Connects, sends the messages, and receives until the server or the script ends. Throws
  // std::system_error if the connection breaks, or std::runtime_error with what `judge` returns.
  sched::Task<> run();

 private:
  // How long a client waits for an answer. It does not wait forever, because in the recording the
  // server may have answered the message of another client.
  static constexpr sched::Duration patience = std::chrono::seconds(1);

  sched::Task<> receive(sched::Stream<Net>& server);
  sched::Task<> say(sched::Stream<Net>& server);
  sched::Task<> wait_for(std::uint64_t bytes);
  sched::Task<> wait_patiently(std::uint64_t bytes);
  void judge(bool over);

  sched::Host<Net>& host_;
  const RecordedClient& script_;
  ScriptedClientOptions options_;
  std::vector<std::byte> sent_;
  std::vector<std::byte> came_;
  std::size_t judged_ = 0;  // bytes of came_ that judge() has checked
  sched::Event more_;
  bool leaves_ = false;  // the client closes without waiting for the server to finish
};

// Implementation.

template <sched::Network Net>
sched::Task<> ScriptedClient<Net>::run() {
  co_await sched::sleep_for(script_.at);
  auto server = co_await host_.connect({"server", options_.port});
  sched::TaskGroup both(host_);
  both.spawn("recv", receive(server));
  both.spawn("send", say(server));
  co_await both.join();
}

template <sched::Network Net>
void ScriptedClient<Net>::judge(bool over) {
  if (options_.judge) {
    if (const auto wrong = options_.judge({sent_, came_, judged_, over})) {
      throw std::runtime_error(*wrong);
    }
  }
  judged_ = came_.size();
}

template <sched::Network Net>
sched::Task<> ScriptedClient<Net>::receive(sched::Stream<Net>& server) {
  std::vector<std::byte> buffer(65536);
  for (;;) {
    std::size_t size = 0;
    try {
      size = co_await server.recv(buffer);
    } catch (const std::system_error&) {
      if (!leaves_) {
        throw;
      }
    }
    if (leaves_) {
      break;
    }
    if (size == 0) {
      judge(true);
      break;
    }
    const auto came = std::span(buffer).first(size);
    came_.insert(came_.end(), came.begin(), came.end());
    judge(false);
    more_.set();
  }
}

template <sched::Network Net>
sched::Task<> ScriptedClient<Net>::wait_for(std::uint64_t bytes) {
  while (came_.size() < bytes) {
    more_.clear();
    co_await more_.wait();
  }
}

template <sched::Network Net>
sched::Task<> ScriptedClient<Net>::wait_patiently(std::uint64_t bytes) {
  if (came_.size() >= bytes) {
    co_return;
  }
  try {
    co_await sched::with_timeout(patience, wait_for(bytes));
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::timed_out) {
      throw;
    }
  }
}

template <sched::Network Net>
sched::Task<> ScriptedClient<Net>::say(sched::Stream<Net>& server) {
  sched::Instant due = host_.now();
  const std::size_t count = std::min(options_.messages, script_.messages.size());
  for (std::size_t i = 0; i < count; ++i) {
    const RecordedMessage& message = script_.messages[i];
    due = sched::after(due, message.pause);
    if (due > host_.now()) {
      co_await sched::sleep_for(due - host_.now());
    }
    co_await wait_patiently(message.answered);
    due = std::max(due, host_.now());
    sent_.insert(sent_.end(), message.bytes.begin(), message.bytes.end());
    co_await server.send_all(message.bytes);
  }
  const bool all = count == script_.messages.size();
  std::uint64_t answered = all ? script_.answered : script_.messages[count].answered;
  if (all && script_.end != RecordedClient::End::none) {
    answered = script_.answered_before_end;
    due = sched::after(due, script_.end_pause);
    if (due > host_.now()) {
      co_await sched::sleep_for(due - host_.now());
    }
  }
  co_await wait_patiently(answered);
  if (script_.end == RecordedClient::End::finished) {
    server.shutdown_send();
    co_return;
  }
  leaves_ = true;
  if (script_.end == RecordedClient::End::reset) {
    server.abort();
  } else {
    server.close();
  }
}

}  // namespace rehearsal::harness
