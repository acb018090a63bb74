#pragma once

#include <string>
#include <string_view>

#include "mapping/document.h"
#include "workflows/desired.h"

namespace crosswalk::workflows {

/// Whether a trace that is signed so was left by a person, as far as anybody knows: not by us (or a rule that acts in
/// our name), and by none of the members that the mapping calls automation. Who is not told counts as a person.
[[nodiscard]] bool is_person(std::string_view member, const Link& link, const mapping::TicketSettings& settings);

/// Why the ticket counts as taken over by a technician, in words that follow "because"; empty when it does not.
/// `resolved`: the status that the mapping sets on a resolve; who has moved the ticket there agrees with us.
[[nodiscard]] std::string taken_over(const Link& link, const mapping::TicketSettings& settings,
                                     const psa::Reference* resolved);

/// The ticket is about to be closed: what only a look at its notes and tasks tells is asked for, as far as it counts.
void look_for_people(const mapping::TicketSettings& settings, Desired& ticket);

}  // namespace crosswalk::workflows
