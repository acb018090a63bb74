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
#include "psa/value.h"

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

/// How far an object that people work on (a ticket) has come.
struct Progress {
  bool closed = false;
  std::optional<Timestamp> closed_at;
  std::string closed_by;                   ///< a member's identifier; empty where the PSA does not tell
  bool time_entered = false;               ///< somebody has booked time (actualHours above zero)
  Decimal hours;                           ///< that are booked on it, all together
  std::set<std::string> scheduled;         ///< identifiers of the members that are scheduled on it
  bool of_project = false;                 ///< it has become a ticket of a project
  std::optional<std::string> merged_into;  ///< value of the surviving ticket
  std::optional<std::string> parent;       ///< value of the parent ticket

  bool operator==(const Progress&) const = default;
};

/// A ticket, company, contact or configuration as the PSA last showed it.
struct Object {
  ObjectId id;
  std::string external_reference{};  ///< externalXRef of Manage's tickets; empty where there is none
  Values values{};                   ///< those that are set, of object_fields()
  /// Ids of what holds a field's value beneath the object, by field: a contact's communication items.
  std::map<std::string, std::string, std::less<>> parts{};
  std::vector<Reference> types{};  ///< all that a company or contact has; the first is its `type`
  bool deleted = false;            ///< still readable, and not to be written to
  std::optional<Timestamp> created_at{}, updated_at{};
  std::string created_by{}, updated_by{};  ///< members' identifiers; empty where the PSA does not tell
  std::optional<Progress> progress{};      ///< of tickets

  [[nodiscard]] const Value* find(std::string_view field) const { return psa::find(values, field); }
  [[nodiscard]] bool closed() const { return progress && progress->closed; }
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
