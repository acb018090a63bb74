#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/secrets.h"
#include "store/store.h"

namespace crosswalk::service {

/// store::PartnerRow::settings, as an object.
struct PartnerSettings {
  std::string provider = "manage";
  std::string site, company, client_id;
  std::string erase_at;  ///< of a partner that was removed (store/partner_leaving.h)
};
[[nodiscard]] PartnerSettings parse_settings(std::string_view settings);
[[nodiscard]] std::string serialize(const PartnerSettings& settings);

/// store::PartnerRow::sealed_credentials, opened.
struct PartnerKeys {
  std::string public_key, private_key;
};
[[nodiscard]] std::string seal(const PartnerKeys& keys, const net::SecretBox& secrets, const std::string& partner);
/// "partner.credentials_missing" or "secrets.unreadable".
[[nodiscard]] Result<PartnerKeys> unseal_keys(const store::PartnerRow& partner, const net::SecretBox& secrets);

/// openapi: Partner. No secret is in it.
[[nodiscard]] boost::json::object to_json(const store::PartnerRow& partner);

/// Lower-case letters, digits and dashes, at most 64, beginning with a letter or digit.
[[nodiscard]] bool is_partner_id(std::string_view text);

}  // namespace crosswalk::service
