// Clients that use sockets directly.
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/corpus/guests/programs/clients.hpp"

namespace rehearsal::guests {
namespace {

constexpr int max_connections = 20;

// Returns a socket that is connected to the server, or -1.
int open_socket(const Server& server, int type) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  if (getaddrinfo(server.host, std::to_string(server.port).c_str(), &hints, &found) != 0) {
    return -1;
  }
  int file = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  if (file >= 0 && connect(file, found->ai_addr, found->ai_addrlen) != 0) {
    close(file);
    file = -1;
  }
  freeaddrinfo(found);
  return file;
}

bool send_all(int file, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(file, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return false;
    }
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

bool receive_all(int file, std::string& bytes) {
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t count = recv(file, bytes.data() + got, bytes.size() - got, 0);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    got += static_cast<std::size_t>(count);
  }
  return true;
}

// Asks questions on new connections until all are answered. `ask(file, number)` returns 1 if the
// answer is right, 0 if the connection broke, -1 if the answer is wrong.
template <class Ask>
int ask_all(const Server& server, int rounds, Ask ask) {
  int answered = 0;
  for (int i = 0; i < max_connections && answered < rounds; ++i) {
    const int file = open_socket(server, SOCK_STREAM);
    if (file < 0) {
      usleep(100'000);
      continue;
    }
    int result = 1;
    while (answered < rounds && (result = ask(file, answered)) > 0) {
      ++answered;
    }
    close(file);
    if (result < 0) {
      return -1;
    }
  }
  return answered;
}

// A message of the chat: four digits of length, and the text.
std::string chat_message(const std::string& text) {
  char header[8];
  std::snprintf(header, sizeof header, "%4d", static_cast<int>(text.size()));
  return header + text;
}

}  // namespace

int socket_client(const Server& server, int rounds) {
  return ask_all(server, rounds, [](int file, int number) {
    const std::string line = "line " + std::to_string(number) + '\n';
    std::string answer(line.size(), ' ');
    if (!send_all(file, line) || !receive_all(file, answer)) {
      return 0;
    }
    return answer == line ? 1 : -1;
  });
}

int chat_client(const Server& server, int rounds) {
  const std::string name = std::to_string(getpid());
  return ask_all(server, rounds, [&](int file, int number) {
    const std::string said = name + " says " + std::to_string(number);
    if (!send_all(file, chat_message(said))) {
      return 0;
    }
    for (;;) {
      std::string header(4, ' ');
      if (!receive_all(file, header)) {
        return 0;
      }
      const int size = std::atoi(header.c_str());
      if (size <= 0 || size > 512) {
        return -1;
      }
      std::string heard(static_cast<std::size_t>(size), ' ');
      if (!receive_all(file, heard)) {
        return 0;
      }
      if (heard.find(" says ") == std::string::npos) {
        return -1;
      }
      if (heard == said) {
        return 1;
      }
    }
  });
}

int datagram_client(const Server& server, int rounds) {
  const int file = open_socket(server, SOCK_DGRAM);
  if (file < 0) {
    return 0;
  }
  const timeval timeout{1, 0};
  setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  int answered = 0;
  for (int attempt = 0; attempt < 10 * rounds && answered < rounds; ++attempt) {
    const std::string question = "datagram " + std::to_string(answered);
    if (send(file, question.data(), question.size(), 0) < 0) {
      continue;
    }
    char answer[64];
    ssize_t count = 0;
    while ((count = recv(file, answer, sizeof answer, 0)) >= 0) {
      const std::string got(answer, static_cast<std::size_t>(count));
      if (got == question) {
        ++answered;
        break;
      }
      // An answer that came late, or twice.
      if (got.rfind("datagram ", 0) != 0 || std::atoi(got.c_str() + 9) >= answered) {
        close(file);
        return -1;
      }
    }
  }
  close(file);
  return answered;
}

}  // namespace rehearsal::guests
