#include "sched/io/read_buffer.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/sched/scripted_test.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::sched {
namespace {

void receive(ReadBuffer& buffer, std::string_view text) {
  while (!text.empty()) {
    const Bytes room = buffer.make_room();
    const std::size_t size = std::min(room.size(), text.size());
    std::ranges::copy(bytes(text.substr(0, size)), room.begin());
    buffer.received(size);
    text.remove_prefix(size);
  }
}

TEST(ReadBuffer, has_no_memory_while_it_is_empty) {
  ReadBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_GE(buffer.make_room().size(), ReadBuffer::first_capacity);
  buffer.received(0);
  EXPECT_TRUE(buffer.empty());
  receive(buffer, "ab");
  EXPECT_FALSE(buffer.empty());
  buffer.consume(2);
  EXPECT_TRUE(buffer.empty());
  EXPECT_TRUE(buffer.bytes().empty());
  static_assert(sizeof(ReadBuffer) == sizeof(void*));
}

TEST(ReadBuffer, moves_nothing_when_bytes_are_consumed) {
  ReadBuffer buffer;
  receive(buffer, "one two");
  const std::byte* const first = buffer.bytes().data();
  buffer.consume(4);
  EXPECT_EQ(buffer.bytes().data(), first + 4);
  EXPECT_EQ(text(buffer.bytes()), "two");
}

TEST(ReadBuffer, makes_as_much_room_as_is_wanted) {
  ReadBuffer buffer;
  buffer.append(bytes("ab"));
  const std::string large(10 * ReadBuffer::first_capacity, 'x');
  EXPECT_EQ(buffer.make_room(large.size()).size(), large.size());
  buffer.received(0);
  buffer.append(bytes(large));
  EXPECT_EQ(text(buffer.bytes()), "ab" + large);
}

TEST(ReadBuffer, moves_nothing_if_the_room_that_is_wanted_is_just_there) {
  ReadBuffer buffer;
  receive(buffer, "one two");
  const std::byte* const first = buffer.bytes().data();
  buffer.consume(4);
  const std::size_t room = buffer.make_room().size();
  EXPECT_EQ(buffer.make_room(room).data(), first + 7);
  EXPECT_EQ(buffer.bytes().data(), first + 4);
  EXPECT_EQ(buffer.make_room(room + 1).size(), room + 1);
  EXPECT_EQ(text(buffer.bytes()), "two");
}

TEST(ReadBuffer, drops_no_more_than_there_is) {
  ReadBuffer buffer;
  receive(buffer, "ab");
  EXPECT_DEATH(buffer.consume(3), "what is consumed has been received");
}

// Under any sequence of calls the buffer is a queue of bytes.
RC_GTEST_PROP(ReadBuffer, is_a_queue_of_bytes, ()) {
  ReadBuffer buffer;
  std::string model;
  unsigned next = 0;
  const int calls = *rc::gen::inRange(1, 60);
  for (int i = 0; i < calls; ++i) {
    const auto size = *rc::gen::weightedOneOf<std::size_t>(
        {{3, whole_range<std::size_t>(0, 40)}, {1, whole_range<std::size_t>(0, 9000)}});
    switch (*whole_range(0, 3)) {
      case 0: {
        std::string more(size, ' ');
        std::ranges::generate(more, [&] { return static_cast<char>(next++); });
        if (*rc::gen::arbitrary<bool>()) {
          receive(buffer, more);
        } else {
          buffer.append(bytes(more));
        }
        model += more;
        break;
      }
      case 1: {
        const std::size_t count = std::min(size, model.size());
        buffer.consume(count);
        model.erase(0, count);
        break;
      }
      default: {
        std::string taken(size, ' ');
        const std::size_t count = buffer.take(std::as_writable_bytes(std::span(taken)));
        RC_ASSERT(count == std::min(size, model.size()));
        RC_ASSERT(taken.substr(0, count) == model.substr(0, count));
        model.erase(0, count);
      }
    }
    RC_ASSERT(text(buffer.bytes()) == model);
    RC_ASSERT(buffer.empty() == model.empty());
  }
}

}  // namespace
}  // namespace rehearsal::sched
