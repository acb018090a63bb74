#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "psa/operations.h"
#include "workflows/desired.h"

namespace crosswalk::plan {

/// One field of a step, for people.
struct FieldChange {
  std::string field, before, after, decided_by, owner;
};

enum class StepKind { create, link, update, close, reopen, note, attach };
[[nodiscard]] std::string_view to_string(StepKind kind);

/// One operation with the reason for it, and what is true of the link once it is done.
struct Step {
  psa::Operation operation;
  StepKind kind = StepKind::update;
  std::string text;  ///< "Create ticket "Malware found - DESK-7" on board Security Operations"
  std::string why;
  std::vector<FieldChange> changes;
  std::string note;  ///< text of the note or description
  // what it settles on the link
  std::string anchor;
  std::string note_key;
  std::vector<std::string> notes_covered;
  std::string turn;          ///< the turn that it takes; empty: none
  bool sets_status = false;  ///< that turn's
  bool closes = false;
};

/// What comes next for one object. Operations on one object follow each other, so one at a time is asked for; the
/// caller applies it (or, in a plan, only pretends) and asks again.
struct Next {
  std::optional<Step> step;              ///< none: observed and desired agree
  std::optional<Timestamp> waits_until;  ///< a change is due then that need not be written yet (DesiredField::every)
};
[[nodiscard]] Next next_step(const workflows::Desired& desired, const workflows::Link* link, Timestamp now);

/// What is already so on the PSA's side and only our own books do not know: noted without a call. Says whether there
/// was something to note.
bool settle_observed(const workflows::Desired& desired, workflows::Link& link);

/// The configuration that `step` attaches is not tried again: it is attached, or cannot be.
void settle_attached(const Step& step, workflows::Link& link);

/// The link as it is after `step` was done. `link` is empty for one that makes or links an object. `observed`: the
/// object as the PSA showed it, when it did.
void settle(const Step& step, const workflows::Desired& desired, const psa::ObjectId& object,
            const std::optional<psa::Object>& observed, Timestamp now, workflows::Link& link);

/// A field that people keep changing back is left to them after this many times, and told.
inline constexpr int kOverruledMax = 3;
/// Fields that have come to that.
[[nodiscard]] std::vector<std::string> contested_fields(const workflows::Desired& desired, const workflows::Link& link);

/// Fields that another tool, or a person, had filled when the object was adopted, and that differ from what the product
/// says: they are left to whom they belong, and told.
[[nodiscard]] std::vector<std::string> fields_of_others(const workflows::Desired& desired, const workflows::Link& link);

}  // namespace crosswalk::plan
