#include "plan/object_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "psa/object_fields.h"

namespace crosswalk::plan {
namespace {

using mapping::Ownership;
using psa::shown;
using workflows::DesiredObject;
using workflows::DesiredValue;
using workflows::ObjectLink;

FieldChange change_of(psa::ObjectKind kind, const DesiredValue& value, const psa::Reference* before) {
  return {psa::label_of(kind, value.field), shown(before), shown(&value.value), value.decided_by,
          std::string(mapping::to_string(value.ownership))};
}

Step create(const DesiredObject& wanted) {
  Step step;
  psa::CreateObject operation;
  operation.kind = wanted.kind;
  operation.communication_types = wanted.communication_types;
  for (const DesiredValue& each : wanted.values) {
    if (each.ownership == Ownership::psa) continue;
    operation.values[each.field] = each.value;
    step.changes.push_back(change_of(wanted.kind, each, nullptr));
  }
  step.kind = "create";
  step.text = fmt::format("Create {} \"{}\"", psa::to_string(wanted.kind), wanted.name);
  step.why = wanted.why;
  step.operation = std::move(operation);
  return step;
}

Step link_to(const DesiredObject& wanted, const psa::ObjectId& object) {
  Step step;
  step.kind = "link";
  step.text = fmt::format("Link to {} {}{}", psa::to_string(wanted.kind), object.value,
                          wanted.decided.name.empty() ? "" : " \"" + wanted.decided.name + "\"");
  step.why = wanted.decided_by;
  step.operation = psa::LinkObject{object};
  return step;
}

/// We have written just this before.
bool is_rewrite(const DesiredValue& value, const ObjectLink& link) {
  const auto written = link.written.find(value.field);
  return written != link.written.end() && psa::same_value(written->second, value.value);
}

bool is_contested(std::string_view field, const ObjectLink& link) {
  const auto count = link.overruled.find(field);
  return count != link.overruled.end() && count->second >= kOverruledMax;
}

/// Where a record is in its life, and whose it is, is never another tool's to say.
bool is_of_life(std::string_view field) { return field == "active" || field == "inactive" || field == "company"; }

bool is_told(const psa::Reference* seen) { return seen && !(seen->id.empty() && seen->name.empty()); }

/// What was there when the object was adopted stays, until a person says otherwise. A status follows the device's life
/// once that has changed.
bool is_theirs(const DesiredValue& value, const ObjectLink& link) {
  const auto theirs = link.theirs.find(value.field);
  if (theirs == link.theirs.end() || !is_told(link.seen(value.field))) return false;
  return value.field != "status" || psa::same_value(theirs->second, value.value);
}

/// What the product owns and the PSA shows otherwise.
bool is_other(const DesiredValue& value, const ObjectLink& link) {
  if (value.ownership != Ownership::product) return false;
  const psa::Reference* seen = link.seen(value.field);
  if (seen && psa::same_value(*seen, value.value)) return false;
  return seen || value.value.name != "false";  // a flag that is not set is left out
}

bool differs(const DesiredObject& wanted, const DesiredValue& value, const ObjectLink& link) {
  if (!is_other(value, link)) return false;
  if (!wanted.takes_theirs && is_theirs(value, link)) return false;
  const psa::Reference* seen = link.seen(value.field);
  if (!is_rewrite(value, link)) return true;
  // The PSA may keep a value in another form than it was given; that is not written again and again.
  const auto kept = link.kept.find(value.field);
  if (kept != link.kept.end() && seen && psa::same_value(kept->second, *seen)) return false;
  return !is_contested(value.field, link);
}

bool stands_alone(psa::ObjectKind kind, std::string_view field) {
  if (kind == psa::ObjectKind::contact) return field == "email" || field == "phone";
  return kind == psa::ObjectKind::configuration && field == "type";
}

std::optional<Step> update(const DesiredObject& wanted, const ObjectLink& link, Timestamp now,
                           std::optional<Timestamp>& waits_until) {
  Step step;
  psa::UpdateObject operation{link.object, {}, {}};
  bool pressing = false;
  std::optional<Duration> soonest;
  const DesiredValue* alone = nullptr;
  for (const DesiredValue& each : wanted.values) {
    if (!differs(wanted, each, link)) continue;
    if (stands_alone(wanted.kind, each.field)) {
      if (!alone) alone = &each;
      continue;
    }
    if (each.every)
      soonest = std::min(soonest.value_or(*each.every), *each.every);
    else
      pressing = true;
    operation.values[each.field] = each.value;
    step.changes.push_back(change_of(wanted.kind, each, link.seen(each.field)));
  }
  if (!pressing && soonest && link.written_at + *soonest > now) {
    waits_until = link.written_at + *soonest;
    operation.values.clear();
    step.changes.clear();
  }
  if (operation.values.empty() && alone) {
    psa::Reference value = alone->value;
    if (const psa::Reference* item = link.seen(alone->field + "_item")) value.id = item->name;
    operation.values[alone->field] = value;
    const auto type = wanted.communication_types.find(alone->field);
    if (type != wanted.communication_types.end()) operation.communication_type = type->second;
    step.changes.push_back(change_of(wanted.kind, *alone, link.seen(alone->field)));
  }
  if (operation.values.empty()) return std::nullopt;
  // The answers to a configuration's questions are sent as a whole: one that is left out might be taken for empty.
  const auto is_question = [](const auto& value) { return value.first.starts_with(psa::kQuestionPrefix); };
  if (std::any_of(operation.values.begin(), operation.values.end(), is_question))
    for (const auto& value : link.observed)
      if (is_question(value)) operation.values.insert(value);
  step.kind = "update";
  step.text = fmt::format("Update {} {} \"{}\"", psa::to_string(wanted.kind), link.object.value, wanted.name);
  step.why = link.state == wanted.state ? "the product's value changed" : "the device is " + wanted.state;
  step.operation = std::move(operation);
  return step;
}

}  // namespace

std::optional<Step> next_object_step(const DesiredObject& wanted, const ObjectLink* link, Timestamp now,
                                     std::optional<Timestamp>& waits_until) {
  const bool linked = link && link->gone.empty();
  // A person may choose another object than the one that was linked.
  if (!wanted.decided.empty() && (!linked || link->object.value != wanted.decided.id)) {
    const psa::ObjectId object{"", {}, wanted.kind, wanted.decided.id};
    return link_to(wanted, object);
  }
  if (!linked) {
    if (!wanted.may_create) return std::nullopt;
    return create(wanted);
  }
  return update(wanted, *link, now, waits_until);
}

bool stands_alone(psa::ObjectKind kind, const psa::ObjectValues& values) {
  return kind == psa::ObjectKind::contact && std::ranges::any_of(values, [&](const auto& value) {
           return stands_alone(kind, std::string_view(value.first));
         });
}

std::vector<std::string> contested_fields(const DesiredObject& wanted, const ObjectLink& link) {
  std::vector<std::string> fields;
  for (const DesiredValue& each : wanted.values) {
    const psa::Reference* seen = link.seen(each.field);
    const bool agrees = seen && psa::same_value(*seen, each.value);
    if (!agrees && is_rewrite(each, link) && is_contested(each.field, link)) fields.push_back(each.field);
  }
  return fields;
}

std::vector<std::string> fields_of_others(const DesiredObject& wanted, const ObjectLink& link) {
  std::vector<std::string> fields;
  if (wanted.takes_theirs) return fields;
  for (const DesiredValue& each : wanted.values)
    if (is_other(each, link) && is_theirs(each, link)) fields.push_back(each.field);
  return fields;
}

void observe_object(const psa::Object& object, Timestamp now, ObjectLink& link) {
  link.observed = object.values;
  link.observed_at = now;
  link.updated_at = object.updated_at;
  link.updated_by = object.updated_by;
  if (object.deleted) link.gone = "deleted";
}

void settle_object(const Step& step, const DesiredObject& wanted, const psa::ObjectId& object,
                   const std::optional<psa::Object>& observed, Timestamp now, ObjectLink& link) {
  if (std::holds_alternative<psa::LinkObject>(step.operation)) {
    link = {};
    link.object = object;
    link.how = step.why;
    link.linked_at = now;
    if (observed) observe_object(*observed, now, link);
    if (wanted.keeps_theirs)
      for (const DesiredValue& each : wanted.values)
        if (is_other(each, link) && is_told(link.seen(each.field)) && !is_of_life(each.field))
          link.theirs[each.field] = each.value;
    return;
  }
  const psa::ObjectValues* values = nullptr;
  if (const auto* create = std::get_if<psa::CreateObject>(&step.operation)) {
    link = {};
    link.object = object;
    link.how = "made by Crosswalk";
    link.made_by_us = true;
    link.linked_at = now;
    values = &create->values;
  } else {
    values = &std::get<psa::UpdateObject>(step.operation).values;
  }
  if (observed) {
    observe_object(*observed, now, link);
  }
  for (const auto& [field, value] : *values) {
    const bool alone = stands_alone(wanted.kind, field) && wanted.kind == psa::ObjectKind::contact;
    const psa::Reference now_written = alone ? psa::Reference{"", value.name} : value;
    const auto before = link.written.find(field);
    if (before != link.written.end() && psa::same_value(before->second, now_written))
      ++link.overruled[field];
    else
      link.overruled.erase(field);
    psa::Reference& written = link.written[field] = now_written;
    link.theirs.erase(field);
    if (!observed) link.observed[field] = written;
    const psa::Reference* shown_now = link.seen(field);
    if (shown_now && !psa::same_value(*shown_now, written))
      link.kept[field] = *shown_now;
    else
      link.kept.erase(field);
  }
  link.written_at = now;
  if (!observed) link.observed_at = now;
  if (wanted.leaves_by_itself)
    link.left_at = now;
  else if (link.state != wanted.state)
    link.left_at = {};
  link.state = wanted.state;
}

}  // namespace crosswalk::plan
