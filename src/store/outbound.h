#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/record_key.h"

namespace crosswalk::store {

// What the vendor's product is told: an append-only log of events, and for each webhook a place in it. What a webhook
// has taken from the log has a delivery, and of one record's waiting deliveries exactly one is due: the oldest.

/// One event for the product.
struct OutboundRow {
  std::int64_t sequence = 0;  ///< given by the store
  std::string id;             ///< given by the store; the same in every attempt
  RecordKey ref;              ///< events of one record reach a webhook in their order
  std::string type;
  Timestamp at{};
  std::string data;  ///< JSON object: what the event tells beside partner and record
  /// Kept only while the record has this version, as a RecordSettled beside it is.
  std::optional<std::int64_t> of_version{};
};

/// Where events are posted to.
struct WebhookRow {
  std::string id, url, description;
  std::string types, partners;  ///< JSON arrays of texts; empty arrays: all
  bool enabled = true;
  std::string disabled_why;    ///< when it was not a person who disabled it
  std::string sealed_secrets;  ///< JSON; by net::SecretBox
  std::int64_t place = 0;      ///< events up to here are taken; given by the store
  Timestamp created_at{};
  std::int64_t version = 0;  ///< as PartnerRow::version
  /// Read only: JSON of how it fails, as the others were told; empty: it does not. Written by WebhookStanding.
  std::string failing{};
};

/// That a webhook fails, or does so no longer. The row's version stays: nobody has changed it.
struct WebhookStanding {
  std::string webhook;
  std::string failing;  ///< as WebhookRow::failing
};

enum class DeliveryState { waiting, delivered, dead };

/// One event on its way to one webhook.
struct DeliveryRow {
  std::string webhook;
  OutboundRow event;
  DeliveryState state = DeliveryState::waiting;
  std::optional<Timestamp> due_at;  ///< absent while it waits for an older one of its record
  Timestamp give_up_at{};
  int attempts = 0;
  std::optional<Timestamp> attempted_at;
  int status = 0;                          ///< of the last answer; 0: there was none
  std::string error;                       ///< why the last attempt failed
  std::optional<Timestamp> replayed_at{};  ///< when somebody has last asked for it once more
};

/// Moves a webhook's place from `from` to `up_to`, with a delivery for each of `sequences`. Nothing when its place is
/// another by now.
struct WebhookTaken {
  std::string webhook;
  std::int64_t from = 0, up_to = 0;
  std::vector<std::int64_t> sequences;
  Timestamp due_at{}, give_up_at{};
};

/// What an attempt has come to. The next delivery of the record becomes due when this one is over.
struct DeliverySettled {
  std::string webhook;
  std::int64_t sequence = 0;
  RecordKey ref;
  DeliveryState state = DeliveryState::waiting;
  std::optional<Timestamp> due_at;
  int attempts = 0;
  Timestamp attempted_at{};
  int status = 0;
  std::string error;
};

/// All that waits and should have been given up by `at` is dead.
struct DeliveriesExpired {
  std::string webhook;
  Timestamp at{};
  std::string error;
};

/// Of the log, up to the webhook's place: what it wants of a stretch of time. What is told of the webhook itself is not
/// in it.
struct OutboundRange {
  Timestamp since{}, until{};                 ///< made at or after, and before
  std::string types = "[]", partners = "[]";  ///< as WebhookRow has them
  std::size_t count_max = 0;                  ///< of the oldest at most so many
};

/// The dead wait again: all of the webhook, or the one event. Or, of a range, whatever became of it, unless it waits.
struct DeliveriesReplayed {
  std::string webhook;
  std::string event{};  ///< its id; empty: all
  Timestamp due_at{}, give_up_at{};
  std::optional<OutboundRange> range{};
};

/// Forgets at most `rows_max` deliveries that were over before `before`, and as many events that nobody needs any more.
struct OutboundSwept {
  Timestamp before{};
  std::size_t rows_max = 0;
};

/// The outbound side of a transaction, in the order in which it is applied.
struct OutboundChanges {
  /// Insert, or replace all but the place, by version; a new one begins at the log's end.
  std::vector<WebhookRow> webhooks;
  /// A webhook, with its deliveries. When it has another version by now, or is gone: "store.changed_meanwhile".
  struct Removed {
    std::string webhook;
    std::int64_t version = 0;
  };
  std::vector<Removed> removed;
  /// A webhook that was not changed since it had this version is disabled.
  struct Disabled {
    std::string webhook;
    std::int64_t version = 0;
    std::string why;
  };
  std::vector<Disabled> disabled;
  std::vector<WebhookStanding> standings;
  std::vector<OutboundRow> events;
  std::vector<WebhookTaken> taken;
  std::vector<DeliverySettled> settled;
  std::vector<DeliveriesExpired> expired;
  std::vector<DeliveriesReplayed> replayed;
  std::vector<RecordKey> forgotten;  ///< records of which no event and no delivery is kept
  std::optional<OutboundSwept> swept;
  [[nodiscard]] bool empty() const { return rows() == 0; }
  [[nodiscard]] std::size_t rows() const;
};

/// The reads of it; a part of the Store, with the same promises.
class OutboundReads {
 public:
  virtual ~OutboundReads() = default;

  /// Whether there is any webhook at all: without one nothing is told, and nobody makes events. Reads no disk.
  [[nodiscard]] virtual bool has_webhooks() const = 0;
  [[nodiscard]] virtual Result<std::vector<WebhookRow>> webhooks() = 0;  ///< oldest first
  [[nodiscard]] virtual Result<std::vector<OutboundRow>> outbound_after(std::int64_t sequence,
                                                                        std::size_t count_max) = 0;
  /// Due at `now`, longest due first.
  [[nodiscard]] virtual Result<std::vector<DeliveryRow>> due_deliveries(const std::string& webhook, Timestamp now,
                                                                        std::size_t count_max) = 0;
  /// When the webhook's next delivery after `after` is due.
  [[nodiscard]] virtual Result<std::optional<Timestamp>> next_delivery(const std::string& webhook, Timestamp after) = 0;
  struct DeliveryQuery {
    std::string webhook;
    std::optional<DeliveryState> state;
    std::optional<std::int64_t> before;  ///< paging: sequence of the last one seen
    std::size_t count_max = 100;
  };
  [[nodiscard]] virtual Result<std::vector<DeliveryRow>> list_deliveries(
      const DeliveryQuery& query) = 0;  ///< newest first
  struct DeliveryCounts {
    std::string webhook;
    std::int64_t waiting = 0, dead = 0;
  };
  [[nodiscard]] virtual Result<std::vector<DeliveryCounts>> delivery_counts() = 0;  ///< of every webhook, oldest first
  struct RangeCounts {
    std::int64_t events = 0;   ///< that do not wait: what a replay would send; at most the range's count_max
    std::int64_t waiting = 0;  ///< of the range: wait already, or are still to be taken
    std::optional<Timestamp> first_at{}, last_at{};  ///< of `events`
  };
  /// What a replay of the range would find.
  [[nodiscard]] virtual Result<RangeCounts> count_range(const std::string& webhook, const OutboundRange& range) = 0;
};

}  // namespace crosswalk::store
