// What must be true of a shop when the world rests.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "alignment_shop.h"
#include "plan/steps.h"

namespace crosswalk::simulation {
namespace json = boost::json;
namespace {

/// A call that was under way when we learned of the end of an object may still arrive.
constexpr Duration kStillArriving{std::chrono::seconds{30}};
/// A handful of devices never waits as a mass change.
constexpr int kHandful = 3;

std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

/// A field of an object as text: a flag, a reference's id, or what it says.
std::string shown(const json::object& object, const std::string& field) {
  const json::value* value = object.if_contains(field);
  if (!value || value->is_null()) return "";
  if (value->is_bool()) return value->get_bool() ? "true" : "false";
  if (value->is_object()) return std::to_string(value->get_object().at("id").as_int64());
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::string address_of(const json::object& contact, std::string_view kind) {
  const json::value* items = contact.if_contains("communicationItems");
  if (!items || !items->is_array()) return "";
  for (const json::value& each : items->get_array()) {
    const json::object& item = each.as_object();
    const json::value* is_default = item.if_contains("defaultFlag");
    if (text(item, "communicationType") == kind && is_default && is_default->as_bool()) return text(item, "value");
  }
  return "";
}

struct Source {
  const char *wire, *member;
};
constexpr Source kSources[] = {{"name", "name"},       {"serialNumber", "serial"}, {"macAddress", "mac"},
                               {"ipAddress", "ip"},    {"osType", "os"},           {"managementLink", "url"},
                               {"title", "title"},     {"phoneNumber", "phone"},   {"website", "website"},
                               {"company", "customer"}};

const char* collection_of(const std::string& kind) {
  return kind == "customer" ? kCompanies : kind == "contact" ? kContacts : kConfigurations;
}

}  // namespace

std::string Shop::verdict(bool told_anew) {
  using Check = std::string (Shop::*)();
  const std::pair<const char*, Check> checks[] = {
      {"twins", &Shop::twins},        {"strangers", &Shop::strangers},
      {"owners", &Shop::owners_kept}, {"the dead", &Shop::the_dead_rest},
      {"settled", &Shop::settled},    {"accounted for", &Shop::accounted_for},
      {"values", &Shop::values_kept}, {"tickets", &Shop::tickets_true},
      {"offers", &Shop::offers_true}, {"bounded writes", &Shop::writes_bounded}};
  for (const auto& [name, check] : checks) {
    // What people change in ConnectWise may resolve a proposal, which is looked at when the product tells of it again.
    if (!told_anew && check == &Shop::settled) continue;
    if (const std::string found = (this->*check)(); !found.empty())
      return fmt::format("{}: [{}] {}", partner_, name, found);
  }
  return {};
}

void Shop::tell() {
  std::cerr << "== " << partner_ << "\n";
  for (const std::string& each : story_) std::cerr << "   " << each << "\n";
  for (const auto& [key, thing] : things_) {
    simulation_.complete([&]() -> boost::asio::awaitable<void> {
      const auto kind = model::parse_record_kind(key.first).value_or(model::RecordKind::device);
      const model::RecordRef record{PartnerId(partner_), kind, key.second};
      auto story = co_await simulation_.engine().explain(record);
      if (!story) co_return;
      std::cerr << "-- " << key.first << " " << key.second << ": " << story->at("summary").as_string() << "\n";
      for (const json::value& entry : story->at("story").as_array())
        std::cerr << "   " << entry.at("at").as_string() << " " << entry.at("text").as_string() << " "
                  << (entry.at("detail").is_string() ? entry.at("detail").as_string() : "") << "\n";
    });
  }
}

/// No two objects for one record, no two records in one object.
std::string Shop::twins() {
  std::set<std::string> references;
  for (const json::object& ticket : simulation_.our_tickets(login_))
    if (!references.insert(text(ticket, "externalXRef")).second)
      return fmt::format("two tickets carry the reference {}", text(ticket, "externalXRef"));
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> made;
  for (const auto& [object, identity] : made_) made[{object.first, identity}].push_back(object.second);
  for (const auto& [what, ids] : made) {
    // One more for each that people have removed, where people have also decided that it be made anew.
    const auto gone = std::ranges::count_if(ids, [&](const std::string& id) { return !exists({what.first, id}); });
    if (static_cast<std::ptrdiff_t>(ids.size()) > gone + 1)
      return fmt::format("{} {} was made {} times ({} of them are gone): {}", what.first, what.second, ids.size(), gone,
                         fmt::join(ids, ", "));
  }
  for (const auto& [key, thing] : things_) {
    const auto link = link_of(key);
    if (!link || !link->gone.empty()) continue;
    for (const auto& [other, unused] : things_) {
      if (other.first != key.first || other.second <= key.second) continue;
      const auto theirs = link_of(other);
      if (theirs && theirs->gone.empty() && theirs->object.value == link->object.value)
        return fmt::format("{} {} and {} are both linked to {}", key.first, key.second, other.second,
                           link->object.value);
    }
  }
  return {};
}

/// What was made by a call whose answer was lost, for a record whose customer is nobody's company by now.
bool Shop::waits_for_its_customer(const ObjectKey& object, const std::string& identity) {
  return std::ranges::any_of(things_, [&](const auto& each) {
    const auto& [key, thing] = each;
    const bool is_it = key.first == "device" ? key.second == identity : text(thing.data, "last_name") == identity;
    return is_it && collection_of(key.first) == object.first && parked_code(key) == "mapping.customer_unknown";
  });
}

/// Nothing that we neither made nor adopted was written to, and what we made is known.
std::string Shop::strangers() {
  for (const Written& each : written_) {
    if (!each.object.first.starts_with("company/")) continue;
    if (each.method == "DELETE") return fmt::format("we deleted {} {}", each.object.first, each.object.second);
    if (each.object.second.empty() || ever_linked_.contains(each.object) || made_.contains(each.object)) continue;
    return fmt::format("{} {} was written to at {}, and nothing was ever linked to it", each.object.first,
                       each.object.second, format_timestamp(each.at));
  }
  for (const auto& [object, identity] : made_)
    if (exists(object) && !ever_linked_.contains(object) && !waits_for_its_customer(object, identity))
      return fmt::format("{} {} was made for {} and never linked", object.first, object.second, identity);
  return {};
}

std::string Shop::wire_owner(const std::string& collection, const std::string& field) const {
  if (field == "communications")
    return address_owners_.at("email") == "product" || address_owners_.at("phone") == "product" ? "product" : "psa";
  const auto owners = wire_owners_.find(collection);
  if (owners == wire_owners_.end()) return "";
  const auto owner = owners->second.find(field);
  return owner == owners->second.end() ? "" : owner->second;
}

/// What is the technicians' own, and what is only theirs once it is made, no change of ours names.
std::string Shop::owners_kept() {
  for (const Written& each : written_) {
    if (!each.object.first.starts_with("company/") || each.object.second.empty()) continue;
    // Sites and contacts of the former company do not go along to another.
    const bool moves = std::ranges::find(each.fields, "company") != each.fields.end();
    for (const std::string& field : each.fields)
      if (wire_owner(each.object.first, field) != "product" && !(moves && (field == "site" || field == "contact")))
        return fmt::format("{} {}: \"{}\" is owned by \"{}\", and was written at {}", each.object.first,
                           each.object.second, field, wire_owner(each.object.first, field), format_timestamp(each.at));
  }
  return {};
}

std::string Shop::the_dead_rest() {
  for (const Written& each : written_) {
    const auto gone = gone_since_.find(each.object);
    if (gone == gone_since_.end() || each.at <= gone->second + kStillArriving) continue;
    return fmt::format("{} {} is known to be gone since {}, and was written to at {}", each.object.first,
                       each.object.second, format_timestamp(gone->second), format_timestamp(each.at));
  }
  return {};
}

std::string Shop::settled() {
  const json::object plan = simulation_.plan(partner_);
  for (const json::value& record : plan.at("records").as_array()) {
    const json::object& ref = record.at("record").as_object();
    // A plan shows what waits for a person who would apply it.
    if (parked_code({text(ref, "kind"), text(ref, "key")}).ends_with(".mass_change")) continue;
    if (!record.at("operations").as_array().empty())
      return "at rest, something is left to do: " + json::serialize(record);
  }
  store::Store::RecordQuery query;
  query.partner = partner_;
  query.due_only = true;
  query.count_max = 1'000;
  const auto rows = simulation_.store().list_records(query);
  for (const store::RecordRow& row : *rows)
    if (row.due_at && *row.due_at <= now())
      return fmt::format("{} {} is due, and nothing happens", row.ref.kind, row.ref.key);
  return {};
}

std::string Shop::accounted_for() {
  for (const auto& [key, thing] : things_) {
    const auto link = link_of(key);
    const std::string code = parked_code(key);
    const ObjectKey object{collection_of(key.first), link ? link->object.value : "0"};
    if (link && link->gone.empty() && !exists(object))
      return fmt::format("{} {} is linked to {}, which is gone, and nobody has noticed", key.first, key.second,
                         object.second);
    if (link && !link->gone.empty() && exists(object))
      return fmt::format("{} {} says that {} is gone, and it is there", key.first, key.second, object.second);
    const std::string state = text(thing.data, "state");
    if (code.empty() && link && link->gone.empty()) continue;
    if (const std::string wrong = is_excuse(key, thing, code); !wrong.empty())
      return fmt::format("{} {} ({}) waits with \"{}\": {}", key.first, key.second,
                         link ? "linked to " + link->object.value : "not linked", code, wrong);
  }
  return {};
}

bool Shop::makes_companies() const {
  const json::value* direction = documents_.at("customer_to_company").if_contains("direction");
  return direction && (*direction == "create" || *direction == "both");
}

/// The id of what people have said that the record is; empty when they have not.
std::string Shop::decided_object(const ThingKey& key) const {
  const json::value* decisions = documents_.at(workflow_for(key.first)).if_contains("decisions");
  const json::value* decided = decisions ? decisions->as_object().if_contains(key.second) : nullptr;
  const json::value* object = decided ? decided->as_object().if_contains("object") : nullptr;
  return object ? std::string(object->at("id").as_string()) : std::string();
}

/// Empty when the record rightly waits with this code, else why it does not.
std::string Shop::is_excuse(const ThingKey& key, const Thing& thing, const std::string& code) {
  const auto link = link_of(key);
  const bool linked = link && link->gone.empty();
  const std::string state = text(thing.data, "state");
  const bool left = key.first == "device" ? life_of(thing, now()) != "active" && life_of(thing, now()) != "stale"
                                          : state == "retired" || state == "replaced";
  if (code.empty()) return left && !link ? "" : "it has no reason to wait";
  if (code == "mapping.customer_unknown") {
    if (key.first == "customer") return "it is a customer itself";
    return company_of(text(thing.data, "customer")).empty() ? "" : "its customer is linked";
  }
  if (code == "object.gone") return link && !linked ? "" : "nothing of it is gone";
  if (code == "object.unlinked")
    return key.first == "customer" && !linked && !makes_companies() ? "" : "it is to be made";
  if (code == "object.decided_missing") {
    const std::string decided = decided_object(key);
    return !decided.empty() && !exists({collection_of(key.first), decided}) ? "" : "what was decided is there";
  }
  if (code == "object.taken") {
    const std::string decided = decided_object(key);
    if (decided.empty()) return "nobody has decided what it is";
    for (const auto& [other, unused] : things_) {
      const auto theirs = other.first == key.first && other.second != key.second ? link_of(other) : std::nullopt;
      if (theirs && theirs->gone.empty() && theirs->object.value == decided) return "";
    }
    return "no other record is linked to what was decided";
  }
  // Those that have left before count too, and may be back by now.
  if (code == key.first + ".mass_change") return guarded_ && left ? "" : "it does not leave, or nothing guards it";
  if (code != "object.proposed") return "this is no reason at rest";
  if (linked) return "it is linked";
  for (const json::object& each : simulation_.world().list(login_, collection_of(key.first))) {
    if (key.first == "customer") return "";
    if (key.first == "contact" && (shown(each, "lastName") == text(thing.data, "last_name") ||
                                   address_of(each, "Email") == text(thing.data, "email") ||
                                   address_of(each, "Phone") == text(thing.data, "phone")))
      return "";
    for (const char* same : {"name", "serialNumber", "macAddress", "deviceIdentifier"})
      for (const char* member : {"name", "serial", "mac", "device"})
        if (key.first == "device" && !text(thing.data, member).empty() && shown(each, same) == text(thing.data, member))
          return "";
  }
  return "nothing is like it";
}

std::string Shop::life_of(const Thing& device, Timestamp at) const {
  const std::string state = text(device.data, "state");
  if (state == "retired" || state == "replaced") return state;
  const Timestamp seen = parse_timestamp(text(device.data, "last_seen_at")).value_or(device.changed_at);
  if (at >= seen + std::chrono::days{retired_days_}) return "retired";
  if (at >= seen + std::chrono::days{inactive_days_}) return "inactive";
  return at >= seen + std::chrono::days{stale_days_} ? "stale" : "active";
}

bool Shop::device_turns(Timestamp from, Timestamp until) const {
  return std::ranges::any_of(things_, [&](const auto& each) {
    return each.first.first == "device" && life_of(each.second, from) != life_of(each.second, until);
  });
}

std::string Shop::values_kept() {
  for (const auto& [key, thing] : things_) {
    const auto link = link_of(key);
    if (!link || !link->gone.empty() || !parked_code(key).empty()) continue;
    // Customers whom people have put into one company want different things of it.
    if (ever_linked_[{collection_of(key.first), link->object.value}].size() > 1) continue;
    if (const std::string wrong = values_of(key, thing, *link); !wrong.empty()) return wrong;
  }
  return {};
}

std::string Shop::values_of(const ThingKey& key, const Thing& thing, const workflows::Link& link) {
  const std::string collection = collection_of(key.first);
  const ObjectKey id{collection, link.object.value};
  const json::object object = *simulation_.world().find(login_, collection, std::stoll(link.object.value));
  std::map<std::string, std::string> wanted;
  for (const Source& each : kSources)
    if (const std::string value = text(thing.data, each.member); !value.empty()) wanted[each.wire] = value;
  const std::string life = key.first == "device" ? life_of(thing, now()) : text(thing.data, "state");
  const bool left = !life.empty() && life != "active" && life != "stale";
  if (key.first != "customer") wanted["company"] = company_of(text(thing.data, "customer"));
  if (key.first == "device") {
    wanted["activeFlag"] = left ? "false" : "true";
    if (life != "stale") wanted["status"] = left ? "2" : "1";
  }
  if (key.first == "contact") wanted["inactiveFlag"] = left ? "true" : "false";
  const auto wrong = [&](const std::string& field, const std::string& seen, const std::string& value) -> std::string {
    const auto deeds = deeds_.find({id, field});
    const int by_people = deeds == deeds_.end() ? 0 : deeds->second;
    if (seen == value || by_people >= plan::kOverruledMax) return {};
    return fmt::format("{} {}: {} of {} {} is \"{}\" and not \"{}\"; people have changed it {} times", key.first,
                       key.second, field, id.first, id.second, seen, value, by_people);
  };
  for (const auto& [field, value] : wanted) {
    if (wire_owner(collection, field) != "product") continue;
    if (const std::string found = wrong(field, shown(object, field), value); !found.empty()) return found;
  }
  if (key.first != "contact") return {};
  for (const auto& [member, kind] : {std::pair("email", "Email"), std::pair("phone", "Phone")}) {
    if (address_owners_.at(member) != "product") continue;
    const std::string found = wrong("communications", address_of(object, kind), text(thing.data, member));
    if (!found.empty()) return found;
  }
  return {};
}

std::string Shop::tickets_true() {
  const auto ours = simulation_.our_tickets(login_);
  for (const auto& [number, alert] : alerts_) {
    if (touched_.contains(alert.subject)) continue;
    int open = 0;
    for (const json::object& ticket : ours) {
      if (text(ticket, "summary").find(alert.subject) == std::string::npos || ticket.at("closedFlag").as_bool())
        continue;
      ++open;
      if (const std::string wrong = ticket_true(alert, ticket); !wrong.empty()) return wrong;
    }
    if (!alert.open && open != 0) return fmt::format("{} is resolved and has {} open tickets", alert.subject, open);
    if (alert.open && open != 1 && !(open == 0 && company_of(alert.customer).empty()))
      return fmt::format("{} of customer {} is open and has {} open tickets", alert.subject, alert.customer, open);
  }
  return {};
}

std::string Shop::ticket_true(const AlertTruth& alert, const json::object& ticket) {
  const auto id = ticket.at("id").as_int64();
  const std::string company = company_of(alert.customer);
  // Of something that was made anew after people had removed it, the older tickets know nothing.
  const auto had_another = [&](const ThingKey& key, const std::string& now_linked) {
    return std::ranges::any_of(ever_linked_, [&](const auto& each) {
      return each.first.first == collection_of(key.first) && each.first.second != now_linked &&
             each.second.contains(key);
    });
  };
  if (!company.empty() && shown(ticket, "company") != company && merged_into_.empty() &&
      !had_another({"customer", alert.customer}, company))
    return fmt::format("ticket {} of {} is at company {} and not {}", id, alert.subject, shown(ticket, "company"),
                       company);
  const auto link = link_of({"device", alert.device});
  if (!attaches_ || !link || !link->gone.empty() || had_another({"device", alert.device}, link->object.value))
    return {};
  json::value attached;
  if (call("GET", fmt::format("/service/tickets/{}/configurations", id), nullptr, &attached) >= 300)
    return "the configurations of a ticket cannot be read";
  for (const json::value& each : attached.as_array())
    if (std::to_string(each.at("id").as_int64()) == link->object.value) return {};
  return fmt::format("ticket {} of {} does not carry configuration {} of device {}", id, alert.subject,
                     link->object.value, alert.device);
}

/// Writes that were answered and never came into our books, since the process was killed or the disk was full: what was
/// written then is not known to have been ours.
int Shop::unbooked(const ObjectKey& object) {
  int done = 0, booked = 0;
  for (const Written& each : written_) done += each.object == object && each.done && each.heard;
  const std::string target = "/" + object.first + "/" + object.second;
  for (const ThingKey& key : ever_linked_[object]) {
    const auto rows = simulation_.store().journal_of({partner_, key.first, key.second}, 10'000);
    if (!rows) continue;
    for (const store::JournalRow& row : *rows) booked += row.entry.find(target) != std::string::npos;
  }
  return std::max(0, done - booked);
}

/// How many writes of a field have a reason: it was made, the product changed it, people changed it and we had not
/// given in yet, an answer or our books were lost.
int Shop::causes_of(const ObjectKey& object, const std::string& field) {
  int by_product = 0;
  for (const ThingKey& key : ever_linked_[object]) {
    const Thing& thing = things_.at(key);
    for (const Source& each : kSources) {
      const auto changes = thing.changes.find(each.member);
      if (field == each.wire && changes != thing.changes.end()) by_product += changes->second;
    }
    int all = 0;
    for (const auto& [member, count] : thing.changes) all += count;
    // Each report may wake a device that has been silent through all its states.
    if (field == "status" || field == "activeFlag" || field == "inactiveFlag") by_product += 2 * thing.reports + 2;
    if (field == "communications") by_product += all;
    // Its customer may have become another company.
    if (field == "company") by_product += removals_ + merges_ + 1;
  }
  const auto deeds = deeds_.find({object, field});
  const int by_people = deeds == deeds_.end() ? 0 : deeds->second;
  int lost = unbooked(object);
  for (const Written& each : written_)
    lost += each.object == object && !each.heard && std::ranges::find(each.fields, field) != each.fields.end();
  // An e-mail address and a telephone number are two fields, and two customers in one company contest each other.
  const int fields = field == "communications" ? 2 : 1;
  const int others = static_cast<int>(ever_linked_[object].size()) - 1;
  const int contests = fields * plan::kOverruledMax * (by_product + 1);
  if (others > 0) return (others + 1) * (fields + contests) + by_people + lost;
  return fields + by_product + std::min(by_people, contests) + lost;
}

std::string Shop::writes_bounded() {
  std::map<std::pair<ObjectKey, std::string>, int> counts;
  for (const Written& each : written_)
    if (each.done && !each.object.second.empty() && each.object.first.starts_with("company/"))
      for (const std::string& field : each.fields)
        if (!wire_owner(each.object.first, field).empty()) ++counts[{each.object, field}];
  for (const auto& [what, count] : counts) {
    const int bound = causes_of(what.first, what.second);
    if (count > bound)
      return fmt::format("{} {}: \"{}\" was written {} times, and {} of these have a reason", what.first.first,
                         what.first.second, what.second, count, bound);
  }
  return {};
}

}  // namespace crosswalk::simulation
