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
  const std::string so_far = fmt::format("{} ({}) in {}", counted(network.replayed(), "record"),
                                         in_words(network.recorded_time()), in_words(took));
  const auto& ended = network.ended();
  sched::check(ended.has_value(), "a replay ends for a reason");
  if (const auto* end = std::get_if<record::RecordingEnd>(&*ended)) {
    fmt::print("{}: identical for {}{}\n", path, so_far,
               end->whole ? "" : "; the recording is cut off there");
    return 0;
  }
  if (const auto* difference = std::get_if<record::ReplayDifference>(&*ended)) {
    fmt::print("FAILED {}: identical for {}, then diverged\n{}", path, so_far,
               difference_text(*difference));
    return nondeterministic;
  }
  if (const auto* gap = std::get_if<record::RecordingGap>(&*ended)) {
    fmt::print("{}: identical for {}\n", path, so_far);
    throw BadInput(
        fmt::format("{}: {} missing before this file, so exact replay stops here; `run` can still "
                    "use the clients accepted later",
                    gap->file, counted(gap->missing, "record")));
  }
  if (const auto* impossible = std::get_if<record::ReplayImpossible>(&*ended)) {
    fmt::print("{}: identical for {}\n", path, so_far);
    throw BadInput(fmt::format("{}: record {}: {}", path, impossible->record, impossible->reason));
  }
  fmt::print("{}: identical for {}, up to the unreadable part\n", path, so_far);
  throw BadInput(std::get<record::RecordingError>(*ended).to_string());
}

}  // namespace

int replay_recording(const std::string& path, const RecordableServers& servers) {
  record::RecordingFiles files(path);
  record::RecordingReader reader(files);
  if (reader.head() == nullptr) {
    const auto item = reader.next();
    const auto* error = std::get_if<record::RecordingError>(&item);
    throw BadInput(error != nullptr ? error->to_string() : path + ": the recording is empty");
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
