#include "simnet/search/renumbering.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rehearsal::simnet {
namespace {

// Calls f(token) for each part of a path name; "client-3" is one part of "server/client-3/talk#0>".
// Returns the name with each part replaced by the result.
template <class F>
std::string map_tokens(std::string_view name, F f) {
  std::string mapped;
  while (!name.empty()) {
    const std::size_t size = std::min(name.find_first_of("/#:~<>"), name.size());
    mapped += f(name.substr(0, size));
    mapped += name.substr(size, 1);
    name.remove_prefix(std::min(size + 1, name.size()));
  }
  return mapped;
}

// Returns the index at which the number of a numbered name begins, as in "client-3", or npos if
// there is no number.
std::size_t number_in(std::string_view token) {
  const std::size_t dash = token.rfind('-');
  const bool numbered = dash != std::string_view::npos && dash + 1 < token.size() &&
                        token.size() - dash < 10 &&
                        (token[dash + 1] != '0' || dash + 2 == token.size()) &&
                        token.find_first_not_of("0123456789", dash + 1) == std::string_view::npos;
  return numbered ? dash + 1 : std::string_view::npos;
}

}  // namespace

std::vector<Deviation> renumbered(std::vector<Deviation> deviations) {
  std::map<std::string, std::map<unsigned long, std::size_t>, std::less<>> numbers;
  const auto look = [&](std::string_view token) {
    if (const std::size_t at = number_in(token); at != std::string_view::npos) {
      numbers[std::string(token.substr(0, at))][std::stoul(std::string(token.substr(at)))] = 0;
    }
    return std::string(token);
  };
  const auto rename = [&](std::string_view token) {
    const std::size_t at = number_in(token);
    return at == std::string_view::npos
               ? std::string(token)
               : std::string(token.substr(0, at)) +
                     std::to_string(numbers.find(token.substr(0, at))
                                        ->second.at(std::stoul(std::string(token.substr(at)))));
  };
  for (const Deviation& deviation : deviations) {
    map_tokens(deviation.at.entity, look);
  }
  for (auto& [stem, of_stem] : numbers) {
    std::size_t next = 0;
    for (auto& [number, becomes] : of_stem) {
      becomes = next++;
    }
  }
  for (Deviation& deviation : deviations) {
    deviation.at.entity = map_tokens(deviation.at.entity, rename);
  }
  return deviations;
}

}  // namespace rehearsal::simnet
