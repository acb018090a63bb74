#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "engine/batches.h"
#include "engine/callbacks.h"
#include "engine/check_up.h"
#include "engine/connection.h"
#include "engine/customers.h"
#include "engine/doubts.h"
#include "engine/drift.h"
#include "engine/engine.h"
#include "engine/folding.h"
#include "engine/loop.h"
#include "engine/parking.h"
#include "engine/partners.h"
#include "engine/plans.h"
#include "engine/reconciler.h"
#include "engine/reference_data.h"
#include "engine/retention.h"
#include "engine/stories.h"
#include "engine/sweeper.h"
#include "engine/verify.h"

namespace crosswalk::engine {

/// What people ask of a partner. Each is awaited on the executor of the partner's engine.
struct Questions {
  Plans plans;
  Stories stories;
  CheckUps check_ups;
  ReferenceQuestions references;
  Verification verification;
  CustomerMatching customers;
  Drift drift;
  Forgetting forgetting;
};

/// The engine of one share of the partners: its services, and the loop that says when each has something to do. One
/// executor with one thread runs all of it.
class ShareEngine {
 public:
  /// Its place among the others. What is to be done once is done by the first.
  struct Seat {
    store::Share share;
    std::function<void()> wake_all;  ///< thread-safe
    [[nodiscard]] bool is_first() const { return share.first == 0; }
  };
  ShareEngine(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer, Clock& clock,
              PsaFactory& factory, const EngineOptions& options, Metrics& metrics, Seat seat);

  /// Runs until stop() and returns when everything in flight has ended and is committed.
  boost::asio::awaitable<void> run();
  // Thread-safe, as the methods of Engine say.
  void stop();
  void wake();
  void wake(PartnerId partner);

  [[nodiscard]] Questions& questions() { return questions_; }
  [[nodiscard]] Callbacks& callbacks() { return callbacks_; }
  /// As Engine::replay says.
  boost::asio::awaitable<Result<std::int64_t>> replay(PartnerId partner, std::optional<model::RecordRef> record);

 private:
  boost::asio::awaitable<void> turn();
  /// Folds what has come, some batches of it; false: there was nothing.
  boost::asio::awaitable<bool> fold();
  void find_due_partners();
  void start_due_partners();
  boost::asio::awaitable<void> sleep_until(Timestamp at, std::weak_ptr<bool> alive);
  void schedule(std::optional<Timestamp> at);
  [[nodiscard]] std::optional<Timestamp> next_due() const;
  void start_pruning();
  boost::asio::awaitable<void> prune();
  /// Says again and again that the engine's thread is there.
  boost::asio::awaitable<void> beat(std::weak_ptr<bool> alive);
  /// Whether the system's clock was set, and what follows from it.
  boost::asio::awaitable<void> notice_clock();
  boost::asio::awaitable<bool> set_back(Timestamp now, Duration by);

  EngineOptions options_;
  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  Metrics& metrics_;
  Seat seat_;
  Loop loop_;
  Doubts doubts_;
  Partners partners_;
  Folding folding_;
  Waits waits_;
  Rows rows_;
  ReferenceReader references_;
  LeavingGuard leaving_;
  Claims claims_;
  ObjectSearch search_;
  TicketQuestions ticket_questions_;
  Observer observer_;
  Reconciler reconciler_;
  Parking parking_;
  Batches batches_;
  Callbacks callbacks_;
  Sweeper sweeper_;
  ConnectionNews connections_;
  Retention retention_;
  Questions questions_;
  std::optional<Timestamp> timer_at_;  ///< by the clock that is never set
  std::optional<Timestamp> settings_check_at_, prune_at_;
  std::optional<Duration> clock_ahead_;  ///< how far the time of day was ahead of the clock that is never set
  bool woken_ = false, pruning_ = false;
};

}  // namespace crosswalk::engine
