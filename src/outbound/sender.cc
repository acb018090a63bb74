#include "outbound/sender.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <map>
#include <mutex>
#include <set>

#include "base/async.h"
#include "net/standard_webhooks.h"
#include "outbound/circuit.h"
#include "outbound/failing.h"
#include "outbound/message.h"

namespace crosswalk::outbound {
namespace {

/// Events that a webhook takes from the log in one commit.
constexpr std::size_t kTakeMax = 500;
constexpr std::size_t kSweepRowsMax = 2'000;
constexpr Duration kSweepEvery{std::chrono::hours{1}};
constexpr Duration kStoreRetry{1'000};
/// Between the attempts of one delivery.
constexpr Duration kBackoffLeast{5'000}, kBackoffMost{std::chrono::hours{4}};
/// What a receiver may ask for with Retry-After.
constexpr Duration kRetryAfterMost{std::chrono::hours{1}};
/// A receiver's answer is not read, but it may be chatty.
constexpr std::size_t kAnswerBytesMax = 1 << 20;
constexpr int kGone = 410;
/// A clock that goes back by less only makes somebody wait as much longer.
constexpr Duration kStepLeast{5'000};
/// Deliveries whose times are moved in one commit.
constexpr std::size_t kMoveMax = 500;

/// What the sender holds in memory of one webhook.
struct Endpoint {
  store::WebhookRow row;
  Filter filter;
  Circuit circuit;
  /// Of the first of its failures in a row: by the clock that is never set, and by the time of day.
  std::optional<Timestamp> fails_since, failing_at;
  Trouble trouble;              ///< of the last failure
  std::optional<Failing> told;  ///< what the others were told of it; the store has it too
  std::set<std::int64_t> in_flight;
  std::optional<Timestamp> look_at;  ///< when there will be something to do; monotonic
  Duration clock_ahead{};            ///< of the monotonic clock: what the times of its deliveries were written by
};

struct Attempt {
  bool delivered = false;
  int status = 0;
  std::string error;
  std::optional<Duration> retry_after{};
  std::string cause{};  ///< of the catalogue, where there was no answer
};

Trouble trouble_of(const Attempt& attempt) {
  if (attempt.status == kGone) return {"disabled", std::to_string(attempt.status), attempt.error};
  if (attempt.status > 0) return {"refused", std::to_string(attempt.status), attempt.error};
  const bool cannot_sign = attempt.cause.starts_with("secrets.");
  return {cannot_sign ? "unsigned" : "unreachable", attempt.cause, attempt.error};
}

std::optional<Duration> retry_after_of(const net::Response& response) {
  const std::string* text = response.headers.find("Retry-After");
  if (!text) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc{} || end != text->data() + text->size() || seconds < 0) return std::nullopt;
  if (seconds > kRetryAfterMost.count() / 1'000) return kRetryAfterMost;
  return Duration{seconds * 1'000};
}

class StoreSender final : public Sender {
 public:
  StoreSender(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer, Clock& clock,
              net::Transport& transport, const net::SecretBox& secrets, SenderOptions options)
      : executor_(executor),
        store_(store),
        writer_(writer),
        clock_(clock),
        transport_(transport),
        secrets_(secrets),
        options_(options),
        random_(options.seed ? options.seed : std::random_device{}()),
        crew_(executor),
        wake_(executor) {}

  boost::asio::awaitable<void> run() override {
    woken_ = true;
    while (!stopping_) {
      co_await turn();
      if (stopping_) break;
      schedule(next_look());
      co_await wake_.wait();
    }
    co_await crew_.join();
    *alive_ = false;
  }

  void stop() override {
    post([this] { stopping_ = true; });
  }
  void wake() override {
    post([this] { woken_ = true; });
  }

  boost::asio::awaitable<Result<TestOutcome>> test(std::string id) override {
    const auto rows = store_.outbound().webhooks();
    if (!rows) co_return tl::unexpected(rows.error());
    const auto webhook = std::ranges::find(*rows, id, &store::WebhookRow::id);
    if (webhook == rows->end()) co_return failure("webhook.unknown", "There is no webhook \"" + id + "\".");
    store::OutboundRow event;
    event.id = fmt::format("evt_test{:016x}", random_());
    event.type = "webhook.test";
    event.at = clock_.now();
    const Timestamp began = clock_.monotonic();
    event.data = boost::json::serialize(boost::json::object{{"webhook", id}});
    const std::optional<Timestamp> never;
    const Attempt attempt = co_await send(*webhook, event, never);
    co_return TestOutcome{attempt.delivered, attempt.status, clock_.monotonic() - began, attempt.error};
  }

  std::vector<WebhookMetrics> metrics() const override {
    const std::lock_guard lock(metrics_mutex_);
    return metrics_;
  }

 private:
  template <class Change>
  void post(Change change) {
    boost::asio::post(executor_, [this, change, alive = std::weak_ptr<bool>(alive_)] {
      if (const auto still = alive.lock(); !still || !*still) return;
      change();
      wake_.set();
    });
  }

  boost::asio::awaitable<void> turn() {
    if (std::exchange(woken_, false)) {
      refresh();
      // What was read of the webhooks is exchanged while they take.
      const auto endpoints = endpoints_;
      for (const auto& [id, endpoint] : endpoints) co_await take(*endpoint);
    }
    // The webhooks are exchanged by this coroutine alone.
    for (const auto& [id, endpoint] : endpoints_) co_await follow_clock(*endpoint);
    for (const auto& [id, endpoint] : endpoints_) start(endpoint);
    if (!sweep_at_ || *sweep_at_ <= clock_.monotonic()) co_await sweep();
  }

  /// Reads the webhooks; what is known of their receivers stays.
  void refresh() {
    auto rows = store_.outbound().webhooks();
    if (!rows) return retry_later("webhooks", rows.error());
    std::map<std::string, std::shared_ptr<Endpoint>> present;
    std::vector<WebhookMetrics> metrics;
    for (store::WebhookRow& row : *rows) {
      std::shared_ptr<Endpoint>& endpoint = present[row.id];
      if (const auto known = endpoints_.find(row.id); known != endpoints_.end()) endpoint = known->second;
      if (!endpoint) {
        endpoint = std::make_shared<Endpoint>();
        endpoint->clock_ahead = clock_.now() - clock_.monotonic();
        endpoint->told = parse_failing(row.failing);
        if (endpoint->told) endpoint->trouble = endpoint->told->trouble;
      }
      // Another address or another secret may be the cure.
      if (endpoint->row.version != row.version) {
        endpoint->circuit.succeeded();
        endpoint->fails_since.reset();
      }
      endpoint->filter = filter_of(row);
      endpoint->row = std::move(row);
      const std::lock_guard lock(metrics_mutex_);
      WebhookMetrics& counted = metrics.emplace_back();
      counted.webhook = endpoint->row.id;
      for (const WebhookMetrics& earlier : metrics_)
        if (earlier.webhook == counted.webhook) counted = earlier;
      show(*endpoint, counted);
    }
    endpoints_ = std::move(present);
    const std::lock_guard lock(metrics_mutex_);
    metrics_ = std::move(metrics);
  }

  /// Gives the webhook deliveries of what is new in the log.
  boost::asio::awaitable<void> take(Endpoint& endpoint) {
    if (!endpoint.row.enabled) co_return;
    const auto events = store_.outbound().outbound_after(endpoint.row.place, kTakeMax);
    if (!events) co_return retry_later("events", events.error());
    if (events->empty()) co_return;
    const Timestamp now = clock_.now();
    store::WebhookTaken taken{
        endpoint.row.id, endpoint.row.place, events->back().sequence, {}, now, now + options_.give_up_after};
    for (const store::OutboundRow& event : *events)
      if (endpoint.filter.wants(event)) taken.sequences.push_back(event.sequence);
    store::Transaction transaction;
    transaction.outbound.taken.push_back(std::move(taken));
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) co_return retry_later("events", written.error());
    endpoint.row.place = events->back().sequence;
    if (events->size() < kTakeMax) co_return;
    woken_ = true;
    wake_.set();
  }

  /// Deliveries that were put off by a clock that has been set back since would wait as much longer: their times go
  /// back with it. The times stand in the store by the time of day, since a restart knows no other.
  boost::asio::awaitable<void> follow_clock(Endpoint& endpoint) {
    const Timestamp now = clock_.now();
    const Duration ahead = now - clock_.monotonic();
    const Duration step = endpoint.clock_ahead - ahead;
    if (step < kStepLeast) {
      endpoint.clock_ahead = std::max(endpoint.clock_ahead, ahead);
      co_return;
    }
    spdlog::warn("webhook={} the clock was set back by {} s; what waits is delivered as if it had not been",
                 endpoint.row.id, step.count() / 1'000);
    store::OutboundReads::DeliveryQuery query{endpoint.row.id, store::DeliveryState::waiting, {}, kMoveMax};
    for (;;) {
      const auto rows = store_.outbound().list_deliveries(query);
      if (!rows) co_return retry_later("deliveries", rows.error());
      store::Transaction transaction;
      for (const store::DeliveryRow& each : *rows) {
        // What is under way will be settled by the new time.
        if (!each.due_at || *each.due_at <= now || endpoint.in_flight.contains(each.event.sequence)) continue;
        transaction.outbound.settled.push_back({endpoint.row.id, each.event.sequence, each.event.ref, each.state,
                                                *each.due_at - step, each.attempts, each.attempted_at.value_or(now),
                                                each.status, each.error});
      }
      if (!transaction.outbound.empty()) {
        const auto written = co_await writer_.write(std::move(transaction));
        if (!written) co_return retry_later("deliveries", written.error());
      }
      if (rows->size() < kMoveMax) break;
      query.before = rows->back().event.sequence;
    }
    endpoint.clock_ahead = ahead;
  }

  void start(const std::shared_ptr<Endpoint>& endpoint) {
    endpoint->look_at.reset();
    if (!endpoint->row.enabled || stopping_) return;
    const Timestamp now = clock_.now();
    const Circuit& circuit = endpoint->circuit;
    if (circuit.is_open() && circuit.probe_at() > clock_.monotonic()) {
      endpoint->look_at = circuit.probe_at();
      return;
    }
    const std::size_t at_once = circuit.is_open() ? 1 : static_cast<std::size_t>(options_.at_once);
    const std::size_t busy = endpoint->in_flight.size();
    if (busy >= at_once) return;
    auto due = store_.outbound().due_deliveries(endpoint->row.id, now, at_once + busy);
    if (!due) return retry_later("deliveries", due.error());
    for (store::DeliveryRow& delivery : *due) {
      if (endpoint->in_flight.size() >= at_once) return;
      if (!endpoint->in_flight.insert(delivery.event.sequence).second) continue;
      crew_.spawn(deliver(endpoint, std::move(delivery)));
    }
    const auto next = store_.outbound().next_delivery(endpoint->row.id, now);
    if (!next) return retry_later("deliveries", next.error());
    if (*next) endpoint->look_at = clock_.monotonic() + (**next - now);
  }

  boost::asio::awaitable<void> deliver(std::shared_ptr<Endpoint> endpoint, store::DeliveryRow delivery) {
    const store::WebhookRow webhook = endpoint->row;
    const Attempt attempt = co_await send(webhook, delivery.event, delivery.replayed_at);
    const Timestamp now = clock_.now();
    store::DeliverySettled settled{webhook.id,
                                   delivery.event.sequence,
                                   delivery.event.ref,
                                   store::DeliveryState::waiting,
                                   now,
                                   delivery.attempts + 1,
                                   now,
                                   attempt.status,
                                   attempt.error};
    store::Transaction transaction;
    if (attempt.delivered) {
      endpoint->circuit.succeeded();
      endpoint->fails_since.reset();
      tell_restored(*endpoint, transaction);
      settled.state = store::DeliveryState::delivered;
      settled.due_at.reset();
    } else if (attempt.status == kGone) {
      transaction.outbound.disabled.push_back({webhook.id, webhook.version, "The receiver answered 410 Gone."});
      if (endpoint->row.version == webhook.version) {
        endpoint->row.enabled = false;
        note_failure(*endpoint, attempt);
        tell_failing(*endpoint, transaction);
      }
    } else {
      fail(*endpoint, delivery, attempt, settled, transaction);
    }
    const bool dead = settled.state == store::DeliveryState::dead;
    const bool tells = !transaction.outbound.events.empty();
    transaction.outbound.settled.push_back(std::move(settled));
    const std::int64_t expired = co_await write_down(std::move(transaction));
    count(*endpoint, [&](WebhookMetrics& metrics) {
      ++(attempt.delivered ? metrics.delivered : metrics.failed);
      metrics.dead += static_cast<std::uint64_t>(expired) + (dead ? 1 : 0);
      show(*endpoint, metrics);
    });
    endpoint->in_flight.erase(delivery.event.sequence);
    if (tells)
      spdlog::warn("webhook={} the other webhooks are told that {}", webhook.id,
                   attempt.delivered ? "it is in order again" : "it fails");
    if (attempt.status == kGone || tells) woken_ = true;
    wake_.set();
  }

  void fail(Endpoint& endpoint, const store::DeliveryRow& delivery, const Attempt& attempt,
            store::DeliverySettled& settled, store::Transaction& transaction) {
    const Timestamp now = clock_.now();
    endpoint.circuit.failed(clock_.monotonic(), random_);
    note_failure(endpoint, attempt);
    const bool for_long = clock_.monotonic() - *endpoint.fails_since >= options_.failing_after;
    if (endpoint.circuit.is_open() && for_long && !endpoint.told) tell_failing(endpoint, transaction);
    spdlog::warn("webhook={} event={} type={} attempt={} failed: {}", endpoint.row.id, delivery.event.id,
                 delivery.event.type, settled.attempts, attempt.error);
    if (now >= delivery.give_up_at) {
      settled.state = store::DeliveryState::dead;
      settled.due_at.reset();
    } else {
      const Duration wait = full_jitter(delivery.attempts, kBackoffLeast, kBackoffMost, random_);
      settled.due_at = now + std::max(wait, attempt.retry_after.value_or(Duration{0}));
    }
    // What waits behind an open circuit is not tried; its time passes all the same.
    if (endpoint.circuit.is_open())
      transaction.outbound.expired.push_back(
          {endpoint.row.id, now, "The receiver did not answer for the whole time: " + attempt.error});
  }

  void note_failure(Endpoint& endpoint, const Attempt& attempt) {
    if (!endpoint.fails_since) {
      endpoint.fails_since = clock_.monotonic();
      endpoint.failing_at = clock_.now();
    }
    endpoint.trouble = trouble_of(attempt);
  }

  /// Tells the other webhooks: it would never hear of it itself.
  void tell_failing(Endpoint& endpoint, store::Transaction& transaction) {
    const Timestamp now = clock_.now();
    const Timestamp since = endpoint.told ? endpoint.told->since : endpoint.failing_at.value_or(now);
    endpoint.told = Failing{since, endpoint.trouble};
    transaction.outbound.standings.push_back({endpoint.row.id, serialize(*endpoint.told)});
    transaction.outbound.events.push_back(failing_event(endpoint.row, *endpoint.told, now));
  }

  void tell_restored(Endpoint& endpoint, store::Transaction& transaction) {
    if (!endpoint.told) return;
    transaction.outbound.standings.push_back({endpoint.row.id, ""});
    transaction.outbound.events.push_back(restored_event(endpoint.row, *endpoint.told, clock_.now()));
    endpoint.told.reset();
  }

  static void show(const Endpoint& endpoint, WebhookMetrics& metrics) {
    metrics.circuit_open = endpoint.circuit.is_open();
    const bool fails = metrics.circuit_open || endpoint.told;
    metrics.state = !endpoint.row.enabled ? "disabled" : fails ? endpoint.trouble.state : "in_order";
    metrics.cause = fails ? endpoint.trouble.cause : std::string();
  }

  boost::asio::awaitable<Attempt> send(store::WebhookRow webhook, store::OutboundRow event,
                                       std::optional<Timestamp> replayed_at) {
    const Timestamp now = clock_.now();
    const auto secrets = open_secrets(webhook, secrets_, now);
    if (!secrets) co_return Attempt{false, 0, secrets.error().message, {}, secrets.error().code};
    std::vector<std::string> texts;
    for (const Secret& secret : *secrets) texts.push_back(secret.text);
    net::Request request{"POST", webhook.url, {}, message_body(event, replayed_at)};
    auto headers = net::webhook_headers(texts, event.id, now, request.body);
    if (!headers) co_return Attempt{false, 0, headers.error().message, {}, headers.error().code};
    request.headers = std::move(*headers);
    request.headers.add("Content-Type", "application/json");
    const net::SendOptions options{options_.timeout, std::min(options_.timeout, Duration{10'000}), kAnswerBytesMax,
                                   webhook.id};
    const auto answer = co_await transport_.send(std::move(request), options);
    if (!answer) co_return Attempt{false, 0, answer.error().message, {}, answer.error().code};
    if (answer->status / 100 == 2) co_return Attempt{true, answer->status, {}};
    co_return Attempt{false, answer->status, fmt::format("The receiver answered {}.", answer->status),
                      retry_after_of(*answer)};
  }

  /// Until it is written: sending again instead would only ask the receiver again for what it has. Answers how many
  /// other deliveries were given up with it.
  boost::asio::awaitable<std::int64_t> write_down(store::Transaction transaction) {
    for (;;) {
      const auto written = co_await writer_.write(transaction);
      if (written) co_return written->outbound_touched;
      spdlog::error("the outcome of a delivery cannot be stored, trying again: {}", written.error().message);
      if (stopping_) co_return 0;
      co_await clock_.sleep_for(kStoreRetry);
    }
  }

  boost::asio::awaitable<void> sweep() {
    store::Transaction transaction;
    transaction.outbound.swept = store::OutboundSwept{clock_.now() - options_.retention, kSweepRowsMax};
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) spdlog::error("old deliveries cannot be forgotten: {}", written.error().message);
    const bool more = written && written->outbound_touched >= static_cast<std::int64_t>(kSweepRowsMax);
    sweep_at_ = clock_.monotonic() + (more ? kStoreRetry : kSweepEvery);
  }

  template <class Change>
  void count(const Endpoint& endpoint, Change change) {
    const std::lock_guard lock(metrics_mutex_);
    for (WebhookMetrics& each : metrics_)
      if (each.webhook == endpoint.row.id) change(each);
  }

  void retry_later(std::string_view what, const Error& error) {
    spdlog::error("outbound {} cannot be read or written, trying again: {}", what, error.message);
    retry_at_ = clock_.monotonic() + kStoreRetry;
  }

  [[nodiscard]] std::optional<Timestamp> next_look() {
    std::optional<Timestamp> earliest = sweep_at_;
    const auto consider = [&](const std::optional<Timestamp>& at) {
      if (at && (!earliest || *at < *earliest)) earliest = at;
    };
    consider(retry_at_);
    for (const auto& [id, endpoint] : endpoints_) consider(endpoint->look_at);
    return earliest;
  }

  void schedule(std::optional<Timestamp> at) {
    if (!at) return;
    if (timer_at_ && *timer_at_ <= *at && *timer_at_ > clock_.monotonic()) return;
    timer_at_ = *at;
    boost::asio::co_spawn(executor_, sleep_until(*at, alive_), boost::asio::detached);
  }

  boost::asio::awaitable<void> sleep_until(Timestamp at, std::weak_ptr<bool> alive) {
    Clock& clock = clock_;
    co_await clock.sleep_for(at - clock.monotonic());
    const auto still = alive.lock();
    if (!still || !*still) co_return;
    if (timer_at_ == at) timer_at_.reset();
    if (retry_at_ && *retry_at_ <= clock.monotonic()) {
      retry_at_.reset();
      woken_ = true;
    }
    wake_.set();
  }

  boost::asio::any_io_executor executor_;
  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  net::Transport& transport_;
  const net::SecretBox& secrets_;
  SenderOptions options_;
  Random random_;
  Crew crew_;
  Signal wake_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::string, std::shared_ptr<Endpoint>> endpoints_;
  std::optional<Timestamp> timer_at_, retry_at_, sweep_at_;  ///< monotonic
  bool woken_ = false, stopping_ = false;
  mutable std::mutex metrics_mutex_;
  std::vector<WebhookMetrics> metrics_;
};

}  // namespace

std::unique_ptr<Sender> Sender::make(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer,
                                     Clock& clock, net::Transport& transport, const net::SecretBox& secrets,
                                     SenderOptions options) {
  return std::make_unique<StoreSender>(std::move(executor), store, writer, clock, transport, secrets, options);
}

}  // namespace crosswalk::outbound
