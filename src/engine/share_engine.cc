#include "engine/share_engine.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <random>

namespace crosswalk::engine {
namespace {

/// Settings that changed while events poured in are noticed after this long at the latest.
constexpr Duration kSettingsCheck{1'000};
/// After a store that failed, the engine tries again this much later.
constexpr Duration kStoreRetry{1'000};
/// A clock that runs a little off is none that was set.
constexpr Duration kClockStep{2'000};
/// A start has more urgent things to do than to delete what is old.
constexpr Duration kFirstPrune{std::chrono::minutes{1}};
/// Batches of events that are folded before anything else has its turn.
constexpr int kFoldsInARow = 20;
/// Records that are read at once when all are rebuilt.
constexpr std::size_t kPageRecords = 500;

std::uint64_t seed_of(const EngineOptions& options) { return options.seed ? options.seed : std::random_device{}(); }

}  // namespace

ShareEngine::ShareEngine(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer,
                         Clock& clock, PsaFactory& factory, const EngineOptions& options, Metrics& metrics, Seat seat)
    : options_(options),
      store_(store),
      writer_(writer),
      clock_(clock),
      metrics_(metrics),
      seat_(std::move(seat)),
      loop_(executor),
      partners_(loop_, store, clock, factory, options_, metrics, seed_of(options),
                [this] { return folding_.catch_up(); }),
      folding_(loop_, store, writer, clock, options_, metrics, seat_.share, partners_, doubts_),
      waits_(store, clock, options_, metrics, seed_of(options)),
      rows_(store, clock),
      references_(clock, options_, rows_),
      leaving_(store, clock),
      claims_(store, waits_),
      search_(store, clock, options_, waits_, rows_, claims_),
      ticket_questions_(clock, waits_),
      observer_(clock, metrics, waits_, rows_, leaving_, search_, ticket_questions_),
      reconciler_(clock, metrics, waits_, observer_, claims_),
      parking_(loop_, store, writer, clock, waits_),
      batches_(loop_, store, writer, clock, options_, partners_, doubts_, waits_, references_, reconciler_,
               ticket_questions_, parking_),
      callbacks_(loop_, store, writer, clock, options_, metrics, seat_.share, partners_),
      sweeper_(loop_, store, writer, clock, options_, metrics, seat_.share, partners_, callbacks_),
      connections_(loop_, store, writer, clock, options_, partners_),
      retention_(store, writer, clock, options_.retention, metrics),
      questions_{.plans = {store, writer, clock, options_, partners_, doubts_, references_, reconciler_, batches_},
                 .stories = {store, clock, options_, partners_, connections_, reconciler_},
                 .check_ups = {store, clock, partners_, references_, parking_},
                 .references = {clock, partners_},
                 .verification = {store, writer, clock, partners_, reconciler_},
                 .customers = {store, partners_, options.calculations ? options.calculations : executor},
                 .drift = {store, clock, partners_},
                 .forgetting = {store, writer, clock, partners_, folding_}} {}

boost::asio::awaitable<void> ShareEngine::run() {
  const Timestamp started_at = clock_.now();
  const auto restored = store_.restored_at();
  doubts_.begin(started_at, restored ? *restored : std::nullopt);
  woken_ = true;
  sweeper_.plan();
  callbacks_.plan();
  if (options_.heartbeat.count() > 0) boost::asio::co_spawn(loop_.executor, beat(loop_.alive), boost::asio::detached);
  if (seat_.is_first()) prune_at_ = started_at + kFirstPrune;
  while (!loop_.stopping) {
    co_await turn();
    if (loop_.stopping) break;
    schedule(next_due());
    co_await loop_.wake.wait();
  }
  for (auto& [id, partner] : partners_) partner->budget.stop();
  co_await loop_.crew.join();
  *loop_.alive = false;
}

void ShareEngine::stop() {
  boost::asio::post(loop_.executor, [this] {
    loop_.stopping = true;
    for (auto& [id, partner] : partners_) partner->budget.stop();
    loop_.wake.set();
  });
}

void ShareEngine::wake() {
  boost::asio::post(loop_.executor, [this, alive = std::weak_ptr<bool>(loop_.alive)] {
    if (const auto still = alive.lock(); !still || !*still) return;
    woken_ = true;
    loop_.wake.set();
  });
}

void ShareEngine::wake(PartnerId partner) {
  boost::asio::post(loop_.executor, [this, id = std::move(partner.value), alive = std::weak_ptr<bool>(loop_.alive)] {
    if (const auto still = alive.lock(); !still || !*still) return;
    PartnerState& state = partners_.of(id);
    if (partners_.callbacks_on(id)) state.callbacks_at = clock_.now();
    const auto unread = store_.partners_without_offers();
    if (!unread || std::ranges::find(*unread, id) == unread->end()) return;
    sweep_soon(state, options_, clock_.now());
    loop_.wake.set();
  });
  wake();
}

boost::asio::awaitable<void> ShareEngine::turn() {
  co_await notice_clock();
  const bool retry = folding_.is_to_be_retried();
  const bool woken = std::exchange(woken_, false) || retry;
  const bool folded = woken && co_await fold();
  const Timestamp now = clock_.now();
  if (folded && !settings_check_at_) settings_check_at_ = now + kSettingsCheck;
  if ((woken && !folded) || (settings_check_at_ && *settings_check_at_ <= now)) {
    settings_check_at_.reset();
    for (auto& [id, partner] : partners_) partner->settings_stale = true;
    find_due_partners();
  }
  co_await folding_.keep_cursor();
  start_due_partners();
  sweeper_.start();
  callbacks_.start();
  connections_.start_telling();
  start_pruning();
}

boost::asio::awaitable<bool> ShareEngine::fold() {
  int folds = 0;
  while (!loop_.stopping && folds < kFoldsInARow && co_await folding_.fold()) {
    ++folds;
    start_due_partners();
  }
  // The rest comes with the next turn: sweeps and the clock have their part in each.
  if (folds == kFoldsInARow) {
    woken_ = true;
    loop_.wake.set();
  }
  co_return folds > 0;
}

void ShareEngine::start_due_partners() {
  const Timestamp now = clock_.now();
  for (auto& [id, partner] : partners_)
    if (partner->next_due && *partner->next_due <= now) batches_.start(*partner);
}

void ShareEngine::find_due_partners() {
  const auto due = store_.due_partners();
  if (!due) {
    spdlog::error("due records cannot be read: {}", due.error().message);
    settings_check_at_ = clock_.now() + kStoreRetry;
    return;
  }
  for (const store::Store::PartnerDue& each : *due) {
    if (!seat_.share.has(each.partner)) continue;
    PartnerState& partner = partners_.of(each.partner);
    if (!partner.next_due || *partner.next_due > each.earliest) partner.next_due = each.earliest;
  }
}

std::optional<Timestamp> ShareEngine::next_due() const {
  std::optional<Timestamp> earliest = settings_check_at_;
  if (const auto fold_at = folding_.next_due(); fold_at && (!earliest || *fold_at < *earliest)) earliest = fold_at;
  if (prune_at_ && !pruning_ && (!earliest || *prune_at_ < *earliest)) earliest = prune_at_;
  const Timestamp now = clock_.now();
  for (const auto& [id, partner] : partners_) {
    if (partner->sweep_at && !partner->sweeping && (!earliest || *partner->sweep_at < *earliest))
      earliest = partner->sweep_at;
    if (partner->callbacks_at && (!earliest || *partner->callbacks_at < *earliest)) earliest = partner->callbacks_at;
    if (partner->drop_indexes_at && (!earliest || *partner->drop_indexes_at < *earliest))
      earliest = partner->drop_indexes_at;
    // What is due already waits for a batch to end, and that wakes the loop.
    if (!partner->next_due || (*partner->next_due <= now && partner->batches > 0)) continue;
    if (!earliest || *partner->next_due < *earliest) earliest = partner->next_due;
  }
  return earliest;
}

void ShareEngine::schedule(std::optional<Timestamp> at) {
  if (!at) return;
  // A time that has passed is looked at by the next turn, which something else must bring about.
  const Timestamp elapsed = clock_.monotonic();
  const Timestamp wake_at = elapsed + std::max(*at - clock_.now(), Duration{1});
  if (timer_at_ && *timer_at_ <= wake_at && *timer_at_ > elapsed) return;
  timer_at_ = wake_at;
  boost::asio::co_spawn(loop_.executor, sleep_until(wake_at, loop_.alive), boost::asio::detached);
}

/// `at`: by the clock that is never set.
boost::asio::awaitable<void> ShareEngine::sleep_until(Timestamp at, std::weak_ptr<bool> alive) {
  Clock& clock = clock_;
  co_await clock.sleep_for(at - clock.monotonic());
  const auto still = alive.lock();
  if (!still || !*still) co_return;
  if (timer_at_ == at) timer_at_.reset();
  loop_.wake.set();
}

void ShareEngine::start_pruning() {
  if (!prune_at_ || *prune_at_ > clock_.now() || pruning_ || loop_.stopping) return;
  pruning_ = true;
  loop_.crew.spawn(prune());
}

boost::asio::awaitable<void> ShareEngine::prune() {
  prune_at_ = co_await retention_.prune();
  pruning_ = false;
  loop_.wake.set();
}

boost::asio::awaitable<void> ShareEngine::beat(std::weak_ptr<bool> alive) {
  boost::asio::steady_timer timer(loop_.executor);
  for (;;) {
    const auto still = alive.lock();
    if (!still || !*still || loop_.stopping) co_return;
    metrics_.heartbeats_ms[static_cast<std::size_t>(seat_.share.first)] =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    const Duration ahead = clock_.now() - clock_.monotonic();
    if (clock_ahead_ && std::chrono::abs(ahead - *clock_ahead_) > kClockStep) loop_.wake.set();
    timer.expires_after(options_.heartbeat);
    boost::system::error_code cancelled;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
}

boost::asio::awaitable<void> ShareEngine::notice_clock() {
  const Timestamp now = clock_.now();
  const Duration ahead = now - clock_.monotonic();
  const Duration moved = clock_ahead_ ? ahead - *clock_ahead_ : Duration{0};
  // Set forward, or a little slow: what is due comes early, and says when it is really due. A lost answer has to be
  // waited for as long as before.
  if (moved > kClockStep) {
    doubts_.move(moved);
    for (auto& [id, partner] : partners_) partner->move_doubts(moved);
  } else if (moved <= -kClockStep && !co_await set_back(now, -moved)) {
    co_return;
  }
  clock_ahead_ = ahead;
}

/// Times that were set by a clock which is no longer right would come too late by as much as it was set back. False:
/// that could not be stored, and is tried again.
boost::asio::awaitable<bool> ShareEngine::set_back(Timestamp now, Duration by) {
  if (seat_.is_first()) {
    store::Transaction transaction;
    transaction.clock_set_back = store::ClockSetBack{now, by};
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) {
      folding_.retry_at(now + kStoreRetry);
      co_return false;
    }
    metrics_.clock_set_back += 1;
    spdlog::warn("the system's clock was set back by {}; what was to be done by the old time is done so much earlier",
                 format_duration(by));
    // The others' records are due at other times too now.
    seat_.wake_all();
  }
  for (std::optional<Timestamp>* each : {&settings_check_at_, &prune_at_})
    if (*each) **each -= by;
  folding_.set_back(by);
  doubts_.move(-by);
  for (auto& [id, partner] : partners_) partner->set_back(by);
  co_return true;
}

boost::asio::awaitable<Result<std::int64_t>> ShareEngine::replay(PartnerId id, std::optional<model::RecordRef> record) {
  std::vector<store::RecordKey> keys;
  if (record) {
    keys.push_back(key_of(*record));
  } else {
    store::Store::RecordQuery query;
    query.partner = id.value;
    query.count_max = kPageRecords;
    for (;;) {
      auto page = store_.list_records(query);
      if (!page) co_return tl::unexpected(page.error());
      if (page->empty()) break;
      query.key_after = page->back().ref.kind + "\n" + page->back().ref.key;
      for (store::RecordRow& row : *page)
        if (row.ref.kind != "group") keys.push_back(std::move(row.ref));
      co_await boost::asio::post(boost::asio::use_awaitable);
    }
  }
  std::int64_t count = 0;
  for (const store::RecordKey& key : keys) {
    const auto rebuilt = co_await folding_.rebuild(key);
    if (!rebuilt) co_return tl::unexpected(rebuilt.error());
    ++count;
  }
  wake();
  co_return count;
}

}  // namespace crosswalk::engine
