#include "workflows/ticket.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

namespace crosswalk::workflows {
namespace json = boost::json;
namespace {

/// 80 bits: two episodes of one partner never share a reference.
constexpr std::size_t kReferenceCharacters = 16;
/// Nobody reads a new ticket and acts on it so fast: workflow rules do.
constexpr Duration kQuick{std::chrono::seconds{15}};
/// Members that are kept of one ticket; more say nothing that these do not.
constexpr std::size_t kHandsMax = 8;

json::array fields_to_json(const std::vector<psa::FieldValue>& fields) {
  json::array rows;
  rows.reserve(fields.size());
  for (const psa::FieldValue& each : fields)
    rows.push_back(json::array{psa::to_string(each.field), each.value.id, each.value.name});
  return rows;
}

std::vector<psa::FieldValue> fields_from_json(const json::value& value) {
  std::vector<psa::FieldValue> fields;
  for (const json::value& row : value.as_array()) {
    const json::array& cells = row.as_array();
    if (const auto field = psa::parse_ticket_field(cells.at(0).as_string()))
      fields.push_back({*field, {std::string(cells.at(1).as_string()), std::string(cells.at(2).as_string())}});
  }
  return fields;
}

json::array texts_to_json(const std::set<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

std::set<std::string> texts_from_json(const json::object& object, std::string_view name) {
  std::set<std::string> texts;
  if (const json::value* list = object.if_contains(name))
    for (const json::value& each : list->as_array()) texts.emplace(each.as_string());
  return texts;
}

constexpr std::array<std::pair<Trace, std::string_view>, 5> kTraces{{{Trace::owner, "owner"},
                                                                     {Trace::scheduled, "scheduled"},
                                                                     {Trace::status, "status"},
                                                                     {Trace::note, "note"},
                                                                     {Trace::task, "task"}}};

json::object ticket_to_json(const psa::Ticket& ticket) {
  json::object out{{"fields", fields_to_json(ticket.fields)}, {"closed", ticket.closed}};
  if (ticket.closed_at) out["closed_at"] = to_milliseconds(*ticket.closed_at);
  if (ticket.time_entered) out["time_entered"] = true;
  if (!ticket.hours.is_zero()) out["hours"] = ticket.hours.to_string();
  if (!ticket.scheduled.empty()) out["scheduled"] = texts_to_json(ticket.scheduled);
  if (ticket.of_project) out["of_project"] = true;
  if (ticket.merged_into) out["merged_into"] = *ticket.merged_into;
  if (ticket.parent) out["parent"] = *ticket.parent;
  if (ticket.updated_at) out["updated_at"] = to_milliseconds(*ticket.updated_at);
  if (ticket.created_at) out["created_at"] = to_milliseconds(*ticket.created_at);
  if (!ticket.created_by.empty()) out["created_by"] = ticket.created_by;
  if (!ticket.updated_by.empty()) out["updated_by"] = ticket.updated_by;
  if (!ticket.closed_by.empty()) out["closed_by"] = ticket.closed_by;
  return out;
}

std::optional<Timestamp> time_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value) return std::nullopt;
  return from_milliseconds(value->to_number<std::int64_t>());
}

std::optional<std::string> text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

bool flag_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

psa::Ticket ticket_from_json(const json::object& object, const TicketLink& link) {
  psa::Ticket ticket;
  ticket.id = link.ticket;
  ticket.external_reference = link.external_reference;
  ticket.fields = fields_from_json(object.at("fields"));
  ticket.closed = flag_at(object, "closed");
  ticket.closed_at = time_at(object, "closed_at");
  ticket.time_entered = flag_at(object, "time_entered");
  ticket.hours = Decimal::parse(text_at(object, "hours").value_or("0")).value_or(Decimal());
  ticket.scheduled = texts_from_json(object, "scheduled");
  ticket.of_project = flag_at(object, "of_project");
  ticket.merged_into = text_at(object, "merged_into");
  ticket.parent = text_at(object, "parent");
  ticket.updated_at = time_at(object, "updated_at");
  ticket.created_at = time_at(object, "created_at");
  ticket.created_by = text_at(object, "created_by").value_or("");
  ticket.updated_by = text_at(object, "updated_by").value_or("");
  ticket.closed_by = text_at(object, "closed_by").value_or("");
  return ticket;
}

}  // namespace

bool TicketLink::closed_by_people() const {
  if (!observed || !observed->closed || closed_by_us) return false;
  const psa::Reference* status = observed->find(psa::TicketField::status);
  if (status && !attempted_status.empty() && status->id == attempted_status) return false;
  const std::string& who = observed->closed_by.empty() ? observed->updated_by : observed->closed_by;
  return member.empty() || !equals_ignoring_case(who, member);
}

const psa::Reference* TicketLink::written_field(psa::TicketField field) const {
  for (const psa::FieldValue& each : written)
    if (each.field == field) return &each.value;
  return nullptr;
}

/// Whether `seen` shows of a field what `field` says, or neither shows anything.
static bool shows(const psa::Ticket& seen, psa::TicketField field, const psa::Reference* value) {
  const psa::Reference* now = seen.find(field);
  return now && value ? *now == *value : !now && !value;
}

void take_view(TicketLink& link, const psa::Ticket& seen, Timestamp at, const std::vector<psa::FieldValue>* written) {
  // The answer to a call of ours is signed by us, whoever has changed what we did not ask for.
  const std::string by = written ? std::string() : seen.updated_by;
  const auto compare = [&](Trace trace, psa::TicketField field) {
    const psa::Reference* ours = link.written_field(field);
    if (written)
      for (const psa::FieldValue& each : *written)
        if (each.field == field) ours = &each.value;
    const psa::Reference* before = link.observed ? link.observed->find(field) : ours;
    const psa::Reference* now = seen.find(field);
    if (!now || (ours && *now == *ours))
      link.touched.erase(trace);
    else if (!shows(seen, field, before))
      link.touched[trace].insert(by);
  };
  compare(Trace::status, psa::TicketField::status);
  compare(Trace::owner, psa::TicketField::owner);
  const auto is_new = [&](const std::string& each) {
    return !link.observed || !link.observed->scheduled.contains(each);
  };
  // Who is scheduled is kept beside the ticket: its last change may be another's.
  const bool is_changed = link.observed && seen.updated_at && seen.updated_at != link.observed->updated_at;
  if (seen.scheduled.empty())
    link.touched.erase(Trace::scheduled);
  else if (std::ranges::any_of(seen.scheduled, is_new))
    link.touched[Trace::scheduled].insert(is_changed ? by : std::string());
  const bool is_ours = by.empty() || equals_ignoring_case(by, link.member);
  if (is_changed && !is_ours && seen.created_at && link.quick_hands.size() + link.slow_hands.size() < kHandsMax)
    (*seen.updated_at - *seen.created_at <= kQuick ? link.quick_hands : link.slow_hands).insert(by);
  // When it was closed where the PSA does not tell: when that was first seen.
  Timestamp closed_at = at;
  if (link.observed && link.observed->closed && link.observed->closed_at) closed_at = *link.observed->closed_at;
  if (link.member.empty()) link.member = seen.created_by;
  link.observed = seen;
  link.observed_at = at;
  if (seen.closed && !seen.closed_at) link.observed->closed_at = closed_at;
}

std::string external_reference(const model::RecordRef& record, std::string_view anchor) {
  return "CW-" +
         short_digest({record.partner.value, model::to_string(record.kind), record.key, anchor}, kReferenceCharacters);
}

std::string serialize(const TicketLink& link) {
  json::object out{{"anchor", link.anchor},
                   {"anchored_at", to_milliseconds(link.anchored_at)},
                   {"external_reference", link.external_reference},
                   {"provider", link.ticket.provider},
                   {"partner", link.ticket.partner.value},
                   {"ticket", link.ticket.value},
                   {"created_at", to_milliseconds(link.created_at)},
                   {"created_sequence", link.created_sequence},
                   {"written", fields_to_json(link.written)}};
  if (!link.posted.empty()) out["posted"] = texts_to_json(link.posted);
  if (!link.status_step.empty()) out["status_step"] = link.status_step;
  if (!link.attempted_status.empty()) out["attempted_status"] = link.attempted_status;
  if (!link.member.empty()) out["member"] = link.member;
  json::object touched;
  for (const auto& [trace, name] : kTraces)
    if (const auto found = link.touched.find(trace); found != link.touched.end())
      touched[name] = texts_to_json(found->second);
  out["touched"] = std::move(touched);
  if (!link.quick_hands.empty()) out["quick_hands"] = texts_to_json(link.quick_hands);
  if (!link.slow_hands.empty()) out["slow_hands"] = texts_to_json(link.slow_hands);
  if (!link.reopening.empty()) {
    out["reopening"] = link.reopening;
    out["reopened_at"] = to_milliseconds(link.reopened_at);
  }
  if (link.left_closed_at != Timestamp{}) out["left_closed_at"] = to_milliseconds(link.left_closed_at);
  if (!link.children.empty()) out["children"] = texts_to_json(link.children);
  if (!link.told_notes.empty()) out["told_notes"] = texts_to_json(link.told_notes);
  if (link.configuration_attached) out["configuration_attached"] = true;
  if (!link.configuration.empty()) out["configuration"] = link.configuration;
  if (link.on_catch_all) out["on_catch_all"] = true;
  if (link.closed_by_us) out["closed_by_us"] = true;
  if (!link.gone.empty()) {
    out["gone"] = link.gone;
    out["gone_sequence"] = link.gone_sequence;
  }
  if (link.observed) {
    out["observed"] = ticket_to_json(*link.observed);
    out["observed_at"] = to_milliseconds(link.observed_at);
    out["observed_sequence"] = link.observed_sequence;
  }
  return json::serialize(out);
}

Result<TicketLink> parse_link(std::string_view text) try {
  const json::value parsed = parse_own_json(text);
  const json::object& object = parsed.as_object();
  TicketLink link;
  link.anchor = text_at(object, "anchor").value_or("");
  link.anchored_at = time_at(object, "anchored_at").value_or(Timestamp{});
  link.external_reference = text_at(object, "external_reference").value_or("");
  link.ticket = {text_at(object, "provider").value_or(""), PartnerId(text_at(object, "partner").value_or("")),
                 psa::ObjectKind::ticket, text_at(object, "ticket").value_or("")};
  link.created_at = time_at(object, "created_at").value_or(Timestamp{});
  if (const json::value* sequence = object.if_contains("created_sequence"))
    link.created_sequence = sequence->to_number<std::int64_t>();
  link.written = fields_from_json(object.at("written"));
  link.posted = texts_from_json(object, "posted");
  link.status_step = text_at(object, "status_step").value_or("");
  link.attempted_status = text_at(object, "attempted_status").value_or("");
  link.member = text_at(object, "member").value_or("");
  link.quick_hands = texts_from_json(object, "quick_hands");
  link.slow_hands = texts_from_json(object, "slow_hands");
  link.reopening = text_at(object, "reopening").value_or("");
  link.reopened_at = time_at(object, "reopened_at").value_or(Timestamp{});
  link.left_closed_at = time_at(object, "left_closed_at").value_or(Timestamp{});
  link.children = texts_from_json(object, "children");
  link.told_notes = texts_from_json(object, "told_notes");
  link.configuration_attached = flag_at(object, "configuration_attached");
  link.configuration = text_at(object, "configuration").value_or("");
  link.on_catch_all = flag_at(object, "on_catch_all");
  link.closed_by_us = flag_at(object, "closed_by_us");
  link.gone = text_at(object, "gone").value_or("");
  if (const json::value* sequence = object.if_contains("gone_sequence"))
    link.gone_sequence = sequence->to_number<std::int64_t>();
  if (const json::value* observed = object.if_contains("observed")) {
    link.observed = ticket_from_json(observed->as_object(), link);
    link.observed_at = time_at(object, "observed_at").value_or(Timestamp{});
    if (const json::value* sequence = object.if_contains("observed_sequence"))
      link.observed_sequence = sequence->to_number<std::int64_t>();
  }
  if (const json::value* touched = object.if_contains("touched")) {
    for (const auto& [trace, name] : kTraces)
      if (touched->as_object().contains(name)) link.touched[trace] = texts_from_json(touched->as_object(), name);
  } else if (link.observed) {
    // Of before traces were kept: what differs from what we wrote may be anybody's.
    const psa::Ticket seen = *std::exchange(link.observed, std::nullopt);
    take_view(link, seen, link.observed_at);
  }
  return link;
} catch (const std::exception& broken) {
  return failure("store.corrupt", std::string("The stored state of a ticket link cannot be read: ") + broken.what());
}

}  // namespace crosswalk::workflows
