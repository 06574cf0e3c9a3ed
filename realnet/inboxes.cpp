#include "realnet/inboxes.hpp"

#include <unistd.h>

#include <utility>

#include "realnet/event_descriptor.hpp"

namespace rehearsal::realnet {

using sched::Descriptor;
using sched::Message;
using sched::Result;

Inboxes::~Inboxes() {
  for (const auto& [descriptor, inbox] : open_) {
    ::close(descriptor);
  }
}

Result<Descriptor> Inboxes::open(std::string_view name) {
  const std::lock_guard lock(mutex_);
  Inbox& inbox = inboxes_[std::string(name)];
  if (inbox.event >= 0) {
    return std::errc::device_or_resource_busy;
  }
  const auto event = open_event_descriptor(!inbox.messages.empty());
  if (event.ok()) {
    inbox.event = event.value();
    open_.emplace(event.value(), &inbox);
  }
  return event;
}

Result<Message> Inboxes::next(Descriptor descriptor) {
  const std::lock_guard lock(mutex_);
  const auto open = open_.find(descriptor);
  if (open == open_.end()) {
    return std::errc::bad_file_descriptor;
  }
  std::deque<Message>& messages = open->second->messages;
  if (messages.empty()) {
    clear_event(descriptor);
    return sched::would_block;
  }
  Message message = std::move(messages.front());
  messages.pop_front();
  return message;
}

void Inboxes::close(Descriptor descriptor) {
  const std::lock_guard lock(mutex_);
  const auto open = open_.find(descriptor);
  open->second->event = -1;
  open_.erase(open);
  ::close(descriptor);
}

Result<> Inboxes::post(std::string_view name, sched::ConstBytes message) {
  Message copy(message.begin(), message.end());
  const std::lock_guard lock(mutex_);
  auto found = inboxes_.find(name);
  if (found == inboxes_.end()) {
    found = inboxes_.try_emplace(std::string(name)).first;
  }
  Inbox& inbox = found->second;
  if (inbox.messages.size() >= max_waiting) {
    return std::errc::no_buffer_space;
  }
  inbox.messages.push_back(std::move(copy));
  if (inbox.event >= 0 && inbox.messages.size() == 1) {
    raise_event(inbox.event);
  }
  return {};
}

}  // namespace rehearsal::realnet
