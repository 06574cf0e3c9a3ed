#include "servers/echo_program.hpp"

#include <charconv>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace rehearsal::servers {
namespace {

std::uint64_t number(const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(fmt::format("flag {}: '{}' is not a number", name, text));
  }
  return value;
}

sched::Duration duration(const std::string& name, const std::string& text) {
  return sched::Duration(static_cast<std::int64_t>(number(name, text)));
}

}  // namespace

#ifdef REHEARSAL_HAS_TLS
bool has_tls() { return true; }

void use_tls(EchoProgramOptions& options) {
  if (!options.tls_certificate.empty()) {
    tls::TlsServerOptions files;
    files.certificate = tls::Pem::file(options.tls_certificate);
    files.key = tls::Pem::file(options.tls_key);
    options.echo.tls.emplace(files);
  }
}
#else
bool has_tls() { return false; }

void use_tls(EchoProgramOptions& options) {
  sched::check(options.tls_certificate.empty(), "TLS is used only by programs that have it");
}
#endif

std::vector<std::string> to_flags(const EchoProgramOptions& options) {
  const auto count = [](sched::Duration time) { return std::to_string(time.count()); };
  std::vector<std::string> flags = {"listen",          options.listen.to_string(),
                                    "prefix",          options.echo.prefix,
                                    "max-connections", std::to_string(options.echo.max_connections),
                                    "idle-timeout-ns", count(options.echo.idle_timeout),
                                    "drain-ns",        count(options.echo.drain_timeout),
                                    "stats-ns",        count(options.statistics_every),
                                    "buffer",          std::to_string(options.echo.buffer_bytes)};
  if (!options.tls_certificate.empty()) {
    flags.insert(flags.end(), {"tls-cert", options.tls_certificate, "tls-key", options.tls_key});
  }
  return flags;
}

EchoProgramOptions echo_program_options(const record::RecordingHead& head) {
  EchoProgramOptions options;
  for (std::size_t i = 0; i + 1 < head.flags.size(); i += 2) {
    const std::string& name = head.flags[i];
    const std::string& value = head.flags[i + 1];
    if (name == "listen") {
      const auto endpoint = sched::Endpoint::parse(value);
      if (!endpoint) {
        throw std::invalid_argument(
            fmt::format("flag {}: '{}' is not ADDRESS:PORT or unix:PATH", name, value));
      }
      options.listen = *endpoint;
    } else if (name == "prefix") {
      options.echo.prefix = value;
    } else if (name == "max-connections") {
      options.echo.max_connections = number(name, value);
    } else if (name == "idle-timeout-ns") {
      options.echo.idle_timeout = duration(name, value);
    } else if (name == "drain-ns") {
      options.echo.drain_timeout = duration(name, value);
    } else if (name == "stats-ns") {
      options.statistics_every = duration(name, value);
    } else if (name == "buffer") {
      options.echo.buffer_bytes = number(name, value);
      if (options.echo.buffer_bytes == 0 || options.echo.buffer_bytes > (1U << 30U)) {
        throw std::invalid_argument(fmt::format("flag buffer: {} is not from 1 to {}",
                                                options.echo.buffer_bytes, 1U << 30U));
      }
    } else if (name == "tls-cert") {
      options.tls_certificate = value;
    } else if (name == "tls-key") {
      options.tls_key = value;
    } else {
      throw std::invalid_argument(fmt::format("unknown flag '{}'", name));
    }
  }
  if (!options.tls_certificate.empty() && !has_tls()) {
    throw std::invalid_argument("flag tls-cert: this program was built without OpenSSL");
  }
  try {
    use_tls(options);
  } catch (const std::system_error& error) {
    throw std::invalid_argument(fmt::format("flag tls-cert: {}", error.what()));
  }
  return options;
}

}  // namespace rehearsal::servers
