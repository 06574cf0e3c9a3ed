// Measures nanoseconds per resumption of an asio coroutine that yields with co_await
// asio::post(...), among 2, 1,000 and 100,000 such tasks. Prints one line of JSON.
//
// Both common forms are measured: post that names the coroutine's executor, and post that leaves
// the executor to the completion token, which takes about half the time.
//
// The clock is read inside the coroutines, when the count of resumptions passes two marks, so the
// figure excludes the start and the end of the tasks. It is the CPU time of the thread, because
// other programs may use the core.
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <asio.hpp>

namespace {

double cpu_nanoseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

struct Count {
  std::uint64_t resumptions = 0;
  std::uint64_t next_mark = 0;
  std::uint64_t last_mark = 0;
  double began = 0;
  double ended = 0;

  // Returns true if the task shall continue.
  bool add() {
    if (++resumptions < next_mark) return true;
    if (next_mark != last_mark) {
      began = cpu_nanoseconds();
      next_mark = last_mark;
      return true;
    }
    if (resumptions == last_mark) ended = cpu_nanoseconds();
    return false;
  }
};

asio::awaitable<void> yield_by_token(Count& count) {
  for (bool more = true; more;) {
    co_await asio::post(asio::use_awaitable);
    more = count.add();
  }
}

asio::awaitable<void> yield_to_executor(Count& count) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  for (bool more = true; more;) {
    co_await asio::post(executor, asio::use_awaitable);
    more = count.add();
  }
}

using Yielder = asio::awaitable<void> (*)(Count&);

double nanoseconds_per_yield(Yielder yielder, std::uint64_t tasks) {
  constexpr std::uint64_t resumptions = 2'000'000;
  asio::io_context context(1);
  const std::uint64_t warm_up = 2 * tasks;
  Count count;
  count.next_mark = warm_up;
  count.last_mark = warm_up + resumptions;
  for (std::uint64_t task = 0; task < tasks; ++task) {
    asio::co_spawn(context, yielder(count), asio::detached);
  }
  context.run();
  return (count.ended - count.began) / static_cast<double>(resumptions);
}

void print(const char* key, Yielder yielder) {
  const double few = nanoseconds_per_yield(yielder, 2);
  const double many = nanoseconds_per_yield(yielder, 1000);
  const double crowd = nanoseconds_per_yield(yielder, 100'000);
  std::printf("\"%s\": {\"2\": %.2f, \"1000\": %.2f, \"100000\": %.2f}", key, few, many, crowd);
}

}  // namespace

int main() {
  std::printf("{");
  print("yield_ns", yield_to_executor);
  std::printf(", ");
  print("yield_by_token_ns", yield_by_token);
  std::printf("}\n");
}
