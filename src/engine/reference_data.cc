// What a mapping can point at, as the partner's PSA has it.
#include "engine/reference_data.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "mapping/object_references.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

json::object to_json(const psa::ServiceType& entry) {
  return {{"id", entry.reference.id}, {"name", entry.reference.name}, {"inactive", entry.inactive}};
}

json::object to_json(const psa::Status& status) {
  return {{"id", status.reference.id},
          {"name", status.reference.name},
          {"closed", status.closed},
          {"inactive", status.inactive},
          {"default", status.is_default}};
}

json::object to_json(const psa::CommunicationType& type) {
  return {{"id", type.reference.id},
          {"name", type.reference.name},
          {"email", type.email},
          {"phone", type.phone},
          {"default", type.is_default}};
}

json::object to_json(const psa::ConfigurationType& type);
json::object to_json(const psa::Board& board);

template <class Entry>
json::array to_json(const std::vector<Entry>& entries) {
  json::array rows;
  for (const Entry& each : entries) rows.push_back(to_json(each));
  return rows;
}

json::object to_json(const psa::ConfigurationType& type) {
  json::object row{{"id", type.reference.id}, {"name", type.reference.name}, {"inactive", type.inactive}};
  if (type.questions) row["questions"] = to_json(*type.questions);
  return row;
}

json::object to_json(const psa::Board& board) {
  return {{"id", board.reference.id},      {"name", board.reference.name},
          {"inactive", board.inactive},    {"statuses", to_json(board.statuses)},
          {"types", to_json(board.types)}, {"subtypes", to_json(board.subtypes)},
          {"items", to_json(board.items)}, {"teams", to_json(board.teams)}};
}

}  // namespace

void add_named(const PartnerState& partner, psa::ObjectReferences& references) {
  for (const auto& [workflow, document] : partner.object_documents) {
    psa::ObjectReferences named = mapping::named_references(document);
    std::ranges::move(named.question_types, std::back_inserter(references.question_types));
    std::ranges::move(named.manufacturers, std::back_inserter(references.manufacturers));
  }
}

boost::asio::awaitable<Result<json::object>> ReferenceQuestions::of_tickets(PartnerId id) {
  auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  auto psa = partners_.session(**partner, true);
  if (!psa) co_return tl::unexpected(psa.error());
  // The list of boards first, then what belongs to each of them.
  auto data = co_await psa->reference_data->reference_data({}, {}, psa::Lane::records);
  if (data) {
    std::vector<std::string> boards;
    for (const psa::Board& board : data->boards)
      if (!board.inactive) boards.push_back(board.reference.id);
    data = co_await psa->reference_data->reference_data(boards, {}, psa::Lane::records);
  }
  if (!data) co_return tl::unexpected(data.error());
  co_return json::object{{"read_at", format_timestamp(clock_.now())},
                         {"boards", to_json(data->boards)},
                         {"priorities", to_json(data->priorities)},
                         {"sources", to_json(data->sources)},
                         {"locations", to_json(data->locations)}};
}

boost::asio::awaitable<Result<psa::TicketReferencesFound>> ReferenceQuestions::ticket_references(
    PartnerId id, psa::TicketReferences wanted) {
  auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  auto psa = partners_.session(**partner, true);
  if (!psa) co_return tl::unexpected(psa.error());
  co_return co_await psa->reference_data->ticket_references(wanted, psa::Lane::records);
}

boost::asio::awaitable<Result<json::object>> ReferenceQuestions::of_objects(PartnerId id,
                                                                            psa::ObjectReferences references) {
  auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  auto psa = partners_.session(**partner, true);
  if (!psa) co_return tl::unexpected(psa.error());
  add_named(**partner, references);
  const auto data = co_await psa->reference_data->object_reference_data(references, psa::Lane::records);
  if (!data) co_return tl::unexpected(data.error());
  co_return json::object{{"company_types", to_json(data->company_types)},
                         {"company_statuses", to_json(data->company_statuses)},
                         {"contact_types", to_json(data->contact_types)},
                         {"communication_types", to_json(data->communication_types)},
                         {"configuration_types", to_json(data->configuration_types)},
                         {"configuration_statuses", to_json(data->configuration_statuses)},
                         {"manufacturers", to_json(data->manufacturers)}};
}

}  // namespace crosswalk::engine
