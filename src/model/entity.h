#pragma once

#include <boost/json/object.hpp>

#include "model/event.h"

namespace crosswalk::model {

/// A customer or a device as the product knows it: the newest upsert wins, by (time, sequence).
struct Entity {
  RecordRef ref;
  Timestamp time{};
  std::string identity;
  std::int64_t sequence = 0;       ///< of the event; 0 where it was stored before sequences were
  boost::json::object attributes;  ///< the event's data

  bool operator==(const Entity&) const = default;
};

void fold(Entity& entity, const Event& event);

[[nodiscard]] std::string serialize(const Entity& entity);
[[nodiscard]] Result<Entity> parse_entity(const RecordRef& ref, std::string_view text);

/// A storm of alerts: it lives from the first burst until all its members have resolved.
struct Group {
  RecordRef ref;
  std::string product, customer, customer_name;
  std::string condition, condition_name;  ///< of a storm of many conditions: those of the alert that began it
  bool wide = false;                      ///< of many conditions: of a site, or of the whole customer
  std::string site;                       ///< of a wide storm; empty: of the whole customer
  Timestamp started_at{};
  std::int64_t started_sequence = 0;  ///< newest event seen when the storm was noticed
  std::optional<Timestamp> split_at;  ///< open alerts that were raised by then belong to the storm no more

  bool operator==(const Group&) const = default;
};

[[nodiscard]] std::string serialize(const Group& group);
[[nodiscard]] Result<Group> parse_group(const RecordRef& ref, std::string_view text);

}  // namespace crosswalk::model
