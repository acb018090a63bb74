#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace crosswalk::sandbox {

/// What an HTTPS server needs, and what its clients must be told to trust.
struct TlsFiles {
  std::filesystem::path ca_certificate, certificate, private_key;
  bool made = false;  ///< something in the folder is new
};

/// A certificate is replaced when it has less than this left.
inline constexpr Duration kCertificateRenewal = std::chrono::days(30);

/// The files in `folder`: a certificate authority of this machine alone, and a certificate by it for localhost,
/// 127.0.0.1,
/// ::1 and `hosts` (names or addresses). What is there and fits is used again; the authority stays until it is about to
/// expire, so that clients need to be told once. Keys are readable by the owner only. Fails with
/// "sandbox.certificate_failed".
[[nodiscard]] Result<TlsFiles> prepare_tls(const std::filesystem::path& folder, const std::vector<std::string>& hosts,
                                           Timestamp now);

/// The folder when there is no data folder: one of the user's own.
[[nodiscard]] std::filesystem::path default_tls_folder();

}  // namespace crosswalk::sandbox
