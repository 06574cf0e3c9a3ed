#include "servers/command_line.hpp"

#include <cstdint>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "harness/cli/scenario_commands.hpp"
#include "harness/exit_status.hpp"
#include "harness/flags.hpp"
#include "servers/echo_scenarios.hpp"
#include "servers/record_flags.hpp"
#include "servers/recordable_echo.hpp"
#include "servers/serve.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::uint64_t most_connections = 1'000'000'000;
constexpr std::uint64_t most_buffer_bytes = 1U << 30U;

// The values of the flags of `serve`, in the units of the flags.
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
  std::string tls_certificate;
  std::string tls_key;
  std::string log_level = "info";
  RecordFlags record;
};

std::string check_tls(const std::string& /*text*/) {
  return has_tls() ? std::string() : "this program was built without OpenSSL";
}

void add_tls_flags(CLI::App& echo, ServeFlags& flags) {
  CLI::Option* certificate =
      echo.add_option("--tls-cert", flags.tls_certificate,
                      "Speak TLS with the certificate in FILE, and those behind it (PEM)")
          ->type_name("FILE")
          ->check(check_tls);
  CLI::Option* key = echo.add_option("--tls-key", flags.tls_key, "Private key of --tls-cert (PEM)")
                         ->type_name("FILE")
                         ->check(check_tls)
                         ->needs(certificate);
  certificate->needs(key);
}

void add_serve_flags(CLI::App& echo, ServeFlags& flags) {
  echo.add_option("--listen", flags.listen,
                  "Where to listen, or unix:PATH; port 0 picks one and prints it")
      ->type_name("ADDRESS:PORT")
      ->check(harness::check_endpoint)
      ->capture_default_str();
  echo.add_option("--source", flags.source, "Event source: select or epoll")
      ->check(harness::one_of({"select", "epoll"}))
      ->capture_default_str();
  echo.add_option("--prefix", flags.prefix, "Text sent before each chunk that is echoed");
  echo.add_option("--max-connections", flags.max_connections,
                  "Maximum clients served at once (0 = no limit); others wait")
      ->check(harness::whole_number(0, most_connections))
      ->capture_default_str();
  echo.add_option("--idle-timeout", flags.idle_timeout,
                  "Disconnect a client after SECONDS idle (0 = never)")
      ->check(harness::check_seconds)
      ->capture_default_str();
  echo.add_option("--drain-timeout", flags.drain_timeout,
                  "Seconds that sessions may continue after SIGTERM")
      ->check(harness::check_seconds)
      ->capture_default_str();
  echo.add_option("--stats", flags.statistics_every, "Log statistics every SECONDS")
      ->check(harness::check_seconds)
      ->type_name("SECONDS");
  echo.add_option("--watchdog", flags.watchdog_limit,
                  "Report a task that holds the loop longer than SECONDS")
      ->check(harness::check_seconds)
      ->type_name("SECONDS");
  echo.add_option("--buffer", flags.buffer_bytes, "Buffer size of each session, in bytes")
      ->check(harness::whole_number(1, most_buffer_bytes))
      ->capture_default_str();
  add_tls_flags(echo, flags);
  flags.record.add_to(echo);
  echo.add_option("--log-level", flags.log_level, "Log level: debug, info, warn or error")
      ->check(harness::one_of({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

int serve_with(const ServeFlags& flags) {
  spdlog::set_default_logger(spdlog::stderr_logger_st("rehearsal"));
  spdlog::set_level(spdlog::level::from_str(flags.log_level));
  ServeOptions options;
  options.program.listen = *sched::Endpoint::parse(flags.listen);
  options.source = flags.source == "select" ? SourceKind::select : SourceKind::epoll;
  options.program.statistics_every = harness::in_nanoseconds(flags.statistics_every);
  options.watchdog_limit = harness::in_nanoseconds(flags.watchdog_limit);
  options.program.echo.prefix = flags.prefix;
  if (flags.max_connections != 0) {
    options.program.echo.max_connections = flags.max_connections;
  }
  options.program.echo.idle_timeout = harness::in_nanoseconds(flags.idle_timeout);
  options.program.echo.drain_timeout = harness::in_nanoseconds(flags.drain_timeout);
  options.program.echo.buffer_bytes = flags.buffer_bytes;
  options.record = flags.record.options();
  options.program.tls_certificate = flags.tls_certificate;
  options.program.tls_key = flags.tls_key;
  try {
    use_tls(options.program);
  } catch (const std::system_error& error) {
    fmt::print(stderr, "rehearsal: {}\n", error.what());
    return harness::bad_input;
  }
  return serve_echo(options);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Network servers, and their tests in a simulated network", "rehearsal");
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Run a server on real sockets");
  serve->require_subcommand(1);
  CLI::App* echo = serve->add_subcommand("echo", "Echo server (RFC 862)");
  ServeFlags flags;
  add_serve_flags(*echo, flags);
  harness::ScenarioCommands scenarios(app, argv[0], echo_scenarios(), {recordable_echo()});
  int status = 0;
  if (!harness::parsed(app, argc, argv, status)) {
    return status;
  }
  return serve->parsed() ? serve_with(flags) : scenarios.run();
}

}  // namespace rehearsal::servers
