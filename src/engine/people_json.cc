#include "engine/people_json.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/catalogue.h"
#include "base/json.h"

namespace crosswalk::engine {
namespace json = boost::json;

Error no_record(std::string_view kind, std::string_view key) {
  return {"record.unknown", fmt::format("There is no {} \"{}\".", kind, key), {}};
}

json::object record_json(const model::RecordRef& ref) {
  return {{"kind", model::to_string(ref.kind)}, {"key", ref.key}};
}

json::object held_json(std::string_view code, std::string_view detail) {
  const CatalogueEntry& entry = crosswalk::explain(code);
  return {{"code", code},           {"title", entry.title},
          {"detail", detail},       {"why", detail.empty() ? std::string_view(entry.why) : detail},
          {"action", entry.action}, {"who", entry.who}};
}

std::string parked_json(const Error& error, Timestamp at) {
  return json::serialize(json::object{{"code", error.code}, {"message", error.message}, {"at", format_timestamp(at)}});
}

Parked parse_parked(std::string_view text) {
  if (text.empty()) return {};
  boost::system::error_code broken;
  const json::value value = parse_own_json(text, broken);
  const json::object* object = broken ? nullptr : value.if_object();
  const auto member = [&](std::string_view name) {
    const json::value* found = object ? object->if_contains(name) : nullptr;
    return found && found->is_string() ? std::string(found->get_string()) : std::string{};
  };
  Parked parked{member("code"), member("message")};
  if (parked.code.empty()) return {"store.corrupt", "Why it waits cannot be read any more."};
  return parked;
}

}  // namespace crosswalk::engine
