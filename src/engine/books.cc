#include "engine/books.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "base/assert.h"
#include "engine/link_rows.h"
#include "engine/outbound_events.h"
#include "engine/people_acts.h"
#include "engine/waits.h"
#include "engine/wakes.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// A storm whose ticket technicians have closed or removed.
bool is_abandoned(const Item& item) {
  for (const workflows::Link& link : item.links)
    if (link.anchor == workflows::storm_anchor(*item.group)) return !link.gone.empty() || link.closed_by_people();
  return false;
}

}  // namespace

void Books::write_down(PartnerState& partner, const Item& item, bool has_news, store::Transaction& transaction) const {
  store::RecordSettled settled;
  settled.ref = item.row.ref;
  settled.version = item.row.version;
  settled.due_at = item.due_at;
  settled.parked = item.parked;
  // A look that could not be made changes nothing.
  if (item.parked.empty() && item.stop && !Waits::is_told_anew(item) && !std::ranges::count(item.results, "applied"))
    settled.parked = item.row.parked;
  settled.attempts = item.attempts;
  if (item.looks_again)
    partner.refused.insert(item.row.ref);
  else if (!item.stop || !item.due_at || !item.parked.empty())
    partner.refused.erase(item.row.ref);
  write_down_object(partner, item, settled, transaction);
  const bool settled_storm = item.group && !has_news && !item.stop && !item.due_at && !item.answer.held;
  const bool abandoned = item.group && !item.stop && is_abandoned(item);
  if (abandoned) {
    // Technicians have ended the storm's ticket: what is still open is looked at for itself.
    transaction.wakes.push_back(wake_storm_members(item.row.ref.partner, item.row.ref.key, clock_.now()));
  }
  const bool over = abandoned || (settled_storm && workflows::is_over(item.members));
  tell_product(store_, partner, item, over ? store::Parked{} : settled.parked, clock_.now(), transaction);
  if (over) {
    settled.open = false;
    settled.due_at.reset();
    settled.parked = {};
    settled.attempts = 0;
    if (partner.open_groups) partner.open_groups->erase(item.row.ref.key);
  }
  if (item.group && item.answer.splits_storm && !has_news && !item.stop && !over)
    split_storm(item, settled, transaction);
  transaction.settled.push_back(std::move(settled));
  // Many alerts notice the same storm in one turn; the first of them begins it.
  if (item.group && !over && item.row.open && partner.open_groups) partner.open_groups->insert(item.row.ref.key);
  if (item.started_group && partner.open_groups && partner.open_groups->insert(item.started_group->ref.key).second) {
    transaction.records.push_back(*item.started_group);
    partner.clean.insert(item.started_group->ref);
  }
  for (const workflows::Link& link : item.links) {
    if (!item.changed_links.contains(link.anchor) || link.planned) continue;
    require(!link.object.value.empty() && !link.object.provider.empty(), "a link that is stored names its object");
    store::LinkRow row;
    row.ref = item.row.ref;
    row.anchor = link.anchor;
    row.provider = link.object.provider;
    row.object_kind = psa::to_string(link.object.kind);
    row.object_id = link.object.value;
    row.external_reference = link.external_reference;
    row.state = workflows::serialize(link);
    if (item.looked_at.contains(link.anchor) && !item.to_hear.contains(link.anchor))
      row.looked_at_for = item.row.version;
    transaction.links.push_back(std::move(row));
  }
  for (const std::string& act : people_acts(item.links_before, item.links))
    transaction.journal.push_back(
        {0, item.row.ref, clock_.now(), json::serialize(json::object{{"kind", "people"}, {"text", act}})});
  for (const store::JournalRow& row : item.journal) transaction.journal.push_back(row);
}

void Books::write_down_object(const PartnerState& partner, const Item& item, store::RecordSettled& settled,
                              store::Transaction& transaction) const {
  const workflows::Link* link = item.only_link();
  if (item.ref.kind == model::RecordKind::device && !item.stop) {
    // Devices that are known to have left do not count when the next ones leave.
    const std::string state = link ? link->turn : "";
    const bool left = state == "inactive" || state == "retired" || state == "replaced";
    const bool never_was =
        item.answer.held && (item.answer.held->code == "object.left" || item.answer.held->code == "object.succeeded");
    settled.open = !(left || never_was);
  }
  if (item.succeeds && link && !item.changed_links.empty()) succeed(item, transaction);
  if (item.look_at_object)
    transaction.changed.push_back(
        {partner.row.id, std::string(psa::to_string(link->object.kind)), link->object.value, clock_.now()});
  if (!link || item.changed_links.empty() || link->planned) return;
  const std::string linked_now = link->gone.empty() ? link->object.value : std::string();
  if (linked_now == item.linked_before) return;
  const Timestamp now = clock_.now();
  // What the record was until now is free for another that was said to be it.
  if (!item.linked_before.empty()) transaction.wakes.push_back(wake_taken(partner.row.id, item.row.ref.kind, now));
  // A ticket that names the former configuration gets the new one. One that never had any asks by itself.
  if (item.ref.kind == model::RecordKind::device && item.was_linked && !linked_now.empty())
    transaction.wakes.push_back(wake_alerts_of_device(partner.row.id, item.row.ref.key, now));
  if (item.ref.kind != model::RecordKind::customer) return;
  // Whatever waited for this customer's company goes on.
  transaction.wakes.push_back(wake_of_customer(partner.row.id, item.row.ref.key, now));
  transaction.wakes.push_back(wake_held_tickets(partner.row.id, now));
}

/// The record that was linked until now is told that it is another one now, in the same transaction.
void Books::succeed(const Item& item, store::Transaction& transaction) const {
  const std::array<store::RecordKey, 1> key{*item.succeeds};
  const auto rows = store_.links(key);
  if (!rows) return;
  for (store::LinkRow row : *rows) {
    auto link = read_link(row);
    if (row.object_id != item.only_link()->object.value || !link) continue;
    link->gone = fmt::format("that of the device \"{}\" now", item.ref.key);
    link->successor = item.ref.key;
    link->observed_at = clock_.now();
    row.state = workflows::serialize(*link);
    transaction.links.push_back(std::move(row));
    transaction.changed.push_back({item.row.ref.partner, std::string(psa::to_string(kind_of(item))),
                                   item.only_link()->object.value, clock_.now()});
  }
}

/// What is left of a storm is looked at for itself; the storm ends when it is looked at next.
void Books::split_storm(const Item& item, store::RecordSettled& settled, store::Transaction& transaction) const {
  model::Group group = *item.group;
  group.split_at = Timestamp{};
  for (const workflows::StormMember& member : item.members)
    if (member.open) group.split_at = std::max(*group.split_at, member.raised_at);
  store::RecordRow row = item.row;
  row.based_on = row.version++;
  row.state = model::serialize(group);
  row.due_at = clock_.now();
  settled.version = row.version;
  settled.due_at = row.due_at;
  transaction.records.push_back(std::move(row));
  transaction.wakes.push_back(wake_storm_members(item.row.ref.partner, item.row.ref.key, clock_.now()));
}

}  // namespace crosswalk::engine
