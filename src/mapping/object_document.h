#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/document.h"
#include "model/entity.h"

namespace crosswalk::mapping {

// The mappings of customer to company, contact to contact and device to configuration. They share one document form:
// what differs is which fields there are, and which of the settings below have a meaning.

/// Who may make what the PSA does not have yet.
enum class Direction {
  link,         ///< nobody: only what is there on both sides is linked
  create,       ///< Crosswalk, in the PSA
  import_from,  ///< the product, which is offered what the PSA has
  both,
};

/// Where a device is in its life.
enum class DeviceState { active, stale, inactive, retired, replaced };
[[nodiscard]] std::string_view to_string(DeviceState state);

/// How one field of the object gets its value.
struct ObjectFieldRule {
  std::string value;         ///< Mustache over the record's data; for all but references
  psa::Reference reference;  ///< for references
  Ownership ownership = Ownership::product;
  std::optional<Duration> every;  ///< a change of this field alone is written at most this often
  bool operator==(const ObjectFieldRule&) const = default;
};

/// What a person has decided about one record.
struct ObjectDecision {
  psa::Reference object;   ///< this is it
  bool create = false;     ///< none of the candidates is it: make one
  bool excluded = false;   ///< not at all
  bool overwrite = false;  ///< of `object`: the product's values go over what another tool has written there
  bool operator==(const ObjectDecision&) const = default;
};

struct ObjectDocument {
  std::string workflow;
  psa::ObjectKind kind = psa::ObjectKind::configuration;
  Mode mode = Mode::test;
  Direction direction = Direction::link;
  std::map<std::string, ObjectFieldRule, std::less<>> fields;
  std::map<std::string, ObjectDecision, std::less<>> decisions;  ///< by record key

  /// What was there before, made by hand or by another tool: only its empty fields are filled. False: all that the
  /// product owns is written.
  bool adopted_keep = true;

  // customers
  int link_at = 90, propose_at = 60;
  bool allow_shared = false;                    ///< several customers may be one company
  std::vector<psa::Reference> types, statuses;  ///< companies of the PSA that count as customers; empty: all
  // contacts
  std::map<std::string, psa::Reference, std::less<>>
      communication_types;  ///< "email", "phone": what new communication items are
  // devices
  std::map<std::string, psa::Reference, std::less<>> classes;  ///< configuration type by device class, lower case
  psa::Reference default_type;                                 ///< of classes that are not named
  Duration stale_after{}, inactive_after{}, retired_after{};   ///< since the device was last seen; 0: never
  std::map<DeviceState, psa::Reference> states;  ///< configuration status by state; what is left out is not written

  // more records that leave within the window wait for a person; 0: no limit
  int guard_percent = 0, guard_records = 0;
  Duration guard_window{};

  [[nodiscard]] bool creates() const { return direction == Direction::create || direction == Direction::both; }
  [[nodiscard]] bool imports() const { return direction == Direction::import_from || direction == Direction::both; }
  /// Whether a company of the PSA counts as a customer.
  [[nodiscard]] bool counts(std::string_view status_id, std::span<const psa::Reference> its_types) const;
  bool operator==(const ObjectDocument&) const = default;
};

inline constexpr std::string_view kCustomerToCompany = "customer_to_company";
inline constexpr std::string_view kContactToContact = "contact_to_contact";
inline constexpr std::string_view kDeviceToConfiguration = "device_to_configuration";
inline constexpr std::string_view kAlertToTicket = "alert_to_ticket";
/// All workflows of objects.
inline constexpr std::array<std::string_view, 3> kObjectWorkflows{kCustomerToCompany, kContactToContact,
                                                                  kDeviceToConfiguration};
[[nodiscard]] bool is_object_workflow(std::string_view workflow);
[[nodiscard]] std::string_view workflow_of(model::RecordKind kind);  ///< empty: none
[[nodiscard]] psa::ObjectKind object_kind_of(std::string_view workflow);
[[nodiscard]] std::string_view record_kind_of(std::string_view workflow);  ///< "customer"

/// Reads a document over what the vendor ships (recipes/): what it leaves out is as there. All problems at once; a
/// document with errors is never returned.
struct ParsedObjects {
  std::optional<ObjectDocument> document;
  std::vector<Problem> problems;
};
[[nodiscard]] ParsedObjects parse_object_document(std::string_view workflow, std::string_view json);
/// What the vendor ships, as JSON.
[[nodiscard]] std::string_view object_recipe(std::string_view workflow);
/// The published JSON Schema of the three.
[[nodiscard]] std::string_view object_json_schema();

/// The value of a field for this record; empty when the record does not tell it.
[[nodiscard]] std::string render_field(const ObjectFieldRule& rule, const model::Entity& record);

}  // namespace crosswalk::mapping
