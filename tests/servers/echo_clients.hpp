// Clients of an echo server, the same over a script and over a kernel. The test states what each
// one sends and how it leaves, and compares what it got.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sched/sync/task_group.hpp"
#include "servers/echo.hpp"
#include "simnet/scripted_network.hpp"

namespace rehearsal::servers {

inline sched::ConstBytes bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string text(sched::ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Returns `size` letters that no other seed returns, so that misdirected ones are noticed. They are
// only letters, so that none looks like the bracket of a note.
inline std::string letters(std::size_t size, std::uint32_t seed) {
  std::string text(size, '\0');
  for (char& letter : text) {
    seed = seed * 1664525U + 1013904223U;
    letter = static_cast<char>('a' + (seed >> 24U) % 26);
  }
  return text;
}

enum class Leaving : std::uint8_t { finishes, resets, stays };

struct Client {
  Client() = default;
  Client(std::vector<std::string> pieces, Leaving how) : says(std::move(pieces)), leaving(how) {}

  std::vector<std::string> says;  // each once the one before has come back
  Leaving leaving = Leaving::finishes;

  [[nodiscard]] std::string all() const {
    std::string whole;
    for (const std::string& piece : says) {
      whole += piece;
    }
    return whole;
  }
};

// What clients received: the bytes, and in brackets how the connection ended: [end], [reset], or
// [left] if the client reset it.
using Answers = std::vector<std::string>;

// The largest number of clients connected at the same time.
template <class Net>
class Peak final : public sched::Observer {
 public:
  explicit Peak(const EchoServer<Net>& server) : server_(server) {}
  void waits(const sched::TaskRecord& /*task*/) override {
    most_ = std::max(most_, server_.statistics().connected);
  }
  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  const EchoServer<Net>& server_;
  std::size_t most_ = 0;
};

struct Served {
  Answers answers;  // by client
  EchoStatistics statistics;
  std::size_t most_connected = 0;
};

// A client over a kernel: one task sends its pieces, another receives what comes back.
template <class Net>
class KernelClient {
 public:
  KernelClient(const Client& client, std::size_t prefix_size)
      : client_(client), prefix_size_(prefix_size) {}

  sched::Task<> run(sched::Host<Net>& host, sched::Address server) {
    sched::Stream<Net> peer = co_await host.connect(std::move(server));
    sched::TaskGroup receiving(host);
    receiving.spawn("receive", receive(peer));
    try {
      co_await talk(peer);
    } catch (const std::system_error&) {
      // The receiver records how it ended.
    }
    if (client_.leaving == Leaving::resets) {
      receiving.cancel();
      co_await receiving.join();
      peer.abort();
      answer_ += "[left]";
    } else {
      co_await receiving.join();
    }
  }
  [[nodiscard]] const std::string& answer() const { return answer_; }

 private:
  sched::Task<> talk(sched::Stream<Net>& peer) {
    std::size_t expected = 0;
    for (const std::string& piece : client_.says) {
      expected += prefix_size_ + piece.size();
      co_await peer.send_all(bytes(piece));
      while (answer_.size() < expected && !ended_) {
        came_.clear();
        co_await came_.wait();
      }
    }
    if (client_.leaving == Leaving::finishes) {
      peer.shutdown_send();
    }
  }
  sched::Task<> receive(sched::Stream<Net>& peer) {
    std::vector<std::byte> buffer(65536);
    std::string end = "[end]";
    try {
      for (;;) {
        const std::size_t size = co_await peer.recv(buffer);
        if (size == 0) {
          break;
        }
        answer_ += text(std::span(buffer).first(size));
        came_.set();
      }
    } catch (const std::system_error& error) {
      const bool reset = error.code() == std::errc::connection_reset;
      end = reset ? "[reset]" : "[" + error.code().message() + "]";
    }
    answer_ += end;
    ended_ = true;
    came_.set();
  }

  const Client& client_;
  std::size_t prefix_size_;
  std::string answer_;
  sched::Event came_;
  bool ended_ = false;
};

// Serves these clients at once until each has left, then stops the server.
template <class Net>
Served serve(const std::vector<Client>& clients, const EchoOptions& options = {}) {
  Net network;
  sched::Host<Net> host(network);
  EchoServer<Net> server(host, {"127.0.0.1", 0}, options);
  Peak<Net> peak(server);
  host.scheduler().observe(peak);
  auto serving = host.spawn("server", server.run());
  std::deque<KernelClient<Net>> there;
  std::vector<sched::JoinHandle<>> connected;
  for (const Client& client : clients) {
    there.emplace_back(client, options.prefix.size());
    connected.push_back(
        host.spawn("client", there.back().run(host, {"127.0.0.1", server.endpoint().port()})));
  }
  host.run_until([&] {
    return std::all_of(connected.begin(), connected.end(), [](auto& one) { return one.done(); });
  });
  server.stop();
  host.run_until(serving);
  serving.take();
  Served served;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    connected[i].take();
    served.answers.push_back(there[i].answer());
  }
  served.statistics = server.statistics();
  served.most_connected = peak.most();
  return served;
}

// The script of a client: each piece arrives only after the server has waited for it.
inline simnet::ScriptedSocket script_of(const Client& client) {
  simnet::ScriptedSocket socket;
  for (const std::string& piece : client.says) {
    socket.receives.emplace_back(sched::would_block);
    socket.receives.emplace_back(piece);
  }
  if (client.leaving == Leaving::finishes) {
    socket.receives.emplace_back("");
  } else if (client.leaving == Leaving::resets) {
    socket.receives.emplace_back(std::errc::connection_reset);
  }
  return socket;
}

inline std::string answer_to(const Client& client, const simnet::ScriptedRecord& record) {
  if (record.aborted) {
    return record.sent + (client.leaving == Leaving::resets ? "[left]" : "[reset]");
  }
  return record.sent + (record.closed ? "[end]" : "[open]");
}

template <>
inline Served serve<simnet::ScriptedNetwork>(const std::vector<Client>& clients,
                                             const EchoOptions& options) {
  constexpr sched::Descriptor listener = 3;
  simnet::ScriptedSocket listening;
  simnet::ScriptedWait everything;
  std::size_t waits = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto descriptor = listener + 1 + static_cast<sched::Descriptor>(i);
    listening.accepts.emplace_back(descriptor);
    everything.ready.push_back({descriptor, sched::Readiness::recv});
    waits += 2 * clients[i].says.size() + 2 + clients[i].all().size() / options.buffer_bytes;
  }
  // Enough waits for every piece, even if sessions yield; most find nothing new.
  simnet::ScriptedNetwork network(std::vector<simnet::ScriptedWait>(waits, everything));
  network.script(listener, listening);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    network.script(listener + 1 + static_cast<sched::Descriptor>(i), script_of(clients[i]));
  }
  sched::Host<simnet::ScriptedNetwork> host(network);
  EchoServer<simnet::ScriptedNetwork> server(host, {"127.0.0.1", 0}, options);
  Peak<simnet::ScriptedNetwork> peak(server);
  host.scheduler().observe(peak);
  auto serving = host.spawn("server", server.run());
  host.run();
  server.stop();
  host.run();
  serving.take();
  Served served;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto descriptor = listener + 1 + static_cast<sched::Descriptor>(i);
    served.answers.push_back(answer_to(clients[i], network.record(descriptor)));
  }
  served.statistics = server.statistics();
  served.most_connected = peak.most();
  return served;
}

}  // namespace rehearsal::servers
