#pragma once

#include <optional>

#include "plan/steps.h"
#include "workflows/objects.h"

namespace crosswalk::plan {

/// The next operation that takes a record's object from observed to desired, or nothing when they agree. `waits_until`:
/// set to when a change is due that need not be written yet (see ObjectFieldRule::every).
[[nodiscard]] std::optional<Step> next_object_step(const workflows::DesiredObject& wanted,
                                                   const workflows::ObjectLink* link, Timestamp now,
                                                   std::optional<Timestamp>& waits_until);

/// The link as it is after `step` was done. `observed`: the object as the PSA showed it, when it did.
void settle_object(const Step& step, const workflows::DesiredObject& wanted, const psa::ObjectId& object,
                   const std::optional<psa::Object>& observed, Timestamp now, workflows::ObjectLink& link);

/// Whether these are changed by a call of their own, on something beneath the object: a contact's communication items.
[[nodiscard]] bool stands_alone(psa::ObjectKind kind, const psa::ObjectValues& values);

/// A field that people keep changing back is left to them after this many times, and told.
inline constexpr int kOverruledMax = 3;
/// Fields that have come to that.
[[nodiscard]] std::vector<std::string> contested_fields(const workflows::DesiredObject& wanted,
                                                        const workflows::ObjectLink& link);

/// Fields that another tool, or a person, had filled when the object was adopted, and that differ from what the product
/// says: they are left to whom they belong, and told.
[[nodiscard]] std::vector<std::string> fields_of_others(const workflows::DesiredObject& wanted,
                                                        const workflows::ObjectLink& link);

/// What the PSA shows, taken into the link.
void observe_object(const psa::Object& object, Timestamp now, workflows::ObjectLink& link);

}  // namespace crosswalk::plan
