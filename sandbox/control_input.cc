#include "sandbox/control_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/api.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kMembers = "system/members";

std::string joined(const std::vector<std::string_view>& names) {
  std::string list;
  for (const std::string_view name : names) list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

/// Some of them, where there are many.
std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 10;
  if (names.empty()) return "none";
  std::vector<std::string_view> first(names.begin(),
                                      names.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, names.size())));
  return joined(first) + (names.size() > kNamed ? fmt::format(" and {} more", names.size() - kNamed) : "");
}

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Doubles in the shortest form; one that needs an exponent is no amount of anything here.
std::optional<Decimal> to_amount(const json::value& value) {
  if (value.is_int64()) return Decimal::parse(std::to_string(value.get_int64()));
  if (value.is_double()) return Decimal::parse(fmt::format("{}", value.get_double()));
  return value.is_string() ? Decimal::parse(value.get_string()) : std::nullopt;
}

}  // namespace

net::Response shown(const json::value& value) { return json_response(200, json_text(value)); }

net::Response done() { return shown(json::object{{"done", true}}); }

net::Response refused(int status, std::string_view message) {
  return json_response(status, json_text(json::object{{"message", message}}));
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  return fmt::format("\"{}\"", cut_text(repaired_utf8(text), kShown));
}

ControlInput ControlInput::of_query(const net::Query& query) {
  ControlInput input;
  input.of_query_ = true;
  for (const auto& [name, value] : query.items) input.members_[repaired_utf8(name)] = repaired_utf8(value);
  return input;
}

ControlInput ControlInput::of_body(std::string_view body) {
  ControlInput input;
  std::optional<json::object> members = parse_object(trim(body).empty() ? "{}" : body);
  if (!members) input.refuse(400, "the body must be a JSON object");
  if (members) input.members_ = std::move(*members);
  return input;
}

const json::value* ControlInput::find(std::string_view name) const {
  const json::value* value = members_.if_contains(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

void ControlInput::refuse(int status, std::string_view message) {
  if (!refusal_) refusal_ = refused(status, message);
}

void ControlInput::take_only(const std::vector<std::string_view>& names) {
  for (const auto& [name, value] : members_) {
    if (std::find(names.begin(), names.end(), std::string_view(name)) != names.end()) continue;
    refuse(400, fmt::format("{} means nothing here; what is taken: {}", quoted(name),
                            names.empty() ? std::string("nothing") : joined(names)));
  }
}

std::string ControlInput::text(std::string_view name, std::string_view otherwise) {
  const json::value* value = find(name);
  if (value == nullptr) return std::string(otherwise);
  if (value->is_string()) return std::string(value->get_string());
  refuse(400, fmt::format("{} must be a text", name));
  return std::string(otherwise);
}

std::string ControlInput::required_text(std::string_view name) {
  std::string given = text(name);
  if (trim(given).empty()) refuse(400, fmt::format("{} is required", name));
  return given;
}

std::int64_t ControlInput::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                  std::int64_t most) {
  const json::value* value = find(name);
  if (value == nullptr) return otherwise;
  std::optional<std::int64_t> given;
  if (value->is_int64()) given = value->get_int64();
  if (of_query_) given = to_number(value->get_string());
  if (given && *given >= least && *given <= most) return *given;
  const std::string range =
      most == INT64_MAX ? fmt::format("from {} on", least) : fmt::format("from {} to {}", least, most);
  refuse(400, fmt::format("{} must be a whole number {}", name, range));
  return otherwise;
}

std::int64_t ControlInput::number_of(std::string_view name, std::int64_t otherwise,
                                     const std::vector<std::int64_t>& values) {
  const json::value* value = find(name);
  if (value == nullptr) return otherwise;
  const std::int64_t* given = value->if_int64();
  if (given != nullptr && std::find(values.begin(), values.end(), *given) != values.end()) return *given;
  refuse(400, fmt::format("{} must be one of {}", name, fmt::join(values, ", ")));
  return otherwise;
}

bool ControlInput::flag(std::string_view name, bool otherwise) {
  const json::value* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_bool()) return value->get_bool();
  refuse(400, fmt::format("{} must be true or false", name));
  return otherwise;
}

std::vector<std::string> ControlInput::texts(std::string_view name, const std::vector<std::string>& otherwise) {
  const json::value* value = find(name);
  if (value == nullptr) return otherwise;
  const auto is_text = [](const json::value& each) {
    return each.is_string() && !trim(std::string_view(each.get_string())).empty();
  };
  const json::array* list = value->if_array();
  if (list != nullptr && std::all_of(list->begin(), list->end(), is_text)) {
    std::vector<std::string> given;
    for (const json::value& each : *list) given.emplace_back(each.get_string());
    return given;
  }
  refuse(400, fmt::format("{} must be a list of texts", name));
  return otherwise;
}

std::int64_t ControlInput::id(std::string_view name) {
  if (!has(name)) refuse(400, fmt::format("{} is required", name));
  return number(name, 0, 1);
}

std::optional<Decimal> ControlInput::amount(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const std::optional<Decimal> given = to_amount(*value);
  if (!given) refuse(400, fmt::format("{} must be a number with at most four digits after the point", name));
  return given;
}

std::optional<Timestamp> ControlInput::time(std::string_view name) {
  if (!has(name)) return std::nullopt;
  const std::optional<Timestamp> given = parse_timestamp(text(name));
  if (!given) refuse(400, fmt::format("{} must be a time like 2026-12-01T04:30:00Z", name));
  return given;
}

json::object ControlInput::reference(std::string_view name, std::string_view key) {
  const json::value* value = find(name);
  if (value != nullptr && value->is_int64()) return {{"id", value->get_int64()}};
  if (value == nullptr || value->is_string()) return {{key, required_text(name)}};
  refuse(400, fmt::format("{} must be an id or {} {}", name, key == "identifier" ? "an" : "a", key));
  return {};
}

const Tenant* ControlInput::tenant(const World& world) {
  std::string name = text("tenant");
  const std::vector<std::string> names = world.tenants();
  if (name.empty()) name = names.size() == 1 ? names.front() : "sandbox";
  const Tenant* found = world.tenant(name);
  if (found == nullptr) refuse(404, fmt::format("there is no tenant {}; there are: {}", quoted(name), list_of(names)));
  return found;
}

std::string ControlInput::member(const Tenant* tenant) {
  const std::string given = text("member", "jsmith");
  const Row* row = member_row(tenant, given);
  if (row == nullptr) return given;
  const Resource& of_member = tenant->table(kMembers).resource();
  std::string identifier(row->text(of_member.field("identifier")));
  if (row->flag(of_member.field("inactiveFlag"))) refuse(409, identifier + " is inactive, and does nothing any more");
  return identifier;
}

const Row* ControlInput::member_row(const Tenant* tenant, std::string_view identifier) {
  if (tenant == nullptr) return nullptr;
  const Table& members = tenant->table(kMembers);
  const Row* row = members.find_by(members.resource().field("identifier"), identifier);
  if (row == nullptr) {
    refuse(404,
           fmt::format("there is no member {}; /sandbox/list?collection={} has them", quoted(identifier), kMembers));
  }
  return row;
}

const Resource* ControlInput::collection(std::string_view otherwise) {
  const std::string path = otherwise.empty() ? required_text("collection") : text("collection", otherwise);
  const Resource* found = Catalogue::instance().find(path);
  if (found == nullptr)
    refuse(404, fmt::format("there is no collection {}; /sandbox/collections lists them", quoted(path)));
  return found;
}

const Row* ControlInput::row(const Tenant* tenant, std::string_view collection, std::int64_t id,
                             std::string_view what) {
  const Row* found = tenant == nullptr ? nullptr : tenant->table(collection).find(id);
  if (found == nullptr) refuse(404, fmt::format("there is no {} {}", what, id));
  return found;
}

}  // namespace crosswalk::sandbox
