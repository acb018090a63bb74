#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace crosswalk::model {

enum class RecordKind { customer, contact, device, alert, usage, group };

[[nodiscard]] std::string_view to_string(RecordKind kind);
[[nodiscard]] std::optional<RecordKind> parse_record_kind(std::string_view text);

/// Names one record. `key` is the vendor's, stable: for alerts see alert_key(), for groups group_key().
struct RecordRef {
  PartnerId partner;
  RecordKind kind = RecordKind::alert;
  std::string key;

  auto operator<=>(const RecordRef&) const = default;
};

/// The event types of version 1. The wire says "alert.raised.v1"; "alert.raised" alone means the newest version that it
/// had when the contract began, which is 1.
enum class EventType {
  alert_raised,
  alert_updated,
  alert_resolved,
  alert_snoozed,
  customer_upserted,
  contact_upserted,
  device_upserted
};

[[nodiscard]] std::string_view to_string(EventType type);
/// Accepts "alert.raised" and "alert.raised.v1".
[[nodiscard]] std::optional<EventType> parse_event_type(std::string_view text);

/// One thing that happened to a record, as the log keeps it. The log is append-only.
struct Event {
  std::int64_t sequence = 0;  ///< position in the log, given by the store
  std::string source;         ///< CloudEvents `source`
  std::string id;             ///< CloudEvents `id`; (partner, source, id) is unique
  EventType type = EventType::alert_raised;
  Timestamp time{};  ///< when it happened: CloudEvents `time`, never later than received_at plus the allowed skew
  Timestamp received_at{};  ///< when intake took it
  RecordRef record;
  boost::json::object data;  ///< fits the data schema of `type`
};

/// The stable identity of an alert: product, customer, subject and condition, never text or time. Parts are joined by
/// "/" with "/" and
/// "%" escaped, so that the key is readable and unambiguous. "v1" is the version of this rule.
[[nodiscard]] std::string alert_key(std::string_view product, std::string_view customer, std::string_view subject,
                                    std::string_view condition);

/// What makes alerts belong to one storm: same customer and same condition of the same product.
[[nodiscard]] std::string group_key(std::string_view product, std::string_view customer, std::string_view condition);
/// The same of a storm of all conditions at one site, or of the whole customer where the site is empty. No group_key()
/// is the same: it has no empty part.
[[nodiscard]] std::string wide_group_key(std::string_view product, std::string_view customer, std::string_view site);

/// Something in `key` that looks like a clock, a date, a count or a percentage, and would make every repeat a new
/// alert; said in words for the vendor ("the condition \"disk 91%\" holds a percentage"). Nothing when the key looks
/// stable. Device names with digits are fine.
[[nodiscard]] std::optional<std::string> find_moving_part(std::string_view subject, std::string_view condition);

/// Which record this event's data speaks of. The data must have passed its schema.
[[nodiscard]] RecordRef record_of(const PartnerId& partner, EventType type, const boost::json::object& data);

}  // namespace crosswalk::model
