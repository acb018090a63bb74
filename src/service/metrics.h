#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "outbound/sender.h"
#include "service/intake.h"
#include "store/store.h"

namespace crosswalk::service {

/// What intake has seen since the start. Thread-safe.
class IntakeMetrics {
 public:
  void count(std::string_view source, const Incoming& incoming, const IntakeCounts& counts);
  /// A request that was refused as a whole.
  void count_refused(std::string_view source, std::string_view code);
  void count_response(int status);

  struct Snapshot {
    std::map<std::string, std::uint64_t> accepted_by_source, duplicates_by_source, conflicts_by_source,
        rejected_by_code, responses_by_class;
  };
  [[nodiscard]] Snapshot snapshot() const;

 private:
  struct Source {
    std::atomic<std::uint64_t> accepted{0}, duplicates{0}, conflicts{0};
  };
  Source& source(std::string_view name) { return name == "alertmanager" ? alertmanager_ : cloudevents_; }
  [[nodiscard]] const Source& source(std::string_view name) const {
    return name == "alertmanager" ? alertmanager_ : cloudevents_;
  }

  Source cloudevents_, alertmanager_;
  std::array<std::atomic<std::uint64_t>, 6> responses_{};  ///< by hundreds
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> rejected_by_code_;
};

/// Parked records by their catalogue code.
using ParkedByCode = std::map<std::string, std::int64_t>;
/// Counts them through the store's lists, at most kParkedCountedMax per partner.
[[nodiscard]] Result<ParkedByCode> count_parked(store::Store& store);
inline constexpr std::size_t kParkedCountedMax = 10'000;

/// All of it in the Prometheus text format.
[[nodiscard]] std::string render_metrics(const IntakeMetrics::Snapshot& intake, const engine::Metrics& engine,
                                         const store::Store::Counts& counts, const ParkedByCode& parked);

/// Whether the service gets on with its work.
struct Pulse {
  std::int64_t unfolded = 0;   ///< events that the engine has not looked at
  Duration oldest_due_for{0};  ///< for how long the record that waits longest has been due
  bool last_write_failed = false;
  std::optional<Duration> last_write_ago{}, engine_turned_ago{};  ///< absent: not known
};
[[nodiscard]] std::string render_pulse(const Pulse& pulse);

/// How it stands between us and each partner's PSA.
[[nodiscard]] std::string render_connections(const std::vector<store::PartnerRow>& partners,
                                             const std::vector<store::ConnectionRow>& connections);

/// Since when the record that waits longest is due, of partners that are not paused.
[[nodiscard]] Result<std::optional<Timestamp>> oldest_due(store::Store& store);

/// What becomes of the events for the product, by webhook; nothing while there is none.
[[nodiscard]] std::string render_webhook_metrics(const std::vector<outbound::WebhookMetrics>& webhooks,
                                                 const std::vector<store::OutboundReads::DeliveryCounts>& deliveries);

}  // namespace crosswalk::service
