#include "engine/budget.h"

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <cmath>

#include "base/catalogue.h"
#include "engine/engine.h"

namespace crosswalk::engine {
namespace {

/// Never slower than one call in five seconds: a partner that throttles harder than this is treated as down.
constexpr double kRateMin = 0.2;
/// Share of the configured rate that comes back per answered call, up to what the PSA is known to bear: about 200 good
/// answers to full speed.
constexpr double kRateRegain = 0.005;
/// Beyond what the PSA is known to bear the rate grows by this share in a minute: a limit that was lifted is noticed
/// within the hour, and one that stands is run into seldom.
constexpr double kGrowthPerMinute = 0.03;
/// After a first 429 a little less than what was borne until then.
constexpr double kCaution = 0.9;
constexpr Duration kMinute{60'000};
/// Failures in a row that open the circuit: enough not to stop at a hiccup, few enough not to hammer.
constexpr int kFailuresMax = 5;
constexpr Duration kCircuitMin{2'000}, kCircuitMax{300'000};
/// One refusal of the keys may be the PSA's own trouble (a node that is starting, a cache): one call tries them again
/// after this.
constexpr Duration kCredentialsSecondLook{5'000};
/// Keys that were refused twice in a row are tried again this often, in case they were renewed on the PSA's side.
constexpr Duration kCredentialsRetry{900'000};
/// ConnectWise's own advice when it names no time (FACTS section 8: "try again in 30 seconds").
constexpr Duration kThrottleDefault{30'000};
/// While one call tries whether a circuit may close, the others come back after this.
constexpr Duration kTrialPatience{1'000};
/// A second's worth of calls may be saved up, so that a quiet partner's first alerts do not wait.
constexpr double kBurstSeconds = 1.0;

}  // namespace

struct Budget::Waiter {
  explicit Waiter(const boost::asio::any_io_executor& executor) : answered(executor) {}
  void give(Result<void> result) {
    answer = std::move(result);
    answered.set();
  }
  std::optional<Result<void>> answer;
  Signal answered;
};

Budget::Budget(boost::asio::any_io_executor executor, Clock& clock, BudgetOptions options, Metrics& metrics,
               std::uint64_t seed)
    : executor_(std::move(executor)),
      clock_(clock),
      options_(options),
      metrics_(metrics),
      random_(seed),
      rate_(options.calls_per_second),
      tokens_(std::max(1.0, options.calls_per_second * kBurstSeconds)),
      proven_(options.calls_per_second),
      grown_at_(clock.monotonic()),
      refilled_at_(clock.monotonic()) {}

Budget::~Budget() { *alive_ = false; }

std::size_t Budget::waiting() const {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += lane.size();
  return count;
}

std::optional<Timestamp> Budget::retry_at() const {
  if (circuit_ == Circuit::closed) return std::nullopt;
  const Duration left = retry_at_ - clock_.monotonic();
  return clock_.now() + (may_try() ? left : std::max(left, kTrialPatience));
}

bool Budget::may_try() const {
  // What was under way when the circuit opened ends first: its failures are of the same hour as those that opened it.
  return !trying_ && in_flight_ == 0;
}

void Budget::refill(Timestamp now) {
  if (rate_ <= 0 || now <= refilled_at_) return;
  const double seconds = static_cast<double>((now - refilled_at_).count()) / 1000.0;
  tokens_ = std::min(tokens_ + seconds * rate_, std::max(1.0, rate_ * kBurstSeconds));
  refilled_at_ = now;
}

bool Budget::can_start(Timestamp now) {
  if (options_.calls_at_once > 0 && in_flight_ >= options_.calls_at_once) return false;
  if (throttled_ && in_flight_ > 0) return false;
  if (now < not_before_) {
    schedule(not_before_);
    return false;
  }
  if (options_.calls_per_second <= 0) return true;
  refill(now);
  if (tokens_ >= 1) return true;
  schedule(now + Duration{static_cast<std::int64_t>(std::ceil((1 - tokens_) / rate_ * 1000.0))});
  return false;
}

boost::asio::awaitable<Result<void>> Budget::enter(psa::Lane lane) {
  if (stopped_) co_return failure("engine.stopping", "Crosswalk is stopping; nothing was sent.");
  if (circuit_ != Circuit::closed) {
    // One call at a time tries whether it is over.
    if (clock_.monotonic() < retry_at_ || !may_try()) co_return tl::unexpected(circuit_error());
    trying_ = true;
  }
  if (waiting() == 0 && can_start(clock_.monotonic())) {
    begin_call();
    co_return Result<void>{};
  }
  auto waiter = std::make_shared<Waiter>(executor_);
  lanes_[static_cast<std::size_t>(lane)].push_back(waiter);
  // The time that can_start scheduled may have come before anybody stood in the lane.
  pump();
  co_await waiter->answered.wait();
  co_return std::move(*waiter->answer);
}

void Budget::begin_call() {
  if (options_.calls_per_second > 0) tokens_ -= 1;
  ++in_flight_;
  ++calls_;
  metrics_.in_flight += 1;
  metrics_.calls += 1;
}

void Budget::pump() {
  while (!stopped_) {
    auto lane = std::find_if(lanes_.begin(), lanes_.end(), [](const auto& each) { return !each.empty(); });
    if (lane == lanes_.end() || !can_start(clock_.monotonic())) return;
    const std::shared_ptr<Waiter> waiter = lane->front();
    lane->pop_front();
    begin_call();
    waiter->give({});
  }
}

void Budget::leave(const psa::CallReport& report) {
  --in_flight_;
  metrics_.in_flight -= 1;
  const Timestamp now = clock_.monotonic();
  // A call that was under way when the circuit opened tells nothing new by failing too.
  const bool counts = circuit_ == Circuit::closed || std::exchange(trying_, false);
  switch (report.kind) {
    case psa::CallReport::Kind::answered:
      failures_ = opened_ = 0;
      // What it tells everybody says nothing of the keys.
      if (report.signed_in) refusals_ = 0;
      if (report.signed_in) stand(Standing::State::in_order, std::nullopt, true);
      circuit_ = Circuit::closed;
      if (now >= not_before_) throttled_ = false;
      if (options_.calls_per_second > 0) {
        answered_.push_back(now);
        grow();
      }
      break;
    case psa::CallReport::Kind::throttled:
      failures_ = opened_ = 0;
      circuit_ = Circuit::closed;
      ++throttled_count_;
      metrics_.calls_throttled += 1;
      slow_down(report);
      break;
    case psa::CallReport::Kind::failed:
    case psa::CallReport::Kind::unreachable:
      metrics_.calls_failed += 1;
      if (!counts) break;
      why_ = report.why;
      if (++failures_ >= kFailuresMax || circuit_ != Circuit::closed) open_circuit(Circuit::outage);
      stand(Standing::State::unreachable, report.why, circuit_ == Circuit::outage);
      break;
    case psa::CallReport::Kind::aside:
      break;
    case psa::CallReport::Kind::refused_credentials:
      if (!counts) break;
      ++refusals_;
      why_ = report.why;
      open_circuit(Circuit::credentials);
      stand(Standing::State::refused, report.why, refusals_ > 1);
      break;
  }
  pump();
}

double Budget::answered_rate() const {
  const Timestamp since = clock_.monotonic() - kMinute;
  const auto first = std::ranges::upper_bound(answered_, since);
  return static_cast<double>(answered_.end() - first) / 60.0;
}

void Budget::grow() {
  const Timestamp now = clock_.monotonic();
  while (!answered_.empty() && answered_.front() <= now - kMinute) answered_.pop_front();
  const double minutes = static_cast<double>((now - std::exchange(grown_at_, now)).count()) / 60'000.0;
  if (rate_ < proven_)
    rate_ = std::min(proven_, rate_ + options_.calls_per_second * kRateRegain);
  else
    rate_ *= 1 + kGrowthPerMinute * std::min(minutes, 1.0);
  rate_ = std::min(rate_, options_.calls_per_second);
}

void Budget::slow_down(const psa::CallReport& report) {
  const Timestamp now = clock_.monotonic();
  const double borne = answered_rate();
  if (throttled_ && now >= not_before_) {
    // The call that tried whether it is over was refused too: what was answered in the last minute is what is allowed.
    // Where nothing was asked for so long, half of what was borne before.
    borne_before_ /= 2;
    rate_ = std::max(kRateMin, std::min(rate_, borne > 0 ? borne : borne_before_));
    if (borne > 0) proven_ = rate_;
  } else if (!throttled_) {
    // Calls that were under way when the first 429 came are the same refusal: the rate falls once.
    borne_before_ = std::max(borne, rate_ / 2);
    if (borne > rate_ / 2) proven_ = std::max(kRateMin, std::min(borne, rate_ * kCaution));
    rate_ = std::max({kRateMin, rate_ / 2, std::min(borne, rate_ * kCaution)});
  }
  throttled_ = true;
  throttled_at_ = clock_.now();
  not_before_ = std::max(not_before_, now + report.retry_after.value_or(kThrottleDefault));
  tokens_ = std::min(tokens_, 1.0);
}

void Budget::open_circuit(Circuit why) {
  if (circuit_ == Circuit::closed) metrics_.circuits_open += 1;
  circuit_ = why;
  const Timestamp now = clock_.monotonic();
  if (why == Circuit::credentials) {
    retry_at_ = now + (refusals_ > 1 ? kCredentialsRetry : kCredentialsSecondLook);
  } else {
    const Duration ceiling = std::min(kCircuitMax, Duration{kCircuitMin.count() << std::min(opened_, 10)});
    ++opened_;
    retry_at_ =
        now + ceiling / 2 + Duration{std::uniform_int_distribution<std::int64_t>(0, ceiling.count() / 2)(random_)};
  }
  refuse_waiters(circuit_error());
}

Error Budget::circuit_error() const {
  const std::string cause =
      why_ ? std::string(crosswalk::explain(why_->code).title) + ": " + why_->message : std::string();
  if (circuit_ == Circuit::outage)
    return {"psa.circuit_open",
            "No calls are made until it was tried again" +
                (cause.empty() ? ", since ConnectWise does not answer." : ". The last answer - " + cause),
            {}};
  const std::string code = why_ ? why_->code : "partner.refused_credentials";
  const std::string waits = refusals_ > 1
                                ? "No calls are made until the connection is tried again, or its settings are changed."
                                : "It was refused once; calls wait some seconds until it was tried again.";
  return {code, waits + (why_ ? " " + why_->message : std::string()), {}};
}

void Budget::stand(Standing::State state, const std::optional<Error>& why, bool sure) {
  const std::string code = why ? why->code : std::string(),
                    before = standing_.why ? standing_.why->code : std::string();
  // A single failure says less than what was sure.
  if (!sure && standing_.sure && standing_.state != Standing::State::unknown) return;
  const bool changed = standing_.state != state || code != before || standing_.sure != sure;
  standing_ = {state, why, sure};
  if (changed && on_standing) on_standing();
}

void Budget::refuse_waiters(const Error& error) {
  for (auto& lane : lanes_) {
    for (const std::shared_ptr<Waiter>& waiter : lane) {
      waiter->give(tl::unexpected(error));
    }
    lane.clear();
  }
}

void Budget::reset_circuit() {
  circuit_ = Circuit::closed;
  failures_ = opened_ = refusals_ = 0;
  trying_ = false;
  why_.reset();
  pump();
}

void Budget::forget_standing() { standing_ = {}; }

void Budget::stop() {
  stopped_ = true;
  refuse_waiters({"engine.stopping", "Crosswalk is stopping; nothing was sent.", {}});
}

void Budget::schedule(Timestamp at) {
  if (timer_at_ && *timer_at_ <= at && *timer_at_ > clock_.monotonic()) return;
  timer_at_ = at;
  boost::asio::co_spawn(executor_, sleeper(at, alive_), boost::asio::detached);
}

boost::asio::awaitable<void> Budget::sleeper(Timestamp at, std::weak_ptr<bool> alive) {
  Clock& clock = clock_;
  co_await clock.sleep_for(at - clock.monotonic());
  const auto still = alive.lock();
  if (!still || !*still) co_return;
  if (timer_at_ != at) co_return;  // another has taken its place
  timer_at_.reset();
  pump();
}

}  // namespace crosswalk::engine
