#include "sandbox/certificates.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include "base/text.h"

namespace crosswalk::sandbox {
namespace {

constexpr std::chrono::days kAuthorityLife{3650};
constexpr std::chrono::days kCertificateLife{397};  // clients of some vendors refuse longer ones
constexpr std::chrono::days kBackdated{1};          // for clients whose clock is behind

template <auto release>
struct Release {
  template <class T>
  void operator()(T* thing) const {
    release(thing);
  }
};
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;

struct Pair {
  Certificate certificate;
  Key key;
  explicit operator bool() const { return certificate != nullptr && key != nullptr; }
};

std::int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Pair read_pair(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  const std::string certificate_text = read_file(certificate), key_text = read_file(key);
  const Bio certificate_bio(BIO_new_mem_buf(certificate_text.data(), static_cast<int>(certificate_text.size())));
  const Bio key_bio(BIO_new_mem_buf(key_text.data(), static_cast<int>(key_text.size())));
  return {Certificate(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr)),
          Key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr))};
}

/// Beside and then over what was there; `mode` from the beginning, so that nobody reads a key while it is written.
bool write_file(const std::filesystem::path& path, const Bio& bio, mode_t mode) {
  const std::string beside = path.string() + ".new";
  ::unlink(beside.c_str());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return false;
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  const bool written = ::write(file, text, static_cast<std::size_t>(size)) == size && ::fsync(file) == 0;
  ::close(file);
  return written && ::rename(beside.c_str(), path.c_str()) == 0;
}

bool write_pair(const Pair& pair, const std::filesystem::path& certificate, const std::filesystem::path& key) {
  const Bio key_bio(BIO_new(BIO_s_mem())), certificate_bio(BIO_new(BIO_s_mem()));
  return PEM_write_bio_PKCS8PrivateKey(key_bio.get(), pair.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
         PEM_write_bio_X509(certificate_bio.get(), pair.certificate.get()) == 1 && write_file(key, key_bio, 0600) &&
         write_file(certificate, certificate_bio, 0644);
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// What may stand in a list of names of OpenSSL's configuration language.
bool is_name(std::string_view host) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-.*_";
  return !host.empty() && to_lower(host).find_first_not_of(kAllowed) == std::string::npos;
}

std::set<std::string> subjects(const std::vector<std::string>& hosts) {
  std::set<std::string> all{"DNS:localhost", "IP:127.0.0.1", "IP:::1"};
  for (const std::string& host : hosts) all.insert((is_address(host) ? "IP:" : "DNS:") + host);
  return all;
}

bool extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// A key and an unsigned certificate with a random serial number.
Pair blank(const std::string& name, Timestamp now, std::chrono::days life) {
  Pair pair{Certificate(X509_new()), Key(EVP_EC_gen("P-256"))};
  std::array<unsigned char, 16> serial;
  if (!pair || RAND_bytes(serial.data(), serial.size()) != 1) return {};
  serial[0] &= 0x7F;
  const std::unique_ptr<BIGNUM, Release<BN_free>> number(BN_bin2bn(serial.data(), serial.size(), nullptr));
  X509* certificate = pair.certificate.get();
  X509_set_version(certificate, 2);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  ASN1_TIME_set(X509_getm_notBefore(certificate), seconds_of(now - kBackdated));
  ASN1_TIME_set(X509_getm_notAfter(certificate), seconds_of(now + life));
  X509_set_pubkey(certificate, pair.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1, 0);
  return pair;
}

Pair make_authority(Timestamp now) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  // A common name holds 64 characters.
  Pair pair =
      blank(fmt::format("crosswalk-sandbox on {}", std::string_view(host.data()).substr(0, 40)), now, kAuthorityLife);
  if (!pair) return {};
  X509* certificate = pair.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  const bool done = extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    extend(certificate, certificate, NID_subject_key_identifier, "hash") &&
                    X509_sign(certificate, pair.key.get(), EVP_sha256()) > 0;
  return done ? std::move(pair) : Pair{};
}

Pair make_certificate(const Pair& authority, const std::vector<std::string>& hosts, Timestamp now) {
  Pair pair = blank("crosswalk-sandbox", now, kCertificateLife);
  if (!pair) return {};
  std::string names;
  for (const std::string& each : subjects(hosts)) names += (names.empty() ? "" : ",") + each;
  X509* certificate = pair.certificate.get();
  X509* issuer = authority.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  const bool done = extend(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    extend(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
                    extend(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
                    extend(certificate, issuer, NID_subject_alt_name, names) &&
                    extend(certificate, issuer, NID_authority_key_identifier, "keyid") &&
                    X509_sign(certificate, authority.key.get(), EVP_sha256()) > 0;
  return done ? std::move(pair) : Pair{};
}

bool lasts(const Pair& pair, Timestamp now) {
  time_t until = seconds_of(now + kCertificateRenewal);
  return pair && X509_check_private_key(pair.certificate.get(), pair.key.get()) == 1 &&
         X509_cmp_time(X509_get0_notAfter(pair.certificate.get()), &until) > 0;
}

bool fits(const Pair& pair, const Pair& authority, const std::vector<std::string>& hosts, Timestamp now) {
  if (!lasts(pair, now) || X509_verify(pair.certificate.get(), authority.key.get()) != 1) return false;
  X509* certificate = pair.certificate.get();
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  const std::set<std::string> wanted = subjects(hosts);
  if (names == nullptr || static_cast<std::size_t>(sk_GENERAL_NAME_num(names.get())) != wanted.size()) return false;
  for (const std::string& each : wanted) {
    const std::string host = each.substr(each.find(':') + 1);
    const bool named = each.starts_with("IP:")
                           ? X509_check_ip_asc(certificate, host.c_str(), 0) == 1
                           : X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1;
    if (!named) return false;
  }
  return true;
}

}  // namespace

Result<TlsFiles> prepare_tls(const std::filesystem::path& folder, const std::vector<std::string>& hosts,
                             Timestamp now) {
  const auto failed = [](const std::string& why) { return failure("sandbox.certificate_failed", why); };
  for (const std::string& host : hosts) {
    if (!is_address(host) && !is_name(host)) return failed("--tls-host takes a host name or an address, not " + host);
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failed(fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
  TlsFiles files{folder / "ca.crt", folder / "server.crt", folder / "server.key"};
  Pair authority = read_pair(files.ca_certificate, folder / "ca.key");
  if (!lasts(authority, now)) {
    authority = make_authority(now);
    files.made = true;
    if (!authority || !write_pair(authority, files.ca_certificate, folder / "ca.key")) {
      return failed(fmt::format("cannot make a certificate authority in {}", folder.string()));
    }
  }
  if (fits(read_pair(files.certificate, files.private_key), authority, hosts, now)) return files;
  files.made = true;
  const Pair made = make_certificate(authority, hosts, now);
  if (!made || !write_pair(made, files.certificate, files.private_key)) {
    return failed(fmt::format("cannot make a certificate in {}", folder.string()));
  }
  return files;
}

std::filesystem::path default_tls_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = data != nullptr && *data != '\0'   ? std::filesystem::path(data)
                                     : home != nullptr && *home != '\0' ? std::filesystem::path(home) / ".local/share"
                                                                        : std::filesystem::current_path();
  return base / "crosswalk-sandbox" / "tls";
}

}  // namespace crosswalk::sandbox
