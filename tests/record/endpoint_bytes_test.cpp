// Endpoints in records: those of Unix sockets have a name of any length behind them.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "record/record.hpp"

namespace rehearsal::record {
namespace {

const std::vector<std::string>& all_forms() {
  static const std::vector<std::string> forms = {"127.0.0.1:25000", "[fe80::1%3]:80",
                                                 "unix:/run/x.sock", "unix:@name", "unix:"};
  return forms;
}

std::vector<std::byte> copy_of(sched::ConstBytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(EndpointBytes, hold_every_endpoint_and_return_it) {
  std::vector<std::byte> all;
  std::vector<sched::Endpoint> endpoints;
  for (const std::string& form : all_forms()) {
    endpoints.push_back(*sched::Endpoint::parse(form));
    const EndpointBytes bytes(endpoints.back());
    EXPECT_EQ(endpoint_size(bytes.bytes()), bytes.bytes().size()) << form;
    EXPECT_EQ(endpoint_in(bytes.bytes()), endpoints.back()) << form;
    all.insert(all.end(), bytes.bytes().begin(), bytes.bytes().end());
  }
  EXPECT_EQ(endpoints_in(all), endpoints);
}

TEST(EndpointBytes, are_followed_by_the_options_of_a_listener) {
  for (const std::string& form : all_forms()) {
    Record record;
    record.kind = RecordKind::listen;
    const EndpointBytes bytes(*sched::Endpoint::parse(form), RecordedOptions());
    record.data = bytes.bytes();
    EXPECT_TRUE(data_is_of_its_kind(record)) << form;
    record.data = bytes.bytes().first(bytes.bytes().size() - 1);
    EXPECT_FALSE(data_is_of_its_kind(record)) << form;
  }
}

TEST(EndpointBytes, are_followed_by_what_is_kept_of_a_datagram) {
  Record record;
  record.kind = RecordKind::send_to;
  record.how = static_cast<std::uint8_t>(PayloadKept::hash);
  const EndpointBytes bytes(sched::Endpoint{"127.0.0.1", 9});
  std::vector<std::byte> data = copy_of(bytes.bytes());
  data.resize(data.size() + sizeof(std::uint64_t));
  record.data = data;
  EXPECT_TRUE(data_is_of_its_kind(record));
  record.data = sched::ConstBytes(data).first(data.size() - 1);
  EXPECT_FALSE(data_is_of_its_kind(record));
  record.data = sched::ConstBytes(data).first(8);
  EXPECT_FALSE(data_is_of_its_kind(record)) << "no address";
}

TEST(EndpointBytes, that_are_damaged_are_no_endpoint) {
  const EndpointBytes bytes(sched::unix_path("/run/x.sock"));
  std::vector<std::byte> data = copy_of(bytes.bytes());
  EXPECT_EQ(endpoint_size(std::span(data).first(data.size() - 1)), std::nullopt) << "cut";
  EXPECT_EQ(endpoint_size(std::span(data).first(8)), std::nullopt) << "cut in its first part";
  data.back() = std::byte{0};
  EXPECT_EQ(endpoint_size(data), std::nullopt) << "a null byte in a path";
  data = copy_of(bytes.bytes());
  data[offsetof(RecordedEndpoint, family)] = std::byte{7};
  EXPECT_EQ(endpoint_size(data), std::nullopt) << "an unknown family";
  data = copy_of(bytes.bytes());
  data.resize(data.size() + 200, std::byte{'a'});
  data[offsetof(RecordedEndpoint, port)] = std::byte{200};
  EXPECT_EQ(endpoint_size(data), std::nullopt) << "a name that is too long";
}

}  // namespace
}  // namespace rehearsal::record
