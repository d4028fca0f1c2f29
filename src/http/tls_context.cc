#include "http/tls_context.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>

#include "base/units.h"

namespace kinesink::http {
namespace {

constexpr std::size_t kReadBuffer = 64 * kKiB;

// Of TLS 1.3, in order of preference. OpenSSL's own order begins with AES-256, which costs a
// quarter more than AES-128 and protects no better against anything known.
constexpr const char* kCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

// Where distributions keep the bundle of trusted authorities.
constexpr std::array kKnownBundles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL, Amazon Linux
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",  // openSUSE
    "/etc/ssl/cert.pem",       // Alpine, macOS
};

std::string openssl_problem() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

bool is_address(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  const bool is_one = address != nullptr;
  ASN1_OCTET_STRING_free(address);
  return is_one;
}

Result<void> load_trust(SSL_CTX* context, const std::string& bundle) {
  if (!bundle.empty()) {
    if (SSL_CTX_load_verify_file(context, bundle.c_str()) == 1) return {};
    return make_error(
        ErrorKind::invalid_argument,
        "the CA bundle " + bundle + " cannot be read as PEM certificates: " + openssl_problem());
  }
  SSL_CTX_set_default_verify_paths(context);
  for (const char* known : kKnownBundles) {
    if (::access(known, R_OK) == 0 && SSL_CTX_load_verify_file(context, known) == 1) break;
  }
  ERR_clear_error();
  return {};
}

}  // namespace

Result<TlsContext> make_client_tls(const TlsOptions& options) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return make_error(ErrorKind::resource, "no memory for TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_ciphersuites(context.get(), kCipherSuites);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), kReadBuffer);
  static constexpr unsigned char kAlpn[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof(kAlpn) - 1);
  SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (options.verify) KINESINK_TRY(load_trust(context.get(), options.ca_bundle));
  return context;
}

bool name_host(SSL* ssl, const std::string& host, bool verify) {
  if (is_address(host)) {
    return !verify || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  if (SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  return !verify || SSL_set1_host(ssl, host.c_str()) == 1;
}

namespace {

std::string_view advice_for(long problem) {
  switch (problem) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ". Renew it, or set the clock of this machine right";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return ". It is for other names: use one of them in the endpoint URL";
    default:
      return ". Give the authority that signed it as CA bundle (--ca-bundle, ca_bundle, "
             "AWS_CA_BUNDLE)";
  }
}

}  // namespace

Error handshake_error(SSL* ssl, const std::string& host) {
  const long verified = SSL_get_verify_result(ssl);
  const std::string problem = openssl_problem();
  if (verified != X509_V_OK && (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0) {
    return make_error(ErrorKind::invalid_argument,
                      "the certificate of " + host +
                          " is not trusted: " + X509_verify_cert_error_string(verified) +
                          std::string(advice_for(verified)));
  }
  return make_error(ErrorKind::transient, "the TLS handshake with " + host + " failed: " + problem);
}

}  // namespace kinesink::http
