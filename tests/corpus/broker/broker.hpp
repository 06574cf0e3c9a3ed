// A broker of news: clients subscribe to topics and publish lines. It is a template of its network,
// so that it runs in a world and on sockets.
//
//     SUB TOPIC          from now on the client receives "MSG TOPIC TEXT" for each line published
//     UNSUB TOPIC        no more lines of this topic
//     PUB TOPIC TEXT     answered with "OK N": N clients receive it
//     QUIT               answered with "BYE"; the broker then closes the connection
//
// Every command is answered with one line, in order. Each client has a queue of lines that are to
// be sent to it. If it is full, publishers wait, and so does their next command.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <rehearsal/server.hpp>
#include <rehearsal/sync.hpp>

namespace rehearsal::corpus {

struct BrokerOptions {
  BrokerOptions() = default;

  std::size_t queue = 4;  // how many lines wait for a client
  // Lets other tasks run between two deliveries of a line.
  bool yields = false;
  // Planted bug: sends a line also to clients that unsubscribed while it was being published.
  bool forgets_unsubscribers = false;
};

struct Client {
  explicit Client(std::size_t queue) : lines(queue) {}

  Channel<std::string> lines;  // to be sent
};
using Clients = std::vector<std::shared_ptr<Client>>;  // in the order in which they subscribed

class Topics {
 public:
  void add(const std::string& topic, const std::shared_ptr<Client>& client) {
    touches("topics");
    if (std::ranges::find(clients_[topic], client) == clients_[topic].end()) {
      clients_[topic].push_back(client);
    }
  }
  void remove(const std::string& topic, const std::shared_ptr<Client>& client) {
    touches("topics");
    std::erase(clients_[topic], client);
  }
  void remove(const std::shared_ptr<Client>& client) {
    touches("topics");
    for (auto& [topic, clients] : clients_) {
      std::erase(clients, client);
    }
  }
  [[nodiscard]] Clients of(const std::string& topic) const {
    reads("topics");
    const auto found = clients_.find(topic);
    return found == clients_.end() ? Clients() : found->second;
  }
  [[nodiscard]] bool has(const std::string& topic, const std::shared_ptr<Client>& client) const {
    const Clients clients = of(topic);
    return std::ranges::find(clients, client) != clients.end();
  }

 private:
  std::map<std::string, Clients> clients_;
};

// Takes the first word off the line.
inline std::string take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string word(line.substr(0, end));
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

// Returns whether the client has received the line: false if it has left.
inline Task<bool> deliver(std::shared_ptr<Client> client, std::string line) {
  try {
    co_await client->lines.send(std::move(line));
  } catch (const std::system_error&) {
    co_return false;  // its queue is closed
  }
  co_return true;
}

inline Task<std::string> publish(const BrokerOptions& options, Topics& topics, std::string topic,
                                 std::string text) {
  const Clients audience = topics.of(topic);
  const std::string line = "MSG " + topic + ' ' + text + '\n';
  int count = 0;
  for (const std::shared_ptr<Client>& client : audience) {
    if (!options.forgets_unsubscribers && !topics.has(topic, client)) {
      continue;  // it unsubscribed meanwhile
    }
    const bool received = co_await deliver(client, line);
    count += received ? 1 : 0;
    if (options.yields) {
      co_await yield();
    }
  }
  co_return "OK " + std::to_string(count);
}

// Returns the answer to a command.
inline Task<std::string> perform(const BrokerOptions& options, Topics& topics,
                                 std::shared_ptr<Client> client, std::string command) {
  std::string_view rest = command;
  const std::string verb = take_word(rest);
  const std::string topic = take_word(rest);
  if (verb == "QUIT") {
    co_return "BYE";
  }
  if (verb == "SUB") {
    topics.add(topic, client);
    co_return "OK";
  }
  if (verb == "UNSUB") {
    topics.remove(topic, client);
    co_return "OK";
  }
  if (verb == "PUB") {
    std::string answer = co_await publish(options, topics, topic, std::string(rest));
    co_return answer;
  }
  co_return "ERROR unknown command";
}

template <Network Net>
Task<> read_commands(const BrokerOptions& options, Topics& topics, Stream<Net>& stream,
                     std::shared_ptr<Client> client) {
  std::string line;
  while (line != "QUIT\n") {
    line = co_await stream.recv_until("\n", 512);
    if (!line.ends_with('\n')) {
      break;
    }
    std::string answer = co_await perform(options, topics, client, line.substr(0, line.size() - 1));
    co_await client->lines.send(std::move(answer) + '\n');
  }
  client->lines.close();
}

template <Network Net>
Task<> write_lines(Stream<Net>& stream, std::shared_ptr<Client> client) {
  for (;;) {
    const std::optional<std::string> line = co_await client->lines.recv();
    if (!line) {
      break;
    }
    co_await stream.send_all(*line);
  }
}

// Ends the subscriptions of a client when its connection ends, however it ends.
class Membership {
 public:
  Membership(Topics& topics, std::shared_ptr<Client> client)
      : topics_(topics), client_(std::move(client)) {}
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  ~Membership() {
    topics_.remove(client_);
    client_->lines.close();
  }

 private:
  Topics& topics_;
  std::shared_ptr<Client> client_;
};

template <Network Net>
Task<> serve_client(const BrokerOptions& options, Topics& topics, Stream<Net> stream) {
  const auto client = std::make_shared<Client>(options.queue);
  const Membership membership(topics, client);
  co_await when_all(read_commands(options, topics, stream, client), write_lines(stream, client));
}

// Serves clients until it is cancelled.
template <Network Net>
Task<> serve_broker(Host<Net>& host, Listener<Net> listener, BrokerOptions options) {
  Topics topics;
  Supervisor sessions(host);
  for (;;) {
    auto stream = co_await listener.accept();
    if (!stream) {
      break;
    }
    const std::string name = stream->name();
    sessions.spawn(name, serve_client(options, topics, std::move(*stream)));
  }
}

}  // namespace rehearsal::corpus
