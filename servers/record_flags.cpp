#include "servers/record_flags.hpp"

#include <CLI/CLI.hpp>

#include "harness/flags.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::uint64_t most_limit_mib = std::uint64_t{1} << 30U;

record::PayloadKept payload_named(const std::string& word) {
  return word == "full"   ? record::PayloadKept::full
         : word == "hash" ? record::PayloadKept::hash
                          : record::PayloadKept::none;
}

std::string check_compress(const std::string& /*text*/) {
  return record::can_compress() ? std::string() : "this program was built without zstd";
}

}  // namespace

void RecordFlags::add_to(CLI::App& app) {
  CLI::Option* record = app.add_option("--record", directory_,
                                       "Record all network input and output to DIR, for replay")
                            ->type_name("DIR");
  app.add_option("--record-payload", payload_, "Incoming bytes to record: full, hash or none")
      ->check(harness::one_of({"full", "hash", "none"}))
      ->capture_default_str()
      ->needs(record);
  app.add_flag("--record-sent", keep_sent_, "Record outgoing bytes in full instead of their hash")
      ->needs(record);
  app.add_option("--record-segment", segment_mib_, "Size of each file, in MiB")
      ->check(harness::whole_number(record::least_segment_bytes >> 20U,
                                    record::most_segment_bytes >> 20U))
      ->type_name("MIB")
      ->capture_default_str()
      ->needs(record);
  app.add_option("--record-limit", limit_mib_,
                 "Total size limit in MiB; the oldest files are overwritten")
      ->check(harness::whole_number(1, most_limit_mib))
      ->type_name("MIB")
      ->capture_default_str()
      ->needs(record);
  app.add_option("--record-age", most_age_, "Start a new file every SECONDS (0 = never)")
      ->check(harness::check_seconds)
      ->type_name("SECONDS")
      ->needs(record);
  app.add_flag("--record-compress", compress_, "Compress full files with zstd")
      ->check(check_compress)
      ->needs(record);
}

record::RecorderOptions RecordFlags::options() const {
  record::RecorderOptions options;
  options.directory = directory_;
  options.payload = payload_named(payload_);
  options.keep_sent = keep_sent_;
  options.compress = compress_;
  options.segment_bytes = segment_mib_ << 20U;
  options.most_bytes = limit_mib_ << 20U;
  options.most_age = harness::in_nanoseconds(most_age_);
  return options;
}

}  // namespace rehearsal::servers
