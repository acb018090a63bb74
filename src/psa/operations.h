#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/catalogue.h"
#include "base/result.h"
#include "psa/objects.h"

namespace crosswalk::psa {

/// Operations are intents. The provider knows how its API says them, and how to find out whether one has happened.

/// Adds a note. `text` ends with the note's marker (see plan/markers.h) by which it is recognized again.
struct AddNote {
  ObjectId ticket;
  std::string marker;
  NoteKind kind = NoteKind::discussion;
  std::string text;
  bool operator==(const AddNote&) const = default;
};

/// Makes tickets children of a parent (attachChildren on Manage).
struct AttachChildren {
  ObjectId parent;
  std::vector<ObjectId> children;
  bool operator==(const AttachChildren&) const = default;
};

/// Links a device's configuration to a ticket, by configuration id or, where that is empty, by device identifier.
struct AttachConfiguration {
  ObjectId ticket;
  std::string configuration;
  std::string device_identifier;
  bool operator==(const AttachConfiguration&) const = default;
};

/// Makes an object. A ticket needs summary and company at least.
struct CreateObject {
  ObjectKind kind = ObjectKind::configuration;
  Values values{};
  std::string external_reference{};  ///< our marker on it; at most 100 characters (Manage externalXRef)
  std::string description{};         ///< becomes a ticket's first discussion note
  /// Types of the communication items that a contact's `email` and `phone` become, by field.
  std::map<std::string, Reference, std::less<>> communication_types{};
  bool operator==(const CreateObject&) const = default;
};

/// Sets fields of an object, and no others. A value that is nothing clears its field. A ticket's board and status go in
/// one operation, since a status belongs to its board. A field that stands alone (psa/object_fields.h) is the only one.
struct UpdateObject {
  ObjectId object;
  Values values{};
  /// Of a field that a communication item holds: its id as the PSA showed it. Empty: a new one, of this type.
  std::string part{};
  Reference communication_type{};
  bool operator==(const UpdateObject&) const = default;
};

/// Takes an object that is there already for the record's own. Costs no call.
struct LinkObject {
  ObjectId object;
  bool operator==(const LinkObject&) const = default;
};

using Operation = std::variant<CreateObject, UpdateObject, LinkObject, AddNote, AttachChildren, AttachConfiguration>;

/// How many HTTP calls the operation costs on a provider that does one call per intent (Manage does).
[[nodiscard]] int call_cost(const Operation& operation);

/// One HTTP exchange, for the journal: no header, no secret; bodies cut to kCallBodyMax bytes.
struct Call {
  std::string id;  ///< short, appears in logs too
  std::string method;
  std::string target;  ///< path and query
  int status = 0;      ///< 0: no answer
  std::string request_body, response_body;
  Duration took{};
};
inline constexpr std::size_t kCallBodyMax = 2048;

/// What became of an operation. `disposition` is meaningful only when `applied` is false.
struct Outcome {
  bool applied = false;
  Disposition disposition = Disposition::park;
  Error error;                          ///< catalogue code and safe words, when not applied
  std::optional<Duration> retry_after;  ///< what the PSA asked for
  std::optional<ObjectId> object;       ///< created or changed
  std::optional<Object> observed;       ///< as the answer showed it
  std::string part;                     ///< the id of the communication item that was written; empty: of none
  std::vector<Call> calls;
};

}  // namespace crosswalk::psa
