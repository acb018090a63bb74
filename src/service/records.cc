#include "service/records.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/catalogue.h"
#include "base/json.h"
#include "engine/link_rows.h"
#include "engine/people_json.h"
#include "engine/storm_ticket.h"
#include "mapping/object_document.h"
#include "model/alert.h"
#include "model/entity.h"
#include "workflows/desired.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// What is tried again after a failure is due within this.
constexpr Duration kTriedAgain{std::chrono::minutes{1}};
/// Acts of a partner among which the one that has paused it is looked for.
constexpr std::size_t kActsMax = 50;

void put(json::object& body, std::string_view name, std::string_view text) {
  if (!text.empty()) body[name] = text;
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
  const auto either = [](const std::string& name, const std::string& id) { return name.empty() ? id : name; };
  body["title"] = "Storm: " + (!group->wide ? either(group->condition_name, group->condition)
                                            : either(group->site, either(group->customer_name, group->customer)));
  put(body, "customer", group->customer);
  put(body, "customer_name", group->customer_name);
}

void describe_entity(json::object& body, const model::RecordRef& ref, const std::string& state) {
  const Result<model::Entity> entity = model::parse_entity(ref, state);
  if (!entity) return;
  put(body, "title", text_at(entity->attributes, "name"));
  put(body, "customer", text_at(entity->attributes, "customer"));
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

/// openapi: Reason, in the engine's words about this record and the catalogue's about all that share the code.
json::object reason_of(const store::RecordRow& row) {
  const CatalogueEntry& entry = explain(row.parked.code);
  json::object reason{{"code", row.parked.code}};
  put(reason, "detail", row.parked.message);
  if (row.parked.at) reason["at"] = format_timestamp(*row.parked.at);
  reason["goes_on"] = engine::goes_on(entry.code, row.ref, row.due_at);
  reason["title"] = entry.title;
  reason["why"] = entry.why;
  reason["action"] = entry.action;
  reason["who"] = entry.who;
  return reason;
}

struct State {
  std::string_view name;
  std::string text;
};

/// "configuration 4711": what a customer, contact or device has become; empty: nothing.
std::string object_words(std::span<const store::LinkRow> links) {
  for (const store::LinkRow& link : links)
    if (!link.object_id.empty() && !link.object_kind.empty() && link.object_kind != "ticket")
      return link.object_kind + " " + link.object_id;
  return "";
}

State state_of(const store::RecordRow& row, const json::object* reason, std::string_view idle,
               const std::string& object, Timestamp now) {
  if (reason) {
    std::string text = "Waits for a person: " + text_at(*reason, "title");
    // The action speaks of what the detail names.
    if (const std::string detail = text_at(*reason, "detail"); !detail.empty()) text += ". " + detail;
    return {"parked", std::move(text)};
  }
  if (!row.due_at && !idle.empty()) return {"settled", std::string(idle)};
  if (!row.due_at && !object.empty()) return {"settled", "It is " + object + ", and everything is as it should be"};
  if (!row.due_at)
    return {"settled", row.open ? "Open, and everything is as it should be" : "Everything is as it should be"};
  if (*row.due_at <= now) return {"due", row.attempts > 0 ? "Will be tried again now" : "Waits for its turn"};
  const std::string in = describe_duration(*row.due_at - now);
  if (row.attempts > 0) return {"waiting", "Will be tried again in " + in};
  if (!object.empty())
    return {"waiting", "It is " + object + ". If nothing is told of it, it is looked at again in " + in};
  return {"waiting", "Will be looked at again in " + in};
}

/// Of an entry of the journal: the PSA has refused something, or could not be asked.
bool is_refused(const json::object& entry) {
  return text_at(entry, "kind") == "decision" &&
         (entry.contains("waits") || text_at(entry, "code").starts_with("psa."));
}

/// Why the last try failed, and when the next one comes.
std::string tried_again(const store::RecordRow& row, const json::object& entry, Timestamp now) {
  const std::string when =
      *row.due_at <= now ? "Will be tried again now" : "Will be tried again in " + describe_duration(*row.due_at - now);
  const json::value* failed = entry.if_contains("error");
  if (failed && failed->is_object()) {
    const CatalogueEntry& known = explain(text_at(failed->get_object(), "code"));
    return when + ": " + known.title + ". " + text_at(failed->get_object(), "message");
  }
  return is_refused(entry) ? when + ". " + text_at(entry, "text") : when;
}

/// Why the last try failed, when something is tried again; empty: nothing is. `at`: when the entry was written.
std::string failure_words(const store::RecordRow& row, const json::object& entry, Timestamp at, Timestamp now) {
  if (!row.due_at) return "";
  // An entry that is older tells of something that is over.
  const bool is_fresh = *row.due_at - at <= kTriedAgain;
  if (row.attempts > 0 || (is_fresh && entry.contains("error"))) return tried_again(row, entry, now);
  return is_fresh && is_refused(entry) ? text_at(entry, "text") : std::string();
}

/// The newest entry of a record's story, and when it was written.
using Newest = std::pair<json::object, Timestamp>;
Result<std::optional<Newest>> newest_entry(store::Store& store, const store::RecordKey& ref) {
  const Result<std::vector<store::JournalRow>> newest = store.journal_of(ref, 1);
  if (!newest) return tl::unexpected(newest.error());
  if (newest->empty()) return std::optional<Newest>();
  boost::system::error_code error;
  const json::value parsed = parse_own_json(newest->front().entry, error);
  if (error || !parsed.is_object()) return std::optional<Newest>();
  return std::optional(Newest{parsed.get_object(), newest->front().at});
}

/// When the partner was paused; empty: that is not kept any more.
std::string paused_words(store::Store& store, const std::string& partner) {
  store::Store::AuditQuery query;
  query.partner = partner;
  query.count_max = kActsMax;
  const auto acts = store.audit(query);
  if (!acts) return "";
  for (const store::AuditRow& act : *acts)
    if (act.after.find(R"("paused":true)") != std::string::npos)
      return "It was paused at " + format_timestamp_seconds(act.at) + ". ";
  return "";
}

/// Whether the newest ticket was ended by people.
bool ended_by_people(std::span<const store::LinkRow> links) {
  std::optional<workflows::Link> newest;
  for (const store::LinkRow& row : links)
    if (auto link = engine::read_link(row); link && (!newest || newest->linked_at < link->linked_at))
      newest = std::move(*link);
  return newest && (!newest->gone.empty() || newest->closed_by_people());
}

}  // namespace

Result<std::string> stopped_because(store::Store& store, const std::string& partner) {
  const auto row = store.partner(partner);
  if (!row) return tl::unexpected(row.error());
  if (*row && (*row)->paused)
    return "The partner is paused, so nothing is sent. " + paused_words(store, partner) +
           "`crosswalk partners resume " + partner + "` goes on.";
  const auto connections = store.connections(partner);
  if (!connections) return tl::unexpected(connections.error());
  if (connections->empty() || connections->front().code.empty()) return std::string{};
  const CatalogueEntry& entry = explain(connections->front().code);
  return "Waits for the connection, since " + format_timestamp(connections->front().since) + ": " + entry.title + ". " +
         entry.action;
}

Result<std::string> last_decision(store::Store& store, const store::RecordRow& row,
                                  std::span<const store::LinkRow> links, std::string_view stopped, Timestamp now) {
  const bool is_alert = row.ref.kind == "alert";
  if (!row.parked.empty()) return std::string{};
  if (row.due_at && !stopped.empty()) return std::string(stopped);
  const bool has_ticket = is_alert && !links.empty();
  if (has_ticket && !row.due_at) return std::string{};
  const auto newest = newest_entry(store, row.ref);
  if (!newest) return tl::unexpected(newest.error());
  if (!*newest) return std::string{};
  const auto& [entry, at] = **newest;
  if (std::string why = failure_words(row, entry, at, now); !why.empty()) return why;
  // Nothing is waited for any more.
  if (!row.due_at && entry.contains("waits")) return std::string{};
  if (has_ticket || text_at(entry, "kind") != "decision") return std::string{};
  // What was decided while it was open is over with it.
  if (is_alert && !row.open && !row.due_at)
    return std::string{text_at(entry, "code") == "alert.in_storm" ? "It ended as one of a storm, which has one ticket."
                                                                  : "It ended before it became a ticket."};
  // Of customers, contacts and devices what people have changed is told in the same way; only a reason has a code.
  if (!is_alert && !entry.contains("code")) return std::string{};
  return text_at(entry, "text");
}

Result<std::string> waits_for(store::Store& store, const store::RecordRow& row, std::string_view stopped,
                              Timestamp now) {
  if (!row.due_at) return std::string{};
  if (!stopped.empty()) return std::string(stopped);
  if (!row.parked.empty()) return std::string{};
  const auto newest = newest_entry(store, row.ref);
  if (!newest) return tl::unexpected(newest.error());
  if (!*newest) return std::string{};
  return failure_words(row, (*newest)->first, (*newest)->second, now);
}

Result<void> tell_storm(store::Store& store, const store::RecordRow& row, json::object& body) {
  const auto storm = engine::storm_ticket_of(store, row);
  if (!storm) return tl::unexpected(storm.error());
  std::string text = text_at(body, "text");
  if (!*storm || engine::names_ticket(text, (*storm)->number)) return {};
  if (!text.empty()) text += text.ends_with('.') ? " " : ". ";
  if (!(*storm)->child.empty())
    text += "Its ticket is beneath storm ticket #" + (*storm)->number + ".";
  else
    text += (row.open ? "It belongs to storm ticket #" : "It belonged to storm ticket #") + (*storm)->number + ".";
  body["text"] = text;
  return {};
}

Result<std::string> IdleKinds::why(const std::string& kind) {
  if (const auto known = known_.find(kind); known != known_.end()) return known->second;
  const auto parsed = model::parse_record_kind(kind);
  const std::string workflow(parsed ? mapping::workflow_of(*parsed) : std::string_view());
  std::string words;
  // What no workflow takes is kept for others to look at.
  if (!workflow.empty()) {
    const auto live = store_.live_mapping(partner_, workflow);
    if (!live) return tl::unexpected(live.error());
    boost::system::error_code error;
    const json::value document = *live ? parse_own_json((*live)->document, error) : json::value();
    const std::string of_kind = "for records of this kind (" + kind + ")";
    if (!*live)
      words = "Nothing is done with it: no mapping " + of_kind + " has been published";
    else if (!error && document.is_object() && text_at(document.get_object(), "mode") == "off")
      words = "Nothing is done with it: the mapping " + of_kind + " is switched off";
  }
  return known_.emplace(kind, std::move(words)).first->second;
}

json::object to_json(const store::RecordRow& row, std::span<const store::LinkRow> links, std::string_view decision,
                     std::string_view idle, Timestamp now) {
  json::object body{{"kind", row.ref.kind}, {"key", row.ref.key}, {"version", row.version}, {"open", row.open}};
  describe(body, row, now);
  if (row.raised_at) body["raised_at"] = format_timestamp(*row.raised_at);
  std::optional<json::object> reason;
  if (!row.parked.empty()) reason = reason_of(row);
  const std::string object = object_words(links);
  State state = state_of(row, reason ? &*reason : nullptr, idle, object, now);
  if (row.ref.kind == "alert" && row.open && state.name == "settled" && idle.empty() && ended_by_people(links))
    state.text = "Open; people have closed or removed its ticket, and it is left so";
  body["state"] = state.name;
  body["text"] = decision.empty() ? std::string_view(state.text) : decision;
  if (const json::value* until = body.if_contains("snoozed_until"); until && !reason)
    body["text"] = "Snoozed until " + std::string(until->as_string());
  if (row.due_at) body["due_at"] = format_timestamp(*row.due_at);
  body["attempts"] = row.attempts;
  if (reason) body["parked"] = std::move(*reason);
  json::array tickets, objects;
  for (const store::LinkRow& link : links) {
    if (link.object_id.empty()) continue;
    if (!link.object_kind.empty() && link.object_kind != "ticket") {
      objects.push_back(json::object{{"kind", link.object_kind}, {"id", link.object_id}});
      continue;
    }
    json::object ticket{{"id", link.object_id}, {"provider", link.provider}};
    put(ticket, "external_reference", link.external_reference);
    tickets.push_back(std::move(ticket));
  }
  body["tickets"] = std::move(tickets);
  if (!objects.empty()) body["objects"] = std::move(objects);
  return body;
}

}  // namespace crosswalk::service
