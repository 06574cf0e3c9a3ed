#include <chrono>
#include <exception>
#include <stdexcept>
#include <variant>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "harness/cli/recording_commands.hpp"
#include "harness/exit_status.hpp"
#include "harness/number_text.hpp"
#include "harness/recorded/recorded_scenario.hpp"
#include "realnet/clock.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

std::string difference_text(const record::ReplayDifference& difference) {
  std::string text =
      fmt::format("record {}, at {}", difference.record, in_words(difference.t.time_since_epoch()));
  if (!difference.task.empty()) {
    text += fmt::format(", task {} at {}", difference.task, difference.at);
  }
  return text +
         fmt::format("\n  recorded: {}\n  now:      {}\n", difference.recorded, difference.instead);
}

int conclude(const std::string& path, const record::Recorded& network, sched::Duration took) {
  const std::string so_far = fmt::format("{} of {} in {}", counted(network.replayed(), "record"),
                                         in_words(network.recorded_time()), in_words(took));
  const auto& ended = network.ended();
  sched::check(ended.has_value(), "a replay ends for a reason");
  if (const auto* end = std::get_if<record::RecordingEnd>(&*ended)) {
    fmt::print("{}: the same, {}{}\n", path, so_far,
               end->whole ? "" : "; the recording was cut there");
    return 0;
  }
  if (const auto* difference = std::get_if<record::ReplayDifference>(&*ended)) {
    fmt::print("FAILED {}: the same, {}, then otherwise\n{}", path, so_far,
               difference_text(*difference));
    return nondeterministic;
  }
  if (const auto* gap = std::get_if<record::RecordingGap>(&*ended)) {
    fmt::print("{}: the same, {}\n", path, so_far);
    throw BadInput(
        fmt::format("{}: {} are missing before it: the chain is cut, and what follows cannot be "
                    "replayed exactly; `run` takes the clients that were accepted after it",
                    gap->file, counted(gap->missing, "record")));
  }
  if (const auto* impossible = std::get_if<record::ReplayImpossible>(&*ended)) {
    fmt::print("{}: the same, {}\n", path, so_far);
    throw BadInput(fmt::format("{}: record {}: {}", path, impossible->record, impossible->reason));
  }
  fmt::print("{}: the same, {}, as far as it can be read\n", path, so_far);
  throw BadInput(std::get<record::RecordingError>(*ended).to_string());
}

}  // namespace

int replay_recording(const std::string& path, const RecordableServers& servers) {
  record::RecordingFiles files(path);
  record::RecordingReader reader(files);
  if (reader.head() == nullptr) {
    const auto item = reader.next();
    const auto* error = std::get_if<record::RecordingError>(&item);
    throw BadInput(error != nullptr ? error->to_string() : path + ": nothing was recorded yet");
  }
  const record::RecordingHead& head = *reader.head();
  const RecordableServer& server = server_of(path, head, servers);
  record::Recorded network(reader);
  // The server logged the same lines when it was recorded.
  spdlog::set_level(spdlog::level::off);
  const sched::Instant start = realnet::monotonic_now();
  if (!network.ended()) {
    try {
      server.replay(network, head);
      network.finish();
    } catch (const std::invalid_argument& error) {
      throw BadInput(fmt::format("{}: {}", path, error.what()));
    } catch (const std::exception&) {
      // If the network ended the replay, its reason is reported instead.
      if (!network.ended()) {
        throw;
      }
    }
  }
  return conclude(path, network, realnet::monotonic_now() - start);
}

}  // namespace rehearsal::harness
