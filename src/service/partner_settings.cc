#include "service/partner_settings.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/time.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

json::object object_of(std::string_view text) {
  boost::system::error_code error;
  json::value value = parse_own_json(text, error);
  return !error && value.is_object() ? value.get_object() : json::object{};
}

void take(const json::object& object, std::string_view name, std::string& place) {
  const json::value* value = object.if_contains(name);
  if (value && value->is_string()) place.assign(value->get_string().data(), value->get_string().size());
}

}  // namespace

PartnerSettings parse_settings(std::string_view settings) {
  const json::object object = object_of(settings);
  PartnerSettings parsed;
  take(object, "provider", parsed.provider);
  take(object, "site", parsed.site);
  take(object, "company", parsed.company);
  take(object, "client_id", parsed.client_id);
  take(object, "erase_at", parsed.erase_at);
  return parsed;
}

std::string serialize(const PartnerSettings& settings) {
  json::object object{{"provider", settings.provider},
                      {"site", settings.site},
                      {"company", settings.company},
                      {"client_id", settings.client_id}};
  if (!settings.erase_at.empty()) object["erase_at"] = settings.erase_at;
  return json::serialize(object);
}

std::string seal(const PartnerKeys& keys, const net::SecretBox& secrets, const std::string& partner) {
  return secrets.seal(json::serialize(json::object{{"public_key", keys.public_key}, {"private_key", keys.private_key}}),
                      partner);
}

Result<PartnerKeys> unseal_keys(const store::PartnerRow& partner, const net::SecretBox& secrets) {
  if (partner.sealed_credentials.empty())
    return failure("partner.credentials_missing", "The partner \"" + partner.id + "\" has no API keys yet.");
  const Result<std::string> opened = secrets.unseal(partner.sealed_credentials, partner.id);
  if (!opened) return tl::unexpected(opened.error());
  const json::object object = object_of(*opened);
  PartnerKeys keys;
  take(object, "public_key", keys.public_key);
  take(object, "private_key", keys.private_key);
  return keys;
}

json::object to_json(const store::PartnerRow& partner) {
  const PartnerSettings settings = parse_settings(partner.settings);
  json::object body{{"id", partner.id},
                    {"name", partner.name},
                    {"paused", partner.paused},
                    {"provider", settings.provider},
                    {"site", settings.site},
                    {"company", settings.company},
                    {"client_id", settings.client_id},
                    {"has_credentials", !partner.sealed_credentials.empty()},
                    {"created_at", format_timestamp(partner.created_at)},
                    {"version", partner.version}};
  if (!settings.erase_at.empty()) body["erase_at"] = settings.erase_at;
  return body;
}

bool is_partner_id(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace crosswalk::service
