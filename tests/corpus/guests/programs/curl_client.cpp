#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <string>

#include <curl/curl.h>

#include "tests/corpus/guests/programs/clients.hpp"

namespace rehearsal::guests {
namespace {

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* to) {
  static_cast<std::string*>(to)->append(bytes, size * count);
  return size * count;
}

// Returns the address of a host in digits, for which curl starts no thread, or an empty text.
std::string address_of(const char* host) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  addrinfo* found = nullptr;
  if (getaddrinfo(host, nullptr, &hints, &found) != 0) {
    return {};
  }
  char text[NI_MAXHOST];
  const int error =
      getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  freeaddrinfo(found);
  return error == 0 ? text : std::string();
}

}  // namespace

int curl_client(const Server& server, int rounds) {
  constexpr int max_failures = 20;
  const std::string address = address_of(server.host);
  if (address.empty()) {
    return 0;
  }
  const std::string site = "http://" + address + ':' + std::to_string(server.port) + '/';
  CURL* curl = curl_easy_init();
  std::string body;
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  int answered = 0;
  for (int failed = 0; failed < max_failures && answered < rounds;) {
    body.clear();
    const std::string page = std::to_string(answered);
    curl_easy_setopt(curl, CURLOPT_URL, (site + page).c_str());
    if (curl_easy_perform(curl) != CURLE_OK) {
      ++failed;
      usleep(100'000);
      continue;
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || body != "page " + page) {
      curl_easy_cleanup(curl);
      return -1;
    }
    ++answered;
  }
  curl_easy_cleanup(curl);
  return answered;
}

}  // namespace rehearsal::guests
