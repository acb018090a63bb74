#include "store/sqlite/parked_text.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/json.h"

namespace crosswalk::store {
namespace {

namespace json = boost::json;

std::int64_t number_at(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found && found->is_int64() ? found->get_int64() : 0;
}

const json::string* text_at(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found ? found->if_string() : nullptr;
}

}  // namespace

std::string parked_text(const Parked& parked) {
  if (parked.empty()) return {};
  json::object rest{{"message", parked.message}};
  if (parked.at) rest["at"] = format_timestamp(*parked.at);
  rest["version"] = parked.version;
  if (parked.looks > 0) rest["looks"] = parked.looks;
  if (parked.skipped > 0) rest["skipped"] = parked.skipped;
  return json::serialize(rest);
}

Parked parked_of(std::string code, std::string_view text) {
  if (code.empty()) return {};
  boost::system::error_code broken;
  const json::value value = parse_own_json(text, broken);
  const json::object* rest = broken ? nullptr : value.if_object();
  const json::string* message = rest ? text_at(*rest, "message") : nullptr;
  if (!message) return {"store.corrupt", "Why it waits cannot be read any more."};
  Parked parked{std::move(code), std::string(*message)};
  if (const json::string* at = text_at(*rest, "at"))
    if (const auto time = parse_timestamp(*at)) parked.at = *time;
  parked.version = number_at(*rest, "version");
  parked.looks = static_cast<int>(number_at(*rest, "looks"));
  parked.skipped = static_cast<int>(number_at(*rest, "skipped"));
  return parked;
}

}  // namespace crosswalk::store
