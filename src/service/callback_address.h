#pragma once

#include <string>
#include <string_view>

#include "net/secrets.h"
#include "psa/port.h"

namespace crosswalk::service {

inline constexpr std::string_view kCallbacksPath = "/v1/callbacks/";

/// What only the partner's PSA is told: the last part of its callback address.
[[nodiscard]] std::string callback_secret(const std::string& partner, const net::SecretBox& secrets);

/// Where the partner's PSA sends changes to; without a public URL, nowhere, and only what is ours there is known.
/// ConnectWise recommends an end to which it appends the record's id.
[[nodiscard]] psa::CallbackTarget callback_target(const std::string& public_url, const std::string& partner,
                                                  const net::SecretBox& secrets);

}  // namespace crosswalk::service
