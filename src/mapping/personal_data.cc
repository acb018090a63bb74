#include "mapping/personal_data.h"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <string>

#include "base/digest.h"
#include "base/json.h"
#include "mapping/templates.h"
#include "psa/object_fields.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

constexpr std::string_view kOptedOut = "opted_out";
/// Who it is, and whether they are there.
constexpr std::array<std::string_view, 4> kAlways{"contact", "customer", "state", kOptedOut};
constexpr std::array<std::string_view, 4> kMatchedBy{"first_name", "last_name", "email", "phone"};
/// Fields of a contact in the PSA that tell nothing about the person.
constexpr std::array<std::string_view, 3> kImpersonal{"company", "type", "inactive"};

/// "a.b" is the member "a.b" or, where there is none, member "b" of member "a": as templates find it.
void keep(const json::object& data, std::string_view path, json::object& kept) {
  if (const json::value* whole = data.if_contains(path)) {
    kept[path] = *whole;
    return;
  }
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return;
  const json::value* inner = data.if_contains(path.substr(0, dot));
  if (!inner || !inner->is_object()) return;
  json::value& place = kept[path.substr(0, dot)];
  if (!place.is_object()) place.emplace_object();
  keep(inner->get_object(), path.substr(dot + 1), place.get_object());
}

bool is_named(const ObjectDocument* document, std::string_view field) {
  if (!document) return false;
  const auto rule = document->fields.find(field);
  return rule != document->fields.end() && rule->second.ownership != Ownership::psa;
}

bool is_kept_of_contact(const ObjectDocument* document, std::string_view field) {
  return std::ranges::count(kMatchedBy, field) > 0 || std::ranges::count(kImpersonal, field) > 0 ||
         is_named(document, field);
}

}  // namespace

bool has_opted_out(const json::object& contact) { return flag_at(contact, kOptedOut); }

json::object kept_of_contact(const ObjectDocument& document, const json::object& data) {
  json::object kept;
  for (const std::string_view name : kAlways) keep(data, name, kept);
  if (has_opted_out(data)) return kept;
  for (const std::string_view name : kMatchedBy) keep(data, name, kept);
  for (const auto& [field, rule] : document.fields) {
    if (rule.ownership == Ownership::psa) continue;
    for (const std::string& name : names_in_template(rule.value)) keep(data, name, kept);
  }
  return kept;
}

void drop_unnamed(const ObjectDocument* document, psa::ObjectKind kind, psa::Values& values) {
  if (kind == psa::ObjectKind::contact) {
    psa::keep_only(values, [&](std::string_view field) { return is_kept_of_contact(document, field); });
  } else if (kind == psa::ObjectKind::configuration) {
    if (!is_named(document, "last_login")) values.erase("last_login");
    // Which contact it is stays known: it does not move along to another company.
    const auto contact = values.find(psa::field::contact);
    if (contact != values.end() && !is_named(document, psa::field::contact)) contact->second.forget_name();
  }
}

std::string named_digest(const ObjectDocument* document) {
  constexpr std::size_t kCharacters = 8;
  std::string names;
  if (document)
    for (const auto& [field, rule] : document->fields)
      if (rule.ownership != Ownership::psa) names.append(field).append(",");
  return short_digest({names}, kCharacters);
}

}  // namespace crosswalk::mapping
