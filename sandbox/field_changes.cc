#include "sandbox/field_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

bool is_name(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') || each == '_';
}

/// "status/id": what stands before the slash is the field of the object.
std::string_view head_of(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

std::optional<std::pair<int, int>> release_of(std::string_view text) {
  int year = 0, release = 0;
  const auto [dot, bad] = std::from_chars(text.data(), text.data() + text.size(), year);
  const char* const text_end = text.data() + text.size();
  if (bad != std::errc{} || dot == text_end || *dot != '.') return std::nullopt;
  const auto [end, worse] = std::from_chars(dot + 1, text_end, release);
  if (worse != std::errc{} || end != text_end) return std::nullopt;
  return std::pair{year, release};
}

}  // namespace

std::vector<FieldChange> next_version_changes() {
  return {
      {"service/tickets", "closedFlag", "isClosed"},
      {"service/tickets", "actualHours", ""},
      {"service/tickets", "", "urgencyScore"},
      {"service/boards", "inactiveFlag", "isInactive"},
      {"service/boards", "", "workspace"},
      {"company/companies", "deletedFlag", "isDeleted"},
      {"company/companies", "addressLine2", ""},
      {"company/companies", "", "lifecycle"},
      {"company/contacts", "firstName", "givenName"},
      {"company/contacts", "", "pronouns"},
      {"company/configurations", "serialNumber", "serial"},
      {"company/configurations", "tagNumber", ""},
      {"company/configurations", "", "healthScore"},
  };
}

ChangedFields::ChangedFields(std::span<const FieldChange> changes, std::string_view collection) {
  for (const FieldChange& each : changes)
    if (equals_ignoring_case(each.collection, collection)) changes_.push_back(each);
}

bool ChangedFields::is_gone(std::string_view name) const {
  return std::ranges::any_of(changes_, [&](const FieldChange& each) {
    return !each.field.empty() && equals_ignoring_case(each.field, head_of(name));
  });
}

std::string_view ChangedFields::former(std::string_view name) const {
  for (const FieldChange& each : changes_)
    if (!each.field.empty() && !each.becomes.empty() && equals_ignoring_case(each.becomes, name)) return each.field;
  return name;
}

std::string ChangedFields::fields(std::string_view list) const {
  std::string kept;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view path = trim(list.substr(0, comma));
    // A field that is not there is left out without a word; a list of nothing else shows nothing.
    if (!kept.empty()) kept += ',';
    if (!is_gone(path)) kept.append(former(head_of(path))).append(path.substr(head_of(path).size()));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return kept.empty() ? "," : kept;
}

std::optional<ApiError> ChangedFields::conditions(std::string& text) const {
  std::string translated;
  for (std::size_t at = 0; at < text.size();) {
    const char each = text[at];
    if (each == '"' || each == '\'' || each == '[') {
      const char end = each == '[' ? ']' : each;
      std::size_t close = at + 1;
      while (close < text.size() && text[close] != end) close += text[close] == '\\' ? 2 : 1;
      close = std::min(close + 1, text.size());
      translated.append(text, at, close - at);
      at = close;
      continue;
    }
    if (!is_name(each)) {
      translated.push_back(each);
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_name(text[at])) ++at;
    const std::string_view word = std::string_view(text).substr(begin, at - begin);
    const bool below = begin > 0 && text[begin - 1] == '/';
    if (!below && is_gone(word)) return invalid_condition(fmt::format("{} is not a recognized name.", word));
    translated += below ? word : former(word);
  }
  text = std::move(translated);
  return std::nullopt;
}

void ChangedFields::members(json::object& body) const {
  json::object former_body;
  for (const auto& [name, value] : body)
    if (!is_gone(name)) former_body[former(name)] = value;
  body = std::move(former_body);
}

std::optional<ApiError> ChangedFields::operations(json::array& patch) const {
  for (json::value& each : patch) {
    json::object* operation = each.if_object();
    json::value* path = operation == nullptr ? nullptr : operation->if_contains("path");
    if (path == nullptr || !path->is_string()) continue;
    const std::string asked(path->get_string());
    if (is_gone(asked))
      return invalid_object("object", {{"InvalidField", fmt::format("path {} is not valid", asked), "object", asked}});
    const std::size_t slash = asked.starts_with('/') ? 1 : 0;
    const std::string_view head = head_of(asked);
    *path = json::string(fmt::format("{}{}", former(head), std::string_view(asked).substr(slash + head.size())));
  }
  return std::nullopt;
}

std::optional<ApiError> ChangedFields::take(std::string_view method, net::Query& query, std::string& body) const {
  for (auto& [name, value] : query.items) {
    if (equals_ignoring_case(name, "fields")) value = fields(value);
    if (!equals_ignoring_case(name, "conditions") && !equals_ignoring_case(name, "orderBy")) continue;
    if (auto error = conditions(value)) return error;
  }
  if (body.empty() || method == "GET") return std::nullopt;
  boost::system::error_code unreadable;
  json::value sent = json::parse(body, unreadable);
  if (unreadable) return std::nullopt;
  if (sent.is_object()) members(sent.get_object());
  if (sent.is_array() && method == "PATCH")
    if (auto error = operations(sent.get_array())) return error;
  body = json_text(sent);
  return std::nullopt;
}

void ChangedFields::show(json::object& object, bool whole) const {
  if (!object.contains("id")) return;
  for (const FieldChange& each : changes_) {
    if (each.field.empty()) {
      if (whole) object[each.becomes] = json::object{{"id", 1}, {"name", "new"}};
      continue;
    }
    const json::value* shown = object.if_contains(each.field);
    if (shown == nullptr) continue;
    json::value value = *shown;
    object.erase(each.field);
    if (!each.becomes.empty()) object[each.becomes] = std::move(value);
  }
}

void ChangedFields::show(net::Response& response, bool whole) const {
  if (response.status >= 300) return;
  boost::system::error_code unreadable;
  json::value shown = json::parse(response.body, unreadable);
  if (unreadable) return;
  if (shown.is_object()) show(shown.get_object(), whole);
  if (shown.is_array())
    for (json::value& each : shown.get_array())
      if (each.is_object()) show(each.get_object(), whole);
  response.body = json_text(shown);
}

bool asks_for_unknown_version(const std::string* accept, std::string_view current) {
  constexpr std::string_view kVersion = "version=";
  const std::size_t at = accept == nullptr ? std::string::npos : to_lower(*accept).find(kVersion);
  if (at == std::string::npos) return false;
  std::string_view asked = std::string_view(*accept).substr(at + kVersion.size());
  asked = trim(asked.substr(0, asked.find_first_of(";,")));
  const auto release = release_of(asked);
  return !release || *release > *release_of(current);
}

}  // namespace crosswalk::sandbox
