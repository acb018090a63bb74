#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "psa/port.h"

namespace crosswalk::engine {

struct Metrics;

struct BudgetOptions {
  double calls_per_second = 12;  ///< 0: no limit
  int calls_at_once = 4;         ///< 0: no limit
};

/// What one partner's PSA allows us now: a token bucket whose rate falls when the PSA says 429, to what it is seen to
/// allow in a minute, and grows again slowly beyond that; a limit of calls at once, lanes, and a circuit that stops
/// calls while the PSA is down or refuses the keys: the first refusal for seconds only, until it was looked at a second
/// time. Since every call passes here, calls are counted here. One executor only.
class Budget final : public psa::CallGate {
 public:
  Budget(boost::asio::any_io_executor executor, Clock& clock, BudgetOptions options, Metrics& metrics,
         std::uint64_t seed);
  ~Budget() override;

  boost::asio::awaitable<Result<void>> enter(psa::Lane lane) override;
  void leave(const psa::CallReport& report) override;

  /// Refuses all who wait and all who come.
  void stop();
  /// New keys or a new address: forgets why the circuit was open.
  void reset_circuit();
  /// No call can be made at all, for want of keys that can be read, or of an address that is allowed.
  void cannot_call(const Error& why) { stand(Standing::State::refused, why, true); }
  /// A person has looked: what one call has said counts.
  void be_sure() {
    if (!std::exchange(standing_.sure, true) && on_standing) on_standing();
  }
  /// What is known of another address, or of other keys, says nothing of these.
  void forget_standing();
  /// Why the circuit was opened; nothing while it is closed.
  [[nodiscard]] std::optional<Error> why() const { return circuit_ == Circuit::closed ? std::nullopt : why_; }

  /// How it stands between us and the PSA, as the calls tell. "unknown": nothing was called yet.
  struct Standing {
    enum class State { unknown, in_order, refused, unreachable };
    State state = State::unknown;
    std::optional<Error> why{};  ///< of what is not in order
    bool sure = true;            ///< not only one call has said so
  };
  [[nodiscard]] const Standing& standing() const { return standing_; }
  /// Called when the standing has changed.
  std::function<void()> on_standing;

  enum class Circuit { closed, outage, credentials };
  [[nodiscard]] Circuit circuit() const { return circuit_; }
  /// When the next call may be tried, as the time of day; nothing while the circuit is closed.
  [[nodiscard]] std::optional<Timestamp> retry_at() const;
  [[nodiscard]] double rate() const { return rate_; }
  [[nodiscard]] int in_flight() const { return in_flight_; }
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::optional<Timestamp> throttled_at() const { return throttled_at_; }
  [[nodiscard]] std::uint64_t throttled_count() const { return throttled_count_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

 private:
  struct Waiter;
  [[nodiscard]] bool can_start(Timestamp now);
  void begin_call();
  void grow();
  void slow_down(const psa::CallReport& report);
  /// Calls that were answered within the last minute, for each second.
  [[nodiscard]] double answered_rate() const;
  void refill(Timestamp now);
  void pump();
  void schedule(Timestamp at);
  boost::asio::awaitable<void> sleeper(Timestamp at, std::weak_ptr<bool> alive);
  void open_circuit(Circuit why);
  /// Whether a call may try an open circuit, its time having come.
  [[nodiscard]] bool may_try() const;
  void refuse_waiters(const Error& error);
  void stand(Standing::State state, const std::optional<Error>& why, bool sure);
  [[nodiscard]] Error circuit_error() const;

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  BudgetOptions options_;
  Metrics& metrics_;
  std::mt19937_64 random_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::array<std::deque<std::shared_ptr<Waiter>>, psa::kLaneCount> lanes_;
  double rate_, tokens_ = 1;
  double proven_;                   ///< calls a second that the PSA is known to bear; above it the rate grows slowly
  double borne_before_ = 0;         ///< calls a second that were answered before the first 429
  bool throttled_ = false;          ///< the last answer was a 429: one call tries whether that is over
  std::deque<Timestamp> answered_;  ///< of the last minute
  Timestamp grown_at_{};
  // By the monotonic clock, as all that waits here; only throttled_at_ is for people.
  Timestamp refilled_at_, not_before_{}, retry_at_{};
  std::optional<Timestamp> timer_at_;
  std::optional<Timestamp> throttled_at_;
  int in_flight_ = 0;
  int failures_ = 0, opened_ = 0;
  int refusals_ = 0;  ///< of the keys, in a row
  bool stopped_ = false, trying_ = false;
  Circuit circuit_ = Circuit::closed;
  Standing standing_;
  std::optional<Error> why_;  ///< the circuit was opened
  std::uint64_t throttled_count_ = 0, calls_ = 0;
};

}  // namespace crosswalk::engine
