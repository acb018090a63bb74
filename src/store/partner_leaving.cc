#include "store/partner_leaving.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"

namespace crosswalk::store {
namespace {

namespace json = boost::json;

constexpr std::string_view kMember = "erase_at";

json::object settings_of(const PartnerRow& partner) {
  boost::system::error_code error;
  json::value value = parse_own_json(partner.settings, error);
  return !error && value.is_object() ? value.get_object() : json::object{};
}

}  // namespace

std::optional<Timestamp> erase_at(const PartnerRow& partner) {
  const json::object settings = settings_of(partner);
  const json::value* at = settings.if_contains(kMember);
  if (!at || !at->is_string()) return std::nullopt;
  const auto time = parse_timestamp(std::string_view(at->get_string()));
  return time ? std::optional<Timestamp>(*time) : std::nullopt;
}

void set_erase_at(PartnerRow& partner, std::optional<Timestamp> at) {
  json::object settings = settings_of(partner);
  settings.erase(kMember);
  if (at) settings[kMember] = format_timestamp(*at);
  partner.settings = json::serialize(settings);
}

}  // namespace crosswalk::store
