#include "simnet/guest/process/descriptor_table.hpp"

#include <algorithm>
#include <utility>

namespace rehearsal::simnet {

const std::shared_ptr<Description>& DescriptorTable::shared(int number) const {
  static const std::shared_ptr<Description> none;
  const auto place = static_cast<std::size_t>(number - first);
  return number >= first && place < entries_.size() ? entries_[place].file : none;
}

DescriptorTable::Entry& DescriptorTable::make(std::size_t place) {
  entries_.resize(std::max(entries_.size(), place + 1));
  return entries_[place];
}

CallResult DescriptorTable::open(std::shared_ptr<Description> file, bool close_on_exec, int least) {
  auto place = static_cast<std::size_t>(std::max(least, first) - first);
  while (place < entries_.size() && entries_[place].file != nullptr) {
    ++place;
  }
  if (place >= limit_) {
    return -EMFILE;
  }
  make(place) = {std::move(file), close_on_exec};
  return first + static_cast<CallResult>(place);
}

CallResult DescriptorTable::replace(int number, std::shared_ptr<Description> file,
                                    bool close_on_exec) {
  const auto place = static_cast<std::size_t>(number - first);
  if (number < first || place >= limit_) {
    return -EBADF;
  }
  // What was there is closed only when the number refers to the new file.
  const Entry before = std::exchange(make(place), {std::move(file), close_on_exec});
  return number;
}

CallResult DescriptorTable::close(int number) {
  if (find(number) == nullptr) {
    return -EBADF;
  }
  const Entry closed = std::exchange(entries_[static_cast<std::size_t>(number - first)], {});
  return 0;
}

bool& DescriptorTable::close_on_exec(int number) {
  return entries_[static_cast<std::size_t>(number - first)].close_on_exec;
}

}  // namespace rehearsal::simnet
