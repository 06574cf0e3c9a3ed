#include "simnet/latest_world.hpp"

namespace rehearsal::simnet {
namespace {

// NOLINTNEXTLINE(*-non-const-global-variables)
constinit thread_local LatestWorld* latest_world = nullptr;

}  // namespace

World* LatestWorld::get() { return latest_world == nullptr ? nullptr : &latest_world->world_; }

LatestWorld::LatestWorld(World& world) : world_(world) { enter(); }
LatestWorld::~LatestWorld() { leave(); }

void LatestWorld::runs() {
  leave();
  enter();
}

void LatestWorld::enter() {
  older_ = latest_world;
  latest_world = this;
}

void LatestWorld::leave() {
  for (LatestWorld** at = &latest_world; *at != nullptr; at = &(*at)->older_) {
    if (*at == this) {
      *at = older_;
      return;
    }
  }
}

}  // namespace rehearsal::simnet
