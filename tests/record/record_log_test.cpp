// Written records can be read, whenever writing stopped; damaged ones are refused.
#include "record/record_log.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tests/record/memory_segments.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::record {
namespace {

RecordingHead head() { return {"build", "server", {}}; }

std::vector<std::byte> pattern(std::size_t size, std::uint64_t seed) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<std::byte>(seed >> 56U);
  }
  return bytes;
}

void append_message(RecordLog& log, const std::vector<std::byte>& bytes) {
  RecordHeader header{.kind = RecordKind::recv, .number = 7};
  header.value = bytes.size();
  log.append_payload(header, {}, bytes);
}

struct ReadBack {
  std::vector<std::vector<std::byte>> messages;
  std::vector<std::uint64_t> gaps;
  std::optional<RecordingError> error;
  bool whole = false;
};

ReadBack read(MemorySegments& segments) {
  segments.rewind();
  RecordingReader reader(segments);
  ReadBack back;
  for (;;) {
    const auto item = reader.next();
    if (const auto* record = std::get_if<Record>(&item)) {
      back.messages.emplace_back(record->data.begin(), record->data.end());
    } else if (const auto* gap = std::get_if<RecordingGap>(&item)) {
      back.gaps.push_back(gap->missing);
    } else if (const auto* error = std::get_if<RecordingError>(&item)) {
      back.error = *error;
      return back;
    } else {
      back.whole = std::get<RecordingEnd>(item).whole;
      return back;
    }
  }
}

TEST(RecordLog, gives_back_data_of_every_length_over_many_segments) {
  MemorySegments segments;
  std::vector<std::vector<std::byte>> messages;
  for (const std::size_t size :
       {0UL, 1UL, 7UL, 8UL, 9UL, 127UL, 128UL, 4095UL, 4096UL, 4097UL, 100'000UL, most_record_data,
        most_record_data + 1, 3 * most_record_data + 5, 3'000'000UL, 11UL}) {
    messages.push_back(pattern(size, size));
  }
  {
    RecordLog log(segments, head(), 1);
    for (const auto& message : messages) {
      append_message(log, message);
    }
  }
  const ReadBack back = read(segments);
  EXPECT_FALSE(back.error) << back.error->to_string();
  EXPECT_TRUE(back.whole);
  EXPECT_GT(segments.segments().size(), 3U);
  EXPECT_EQ(back.messages, messages);
}

// The record that closes a segment has room, wherever the last message before it ends.
TEST(RecordLog, joins_the_pieces_that_were_sent_up_to_what_was_accepted) {
  MemorySegments segments;
  RecordOptions options;
  options.keep_sent = true;
  {
    RecordLog log(segments, head(), 1, options);
    const std::array<sched::ConstBytes, 3> pieces{sched::bytes("one "), sched::bytes("two "),
                                                  sched::bytes("three")};
    log.append_sent({.kind = RecordKind::send, .number = 7, .value = 6}, pieces, 6);
  }
  const ReadBack back = read(segments);
  ASSERT_EQ(back.messages.size(), 1U) << back.error->to_string();
  EXPECT_EQ(sched::as_text(back.messages.front()), "one tw");
}

TEST(RecordLog, keeps_a_datagram_behind_its_address) {
  MemorySegments segments;
  RecordOptions options;
  options.keep_sent = true;
  const EndpointBytes to(sched::Endpoint{"127.0.0.1", 9});
  {
    RecordLog log(segments, head(), 1, options);
    log.append_datagram({.kind = RecordKind::send_to, .number = 7, .value = 4, .asked = 4},
                        to.bytes(), sched::bytes("word"));
  }
  const ReadBack back = read(segments);
  ASSERT_EQ(back.messages.size(), 1U) << back.error->to_string();
  EXPECT_EQ(endpoint_in(back.messages.front()), sched::Endpoint("127.0.0.1", 9));
  EXPECT_EQ(sched::as_text(back.messages.front()).substr(to.bytes().size()), "word");
}

TEST(RecordLog, closes_a_segment_within_its_memory) {
  for (std::size_t size = 0; size < 2 * sizeof(RecordHeader); size += record_word) {
    MemorySegments segments;
    std::vector<std::vector<std::byte>> messages = {pattern(size, 1)};
    {
      RecordLog log(segments, head(), 1);
      append_message(log, messages.back());
      while (segments.segments().size() == 1) {
        messages.push_back(pattern(sizeof(RecordHeader), messages.size()));
        append_message(log, messages.back());
      }
    }
    const ReadBack back = read(segments);
    EXPECT_FALSE(back.error) << back.error->to_string();
    EXPECT_TRUE(back.whole);
    EXPECT_EQ(back.messages, messages);
  }
}

// A killed process leaves the memory as it is at that moment.
TEST(RecordLog, can_be_read_up_to_the_last_record_at_any_moment) {
  MemorySegments segments;
  RecordLog log(segments, head(), 1);
  for (std::size_t count = 0; count < 200; ++count) {
    const ReadBack back = read(segments);
    EXPECT_FALSE(back.error);
    EXPECT_FALSE(back.whole);
    ASSERT_EQ(back.messages.size(), count);
    append_message(log, pattern(count * 37 % 9000, count));
  }
}

TEST(RecordLog, a_record_whose_first_word_is_not_there_yet_is_the_end) {
  MemorySegments segments;
  std::size_t used = 0;
  {
    RecordLog log(segments, head(), 1);
    append_message(log, pattern(10, 1));
    used = 1;
  }
  // The end record is the last one; its first word is cleared.
  auto& segment = segments.segments().front();
  const std::size_t at = segment.size() - sizeof(RecordHeader) - 8;
  std::memset(segment.data() + at, 0, 8);
  const ReadBack back = read(segments);
  EXPECT_FALSE(back.error);
  EXPECT_FALSE(back.whole);
  EXPECT_EQ(back.messages.size(), used);
}

// Returns the bytes from the record `number` on, from 1, of a segment.
std::span<std::byte> from_record(std::vector<std::byte>& segment, int number) {
  auto left = std::span(segment).subspan(recording_magic.size());
  for (; number > 1; --number) {
    std::uint32_t size = 0;
    std::memcpy(&size, left.data(), sizeof size);
    left = left.subspan(size);
  }
  return left;
}

TEST(RecordLog, ends_early_where_a_segment_has_no_record_yet) {
  MemorySegments segments;
  const RecordLog log(segments, head(), 1);
  std::memset(from_record(segments.segments().front(), 1).data(), 0, record_word);
  const ReadBack back = read(segments);
  EXPECT_FALSE(back.error);
  EXPECT_FALSE(back.whole);
}

TEST(RecordLog, drops_a_long_record_whose_rest_is_not_there_yet) {
  MemorySegments segments;
  {
    RecordLog log(segments, head(), 1);
    append_message(log, pattern(most_record_data + 1, 1));
  }
  std::memset(from_record(segments.segments().front(), 4).data(), 0, record_word);
  const ReadBack back = read(segments);
  EXPECT_FALSE(back.error);
  EXPECT_FALSE(back.whole);
  EXPECT_TRUE(back.messages.empty());
}

TEST(RecordLog, names_the_damaged_record_by_its_number_in_the_file) {
  MemorySegments segments;
  {
    RecordLog log(segments, head(), 1);
    append_message(log, pattern(21, 1));
    append_message(log, pattern(5, 2));
  }
  from_record(segments.segments().front(), 4)[sizeof(RecordHeader)] ^= std::byte{1};
  const ReadBack back = read(segments);
  ASSERT_TRUE(back.error.has_value());
  EXPECT_EQ(back.error->to_string(), "segment-0: record 4: its checksum is wrong");
  EXPECT_EQ(back.messages.size(), 1U);
}

TEST(RecordLog, refuses_a_record_of_the_file_structure_in_the_wrong_place) {
  for (const RecordKind kind : {RecordKind::head, RecordKind::more}) {
    MemorySegments segments;
    {
      RecordLog log(segments, head(), 1);
      const auto data = kind == RecordKind::head ? to_record(head()) : std::vector<std::byte>();
      log.append({.kind = kind}, data);
    }
    const ReadBack back = read(segments);
    ASSERT_TRUE(back.error.has_value()) << name(kind);
    EXPECT_EQ(back.error->to_string(), "segment-0: record 3: its data is not what its kind has");
  }
}

// Returns what is wrong with a recording of this record, or an empty text.
std::string refusal_of(const RecordHeader& header) {
  MemorySegments segments;
  {
    RecordLog log(segments, head(), 1);
    log.append(header, sched::ConstBytes());
  }
  const ReadBack back = read(segments);
  return back.error ? back.error->to_string() : std::string();
}

TEST(RecordLog, refuses_a_record_of_a_kind_that_it_does_not_know) {
  EXPECT_EQ(refusal_of({.kind = static_cast<RecordKind>(200)}),
            "segment-0: record 3: its kind, 200, is unknown");
}

TEST(RecordLog, refuses_a_time_and_a_wake_that_cannot_be) {
  const std::string refused = "segment-0: record 3: its data is not what its kind has";
  constexpr std::uint64_t beyond = std::uint64_t{1} << 62U;
  for (const RecordKind kind : {RecordKind::clock, RecordKind::turn}) {
    EXPECT_EQ(refusal_of({.kind = kind, .value = beyond}), refused);
    EXPECT_EQ(refusal_of({.kind = kind, .value = beyond - 1}), "");
  }
  EXPECT_EQ(refusal_of({.kind = RecordKind::wait, .number = -1}), refused);
  EXPECT_EQ(refusal_of({.kind = RecordKind::wait, .number = 0}), "");
  EXPECT_EQ(refusal_of({.kind = RecordKind::wait, .number = 2}), "");
  EXPECT_EQ(refusal_of({.kind = RecordKind::wait, .number = 3}), refused);
}

TEST(RecordLog, takes_a_head_that_fills_one_record) {
  MemorySegments segments;
  RecordingHead longest = head();
  longest.build.append(most_record_data - to_record(longest).size(), 'x');
  {
    const RecordLog log(segments, longest, 1);
  }
  const RecordingReader reader(segments);
  ASSERT_NE(reader.head(), nullptr);
  EXPECT_EQ(*reader.head(), longest);
}

TEST(RecordLog, every_bit_that_is_flipped_is_found_or_is_in_nothing_that_counts) {
  MemorySegments segments;
  {
    RecordLog log(segments, head(), 1);
    append_message(log, pattern(21, 1));
    append_message(log, pattern(5, 2));
  }
  const std::vector<std::byte> whole = segments.segments().front();
  const ReadBack expected = read(segments);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto& segment = segments.segments().front();
    segment = whole;
    segment[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    const ReadBack back = read(segments);
    const bool same = !back.error && back.whole && back.messages == expected.messages;
    // No checksum covers the padding of records and the word after the last record.
    const bool counts = back.error.has_value() || !same;
    if (!counts) {
      continue;
    }
    ASSERT_TRUE(back.error.has_value()) << "bit " << bit;
    EXPECT_EQ(back.error->file, "segment-0");
    EXPECT_FALSE(back.error->reason.empty());
  }
}

TEST(RecordLog, every_length_to_which_a_file_is_cut_is_an_error_or_the_whole) {
  MemorySegments segments;
  {
    RecordLog log(segments, head(), 1);
    append_message(log, pattern(21, 1));
    append_message(log, pattern(5, 2));
  }
  const std::vector<std::byte> whole = segments.segments().front();
  for (std::size_t size = 0; size + 8 < whole.size(); ++size) {
    segments.segments().front() = whole;
    segments.segments().front().resize(size);
    const ReadBack back = read(segments);
    ASSERT_TRUE(back.error.has_value()) << size;
    if (size < recording_magic.size() + record_word) {
      EXPECT_EQ(back.error->record, 1U) << size;
    }
    EXPECT_LE(back.messages.size(), 2U);
  }
  // Without the empty word behind the last record, which has no data.
  segments.segments().front() = whole;
  segments.segments().front().resize(whole.size() - record_word);
  const ReadBack back = read(segments);
  EXPECT_FALSE(back.error.has_value());
  EXPECT_TRUE(back.whole);
  EXPECT_EQ(back.messages.size(), 2U);
}

TEST(RecordLog, counts_what_it_cannot_keep_and_continues_when_it_can) {
  MemorySegments segments;
  std::vector<std::string> said;
  RecordOptions options;
  options.on_trouble = [&said](const std::string& what) { said.push_back(what); };
  segments.allow(1);
  {
    RecordLog log(segments, head(), 1, options);
    const auto message = pattern(200'000, 1);
    for (int i = 0; i < 10; ++i) {
      append_message(log, message);
      log.clock(sched::Instant(std::chrono::milliseconds(i)));
    }
    EXPECT_GT(log.lost(), 5U);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said.front(), "recording stops: there is no more");
    segments.allow(1);
    log.clock(sched::Instant(std::chrono::seconds(2)));
    append_message(log, pattern(3, 3));
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said.back(),
              "recording continues: " + std::to_string(log.lost()) + " records are missing");
  }
  const ReadBack back = read(segments);
  EXPECT_FALSE(back.error);
  EXPECT_TRUE(back.whole);
  ASSERT_EQ(back.gaps.size(), 1U);
  EXPECT_GT(back.gaps.front(), 5U);
}

TEST(RecordLog, starts_a_new_segment_when_one_is_old_enough) {
  MemorySegments segments;
  RecordOptions options;
  options.most_age = std::chrono::seconds(1);
  RecordLog log(segments, head(), 1, options);
  log.clock(sched::Instant(std::chrono::milliseconds(500)));
  EXPECT_EQ(segments.segments().size(), 1U);
  log.clock(sched::Instant(std::chrono::milliseconds(1000)));
  EXPECT_EQ(segments.segments().size(), 2U);
}

TEST(RecordLog, a_segment_of_another_recording_is_refused) {
  MemorySegments one;
  MemorySegments other;
  {
    RecordLog first(one, head(), 1);
    RecordLog second(other, head(), 2);
    for (int i = 0; i < 10; ++i) {
      append_message(first, pattern(200'000, 1));
      append_message(second, pattern(200'000, 1));
    }
  }
  one.segments()[1] = other.segments()[1];
  const ReadBack back = read(one);
  ASSERT_TRUE(back.error.has_value());
  EXPECT_EQ(back.error->to_string(),
            "segment-1: record 1: the segment belongs to another recording");
}

TEST(RecordLog, of_another_version_of_the_format_is_refused_in_one_line) {
  MemorySegments segments;
  {
    RecordLog log(segments, head(), 1);
  }
  std::vector<std::byte>& bytes = segments.segments()[0];
  // The other version uses another hash, which this reader cannot check.
  const std::int32_t version = 2;
  std::memcpy(bytes.data() + recording_magic.size() + offsetof(RecordHeader, number), &version,
              sizeof version);
  const ReadBack back = read(segments);
  ASSERT_TRUE(back.error.has_value());
  EXPECT_EQ(back.error->to_string(),
            "segment-0: recording of version 2; this program reads version 4; record it again");
}

}  // namespace
}  // namespace rehearsal::record
