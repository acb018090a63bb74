// Customers, contacts and devices on the one path: what is theirs beside reconciler.cc.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "engine/reconciler.h"
#include "mapping/personal_data.h"
#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

std::string in_words(const psa::Reference* value) {
  if (!value) return "nothing";
  return value->name.empty() ? "id " + value->id : "\"" + value->name + "\"";
}

/// What is different from when the object was last looked at, in words; the fields' names go into `fields`.
std::string changes_in_words(psa::ObjectKind kind, const psa::ObjectValues& before, const psa::ObjectValues& now,
                             std::vector<std::string>& fields) {
  std::string words;
  const auto compare = [&](std::string_view name) {
    const auto old_value = before.find(name), new_value = now.find(name);
    const psa::Reference* left = old_value == before.end() ? nullptr : &old_value->second;
    const psa::Reference* right = new_value == now.end() ? nullptr : &new_value->second;
    if ((!left && !right) || (left && right && psa::same_value(*left, *right))) return;
    fields.emplace_back(name);
    words += fmt::format("{}{}: {} -> {}", words.empty() ? "" : "; ", psa::label_of(kind, name), in_words(left),
                         in_words(right));
  };
  for (const psa::ObjectField& field : psa::object_fields(kind)) compare(field.name);
  // Answers to questions and custom fields, as many as there are.
  std::set<std::string_view> open_ended;
  for (const psa::ObjectValues* values : {&before, &now})
    for (const auto& [name, value] : *values)
      if (name.starts_with(psa::kQuestionPrefix) || name.starts_with(psa::kCustomFieldPrefix)) open_ended.insert(name);
  for (const std::string_view name : open_ended) compare(name);
  return words;
}

/// Devices last seen at or before this are about to leave; before all times when none leaves by being silent.
Timestamp silent_until(const mapping::ObjectDocument& document, Timestamp now) {
  Duration silence = document.inactive_after;
  if (silence.count() == 0 || (document.retired_after.count() > 0 && document.retired_after < silence))
    silence = document.retired_after;
  return silence.count() == 0 ? Timestamp{} : now - silence;
}

/// A person has agreed to a plan.
bool agreed(Reconciler::Purpose purpose) { return purpose != Reconciler::Purpose::apply; }

}  // namespace

void Reconciler::think_object(const PartnerState& partner, Item& item) {
  const workflows::ObjectView view{.record = *item.entity,
                                   .document = partner.document_of(item.ref.kind),
                                   .link = item.object_link ? &*item.object_link : nullptr,
                                   .candidate = item.candidate ? &*item.candidate : nullptr,
                                   .searched = item.searched,
                                   .in_doubt = item.in_doubt,
                                   .company = item.company,
                                   .mapped_company = item.mapped_company,
                                   .mapped_excluded = item.mapped_excluded,
                                   .leaving = item.leaving,
                                   .person_agrees = item.person_agrees,
                                   .now = clock_.now()};
  workflows::ObjectAnswer answer = item.ref.kind == model::RecordKind::customer  ? workflows::customer_to_company(view)
                                   : item.ref.kind == model::RecordKind::contact ? workflows::contact_to_contact(view)
                                                                                 : device_to_configuration(view);
  item.answer = std::move(answer.answer);
  item.wanted = std::move(answer.wanted);
  item.needs_search = answer.needs_search;
  if (item.wanted && item.object_link)
    for (const std::string& field : plan::contested_fields(*item.wanted, *item.object_link))
      item.answer.problems.push_back(
          {mapping::Problem::Level::warning, "object.contested", "/fields/" + field,
           fmt::format("\"{}\" is changed back in ConnectWise each time; it is left as it is there.", field)});
}

std::optional<Reconciler::Next> Reconciler::next_object(Item& item) {
  if (!item.wanted) return std::nullopt;
  std::optional<Timestamp> waits_until;
  auto step =
      plan::next_object_step(*item.wanted, item.object_link ? &*item.object_link : nullptr, clock_.now(), waits_until);
  if (waits_until) item.answer.ask_again(*waits_until);
  if (!step) return std::nullopt;
  return Next{std::move(*step), 0};
}

psa::Object Reconciler::kept_of(const PartnerState& partner, psa::Object object) {
  mapping::drop_unnamed(partner.document_of(object.id.kind), object.id.kind, object.values);
  return object;
}

/// `object` null: it is not there any more.
void Reconciler::take_view(PartnerState& partner, Item& item, const psa::Object* object) {
  workflows::ObjectLink& link = *item.object_link;
  const Timestamp now = clock_.now();
  item.object_changed = item.object_looked_at = true;
  std::string text;
  if (!object) {
    if (link.gone.empty())
      text = fmt::format("{} {} is not there any more.", psa::to_string(link.object.kind), link.object.value);
    link.gone = "deleted";
    link.observed_at = now;
  } else {
    const mapping::ObjectDocument* document = partner.document_of(item.ref.kind);
    for (psa::ObjectValues* values : {&link.observed, &link.kept, &link.written})
      mapping::drop_unnamed(document, link.object.kind, *values);
    psa::ObjectValues shown = object->values;
    // What was not kept until now is no change.
    if (const std::string named = mapping::named_digest(document); link.named != named) {
      std::erase_if(shown, [&](const auto& value) { return !link.observed.contains(value.first); });
      link.named = named;
    }
    const std::string changes = changes_in_words(link.object.kind, link.observed, shown, item.changed_there);
    const bool was_gone = !link.gone.empty();
    link.gone.clear();
    plan::observe_object(*object, now, link);
    if (!link.gone.empty() && !was_gone)
      text = fmt::format("{} {} is {} in ConnectWise.", psa::to_string(link.object.kind), link.object.value, link.gone);
    else if (was_gone && link.gone.empty())
      text = "It is there again.";
    else if (!changes.empty())
      text = fmt::format("Changed in ConnectWise{}{}: {}", link.updated_by.empty() ? "" : " by " + link.updated_by,
                         link.updated_at ? " at " + format_timestamp(*link.updated_at) : "", changes);
  }
  if (!text.empty())
    item.journal.push_back({0, item.row.ref, now, json::serialize(json::object{{"kind", "decision"}, {"text", text}})});
  const auto index = partner.indexes.find(link.object.kind);
  if (index == partner.indexes.end()) return;
  psa::Object missing;
  missing.id = link.object;
  missing.deleted = true;
  index->second->put(object ? *object : missing);
}

boost::asio::awaitable<void> Reconciler::look_at_objects(PartnerState& partner, const psa::Psa& psa,
                                                         std::vector<Item>& items) {
  std::map<psa::ObjectKind, std::vector<Item*>> wanted;
  for (Item& item : items) {
    if (!item.is_object() || item.stop || !item.object_link) continue;
    if (!item.object_stale && !item.in_doubt) continue;
    if (mapping::has_opted_out(item.entity->attributes)) {
      // Nothing more is read of this person, so there is nothing that could end a doubt.
      item.looked_up_at = clock_.now();
      continue;
    }
    wanted[kind_of(item)].push_back(&item);
  }
  for (auto& [kind, list] : wanted) {
    std::vector<std::string> ids;
    for (const Item* item : list) ids.push_back(item->object_link->object.value);
    const Timestamp asked_at = clock_.now();
    metrics_.lookups += 1;
    const auto found = co_await psa.objects->objects_by_id(kind, ids, psa::Lane::records);
    std::map<std::string, const psa::Object*> by_id;
    for (const psa::Object& each : found.items) by_id[each.id.value] = &each;
    for (Item* item : list) {
      if (!found.complete) {
        postpone(partner, *item, found.error, found.disposition, found.retry_after);
        continue;
      }
      const auto object = by_id.find(item->object_link->object.value);
      if (object == by_id.end()) {
        take_view(partner, *item, nullptr);
      } else {
        const psa::Object kept = kept_of(partner, *object->second);
        take_view(partner, *item, &kept);
      }
      if (item->in_doubt) item->looked_up_at = asked_at;
    }
  }
}

boost::asio::awaitable<void> Reconciler::observe_objects(PartnerState& partner, const psa::Psa& psa,
                                                         std::vector<Item>& items, Purpose purpose) {
  bool any = false;
  std::optional<workflows::Leaving> leaving;
  for (Item& item : items) {
    if (!item.is_object() || item.stop) continue;
    any = true;
    item.person_agrees = agreed(purpose);
    const mapping::ObjectDocument* document = partner.document_of(item.ref.kind);
    if (item.ref.kind != model::RecordKind::device || !document || !item.object_link) continue;
    const auto life = workflows::device_life(*item.entity, *document, clock_.now());
    const bool leaves = life.state != mapping::DeviceState::active && life.state != mapping::DeviceState::stale;
    if (!leaves || item.object_link->state == mapping::to_string(life.state)) continue;
    if (!leaving) {
      const auto counted = store_.leaving(partner.row.id, silent_until(*document, clock_.now()));
      leaving = counted ? workflows::Leaving{counted->devices, counted->of} : workflows::Leaving{};
    }
    item.leaving = *leaving;
  }
  if (!any || !psa.objects) co_return;
  for (Item& item : items) {
    if (!item.is_object() || item.stop) continue;
    item.instance = psa.instance;
    // Its ids mean something else where the partner is now: nothing of it is written to, and it is looked for anew.
    if (item.object_link && !item.object_link->instance.empty() && item.object_link->instance != psa.instance) {
      item.object_link.reset();
      item.was_linked = false;
    }
    think(partner, item);
  }
  co_await look_at_objects(partner, psa, items);
  for (Item& item : items)
    if (item.is_object() && !item.stop) think(partner, item);
  co_await search_objects(partner, psa, items);
  for (Item& item : items) {
    if (!item.is_object() || item.stop) continue;
    if (item.searched) think(partner, item);
    // Where nothing is asked for, there is nothing to look for, and no doubt that could be ended by looking.
    if (item.in_doubt && !item.looked_up_at && !item.object_link) {
      item.looked_up_at = clock_.now();
      // Once its customer is known, or the person is back, there will be.
      item.doubt_stays = item.answer.held && (item.answer.held->code == "mapping.customer_unknown" ||
                                              item.answer.held->code == "contact.opted_out");
    }
  }
  co_await view_decided(partner, psa, items);
}

boost::asio::awaitable<void> Reconciler::create_together(PartnerState& partner, const psa::Psa& psa,
                                                         std::vector<Item>& items, Purpose purpose) {
  if (purpose == Purpose::pretend || !psa.applies) co_return;
  struct Waiting {
    Item* item;
    plan::Step step;
  };
  std::map<psa::ObjectKind, std::vector<Waiting>> waiting;
  for (Item& item : items) {
    if (!item.is_object() || item.stop || item.steps_max == std::size_t{0}) continue;
    think(partner, item);
    if (purpose == Purpose::apply && item.answer.mode != mapping::Mode::live) continue;
    auto next = next_object(item);
    if (!next || !std::holds_alternative<psa::CreateObject>(next->step.operation) || must_wait(item)) continue;
    waiting[kind_of(item)].push_back({&item, std::move(next->step)});
  }
  for (auto& [kind, list] : waiting) {
    const auto together = psa.create_together_max.find(kind);
    if (together == psa.create_together_max.end() || list.size() < 2) continue;
    const std::size_t together_max = together->second;
    for (std::size_t begin = 0; begin < list.size(); begin += together_max) {
      const std::size_t count = std::min(together_max, list.size() - begin);
      std::vector<psa::CreateObject> objects;
      for (std::size_t i = begin; i < begin + count; ++i)
        objects.push_back(std::get<psa::CreateObject>(list[i].step.operation));
      std::vector<psa::Outcome> outcomes = co_await psa.applies->create_together(objects, psa::Lane::records);
      for (std::size_t i = 0; i < count; ++i) {
        Waiting& each = list[begin + i];
        each.item->steps.push_back(each.step);
        if (settle_object(partner, *each.item, each.step, outcomes[i])) each.item->in_doubt = false;
      }
    }
  }
}

void Reconciler::pretend_object(Item& item, const plan::Step& step) {
  psa::ObjectId id{"planned", item.ref.partner, kind_of(item), fmt::format("new{}", ++planned_count_)};
  if (const auto* link = std::get_if<psa::LinkObject>(&step.operation))
    id.value = link->object.value;
  else if (item.object_link && !std::holds_alternative<psa::CreateObject>(step.operation))
    id = item.object_link->object;
  if (!item.object_link) item.object_link.emplace();
  std::optional<psa::Object> observed;
  if (std::holds_alternative<psa::LinkObject>(step.operation)) observed = item.decided_view;
  plan::settle_object(step, *item.wanted, id, observed, clock_.now(), *item.object_link);
}

boost::asio::awaitable<psa::Outcome> Reconciler::apply_object(PartnerState& partner, const psa::Psa& psa, Item& item,
                                                              const plan::Step& step) {
  if (!std::holds_alternative<psa::LinkObject>(step.operation))
    co_return co_await psa.applies->apply(step.operation, psa::Lane::records);
  psa::Outcome linked;
  // Others may have been linked to it since it was chosen: nothing comes between this look and the claim.
  const auto owner = owner_of(partner, psa, item);
  if (!owner || !owner->empty()) {
    linked.error = owner ? taken_error(item, *owner) : owner.error();
    linked.disposition = crosswalk::explain(linked.error.code).disposition;
    co_return linked;
  }
  item.claimed = claim_of(item);
  partner.claimed.insert_or_assign(*item.claimed, item.row.ref);
  linked.applied = true;
  linked.object = std::get<psa::LinkObject>(step.operation).object;
  linked.object->provider = psa.provider;
  linked.object->partner = item.ref.partner;
  linked.observed_object = item.decided_view;
  co_return linked;
}

bool Reconciler::settle_object(PartnerState& partner, Item& item, const plan::Step& step, const psa::Outcome& outcome) {
  if (!outcome.applied) {
    journal(item, step, outcome, item.object_link ? item.object_link->object.value : "");
    const auto* update = std::get_if<psa::UpdateObject>(&step.operation);
    if (outcome.disposition == Disposition::gone && update && plan::stands_alone(update->object.kind, update->values)) {
      // A communication item was taken away; its contact may well be there, and gets a new one.
      for (const auto& [field, value] : update->values) {
        item.object_link->observed.erase(field);
        item.object_link->observed.erase(field + "_item");
      }
      item.object_changed = true;
      return true;
    }
    if (outcome.disposition == Disposition::gone && item.object_link) {
      take_view(partner, item, nullptr);
      return true;
    }
    handle_failure(partner, item, step, outcome);
    return false;
  }
  metrics_.operations_applied += 1;
  item.attempts = 0;
  const auto index = partner.indexes.find(kind_of(item));
  if (index != partner.indexes.end() && item.object_link) index->second->release(item.object_link->object.value);
  if (!item.object_link) item.object_link.emplace();
  std::optional<psa::Object> observed = outcome.observed_object;
  if (observed) *observed = kept_of(partner, std::move(*observed));
  plan::settle_object(step, *item.wanted, *outcome.object, observed, clock_.now(), *item.object_link);
  item.object_link->instance = item.instance;
  item.object_link->named = mapping::named_digest(partner.document_of(item.ref.kind));
  item.object_changed = true;
  // The next change of an address is one of this item, and not another item.
  if (const auto* update = std::get_if<psa::UpdateObject>(&step.operation); update && !outcome.part.empty())
    for (const auto& [field, value] : update->values) item.object_link->observed[field + "_item"] = {"", outcome.part};
  const bool written = !std::holds_alternative<psa::LinkObject>(step.operation);
  if (written && outcome.observed_object && !outcome.observed_object->updated_by.empty())
    partner.member = outcome.observed_object->updated_by;
  if (index != partner.indexes.end()) {
    if (outcome.observed_object) index->second->put(*outcome.observed_object);
    index->second->take(item.object_link->object.value, item.row.ref);
  }
  journal(item, step, outcome, item.object_link->object.value);
  return true;
}

void Reconciler::write_down_object(const PartnerState& partner, const Item& item, store::RecordSettled& settled,
                                   store::Transaction& transaction) const {
  if (item.ref.kind == model::RecordKind::device && !item.stop) {
    // Devices that are known to have left do not count when the next ones leave.
    const std::string state = item.object_link ? item.object_link->state : "";
    const bool left = state == "inactive" || state == "retired" || state == "replaced";
    const bool never_was = item.answer.held && item.answer.held->code == "object.left";
    settled.open = !(left || never_was);
  }
  if (!item.object_link || !item.object_changed || item.object_link->object.provider == "planned") return;
  store::LinkRow row;
  row.ref = item.row.ref;
  row.anchor = std::string(workflows::kObjectAnchor);
  row.provider = item.object_link->object.provider;
  row.object_kind = std::string(psa::to_string(item.object_link->object.kind));
  row.object_id = item.object_link->object.value;
  row.state = workflows::serialize(*item.object_link);
  if (item.object_looked_at) row.looked_at_for = item.row.version;
  transaction.links.push_back(std::move(row));
  const std::string linked_now = item.object_link->gone.empty() ? item.object_link->object.value : std::string();
  if (linked_now == item.linked_before) return;
  const Timestamp now = clock_.now();
  // What the record was until now is free for another that was said to be it.
  if (!item.linked_before.empty())
    transaction.wakes.push_back({partner.row.id, store::Wake::Which::taken, now, item.row.ref.kind});
  // A ticket that names the former configuration gets the new one. One that never had any asks by itself.
  if (item.ref.kind == model::RecordKind::device && item.was_linked && !linked_now.empty())
    transaction.wakes.push_back(
        {partner.row.id, store::Wake::Which::alerts_of_device, now, json::serialize(json::value(item.row.ref.key))});
  if (item.ref.kind != model::RecordKind::customer) return;
  // Whatever waited for this customer's company goes on.
  transaction.wakes.push_back({partner.row.id, store::Wake::Which::customer, now, item.row.ref.key});
  transaction.wakes.push_back({partner.row.id, store::Wake::Which::parked_alerts, now, ""});
}

}  // namespace crosswalk::engine
