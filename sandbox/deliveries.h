#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "sandbox/callbacks.h"

namespace crosswalk::sandbox {

/// How long ConnectWise waits for an answer, as documented.
inline constexpr Duration kDeliveryTimeout{5'000};
/// Before the second and the third try, as documented.
inline constexpr Duration kDeliveryRetries[] = {Duration{2'000}, Duration{4'000}};
/// A callback that has only failed for this long is disabled, as documented.
inline constexpr std::chrono::days kDeliveryPatience{3};

/// What can be wrong between ConnectWise and a subscriber.
struct DeliverySettings {
  Duration delay{0};       ///< between a change and its callback
  Duration spread{1'000};  ///< and up to this much more, so that no order can be relied upon
  double lost = 0;         ///< share of messages that are never sent
  double repeated = 0;     ///< share of messages that are sent twice
};

/// One call to a subscriber that is to be made now.
struct Delivery {
  std::int64_t id = 0;
  std::string tenant;
  std::int64_t callback = 0;
  int attempt = 1;
  net::Request request;  ///< to an absolute URL, signed
};

/// What became of one call, for people.
struct DeliveryRecord {
  Timestamp at{};
  std::string tenant;
  std::int64_t callback = 0;
  std::string type, action, url;
  std::int64_t record = 0;
  int attempt = 1;
  int status = 0;  ///< 0: no answer
};

/// The messages that wait, those under way, and what became of the last ones. Decides from its settings, the time and a
/// seeded generator and nothing else.
class Deliveries {
 public:
  explicit Deliveries(std::uint64_t seed) : random_(seed ^ 0x43616c6c6261636bULL) {}

  void add(std::string_view tenant, CallbackMessage message, std::string signature, Timestamp now);
  /// When the next one is due; nothing when none waits.
  [[nodiscard]] std::optional<Timestamp> next() const;
  /// All that are due, by time. Each must be settled.
  [[nodiscard]] std::vector<Delivery> take(Timestamp now);
  /// What a subscriber has answered (0: nothing). Says how the message has ended, or nothing when it is tried again.
  struct End {
    std::string tenant;
    std::int64_t callback = 0;
    bool delivered = false;
  };
  [[nodiscard]] std::optional<End> settle(std::int64_t id, int status, Timestamp now);
  /// Forgets what waits for a callback that has gone.
  void drop(std::string_view tenant, std::int64_t callback);
  [[nodiscard]] const std::deque<DeliveryRecord>& records() const { return records_; }
  [[nodiscard]] std::string new_message_id();

  DeliverySettings settings;

 private:
  struct Waiting {
    std::int64_t id = 0;
    std::string tenant, signature;
    CallbackMessage message;
    int attempt = 1;
  };
  [[nodiscard]] double draw();

  std::mt19937_64 random_;
  std::multimap<Timestamp, Waiting> waiting_;
  std::map<std::int64_t, Waiting> under_way_;
  std::deque<DeliveryRecord> records_;
  std::int64_t last_id_ = 0;
};

[[nodiscard]] boost::json::object to_json(const DeliverySettings& settings);
/// A member that is absent stays as it is; the text of a failure says what is wrong.
[[nodiscard]] Result<DeliverySettings> apply_json(DeliverySettings settings, const boost::json::object& change);
[[nodiscard]] boost::json::object to_json(const DeliveryRecord& record);

class World;
/// The part of the control API that is about callbacks: settings and the last calls, after `change` unless that is
/// null.
[[nodiscard]] net::Response control_callbacks(World& world, const boost::json::object* change);

}  // namespace crosswalk::sandbox
