#include "harness/gtest/assertions.hpp"

namespace rehearsal::harness {

// NOLINTNEXTLINE(misc-unconventional-assign-operator): as GoogleTest's
void FailsTask::operator=(const testing::Message& streamed) const {
  testing::internal::AssertHelper(testing::TestPartResult::kFatalFailure, file_, line_, message_) =
      streamed;
  throw simnet::NotedFailure();
}

}  // namespace rehearsal::harness
