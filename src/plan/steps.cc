#include "plan/steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/markers.h"

namespace crosswalk::plan {
namespace {

using mapping::Ownership;
using psa::FieldValue;
using psa::Reference;
using psa::shown;
using psa::TicketField;
using workflows::DesiredField;
using workflows::DesiredTicket;
using workflows::TicketLink;

std::string number(const psa::ObjectId& id) { return id.provider == "planned" ? "(new)" : "#" + id.value; }

const Reference* field_of(const std::vector<FieldValue>& fields, TicketField field) {
  for (const FieldValue& each : fields)
    if (each.field == field) return &each.value;
  return nullptr;
}

bool same(TicketField field, const Reference* left, const Reference& right) {
  return left && FieldValue{field, *left} == FieldValue{field, right};
}

std::string_view owner_word(Ownership ownership) {
  return ownership == Ownership::product ? "product" : ownership == Ownership::create ? "create" : "psa";
}

Step create(const DesiredTicket& desired) {
  Step step;
  psa::CreateTicket operation;
  operation.external_reference = desired.external_reference;
  operation.description = desired.description;
  for (const DesiredField& each : desired.fields) {
    if (each.ownership == Ownership::psa) continue;
    operation.fields.push_back(each.value);
    step.changes.push_back({std::string(psa::to_string(each.value.field)), "", shown(&each.value.value),
                            each.decided_by, std::string(owner_word(each.ownership))});
  }
  if (desired.status) {
    operation.fields.push_back({TicketField::status, desired.status->status});
    step.changes.push_back({"status", "", shown(&desired.status->status), desired.status->decided_by, "product"});
    step.status_step = desired.status->key;
  }
  step.kind = "create";
  const Reference* board = field_of(operation.fields, TicketField::board);
  step.text = fmt::format("Create ticket \"{}\"{}", shown(field_of(operation.fields, TicketField::summary)),
                          board ? " on board " + shown(board) : "");
  step.why = desired.why;
  step.note = desired.description;
  step.written = operation.fields;
  step.on_catch_all = desired.on_catch_all;
  step.operation = std::move(operation);
  return step;
}

/// Fields that the product owns and that differ from what the PSA shows. A closed ticket is left alone unless it is
/// being re-opened.
std::vector<FieldValue> changed_fields(const DesiredTicket& desired, const TicketLink& link, Step& step) {
  std::vector<FieldValue> changes;
  for (const DesiredField& each : desired.fields) {
    if (each.ownership != Ownership::product) continue;
    const Reference* before =
        link.observed ? link.observed->find(each.value.field) : link.written_field(each.value.field);
    if (same(each.value.field, before, each.value.value)) continue;
    // The PSA may keep a value that it was given in another form (a cut or corrected text): what we wrote is not
    // written again.
    if (each.value.value.id.empty() && same(each.value.field, link.written_field(each.value.field), each.value.value))
      continue;
    changes.push_back(each.value);
    step.changes.push_back({std::string(psa::to_string(each.value.field)), shown(before), shown(&each.value.value),
                            each.decided_by, std::string(owner_word(each.ownership))});
  }
  return changes;
}

bool wants_status(const DesiredTicket& desired, const TicketLink& link) {
  return desired.status && link.status_step != desired.status->key;
}

/// Whether the product's value is another than we wrote, or somebody has changed what we wrote.
std::string why_written(const std::vector<FieldValue>& fields, const TicketLink& link) {
  const auto is_as_written = [&](const FieldValue& each) {
    return same(each.field, link.written_field(each.field), each.value);
  };
  return std::ranges::any_of(fields, is_as_written)
             ? "somebody has changed it in ConnectWise, and the mapping keeps the product's value"
             : "the product's value changed";
}

std::optional<Step> update(const DesiredTicket& desired, const TicketLink& link) {
  Step step;
  const bool status = wants_status(desired, link);
  const bool reopens = status && link.closed() && !desired.status->closes;
  std::vector<FieldValue> fields;
  if (!link.closed() || reopens) fields = changed_fields(desired, link, step);
  if (status) {
    const Reference* before =
        link.observed ? link.observed->find(TicketField::status) : link.written_field(TicketField::status);
    step.changes.push_back(
        {"status", shown(before), shown(&desired.status->status), desired.status->decided_by, "product"});
    fields.push_back({TicketField::status, desired.status->status});
    step.status_step = desired.status->key;
    step.closes = desired.status->closes;
    step.why = desired.status->why;
  }
  if (fields.empty()) return std::nullopt;
  step.kind = step.closes ? "close" : reopens ? "reopen" : "update";
  if (step.why.empty()) step.why = why_written(fields, link);
  step.text =
      step.closes ? fmt::format("Close ticket {} as \"{}\"", number(link.ticket), shown(&desired.status->status))
      : reopens   ? fmt::format("Re-open ticket {} as \"{}\"", number(link.ticket), shown(&desired.status->status))
                  : fmt::format("Update ticket {}", number(link.ticket));
  step.written = fields;
  step.on_catch_all = desired.on_catch_all;
  step.operation = psa::UpdateTicket{link.ticket, std::move(fields)};
  return step;
}

Step add_note(const workflows::DesiredNote& note, const DesiredTicket& desired, const TicketLink& link) {
  Step step;
  const std::string marker = note_marker(desired.external_reference, note.key);
  step.kind = "note";
  step.text = fmt::format("Add {} note to ticket {}", psa::to_string(note.kind), number(link.ticket));
  step.why = note.why;
  step.note = note.text;
  step.note_key = note.key;
  step.notes_covered = note.covers;
  step.operation = psa::AddNote{link.ticket, marker, note.kind, mark(note.text, marker)};
  return step;
}

std::optional<Step> attach(const DesiredTicket& desired, const TicketLink& link) {
  Step step;
  step.kind = "attach";
  psa::AttachChildren children{link.ticket, {}};
  for (const psa::ObjectId& child : desired.children)
    if (!link.children.contains(child.value)) children.children.push_back(child);
  if (!children.children.empty()) {
    step.text = fmt::format("Put {} ticket{} beneath ticket {}", children.children.size(),
                            children.children.size() == 1 ? "" : "s", number(link.ticket));
    step.why = "they belong to the same storm";
    step.operation = std::move(children);
    return step;
  }
  // One that was made anew after the former was deleted takes its place.
  const bool is_another =
      !desired.configuration.empty() && !link.configuration.empty() && desired.configuration != link.configuration;
  if (desired.configuration_device.empty() || (link.configuration_attached && !is_another)) return std::nullopt;
  step.text = fmt::format("Link the configuration of device {} to ticket {}", desired.configuration_device,
                          number(link.ticket));
  step.why = is_another ? "the device has another configuration now" : "the alert names its device";
  step.attaches_configuration = true;
  step.operation = psa::AttachConfiguration{link.ticket, desired.configuration, desired.configuration_device};
  return step;
}

void remember(std::vector<FieldValue>& written, const std::vector<FieldValue>& fields) {
  for (const FieldValue& each : fields) {
    const auto known =
        std::find_if(written.begin(), written.end(), [&](const FieldValue& old) { return old.field == each.field; });
    if (known == written.end())
      written.push_back(each);
    else
      *known = each;
  }
}

}  // namespace

std::optional<Step> next_step(const DesiredTicket& desired, const TicketLink* link) {
  std::optional<Step> step;
  if (!link) {
    step = create(desired);
  } else if (link->gone.empty()) {
    const bool reopens = wants_status(desired, *link) && link->closed() && !desired.status->closes;
    // A ticket is re-opened before it is written upon, and closed after.
    if (reopens || (desired.fields_first && !wants_status(desired, *link))) step = update(desired, *link);
    for (const workflows::DesiredNote& note : desired.notes)
      if (!step && !link->posted.contains(note.key)) step = add_note(note, desired, *link);
    if (!step) step = attach(desired, *link);
    if (!step) step = update(desired, *link);
  }
  if (step) {
    step->anchor = desired.anchor;
    step->anchored_at = desired.anchored_at;
    step->part_began_at = desired.part_began_at;
    step->external_reference = desired.external_reference;
  }
  return step;
}

void settle_observed(const DesiredTicket& desired, TicketLink& link) {
  if (!desired.status || !link.observed || link.status_step == desired.status->key) return;
  const Reference* status = link.observed->find(TicketField::status);
  if (!status || !(*status == desired.status->status)) return;
  link.status_step = desired.status->key;
  link.closed_by_us = desired.status->closes;
  link.attempted_status.clear();
  remember(link.written, {{TicketField::status, desired.status->status}});
}

void settle_attached(const Step& step, workflows::TicketLink& link) {
  link.configuration_attached = true;
  link.configuration = std::get<psa::AttachConfiguration>(step.operation).configuration;
}

void settle(const Step& step, const psa::ObjectId& object, const std::optional<psa::Ticket>& observed, Timestamp now,
            TicketLink& link) {
  if (link.ticket.value.empty()) {
    link.anchor = step.anchor;
    link.anchored_at = step.anchored_at;
    link.external_reference = step.external_reference;
    link.ticket = object;
    link.created_at = now;
  }
  if (!step.note_key.empty()) link.posted.insert(step.note_key);
  link.posted.insert(step.notes_covered.begin(), step.notes_covered.end());
  if (!step.status_step.empty()) {
    link.status_step = step.status_step;
    link.closed_by_us = step.closes;
    link.attempted_status.clear();
  }
  if (step.kind == "create" || step.kind == "update" || step.kind == "close" || step.kind == "reopen")
    link.on_catch_all = step.on_catch_all;
  if (step.attaches_configuration) settle_attached(step, link);
  if (const auto* children = std::get_if<psa::AttachChildren>(&step.operation))
    for (const psa::ObjectId& child : children->children) link.children.insert(child.value);
  remember(link.written, step.written);
  if (step.kind == "reopen") {
    link.reopening = step.status_step;
    link.reopened_at = step.part_began_at;
  }
  if (observed && step.kind == "create") {
    // The board's own default is the status that technicians move it away from; what else it has set is nobody's hand.
    if (const Reference* status = observed->find(TicketField::status))
      remember(link.written, {{TicketField::status, *status}});
    link.member = observed->created_by.empty() ? observed->updated_by : observed->created_by;
    link.observed = observed;
    link.observed_at = now;
    return;
  }
  if (observed) return workflows::take_view(link, *observed, now, &step.written);
  if (step.written.empty()) return;
  // Without the PSA's own word (a plan, or an answer without a body), what was written is taken for what is there.
  if (!link.observed) {
    link.observed.emplace();
    link.observed->id = link.ticket;
    link.observed->external_reference = link.external_reference;
  }
  remember(link.observed->fields, step.written);
  for (const FieldValue& each : step.written) {
    if (each.field == TicketField::status) link.touched.erase(workflows::Trace::status);
    if (each.field == TicketField::owner) link.touched.erase(workflows::Trace::owner);
  }
  if (!step.status_step.empty()) {
    link.observed->closed = step.closes;
    if (step.closes)
      link.observed->closed_at = now;
    else
      link.observed->closed_at.reset();
  }
  link.observed_at = now;
}

}  // namespace crosswalk::plan
