#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <variant>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "harness/cli/recording_commands.hpp"
#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "realnet/clock.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

class Replay {
 public:
  Replay(const std::string& program, const std::string& path)
      : program_(program), path_(path), files_(path), reader_(files_) {}

  int run(const RecordableServers& servers);

 private:
  int conclude(const sched::Recorded& network, sched::Duration took) const;
  [[nodiscard]] int refuse(const std::string& what) const {
    std::fflush(stdout);
    return harness::refuse(program_, what);
  }

  const std::string& program_;
  const std::string& path_;
  record::RecordingFiles files_;
  sched::RecordingReader reader_;
};

int Replay::run(const RecordableServers& servers) {
  if (reader_.head() == nullptr) {
    const auto item = reader_.next();
    const auto* error = std::get_if<sched::RecordingError>(&item);
    return refuse(error != nullptr ? error->to_string() : path_ + ": nothing was recorded yet");
  }
  const sched::RecordingHead& head = *reader_.head();
  const auto server = std::ranges::find(servers, head.server, &RecordableServer::name);
  if (server == servers.end()) {
    return refuse(fmt::format("{}: it is of the server '{}', which this program does not have",
                              path_, head.server));
  }
  sched::Recorded network(reader_);
  // What the server logged stands in its log.
  spdlog::set_level(spdlog::level::off);
  const sched::Instant start = realnet::monotonic_now();
  if (!network.ended()) {
    try {
      server->replay(network, head);
      network.finish();
    } catch (const std::invalid_argument& error) {
      return refuse(fmt::format("{}: {}", path_, error.what()));
    } catch (const std::exception&) {
      // Where the network has ended it, that says why.
      if (!network.ended()) {
        throw;
      }
    }
  }
  return conclude(network, realnet::monotonic_now() - start);
}

std::string difference_text(const sched::ReplayDifference& difference) {
  std::string text =
      fmt::format("record {}, at {}", difference.record, in_words(difference.t.time_since_epoch()));
  if (!difference.task.empty()) {
    text += fmt::format(", task {} at {}", difference.task, difference.at);
  }
  return text +
         fmt::format("\n  recorded: {}\n  now:      {}\n", difference.recorded, difference.instead);
}

int Replay::conclude(const sched::Recorded& network, sched::Duration took) const {
  const std::string so_far = fmt::format("{} of {} in {}", counted(network.replayed(), "record"),
                                         in_words(network.recorded_time()), in_words(took));
  const auto& ended = network.ended();
  sched::check(ended.has_value(), "a replay ends for a reason");
  if (const auto* end = std::get_if<sched::RecordingEnd>(&*ended)) {
    fmt::print("{}: the same, {}{}\n", path_, so_far,
               end->whole ? "" : "; the recording was cut there");
    return 0;
  }
  if (const auto* difference = std::get_if<sched::ReplayDifference>(&*ended)) {
    fmt::print("FAILED {}: the same, {}, then otherwise\n{}", path_, so_far,
               difference_text(*difference));
    return nondeterministic;
  }
  if (const auto* gap = std::get_if<sched::RecordingGap>(&*ended)) {
    fmt::print("{}: the same, {}\n", path_, so_far);
    return refuse(
        fmt::format("{}: {} are missing before it: the chain is cut, and what follows cannot be "
                    "replayed exactly; `run` takes the clients that were accepted after it",
                    gap->file, counted(gap->missing, "record")));
  }
  if (const auto* impossible = std::get_if<sched::ReplayImpossible>(&*ended)) {
    fmt::print("{}: the same, {}\n", path_, so_far);
    return refuse(fmt::format("{}: record {}: {}", path_, impossible->record, impossible->reason));
  }
  fmt::print("{}: the same, {}, as far as it can be read\n", path_, so_far);
  return refuse(std::get<sched::RecordingError>(*ended).to_string());
}

}  // namespace

int replay_recording(const std::string& program, const std::string& path,
                     const RecordableServers& servers) {
  return Replay(program, path).run(servers);
}

}  // namespace rehearsal::harness
