// A certificate authority made for one test run, by OpenSSL's own functions.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

namespace kinesink::tests {

class TestAuthority {
 public:
  TestAuthority() : key_(new_key()), certificate_(X509_new(), X509_free) {
    fill(certificate_.get(), key_.get(), "kinesink test authority");
    extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    char path[] = "/tmp/kinesink-ca-XXXXXX";
    FILE* out = ::fdopen(::mkstemp(path), "w");
    PEM_write_X509(out, certificate_.get());
    std::fclose(out);
    file_ = path;
  }
  ~TestAuthority() { ::unlink(file_.c_str()); }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // PEM.
  const std::string& file() const { return file_; }

  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  // When a certificate holds, in seconds from now.
  struct Validity {
    long from = -3600;
    long to = 3600;
  };
  // Of a server whose certificate is for `names`, such as "DNS:localhost,IP:127.0.0.1".
  Context server(const std::string& names) const { return server(names, Validity{}); }
  Context server(const std::string& names, Validity validity) const {
    const Key key = new_key();
    const Certificate certificate(X509_new(), X509_free);
    fill(certificate.get(), key.get(), "server");
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), validity.from);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity.to);
    extend(certificate.get(), NID_subject_alt_name, names);
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    return context;
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  static Key new_key() { return Key(EVP_EC_gen("P-256"), EVP_PKEY_free); }

  void fill(X509* certificate, EVP_PKEY* key, const char* name) const {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate_.get()));
  }
  static void extend(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  Key key_;
  Certificate certificate_;
  std::string file_;
  mutable int serial_ = 0;
};

}  // namespace kinesink::tests
