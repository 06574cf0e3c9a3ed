// A small key-value server over lines of text, correct or with planted bugs.
//
// put KEY VALUE -> ok     get KEY -> VALUE or none     delete KEY -> ok or none     count -> N
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <utility>

#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"

namespace rehearsal::simnet {

enum class KeyValueBug : std::uint8_t {
  none,
  count_forgets_deletes,  // shows in the default run
  one_command_per_recv    // shows if a command comes in parts
};

struct KeyValueStore {
  std::map<std::string, std::string> values;
  std::size_t count = 0;
};

inline std::string apply_command(KeyValueStore& store, const std::string& line, KeyValueBug bug) {
  std::istringstream in(line);
  std::string verb;
  std::string key;
  std::string value;
  in >> verb >> key >> value;
  if (verb == "put") {
    store.count += store.values.contains(key) ? 0U : 1U;
    store.values[key] = value;
    return "ok";
  }
  if (verb == "get") {
    const auto found = store.values.find(key);
    return found == store.values.end() ? "none" : found->second;
  }
  if (verb == "delete") {
    const bool was_there = store.values.erase(key) != 0;
    store.count -= was_there && bug != KeyValueBug::count_forgets_deletes ? 1U : 0U;
    return was_there ? "ok" : "none";
  }
  return verb == "count" ? std::to_string(store.count) : "what?";
}

template <sched::Network Net>
sched::Task<> serve_key_values(KeyValueStore& store, KeyValueBug bug, sched::Stream<Net> client) {
  std::string pending;
  std::array<std::byte, 256> buffer{};
  for (;;) {
    const std::size_t size = co_await client.recv(buffer);
    if (size == 0) {
      co_return;
    }
    for (const std::byte byte : std::span(buffer).first(size)) {
      pending += static_cast<char>(byte);
    }
    if (bug == KeyValueBug::one_command_per_recv && !pending.ends_with('\n')) {
      pending += '\n';
    }
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      const std::string answer = apply_command(store, pending.substr(0, end), bug) + '\n';
      pending.erase(0, end + 1);
      co_await client.send_all(std::as_bytes(std::span(answer)));
    }
  }
}

template <sched::Network Net>
sched::Task<> key_value_server(sched::Host<Net>& host, KeyValueBug bug) {
  auto listener = host.listen({"0.0.0.0", 6379});
  KeyValueStore store;
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    const std::string name = client->name();
    sessions.spawn(name, serve_key_values<Net>(store, bug, std::move(*client)));
  }
}

template <sched::Network Net>
sched::Task<std::string> ask(sched::Stream<Net>& server, std::string question) {
  question += '\n';
  co_await server.send_all(std::as_bytes(std::span(question)));
  std::string answer;
  std::array<std::byte, 1> byte{};
  for (;;) {
    const std::size_t size = co_await server.recv(byte);
    if (size == 0 || byte[0] == std::byte{'\n'}) {
      co_return answer;
    }
    answer += static_cast<char>(byte[0]);
  }
}

}  // namespace rehearsal::simnet
