#include "plan/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "plan/markers.h"
#include "psa/object_fields.h"

namespace crosswalk::plan {
namespace {

using mapping::Ownership;
using psa::shown;
using psa::Value;
using workflows::Desired;
using workflows::DesiredField;
using workflows::Link;

constexpr std::array<std::string_view, 7> kStepKinds{"create", "link", "update", "close", "reopen", "note", "attach"};

FieldChange change_of(psa::ObjectKind kind, const DesiredField& field, const Value* before) {
  return {psa::label_of(kind, field.field), shown(before), shown(field.value), field.decided_by,
          std::string(mapping::to_string(field.ownership))};
}

FieldChange status_change(const workflows::Turn& turn, const Value* before) {
  return {std::string(psa::field::status), shown(before), shown(&turn.status), turn.decided_by,
          std::string(mapping::to_string(Ownership::product))};
}

/// "ticket #12", "company 7".
std::string called(const Desired& desired, const Link& link) {
  const std::string_view kind = psa::to_string(desired.kind);
  if (!desired.known_by_number) return fmt::format("{} {}", kind, link.object.value);
  return link.planned ? fmt::format("{} (new)", kind) : fmt::format("{} #{}", kind, link.object.value);
}

bool is_turn_due(const Desired& desired, const Link& link) { return desired.turn && link.turn != desired.turn->key; }

bool sets_status(const Desired& desired, const Link& link) {
  return is_turn_due(desired, link) && !desired.turn->status.empty();
}

bool reopens(const Desired& desired, const Link& link) {
  return sets_status(desired, link) && link.closed() && !desired.turn->closes;
}

/// We have written just this before.
bool is_rewrite(const DesiredField& field, const Link& link) {
  const Value* written = link.written_value(field.field);
  return written && *written == field.value;
}

bool is_contested(std::string_view field, const Link& link) {
  const auto count = link.overruled.find(field);
  return count != link.overruled.end() && count->second >= kOverruledMax;
}

bool is_of_life(psa::ObjectKind kind, std::string_view field) {
  const psa::ObjectField* known = psa::find_object_field(kind, field);
  return known && known->of_life;
}

bool is_told(const Value* seen) { return seen && !seen->is_nothing(); }

/// What was there when the object was adopted stays, until a person says otherwise. A status follows the life of what
/// it belongs to once that has changed.
bool is_theirs(const DesiredField& field, const Link& link) {
  const Value* theirs = psa::find(link.theirs, field.field);
  if (!theirs || !is_told(link.seen(field.field))) return false;
  return field.field != psa::field::status || *theirs == field.value;
}

/// What the product owns and the PSA shows otherwise.
bool is_other(const DesiredField& field, const Link& link) {
  if (field.ownership != Ownership::product) return false;
  const Value* seen = link.seen(field.field);
  if (psa::same(seen, &field.value)) return false;
  // A flag that is not set is left out.
  return seen || field.value.flag() != false;
}

bool differs(const Desired& desired, const DesiredField& field, const Link& link) {
  if (!is_other(field, link)) return false;
  if (!desired.takes_theirs && is_theirs(field, link)) return false;
  if (!is_rewrite(field, link)) return true;
  // The PSA may keep a value in another form than it was given; that is not written again and again.
  const Value* kept = psa::find(link.kept, field.field);
  if (kept && psa::same(kept, link.seen(field.field))) return false;
  return !is_contested(field.field, link);
}

/// Whether the product's value is another than we wrote, or somebody has changed what we wrote.
std::string why_written(const std::vector<const DesiredField*>& fields, const Link& link) {
  return std::ranges::any_of(fields, [&](const DesiredField* each) { return is_rewrite(*each, link); })
             ? "somebody has changed it in ConnectWise, and the mapping keeps the product's value"
             : "the product's value changed";
}

Step create(const Desired& desired) {
  Step step;
  psa::CreateObject operation;
  operation.kind = desired.kind;
  operation.external_reference = desired.external_reference;
  operation.description = desired.description;
  operation.communication_types = desired.communication_types;
  operation.values.reserve(desired.fields.size() + 1);
  for (const DesiredField& each : desired.fields) {
    if (each.ownership == Ownership::psa) continue;
    operation.values[each.field] = each.value;
    step.changes.push_back(change_of(desired.kind, each, nullptr));
  }
  if (desired.turn) {
    step.turn = desired.turn->key;
    step.sets_status = !desired.turn->status.empty();
    if (step.sets_status) {
      operation.values[std::string(psa::field::status)] = desired.turn->status;
      step.changes.push_back(status_change(*desired.turn, nullptr));
    }
  }
  step.kind = StepKind::create;
  const Value* board = psa::find(operation.values, psa::field::board);
  step.text = fmt::format("Create {} \"{}\"{}", psa::to_string(desired.kind), desired.name,
                          board ? " on board " + shown(board) : "");
  step.why = desired.why;
  step.note = desired.description;
  step.operation = std::move(operation);
  return step;
}

Step link_to(const Desired& desired) {
  Step step;
  step.kind = StepKind::link;
  step.text = fmt::format("Link to {} {}{}", psa::to_string(desired.kind), desired.decided.id,
                          desired.decided.name.empty() ? "" : " \"" + desired.decided.name + "\"");
  step.why = desired.decided_by;
  step.operation = psa::LinkObject{{"", {}, desired.kind, desired.decided.id}};
  return step;
}

/// One update of an object, as it is put together.
class Update {
 public:
  Update(const Desired& desired, const Link& link, Timestamp now) : desired_(desired), link_(link), now_(now) {}

  Next build() {
    const bool status = sets_status(desired_, link_);
    const bool opens = reopens(desired_, link_);
    operation_.object = link_.object;
    // A closed ticket is left alone unless it is being re-opened.
    if (!link_.closed() || opens) collect(status);
    if (status) {
      const workflows::Turn& turn = *desired_.turn;
      step_.changes.push_back(status_change(turn, link_.seen(psa::field::status)));
      operation_.values[std::string(psa::field::status)] = turn.status;
      step_.sets_status = true;
      step_.closes = turn.closes;
    }
    if (operation_.values.empty()) return std::move(next_);
    complete_questions();
    word(opens);
    step_.operation = std::move(operation_);
    next_.step = std::move(step_);
    return std::move(next_);
  }

 private:
  /// Fields that differ. One that stands alone waits until there is nothing else.
  void collect(bool pressing) {
    std::optional<Duration> soonest;
    const DesiredField* alone = nullptr;
    for (const DesiredField& each : desired_.fields) {
      if (!differs(desired_, each, link_)) continue;
      if (const psa::ObjectField* known = psa::find_object_field(desired_.kind, each.field); known && known->alone) {
        if (!alone) alone = &each;
        continue;
      }
      if (each.every)
        soonest = std::min(soonest.value_or(*each.every), *each.every);
      else
        pressing = true;
      changed_.push_back(&each);
    }
    if (!pressing && soonest && link_.written_at + *soonest > now_) {
      next_.waits_until = link_.written_at + *soonest;
      changed_.clear();
    }
    if (changed_.empty() && !pressing && alone) {
      changed_.push_back(alone);
      if (link_.observed)
        if (const auto part = link_.observed->parts.find(alone->field); part != link_.observed->parts.end())
          operation_.part = part->second;
      const auto type = desired_.communication_types.find(alone->field);
      if (type != desired_.communication_types.end()) operation_.communication_type = type->second;
    }
    for (const DesiredField* each : changed_) {
      operation_.values[each->field] = each->value;
      step_.changes.push_back(change_of(desired_.kind, *each, link_.seen(each->field)));
    }
  }

  /// The answers to a configuration's questions are sent as a whole: one that is left out might be taken for empty.
  void complete_questions() {
    const auto is_question = [](const auto& value) { return value.first.starts_with(psa::kQuestionPrefix); };
    if (!link_.observed || std::ranges::none_of(operation_.values, is_question)) return;
    for (const auto& value : link_.observed->values)
      if (is_question(value)) operation_.values.insert(value);
  }

  void word(bool opens) {
    const std::string object = called(desired_, link_);
    const bool turns = is_turn_due(desired_, link_);
    if (turns) step_.turn = desired_.turn->key;
    step_.kind = step_.closes ? StepKind::close : opens ? StepKind::reopen : StepKind::update;
    step_.why = turns && (step_.sets_status || !link_.turn.empty()) ? desired_.turn->why : why_written(changed_, link_);
    if (step_.closes)
      step_.text = fmt::format("Close {} as \"{}\"", object, shown(&desired_.turn->status));
    else if (opens)
      step_.text = fmt::format("Re-open {} as \"{}\"", object, shown(&desired_.turn->status));
    else
      step_.text = fmt::format("Update {}{}", object, desired_.known_by_number ? "" : " \"" + desired_.name + "\"");
  }

  const Desired& desired_;
  const Link& link_;
  Timestamp now_;
  Next next_;
  Step step_;
  psa::UpdateObject operation_;
  std::vector<const DesiredField*> changed_;
};

Step add_note(const workflows::DesiredNote& note, const Desired& desired, const Link& link) {
  Step step;
  const std::string marker = note_marker(desired.external_reference, note.key);
  step.kind = StepKind::note;
  step.text = fmt::format("Add {} note to {}", psa::to_string(note.kind), called(desired, link));
  step.why = note.why;
  step.note = note.text;
  step.note_key = note.key;
  step.notes_covered = note.covers;
  step.operation = psa::AddNote{link.object, marker, note.kind, mark(note.text, marker)};
  return step;
}

std::optional<Step> attach(const Desired& desired, const Link& link) {
  Step step;
  step.kind = StepKind::attach;
  psa::AttachChildren children{link.object, {}};
  for (const psa::ObjectId& child : desired.children)
    if (!link.children.contains(child.value)) children.children.push_back(child);
  if (!children.children.empty()) {
    step.text = fmt::format("Put {} ticket{} beneath {}", children.children.size(),
                            children.children.size() == 1 ? "" : "s", called(desired, link));
    step.why = "they belong to the same storm";
    step.operation = std::move(children);
    return step;
  }
  // One that was made anew after the former was deleted takes its place.
  const bool is_another =
      !desired.configuration.empty() && !link.configuration.empty() && desired.configuration != link.configuration;
  if (desired.configuration_device.empty() || (link.configuration_attached && !is_another)) return std::nullopt;
  step.text =
      fmt::format("Link the configuration of device {} to {}", desired.configuration_device, called(desired, link));
  step.why = is_another ? "the device has another configuration now" : "the alert names its device";
  step.operation = psa::AttachConfiguration{link.object, desired.configuration, desired.configuration_device};
  return step;
}

/// Of what is linked: re-opened before it is written upon, and closed after.
Next next_of_linked(const Desired& desired, const Link& link, Timestamp now) {
  Next next;
  const bool first = reopens(desired, link) || (desired.fields_first && !sets_status(desired, link));
  if (first) next = Update(desired, link, now).build();
  for (const workflows::DesiredNote& note : desired.notes)
    if (!next.step && !link.posted.contains(note.key)) next.step = add_note(note, desired, link);
  if (!next.step) next.step = attach(desired, link);
  if (!next.step) next = Update(desired, link, now).build();
  return next;
}

/// The values that a step writes; null: none.
const psa::Values* values_of(const Step& step) {
  if (const auto* create = std::get_if<psa::CreateObject>(&step.operation)) return &create->values;
  if (const auto* update = std::get_if<psa::UpdateObject>(&step.operation)) return &update->values;
  return nullptr;
}

void begin_link(const Step& step, const Desired& desired, const psa::ObjectId& object, Timestamp now, Link& link) {
  // What is known of the events belongs to the record, whatever it is linked to.
  const std::int64_t linked_sequence = link.linked_sequence, observed_sequence = link.observed_sequence;
  link = {};
  link.linked_sequence = linked_sequence;
  link.observed_sequence = observed_sequence;
  link.anchor = desired.anchor;
  link.anchored_at = desired.anchored_at;
  link.external_reference = desired.external_reference;
  require(!object.value.empty() && object.kind == desired.kind, "what is linked has an id and the kind that is wanted");
  link.object = object;
  link.made_by_us = step.kind == StepKind::create;
  link.how = link.made_by_us ? "made by Crosswalk" : step.why;
  link.linked_at = now;
}

/// What was written is kept by field, with how often people have changed it back.
void remember_written(const Step& step, const psa::Values& values, Link& link) {
  for (const auto& [field, value] : values) {
    const bool of_turn = step.sets_status && field == psa::field::status;
    const Value* before = link.written_value(field);
    if (before && *before == value && !of_turn)
      ++link.overruled[field];
    else
      link.overruled.erase(field);
    link.written[field] = value;
    link.theirs.erase(field);
  }
}

/// Without the PSA's own word (a plan, or an answer without a body), what was written is taken for what is there.
void observe_written(const Step& step, const psa::Values& values, Timestamp now, Link& link) {
  if (!link.observed) {
    link.observed.emplace();
    link.observed->id = link.object;
    link.observed->external_reference = link.external_reference;
  }
  for (const auto& [field, value] : values) link.observed->values[field] = value;
  if (values.contains(psa::field::status)) link.touched.erase(workflows::Trace::status);
  if (values.contains(psa::field::owner)) link.touched.erase(workflows::Trace::owner);
  if (step.sets_status) {
    if (!link.observed->progress) link.observed->progress.emplace();
    link.observed->progress->closed = step.closes;
    link.observed->progress->closed_at = step.closes ? std::optional(now) : std::nullopt;
  }
  link.observed_at = now;
}

void observe_created(const psa::Object& seen, Timestamp now, Link& link) {
  // What the PSA has set by itself is nobody's hand; its own status is the one that people move it away from.
  if (const Value* status = seen.find(psa::field::status); status && seen.progress)
    link.written[std::string(psa::field::status)] = *status;
  if (seen.progress) link.member = seen.created_by.empty() ? seen.updated_by : seen.created_by;
  link.observed = seen;
  link.observed_at = now;
  if (seen.deleted) link.gone = "deleted";
}

void remember_kept(const Step& step, const psa::Values& values, Link& link) {
  for (const auto& [field, value] : values) {
    const Value* seen = link.seen(field);
    const bool of_turn = step.sets_status && field == psa::field::status;
    if (seen && !(*seen == value) && !of_turn)
      link.kept[field] = *seen;
    else
      link.kept.erase(field);
  }
}

void take_turn(const Step& step, const Desired& desired, Timestamp now, Link& link) {
  if (step.kind == StepKind::reopen) {
    link.reopening = step.turn;
    link.reopened_at = desired.part_began_at;
  }
  if (desired.leaves_by_itself)
    link.left_at = now;
  else if (is_turn_due(desired, link))
    link.left_at = {};
  if (step.turn.empty()) return;
  link.turn = step.turn;
  link.closed_by_us = step.closes;
  link.attempted_status.clear();
}

/// Notes that were found before it was known for what they stand. One that is there stands for those it covers as well.
bool settle_found_notes(const Desired& desired, Link& link) {
  bool noted = false;
  for (const workflows::DesiredNote& note : desired.notes) {
    if (link.found_markers.empty()) break;
    std::vector<std::string> keys = note.covers;
    keys.push_back(note.key);
    const auto is_found = [&](const std::string& key) {
      return link.found_markers.contains(note_marker(link.external_reference, key));
    };
    while (!keys.empty() && !is_found(keys.back())) keys.pop_back();
    for (const std::string& key : keys) {
      link.found_markers.erase(note_marker(link.external_reference, key));
      link.posted.insert(key);
      noted = true;
    }
  }
  return noted;
}

}  // namespace

std::string_view to_string(StepKind kind) { return kStepKinds.at(static_cast<std::size_t>(kind)); }

Next next_step(const Desired& desired, const Link* link, Timestamp now) {
  const bool linked = link && link->gone.empty();
  Next next;
  // A person may choose another object than the one that was linked.
  if (!desired.decided.empty() && (!linked || link->object.value != desired.decided.id))
    next.step = link_to(desired);
  else if (linked)
    next = next_of_linked(desired, *link, now);
  else if (desired.may_create)
    next.step = create(desired);
  if (next.step) next.step->anchor = desired.anchor;
  return next;
}

bool settle_observed(const Desired& desired, Link& link) {
  const bool noted = settle_found_notes(desired, link);
  if (!sets_status(desired, link) || !link.observed) return noted;
  const Value* status = link.observed->find(psa::field::status);
  if (!status || status->id() != desired.turn->status.id) return noted;
  link.turn = desired.turn->key;
  link.closed_by_us = desired.turn->closes;
  link.attempted_status.clear();
  link.written[std::string(psa::field::status)] = desired.turn->status;
  return true;
}

void settle_attached(const Step& step, Link& link) {
  link.configuration_attached = true;
  link.configuration = std::get<psa::AttachConfiguration>(step.operation).configuration;
}

void settle(const Step& step, const Desired& desired, const psa::ObjectId& object,
            const std::optional<psa::Object>& observed, Timestamp now, Link& link) {
  require(step.anchor == desired.anchor, "a step is settled on the life that it was taken for");
  const bool begins = step.kind == StepKind::create || step.kind == StepKind::link;
  require(begins || link.object.value == object.value, "a step changes the object that is linked");
  if (begins) begin_link(step, desired, object, now, link);
  if (step.kind == StepKind::link) {
    if (observed) workflows::observe(link, *observed, now);
    if (desired.keeps_theirs)
      for (const DesiredField& each : desired.fields)
        if (is_other(each, link) && is_told(link.seen(each.field)) && !is_of_life(desired.kind, each.field))
          link.theirs[each.field] = each.value;
    return;
  }
  if (!step.note_key.empty()) link.posted.insert(step.note_key);
  link.posted.insert(step.notes_covered.begin(), step.notes_covered.end());
  if (std::holds_alternative<psa::AttachConfiguration>(step.operation)) settle_attached(step, link);
  if (const auto* children = std::get_if<psa::AttachChildren>(&step.operation))
    for (const psa::ObjectId& child : children->children) link.children.insert(child.value);
  const psa::Values* values = values_of(step);
  if (!values) {
    if (observed) workflows::observe(link, *observed, now);
    return;
  }
  link.on_catch_all = desired.on_catch_all;
  take_turn(step, desired, now, link);
  remember_written(step, *values, link);
  link.written_at = now;
  if (!observed)
    observe_written(step, *values, now, link);
  else if (step.kind == StepKind::create)
    observe_created(*observed, now, link);
  else
    workflows::observe(link, *observed, now, values);
  remember_kept(step, *values, link);
}

std::vector<std::string> contested_fields(const Desired& desired, const Link& link) {
  std::vector<std::string> fields;
  for (const DesiredField& each : desired.fields) {
    const bool agrees = psa::same(link.seen(each.field), &each.value);
    if (!agrees && is_rewrite(each, link) && is_contested(each.field, link)) fields.push_back(each.field);
  }
  return fields;
}

std::vector<std::string> fields_of_others(const Desired& desired, const Link& link) {
  std::vector<std::string> fields;
  if (desired.takes_theirs) return fields;
  for (const DesiredField& each : desired.fields)
    if (is_other(each, link) && is_theirs(each, link)) fields.push_back(each.field);
  return fields;
}

}  // namespace crosswalk::plan
