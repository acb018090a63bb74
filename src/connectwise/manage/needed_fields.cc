#include "connectwise/manage/needed_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace crosswalk::connectwise::manage {
namespace {

struct Needed {
  std::string_view begin, end;  // of the path
  std::string_view field;
};

// Flags are shown when they are false as well.
constexpr std::array kNeeded{
    Needed{"/service/tickets", "/tickets", "status"},
    Needed{"/service/tickets", "/tickets", "closedFlag"},
    Needed{"/service/boards", "/boards", "name"},
    Needed{"/service/boards/", "/statuses", "name"},
    Needed{"/service/boards/", "/statuses", "closedStatus"},
    Needed{"/service/priorities", "/priorities", "name"},
    Needed{"/company/companies", "/companies", "name"},
    Needed{"/company/companies", "/companies", "deletedFlag"},
    Needed{"/company/contacts", "/contacts", "firstName"},
    Needed{"/company/configurations", "/configurations", "name"},
};

bool asks_for(std::string_view query, std::string_view field) {
  constexpr std::string_view kFields = "fields=";
  if (!query.starts_with(kFields)) return true;
  query = query.substr(kFields.size(), query.find('&') - kFields.size());
  while (!query.empty()) {
    const std::size_t comma = query.find(',');
    if (query.substr(0, comma) == field) return true;
    query.remove_prefix(comma == std::string_view::npos ? query.size() : comma + 1);
  }
  return false;
}

}  // namespace

NeededFields::NeededFields(std::string_view path, std::string_view query) : path_(path) {
  for (const Needed& each : kNeeded)
    if (path.starts_with(each.begin) && path.ends_with(each.end) && asks_for(query, each.field))
      missing_.push_back(each.field);
}

void NeededFields::see(const boost::json::object& object) {
  seen_any_ = true;
  std::erase_if(missing_, [&](std::string_view field) { return object.contains(field); });
}

std::optional<Error> NeededFields::absent(std::string_view api_version) const {
  if (!seen_any_ || missing_.empty()) return std::nullopt;
  return Error{"psa.field_absent",
               fmt::format("ConnectWise shows no {} in what {} answers, asked for by version {}",
                           fmt::join(missing_, " and no "), path_, api_version),
               {}};
}

}  // namespace crosswalk::connectwise::manage
