#include "net/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace crosswalk::net::test {

namespace {

constexpr long kLifetimeSeconds = 3600;

void require(bool done) {
  if (!done) throw std::runtime_error("the test's certificate cannot be made");
}

}  // namespace

Certificate::Certificate(const std::string& host) {
  std::string pattern = (std::filesystem::temp_directory_path() / "crosswalk-tls-XXXXXX").string();
  require(::mkdtemp(pattern.data()) != nullptr);
  directory_ = pattern;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kLifetimeSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifetimeSeconds);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const bool is_address = host.find_first_not_of("0123456789.") == std::string::npos;
  const std::string alternative = (is_address ? "IP:" : "DNS:") + host;
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str()), &X509_EXTENSION_free);
  require(extension && X509_add_ext(certificate.get(), extension.get(), -1) == 1);
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);
  const auto write = [](const std::string& path, const auto& put) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), &std::fclose);
    require(file && put(file.get()) == 1);
  };
  write(certificate_file(), [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write(private_key_file(),
        [&](std::FILE* file) { return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

Certificate::~Certificate() { std::filesystem::remove_all(directory_); }

}  // namespace crosswalk::net::test
