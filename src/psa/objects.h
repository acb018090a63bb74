#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/ids.h"
#include "base/time.h"

namespace crosswalk::psa {

/// What every provider's objects are told apart by. Opaque: only the provider knows what `value` means.
enum class ObjectKind { ticket, company, contact, configuration, agreement };

[[nodiscard]] std::string_view to_string(ObjectKind kind);
[[nodiscard]] std::optional<ObjectKind> parse_object_kind(std::string_view text);

struct ObjectId {
  std::string provider;  ///< "manage" or "asio"
  PartnerId partner;
  ObjectKind kind = ObjectKind::ticket;
  std::string value;

  auto operator<=>(const ObjectId&) const = default;
};

/// A pointer into the PSA's data, by id; the name is kept beside it for people only.
struct Reference {
  std::string id;
  std::string name;

  [[nodiscard]] bool empty() const { return id.empty(); }
  /// Two references are the same when their ids are: a rename changes nothing.
  bool operator==(const Reference& other) const { return id == other.id; }
};

/// For people: the name, else the id; empty when there is neither.
[[nodiscard]] inline std::string shown(const Reference* reference) {
  if (!reference) return "";
  if (!reference->name.empty()) return reference->name;
  return reference->id.empty() ? "" : "id " + reference->id;
}

enum class NoteKind { discussion, internal, resolution };
[[nodiscard]] std::string_view to_string(NoteKind kind);
[[nodiscard]] std::optional<NoteKind> parse_note_kind(std::string_view text);

/// The fields of a ticket that Crosswalk may set, in the order in which they are shown.
enum class TicketField {
  summary,
  company,
  board,
  status,
  type,
  subtype,
  item,
  priority,
  severity,
  impact,
  source,
  team,
  owner,
  service_location,
  agreement,
  contact,
  site,
};
inline constexpr int kTicketFieldCount = 17;
[[nodiscard]] std::string_view to_string(TicketField field);
[[nodiscard]] std::optional<TicketField> parse_ticket_field(std::string_view text);

/// One field's value: `id` for references (summary, severity and impact carry their text in `name` and leave `id`
/// empty).
struct FieldValue {
  TicketField field = TicketField::summary;
  Reference value;

  bool operator==(const FieldValue& other) const {
    return field == other.field && value.id == other.value.id && (!value.id.empty() || value.name == other.value.name);
  }
};

/// A ticket as the PSA last showed it.
struct Ticket {
  ObjectId id;
  std::string external_reference;  ///< externalXRef on Manage
  std::vector<FieldValue> fields;  ///< those that are set
  bool closed = false;
  std::optional<Timestamp> closed_at;
  bool time_entered = false;               ///< somebody has booked time (actualHours above zero)
  Decimal hours;                           ///< that are booked on it, all together
  std::set<std::string> scheduled;         ///< identifiers of the members that are scheduled on it
  bool of_project = false;                 ///< it has become a ticket of a project
  std::optional<std::string> merged_into;  ///< value of the surviving ticket
  std::optional<std::string> parent;       ///< value of the parent ticket
  std::optional<Timestamp> updated_at;
  std::optional<Timestamp> created_at;
  std::string created_by, updated_by, closed_by;  ///< members' identifiers; empty where the PSA does not tell

  [[nodiscard]] const Reference* find(TicketField field) const {
    for (const FieldValue& each : fields)
      if (each.field == field) return &each.value;
    return nullptr;
  }
};

/// Values by field name (see object_fields.h): references by `id`, all others by `name`.
using ObjectValues = std::map<std::string, Reference, std::less<>>;

/// The same as what the PSA keeps: references by id, others by their text.
[[nodiscard]] inline bool same_value(const Reference& left, const Reference& right) {
  return left.id.empty() && right.id.empty() ? left.name == right.name : left.id == right.id;
}

/// A company, contact or configuration as the PSA last showed it. Fields that are unset are left out.
struct Object {
  ObjectId id;
  ObjectValues values;
  bool deleted = false;  ///< still readable, and not to be written to
  std::optional<Timestamp> updated_at;
  std::string updated_by;    ///< a member's identifier; empty where the PSA does not tell
  std::string type_names{};  ///< of a company: what its types are called, by commas

  [[nodiscard]] const Reference* find(std::string_view field) const {
    const auto found = values.find(field);
    return found == values.end() ? nullptr : &found->second;
  }
};

struct TicketNote {
  std::string id;
  std::string text;
  NoteKind kind = NoteKind::discussion;
  std::string created_by;
  std::optional<Timestamp> created_at;
};

/// A piece of work that a ticket lists.
struct TicketTask {
  std::string id;
  bool finished = false;
  std::string updated_by;  ///< a member's identifier; empty where the PSA does not tell
};

struct Status {
  Reference reference;
  bool closed = false;
  bool inactive = false;
  bool is_default = false;
  bool operator==(const Status&) const = default;
};

/// Types, subtypes and items belong to a board, and only certain triples fit together.
struct ServiceType {
  Reference reference;
  bool inactive = false;
  bool operator==(const ServiceType&) const = default;
};

struct Board {
  Reference reference;
  bool inactive = false;
  std::vector<Status> statuses;
  std::vector<ServiceType> types, subtypes, items, teams;
  bool operator==(const Board&) const = default;
};

/// What a mapping can point at. Lists hold all entries, inactive ones too, so that a message can say which.
struct ReferenceData {
  Timestamp read_at{};
  std::vector<Board> boards;
  std::vector<ServiceType> priorities, sources, locations;
  std::vector<ServiceType> companies;  ///< only those that the mapping names
  [[nodiscard]] bool same_as(const ReferenceData& other) const {
    return boards == other.boards && priorities == other.priorities && sources == other.sources &&
           locations == other.locations && companies == other.companies;
  }
};

/// What a contact's communication item can be.
struct CommunicationType {
  Reference reference;
  bool email = false, phone = false;
  bool is_default = false;
};

/// What a configuration can be, and what is asked of each of its type.
struct ConfigurationType {
  Reference reference;
  bool inactive = false;
  std::optional<std::vector<ServiceType>> questions{};  ///< absent: not read
};

/// What the mappings of customers, contacts and devices can point at; like ReferenceData.
struct ObjectReferenceData {
  std::vector<ServiceType> company_types, contact_types;
  std::vector<Status> company_statuses, configuration_statuses;
  std::vector<CommunicationType> communication_types;
  std::vector<ConfigurationType> configuration_types;
  std::vector<ServiceType> manufacturers;  ///< only those that were asked for
};

/// What of ObjectReferenceData is read only where it is asked for, by id.
struct ObjectReferences {
  std::vector<std::string> question_types;  ///< configuration types whose questions are read
  std::vector<std::string> manufacturers;
};

}  // namespace crosswalk::psa
