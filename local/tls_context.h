// The server's side of TLS: a context from PEM files, or from a certificate made for the occasion.
#pragma once

#include <string>

#include "base/clock.h"
#include "http/stream.h"
#include "kinesink/result.h"

namespace kinesink::local {

Result<http::TlsContext> load_tls_context(const std::string& certificate_file,
                                          const std::string& key_file);

// A self-signed certificate (P-256) for localhost, 127.0.0.1 and ::1, valid for 30 days around
// `now`; `pem` becomes the certificate, which clients must trust.
Result<http::TlsContext> make_tls_context(WallTime now, std::string& pem);

}  // namespace kinesink::local
