// Context: runs a function on a stack of its own, in turns with the thread that owns it. Only one
// of the two runs at a time.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace rehearsal::simnet {

class Context {
 public:
  // Returns a context of the kind that stacks_of_guests() names. `body` begins at the first run().
  static std::unique_ptr<Context> make(std::function<void()> body);

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  // Drops the stack if the body has not returned: no destructor on it runs.
  virtual ~Context() = default;

  // Called by the owner: runs the body until it calls pause() or returns. Returns whether it has
  // called pause(). REQUIRES: the body has not returned.
  virtual bool run() = 0;
  // Called by the body: returns from run(). Returns when run() is called again.
  virtual void pause() = 0;

 protected:
  Context() = default;
};

// Returns the kind of the stacks of guests in this process: "threads" (baton.hpp) or "copied"
// (own_stack.hpp). It is what the environment variable REHEARSAL_GUEST_STACKS says, or else the
// fastest one that is sound here. Ends the program with one line and exit status 2 if the variable
// asks for what cannot be.
[[nodiscard]] std::string_view stacks_of_guests();
// Sets the kind for guests that begin from now on. Returns false if this program cannot have it.
bool set_stacks_of_guests(std::string_view kind);

}  // namespace rehearsal::simnet
