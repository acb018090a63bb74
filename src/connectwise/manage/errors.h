#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/catalogue.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

namespace crosswalk::connectwise::manage {

/// Why a call gave nothing.
struct Failure {
  Error error;
  Disposition disposition = Disposition::park;
  std::optional<Duration> retry_after;
  int status = 0;  ///< of the answer; 0 when there was none
};

/// No answer: what that means for a read and for a write.
[[nodiscard]] Failure read_transport_error(const net::TransportError& error, bool was_write);

/// How long ConnectWise asks us to wait: Retry-After as seconds or as an HTTP date, or the seconds named in the body.
/// At most kRetryAfterMax, since a wrong clock must not silence a partner for days.
[[nodiscard]] std::optional<Duration> read_retry_after(const net::Headers& headers, std::string_view body,
                                                       Timestamp now);
inline constexpr Duration kRetryAfterMax = std::chrono::minutes(15);

/// The security-role right, as ConnectWise's role page names it, that this call needs.
[[nodiscard]] std::string right_for(std::string_view method, std::string_view target, bool sets_status);

}  // namespace crosswalk::connectwise::manage
