#include "engine/outbound_events.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "base/catalogue.h"
#include "engine/item.h"
#include "engine/partner.h"
#include "engine/people_json.h"
#include "engine/told_alert.h"
#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace {

namespace json = boost::json;
using workflows::Link;

constexpr std::array<std::string_view, 29> kTypes{
    "ticket.created",        "ticket.status_changed", "ticket.note_added",    "ticket.closed",
    "ticket.assigned",       "ticket.removed",        "alert.still_open",     "ticket.time_added",
    "company.linked",        "company.updated",       "company.deleted",      "contact.linked",
    "contact.updated",       "contact.deleted",       "configuration.linked", "configuration.updated",
    "configuration.deleted", "company.available",     "company.withdrawn",    "workflow.parked",
    "workflow.unparked",     "connection.lost",       "connection.restored",  "connection.rows_hidden",
    "connection.rows_shown", "partner.paused",        "partner.resumed",      "webhook.failing",
    "webhook.restored"};

/// A partner in test mode has every record "parked" with it, and nobody is waited for.
constexpr std::string_view kTestMode = "mapping.test_mode";

std::string_view id_of(const psa::Value* value) { return value ? value->id() : std::string_view(); }

/// References by id and name, all else by its text.
json::value to_json(const psa::Value* value) {
  if (!value || value->is_nothing()) return nullptr;
  if (const psa::Reference* reference = value->reference())
    return json::object{{"id", reference->id}, {"name", reference->name}};
  return json::string(psa::shown(value));
}

json::object ticket_json(const psa::ObjectId& ticket, const TicketUrl& url) {
  json::object told{{"id", ticket.value}};
  const std::string address = url ? url(ticket) : "";
  if (!address.empty()) told["url"] = address;
  return told;
}

/// Who has moved the ticket to its present status.
std::string_view mover_of(const Link& before, const Link& after) {
  const std::string_view ours = id_of(after.written_value(psa::field::status));
  const bool written_now = after.turn != before.turn || ours != id_of(before.written_value(psa::field::status));
  return written_now && ours == id_of(after.seen(psa::field::status)) ? "crosswalk" : "technician";
}

void add_members(json::object& data, const json::object& more) {
  for (const auto& member : more) data[member.key()] = member.value();
}

class TicketStory {
 public:
  TicketStory(const model::RecordRef& record, const TicketUrl& url, Timestamp at, bool alert_open, const About& about)
      : record_(record), url_(url), at_(at), alert_open_(alert_open), about_(about) {}

  void compare(const Link* before, const Link& after) {
    if (!before) {
      json::object data = begin(after);
      for (const auto& [name, field] :
           {std::pair{"board", psa::field::board}, {"company", psa::field::company}, {"owner", psa::field::owner}})
        data[name] = to_json(after.seen(field));
      add(OutboundType::ticket_created, std::move(data));
    } else {
      compare_fields(*before, after);
      compare_hours(*before, after);
    }
    const bool was_closed = before && before->closed();
    if (after.closed() && !was_closed) {
      json::object data = begin(after);
      data["by"] = after.closed_by_people() ? "technician" : "crosswalk";
      data["alert_open"] = alert_open_;
      add(OutboundType::ticket_closed, std::move(data));
    }
    if (!after.gone.empty() && before && before->gone.empty()) {
      json::object data = begin(after);
      data["why"] = after.gone;
      data["alert_open"] = alert_open_;
      add(OutboundType::ticket_removed, std::move(data));
    }
    if (after.left_closed_at != Timestamp{} && (!before || before->left_closed_at != after.left_closed_at)) {
      json::object data = begin(after);
      data["ended_at"] = format_timestamp(after.left_closed_at);
      add(OutboundType::alert_still_open, std::move(data));
    }
  }

  [[nodiscard]] std::vector<store::OutboundRow> take() { return std::move(events_); }

 private:
  void compare_fields(const Link& before, const Link& after) {
    const psa::Value* const old_status = before.seen(psa::field::status);
    const psa::Value* const status = after.seen(psa::field::status);
    if (old_status && status && old_status->id() != status->id()) {
      json::object data = begin(after);
      data["previous"] = to_json(old_status);
      data["by"] = mover_of(before, after);
      add(OutboundType::ticket_status_changed, std::move(data));
    }
    // What was never observed is not known to have been without an owner.
    if (before.observed && after.observed &&
        id_of(before.seen(psa::field::owner)) != id_of(after.seen(psa::field::owner))) {
      json::object data = begin(after);
      data["owner"] = to_json(after.seen(psa::field::owner));
      data["previous"] = to_json(before.seen(psa::field::owner));
      add(OutboundType::ticket_assigned, std::move(data));
    }
  }

  void compare_hours(const Link& before, const Link& after) {
    const auto hours_of = [](const Link& link) {
      return link.observed && link.observed->progress ? std::optional(link.observed->progress->hours) : std::nullopt;
    };
    const std::optional<Decimal> then = hours_of(before), now = hours_of(after);
    if (!then || !now || *now <= *then) return;
    json::object data = begin(after);
    data["hours"] = now->to_string();
    data["previous_hours"] = then->to_string();
    add(OutboundType::ticket_time_added, std::move(data));
  }

  json::object begin(const Link& link) {
    json::object data{{"ticket", ticket_json(link.object, url_)},
                      {"status", to_json(link.seen(psa::field::status))},
                      {"closed", link.closed()}};
    if (about_) add_members(data, about_(link.anchor));
    return data;
  }

  void add(OutboundType type, const json::object& data) { events_.push_back(outbound_event(type, record_, at_, data)); }

  const model::RecordRef& record_;
  const TicketUrl& url_;
  Timestamp at_;
  bool alert_open_;
  const About& about_;
  std::vector<store::OutboundRow> events_;
};

/// What the product is told of: a record in test mode waits for nobody.
const store::Parked& told_parked(const store::Parked& parked) {
  static const store::Parked nobody;
  return parked.code == kTestMode ? nobody : parked;
}

}  // namespace

std::string_view to_string(OutboundType type) { return kTypes[static_cast<std::size_t>(type)]; }

std::span<const std::string_view> outbound_types() { return kTypes; }

store::OutboundRow outbound_event(OutboundType type, const model::RecordRef& record, Timestamp at,
                                  const json::object& data) {
  store::OutboundRow row;
  row.ref = key_of(record);
  row.type = to_string(type);
  row.at = at;
  row.data = json::serialize(data);
  return row;
}

store::OutboundRow note_added(const model::RecordRef& record, const psa::ObjectId& ticket, const psa::TicketNote& note,
                              const TicketUrl& url, Timestamp at, const json::object& about) {
  json::object told{
      {"id", note.id}, {"kind", psa::to_string(note.kind)}, {"text", note.text}, {"created_by", note.created_by}};
  if (note.created_at) told["created_at"] = format_timestamp(*note.created_at);
  json::object data{{"ticket", ticket_json(ticket, url)}, {"note", std::move(told)}};
  add_members(data, about);
  return outbound_event(OutboundType::ticket_note_added, record, at, data);
}

std::optional<store::OutboundRow> object_event(const model::RecordRef& record, ObjectChange change,
                                               const psa::ObjectId& object, std::string_view name, json::object details,
                                               Timestamp at) {
  int first = 0;
  if (object.kind == psa::ObjectKind::company)
    first = static_cast<int>(OutboundType::company_linked);
  else if (object.kind == psa::ObjectKind::contact)
    first = static_cast<int>(OutboundType::contact_linked);
  else if (object.kind == psa::ObjectKind::configuration)
    first = static_cast<int>(OutboundType::configuration_linked);
  else
    return std::nullopt;
  // Linked, updated and deleted follow each other for each kind of object.
  const auto type = static_cast<OutboundType>(first + static_cast<int>(change));
  details[psa::to_string(object.kind)] = json::object{{"id", object.value}, {"name", name}};
  return outbound_event(type, record, at, details);
}

store::OutboundRow offer_event(bool available, const psa::Object& company, const std::string& partner, Timestamp at) {
  json::object fields;
  for (const auto& [field, value] : company.values)
    fields[field] = value.reference() && value.name().empty() ? std::string(value.id()) : psa::shown(value);
  std::string type_ids;
  for (const psa::Reference& each : company.types) type_ids += (type_ids.empty() ? "" : ",") + each.id;
  if (!type_ids.empty()) fields["type_ids"] = type_ids;
  json::object data{
      {"company", json::object{{"id", company.id.value}, {"name", psa::shown(company.find(psa::field::name))}}}};
  if (available) data["fields"] = std::move(fields);
  store::OutboundRow row;
  row.ref = {partner, "company", company.id.value};
  row.type = to_string(available ? OutboundType::company_available : OutboundType::company_withdrawn);
  row.at = at;
  row.data = json::serialize(data);
  return row;
}

store::OutboundRow connection_event(OutboundType type, const std::string& partner, Timestamp at,
                                    const json::object& data) {
  store::OutboundRow row;
  // Events of one record keep their order, and so do those of a partner's connection.
  row.ref = {partner, "connection", "psa"};
  row.type = to_string(type);
  row.at = at;
  row.data = json::serialize(data);
  return row;
}

std::vector<store::OutboundRow> ticket_events(const model::RecordRef& record, const std::vector<Link>& before,
                                              const std::vector<Link>& after, const TicketUrl& url, Timestamp at,
                                              bool alert_open, const About& about) {
  TicketStory story(record, url, at, alert_open, about);
  for (const Link& link : after) {
    if (link.planned || link.object.kind != psa::ObjectKind::ticket) continue;
    const auto earlier = std::ranges::find(before, link.anchor, &Link::anchor);
    story.compare(earlier == before.end() ? nullptr : &*earlier, link);
  }
  return story.take();
}

std::optional<store::OutboundRow> workflow_event(const model::RecordRef& record, const store::Parked& before,
                                                 const store::Parked& after, Timestamp at, const json::object& about) {
  const store::Parked &was = told_parked(before), &is = told_parked(after);
  if (was.code == is.code) return std::nullopt;
  json::object data{{"code", is.code.empty() ? was.code : is.code}};
  if (!is.code.empty()) {
    const CatalogueEntry& entry = crosswalk::explain(is.code);
    data["title"] = entry.title;
    data["detail"] = is.message;
    data["action"] = entry.action;
    data["goes_on"] = goes_on(is.code, key_of(record), std::nullopt);
    data["who"] = entry.who;
  }
  add_members(data, about);
  const auto type = is.code.empty() ? OutboundType::workflow_unparked : OutboundType::workflow_parked;
  return outbound_event(type, record, at, data);
}

std::optional<store::OutboundRow> object_news(const model::RecordRef& record, const Link* before, const Link& after,
                                              std::span<const std::string> changed, Timestamp at) {
  const bool is_contact = after.object.kind == psa::ObjectKind::contact;
  const std::string name = psa::shown(after.seen(is_contact ? std::string_view("first_name") : psa::field::name));
  const auto event = [&](ObjectChange change, json::object details) {
    return object_event(record, change, after.object, name, std::move(details), at);
  };
  if (!before || before->object.value != after.object.value)
    return event(ObjectChange::linked, {{"how", after.how}, {"made_by_us", after.made_by_us}});
  if (!after.gone.empty() && before->gone.empty()) return event(ObjectChange::deleted, {{"why", after.gone}});
  if (changed.empty()) return std::nullopt;
  json::object details{{"changed", json::array(changed.begin(), changed.end())}};
  json::array changes;
  for (const std::string& field : changed)
    changes.push_back(json::object{
        {"field", field}, {"before", to_json(before->seen(field))}, {"after", to_json(after.seen(field))}});
  details["changes"] = std::move(changes);
  if (after.observed && !after.observed->updated_by.empty()) details["changed_by"] = after.observed->updated_by;
  return event(ObjectChange::updated, std::move(details));
}

void tell_product(store::Store& store, const PartnerState& partner, const Item& item, const store::Parked& parked,
                  Timestamp at, store::Transaction& transaction) {
  if (!item.product_listens) return;
  TicketUrl url;
  if (PsaSession* const session = partner.live ? partner.live.get() : partner.read_only.get())
    url = session->psa().link;
  const std::vector<model::Episode> episodes = model::episodes(item.alert);
  const bool alert_open = item.group ? !workflows::is_over(item.members) : !episodes.empty() && episodes.back().open();
  // Most reconciles tell nothing, and read nothing for it.
  std::map<std::string, json::object> known;
  const About about = [&](const std::string& anchor) -> json::object {
    const auto found = known.find(anchor);
    return found != known.end() ? found->second : known.emplace(anchor, told_alert(store, item, anchor)).first->second;
  };
  std::vector<store::OutboundRow> events =
      ticket_events(item.ref, item.links_before, item.links, url, at, alert_open, about);
  for (const auto& [ticket, note] : item.heard_notes) {
    const auto link = std::ranges::find(item.links, ticket.value, [](const Link& each) { return each.object.value; });
    const json::object told = about(link == item.links.end() ? std::string() : link->anchor);
    events.push_back(note_added(item.ref, ticket, note, url, at, told));
  }
  if (const Link* link = item.only_link(); link && !link->planned && !item.changed_links.empty()) {
    const auto before = std::ranges::find(item.links_before, link->anchor, &Link::anchor);
    const Link* const known = before == item.links_before.end() ? nullptr : &*before;
    if (auto event = object_news(item.ref, known, *link, item.changed_there, at)) events.push_back(std::move(*event));
  }
  const bool tells_parked = told_parked(item.row.parked).code != told_parked(parked).code;
  const json::object told = tells_parked ? about("") : json::object{};
  if (auto event = workflow_event(item.ref, item.row.parked, parked, at, told)) {
    event->of_version = item.row.version;
    events.push_back(std::move(*event));
  }
  for (store::OutboundRow& event : events) transaction.outbound.events.push_back(std::move(event));
}

}  // namespace crosswalk::engine
