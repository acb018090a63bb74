#pragma once

#include <optional>
#include <string>
#include <vector>

#include "psa/operations.h"
#include "workflows/ticket.h"

namespace crosswalk::plan {

/// One field of a step, for people.
struct FieldChange {
  std::string field, before, after, decided_by, owner;
};

/// One operation with the reason for it, and what is true once it is done.
struct Step {
  psa::Operation operation;
  std::string kind;  ///< "create", "update", "close", "reopen", "note", "attach"
  std::string text;  ///< "Create ticket "Malware found - DESK-7" on Security Operations"
  std::string why;
  std::vector<FieldChange> changes;
  std::string note;  ///< text of the note or description
  // what it settles on the link
  std::string anchor, external_reference;
  Timestamp anchored_at{}, part_began_at{};
  std::string note_key, status_step;
  std::vector<std::string> notes_covered;
  std::vector<psa::FieldValue> written;
  bool closes = false, on_catch_all = false, attaches_configuration = false;
};

/// The next operation that takes one ticket from observed to desired, or nothing when they agree. Operations on one
/// ticket follow each other, so one at a time is asked for; the caller applies it (or, in a plan, only pretends) and
/// asks again.
[[nodiscard]] std::optional<Step> next_step(const workflows::DesiredTicket& desired, const workflows::TicketLink* link);

/// What is already so on the PSA's side and only our own books do not know: noted without a call.
void settle_observed(const workflows::DesiredTicket& desired, workflows::TicketLink& link);

/// The configuration that `step` attaches is not tried again: it is attached, or cannot be.
void settle_attached(const Step& step, workflows::TicketLink& link);

/// The link as it is after `step` was done. `link` is empty for a create.
void settle(const Step& step, const psa::ObjectId& object, const std::optional<psa::Ticket>& observed, Timestamp now,
            workflows::TicketLink& link);

}  // namespace crosswalk::plan
