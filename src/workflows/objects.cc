#include "workflows/objects.h"

#include <fmt/format.h>

#include "base/text.h"
#include "mapping/personal_data.h"
#include "psa/object_fields.h"
#include "workflows/entity_fields.h"

namespace crosswalk::workflows {
namespace {

using mapping::DeviceState;
using mapping::Ownership;

Held held(std::string code, std::string detail, bool parks = true) {
  return {std::move(code), std::move(detail), parks};
}

void add(Desired& wanted, const mapping::ObjectDocument& document, std::string_view field, psa::Value value,
         std::string decided_by) {
  const mapping::ObjectFieldRule rule = rule_of(document, field);
  if (value.is_nothing()) return;
  wanted.fields.push_back({std::string(field), std::move(value), rule.ownership, std::move(decided_by), rule.every});
}

/// What all three ask before anything else; false when there is nothing more to say.
bool begin(const ObjectView& view, Answer& out, std::string_view name) {
  out.title = name.empty() ? view.record.ref.key : std::string(name);
  if (!view.document || view.document->mode == mapping::Mode::off) {
    out.mode = mapping::Mode::off;
    return false;
  }
  out.mode = view.document->mode;
  return true;
}

/// The machine was imaged anew, and is another record now.
void hold_succeeded(const ObjectView& view, Answer& out) {
  const Link& link = *view.link;
  const bool reports = told_state(view.record) == "active" && last_seen(view.record) > link.observed_at;
  if (reports)
    out.held = held("object.both_report",
                    fmt::format("{} reports again, and its configuration {} is that of the device \"{}\" "
                                "since {}: they look like one machine.",
                                out.title, link.object.value, link.successor, format_timestamp(link.observed_at)));
  else
    out.held = held("object.succeeded",
                    fmt::format("{} is the device \"{}\" now: it was imaged anew.", out.title, link.successor), false);
}

/// Whether the record may become an object, and which: what people have decided, what a search has found.
void choose(const ObjectView& view, Answer& out, Desired wanted) {
  const auto decision = view.document->decisions.find(view.record.ref.key);
  const bool decided = decision != view.document->decisions.end();
  if ((decided && decision->second.excluded) || view.mapped_excluded) {
    out.held = held("mapping.object_excluded", out.title + " is excluded by the mapping.", false);
    return;
  }
  if (decided && !decision->second.object.empty()) {
    wanted.decided = decision->second.object;
    wanted.decided_by = "the mapping says so";
  } else if (!view.mapped_company.empty()) {
    wanted.decided = view.mapped_company;
    wanted.decided_by = "the mapping of alerts says so";
  }
  wanted.must_create = decided && decision->second.create;
  wanted.may_create = wanted.must_create || view.document->creates();
  // What an attempt of ours has made, and a machine that was ours under another id, is nobody else's.
  const bool is_ours =
      view.candidate && (view.candidate->twin || view.candidate->ours || !view.candidate->predecessor.empty());
  wanted.keeps_theirs = view.document->adopted_keep && !is_ours;
  wanted.takes_theirs = !view.document->adopted_keep || (decided && decision->second.overwrite);
  const bool linked = view.link && view.link->gone.empty();
  if (linked || !wanted.decided.empty()) {
    out.wanted.push_back(std::move(wanted));
    return;
  }
  if (view.link && !view.link->successor.empty() && !wanted.must_create) return hold_succeeded(view, out);
  if (view.link && !wanted.must_create) {
    // A company that was merged lives on in another, and ConnectWise does not say in which.
    if (wanted.kind == psa::ObjectKind::company && !view.searched) {
      out.needs_search = true;
      return;
    }
    std::string detail =
        fmt::format("{} was linked to {}, which is {}.", out.title, view.link->object.value, view.link->gone);
    if (view.candidate)
      detail += fmt::format(" It may be {} (id {}) now: {}.", view.candidate->object.name, view.candidate->object.id,
                            view.candidate->why);
    out.held = held("object.gone", std::move(detail));
    return;
  }
  if (!view.searched) {
    out.needs_search = true;
    return;
  }
  // What a person wants made may have been made by an attempt whose answer was lost.
  const bool ours = wanted.must_create && view.in_doubt && view.candidate && view.candidate->twin;
  if (view.candidate && view.candidate->sure && (!wanted.must_create || ours)) {
    wanted.decided = view.candidate->object;
    wanted.decided_by = view.candidate->why;
  } else if (view.candidate && !wanted.must_create) {
    out.held = held("object.proposed",
                    fmt::format("{} may be {} ({}).", out.title, view.candidate->object.name, view.candidate->why));
    return;
  } else if (!wanted.may_create) {
    out.held = held("object.unlinked",
                    fmt::format("ConnectWise has nothing that {} is, and the mapping only links.", out.title));
    return;
  }
  out.wanted.push_back(std::move(wanted));
}

/// Nobody is made only to leave. What was made before anybody knew, by an attempt whose answer was lost, leaves too.
void leave_unmade(const ObjectView& view, Answer& out, std::string detail) {
  const bool is_ours = !out.wanted.empty() && view.candidate && view.candidate->twin;
  if (out.needs_search || is_ours) return;
  out.wanted.clear();
  out.held = held("object.left", std::move(detail), false);
}

/// More than a person would want to happen by itself.
bool is_mass(const mapping::ObjectDocument& document, const Leaving& leaving) {
  const std::int64_t count = leaving.about_to + leaving.left;
  // A handful is never a mass, whatever percentage of a small shop it is.
  constexpr std::int64_t kHandful = 3;
  if (count <= kHandful) return false;
  return (document.guard_records > 0 && count > document.guard_records) ||
         (document.guard_percent > 0 && leaving.of > 0 && count * 100 > document.guard_percent * leaving.of);
}

/// False when so many leave that a person is asked. What a person has agreed to does not count for what comes later.
bool may_leave(const ObjectView& view, Answer& out, Desired& wanted) {
  const mapping::ObjectDocument& document = *view.document;
  if (!view.link || !leaves_now(view.record, document, *view.link, view.now)) return true;
  wanted.leaves_by_itself = !view.person_agrees;
  if (!is_mass(document, view.leaving)) return true;
  const std::string code = mass_change_code(view.record.ref.kind);
  std::string words = fmt::format("{} of {} {}s would become inactive or retired", view.leaving.about_to,
                                  view.leaving.of, model::to_string(view.record.ref.kind));
  if (view.leaving.left > 0)
    words += fmt::format(", after {} within the last {}", view.leaving.left, format_duration(document.guard_window));
  words += ".";
  if (view.person_agrees) {
    out.problems.push_back(
        {mapping::Problem::Level::warning, code, "/mass_change_guard", words + " They wait for you."});
    return true;
  }
  out.held = held(code, words);
  // By then those that went before do not count any more.
  if (document.guard_window.count() > 0) out.ask_again(view.now + document.guard_window);
  return false;
}

/// The record is in this state of its life.
Turn turn_to(const model::Entity& record, std::string_view state) {
  return {.key = std::string(state), .why = fmt::format("the {} is {}", model::to_string(record.ref.kind), state)};
}

/// Letters and digits alone: how ConnectWise's short names of companies look.
std::string company_identifier(const std::string& name) {
  constexpr std::size_t kCharactersMax = 25;
  std::string identifier;
  for (const char each : name)
    if ((each >= '0' && each <= '9') || (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z'))
      identifier += each;
  return cut_text(identifier, kCharactersMax);
}

}  // namespace

Answer customer_to_company(const ObjectView& view) {
  Answer out;
  out.customer = view.record.ref.key;
  if (!begin(view, out, text_of(view.record, "name"))) return out;
  Desired wanted;
  wanted.kind = psa::ObjectKind::company;
  wanted.name = out.title;
  wanted.why = "the product knows this customer";
  wanted.fields = mapped_values(*view.document, view.record);
  if (DesiredField* identifier = find_field(wanted.fields, psa::field::identifier))
    identifier->value = company_identifier(std::string(identifier->value.text()));
  choose(view, out, std::move(wanted));
  return out;
}

Answer contact_to_contact(const ObjectView& view) {
  Answer out;
  out.customer = text_of(view.record, "customer");
  const std::string name(trim(text_of(view.record, "first_name") + " " + text_of(view.record, "last_name")));
  if (!begin(view, out, name.empty() ? text_of(view.record, "email") : name)) return out;
  if (mapping::has_opted_out(view.record.attributes)) {
    out.held = held("contact.opted_out", "This person has opted out: nothing more is done with them.", false);
    return out;
  }
  if (view.company.empty()) {
    out.held = held("mapping.customer_unknown",
                    fmt::format("The customer \"{}\" is not linked to a company yet.", out.customer));
    return out;
  }
  Desired wanted;
  wanted.kind = psa::ObjectKind::contact;
  wanted.name = out.title;
  wanted.why = "the product knows this contact";
  wanted.fields = mapped_values(*view.document, view.record);
  wanted.communication_types = view.document->communication_types;
  add(wanted, *view.document, psa::field::company, view.company, "the customer's company");
  const bool leaves = told_state(view.record) != "active";
  const std::string left = fmt::format("{} has left, and was never linked.", out.title);
  if (leaves && !view.link && !view.in_doubt) {
    leave_unmade(view, out, left);
    return out;
  }
  if (view.link) {
    add(wanted, *view.document, psa::field::inactive, psa::Value::flag(leaves), "the product");
    wanted.turn = turn_to(view.record, told_state(view.record));
    if (!may_leave(view, out, wanted)) return out;
  }
  const bool has_first_name = find_field(wanted.fields, "first_name") != nullptr;
  choose(view, out, std::move(wanted));
  if (leaves && !view.link) leave_unmade(view, out, left);
  if (!out.wanted.empty() && !view.link && out.wanted.front().decided.empty() && !has_first_name) {
    // ConnectWise takes no contact without a first name (FACTS section 6).
    out.wanted.clear();
    out.held = held("contact.name_missing", "ConnectWise needs a first name, and the product tells none.");
  }
  return out;
}

std::string mass_change_code(model::RecordKind kind) { return fmt::format("{}.mass_change", model::to_string(kind)); }

bool leaves_now(const model::Entity& record, const mapping::ObjectDocument& document, const Link& link, Timestamp now) {
  if (record.ref.kind == model::RecordKind::device) {
    const DeviceLife life = device_life(record, document, now);
    const bool leaves = life.state != DeviceState::active && life.state != DeviceState::stale;
    return leaves && link.turn != mapping::to_string(life.state);
  }
  if (record.ref.kind != model::RecordKind::contact || told_state(record) == "active") return false;
  const psa::Value* inactive = link.seen(psa::field::inactive);
  return rule_of(document, psa::field::inactive).ownership == Ownership::product &&
         !(inactive && inactive->flag().value_or(false));
}

Timestamp last_seen(const model::Entity& device) {
  return parse_timestamp(text_of(device, "last_seen_at")).value_or(device.time);
}

std::string_view told_state(const model::Entity& device) {
  const std::string state = text_of(device, "state");
  return state == "retired" ? "retired" : state == "replaced" ? "replaced" : "active";
}

DeviceLife device_life(const model::Entity& device, const mapping::ObjectDocument& document, Timestamp now) {
  const std::string_view told = told_state(device);
  if (told == "retired") return {DeviceState::retired, std::nullopt};
  if (told == "replaced") return {DeviceState::replaced, std::nullopt};
  const Timestamp seen = last_seen(device);
  DeviceLife life;
  const auto step = [&](Duration after, DeviceState state) {
    if (after.count() == 0) return;
    if (now >= seen + after)
      life.state = state;
    else if (!life.changes_at || seen + after < *life.changes_at)
      life.changes_at = seen + after;
  };
  step(document.stale_after, DeviceState::stale);
  step(document.inactive_after, DeviceState::inactive);
  step(document.retired_after, DeviceState::retired);
  return life;
}

Answer device_to_configuration(const ObjectView& view) {
  Answer out;
  out.customer = text_of(view.record, "customer");
  if (!begin(view, out, text_of(view.record, "name"))) return out;
  const mapping::ObjectDocument& document = *view.document;
  const DeviceLife life = device_life(view.record, document, view.now);
  out.ask_again_at = life.changes_at;
  if (view.company.empty()) {
    out.held = held("mapping.customer_unknown",
                    fmt::format("The customer \"{}\" is not linked to a company yet.", out.customer));
    return out;
  }
  const bool leaves = life.state != DeviceState::active && life.state != DeviceState::stale;
  const std::string left = fmt::format("{} is {}, and was never linked.", out.title, mapping::to_string(life.state));
  if (leaves && !view.link && !view.in_doubt) {
    leave_unmade(view, out, left);
    return out;
  }
  Desired wanted;
  wanted.kind = psa::ObjectKind::configuration;
  wanted.name = out.title;
  wanted.why = "the product knows this device";
  wanted.turn = turn_to(view.record, mapping::to_string(life.state));
  wanted.fields = mapped_values(document, view.record);
  std::erase_if(wanted.fields, [](const DesiredField& each) {
    return each.field == psa::field::status || each.field == psa::field::type;
  });
  add(wanted, document, psa::field::company, view.company, "the customer's company");
  std::string device_class = text_of(view.record, "class");
  for (char& each : device_class)
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  const auto by_class = document.classes.find(device_class);
  const psa::Reference& type = by_class == document.classes.end() ? document.default_type : by_class->second;
  if (!type.empty())
    wanted.fields.push_back({std::string(psa::field::type), type, Ownership::create, "device class " + device_class});
  const auto status = document.states.find(life.state);
  const std::string decided_by = wanted.turn->why;
  if (status != document.states.end()) add(wanted, document, psa::field::status, status->second, decided_by);
  add(wanted, document, psa::field::active, psa::Value::flag(!leaves), decided_by);

  if (!may_leave(view, out, wanted)) return out;
  choose(view, out, std::move(wanted));
  if (leaves && !view.link) leave_unmade(view, out, left);
  if (!out.wanted.empty() && out.wanted.front().decided.empty() && !view.link && type.empty()) {
    out.wanted.clear();
    out.held = held("device.type_unmapped", fmt::format("No configuration type is mapped for the device class \"{}\".",
                                                        text_of(view.record, "class")));
  }
  return out;
}

}  // namespace crosswalk::workflows
