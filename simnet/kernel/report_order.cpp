#include "simnet/kernel/report_order.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

void reorder(Kernel& kernel, sched::ReadyList& ready) {
  struct Place {
    std::size_t place;
    std::size_t arrival;
    sched::Ready report;
  };
  std::vector<Place> places;
  Choice moved;  // the last one that deviates
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const auto ask = [&kernel](auto& socket) {
      return kernel.fabric().choices.choose(Site::order, socket.key(), socket.ordinals.reports++,
                                            UINT32_MAX, [&] { return socket.name(); });
    };
    Choice later;
    if (auto* end = kernel.find<TcpEnd>(ready[i].descriptor, OpenFile::Kind::stream);
        end != nullptr) {
      later = ask(*end);
    } else if (auto* socket = kernel.unix_socket(ready[i].descriptor); socket != nullptr) {
      later = ask(*socket);
    }
    moved = later.deviates() ? later : moved;
    places.push_back({i + later.value(), i, ready[i]});
  }
  if (moved.matters() != 0) {
    // At equal places the later arrival goes first, as in the ready queue.
    std::ranges::sort(places, [](const Place& a, const Place& b) {
      return a.place != b.place ? a.place < b.place : a.arrival > b.arrival;
    });
    std::ranges::transform(places, ready.begin(), &Place::report);
  }
}

}  // namespace rehearsal::simnet
