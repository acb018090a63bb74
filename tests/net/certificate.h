#pragma once

#include <filesystem>
#include <string>

namespace crosswalk::net::test {

/// A self-signed certificate for a host name or an IPv4 address, in files that go with it.
class Certificate {
 public:
  explicit Certificate(const std::string& host);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  [[nodiscard]] std::string certificate_file() const { return (directory_ / "certificate.pem").string(); }
  [[nodiscard]] std::string private_key_file() const { return (directory_ / "key.pem").string(); }

 private:
  std::filesystem::path directory_;
};

}  // namespace crosswalk::net::test
