// Reads a fuzzer's bytes as a value that stands on a command line, in a file or in an address of
// the kernel (libFuzzer). The first byte chooses the reader. Whatever the others are, it accepts
// them or not, and what it accepts is read again from its own text.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/flags.hpp"
#include "harness/sweep/search_run.hpp"
#include "harness/sweep/shard.hpp"
#include "sched/base/check.hpp"
#include "sched/seam/endpoint.hpp"
#include "sched/seam/error_name.hpp"
#include "sched/seam/socket_address.hpp"
#include "simnet/choices/named_policy.hpp"
#include "simnet/trace/json_line.hpp"

namespace rehearsal::harness {
namespace {

using sched::check;
using sched::Endpoint;

void try_endpoint(const std::string& text) {
  const auto endpoint = Endpoint::parse(text);
  check(check_endpoint(text).empty() == endpoint.has_value(), "a flag takes what parse() takes");
  if (endpoint) {
    check(Endpoint::parse(endpoint->to_string()) == endpoint, "an endpoint is read as it is shown");
    check(
        endpoint->is_unix() || Endpoint::numeric(endpoint->address(), endpoint->port()) == endpoint,
        "an address is read as it is shown");
  }
}

// An address as the kernel stores it.
void try_socket_address(const std::string& text) {
  sched::SocketAddress address;
  const std::size_t size = std::min<std::size_t>(text.size(), *address.size_to_fill());
  text.copy(reinterpret_cast<char*>(address.to_fill()), size);
  *address.size_to_fill() = static_cast<socklen_t>(size);
  const Endpoint endpoint = address.endpoint();
  check(sched::SocketAddress(endpoint).endpoint() == endpoint, "an address keeps its endpoint");
  // The path "@x" is shown as the path "./@x" of the same file.
  const auto shown = Endpoint::parse(endpoint.to_string());
  check(shown && shown->to_string() == endpoint.to_string(), "an endpoint is read as it is shown");
}

void try_duration(const std::string& text) {
  const auto duration = parse_duration(text);
  check(check_duration(text).empty() == duration.has_value(), "a flag takes what is parsed");
  check(!duration || *duration >= std::chrono::milliseconds(1), "a time is positive");
}

// Reads a flag as a program does: CLI11 converts what the check has accepted.
template <class Number>
std::optional<Number> flag_of(const std::string& text, const FlagCheck& checks) {
  CLI::App app("", "program");
  Number number{};
  app.add_option("--flag", number)->check(checks);
  try {
    app.parse(std::vector<std::string>{text, "--flag"});  // CLI11 takes them from the end
    return number;
  } catch (const CLI::Error&) {
    return std::nullopt;
  }
}

void try_seconds(const std::string& text) {
  if (check_seconds(text).empty()) {
    const std::optional<double> seconds = flag_of<double>(text, check_seconds);
    check(seconds && *seconds >= 0 && *seconds <= 1e6, "a flag has the seconds that it accepts");
    const sched::Duration time = in_nanoseconds(*seconds);
    check(time.count() >= 0 && (*seconds == 0) == (time.count() == 0), "a time is positive");
  }
}

void try_number(const std::string& text) {
  const FlagCheck checks = whole_number(1);
  if (checks(text).empty()) {
    std::uint64_t number = 0;
    check(parse_number(text, number) && number >= 1, "a number is in its range");
    check(flag_of<std::uint64_t>(text, checks) == number, "a flag has the number that it accepts");
  }
}

void try_policy(const std::string& text) {
  const auto policy = simnet::NamedPolicy::parse(text);
  const auto search = SearchPlan::parse(text);
  check(!policy || !search, "a name is that of a policy or of a search");
  check(check_policy(text).empty() == (policy || search), "a flag takes what is parsed");
  if (policy) {
    check(simnet::NamedPolicy::parse(policy->to_string()) == policy, "a policy is read as named");
  }
}

void try_shard(const std::string& text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  const auto seeds = Seeds::parse(std::string_view(text).substr(0, blank));
  const auto shard = Shard::parse(std::string_view(text).substr(std::min(blank + 1, text.size())));
  check(!seeds || Seeds::parse(seeds->to_string()) == seeds, "seeds are read as they are shown");
  check(!shard || Shard::parse(shard->to_string()) == shard, "a shard is read as it is shown");
  if (seeds && shard) {
    const auto part = shard->part_of(*seeds);
    const bool within = !part || (part->first <= part->last && seeds->first <= part->first &&
                                  part->last <= seeds->last);
    check(within, "a part has seeds of the whole");
    if (part && shard->number > 1) {
      const auto before = Shard{shard->number - 1, shard->of}.part_of(*seeds);
      check(before && before->last + 1 == part->first, "a part follows the one before it");
    }
  }
}

void try_error_name(const std::string& text) {
  if (const auto error = sched::error_named(text)) {
    const std::string name = sched::error_name(*error);
    check(sched::error_named(name) == error, "an error is read as it is named");
  }
}

void try_json_text(const std::string& text) {
  simnet::JsonLine line;
  line.key(text).value(std::string_view(text));
  const auto parsed = simnet::parse_json_line(line.finish());
  const auto* fields = std::get_if<std::vector<simnet::JsonField>>(&parsed);
  check(fields != nullptr && fields->size() == 1 && fields->front().name == text &&
            fields->front().value.text == text,
        "any text is read as it was written");
}

void try_file_name(const std::string& text) {
  const bool plain = text.find('/') == std::string::npos && text != ".." && text != ".";
  check(plain || !check_file_name(text).empty(), "a plain file name stays in its folder");
}

constexpr std::array<void (*)(const std::string&), 10> readers = {
    try_endpoint, try_socket_address, try_duration,   try_seconds,   try_number,
    try_policy,   try_shard,          try_error_name, try_json_text, try_file_name};

}  // namespace
}  // namespace rehearsal::harness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rehearsal::harness::readers;
  if (size != 0) {
    // The readers are numbered by digits, so that inputs can be read.
    const std::size_t reader = (data[0] - std::size_t{'0'}) % readers.size();
    readers[reader]({reinterpret_cast<const char*>(data) + 1, size - 1});
  }
  return 0;
}
