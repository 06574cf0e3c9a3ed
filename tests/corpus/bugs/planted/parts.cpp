#include "tests/corpus/bugs/planted/parts.hpp"

#include <span>
#include <sstream>

namespace rehearsal::bugs {

sched::ConstBytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    words.push_back(word);
  }
  return words;
}

sched::Task<> send_line(Stream& to, std::string line) {
  line += '\n';
  co_await to.send_all(line);
}

sched::Task<std::optional<std::string>> recv_line(Stream& from) {
  std::string line = co_await from.recv_until("\n", 4096);
  if (line.empty() || line.back() != '\n') {
    co_return std::nullopt;
  }
  line.pop_back();
  co_return line;
}

sched::Task<std::string> expect_line(Stream& from) {
  std::optional<std::string> line = co_await recv_line(from);
  if (!line) {
    sched::throw_error(std::errc::connection_reset, "the peer finished before its answer");
  }
  co_return std::move(*line);
}

sched::Task<std::string> ask(Host& host, std::string server, std::string question) {
  Stream stream = co_await host.connect({std::move(server), port});
  co_await send_line(stream, std::move(question));
  std::string answer = co_await expect_line(stream);
  co_return answer;
}

sched::Task<std::optional<std::string>> try_ask(Host& host, std::string server,
                                                std::string question, sched::Duration patience) {
  std::optional<std::string> answer;
  try {
    answer =
        co_await sched::with_timeout(patience, ask(host, std::move(server), std::move(question)));
  } catch (const std::system_error&) {
    answer.reset();
  }
  co_return answer;
}

sched::Task<> serve(Host& host, Session session) {
  auto listener = host.listen({"0.0.0.0", port});
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    const std::string name = client->name();
    sessions.spawn(name, session(std::move(*client)));
  }
  co_await sessions.join();
}

sched::Task<> answer_each(Stream client, Answer answer) {
  for (;;) {
    std::optional<std::string> question = co_await recv_line(client);
    if (!question) {
      break;
    }
    std::string text = co_await answer(std::move(*question));
    co_await send_line(client, std::move(text));
  }
}

sched::Task<> serve_answers(Host& host, Answer answer) {
  const Session session = [&answer](Stream client) {
    return answer_each(std::move(client), answer);
  };
  co_await serve(host, session);
}

}  // namespace rehearsal::bugs
