#include "simnet/kernel/event_sources.hpp"

#include <algorithm>

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "sched/core/task_record.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/kernel_note.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Readiness;
using sched::Result;

namespace {

// The most milliseconds for which an address is stale.
constexpr std::uint32_t longest_stale = 1'000'000;

// Returns an address that `host` had before, and that no host has now: 10.128.0.1 for 10.0.0.1.
sched::Endpoint old_address(const Kernel& host) {
  sched::Endpoint::Bytes bytes = host.address().bytes();
  bytes[1] |= 0x80U;
  return {sched::Endpoint::Family::ipv4, bytes, 0};
}

}  // namespace

Completion::Completion(Kernel& kernel, std::uint64_t key, sched::Instant at,
                       std::function<void()> work)
    : EventSource(Kind::completion, kernel, key), work_(std::move(work)) {
  kernel.set_timer(*this, at);
}

void Completion::fire() {
  sched::touch(key());
  done_ = true;
  if (work_) {
    if (!kernel().options().isolated_tasks) {
      sched::touch(kernel().key_of(Kernel::Part::program));
    }
    work_();
  }
  if (descriptor() >= 0) {
    kernel().report(*this, sched::Readiness::recv);
  } else {
    kernel().event_sources().forget(*this);
  }
}

std::string Completion::describe() const {
  return (work_ ? "blocking work ends on " : "name resolution ends on ") +
         std::to_string(descriptor());
}

std::string DelayedReport::describe() const {
  return "report of socket " + std::to_string(descriptor_);
}

bool SignalQueue::offer(int number) {
  if (std::ranges::find(numbers_, number) == numbers_.end()) {
    return false;
  }
  if (std::ranges::find(queued_, number) == queued_.end()) {
    queued_.push_back(number);
    kernel().report(*this, sched::Readiness::recv);
  }
  return true;
}

void DelayedReport::fire() { kernel_.report_now(*this, descriptor_, what_); }

Result<Descriptor> EventSources::open(std::unique_ptr<EventSource> service) {
  sched::touch(kernel_.key_of(Kernel::Part::descriptors));
  if (kernel_.descriptors().full()) {
    return std::errc::too_many_files_open;
  }
  const Descriptor descriptor = kernel_.descriptors().open(*service);
  open_[descriptor] = std::move(service);
  return descriptor;
}

// Returns the key of signals or of an inbox that is opened now.
std::uint64_t EventSources::key_of(std::string_view what) {
  std::string name = kernel_.process() + ':';
  name.append(what);
  std::uint64_t key = sched::extend_key(sched::empty_key, name);
  kernel_.fabric().claim(key, name);
  return key;
}

// Returns the subject of a choice to let a completion come later than after `takes`.
Subject EventSources::done_after(sched::Duration takes) const {
  return {kernel_.number(), kernel_.at() + takes};
}

Result<std::vector<sched::Endpoint>> EventSources::look_up(const Kernel& host, std::uint64_t key,
                                                           std::uint32_t ordinal,
                                                           const std::string& entity) {
  Choices& choices = kernel_.fabric().choices;
  const auto name = [&] { return entity; };
  const std::uint32_t fault =
      choices.choose(Site::lookup, key, ordinal, resolve_errors.size() + 1, name).matters();
  if (fault != 0) {
    return resolve_errors[fault - 1];
  }
  const std::uint32_t stale =
      choices.choose(Site::stale, key, ordinal, longest_stale + 1, name).matters();
  if (stale != 0) {
    sched::Instant& until = stale_until_[key];
    until = std::max(until, kernel_.at() + std::chrono::milliseconds(stale));
  }
  const bool is_stale = stale_until_.size() != 0 && kernel_.at() < stale_until_[key];
  return std::vector<sched::Endpoint>{is_stale ? old_address(host) : host.address()};
}

Result<Descriptor> EventSources::resolve(std::string_view name) {
  const Kernel* host = kernel_.fabric().named(name);
  const std::string entity = kernel_.process() + ':' + std::string(name);
  const std::uint64_t key = sched::extend_key(sched::empty_key, entity);
  sched::touch(key + 1);  // apart from what choose() touches under the same name
  const std::uint32_t ordinal = lookups_[key]++;
  const std::uint32_t late =
      kernel_.fabric()
          .choices
          .choose(
              Site::resolve, key, ordinal, UINT32_MAX, [&] { return entity; },
              [this] { return done_after(kernel_.options().resolving_takes); })
          .matters();
  const auto takes = kernel_.options().resolving_takes + std::chrono::microseconds(late);
  auto completion =
      std::make_unique<Completion>(kernel_, draw(key, 1, ordinal), kernel_.at() + takes, nullptr);
  if (host != nullptr) {
    completion->addresses = look_up(*host, key, ordinal, entity);
  } else {
    completion->addresses = std::errc::no_such_device_or_address;
  }
  return note(kernel_, Op::resolve, -1, key, open(std::move(completion)));
}

Result<std::vector<sched::Endpoint>> EventSources::resolved(Descriptor descriptor) {
  kernel_.touch(descriptor);
  const auto* completion = kernel_.find<Completion>(descriptor, OpenFile::Kind::completion);
  sched::check(completion != nullptr, "resolved() is asked of a look-up");
  if (!completion->ready()) {
    return sched::would_block;
  }
  return completion->addresses;
}

Result<Descriptor> EventSources::start_blocking(std::function<void()> work) {
  sched::check(kernel_.task() != nullptr, "blocking work is started by a task");
  const std::uint64_t key = kernel_.task()->key();
  const std::uint32_t ordinal = works_[key]++;
  const std::uint32_t late =
      kernel_.fabric()
          .choices
          .choose(
              Site::blocking, key, ordinal, UINT32_MAX, [this] { return kernel_.task()->path(); },
              [this] { return done_after(kernel_.options().blocking_takes); })
          .matters();
  const auto takes = kernel_.options().blocking_takes + std::chrono::microseconds(late);
  return note(kernel_, Op::start_blocking, -1, key,
              open(std::make_unique<Completion>(kernel_, draw(key, 2, ordinal),
                                                kernel_.at() + takes, std::move(work))));
}

Result<Descriptor> EventSources::signals(std::span<const int> numbers) {
  return note(kernel_, Op::signals, -1, kernel_.key(),
              open(std::make_unique<SignalQueue>(
                  kernel_, key_of("signals"), std::vector<int>(numbers.begin(), numbers.end()))));
}

Result<int> EventSources::next_signal(Descriptor descriptor) {
  kernel_.touch(descriptor);
  auto* queue = kernel_.find<SignalQueue>(descriptor, OpenFile::Kind::signals);
  sched::check(queue != nullptr, "next_signal() is asked of signals");
  if (!queue->ready()) {
    return sched::would_block;
  }
  return note(kernel_, Op::next_signal, descriptor, kernel_.key(), Result<int>(queue->take()));
}

Result<Descriptor> EventSources::inbox(std::string_view name) {
  return note(kernel_, Op::inbox, -1, sched::extend_key(kernel_.key(), name),
              open(std::make_unique<MessageQueue>(kernel_, key_of("inbox/" + std::string(name)),
                                                  std::string(name))));
}

Result<sched::Message> EventSources::next_message(Descriptor descriptor) {
  kernel_.touch(descriptor);
  auto* queue = kernel_.find<MessageQueue>(descriptor, OpenFile::Kind::inbox);
  sched::check(queue != nullptr, "next_message() is asked of an inbox");
  if (!queue->ready()) {
    return sched::would_block;
  }
  Result<sched::Message> message = queue->take();
  kernel_.fabric().note({Op::next_message, kernel_.number(), descriptor, kernel_.at(),
                         kernel_.key(), message.value().size(), message.value()});
  return message;
}

void EventSources::raise(int signal) {
  sched::touch(sched::everything);
  for (auto& [descriptor, service] : open_) {
    if (service->kind() == OpenFile::Kind::signals &&
        static_cast<SignalQueue&>(*service).offer(signal)) {
      return;
    }
  }
}

void EventSources::post(std::string_view inbox, sched::Message message) {
  sched::touch(sched::everything);
  for (auto& [descriptor, service] : open_) {
    if (service->kind() == OpenFile::Kind::inbox) {
      auto& queue = static_cast<MessageQueue&>(*service);
      if (queue.name() == inbox) {
        queue.push(std::move(message));
        kernel_.report(queue, Readiness::recv);
        return;
      }
    }
  }
}

void EventSources::close(EventSource& source, Descriptor descriptor) {
  const auto place = open_.find(descriptor);
  if (source.kind() == OpenFile::Kind::completion &&
      static_cast<Completion&>(source).has_work_left()) {
    abandoned_.push_back(std::move(place->second));
  }
  open_.erase(place);
}

void EventSources::forget(const Completion& done) {
  const auto place = std::ranges::find(abandoned_, &done, &std::unique_ptr<EventSource>::get);
  const std::unique_ptr<EventSource> last = std::move(*place);
  abandoned_.erase(place);
}

}  // namespace rehearsal::simnet
