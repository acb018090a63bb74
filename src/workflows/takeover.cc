#include "workflows/takeover.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "psa/object_fields.h"

namespace crosswalk::workflows {
namespace {

/// The person who has left the trace, if a person has.
std::optional<std::string> person_of(const Link& link, Trace trace, const mapping::TicketSettings& settings) {
  const auto found = link.touched.find(trace);
  if (found == link.touched.end()) return std::nullopt;
  // One that has a name says more.
  for (auto each = found->second.rbegin(); each != found->second.rend(); ++each)
    if (is_person(*each, link, settings)) return *each;
  return std::nullopt;
}

std::string somebody(const std::optional<std::string>& person) {
  return person && !person->empty() ? *person : "somebody";
}

}  // namespace

bool is_person(std::string_view member, const Link& link, const mapping::TicketSettings& settings) {
  if (member.empty()) return true;
  if (!link.member.empty() && equals_ignoring_case(member, link.member)) return false;
  return !settings.automation_members ||
         std::ranges::none_of(*settings.automation_members,
                              [&](const std::string& each) { return equals_ignoring_case(each, member); });
}

std::string taken_over(const Link& link, const mapping::TicketSettings& settings, const psa::Reference* resolved) {
  if (!link.observed || !link.observed->progress) return {};
  const mapping::Takeover rules = settings.takeover.value_or(mapping::Takeover{});
  const psa::Object& seen = *link.observed;
  const auto person = [&](Trace trace) { return person_of(link, trace, settings); };
  if (rules.owner_set && person(Trace::owner)) {
    const psa::Value* owner = seen.find(psa::field::owner);
    return "it is assigned to " + (owner && !owner->name().empty() ? std::string(owner->name()) : "a technician");
  }
  if (rules.resource_scheduled && person(Trace::scheduled))
    for (const std::string& each : seen.progress->scheduled)
      if (is_person(each, link, settings)) return each + " is scheduled on it";
  if (rules.time_entered && seen.progress->time_entered) return "somebody has entered time on it";
  const psa::Value* status = seen.find(psa::field::status);
  if (const auto mover = person(Trace::status); rules.status_moved && mover && status) {
    const bool agrees = resolved && resolved->id == status->id();
    if (!agrees && status->id() != link.attempted_status)
      return fmt::format("{} has moved it to \"{}\"", somebody(mover), psa::shown(status));
  }
  if (const auto author = person(Trace::note); rules.note_added && author)
    return somebody(author) + " has written a note on it";
  if (const auto worker = person(Trace::task); rules.task_finished && worker)
    return somebody(worker) + " has finished one of its tasks";
  if (rules.project_linked && seen.progress->of_project) return "it belongs to a project now";
  return {};
}

void look_for_people(const mapping::TicketSettings& settings, Desired& ticket) {
  const mapping::Takeover rules = settings.takeover.value_or(mapping::Takeover{});
  ticket.looks_for_notes = rules.note_added;
  ticket.looks_for_tasks = rules.task_finished;
}

}  // namespace crosswalk::workflows
