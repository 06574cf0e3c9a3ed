#include "servers/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "servers/serve.hpp"

namespace rehearsal::servers {
namespace {

constexpr int bad_input = 2;
constexpr std::uint64_t most_seconds = 1'000'000;
constexpr std::uint64_t most_connections = 1'000'000'000;
constexpr std::uint64_t most_buffer_bytes = 1U << 30U;

// What the flags say, in the units of the flags.
struct ServeFlags {
  std::string listen = "127.0.0.1:25000";
  std::string source = "select";
  std::string prefix;
  std::size_t max_connections = 0;
  double idle_timeout = 0;
  double drain_timeout = 10;
  double statistics_every = 0;
  double watchdog_limit = 0;
  std::size_t buffer_bytes = EchoOptions{}.buffer_bytes;
  std::string log_level = "info";
};

// Rounded up: what is more than nothing stays so.
sched::Duration nanoseconds(double seconds) {
  return std::chrono::ceil<sched::Duration>(std::chrono::duration<double>(seconds));
}

// A check says what is wrong with the text of a flag, and nothing where it is right.
using Check = std::function<std::string(const std::string& text)>;

std::string check_endpoint(const std::string& text) {
  return sched::Endpoint::parse(text)
             ? std::string()
             : fmt::format("'{}' is not ADDRESS:PORT, as in 127.0.0.1:25000 or [::1]:25000", text);
}

// Whether all of `text` is a number of this type between the two.
template <class Number>
bool is_number(std::string_view text, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= least &&
         value <= most;
}

std::string check_seconds(const std::string& text) {
  return is_number(text, 0.0, static_cast<double>(most_seconds))
             ? std::string()
             : fmt::format("'{}' is not a number of seconds from 0 to {}", text, most_seconds);
}

Check whole_number(std::uint64_t least, std::uint64_t most) {
  return [=](const std::string& text) {
    return is_number(text, least, most)
               ? std::string()
               : fmt::format("'{}' is not a whole number from {} to {}", text, least, most);
  };
}

Check one_of(const std::vector<std::string>& words) {
  return [=](const std::string& text) {
    return std::find(words.begin(), words.end(), text) != words.end()
               ? std::string()
               : fmt::format("'{}' is not one of {}", text, fmt::join(words, ", "));
  };
}

void add_serve_flags(CLI::App& echo, ServeFlags& flags) {
  echo.add_option("--listen", flags.listen, "Where to listen; port 0 picks one and prints it")
      ->type_name("ADDRESS:PORT")
      ->check(check_endpoint)
      ->capture_default_str();
  echo.add_option("--source", flags.source, "How to wait for readiness: select or epoll")
      ->check(one_of({"select", "epoll"}))
      ->capture_default_str();
  echo.add_option("--prefix", flags.prefix, "Sent before each piece that is echoed");
  echo.add_option("--max-connections", flags.max_connections,
                  "Clients served at once, 0 for no limit; the others wait")
      ->check(whole_number(0, most_connections))
      ->capture_default_str();
  echo.add_option("--idle-timeout", flags.idle_timeout,
                  "Sends away a client that is idle for so many seconds, 0 for never")
      ->check(check_seconds)
      ->capture_default_str();
  echo.add_option("--drain-timeout", flags.drain_timeout,
                  "Seconds that sessions may go on after SIGTERM")
      ->check(check_seconds)
      ->capture_default_str();
  echo.add_option("--stats", flags.statistics_every, "Logs statistics every so many seconds")
      ->check(check_seconds)
      ->type_name("SECONDS");
  echo.add_option("--watchdog", flags.watchdog_limit,
                  "Names a task that holds the loop longer than so many seconds")
      ->check(check_seconds)
      ->type_name("SECONDS");
  echo.add_option("--buffer", flags.buffer_bytes, "Bytes of each session's buffer")
      ->check(whole_number(1, most_buffer_bytes))
      ->capture_default_str();
  echo.add_option("--log-level", flags.log_level, "debug, info, warn or error")
      ->check(one_of({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

int serve_with(const ServeFlags& flags) {
  spdlog::set_default_logger(spdlog::stderr_logger_st("rehearsal"));
  spdlog::set_level(spdlog::level::from_str(flags.log_level));
  ServeOptions options;
  options.listen = *sched::Endpoint::parse(flags.listen);
  options.source = flags.source == "select" ? SourceKind::select : SourceKind::epoll;
  options.statistics_every = nanoseconds(flags.statistics_every);
  options.watchdog_limit = nanoseconds(flags.watchdog_limit);
  options.echo.prefix = flags.prefix;
  if (flags.max_connections != 0) {
    options.echo.max_connections = flags.max_connections;
  }
  options.echo.idle_timeout = nanoseconds(flags.idle_timeout);
  options.echo.drain_timeout = nanoseconds(flags.drain_timeout);
  options.echo.buffer_bytes = flags.buffer_bytes;
  return serve_echo(options);
}

// CLI11 may give several lines; the first says what was wrong.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Network servers over a scheduler that can be rehearsed", "rehearsal");
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Run a server on the real network");
  serve->require_subcommand(1);
  CLI::App* echo = serve->add_subcommand("echo", "Send every byte back to who sent it");
  ServeFlags flags;
  add_serve_flags(*echo, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "rehearsal: {}\n", first_line(error.what()));
    return bad_input;
  }
  return serve_with(flags);
}

}  // namespace rehearsal::servers
