#include "sched/base/radix_heap.hpp"

template class rehearsal::sched::RadixHeap<std::uint32_t>;
