// The lines of Host::log() in spdlog. Link spdlog::spdlog.
//
//     logging     log_to_spdlog
#pragma once

#include "realnet/spdlog.hpp"

namespace rehearsal {

using realnet::log_to_spdlog;

}  // namespace rehearsal
