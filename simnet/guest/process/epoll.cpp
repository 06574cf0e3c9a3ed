#include "simnet/guest/process/epoll.hpp"

#include <algorithm>

namespace rehearsal::simnet {

namespace {

// EP_MAX_NESTS of Linux.
constexpr int most_nested = 4;
constexpr Events always = EPOLLERR | EPOLLHUP;
// What is not an event.
constexpr Events options = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;

}  // namespace

Epoll::~Epoll() {
  while (!items_.empty()) {
    forget(items_.front());
  }
}

EpollItem* Epoll::find(int number, const Description& file) {
  const auto found = std::ranges::find_if(
      items_, [&](const EpollItem& item) { return item.number == number && &item.file == &file; });
  return found == items_.end() ? nullptr : &*found;
}

int Epoll::depth(const Epoll& other) const {
  int deepest = 0;
  for (const EpollItem& item : items_) {
    if (const auto* nested = dynamic_cast<const Epoll*>(&item.file); nested != nullptr) {
      deepest = std::max(deepest, nested == &other ? most_nested : 1 + nested->depth(other));
    }
  }
  return deepest;
}

CallResult Epoll::control(int operation, int number, Description& file, const epoll_event* event) {
  if (&file == this) {
    return -EINVAL;
  }
  EpollItem* item = find(number, file);
  switch (operation) {
    case EPOLL_CTL_ADD:
      if (item != nullptr) {
        return -EEXIST;
      }
      if (const auto* nested = dynamic_cast<const Epoll*>(&file);
          nested != nullptr && nested->depth(*this) >= most_nested) {
        return -ELOOP;
      }
      items_.push_back({*this, file, number, {}});
      item = &items_.back();
      file.items_.push_back(item);
      return set(*item, *event);
    case EPOLL_CTL_MOD:
      return item == nullptr ? -ENOENT : set(*item, *event);
    case EPOLL_CTL_DEL:
      return item == nullptr ? -ENOENT : (forget(*item), 0);
    default:
      return -EINVAL;
  }
}

CallResult Epoll::set(EpollItem& item, const epoll_event& event) {
  item.wanted = event;
  item.disabled = false;
  item.file.watched(event.events);
  if ((item.file.events() & (event.events | always)) != 0) {
    put(item);
  }
  return 0;
}

void Epoll::put(EpollItem& item) {
  if (!item.ready) {
    item.ready = true;
    ready_.push_back(&item);
  }
  changed(EPOLLIN);
}

void Epoll::item_changed(EpollItem& item, Events what) {
  const Events wanted = item.wanted.events | always;
  if (!item.disabled && (what == any_event || (what & wanted) != 0)) {
    put(item);
  }
}

void Epoll::forget(EpollItem& item) {
  if (item.ready) {
    std::erase(ready_, &item);
  }
  std::erase(item.file.items_, &item);
  items_.remove_if([&](const EpollItem& one) { return &one == &item; });
}

CallResult Epoll::collect(std::span<epoll_event> into) {
  std::size_t count = 0;
  // Items that are appended meanwhile are for the next call.
  for (std::size_t left = ready_.size(); left != 0 && count < into.size(); --left) {
    EpollItem& item = *ready_.front();
    ready_.pop_front();
    item.ready = false;
    const Events found = item.file.events() & ((item.wanted.events & ~options) | always);
    if (found == 0) {
      continue;
    }
    item.file.shown();
    into[count].events = found;
    into[count++].data = item.wanted.data;
    if ((item.wanted.events & EPOLLONESHOT) != 0) {
      item.disabled = true;
    } else if ((item.wanted.events & EPOLLET) == 0) {
      item.ready = true;
      ready_.push_back(&item);
    }
    item.file.watched(item.wanted.events);
  }
  return static_cast<CallResult>(count);
}

Events Epoll::events() {
  return std::ranges::any_of(
             ready_,
             [](const EpollItem* item) {
               return (item->file.events() & ((item->wanted.events & ~options) | always)) != 0;
             })
             ? EPOLLIN | EPOLLRDNORM
             : 0;
}

}  // namespace rehearsal::simnet
