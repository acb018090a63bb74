#include "base/catalogue.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace crosswalk {

namespace embedded {
extern const std::string_view error_catalogue;
}

namespace {

constexpr std::array kDispositions{
    std::pair{std::string_view{"retry"}, Disposition::retry},
    std::pair{std::string_view{"throttled"}, Disposition::throttled},
    std::pair{std::string_view{"unknown"}, Disposition::unknown},
    std::pair{std::string_view{"park"}, Disposition::park},
    std::pair{std::string_view{"credentials"}, Disposition::credentials},
    std::pair{std::string_view{"rediscover"}, Disposition::rediscover},
    std::pair{std::string_view{"gone"}, Disposition::gone},
};

constexpr std::array kEnds{
    std::pair{std::string_view{"look"}, Ends::look},
    std::pair{std::string_view{"mapping"}, Ends::mapping},
    std::pair{std::string_view{"product"}, Ends::product},
    std::pair{std::string_view{"command"}, Ends::command},
};

std::string text_of(const boost::json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

std::optional<std::string> optional_text(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (!value) return std::nullopt;
  return std::string(value->as_string());
}

CatalogueEntry::Pattern read_pattern(const boost::json::object& object) {
  CatalogueEntry::Pattern pattern;
  if (const boost::json::value* status = object.if_contains("status"))
    pattern.status = static_cast<int>(status->as_int64());
  pattern.code = optional_text(object, "code");
  pattern.field = optional_text(object, "field");
  pattern.message_part = optional_text(object, "message_part");
  return pattern;
}

Disposition read_disposition(std::string_view name) {
  for (const auto& [text, disposition] : kDispositions)
    if (text == name) return disposition;
  throw std::logic_error("error_catalogue.json: unknown disposition " + std::string(name));
}

Ends read_ends(const std::optional<std::string>& name) {
  if (!name) return Ends::look;
  for (const auto& [text, ends] : kEnds)
    if (text == *name) return ends;
  throw std::logic_error("error_catalogue.json: unknown end " + *name);
}

CatalogueEntry read_entry(const boost::json::object& object) {
  CatalogueEntry entry{.code = text_of(object, "code"),
                       .title = text_of(object, "title"),
                       .why = text_of(object, "why"),
                       .action = text_of(object, "action"),
                       .who = text_of(object, "who"),
                       .disposition = read_disposition(object.at("disposition").as_string()),
                       .ends = read_ends(optional_text(object, "ends")),
                       .patterns = {}};
  if (const boost::json::value* patterns = object.if_contains("patterns"))
    for (const boost::json::value& each : patterns->as_array())
      entry.patterns.push_back(read_pattern(each.as_object()));
  return entry;
}

struct Catalogue {
  std::vector<CatalogueEntry> entries;
  std::unordered_map<std::string_view, const CatalogueEntry*> by_code;

  Catalogue() {
    const boost::json::value document = boost::json::parse(
        boost::json::string_view(embedded::error_catalogue.data(), embedded::error_catalogue.size()));
    for (const boost::json::value& each : document.at("entries").as_array())
      entries.push_back(read_entry(each.as_object()));
    for (const CatalogueEntry& entry : entries)
      if (!by_code.emplace(entry.code, &entry).second)
        throw std::logic_error("error_catalogue.json: " + entry.code + " appears twice");
  }
};

// The data is part of the program, so a defect in it is a bug: it throws at the first use instead of being reported.
const Catalogue& loaded() {
  static const Catalogue catalogue;
  return catalogue;
}

}  // namespace

std::span<const CatalogueEntry> catalogue() { return loaded().entries; }

const CatalogueEntry& explain(std::string_view code) {
  const Catalogue& known = loaded();
  const auto found = known.by_code.find(code);
  return *(found != known.by_code.end() ? found->second : known.by_code.at("internal.unknown_error"));
}

}  // namespace crosswalk
