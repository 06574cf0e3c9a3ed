// Epoll: an epoll instance, with the ready list of epoll(7) in Linux: an item enters the list when
// its file changes; a wait takes items from the front, asks each file for its events, and appends
// level-triggered items that had some.
#pragma once

#include <sys/epoll.h>

#include <list>
#include <memory>
#include <span>

#include "simnet/guest/process/description.hpp"

namespace rehearsal::simnet {

class Epoll;

// A file that an epoll instance watches, under one of its descriptors.
struct EpollItem {
  Epoll& epoll;
  Description& file;
  int number;
  epoll_event wanted;
  bool ready = false;     // in the ready list
  bool disabled = false;  // EPOLLONESHOT has fired
};

class Epoll final : public Description {
 public:
  Epoll() = default;
  ~Epoll() override;

  // epoll_ctl(2) for the file that is open as `number`.
  CallResult control(int operation, int number, Description& file, const epoll_event* event);
  // Stores what is ready, at most into.size() events. Returns how many.
  CallResult collect(std::span<epoll_event> into);
  [[nodiscard]] Events events() override;

  // Called by the file of an item.
  void item_changed(EpollItem& item, Events what);
  void forget(EpollItem& item);

 private:
  [[nodiscard]] EpollItem* find(int number, const Description& file);
  // Returns how deep epoll instances watch each other below this one; too_deep if this watches
  // `other`.
  [[nodiscard]] int depth(const Epoll& other) const;
  void put(EpollItem& item);
  CallResult set(EpollItem& item, const epoll_event& event);

  std::list<EpollItem> items_;
  std::list<EpollItem*> ready_;
};

}  // namespace rehearsal::simnet
