// LatestWorld: the place of a world in the list of the worlds of its thread, the latest first. A
// debugger, which finds nothing but functions, asks for the latest one.
#pragma once

namespace rehearsal::simnet {

class World;

class LatestWorld {
 public:
  // Returns the world that runs on this thread, or ran last, or was created last; null if none of
  // them lives.
  [[nodiscard]] static World* get();

  explicit LatestWorld(World& world);
  LatestWorld(const LatestWorld&) = delete;
  LatestWorld& operator=(const LatestWorld&) = delete;
  ~LatestWorld();
  // Notes that the world runs.
  void runs();

 private:
  void enter();
  void leave();

  World& world_;
  LatestWorld* older_ = nullptr;
};

}  // namespace rehearsal::simnet
