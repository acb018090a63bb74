#include "workflows/former_links.h"

#include <boost/json/array.hpp>

#include "base/json.h"
#include "psa/object_fields.h"
#include "workflows/values_json.h"

namespace crosswalk::workflows {
namespace json = boost::json;
namespace {

using psa::ObjectKind;

/// Rows of field, id and name.
psa::Values rows_to_values(const json::value& rows) {
  psa::Values values;
  for (const json::value& row : rows.as_array()) {
    const json::array& cells = row.as_array();
    const std::string field(cells.at(0).as_string());
    const psa::ObjectField* known = psa::find_object_field(ObjectKind::ticket, field);
    if (!known) continue;
    if (known->shape == psa::FieldShape::reference)
      values[field] = psa::Reference{std::string(cells.at(1).as_string()), std::string(cells.at(2).as_string())};
    else
      values[field] = std::string(cells.at(2).as_string());
  }
  return values;
}

psa::Object former_ticket(const json::object& object, const Link& link) {
  psa::Object ticket;
  ticket.id = link.object;
  ticket.external_reference = link.external_reference;
  ticket.values = rows_to_values(object.at("fields"));
  ticket.progress = progress_from_json(object);
  ticket.created_at = time_at(object, "created_at");
  ticket.updated_at = time_at(object, "updated_at");
  ticket.created_by = text_at(object, "created_by");
  ticket.updated_by = text_at(object, "updated_by");
  return ticket;
}

/// What the PSA had made of a text when it was written was not kept then: what it shows is taken for that.
void keep_texts(Link& link) {
  if (!link.observed) return;
  for (const auto& [field, written] : link.written) {
    const psa::Value* seen = link.observed->find(field);
    if (!written.reference() && seen && !(*seen == written)) link.kept[field] = *seen;
  }
}

Link former_ticket_link(const PartnerId& partner, const json::object& object) {
  Link link;
  link.anchor = text_at(object, "anchor");
  link.anchored_at = time_at(object, "anchored_at").value_or(Timestamp{});
  link.external_reference = text_at(object, "external_reference");
  link.object = {text_at(object, "provider"), partner, ObjectKind::ticket, text_at(object, "ticket")};
  link.made_by_us = true;
  link.how = "made by Crosswalk";
  link.linked_at = time_at(object, "created_at").value_or(Timestamp{});
  link.linked_sequence = number_at(object, "created_sequence");
  link.written = rows_to_values(object.at("written"));
  link.posted = texts_at(object, "posted");
  link.turn = text_at(object, "status_step");
  link.attempted_status = text_at(object, "attempted_status");
  link.member = text_at(object, "member");
  link.quick_hands = texts_at(object, "quick_hands");
  link.slow_hands = texts_at(object, "slow_hands");
  link.reopening = text_at(object, "reopening");
  link.reopened_at = time_at(object, "reopened_at").value_or(Timestamp{});
  link.left_closed_at = time_at(object, "left_closed_at").value_or(Timestamp{});
  link.children = texts_at(object, "children");
  link.told_notes = texts_at(object, "told_notes");
  link.configuration_attached = flag_at(object, "configuration_attached");
  link.configuration = text_at(object, "configuration");
  link.on_catch_all = flag_at(object, "on_catch_all");
  link.closed_by_us = flag_at(object, "closed_by_us");
  link.gone = text_at(object, "gone");
  link.gone_sequence = number_at(object, "gone_sequence");
  if (const json::value* observed = object.if_contains("observed")) {
    link.observed = former_ticket(observed->as_object(), link);
    link.observed_at = time_at(object, "observed_at").value_or(Timestamp{});
    link.observed_sequence = number_at(object, "observed_sequence");
  }
  if (const json::value* touched = object.if_contains("touched")) {
    for (const auto& [trace, name] : kTraceNames)
      if (touched->as_object().contains(name)) link.touched[trace] = texts_at(touched->as_object(), name);
  } else if (link.observed) {
    // Of before traces were kept: what differs from what we wrote may be anybody's.
    const psa::Object seen = *std::exchange(link.observed, std::nullopt);
    observe(link, seen, link.observed_at);
  }
  keep_texts(link);
  return link;
}

/// Ids of communication items, and of all types, stood among the values.
void take_out_hidden(psa::Values& values, psa::Object& object) {
  constexpr std::string_view kItem = "_item";
  for (const std::string_view field : {psa::field::email, psa::field::phone}) {
    const auto found = values.find(std::string(field) + std::string(kItem));
    if (found == values.end()) continue;
    object.parts[std::string(field)] = std::string(found->second.text());
    values.erase(found);
  }
  values.erase("type_ids");
}

Link former_object_link(const PartnerId& partner, ObjectKind kind, const json::object& object) {
  Link link;
  link.anchor = kOnlyLife;
  link.object = {text_at(object, "provider"), partner, kind, text_at(object, "id")};
  link.instance = text_at(object, "instance");
  link.how = text_at(object, "how");
  link.made_by_us = flag_at(object, "made_by_us");
  link.linked_at = time_at(object, "linked_at").value_or(Timestamp{});
  link.written = values_from_json(kind, object.if_contains("written"));
  link.written_at = time_at(object, "written_at").value_or(Timestamp{});
  link.kept = values_from_json(kind, object.if_contains("kept"));
  if (const json::value* counts = object.if_contains("overruled"))
    for (const auto& [field, count] : counts->as_object())
      link.overruled[std::string(field)] = static_cast<int>(count.to_number<std::int64_t>());
  psa::Object& seen = link.observed.emplace();
  seen.id = link.object;
  seen.values = values_from_json(kind, &object.at("observed"));
  take_out_hidden(seen.values, seen);
  seen.updated_at = time_at(object, "updated_at");
  seen.updated_by = text_at(object, "updated_by");
  link.observed_at = time_at(object, "observed_at").value_or(Timestamp{});
  link.gone = text_at(object, "gone");
  link.turn = text_at(object, "state");
  link.left_at = time_at(object, "left_at").value_or(Timestamp{});
  link.theirs = values_from_json(kind, object.if_contains("theirs"));
  link.successor = text_at(object, "successor");
  link.named = text_at(object, "named");
  return link;
}

}  // namespace

psa::Progress progress_from_json(const json::object& object) {
  psa::Progress progress;
  const auto text_or_none = [&](std::string_view name) -> std::optional<std::string> {
    return object.contains(name) ? std::optional(text_at(object, name)) : std::nullopt;
  };
  progress.closed = flag_at(object, "closed");
  progress.closed_at = time_at(object, "closed_at");
  progress.closed_by = text_at(object, "closed_by");
  progress.time_entered = flag_at(object, "time_entered");
  progress.hours = Decimal::parse(text_or_none("hours").value_or("0")).value_or(Decimal());
  progress.scheduled = texts_at(object, "scheduled");
  progress.of_project = flag_at(object, "of_project");
  progress.merged_into = text_or_none("merged_into");
  progress.parent = text_or_none("parent");
  return progress;
}

Link former_link(const PartnerId& partner, ObjectKind kind, const json::object& object) {
  return kind == ObjectKind::ticket ? former_ticket_link(partner, object) : former_object_link(partner, kind, object);
}

}  // namespace crosswalk::workflows
