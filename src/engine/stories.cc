// What the engine tells people of one record or partner. Shapes as in api/openapi.yaml.
#include "engine/stories.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "base/json.h"
#include "engine/folder.h"
#include "engine/people_json.h"
#include "engine/storm_ticket.h"
#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

constexpr std::size_t kStoryMax = 500;
std::string object_summary(const Item& item) {
  const workflows::Link* link = item.only_link();
  if (!link) return "It is not linked, and needs nothing now.";
  return fmt::format("It is {} {} ({}), and that is as it should be.", psa::to_string(link->object.kind),
                     link->object.value, link->how);
}

std::string event_text(const store::EventRow& row) {
  boost::system::error_code broken;
  const json::value parsed = parse_own_json(row.data, broken);
  if (broken || !parsed.is_object()) return fmt::format("{} told something that cannot be read any more", row.source);
  const json::object& data = parsed.get_object();
  const auto text = [&](std::string_view name) { return text_at(data, name); };
  if (data.contains("still") && !data.contains("again") && row.type.starts_with("alert.raised"))
    return fmt::format("{} told that it is still there: {} (severity {})", text("product"), text("title"),
                       text("severity"));
  if (row.type.starts_with("alert.raised"))
    return fmt::format("{} reported: {} (severity {})", text("product"), text("title"), text("severity"));
  if (row.type.starts_with("alert.resolved"))
    return fmt::format("{} reported it as resolved{}", text("product"),
                       text("resolution").empty() ? "" : ": " + text("resolution"));
  if (row.type.starts_with("alert.updated")) {
    const bool acknowledged = data.contains("acknowledged");
    return fmt::format("{} updated it{}{}", text("product"),
                       text("severity").empty() ? "" : ", severity " + text("severity"),
                       acknowledged ? ", acknowledged" : "");
  }
  if (row.type.starts_with("alert.snoozed")) {
    const std::string who = text("by").empty() ? row.source : text("by");
    if (text("until").empty()) return fmt::format("{} ended the snooze", who);
    return fmt::format("{} snoozed it until {}{}", who, text("until"),
                       text("reason").empty() ? "" : ": " + text("reason"));
  }
  return fmt::format("{} told of {}", row.source, text("name"));
}

/// Why a step was taken, what it changed and which calls it cost, on one line.
std::string entry_detail(const json::object& entry) {
  std::string detail;
  const auto add = [&](const std::string& part) { detail += (detail.empty() ? "" : "; ") + part; };
  if (const json::value* why = entry.if_contains("why")) add("because " + std::string(why->as_string()));
  if (const json::value* changes = entry.if_contains("changes"))
    for (const json::value& each : changes->as_array()) {
      const std::string before(each.at("before").as_string());
      add(fmt::format("{}: {}{} (decided by {})", std::string_view(each.at("field").as_string()),
                      before.empty() ? "" : before + " -> ", std::string_view(each.at("after").as_string()),
                      std::string_view(each.at("decided_by").as_string())));
    }
  if (const json::value* calls = entry.if_contains("calls"))
    for (const json::value& each : calls->as_array())
      add(fmt::format("{} {} answered {} in {} ms", std::string_view(each.at("method").as_string()),
                      std::string_view(each.at("target").as_string()), each.at("status").to_number<int>(),
                      each.at("took_ms").to_number<std::int64_t>()));
  return detail;
}

json::object entry_json(const store::JournalRow& entry) try {
  json::object data = parse_own_json(entry.entry).as_object();
  json::object told{
      {"kind", data.at("kind")}, {"text", data.at("text")}, {"detail", entry_detail(data)}, {"data", data}};
  if (const json::value* result = data.if_contains("result"); result && result->as_string() != "applied")
    told["text"] =
        fmt::format("{}: {}{}", std::string_view(data.at("text").as_string()), std::string_view(result->as_string()),
                    data.contains("error") ? " - " + std::string(data.at("error").at("message").as_string()) : "");
  return told;
} catch (const std::exception&) {
  return {{"kind", "decision"},
          {"text", "What was done here cannot be read any more."},
          {"detail", ""},
          {"data", json::object{}}};
}

json::object ticket_json(const workflows::Link& link, const std::string& address) {
  const psa::Value* status = link.observed ? link.observed->find(psa::field::status) : nullptr;
  json::object out{{"id", link.object.value}, {"number", "#" + link.object.value},
                   {"link", address},         {"status", status ? status->name() : ""},
                   {"closed", link.closed()}, {"notes", link.posted.size()},
                   {"gone", link.gone},       {"external_reference", link.external_reference}};
  if (link.observed_at != Timestamp{}) out["seen_at"] = format_timestamp(link.observed_at);
  return out;
}

/// How old it is what is known of the newest ticket; empty: there is none.
std::string seen_words(const std::vector<workflows::Link>& links, const std::string& partner) {
  const workflows::Link* newest = nullptr;
  for (const workflows::Link& each : links)
    if (!newest || newest->linked_at <= each.linked_at) newest = &each;
  if (!newest || !newest->gone.empty() || !newest->observed || newest->observed_at == Timestamp{}) return "";
  return fmt::format(" Ticket #{} as seen at {}: \"{}\". `crosswalk verify {}` looks at once.", newest->object.value,
                     format_timestamp_seconds(newest->observed_at),
                     psa::shown(newest->observed->find(psa::field::status)), partner);
}

/// What the summary and the story say of the storm's ticket.
std::string storm_words(const StormTicket& storm, const std::string& summary) {
  if (!storm.child.empty())
    return fmt::format(" Its ticket #{} is beneath storm ticket #{}.", storm.child, storm.number);
  return names_ticket(summary, storm.number) ? "" : fmt::format(" Its storm has ticket #{}.", storm.number);
}

void tell_storm(const StormTicket& storm, Timestamp at, json::array& story) {
  const auto names = [&](const json::value& each) { return names_ticket(each.at("text").as_string(), storm.number); };
  if (std::ranges::any_of(story, names)) return;
  const std::string text =
      storm.child.empty() ? fmt::format("It shares the storm ticket #{} with other alerts.", storm.number)
                          : fmt::format("Its ticket #{} was put beneath storm ticket #{}.", storm.child, storm.number);
  const std::string when = format_timestamp(at);
  const auto place =
      std::ranges::find_if(story, [&](const json::value& each) { return each.at("at").as_string() > when; });
  story.insert(place, json::object{{"at", when}, {"kind", "decision"}, {"text", text}, {"detail", ""}});
}

/// Where the record stands, in a sentence or two.
std::string summary_of(const Item& item, const store::RecordRow& row, bool has_tickets, bool mapped) {
  if (!row.parked.empty()) return row.parked.message + " " + goes_on(row.parked.code, row.ref, row.due_at);
  if (item.answer.held) return item.answer.held->detail;
  if (!mapped)
    return fmt::format("Nothing is done with it: no mapping for records of this kind ({}) has been published.",
                       row.ref.kind);
  std::string reasons;
  for (const std::string& reason : item.answer.reasons) reasons += (reasons.empty() ? "" : " ") + reason;
  if (!reasons.empty()) return reasons;
  if (!item.steps.empty()) return "Next: " + item.steps.front().text + ", because " + item.steps.front().why + ".";
  if (item.entity) return object_summary(item);
  return has_tickets ? "Its ticket is as it should be." : "It has no ticket, and needs none now.";
}

}  // namespace

Result<json::array> Stories::story_of(const store::RecordKey& key) {
  const auto events = store_.events_of(key, kStoryMax);
  if (!events) return tl::unexpected(events.error());
  const auto journal = store_.journal_of(key, kStoryMax);
  if (!journal) return tl::unexpected(journal.error());
  std::vector<std::pair<Timestamp, json::object>> story;
  for (const store::EventRow& event : *events)
    story.emplace_back(event.received_at,
                       json::object{{"kind", "event"},
                                    {"text", event_text(event)},
                                    {"detail", fmt::format("{} {} from {}, happened at {}", event.type, event.id,
                                                           event.source, format_timestamp(event.time))}});
  for (const store::JournalRow& entry : *journal) story.emplace_back(entry.at, entry_json(entry));
  std::stable_sort(story.begin(), story.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  json::array told;
  for (auto& [at, entry] : story) {
    entry["at"] = format_timestamp(at);
    told.push_back(std::move(entry));
  }
  return told;
}

boost::asio::awaitable<Result<json::object>> Stories::explain(model::RecordRef record) {
  const store::RecordKey key = key_of(record);
  auto rows = store_.records(std::span(&key, 1));
  if (!rows) co_return tl::unexpected(rows.error());
  if (!(*rows)[0]) co_return tl::unexpected(no_record(key.kind, key.key));
  PartnerState& partner = partners_.of(record.partner.value);
  if (partner.settings_users == 0)
    if (auto refreshed = partners_.refresh(partner); !refreshed) co_return tl::unexpected(refreshed.error());
  store::RecordRow row = *(*rows)[0];
  auto items = loader_.load(partner, {row});
  if (!items) co_return tl::unexpected(items.error());
  Item& item = items->front();
  if (item.broken && row.parked.empty()) row.parked = {item.broken->code, item.broken->message, clock_.now()};
  std::vector<workflows::Link> links = item.links;
  std::erase_if(links, [](const workflows::Link& each) { return each.object.kind != psa::ObjectKind::ticket; });
  const auto storm = storm_ticket_of(store_, row);
  if (!storm) co_return tl::unexpected(storm.error());
  if (*storm && (*storm)->child.empty() && item.storm.past_number.empty()) item.storm.past_number = (*storm)->number;
  const psa::Psa no_calls;
  if (!item.broken) co_await reconciler_.run(partner, no_calls, item, Purpose::pretend);
  auto story = story_of(key);
  if (!story) co_return tl::unexpected(story.error());
  if (*storm) tell_storm(**storm, joined_at(store_, row, **storm), *story);
  const bool mapped = item.broken || partner.is_mapped(workflow_of(item).name);
  json::array tickets;
  const auto psa = partners_.session(partner, true);
  for (const workflows::Link& link : links)
    tickets.push_back(ticket_json(link, psa && psa->link ? psa->link(link.object) : ""));
  std::string summary = summary_of(item, row, !links.empty(), mapped);
  if (*storm) summary += storm_words(**storm, summary);
  summary += seen_words(links, partner.row.id);
  json::object out{{"record", record_json(record)}, {"title", item.answer.title}, {"customer", item.answer.customer},
                   {"summary", std::move(summary)}, {"open", row.open},           {"tickets", std::move(tickets)},
                   {"story", std::move(*story)}};
  if (!row.parked.empty()) {
    out["parked"] = held_json(row.parked.code, row.parked.message);
    out["parked"].as_object()["goes_on"] = goes_on(row.parked.code, key, row.due_at);
  }
  co_return out;
}

boost::asio::awaitable<json::object> Stories::status(PartnerId id) {
  PartnerState& partner = partners_.of(id.value);
  if (!partner.known && partner.settings_users == 0) (void)partners_.refresh(partner);
  connections_.read(partner);
  const auto counts = store_.counts(id.value);
  const Budget& budget = partner.budget;
  json::object circuit{{"state", budget.circuit() == Budget::Circuit::closed ? "closed" : "open"}};
  if (budget.circuit() != Budget::Circuit::closed) {
    const bool credentials = budget.circuit() == Budget::Circuit::credentials;
    const auto why = budget.why();
    const std::string code = why ? why->code : credentials ? "partner.refused_credentials" : "psa.circuit_open";
    circuit["code"] = code;
    circuit["reason"] = crosswalk::explain(code).title;
    if (why) circuit["detail"] = why->message;
    circuit["retry_at"] = format_timestamp(*budget.retry_at());
  }
  json::array hidden;
  for (const auto& [kind, rows] : partner.hidden)
    hidden.push_back(
        json::object{{"kind", psa::to_string(kind)}, {"text", rows.text}, {"since", format_timestamp(rows.since)}});
  co_return json::object{
      {"partner", id.value},
      {"provider", "manage"},
      {"hidden", std::move(hidden)},
      {"paused", partner.row.paused},
      {"budget", json::object{{"calls_per_second", std::round(budget.rate() * 10) / 10},
                              {"calls_at_once", options_.calls_at_once},
                              {"in_flight", budget.in_flight()},
                              {"waiting", budget.waiting()},
                              {"calls", budget.calls()},
                              {"throttled_recently", budget.throttled_at() && clock_.now() - *budget.throttled_at() <
                                                                                  std::chrono::minutes{5}}}},
      {"circuit", std::move(circuit)},
      {"connection", connection_json(partner.connection.value_or(store::ConnectionRow{}), partner.row.paused)},
      {"due", counts ? counts->due : 0},
      {"parked", counts ? counts->parked : 0}};
}

}  // namespace crosswalk::engine
