// Console: what a program reads from std::cin and has written to std::cout, while it exists.
#pragma once

#include <iostream>
#include <sstream>
#include <string>

namespace rehearsal::guests {

class Console {
 public:
  explicit Console(const std::string& typed)
      : in_(typed),
        cin_(std::cin.rdbuf(in_.rdbuf())),
        cout_(std::cout.rdbuf(out_.rdbuf())),
        cerr_(std::cerr.rdbuf(out_.rdbuf())) {
    std::cin.clear();
  }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  ~Console() {
    std::cin.rdbuf(cin_);
    std::cout.rdbuf(cout_);
    std::cerr.rdbuf(cerr_);
  }
  [[nodiscard]] std::string written() const { return out_.str(); }

 private:
  std::istringstream in_;
  std::ostringstream out_;
  std::streambuf* cin_;
  std::streambuf* cout_;
  std::streambuf* cerr_;
};

}  // namespace rehearsal::guests
