#include "engine/people_json.h"

#include <fmt/format.h>

#include "base/catalogue.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// As one word of a command line.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:@%+=,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char each : text) quoted += each == '\'' ? std::string("'\\''") : std::string(1, each);
  return quoted + "'";
}

}  // namespace

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

std::string goes_on(std::string_view code, const store::RecordKey& ref, const std::optional<Timestamp>& next_look) {
  const std::string again = fmt::format("`crosswalk replay {} {} {}`", ref.partner, ref.kind, shell_word(ref.key));
  switch (crosswalk::explain(code).ends) {
    case Ends::look:
      return fmt::format(
          "It is looked at again by itself{}, and as soon as `crosswalk doctor {}` passes. {} does so at once.",
          next_look ? ", next at " + format_timestamp(*next_look) : "", ref.partner, again);
    case Ends::mapping:
      return fmt::format("It goes on by itself as soon as a mapping is published that says so. {} looks at once.",
                         again);
    case Ends::product:
      return fmt::format("It goes on by itself as soon as the product tells of it anew. {} looks at once.", again);
    case Ends::command:
      break;
  }
  return fmt::format("It goes on after {}.", again);
}

json::object connection_json(const store::ConnectionRow& row, bool paused) {
  json::object out{{"state", paused ? std::string("paused") : row.state.empty() ? "never_reached" : row.state}};
  if (row.since != Timestamp{}) out["since"] = format_timestamp(row.since);
  if (row.reached_at) out["reached_at"] = format_timestamp(*row.reached_at);
  if (row.code.empty()) return out;
  const CatalogueEntry& entry = crosswalk::explain(row.code);
  out["code"] = row.code;
  out["title"] = entry.title;
  out["detail"] = row.message;
  out["action"] = entry.action;
  out["who"] = entry.who;
  return out;
}

}  // namespace crosswalk::engine
