#include "workflows/takeover.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace crosswalk::workflows {
namespace {

using psa::TicketField;

/// The person who has left the trace, if a person has.
std::optional<std::string> person_of(const TicketLink& link, Trace trace, const mapping::TicketSettings& settings) {
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

bool is_person(std::string_view member, const TicketLink& link, const mapping::TicketSettings& settings) {
  if (member.empty()) return true;
  if (!link.member.empty() && equals_ignoring_case(member, link.member)) return false;
  return !settings.automation_members ||
         std::ranges::none_of(*settings.automation_members,
                              [&](const std::string& each) { return equals_ignoring_case(each, member); });
}

std::string taken_over(const TicketLink& link, const mapping::TicketSettings& settings,
                       const psa::Reference* resolved) {
  if (!link.observed) return {};
  const mapping::Takeover rules = settings.takeover.value_or(mapping::Takeover{});
  const psa::Ticket& seen = *link.observed;
  const auto person = [&](Trace trace) { return person_of(link, trace, settings); };
  if (rules.owner_set && person(Trace::owner)) {
    const psa::Reference* owner = seen.find(TicketField::owner);
    return "it is assigned to " + (owner && !owner->name.empty() ? owner->name : std::string("a technician"));
  }
  if (rules.resource_scheduled && person(Trace::scheduled))
    for (const std::string& each : seen.scheduled)
      if (is_person(each, link, settings)) return each + " is scheduled on it";
  if (rules.time_entered && seen.time_entered) return "somebody has entered time on it";
  const psa::Reference* status = seen.find(TicketField::status);
  if (const auto mover = person(Trace::status); rules.status_moved && mover && status) {
    const bool agrees = resolved && *resolved == *status;
    if (!agrees && status->id != link.attempted_status)
      return fmt::format("{} has moved it to \"{}\"", somebody(mover), psa::shown(status));
  }
  if (const auto author = person(Trace::note); rules.note_added && author)
    return somebody(author) + " has written a note on it";
  if (const auto worker = person(Trace::task); rules.task_finished && worker)
    return somebody(worker) + " has finished one of its tasks";
  if (rules.project_linked && seen.of_project) return "it belongs to a project now";
  return {};
}

void look_for_people(const mapping::TicketSettings& settings, DesiredTicket& ticket) {
  const mapping::Takeover rules = settings.takeover.value_or(mapping::Takeover{});
  ticket.looks_for_notes = rules.note_added;
  ticket.looks_for_tasks = rules.task_finished;
}

}  // namespace crosswalk::workflows
