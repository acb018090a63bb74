// Customers, contacts and devices on the one path: what is theirs beside reconciler.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "engine/link_rows.h"
#include "engine/reconciler.h"
#include "engine/value_words.h"
#include "engine/wakes.h"
#include "mapping/personal_data.h"
#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// What is left as it was when the object was adopted, and what the product would write.
std::string words_of_theirs(const workflows::Desired& wanted, const workflows::Link& link, const std::string& field) {
  return fmt::format(
      "{} is {} in ConnectWise since before the link, and {} for the product; it is left as it is there.",
      psa::label_of(wanted.kind, field), value_in_words(link.seen(field)),
      value_in_words(&workflows::find_field(wanted.fields, field)->value));
}

}  // namespace

/// Fields that are left as they are in the PSA, with the reason.
void Reconciler::tell_left_fields(Item& item) {
  for (const workflows::Desired& desired : item.answer.wanted) {
    const workflows::Link* link = item.find_link(desired.anchor);
    if (!link) continue;
    for (const std::string& field : plan::contested_fields(desired, *link))
      item.answer.problems.push_back(
          {mapping::Problem::Level::warning, "object.contested", "/fields/" + field,
           fmt::format("\"{}\" is changed back in ConnectWise each time; it is left as it is there.", field)});
    for (const std::string& field : plan::fields_of_others(desired, *link))
      item.answer.problems.push_back({mapping::Problem::Level::warning, "object.theirs", "/fields/" + field,
                                      words_of_theirs(desired, *link, field)});
  }
}

psa::Object Reconciler::kept_of(const PartnerState& partner, psa::Object object) {
  mapping::drop_unnamed(partner.document_of(object.id.kind), object.id.kind, object.values);
  return object;
}

boost::asio::awaitable<void> Reconciler::create_together(PartnerState& partner, const psa::Psa& psa,
                                                         std::vector<Item>& items, Purpose purpose) {
  if (purpose == Purpose::pretend || !psa.applies) co_return;
  struct Waiting {
    Item* item;
    Next next;
  };
  std::map<psa::ObjectKind, std::vector<Waiting>> waiting;
  for (Item& item : items) {
    if (item.stop || item.steps_max == std::size_t{0} || !psa.create_together_max.contains(kind_of(item))) continue;
    think(partner, item);
    if (purpose == Purpose::apply && item.answer.mode != mapping::Mode::live) continue;
    auto next = this->next(item);
    if (!next || !std::holds_alternative<psa::CreateObject>(next->step.operation) || must_wait(item)) continue;
    waiting[kind_of(item)].push_back({&item, std::move(*next)});
  }
  for (auto& [kind, list] : waiting) {
    if (list.size() < 2) continue;
    const std::size_t together_max = psa.create_together_max.at(kind);
    for (std::size_t begin = 0; begin < list.size(); begin += together_max) {
      const std::size_t count = std::min(together_max, list.size() - begin);
      std::vector<psa::CreateObject> objects;
      for (std::size_t i = begin; i < begin + count; ++i)
        objects.push_back(std::get<psa::CreateObject>(list[i].next.step.operation));
      std::vector<psa::Outcome> outcomes = co_await psa.applies->create_together(objects, psa::Lane::records);
      for (std::size_t i = 0; i < count; ++i) {
        Waiting& each = list[begin + i];
        each.item->steps.push_back(each.next.step);
        if (settle(partner, *each.item, each.next, outcomes[i])) each.item->in_doubt = false;
      }
    }
  }
}

psa::Outcome Reconciler::claim_object(PartnerState& partner, const psa::Psa& psa, Item& item, const plan::Step& step) {
  psa::Outcome linked;
  // Others may have been linked to it since it was chosen: nothing comes between this look and the claim.
  const auto owner = owner_of(partner, psa, item);
  if (!owner || !owner->empty()) {
    linked.error = owner ? taken_error(item, *owner) : owner.error();
    linked.disposition = crosswalk::explain(linked.error.code).disposition;
    return linked;
  }
  if (item.candidate && !item.candidate->predecessor.empty() && item.candidate->object == item.wanted()->decided) {
    store::RecordKey former = item.row.ref;
    former.key = item.candidate->predecessor;
    // It must not be worked on while it is being changed.
    if (!partner.in_flight.insert(former).second) {
      linked.error = {"record.busy", "The record that it was until now is being worked on at this moment.", {}};
      linked.disposition = Disposition::retry;
      return linked;
    }
    item.succeeds = std::move(former);
  }
  item.claimed = claim_of(item);
  partner.claimed.insert_or_assign(*item.claimed, item.row.ref);
  linked.applied = true;
  linked.object = std::get<psa::LinkObject>(step.operation).object;
  linked.object->provider = psa.provider;
  linked.object->partner = item.ref.partner;
  linked.observed = item.decided_view;
  return linked;
}

void Reconciler::release(PartnerState& partner, const workflows::Link& link) {
  const auto index = partner.indexes.find(link.object.kind);
  if (index != partner.indexes.end()) index->second->release(link.object.value);
}

void Reconciler::settle_books(PartnerState& partner, const Item& item, const plan::Step& step,
                              const psa::Outcome& outcome, workflows::Link& link) {
  // The next change of an address is one of this item, and not another item.
  if (const auto* update = std::get_if<psa::UpdateObject>(&step.operation);
      update && !outcome.part.empty() && link.observed)
    for (const auto& [field, value] : update->values) link.observed->parts[field] = outcome.part;
  if (item.entity) link.instance = item.instance;
  link.named = mapping::named_digest(partner.document_of(item.ref.kind));
  if (step.kind != plan::StepKind::link && outcome.observed && !outcome.observed->updated_by.empty())
    partner.member = outcome.observed->updated_by;
  const auto index = partner.indexes.find(link.object.kind);
  if (index == partner.indexes.end()) return;
  if (outcome.observed) index->second->put(*outcome.observed);
  index->second->take(link.object.value, item.row.ref);
}

void Reconciler::write_down_object(const PartnerState& partner, const Item& item, store::RecordSettled& settled,
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

void Reconciler::tell_theirs(Item& item) const {
  std::string text;
  for (const mapping::Problem& each : item.answer.problems)
    if (each.code == "object.theirs") text += (text.empty() ? "" : " ") + each.message;
  if (text.empty()) return;
  item.journal.push_back(
      {0, item.row.ref, clock_.now(),
       json::serialize(json::object{{"kind", "decision"}, {"code", "object.theirs"}, {"text", text}})});
}

/// The record that was linked until now is told that it is another one now, in the same transaction.
void Reconciler::succeed(const Item& item, store::Transaction& transaction) const {
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

}  // namespace crosswalk::engine
