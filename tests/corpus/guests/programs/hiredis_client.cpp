#include <unistd.h>

#include <algorithm>
#include <string>

#include <hiredis/hiredis.h>

#include "tests/corpus/guests/programs/clients.hpp"

namespace rehearsal::guests {
namespace {

// Sends `count` commands at once. Returns how many were answered, or -1 if an answer is wrong.
int ask(redisContext* context, int first, int count) {
  for (int i = 0; i < count; ++i) {
    redisAppendCommand(context, "ECHO question-%d", first + i);
  }
  for (int i = 0; i < count; ++i) {
    void* answer = nullptr;
    if (redisGetReply(context, &answer) != REDIS_OK) {
      return i;
    }
    const auto* reply = static_cast<redisReply*>(answer);
    const bool right = reply->type == REDIS_REPLY_STRING &&
                       std::string(reply->str, static_cast<std::size_t>(reply->len)) ==
                           "question-" + std::to_string(first + i);
    freeReplyObject(answer);
    if (!right) {
      return -1;
    }
  }
  return count;
}

}  // namespace

int hiredis_client(const Server& server, int rounds) {
  constexpr int max_connections = 20;
  constexpr int at_once = 3;
  int answered = 0;
  for (int i = 0; i < max_connections && answered < rounds; ++i) {
    redisContext* context = redisConnect(server.host, server.port);
    if (context == nullptr) {
      return answered;
    }
    if (context->err != 0) {
      usleep(100'000);
    }
    while (context->err == 0 && answered < rounds) {
      const int got = ask(context, answered, std::min(at_once, rounds - answered));
      if (got < 0) {
        redisFree(context);
        return -1;
      }
      answered += got;
    }
    redisFree(context);
  }
  return answered;
}

}  // namespace rehearsal::guests
