#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mapping/resolve.h"
#include "psa/objects.h"
#include "workflows/link.h"

namespace crosswalk::workflows {

/// A field as the mapping wants it, and whose it is.
struct DesiredField {
  std::string field;  ///< of psa/object_fields.h
  psa::Value value;
  mapping::Ownership ownership = mapping::Ownership::product;
  std::string decided_by;
  std::optional<Duration> every{};  ///< a change of this field alone is written at most this often
};

/// A note beneath the object.
struct DesiredNote {
  std::string key;
  std::vector<std::string> covers{};  ///< keys of notes for which it stands as well
  psa::NoteKind kind = psa::NoteKind::internal;
  std::string text;
  std::string why;
};

/// A turn of the object's life (opened, resolved, re-opened; active, retired). It is taken once, by its key, and rests
/// after that.
struct Turn {
  std::string key;
  /// Set when the turn is taken, and people's to change afterwards. Empty: the turn shows in the fields.
  psa::Reference status{};
  bool closes = false;
  std::string why, decided_by{};
};

/// Who the contact of a new ticket is, for the PSA to answer.
struct ContactQuestion {
  std::string company, email;
  bool company_default = false;  ///< nobody has the address: the company's default contact

  auto operator<=>(const ContactQuestion&) const = default;
};

/// The answer. `how` tells, in words, how the contact was found, or why there is none.
struct ContactFound {
  psa::Reference contact;
  std::string how;
};

/// An object as the mapping wants it: its fields, the items beneath it, and the turn of its life that is due.
struct Desired {
  psa::ObjectKind kind = psa::ObjectKind::configuration;
  std::string anchor = std::string(kOnlyLife);  ///< which life of the record it is
  Timestamp anchored_at{};                      ///< when that began
  std::string external_reference;               ///< to be left on it; empty: none is
  bool known_by_number = false;                 ///< people call it by its id: "#12"
  std::string name;                             ///< for people
  std::string why;                              ///< why it exists

  std::vector<DesiredField> fields;  ///< all that the mapping decides, but the status of a turn
  std::map<std::string, psa::Reference, std::less<>> communication_types;  ///< of new communication items, by field
  std::optional<Turn> turn;
  std::string description;
  std::vector<DesiredNote> notes;    ///< in the order in which they must be posted
  std::string configuration_device;  ///< device identifier whose configuration is to be attached
  std::string configuration;         ///< its id, where the device's record is linked to one
  std::vector<psa::ObjectId> children;

  // How it comes to be.
  psa::Reference decided;  ///< the object that a person, or a search, has chosen; empty: none is
  std::string decided_by;
  bool may_create = false;    ///< where nothing is linked or decided
  bool must_create = false;   ///< a person has said that no candidate is it
  bool keeps_theirs = false;  ///< of what is adopted only what is empty is filled
  bool takes_theirs = false;  ///< a person has said that the product's values go over what was there
  bool on_catch_all = false;  ///< for a customer that is not mapped
  std::optional<ContactQuestion> contact_question;  ///< to be answered before it is made

  // How it changes.
  bool fields_first = false;          ///< fields are written before the notes, unless a turn is due
  bool look_again = false;            ///< events have come that ask whether it is still as it was
  bool looks_before_changes = false;  ///< people work on it: nothing of it is changed before it was looked at
  bool leaves_by_itself = false;      ///< it becomes inactive or retired, and no person has agreed
  /// It is about to be closed: notes and finished tasks of people would keep it open, and are to be looked at before.
  bool looks_for_notes = false, looks_for_tasks = false;
  Timestamp part_began_at{};  ///< when the part of its life began that a re-opening belongs to
};

/// Null when the mapping does not decide the field.
[[nodiscard]] inline DesiredField* find_field(std::vector<DesiredField>& fields, std::string_view name) {
  for (DesiredField& each : fields)
    if (each.field == name) return &each;
  return nullptr;
}
[[nodiscard]] inline const DesiredField* find_field(const std::vector<DesiredField>& fields, std::string_view name) {
  for (const DesiredField& each : fields)
    if (each.field == name) return &each;
  return nullptr;
}

/// Why a record has no object, or not all that it could have.
struct Held {
  std::string code;    ///< catalogue code
  std::string detail;  ///< about this record
  bool parks = false;  ///< waits for a person, not for time
};

/// A ticket that technicians have closed or removed while its alert is open, and that stays so.
struct LeftTicket {
  std::string anchor;
  bool reported_since = false;  ///< the alert was reported again after that
};

/// What a workflow says of a record: what it should be, or "nothing yet, ask again at T".
struct Answer {
  mapping::Mode mode = mapping::Mode::off;
  std::vector<Desired> wanted;  ///< one for each life that can still change
  bool needs_search = false;    ///< it may be there already: a search comes before anything is wanted
  std::optional<Timestamp> ask_again_at;
  std::optional<Held> held;
  std::optional<LeftTicket> left;
  bool joins_storm = false;
  bool splits_storm = false;  ///< of a storm: its open alerts are to be looked at for themselves
  std::string title, customer;
  std::vector<std::string> reasons;  ///< the decisions, in words, oldest first
  std::vector<mapping::Problem> problems;

  void ask_again(Timestamp at) {
    if (!ask_again_at || at < *ask_again_at) ask_again_at = at;
  }
};

}  // namespace crosswalk::workflows
