#include "service/callback_address.h"

namespace crosswalk::service {

std::string callback_secret(const std::string& partner, const net::SecretBox& secrets) {
  return secrets.derive("callback address of " + partner);
}

psa::CallbackTarget callback_target(const std::string& public_url, const std::string& partner,
                                    const net::SecretBox& secrets) {
  psa::CallbackTarget target;
  target.tail = std::string(kCallbacksPath) + partner + "/" + callback_secret(partner, secrets) + "?recordId=";
  if (!public_url.empty()) target.url = public_url.substr(0, public_url.find_last_not_of('/') + 1) + target.tail;
  return target;
}

}  // namespace crosswalk::service
