#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "realnet/thread_pool.hpp"
#include "tests/open_files_limit.hpp"
#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

bool becomes_readable(Descriptor descriptor) { return readable(descriptor, patience()); }

// Work that blocks until it is released, and reports when it has begun.
class Gate {
 public:
  std::function<void()> work() {
    return [state = state_] {
      ++state->begun;
      state->open.get_future().wait();
      ++state->done;
    };
  }
  void wait_until_begun() const {
    while (state_->begun == 0) {
      std::this_thread::sleep_for(1ms);
    }
  }
  void open() { state_->open.set_value(); }
  [[nodiscard]] int done() const { return state_->done; }

 private:
  struct State {
    std::promise<void> open;
    std::atomic<int> begun = 0;
    std::atomic<int> done = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class BlockingTest : public Guarded {};

TEST_F(BlockingTest, is_readable_when_the_work_has_returned) {
  ThreadPool blocking;
  Gate gate;
  const Descriptor descriptor = blocking.start(gate.work()).value();
  gate.wait_until_begun();
  EXPECT_FALSE(readable(descriptor));
  EXPECT_EQ(blocking.finished(descriptor).error(), sched::would_block);
  gate.open();
  EXPECT_TRUE(becomes_readable(descriptor));
  EXPECT_TRUE(blocking.finished(descriptor).ok());
  EXPECT_EQ(gate.done(), 1);
  blocking.close(descriptor);
  EXPECT_EQ(blocking.finished(descriptor).error(), std::errc::bad_file_descriptor);
}

TEST_F(BlockingTest, the_work_is_destroyed_before_it_counts_as_finished) {
  ThreadPool blocking;
  const auto shared = std::make_shared<int>(0);
  const Descriptor descriptor = blocking.start([shared] { *shared = 7; }).value();
  EXPECT_TRUE(becomes_readable(descriptor));
  EXPECT_TRUE(blocking.finished(descriptor).ok());
  EXPECT_EQ(*shared, 7);
  EXPECT_EQ(shared.use_count(), 1);
}

TEST_F(BlockingTest, runs_side_by_side_as_many_as_there_are_threads_and_all_in_the_end) {
  ThreadPool blocking;
  std::array<Gate, ThreadPool::max_threads> gates;
  std::vector<Descriptor> descriptors;
  descriptors.reserve(gates.size() + 100);
  for (Gate& gate : gates) {
    descriptors.push_back(blocking.start(gate.work()).value());
  }
  for (Gate& gate : gates) {
    gate.wait_until_begun();
  }
  std::atomic<int> done = 0;
  for (int i = 0; i < 100; ++i) {
    descriptors.push_back(blocking.start([&done] { ++done; }).value());
  }
  EXPECT_EQ(done, 0) << "every thread is taken";
  for (Gate& gate : gates) {
    gate.open();
  }
  for (const Descriptor descriptor : descriptors) {
    EXPECT_TRUE(becomes_readable(descriptor));
  }
  EXPECT_EQ(done, 100);
}

TEST_F(BlockingTest, an_idle_thread_is_counted_on_by_one_piece_of_work_only) {
  for (int i = 0; i < 20; ++i) {
    ThreadPool blocking;
    EXPECT_TRUE(becomes_readable(blocking.start([] {}).value()));
    Gate first;
    Gate second;
    EXPECT_TRUE(blocking.start(first.work()).ok());
    EXPECT_TRUE(blocking.start(second.work()).ok());
    second.wait_until_begun();
    first.wait_until_begun();
    second.open();
    first.open();
  }
}

TEST_F(BlockingTest, closed_early_it_never_writes_to_the_next_owner_of_the_number) {
  std::optional<ThreadPool> blocking(std::in_place);
  Gate gate;
  const Descriptor closed = blocking->start(gate.work()).value();
  gate.wait_until_begun();
  blocking->close(closed);
  const Descriptor heir = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  ASSERT_EQ(heir, closed);
  gate.open();
  blocking.reset();  // joins
  EXPECT_EQ(gate.done(), 1);
  EXPECT_FALSE(readable(heir));
  ::close(heir);
}

TEST_F(BlockingTest, work_that_has_not_begun_is_dropped_with_its_descriptor) {
  ThreadPool blocking;
  std::array<Gate, ThreadPool::max_threads> gates;
  for (Gate& gate : gates) {
    EXPECT_TRUE(blocking.start(gate.work()).ok());
  }
  const auto owned = std::make_shared<int>(0);
  const Descriptor dropped = blocking.start([owned] { *owned = 1; }).value();
  EXPECT_EQ(owned.use_count(), 2);
  blocking.close(dropped);
  EXPECT_EQ(owned.use_count(), 1);
  for (Gate& gate : gates) {
    gate.open();
  }
  EXPECT_TRUE(becomes_readable(blocking.start([] {}).value()));
  EXPECT_EQ(*owned, 0);
}

TEST_F(BlockingTest, the_end_waits_for_what_has_begun_and_drops_the_rest) {
  std::optional<ThreadPool> blocking(std::in_place);
  std::array<Gate, ThreadPool::max_threads> gates;
  for (Gate& gate : gates) {
    EXPECT_TRUE(blocking->start(gate.work()).ok());
    gate.wait_until_begun();
  }
  bool ran = false;
  EXPECT_TRUE(blocking->start([&ran] { ran = true; }).ok());
  std::thread later([&gates] {
    std::this_thread::sleep_for(20ms);
    for (Gate& gate : gates) {
      gate.open();
    }
  });
  blocking.reset();
  for (const Gate& gate : gates) {
    EXPECT_EQ(gate.done(), 1);
  }
  EXPECT_FALSE(ran);
  later.join();
}

TEST_F(BlockingTest, refused_without_a_descriptor_the_work_is_not_kept) {
  ThreadPool blocking;
  const auto owned = std::make_shared<int>(0);
  OpenFilesLimit limit;
  limit.set(0);
  EXPECT_EQ(blocking.start([owned] { *owned = 1; }).error(), std::errc::too_many_files_open);
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(*owned, 0);
}

template <class Net>
class BlockingOver : public OverKernel<Net> {};
TYPED_TEST_SUITE(BlockingOver, BothNetworks, NetworkNames);

TYPED_TEST(BlockingOver, the_loop_continues_while_work_blocks) {
  sched::Host<TypeParam> host(this->net_);
  Gate gate;
  std::string order;
  auto blocked = host.spawn("blocked", [&]() -> sched::Task<> {
    const auto work = gate.work();
    co_await host.run_blocking(work);
    order += "blocked ";
  });
  auto other = host.spawn("other", [&]() -> sched::Task<> {
    co_await sched::sleep_for(5ms);
    order += "other ";
    gate.open();
  });
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  EXPECT_EQ(order, "other blocked ");
}

TYPED_TEST(BlockingOver, a_cancelled_caller_leaves_its_work_to_end_alone) {
  Gate gate;
  sched::Host<TypeParam> host(this->net_);
  auto caller = host.spawn("caller", [&]() -> sched::Task<> {
    const auto work = gate.work();
    co_await host.run_blocking(work);
  });
  host.run_until(this->net_.now() + 5ms);
  gate.wait_until_begun();
  caller.cancel();
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  gate.open();
}

}  // namespace
}  // namespace rehearsal::realnet
