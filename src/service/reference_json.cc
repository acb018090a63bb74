#include "service/reference_json.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
namespace crosswalk::service {
namespace {

namespace json = boost::json;

psa::Reference reference_of(const json::object& entry) { return {text_at(entry, "id"), text_at(entry, "name")}; }

/// Calls `take` with each object of the list `name`.
template <class Take>
void each(const json::object& object, std::string_view name, Take take) {
  const json::value* list = object.if_contains(name);
  if (!list || !list->is_array()) return;
  for (const json::value& entry : list->get_array())
    if (entry.is_object()) take(entry.get_object());
}

std::vector<psa::ServiceType> entries_of(const json::object& object, std::string_view name) {
  std::vector<psa::ServiceType> entries;
  each(object, name, [&](const json::object& entry) {
    entries.push_back({reference_of(entry), flag_at(entry, "inactive")});
  });
  return entries;
}

std::vector<psa::Status> statuses_of(const json::object& object, std::string_view name) {
  std::vector<psa::Status> statuses;
  each(object, name, [&](const json::object& status) {
    statuses.push_back(
        {reference_of(status), flag_at(status, "closed"), flag_at(status, "inactive"), flag_at(status, "default")});
  });
  return statuses;
}

psa::Board board_of(const json::object& entry) {
  psa::Board board;
  board.reference = reference_of(entry);
  board.inactive = flag_at(entry, "inactive");
  board.statuses = statuses_of(entry, "statuses");
  board.types = entries_of(entry, "types");
  board.subtypes = entries_of(entry, "subtypes");
  board.items = entries_of(entry, "items");
  board.teams = entries_of(entry, "teams");
  return board;
}

}  // namespace

psa::ReferenceData read_reference_data(const json::object& body) {
  psa::ReferenceData data;
  data.read_at = parse_timestamp(text_at(body, "read_at")).value_or(Timestamp{});
  each(body, "boards", [&](const json::object& board) { data.boards.push_back(board_of(board)); });
  data.priorities = entries_of(body, "priorities");
  data.sources = entries_of(body, "sources");
  data.locations = entries_of(body, "locations");
  data.companies = entries_of(body, "companies");
  return data;
}

psa::ObjectReferenceData read_object_reference_data(const json::object& body) {
  psa::ObjectReferenceData data;
  data.company_types = entries_of(body, "company_types");
  data.contact_types = entries_of(body, "contact_types");
  data.company_statuses = statuses_of(body, "company_statuses");
  data.configuration_statuses = statuses_of(body, "configuration_statuses");
  data.manufacturers = entries_of(body, "manufacturers");
  each(body, "communication_types", [&](const json::object& type) {
    data.communication_types.push_back(
        {reference_of(type), flag_at(type, "email"), flag_at(type, "phone"), flag_at(type, "default")});
  });
  each(body, "configuration_types", [&](const json::object& entry) {
    psa::ConfigurationType& type = data.configuration_types.emplace_back();
    type.reference = reference_of(entry);
    type.inactive = flag_at(entry, "inactive");
    if (entry.contains("questions")) type.questions = entries_of(entry, "questions");
  });
  return data;
}

}  // namespace crosswalk::service
