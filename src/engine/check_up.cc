// Whether everything is in order with a partner: the connection, and what its mappings name.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "engine/engine_impl.h"
#include "mapping/object_references.h"

namespace crosswalk::engine {
namespace json = boost::json;

struct EngineImpl::CheckUp {
  json::array checks;
  bool healthy = true;

  void add(std::string name, bool passed, std::string detail, std::string action) {
    healthy = healthy && passed;
    checks.push_back(json::object{{"name", name}, {"passed", passed}, {"detail", detail}, {"action", action}});
  }
  void add(const std::string& name, const Error& error) {
    add(name, false, error.message, crosswalk::explain(error.code).action);
  }
  void add(const std::string& name, const std::vector<mapping::Problem>& problems) {
    for (const mapping::Problem& each : problems)
      add(name + " " + each.pointer, each.level == mapping::Problem::Level::warning, each.message,
          crosswalk::explain(each.code).action);
    if (problems.empty()) add(name, true, "All that the mapping names exists in ConnectWise.", "");
  }
};

boost::asio::awaitable<void> EngineImpl::check_ticket_mapping(PartnerState& partner, const psa::Psa& psa,
                                                              CheckUp& result) {
  const std::vector<Item> none;
  const auto read = co_await reconciler_.refresh_reference_data(partner, psa, none, true);
  if (read)
    result.add("Mapping", mapping::check_references(*partner.document, *partner.reference_data));
  else
    result.add("Mapping", read.error());
}

boost::asio::awaitable<void> EngineImpl::check_object_mappings(PartnerState& partner, const psa::Psa& psa,
                                                               CheckUp& result) {
  psa::ObjectReferences named;
  add_named(partner, named);
  const auto data = co_await psa.reference_data->object_reference_data(named, psa::Lane::records);
  for (const auto& [workflow, document] : partner.object_documents) {
    const std::string name = "Mapping of " + workflow;
    if (data)
      result.add(name, mapping::check_object_references(document, *data));
    else
      result.add(name, data.error());
  }
}

boost::asio::awaitable<Result<json::object>> EngineImpl::check(PartnerId id) {
  const auto partner = co_await use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  CheckUp result;
  const auto psa = session(**partner, true);
  if (psa) {
    (*partner)->budget.reset_circuit();
    std::vector<psa::Check> found;
    if (psa->connection) found = co_await psa->connection->check(psa::Lane::tickets);
    for (psa::Check& each : found)
      result.add(std::move(each.name), each.passed, std::move(each.detail), std::move(each.action));
  } else {
    result.add("Credentials", psa.error());
  }
  store::Store::RecordQuery alerts;
  alerts.partner = id.value;
  alerts.kind = "alert";
  alerts.count_max = 1;
  const auto some = store_.list_records(alerts);
  // A partner may want its customers, contacts and devices aligned, and no tickets.
  const bool needs_none = !(*partner)->object_documents.empty() && some && some->empty();
  if (!(*partner)->document && !needs_none)
    result.add("Mapping", false, "No mapping is published.", crosswalk::explain("mapping.missing").action);
  if (psa && (*partner)->document) co_await check_ticket_mapping(**partner, *psa, result);
  if (psa && !(*partner)->object_documents.empty()) co_await check_object_mappings(**partner, *psa, result);
  const auto counts = store_.counts(id.value);
  if (counts && counts->parked > 0)
    result.add("Records", true,
               fmt::format("{} wait{} for a person: `crosswalk records {} --state parked` tells why.", counts->parked,
                           counts->parked == 1 ? "s" : "", id.value),
               "");
  if ((*partner)->row.paused)
    result.add("Paused", false, "The partner is paused: nothing is done until it is resumed.",
               "crosswalk partners resume " + id.value);
  co_return json::object{{"partner", id.value}, {"healthy", result.healthy}, {"checks", std::move(result.checks)}};
}

}  // namespace crosswalk::engine
