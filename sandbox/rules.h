#pragma once

#include <span>
#include <string>

#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// What is particular to one collection; everything else is the engine's.
struct CollectionRules {
  const char* collection;
  /// Before a row is written (`before`: as it was; nullptr for a new one): derived fields, defaults from other objects,
  /// what is refused.
  void (*before_write)(Writer& writer, const Row* before) = nullptr;
  /// What follows from the fields of a row that a scenario plants, which no other rule looks at.
  void (*complete_planted)(Writer& writer) = nullptr;
  /// After it has been written: what else it changes.
  void (*after_write)(Writer& writer, const Row& row, bool inserted) = nullptr;
  /// Why it cannot be deleted, if so.
  std::optional<ApiError> (*before_removal)(Tenant& tenant, const Row& row, const Actor& actor) = nullptr;
  void (*after_removal)(Tenant& tenant, const Row& removed, const Actor& actor) = nullptr;
};

// The rules, by module: each file adds its lines here.

[[nodiscard]] std::span<const CollectionRules> company_rules();
[[nodiscard]] std::span<const CollectionRules> service_rules();
[[nodiscard]] std::span<const CollectionRules> finance_rules();
[[nodiscard]] std::span<const CollectionRules> sales_rules();
[[nodiscard]] std::span<const CollectionRules> time_rules();
[[nodiscard]] std::span<const CollectionRules> system_rules();

// What rules are made of.

/// "2026-03-01T06:00:00Z"
[[nodiscard]] std::string time_text(std::int64_t seconds);
/// An amount of ten-thousandths as JSON shows it.
[[nodiscard]] boost::json::value decimal_value(std::int64_t units);
/// The first row (by id) that has `flag` set, of `parent`'s unless that is 0; 0 when there is none.
[[nodiscard]] std::int64_t first_with(const Table& table, const char* flag, std::int64_t parent = 0);
/// What a row says of itself: boards and types have inactiveFlag, statuses have inactive.
[[nodiscard]] bool is_inactive(const Resource& resource, const Row& row);
/// Gives a field that is empty a value, unless the client has emptied it on purpose.
void set_default(Writer& writer, const char* name, boost::json::value value);
/// Gives a field that must not be empty a value, even if the client has emptied it.
void never_empty(Writer& writer, const char* name, boost::json::value value);
/// Copies what another object says now (null empties the field), unless the client says otherwise.
void follow(Writer& writer, const char* name, boost::json::value value);
/// Refuses a `board` for projects where one for service is wanted, and the other way round. An MSP that has no board
/// for projects at all has its projects on the others.
void refuse_board_of_other_kind(Writer& writer, const Row* before, int field, bool for_projects);
/// A reference to nothing is no value.
[[nodiscard]] boost::json::value id_or_null(std::int64_t id);
/// What a new ticket of the board gets, of `statuses`; 0 when the board has none for it.
[[nodiscard]] std::int64_t default_status(const Table& statuses, std::int64_t board);
/// The service ticket that an entry of the calendar is for; nullptr: it is for something else.
[[nodiscard]] const Row* scheduled_ticket(const Tenant& tenant, const Row& entry);
/// The id of the member on whose behalf something is written; 0 when there is none of that identifier.
[[nodiscard]] std::int64_t actor_id(const Writer& writer);

}  // namespace crosswalk::sandbox
