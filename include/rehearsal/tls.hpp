// TLS over a stream, by OpenSSL: link `rehearsal::tls`. Includes server.hpp.
//
//     streams     TlsStream, tls_accept, tls_connect
//     contexts    TlsServerContext, TlsServerOptions, TlsClientContext, TlsClientOptions, Pem
//     errors      tls_category, tls_truncated
#pragma once

#include "rehearsal/server.hpp"
#include "sched/tls/tls_stream.hpp"

namespace rehearsal {

using tls::tls_accept;
using tls::tls_connect;
using tls::TlsStream;

using tls::Pem;
using tls::TlsClientContext;
using tls::TlsClientOptions;
using tls::TlsServerContext;
using tls::TlsServerOptions;

using tls::tls_category;
using tls::tls_truncated;

}  // namespace rehearsal
