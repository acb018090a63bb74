#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/text.h"
#include "service/admin.h"
#include "service/backlog.h"
#include "service/records.h"

namespace crosswalk::service {

namespace json = boost::json;

namespace {

/// What is longer is no id of a plan, and need not be kept.
constexpr std::size_t kPlanIdCharactersMax = 40;

}  // namespace

Answer Admin::get_plan(const Call& call) {
  const PartnerId partner{call.partner()};
  const std::string* given = call.target.query.find("customer");
  const std::string customer = given ? *given : std::string{};
  const std::string* draft = call.target.query.find("draft");
  if (draft && *draft != "true" && *draft != "false")
    co_return problem_response({"request.invalid", "", "draft: true or false."}, call.request_id);
  const bool by_draft = draft && *draft == "true";
  auto asked = by_draft ? to_.engine.plan_draft(partner, customer) : to_.engine.plan(partner, customer);
  Result<json::object> plan = co_await std::move(asked);
  if (plan && by_draft) {
    const auto waiting = backlog_of_draft(partner.value);
    if (!waiting) co_return problem_response(waiting.error(), call.request_id);
    (*plan)["backlog"] = *waiting;
  }
  if (plan)
    if (const Result<std::string> stopped = stopped_because(to_.store, partner.value); stopped && !stopped->empty())
      (*plan)["stopped"] = *stopped;
  co_return render(plan, call);
}

/// How many of the draft's tickets are for alerts that a publish leaves out, unless it is told to open them.
Result<std::int64_t> Admin::backlog_of_draft(const std::string& partner) {
  const auto rows = to_.store.mappings(partner, std::string(mapping::kAlertToTicket));
  if (!rows) return tl::unexpected(rows.error());
  const auto document_of = [&](std::string_view state) -> std::optional<mapping::Document> {
    for (const store::MappingRow& row : *rows)
      if (row.state == state) return mapping::parse_document(row.document).document;
    return std::nullopt;
  };
  const std::optional<mapping::Document> draft = document_of("draft"), live = document_of("live");
  if (!draft) return 0;
  const auto backlog = backlog_of(to_.store, partner, live ? &*live : nullptr, *draft, to_.clock.now());
  if (!backlog) return tl::unexpected(backlog.error());
  return backlog->tickets;
}

Answer Admin::save_plan(const Call& call) {
  const auto given = optional_text(call.body, "customer", 200);
  if (!given) co_return problem_response(given.error(), call.request_id);
  const PartnerId partner{call.partner()};
  const std::string customer = given->value_or("");
  json::value which = customer.empty() ? json::value(nullptr) : json::value(json::object{{"customer", customer}});
  Act act{"plan.save", partner.value, "plan", nullptr, std::move(which)};
  if (auto refused = co_await note(call, std::move(act))) co_return std::move(*refused);
  Result<json::object> plan = co_await to_.engine.save_plan(partner, customer);
  if (plan)
    if (const Result<std::string> stopped = stopped_because(to_.store, partner.value); stopped && !stopped->empty())
      (*plan)["stopped"] = *stopped;
  co_return render(plan, call, 201);
}

Answer Admin::get_saved_plan(const Call& call) {
  const auto row = to_.store.plan(call.partner(), call.parameters.at(1));
  if (!row) co_return problem_response(row.error(), call.request_id);
  if (!*row) co_return problem_response({"plan.unknown", "", ""}, call.request_id);
  boost::system::error_code error;
  json::value plan = parse_own_json((*row)->document, error);
  if (error || !plan.is_object())
    co_return problem_response({"store.corrupt", "", "The plan that was kept cannot be read."}, call.request_id);
  plan.get_object()["id"] = (*row)->id;
  if ((*row)->applied_at) plan.get_object()["applied_at"] = format_timestamp(*(*row)->applied_at);
  co_return json_response(200, plan);
}

Answer Admin::apply_plan(const Call& call) {
  const PartnerId partner{call.partner()};
  const std::string& id = call.parameters.at(1);
  Act act{"plan.apply", partner.value, "plan " + cut_text(id, kPlanIdCharactersMax), nullptr, nullptr};
  if (auto refused = co_await note(call, std::move(act))) co_return std::move(*refused);
  co_return render(co_await to_.engine.apply(partner, id), call);
}

}  // namespace crosswalk::service
