// Whether everything is in order with a partner: the connection, and what its mappings name.
#include "engine/check_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>

#include "engine/automation_members.h"
#include "engine/reference_data.h"
#include "mapping/object_references.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// More parked records than this are as bad as this many.
constexpr std::size_t kParkedSeenMax = 10'000;
constexpr std::size_t kDecisionsCheckedMax = 1'000;

}  // namespace

struct CheckUps::Findings {
  json::array checks;
  bool healthy = true;
  bool rights_shown = false;  ///< the PSA has told what the member may write

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

boost::asio::awaitable<void> CheckUps::check_ticket_mapping(PartnerState& partner, const psa::Psa& psa,
                                                            Findings& result) {
  const std::vector<Item> none;
  const auto read = co_await references_.refresh(partner, psa, none, true);
  if (read)
    result.add("Mapping", mapping::check_references(*partner.document, *partner.reference_data));
  else
    result.add("Mapping", read.error());
}

boost::asio::awaitable<void> CheckUps::check_object_mappings(PartnerState& partner, const psa::Psa& psa,
                                                             Findings& result) {
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

/// Rules that act as a member are taken for people until the mapping names them.
void CheckUps::check_automation(const PartnerState& partner, Findings& result) const {
  const auto members = likely_automation(store_, partner.row.id, partner.document->settings);
  if (!members || members->empty()) return;
  result.add("Automation", true,
             fmt::format("{} {} new tickets within seconds and never later, as workflow rules do; what they do counts "
                         "as a takeover by a person.",
                         fmt::join(*members, ", "), members->size() == 1 ? "touches" : "touch"),
             "If these are no people, name them in automation_members of the mapping.");
}

/// What the mappings in force write. In test mode nothing is written, so no right to do so is missing.
psa::CheckScope CheckUps::writes_of(const PartnerState& partner) {
  psa::CheckScope scope;
  const mapping::TicketSettings& vendor = mapping::vendor_defaults().settings;
  if (partner.document) {
    const mapping::TicketSettings& settings = partner.document->settings;
    const auto mode = settings.mode ? settings.mode : vendor.mode;
    const auto closes = settings.auto_close ? settings.auto_close : vendor.auto_close;
    scope.tickets = mode == mapping::Mode::live;
    scope.closes = scope.tickets && closes.value_or(mapping::AutoClose::close) == mapping::AutoClose::close;
  }
  for (const auto& [workflow, document] : partner.object_documents)
    if (document.mode == mapping::Mode::live) scope.objects[document.kind] = document.creates();
  return scope;
}

Result<std::vector<store::RecordRow>> CheckUps::parked_of(const PartnerState& partner) {
  store::Store::RecordQuery query;
  query.partner = partner.row.id;
  query.parked_only = true;
  query.count_max = kParkedSeenMax;
  return store_.list_records(query);
}

/// Rights to write that ConnectWise does not show are inferred from what it has refused.
void CheckUps::infer_rights(const psa::CheckScope& scope, const std::vector<store::RecordRow>& parked,
                            Findings& result) {
  if (result.rights_shown || (!scope.tickets && scope.objects.empty())) return;
  const store::Parked* newest = nullptr;
  for (const store::RecordRow& row : parked)
    if (row.parked.code == "psa.permission_missing" && (!newest || newest->at < row.parked.at)) newest = &row.parked;
  if (newest)
    return result.add("Rights to write", false,
                      fmt::format("Not tried without need; ConnectWise has refused it{}: {}",
                                  newest->at ? " at " + format_timestamp(*newest->at) : "", newest->message),
                      crosswalk::explain(newest->code).action);
  result.add("Rights to write", true,
             "ConnectWise does not show what the role may write, and nothing is written to find out. Nothing that "
             "waits now was refused for a missing right.",
             "");
}

void CheckUps::check_parked(const PartnerState& partner, const std::vector<store::RecordRow>& parked,
                            Findings& result) {
  std::size_t waiting = 0;
  std::vector<std::string> urgent;
  for (const store::RecordRow& row : parked) {
    if (row.parked.code == "mapping.test_mode") continue;
    ++waiting;
    if (row.ref.kind != "alert" || !row.open) continue;
    const auto alert =
        model::parse_alert({PartnerId(partner.row.id), model::RecordKind::alert, row.ref.key}, row.state);
    if (alert && alert->content.severity_known && alert->content.severity == model::Severity::critical)
      urgent.push_back(row.ref.key);
  }
  if (waiting == 0) return;
  std::string detail = fmt::format("{}{} wait{} for a person", waiting,
                                   parked.size() < kParkedSeenMax ? "" : " or more", waiting == 1 ? "s" : "");
  if (!urgent.empty())
    detail += fmt::format(", and {} of them {} critical: {}", urgent.size(),
                          urgent.size() == 1 ? "is an alert that is" : "are alerts that are", urgent.front());
  result.add("Records", urgent.empty(),
             detail + fmt::format(". `crosswalk records {} --state parked` tells why.", partner.row.id),
             urgent.empty() ? "" : "Do what the records say; what is mended goes on by itself.");
}

/// Many that leave at once: how many have left, and how many wait.
void CheckUps::check_masses(const PartnerState& partner, Findings& result) {
  for (const auto& [workflow, document] : partner.object_documents) {
    const auto kind = model::parse_record_kind(mapping::record_kind_of(workflow));
    const std::string code = workflows::mass_change_code(*kind);
    const auto counted = store_.leaving(partner.row.id, std::string(model::to_string(*kind)), Timestamp{}, code);
    const auto known = partner.left.find(*kind);
    const Timestamp since = clock_.now() - document.guard_window;
    const auto is_recent = [&](const auto& each) { return each.second > since; };
    const auto left = known == partner.left.end() ? 0 : std::ranges::count_if(known->second, is_recent);
    if (!counted || (counted->held == 0 && left == 0)) continue;
    result.add(fmt::format("Many {}s that leave", model::to_string(*kind)), counted->held == 0,
               fmt::format("{} of {} left by themselves within the last {}, and {} wait for a person.", left,
                           counted->of, format_duration(document.guard_window), counted->held),
               counted->held == 0 ? "" : crosswalk::explain(code).action);
  }
}

/// Records that nothing is done with, since no mapping says what they become.
void CheckUps::check_unmapped(const PartnerState& partner, Findings& result) {
  for (const model::RecordKind kind : {model::RecordKind::device, model::RecordKind::contact}) {
    if (partner.document_of(kind)) continue;
    store::Store::RecordQuery query;
    query.partner = partner.row.id;
    query.kind = model::to_string(kind);
    query.count_max = 1;
    const auto some = store_.list_records(query);
    if (!some || some->empty()) continue;
    const std::string workflow(mapping::workflow_of(kind));
    result.add(
        "Mapping of " + workflow, false,
        fmt::format("The product tells of {}s, and no mapping says what becomes of them.", model::to_string(kind)),
        fmt::format("crosswalk mapping edit {} --workflow {}; mode \"off\" says that nothing shall.", partner.row.id,
                    workflow));
  }
}

/// Whether the objects are there that people have chosen.
boost::asio::awaitable<void> CheckUps::check_decisions(PartnerState& partner, const psa::Psa& psa, Findings& result) {
  if (!psa.objects) co_return;
  for (const auto& [workflow, document] : partner.object_documents) {
    std::map<std::string, std::string> chosen;
    for (const auto& [key, decision] : document.decisions)
      if (!decision.object.empty() && chosen.size() < kDecisionsCheckedMax) chosen.emplace(decision.object.id, key);
    if (chosen.empty()) continue;
    std::vector<std::string> ids;
    for (const auto& [object, key] : chosen) ids.push_back(object);
    const auto found = co_await psa.objects->objects_by_id(document.kind, ids, psa::Lane::records);
    if (!found.complete) {
      result.add("Decisions of " + workflow, found.error);
      continue;
    }
    for (const psa::Object& each : found.items)
      if (!each.deleted) chosen.erase(each.id.value);
    for (const auto& [object, key] : chosen)
      result.add("Decisions of " + workflow, false,
                 fmt::format("\"{}\" is to be {} {}, and ConnectWise shows none with that id.", key,
                             psa::to_string(document.kind), object),
                 crosswalk::explain("object.decided_missing").action);
  }
}

boost::asio::awaitable<Result<json::object>> CheckUps::check(PartnerId id) {
  const auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  Findings result;
  const psa::CheckScope scope = writes_of(**partner);
  const auto psa = partners_.session(**partner, true);
  if (psa) {
    (*partner)->budget.reset_circuit();
    std::vector<psa::Check> found;
    if (psa->connection) found = co_await psa->connection->check(psa::Lane::tickets, scope);
    for (psa::Check& each : found) {
      result.rights_shown = result.rights_shown || each.name.ends_with(", to write");
      result.add(std::move(each.name), each.passed, std::move(each.detail), std::move(each.action));
    }
  } else {
    result.add("Credentials", psa.error());
  }
  // What cannot be reached cannot be held against anything, and would only be told again in other words.
  const bool reached = psa && result.healthy;
  if (!reached) (*partner)->budget.be_sure();
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
  if (reached) co_await check_decisions(**partner, *psa, result);
  if ((*partner)->document) check_automation(**partner, result);
  for (const auto& [kind, rows] : (*partner)->hidden)
    result.add(fmt::format("Rows of the kind {}", psa::to_string(kind)), false,
               fmt::format("{} Nothing has been taken for deleted since {}.", rows.text, format_timestamp(rows.since)),
               crosswalk::explain("psa.rows_hidden").action);
  check_masses(**partner, result);
  // What the parked ones wait for may have been mended: nobody is to wait for the time of the next look.
  if (result.healthy) co_await parking_.wake(**partner);
  check_unmapped(**partner, result);
  const auto parked = parked_of(**partner);
  if (parked) {
    if (reached) infer_rights(scope, *parked, result);
    check_parked(**partner, *parked, result);
  }
  if ((*partner)->row.paused)
    result.add("Paused", false, "The partner is paused: nothing is done until it is resumed.",
               "crosswalk partners resume " + id.value);
  co_return json::object{{"partner", id.value}, {"healthy", result.healthy}, {"checks", std::move(result.checks)}};
}

}  // namespace crosswalk::engine
