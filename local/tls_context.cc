#include "local/tls_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <chrono>

namespace kinesink::local {
namespace {

constexpr std::size_t kReadBuffer = 64 * 1024;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Error tls_error(ErrorKind kind, const std::string& what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  return make_error(kind, what + ": " + text);
}

http::TlsContext new_context() {
  http::TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Several records per system call.
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), kReadBuffer);
  return context;
}

bool add_extension(X509* certificate, int name, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, name, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Owned<X509> make_certificate(EVP_PKEY* key, WallTime now) {
  Owned<X509> certificate(X509_new());
  std::uint32_t serial = 0;
  if (!certificate || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) {
    return nullptr;
  }
  X509* const raw = certificate.get();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(now));
  constexpr std::time_t kDay = 24 * 60 * 60;
  X509_NAME* const subject = X509_get_subject_name(raw);
  const auto* name = reinterpret_cast<const unsigned char*>("kinesink local");
  const bool filled =
      X509_set_version(raw, 2) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), 1 + serial) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(raw), seconds - kDay) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(raw), seconds + 29 * kDay) != nullptr &&
      X509_set_pubkey(raw, key) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1 &&
      X509_set_issuer_name(raw, subject) == 1 &&
      // In a client's bundle it is trusted as what it is. No authority: rustls refuses one as a
      // server's certificate.
      add_extension(raw, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(raw, NID_key_usage, "critical,digitalSignature") &&
      add_extension(raw, NID_ext_key_usage, "serverAuth") &&
      add_extension(raw, NID_subject_key_identifier, "hash") &&
      add_extension(raw, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
      X509_sign(raw, key, EVP_sha256()) != 0;
  return filled ? std::move(certificate) : nullptr;
}

}  // namespace

Result<http::TlsContext> load_tls_context(const std::string& certificate_file,
                                          const std::string& key_file) {
  http::TlsContext context = new_context();
  if (!context) return tls_error(ErrorKind::resource, "TLS context");
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return tls_error(ErrorKind::invalid_argument,
                     "TLS certificate file '" + certificate_file + "' can not be used");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return tls_error(ErrorKind::invalid_argument,
                     "TLS key file '" + key_file + "' can not be used");
  }
  return context;
}

Result<http::TlsContext> make_tls_context(WallTime now, std::string& pem) {
  http::TlsContext context = new_context();
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (!context || !key) return tls_error(ErrorKind::resource, "TLS key");
  const Owned<X509> certificate = make_certificate(key.get(), now);
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  if (!certificate || !memory || PEM_write_bio_X509(memory.get(), certificate.get()) != 1 ||
      SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    return tls_error(ErrorKind::internal, "self-signed certificate");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  pem.assign(text, static_cast<std::size_t>(size));
  return context;
}

}  // namespace kinesink::local
