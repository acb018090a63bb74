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

#include "engine/engine_impl.h"
#include "engine/folder.h"
#include "engine/wakes.h"

namespace crosswalk::engine {
namespace {

/// Settings that changed while events poured in are noticed after this long at the latest.
constexpr Duration kSettingsCheck{1'000};
/// After a store that failed, the engine tries again this much later.
constexpr Duration kStoreRetry{1'000};
/// A record was changed between the read and the write of a fold, which is then done again at once; so often in a row.
constexpr std::string_view kChangedMeanwhile = "store.changed_meanwhile";
constexpr int kOvertakenMax = 3;
/// A clock that runs a little off is none that was set.
constexpr Duration kClockStep{2'000};
/// A start has more urgent things to do than to delete what is old.
constexpr Duration kFirstPrune{std::chrono::minutes{1}};
/// Whatever the product tells for the second time after its books were put back, it tells within this time.
constexpr Duration kRestoredMatters{std::chrono::hours{24 * 30}};
/// How far events of other engines' partners have been looked at is kept so much later, together.
constexpr Duration kKeepCursor{1'000};
/// Batches of events that are folded before anything else has its turn.
constexpr int kFoldsInARow = 20;
/// Storms of one partner under way at once; a partner with more has other worries.
constexpr std::size_t kOpenGroupsMax = 10'000;

}  // namespace

EngineImpl::EngineImpl(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer, Clock& clock,
                       PsaFactory& factory, EngineOptions options, Metrics& metrics, Seat seat)
    : executor_(executor),
      calculations_(options.calculations ? options.calculations : executor),
      store_(store),
      writer_(writer),
      clock_(clock),
      factory_(factory),
      options_(options),
      metrics_(metrics),
      seat_(std::move(seat)),
      reconciler_(store, clock, options, metrics_, options.seed ? options.seed : std::random_device{}()),
      loader_(store),
      retention_(store, writer, clock, options.retention, metrics_),
      crew_(executor),
      wake_(executor),
      fold_ended_(executor),
      seed_(options.seed ? options.seed : std::random_device{}()) {}

boost::asio::awaitable<void> EngineImpl::run() {
  started_at_ = clock_.now();
  if (const auto restored = store_.restored_at(); restored && *restored && started_at_ - **restored < kRestoredMatters)
    restored_at_ = *restored;
  woken_ = true;
  plan_sweeps();
  plan_callbacks();
  if (options_.heartbeat.count() > 0) boost::asio::co_spawn(executor_, beat(alive_), boost::asio::detached);
  if (seat_.is_first()) prune_at_ = started_at_ + kFirstPrune;
  while (!stopping_) {
    co_await turn();
    if (stopping_) break;
    schedule(next_due());
    co_await wake_.wait();
  }
  for (auto& [id, partner] : partners_) partner->budget.stop();
  co_await crew_.join();
  *alive_ = false;
  finished_ = true;
}

void EngineImpl::stop() {
  boost::asio::post(executor_, [this] {
    stopping_ = true;
    for (auto& [id, partner] : partners_) partner->budget.stop();
    wake_.set();
  });
}

void EngineImpl::wake() {
  boost::asio::post(executor_, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (const auto still = alive.lock(); !still || !*still) return;
    woken_ = true;
    wake_.set();
  });
}

void EngineImpl::wake(PartnerId partner) {
  boost::asio::post(executor_, [this, id = std::move(partner.value), alive = std::weak_ptr<bool>(alive_)] {
    if (const auto still = alive.lock(); !still || !*still) return;
    PartnerState& state = state_of(id);
    if (callbacks_on(id)) state.callbacks_at = clock_.now();
    const auto unread = store_.partners_without_offers();
    if (unread && std::ranges::find(*unread, id) != unread->end()) sweep_soon(state);
  });
  wake();
}

boost::asio::awaitable<void> EngineImpl::turn() {
  co_await notice_clock();
  const bool retry = fold_retry_at_ && *fold_retry_at_ <= clock_.now();
  if (retry) fold_retry_at_.reset();
  const bool woken = std::exchange(woken_, false) || retry;
  bool folded = false;
  if (woken) {
    int folds = 0;
    while (!stopping_ && folds < kFoldsInARow && co_await fold()) {
      ++folds;
      start_due_partners();
    }
    folded = folds > 0;
    // The rest comes with the next turn: sweeps and the clock have their part in each.
    if (folds == kFoldsInARow) {
      woken_ = true;
      wake_.set();
    }
  }
  const Timestamp now = clock_.now();
  if (woken && folded && !settings_check_at_) settings_check_at_ = now + kSettingsCheck;
  if ((woken && !folded) || (settings_check_at_ && *settings_check_at_ <= now)) {
    settings_check_at_.reset();
    for (auto& [id, partner] : partners_) partner->settings_stale = true;
    find_due_partners();
  }
  co_await keep_cursor();
  start_due_partners();
  start_sweeps();
  start_callbacks();
  start_telling();
  start_pruning();
}

void EngineImpl::start_due_partners() {
  const Timestamp now = clock_.now();
  for (auto& [id, partner] : partners_)
    if (partner->next_due && *partner->next_due <= now) start_batches(*partner);
}

boost::asio::awaitable<void> EngineImpl::begin_fold() {
  while (folding_) co_await fold_ended_.wait();
  folding_ = true;
}

void EngineImpl::end_fold() {
  folding_ = false;
  fold_ended_.set();
}

boost::asio::awaitable<bool> EngineImpl::fold() {
  co_await begin_fold();
  const bool folded = co_await fold_batch();
  end_fold();
  co_return folded;
}

Result<store::Unfolded> EngineImpl::read_unfolded() {
  if (!cursor_) {
    const auto folded = store_.folded(seat_.share);
    if (!folded) return tl::unexpected(folded.error());
    cursor_ = *folded;
  }
  return store_.unfolded(seat_.share, *cursor_, static_cast<std::size_t>(options_.fold_events_max));
}

boost::asio::awaitable<bool> EngineImpl::fold_batch() {
  const auto unfolded = read_unfolded();
  if (!unfolded) {
    spdlog::error("event log cannot be read: {}", unfolded.error().message);
    fold_retry_at_ = clock_.now() + kStoreRetry;
    co_return false;
  }
  if (unfolded->through == cursor_) co_return false;
  if (unfolded->events.empty()) {
    if (!keep_cursor_at_) keep_cursor_at_ = clock_.now() + kKeepCursor;
  } else {
    const auto folded = co_await fold_events_of(*unfolded);
    if (!folded && folded.error().code == kChangedMeanwhile && ++folds_overtaken_ < kOvertakenMax) co_return true;
    folds_overtaken_ = 0;
    if (!folded) {
      spdlog::error("events cannot be folded, trying again: {}", folded.error().message);
      fold_retry_at_ = clock_.now() + kStoreRetry;
      co_return false;
    }
    keep_cursor_at_.reset();
  }
  cursor_ = unfolded->through;
  metrics_.events_folded += unfolded->events.size();
  co_return true;
}

boost::asio::awaitable<Result<void>> EngineImpl::fold_events_of(const store::Unfolded& unfolded) {
  const Timestamp now = clock_.now();
  auto result = fold_events(store_, unfolded.events, now);
  if (!result) co_return tl::unexpected(result.error());
  take_folded(*result, now);
  store::Transaction transaction;
  for (const Folded& each : result->records) {
    transaction.records.push_back(each.row);
    if (each.broken) transaction.journal.push_back(Reconciler::parked_entry(each.row.ref, *each.broken, now));
  }
  transaction.folded = store::FoldedTo{seat_.share, unfolded.through};
  wake_storms(*result, now, transaction);
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  for (const Folded& each : result->records) {
    if (each.broken) metrics_.parked += 1;
    // Only now: whoever ended a reconcile meanwhile has asked the store for what is due next, which did not have these.
    PartnerState& partner = state_of(each.row.ref.partner);
    if (!partner.next_due || *partner.next_due > now) partner.next_due = now;
  }
  co_return Result<void>{};
}

boost::asio::awaitable<void> EngineImpl::keep_cursor() {
  if (!keep_cursor_at_ || *keep_cursor_at_ > clock_.now()) co_return;
  co_await begin_fold();
  keep_cursor_at_.reset();
  store::Transaction transaction;
  transaction.folded = store::FoldedTo{seat_.share, *cursor_};
  // Where it could not be written, the next events write it.
  (void)co_await writer_.write(std::move(transaction));
  end_fold();
}

void EngineImpl::wake_storms(const FoldResult& result, Timestamp now, store::Transaction& transaction) {
  std::set<std::pair<std::string, std::string>> woken;
  for (const Folded& each : result.records) {
    PartnerState& partner = state_of(each.row.ref.partner);
    if (each.row.ref.kind != "alert" || !partner.open_groups || !partner.open_groups->contains(each.row.group_key))
      continue;
    if (!woken.emplace(each.row.ref.partner, each.row.group_key).second) continue;
    const store::RecordKey key{each.row.ref.partner, "group", each.row.group_key};
    if (partner.in_flight.contains(key)) partner.refolded.insert(key);
    // By an update of what is there when it is applied: the storm's row may still be on its way to the store.
    transaction.wakes.push_back(wake_storm(each.row.ref.partner, each.row.group_key, now));
  }
}

/// Whether what these events ask for may have been done by an earlier run of which these books know nothing: they tell
/// of a time before this run, or the books are a copy that is older than what was done.
bool EngineImpl::may_be_done_already(const Folded& each) const {
  if (each.told_at < started_at_) return true;
  return restored_at_ && (each.existed || each.told_without_time || each.told_at < *restored_at_);
}

void EngineImpl::take_folded(FoldResult& result, Timestamp now) {
  for (Folded& each : result.records) {
    PartnerState& partner = state_of(each.row.ref.partner);
    if (partner.in_flight.contains(each.row.ref))
      partner.refolded.insert(each.row.ref);
    else if (each.was_settled)
      partner.clean.insert(each.row.ref);
    if (each.was_settled && may_be_done_already(each))
      partner.doubts.try_emplace(each.row.ref, Doubt{.since = {}, .from_before = true});
    if (each.row.ref.kind == "alert") partner.accepted_at.try_emplace(each.row.ref.key, each.accepted_at);
    read_open_groups(partner);
  }
}

void EngineImpl::read_open_groups(PartnerState& partner) {
  if (partner.open_groups) return;
  store::Store::RecordQuery query;
  query.partner = partner.row.id;
  query.kind = "group";
  query.open_only = true;
  query.count_max = kOpenGroupsMax;
  const auto groups = store_.list_records(query);
  if (!groups) return;
  partner.open_groups.emplace();
  for (const store::RecordRow& group : *groups) partner.open_groups->insert(group.ref.key);
}

void EngineImpl::find_due_partners() {
  const auto due = store_.due_partners();
  if (!due) {
    spdlog::error("due records cannot be read: {}", due.error().message);
    settings_check_at_ = clock_.now() + kStoreRetry;
    return;
  }
  for (const store::Store::PartnerDue& each : *due) {
    if (!seat_.share.has(each.partner)) continue;
    PartnerState& partner = state_of(each.partner);
    if (!partner.next_due || *partner.next_due > each.earliest) partner.next_due = each.earliest;
  }
}

PartnerState& EngineImpl::state_of(const std::string& id) {
  auto& state = partners_[id];
  if (!state) {
    state = std::make_unique<PartnerState>(
        executor_, clock_, BudgetOptions{options_.calls_per_second, options_.calls_at_once}, metrics_, ++seed_);
    state->row.id = id;
    state->budget.on_standing = [this, &partner = *state] {
      partner.standing_changed = true;
      wake_.set();
    };
  }
  return *state;
}

Result<void> EngineImpl::refresh_settings(PartnerState& partner) {
  auto row = store_.partner(partner.row.id);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return failure("partner.unknown", "There is no partner \"" + partner.row.id + "\".");
  bool changed = false;
  if (partner.known && (*row)->created_at != partner.row.created_at) forget(partner);
  if (!partner.known || (*row)->version != partner.row.version) {
    partner.live.reset();
    partner.read_only.reset();
    partner.reference_data.reset();
    partner.indexes.clear();
    partner.member.clear();
    if (partner.known) {
      partner.budget.reset_circuit();
      partner.budget.forget_standing();
    }
    partner.connection.reset();
    partner.row = std::move(**row);
    partner.known = changed = true;
  }
  const auto current = store_.settings_version(partner.row.id);
  if (!current) return tl::unexpected(current.error());
  if (current->mapping != partner.mapping_version) {
    if (auto read = read_mappings(partner); !read) return read;
    partner.mapping_version = current->mapping;
    partner.reference_data.reset();
    changed = true;
  }
  // What was refused before says nothing of what is asked for now.
  if (changed) partner.causes.clear();
  // What is wanted of the PSA may be something else now.
  if (changed && callbacks_on(partner.row.id)) partner.callbacks_at = clock_.now();
  partner.settings_stale = false;
  return {};
}

/// The partner was erased, and there is another of the same id: nothing of the former is true of it.
void EngineImpl::forget(PartnerState& partner) {
  partner.known = false;
  partner.budget.reset_circuit();
  partner.budget.forget_standing();
  partner.document.reset();
  partner.object_documents.clear();
  partner.mapping_version = 0;
  partner.contacts.clear();
  partner.left.clear();
  partner.hidden.clear();
  partner.rows_changed = false;
  partner.tickets_shown_at.reset();
  partner.causes.clear();
  partner.refused.clear();
  partner.doubts.clear();
  partner.clean.clear();
  partner.accepted_at.clear();
  partner.open_groups.reset();
  partner.ears.reset();
}

Result<void> EngineImpl::read_mappings(PartnerState& partner) {
  auto mapping = store_.live_mapping(partner.row.id, std::string(mapping::kAlertToTicket));
  if (!mapping) return tl::unexpected(mapping.error());
  if (*mapping) {
    mapping::Parsed parsed = mapping::parse_document((*mapping)->document);
    if (!parsed.document) return failure("mapping.schema", "The published mapping cannot be read any more.");
    partner.document = std::move(parsed.document);
    prepare_storm_view(partner);
  }
  for (const std::string_view workflow : mapping::kObjectWorkflows) {
    auto live = store_.live_mapping(partner.row.id, std::string(workflow));
    if (!live) return tl::unexpected(live.error());
    if (!*live) continue;
    mapping::ParsedObjects parsed = mapping::parse_object_document(workflow, (*live)->document);
    if (!parsed.document) return failure("mapping.schema", "The published mapping cannot be read any more.");
    partner.object_documents.insert_or_assign(std::string(workflow), std::move(*parsed.document));
  }
  return {};
}

bool EngineImpl::settings_changed(const PartnerState& partner) {
  if (partner.settings_stale) return true;
  const auto current = store_.settings_version(partner.row.id);
  return !current || current->partner != partner.row.version || current->mapping != partner.mapping_version ||
         current->made_at != partner.row.created_at;
}

Result<EngineImpl::Hold> EngineImpl::hold_settings(PartnerState& partner) {
  if (settings_changed(partner)) {
    partner.settings_stale = true;
    if (partner.settings_users > 0) return Hold::busy;
    if (auto refreshed = refresh_settings(partner); !refreshed) return tl::unexpected(refreshed.error());
  }
  ++partner.settings_users;
  return Hold::taken;
}

void EngineImpl::release_settings(PartnerState& partner) {
  if (--partner.settings_users == 0) partner.settings_free.set();
}

bool EngineImpl::is_live(const PartnerState& partner, const std::vector<Item>& items) const {
  return std::ranges::any_of(
      items, [&](const Item& item) { return partner.mode_of(workflow_of(item).name) == mapping::Mode::live; });
}

Result<psa::Psa> EngineImpl::session(PartnerState& partner, bool read_only) {
  std::unique_ptr<PsaSession>& slot = read_only ? partner.read_only : partner.live;
  if (!slot) {
    auto opened = factory_.open(partner.row, partner.budget, read_only);
    if (!opened) {
      partner.budget.cannot_call(opened.error());
      return tl::unexpected(opened.error());
    }
    slot = std::move(*opened);
  }
  return slot->psa();
}

std::optional<Timestamp> EngineImpl::next_due() const {
  std::optional<Timestamp> earliest = settings_check_at_;
  if (keep_cursor_at_ && (!earliest || *keep_cursor_at_ < *earliest)) earliest = keep_cursor_at_;
  if (prune_at_ && !pruning_ && (!earliest || *prune_at_ < *earliest)) earliest = prune_at_;
  if (fold_retry_at_ && (!earliest || *fold_retry_at_ < *earliest)) earliest = fold_retry_at_;
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

void EngineImpl::schedule(std::optional<Timestamp> at) {
  if (!at) return;
  // A time that has passed is looked at by the next turn, which something else must bring about.
  const Timestamp elapsed = clock_.monotonic();
  const Timestamp wake_at = elapsed + std::max(*at - clock_.now(), Duration{1});
  if (timer_at_ && *timer_at_ <= wake_at && *timer_at_ > elapsed) return;
  timer_at_ = wake_at;
  boost::asio::co_spawn(executor_, sleep_until(wake_at, alive_), boost::asio::detached);
}

/// `at`: by the clock that is never set.
boost::asio::awaitable<void> EngineImpl::sleep_until(Timestamp at, std::weak_ptr<bool> alive) {
  Clock& clock = clock_;
  co_await clock.sleep_for(at - clock.monotonic());
  const auto still = alive.lock();
  if (!still || !*still) co_return;
  if (timer_at_ == at) timer_at_.reset();
  wake_.set();
}

void EngineImpl::start_pruning() {
  if (!prune_at_ || *prune_at_ > clock_.now() || pruning_ || stopping_) return;
  pruning_ = true;
  crew_.spawn(prune());
}

boost::asio::awaitable<void> EngineImpl::prune() {
  prune_at_ = co_await retention_.prune();
  pruning_ = false;
  wake_.set();
}

boost::asio::awaitable<void> EngineImpl::beat(std::weak_ptr<bool> alive) {
  boost::asio::steady_timer timer(executor_);
  for (;;) {
    const auto still = alive.lock();
    if (!still || !*still || stopping_) co_return;
    metrics_.heartbeats_ms[static_cast<std::size_t>(seat_.share.first)] =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    const Duration ahead = clock_.now() - clock_.monotonic();
    if (clock_ahead_ && std::chrono::abs(ahead - *clock_ahead_) > kClockStep) wake_.set();
    timer.expires_after(options_.heartbeat);
    boost::system::error_code cancelled;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
}

/// Times that were set by a clock which is no longer right would come too late by as much as it was set back.
boost::asio::awaitable<void> EngineImpl::notice_clock() {
  const Timestamp now = clock_.now();
  const Duration ahead = now - clock_.monotonic();
  const Duration moved = clock_ahead_ ? ahead - *clock_ahead_ : Duration{0};
  if (moved > -kClockStep) {
    // Set forward, or a little slow: what is due comes early, and says when it is really due. A lost answer has to be
    // waited for as long as before.
    if (moved > kClockStep) {
      started_at_ += moved;
      for (auto& [id, partner] : partners_) partner->move_doubts(moved);
    }
    clock_ahead_ = ahead;
    co_return;
  }
  const Duration by = -moved;
  if (seat_.is_first()) {
    store::Transaction transaction;
    transaction.clock_set_back = store::ClockSetBack{now, by};
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) {
      fold_retry_at_ = now + kStoreRetry;
      co_return;
    }
    metrics_.clock_set_back += 1;
    spdlog::warn("the system's clock was set back by {}; what was to be done by the old time is done so much earlier",
                 format_duration(by));
    // The others' records are due at other times too now.
    seat_.wake_all();
  }
  clock_ahead_ = ahead;
  for (std::optional<Timestamp>* each : {&settings_check_at_, &fold_retry_at_, &prune_at_, &keep_cursor_at_})
    if (*each) **each -= by;
  started_at_ -= by;
  for (auto& [id, partner] : partners_) partner->set_back(by);
}

}  // namespace crosswalk::engine
