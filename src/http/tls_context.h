// TLS settings of a client: trust, versions, ALPN.
#pragma once

#include <openssl/ssl.h>

#include "http/client.h"
#include "http/stream.h"

namespace kinesink::http {

// TLS 1.2 or newer, HTTP/1.1 by ALPN, read-ahead. Trust: options.ca_bundle, else OpenSSL's own
// places (SSL_CERT_FILE counts), else the bundles where distributions keep them. invalid_argument
// if the bundle cannot be read.
Result<TlsContext> make_client_tls(const TlsOptions& options);
// Server name and verified host of one connection.
bool name_host(SSL* ssl, const std::string& host, bool verify);
// Why the handshake failed: a certificate that is not trusted (invalid_argument, with what to do),
// or anything else (transient).
Error handshake_error(SSL* ssl, const std::string& host);

}  // namespace kinesink::http
