#include "service/records.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/catalogue.h"
#include "base/json.h"
#include "model/alert.h"
#include "model/entity.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

void put(json::object& body, std::string_view name, std::string_view text) {
  if (!text.empty()) body[name] = text;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string{};
}

void describe_alert(json::object& body, const model::RecordRef& ref, const std::string& state, Timestamp now) {
  const Result<model::Alert> alert = model::parse_alert(ref, state);
  if (!alert) return;
  put(body, "title", alert->content.title);
  put(body, "customer", alert->content.customer);
  put(body, "customer_name", alert->content.customer_name);
  if (alert->content.severity_known) body["severity"] = model::to_string(alert->content.severity);
  for (const model::QuietTime& each : model::quiet_times(*alert))
    if (now >= each.begins && now < each.ends) body["snoozed_until"] = format_timestamp(each.ends);
}

void describe_group(json::object& body, const model::RecordRef& ref, const std::string& state) {
  const Result<model::Group> group = model::parse_group(ref, state);
  if (!group) return;
  body["title"] = "Many alerts: " + (group->condition_name.empty() ? group->condition : group->condition_name);
  put(body, "customer", group->customer);
  put(body, "customer_name", group->customer_name);
}

void describe_entity(json::object& body, const model::RecordRef& ref, const std::string& state) {
  const Result<model::Entity> entity = model::parse_entity(ref, state);
  if (!entity) return;
  put(body, "title", text_of(entity->attributes, "name"));
  put(body, "customer", text_of(entity->attributes, "customer"));
}

void describe(json::object& body, const store::RecordRow& row, Timestamp now) {
  const std::optional<model::RecordKind> kind = model::parse_record_kind(row.ref.kind);
  if (!kind) return;
  const model::RecordRef ref{PartnerId{row.ref.partner}, *kind, row.ref.key};
  if (*kind == model::RecordKind::alert)
    describe_alert(body, ref, row.state, now);
  else if (*kind == model::RecordKind::group)
    describe_group(body, ref, row.state);
  else
    describe_entity(body, ref, row.state);
}

/// openapi: Reason; what the catalogue knows fills in what the engine left out.
json::object reason_of(const std::string& parked) {
  boost::system::error_code error;
  json::value value = parse_own_json(parked, error);
  json::object reason = !error && value.is_object() ? std::move(value.get_object()) : json::object{};
  const CatalogueEntry& entry = explain(text_of(reason, "code"));
  if (!reason.contains("code")) reason["code"] = entry.code;
  // The engine's words about this record; the catalogue's are about all that share the code.
  if (std::string message = text_of(reason, "message"); !message.empty()) reason["detail"] = std::move(message);
  reason.erase("message");
  const std::pair<std::string_view, const std::string&> words[] = {
      {"title", entry.title}, {"why", entry.why}, {"action", entry.action}, {"who", entry.who}};
  for (const auto& [name, text] : words)
    if (!reason.contains(name)) reason[name] = text;
  return reason;
}

struct State {
  std::string_view name;
  std::string text;
};

State state_of(const store::RecordRow& row, const json::object* reason, Timestamp now) {
  if (reason) return {"parked", "Waits for a person: " + text_of(*reason, "title")};
  if (!row.due_at)
    return {"settled", row.open ? "Open, and everything is as it should be" : "Everything is as it should be"};
  if (*row.due_at <= now) return {"due", row.attempts > 0 ? "Will be tried again now" : "Waits for its turn"};
  const std::string in = describe_duration(*row.due_at - now);
  if (row.attempts > 0) return {"waiting", "Will be tried again in " + in};
  return {"waiting", "Will be looked at again in " + in};
}

}  // namespace

Result<std::string> last_decision(store::Store& store, const store::RecordRow& row,
                                  std::span<const store::LinkRow> links) {
  const bool is_alert = row.ref.kind == "alert";
  if (!row.parked.empty() || (is_alert && !links.empty())) return std::string{};
  const Result<std::vector<store::JournalRow>> newest = store.journal_of(row.ref, 1);
  if (!newest) return tl::unexpected(newest.error());
  if (newest->empty()) return std::string{};
  boost::system::error_code error;
  const json::value entry = parse_own_json(newest->front().entry, error);
  if (error || !entry.is_object() || text_of(entry.get_object(), "kind") != "decision") return std::string{};
  // Of customers, contacts and devices what people have changed is told in the same way; only a reason has a code.
  if (!is_alert && !entry.get_object().contains("code")) return std::string{};
  return text_of(entry.get_object(), "text");
}

json::object to_json(const store::RecordRow& row, std::span<const store::LinkRow> links, std::string_view decision,
                     Timestamp now) {
  json::object body{{"kind", row.ref.kind}, {"key", row.ref.key}, {"version", row.version}, {"open", row.open}};
  describe(body, row, now);
  if (row.raised_at) body["raised_at"] = format_timestamp(*row.raised_at);
  std::optional<json::object> reason;
  if (!row.parked.empty()) reason = reason_of(row.parked);
  const State state = state_of(row, reason ? &*reason : nullptr, now);
  body["state"] = state.name;
  body["text"] = decision.empty() ? std::string_view(state.text) : decision;
  if (const json::value* until = body.if_contains("snoozed_until"); until && !reason)
    body["text"] = "Snoozed until " + std::string(until->as_string());
  if (row.due_at) body["due_at"] = format_timestamp(*row.due_at);
  body["attempts"] = row.attempts;
  if (reason) body["parked"] = std::move(*reason);
  json::array tickets;
  for (const store::LinkRow& link : links) {
    if (link.object_id.empty()) continue;
    json::object ticket{{"id", link.object_id}, {"provider", link.provider}};
    put(ticket, "external_reference", link.external_reference);
    tickets.push_back(std::move(ticket));
  }
  body["tickets"] = std::move(tickets);
  return body;
}

}  // namespace crosswalk::service
