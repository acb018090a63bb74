#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapping/object_document.h"
#include "model/entity.h"
#include "workflows/desired.h"

namespace crosswalk::workflows {

/// Records of one kind of one partner that have left within the mapping's window, or are about to: many are a mistake
/// more often than a fact.
struct Leaving {
  std::int64_t about_to = 0;
  std::int64_t left = 0;
  std::int64_t of = 0;  ///< all
};

/// The object that a search has found, or what came near.
struct ObjectCandidate {
  psa::Reference object;
  bool sure = false;  ///< may be linked without asking
  std::string why;
  bool twin = false;          ///< it is what would be made, to the letter
  bool ours = false;          ///< it carries the record's own id: nobody but us writes that
  std::string predecessor{};  ///< the key of the record that it was until now: the machine was imaged anew
};

/// What the workflows of customers, contacts and devices look at. Null: there is none, or it is not known yet.
struct ObjectView {
  const model::Entity& record;
  const mapping::ObjectDocument* document = nullptr;  ///< null: no mapping has been published
  const Link* link = nullptr;
  const ObjectCandidate* candidate = nullptr;  ///< of a search that is complete
  bool searched = false;
  bool in_doubt = false;  ///< an object may have been made, and its answer lost
  /// What the record's customer is in the PSA, for contacts and devices; empty: not known yet.
  psa::Reference company;
  /// Of customers: the company that the mapping of alerts names for them.
  psa::Reference mapped_company;
  bool mapped_excluded = false;
  Leaving leaving;
  bool person_agrees = false;  ///< a saved plan is being made or applied: what waits for a person goes on
  Timestamp now{};
};

/// An answer that wants nothing asks for nothing (yet). What is neither linked nor may be made without a search asks
/// for that first (`needs_search`).
[[nodiscard]] Answer customer_to_company(const ObjectView& view);
[[nodiscard]] Answer contact_to_contact(const ObjectView& view);
[[nodiscard]] Answer device_to_configuration(const ObjectView& view);

/// Whether the record's object is about to become inactive or retired, which it is not yet.
[[nodiscard]] bool leaves_now(const model::Entity& record, const mapping::ObjectDocument& document, const Link& link,
                              Timestamp now);
/// The code that records of a kind wait with because too many leave.
[[nodiscard]] std::string mass_change_code(model::RecordKind kind);

/// Where the device is in its life, and when that will change if it is not seen again.
struct DeviceLife {
  mapping::DeviceState state = mapping::DeviceState::active;
  std::optional<Timestamp> changes_at;
};
[[nodiscard]] DeviceLife device_life(const model::Entity& device, const mapping::ObjectDocument& document,
                                     Timestamp now);
/// When the device was last seen: what the product says, else the time of its newest event.
[[nodiscard]] Timestamp last_seen(const model::Entity& device);
/// What the product says of its state: "active", "retired" or "replaced".
[[nodiscard]] std::string_view told_state(const model::Entity& device);

}  // namespace crosswalk::workflows
