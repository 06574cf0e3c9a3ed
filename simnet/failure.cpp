#include "simnet/failure.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

namespace rehearsal::simnet {
namespace {

std::set<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::set<std::string> words;
  for (std::string word; in >> word;) {
    words.insert(word);
  }
  return words;
}

}  // namespace

std::string without_digits(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

std::string what_was_thrown(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (const NotedFailure&) {
    return "a failed check ended it";
  } catch (...) {
    return "an exception not derived from std::exception";
  }
}

std::string_view name(FailureKind kind) {
  static constexpr std::array<std::string_view, failure_kind_count> names = {
      "a property failed", "deadlock", "livelock", "time limit", "crash", "not simulated"};
  return names[static_cast<std::size_t>(kind)];
}

FailureKind failure_kind_named(std::string_view text) {
  for (std::size_t i = 0; i < failure_kind_count; ++i) {
    if (name(static_cast<FailureKind>(i)) == text) {
      return static_cast<FailureKind>(i);
    }
  }
  return FailureKind::property;
}

std::string Failure::to_string() const { return where.empty() ? what : what + " (" + where + ")"; }

bool same_failure(const Failure& failure, const Failure& other) {
  if (failure.kind != other.kind) {
    return false;
  }
  switch (failure.kind) {
    case FailureKind::property:
    case FailureKind::crash:
    case FailureKind::not_simulated:
      return failure.where == other.where &&
             without_digits(failure.what) == without_digits(other.what);
    case FailureKind::deadlock:
      return std::ranges::includes(words(failure.where), words(other.where));
    case FailureKind::livelock:
    case FailureKind::time_limit:
      return true;
  }
  return false;
}

std::string line_of(const std::source_location& where) {
  if (where.line() == 0) {
    return {};
  }
  const std::string_view file = where.file_name();
  return std::string(file.substr(file.rfind('/') + 1)) + ':' + std::to_string(where.line());
}

}  // namespace rehearsal::simnet
