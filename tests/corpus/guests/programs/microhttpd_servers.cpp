// Servers of libmicrohttpd that run in the thread of the program.
#include <microhttpd.h>
#include <sys/select.h>

#include <string>

#include "tests/corpus/guests/programs/servers.hpp"

namespace rehearsal::guests {
namespace {

MHD_Result answer_page(void* /*argument*/, MHD_Connection* connection, const char* path,
                       const char* method, const char* /*version*/, const char* /*upload*/,
                       size_t* /*upload_size*/, void** /*state*/) {
  if (std::string(method) != MHD_HTTP_METHOD_GET) {
    return MHD_NO;
  }
  std::string body = std::string("page ") + (path + 1);
  MHD_Response* response =
      MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
  const MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
  MHD_destroy_response(response);
  return result;
}

void serve(std::uint16_t port, unsigned flags) {
  MHD_Daemon* daemon =
      MHD_start_daemon(flags, port, nullptr, nullptr, answer_page, nullptr, MHD_OPTION_END);
  while (daemon != nullptr) {
    fd_set reading;
    fd_set writing;
    fd_set failing;
    FD_ZERO(&reading);
    FD_ZERO(&writing);
    FD_ZERO(&failing);
    MHD_socket last = 0;
    if (MHD_get_fdset(daemon, &reading, &writing, &failing, &last) != MHD_YES) {
      break;
    }
    MHD_UNSIGNED_LONG_LONG milliseconds = 0;
    const bool limited = MHD_get_timeout(daemon, &milliseconds) == MHD_YES;
    timeval timeout{static_cast<time_t>(milliseconds / 1000),
                    static_cast<suseconds_t>(milliseconds % 1000 * 1000)};
    if (select(last + 1, &reading, &writing, &failing, limited ? &timeout : nullptr) < 0) {
      FD_ZERO(&reading);
      FD_ZERO(&writing);
      FD_ZERO(&failing);
    }
    MHD_run_from_select(daemon, &reading, &writing, &failing);
  }
  if (daemon != nullptr) {
    MHD_stop_daemon(daemon);
  }
}

}  // namespace

void microhttpd_select_server(std::uint16_t port) { serve(port, MHD_NO_FLAG); }
void microhttpd_epoll_server(std::uint16_t port) { serve(port, MHD_USE_EPOLL); }

}  // namespace rehearsal::guests
