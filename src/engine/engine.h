#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/event.h"
#include "psa/port.h"
#include "store/store.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// How main.cc hands the engine a partner's PSA without the engine knowing any adapter.
class PsaSession {
 public:
  virtual ~PsaSession() = default;
  [[nodiscard]] virtual psa::Psa psa() = 0;
  /// Writes that the session's transport refused, because it was opened read-only. 0 is what test mode promises to have
  /// sent.
  [[nodiscard]] virtual std::int64_t writes_refused() const = 0;
};

class PsaFactory {
 public:
  virtual ~PsaFactory() = default;
  /// Fails with "partner.credentials_missing", "secrets.unreadable" or "net.host_not_allowed".
  [[nodiscard]] virtual Result<std::unique_ptr<PsaSession>> open(const store::PartnerRow& partner, psa::CallGate& gate,
                                                                 bool read_only) = 0;
};

struct EngineOptions {
  double calls_per_second =
      12;                 ///< per partner; ConnectWise throttles above 1,000 a minute (FACTS section 8); 0: no limit
  int calls_at_once = 4;  ///< per partner; 12 parallel workers tripped the limit, 4 did not (FACTS section 8)
  int batch_records_max = 50;   ///< records of one partner reconciled together: their reads share calls
  int batch_objects_max = 100;  ///< customers, contacts or devices, which share bulk calls
  int fold_events_max = 2'000;  ///< events folded in one transaction
  /// How long the PSA may still be working on a call whose answer was lost: what is absent before that is looked up
  /// once more after it.
  Duration settle{30'000};
  Duration reference_data_age_max{std::chrono::hours{1}};
  Duration plan_lifetime{std::chrono::hours{1}};
  /// How often what has changed in a PSA is read; 0: never.
  Duration sweep_interval{std::chrono::minutes{15}};
  /// How often all ids are compared, which alone finds what was deleted or merged.
  Duration compare_interval{std::chrono::hours{24}};
  /// Where a partner's PSA is to send what changes; an empty URL: nowhere, sweeps alone find it, and what was
  /// registered before is taken back. Not set: registrations are not looked at.
  std::function<psa::CallbackTarget(const std::string& partner)> callback_target{};
  /// How often the registration of callbacks is compared with what the PSA has.
  Duration callbacks_interval{std::chrono::hours{6}};
  /// How long what nobody needs any more is kept; 0: for ever.
  struct Retention {
    Duration events{0};   ///< events that no state holds anything of; what repeats are known by
    Duration journal{0};  ///< what was done for records that are closed
    Duration closed{0};   ///< alerts and storms that have been closed, with all that belongs to them
    Duration plans{0};    ///< saved plans, after their end
    Duration audit{0};    ///< who has changed what
  } retention{};
  /// How often an engine's thread says that it is there (Metrics::heartbeats_ms), and looks whether the clock was set;
  /// 0: never.
  Duration heartbeat{0};
  /// Where calculations that take long are made, so that nobody waits for them; empty: on the engine's own executor.
  boost::asio::any_io_executor calculations{};
  std::uint64_t seed = 0;  ///< of the jitter; 0: from the system
  /// Called on an engine's executor when events for the product have been committed.
  std::function<void()> outbound_written{};
};

/// Read by /metrics at any time from any thread.
struct Metrics {
  explicit Metrics(std::size_t engines = 1) : heartbeats_ms(engines) {}

  std::atomic<std::uint64_t> events_folded{0}, records_reconciled{0}, records_unchanged{0}, operations_applied{0},
      operations_refused{0}, operations_unknown{0}, lookups{0}, calls{0}, calls_throttled{0}, calls_failed{0},
      parked{0}, circuits_open{0}, sweeps{0}, changes_found{0}, callbacks_received{0}, callbacks_refused{0},
      callbacks_dropped{0}, callbacks_echoes{0}, callbacks_news{0}, callbacks_silent{0}, pruned{0}, clock_set_back{0};
  /// By the steady clock, when the thread of each engine last said that it is there; 0: not yet.
  std::vector<std::atomic<std::int64_t>> heartbeats_ms;
  /// Of the engine that has been silent for longest.
  [[nodiscard]] std::int64_t oldest_heartbeat_ms() const {
    return *std::min_element(heartbeats_ms.begin(), heartbeats_ms.end());
  }
  std::atomic<std::int64_t> in_flight{0};
  /// From an event's acceptance to the start of the first call that it caused; upper bounds in seconds, and +Inf.
  static constexpr std::array<double, 12> kLatencyBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                         0.1,   0.25,   1,     5,    30,    300};
  std::array<std::atomic<std::uint64_t>, 13> event_to_call{};
  std::atomic<std::uint64_t> event_to_call_count{0}, event_to_call_sum_microseconds{0};
};

/// When: folds events into records, and reconciles due records, partner by partner, within each partner's budget. The
/// partners are shared out among the executors: all of a partner's work is done on one. Everything may be called and
/// awaited anywhere, run() on the first executor. Results for people are JSON of the shapes in api/openapi.yaml.
class Engine {
 public:
  /// `executors`: at most store::kSlots, of one thread each.
  [[nodiscard]] static std::unique_ptr<Engine> make(const std::vector<boost::asio::any_io_executor>& executors,
                                                    store::Store& store, store::Writer& writer, Clock& clock,
                                                    PsaFactory& factory, const EngineOptions& options);
  virtual ~Engine() = default;

  /// Runs until stop() and returns when everything in flight has ended and is committed.
  virtual boost::asio::awaitable<void> run() = 0;
  virtual void stop() = 0;

  /// There are new events, or a partner, mapping or key has changed. Thread-safe; many calls before the next turn are
  /// one.
  virtual void wake() = 0;
  /// The same when it is a partner's settings or mapping that have changed, so that what follows from them is done
  /// although no record is due.
  virtual void wake(PartnerId partner) = 0;

  /// What would be done now and why (openapi: Plan). Nothing is written to the PSA; reads use the partner's budget.
  /// `customer`: only this one; empty: all.
  virtual boost::asio::awaitable<Result<boost::json::object>> plan(PartnerId partner, std::string customer) = 0;
  /// The same by the newest draft of each mapping, where there is one, instead of what is in force.
  virtual boost::asio::awaitable<Result<boost::json::object>> plan_draft(PartnerId partner, std::string customer) = 0;
  /// plan(), kept in the store for apply().
  virtual boost::asio::awaitable<Result<boost::json::object>> save_plan(PartnerId partner, std::string customer) = 0;
  /// Applies a saved plan exactly, or refuses with "plan.expired", "plan.stale" (the world has changed), "plan.applied"
  /// (openapi: ApplyReport). Works in mode `test` too: that is how a partner lets single plans through before going
  /// live.
  virtual boost::asio::awaitable<Result<boost::json::object>> apply(PartnerId partner, std::string plan_id) = 0;
  /// The record's whole story (openapi: Story).
  virtual boost::asio::awaitable<Result<boost::json::object>> explain(model::RecordRef record) = 0;
  /// Checks the partner's connection and mapping (openapi: CheckUp).
  virtual boost::asio::awaitable<Result<boost::json::object>> check(PartnerId partner) = 0;
  /// Boards with their statuses and types, priorities, sources, locations (openapi: ReferenceData), read anew.
  virtual boost::asio::awaitable<Result<boost::json::object>> reference_data(PartnerId partner) = 0;
  /// What the mappings of customers, contacts and devices can point at (openapi: ObjectReferenceData), read anew:
  /// questions and manufacturers only as far as `references` or the mappings in force name them.
  virtual boost::asio::awaitable<Result<boost::json::object>> object_reference_data(
      PartnerId partner, psa::ObjectReferences references) = 0;
  /// What else a mapping of tickets names: members, agreements, contacts, sites, companies, and which types, subtypes
  /// and items fit together. Read anew.
  virtual boost::asio::awaitable<Result<psa::TicketReferencesFound>> ticket_references(
      PartnerId partner, psa::TicketReferences wanted) = 0;
  /// Which ConnectWise company each of the partner's customers is or may be, with scores and reasons (openapi:
  /// CustomerMatches). Reads the companies anew, changes nothing.
  virtual boost::asio::awaitable<Result<boost::json::object>> match_customers(PartnerId partner) = 0;
  /// Rebuilds the records of a partner (or one record, when `key` is not empty) from the event log, and makes them due.
  /// Answers how many.
  virtual boost::asio::awaitable<Result<std::int64_t>> replay(PartnerId partner,
                                                              std::optional<model::RecordRef> record) = 0;
  /// Reads everything that the partner's records have become, a thousand in a call, and tells whether it is as we
  /// believe (openapi: Verification). What is not is looked at again, and follows the owner of each field.
  virtual boost::asio::awaitable<Result<boost::json::object>> verify(PartnerId partner) = 0;
  /// What a partner's PSA has sent to its callback address. Returns at once: it is proven and acted upon later, and
  /// what is too much at once is left to the sweep. Thread-safe.
  virtual void told(PartnerId partner, psa::CallbackMessage message) = 0;
  /// What the PSA is to tell us of, and whether it does (openapi: Callbacks). Costs no call.
  virtual boost::asio::awaitable<Result<boost::json::object>> callbacks(PartnerId partner) = 0;
  /// The same after a comparison with what is registered in the PSA, which is mended.
  virtual boost::asio::awaitable<Result<boost::json::object>> ensure_callbacks(PartnerId partner) = 0;
  /// Removes from the PSA what Crosswalk has registered there. For a partner that is about to be paused.
  virtual boost::asio::awaitable<Result<boost::json::object>> remove_callbacks(PartnerId partner) = 0;
  /// Where customers, contacts and devices differ from what the mapping wants, as last seen (openapi: Drift). Costs no
  /// call.
  virtual boost::asio::awaitable<Result<boost::json::object>> drift(PartnerId partner) = 0;
  /// Leaves nothing of a record in the store, nor of the personal texts that it held. What it has become in the PSA
  /// stays there. Answers how many rows were removed or changed.
  virtual boost::asio::awaitable<Result<std::int64_t>> forget(model::RecordRef record) = 0;
  /// Budget, circuit, in flight, of one partner (openapi: PartnerStatus).
  virtual boost::asio::awaitable<boost::json::object> status(PartnerId partner) = 0;

  [[nodiscard]] virtual const Metrics& metrics() const = 0;
};

}  // namespace crosswalk::engine
