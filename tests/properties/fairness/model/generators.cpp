#include "tests/properties/fairness/model/generators.hpp"

#include <utility>

namespace rehearsal::fairness {
namespace {

namespace gen = rc::gen;
using sched::Readiness;

template <class T>
rc::Gen<T> one_of(std::vector<T> values) {
  return gen::map(gen::inRange<std::size_t>(0, values.size()),
                  [values](std::size_t index) { return values[index]; });
}

// At most `least` elements for small sizes, and up to `most` for the largest size.
template <class T>
rc::Gen<std::vector<T>> up_to(int least, int most, const rc::Gen<T>& element) {
  return gen::withSize([=](int size) {
    const int longest = least + (most - least) * size / 100;
    return gen::resize(longest, gen::container<std::vector<T>>(gen::resize(size, element)));
  });
}

rc::Gen<Steps> steps_of(const Vocabulary& vocabulary, int depth);

rc::Gen<Step> step_of(const Vocabulary& vocabulary, int depth) {
  const auto number = gen::inRange<std::uint32_t>(0, 12);
  auto simple =
      gen::build<Step>(gen::set(&Step::action, one_of(vocabulary.simple)),
                       gen::set(&Step::which, vocabulary.which), gen::set(&Step::number, number));
  if (depth == 0 || vocabulary.with_bodies.empty()) {
    return simple;
  }
  const auto bodies = gen::container<std::vector<Steps>>(2, steps_of(vocabulary, depth - 1));
  auto with_bodies =
      gen::build<Step>(gen::set(&Step::action, one_of(vocabulary.with_bodies)),
                       gen::set(&Step::which, vocabulary.which), gen::set(&Step::number, number),
                       gen::set(&Step::bodies, bodies));
  return gen::weightedOneOf<Step>({{7, std::move(simple)}, {2, std::move(with_bodies)}});
}

rc::Gen<Steps> steps_of(const Vocabulary& vocabulary, int depth) {
  return up_to(3, depth == vocabulary.depth ? vocabulary.most_steps : 4,
               step_of(vocabulary, depth));
}

// Descriptor 3 is never open.
rc::Gen<sched::Ready> a_report() {
  const auto descriptor = gen::inRange(0, static_cast<int>(things_of_a_kind) + 1);
  const auto what = one_of<Readiness>(
      {Readiness::recv, Readiness::send, Readiness::recv | Readiness::send,
       Readiness::recv | Readiness::urgent, Readiness::hang_up, Readiness::error});
  return gen::map(gen::pair(descriptor, what), [](const std::pair<int, Readiness>& report) {
    return sched::Ready{report.first, report.second};
  });
}

rc::Gen<simnet::ScriptedWait> a_wait() {
  const auto takes = gen::map(gen::inRange(0, 6), [](int count) { return sched::Duration(count); });
  return gen::build<simnet::ScriptedWait>(
      gen::set(&simnet::ScriptedWait::ready, up_to(2, 4, a_report())),
      gen::set(&simnet::ScriptedWait::takes, takes));
}

}  // namespace

const Vocabulary& everything() {
  using enum Action;
  static const Vocabulary vocabulary{
      .simple = {yield,       sleep,      wait_recv, wait_send,     reopen,  set_event,
                 clear_event, wait_event, acquire,   acquire,       release, send,
                 send,        recv,       recv,      close_channel, produce, consume,
                 consume,     cancel,     join,      fail},
      .with_bodies = {spawn, timeout, group, first_of, supervise, clean_up},
      .depth = 2};
  return vocabulary;
}

const Vocabulary& modelled() {
  using enum Action;
  static const Vocabulary vocabulary{
      .simple = {yield,       sleep,      sleep,         wait_recv, wait_send, reopen, set_event,
                 clear_event, wait_event, acquire,       acquire,   release,   send,   send,
                 recv,        recv,       close_channel, cancel,    join,      fail},
      .with_bodies = {spawn, timeout, timeout},
      .depth = 2};
  return vocabulary;
}

Vocabulary around_socket(std::uint32_t which) {
  using enum Action;
  return {.simple = {yield, wait_recv, wait_recv, wait_recv, wait_send, wait_send, reopen, cancel},
          .with_bodies = {spawn, timeout, timeout},
          .depth = 2,
          .which = gen::just(which)};
}

Vocabulary around_event(std::uint32_t which) {
  using enum Action;
  return {.simple = {yield, set_event, clear_event, wait_event, wait_event, join, cancel, fail},
          .with_bodies = {spawn, timeout},
          .depth = 2,
          .which = gen::just(which)};
}

Vocabulary around_semaphore(std::uint32_t which) {
  using enum Action;
  return {.simple = {yield, sleep, acquire, acquire, release, release, cancel, fail},
          .with_bodies = {spawn, timeout, timeout},
          .depth = 2,
          .which = gen::just(which)};
}

Vocabulary around_channel(std::uint32_t which) {
  using enum Action;
  return {.simple = {yield, sleep, send, send, recv, recv, recv, close_channel, cancel},
          .with_bodies = {spawn, timeout},
          .depth = 2,
          .which = gen::just(which)};
}

Vocabulary around_clean_ups() {
  using enum Action;
  return {.simple = {yield, yield, sleep, wait_event, set_event, fail, cancel},
          .with_bodies = {clean_up, clean_up, timeout, group, spawn},
          .depth = 2};
}

Vocabulary around_condition() {
  using enum Action;
  return {.simple = {yield, produce, produce, consume, consume, cancel},
          .with_bodies = {spawn, timeout},
          .depth = 2};
}

Vocabulary around_timers() {
  using enum Action;
  return {.simple = {yield, sleep, sleep, sleep, cancel},
          .with_bodies = {spawn, timeout, timeout, timeout},
          .depth = 3};
}

rc::Gen<std::uint32_t> any_thing() { return gen::inRange<std::uint32_t>(0, things_of_a_kind); }

rc::Gen<Steps> body_of(const Vocabulary& vocabulary) {
  return steps_of(vocabulary, vocabulary.depth);
}

rc::Gen<Program> program_of(const Vocabulary& vocabulary) {
  return gen::build<Program>(
      gen::set(&Program::tasks, up_to(4, vocabulary.most_tasks, body_of(vocabulary))));
}

rc::Gen<Program> any_program() {
  const auto of_everything = program_of(everything());
  const auto dense = gen::mapcat(any_thing(), [](std::uint32_t which) {
    return gen::oneOf(program_of(around_socket(which)), program_of(around_event(which)),
                      program_of(around_semaphore(which)), program_of(around_channel(which)),
                      program_of(around_condition()), program_of(around_clean_ups()),
                      program_of(around_timers()));
  });
  return gen::oneOf(of_everything, dense);
}

rc::Gen<Script> any_script() {
  return gen::build<Script>(
      gen::set(&Script::waits, up_to(2, 16, a_wait())),
      gen::set(&Script::delays, up_to(0, 40, gen::inRange<std::uint32_t>(0, 5))));
}

rc::Gen<Script> script_without_delays() {
  return gen::build<Script>(gen::set(&Script::waits, up_to(2, 16, a_wait())));
}

}  // namespace rehearsal::fairness
