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

namespace crosswalk::engine {
namespace {

/// Before any time at which a record can be due.
constexpr Timestamp kEver = Timestamp::min();
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
/// Batches of events that are folded before anything else has its turn.
constexpr int kFoldsInARow = 20;
/// Storms of one partner under way at once; a partner with more has other worries.
constexpr std::size_t kOpenGroupsMax = 10'000;
/// Batches of one partner at once when its calls are not limited.
constexpr int kBatchesMax = 4;

}  // namespace

std::unique_ptr<Engine> Engine::make(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer,
                                     Clock& clock, PsaFactory& factory, EngineOptions options) {
  return std::make_unique<EngineImpl>(std::move(executor), store, writer, clock, factory, options);
}

EngineImpl::EngineImpl(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer, Clock& clock,
                       PsaFactory& factory, EngineOptions options)
    : executor_(executor),
      calculations_(options.calculations ? options.calculations : executor),
      store_(store),
      writer_(writer),
      clock_(clock),
      factory_(factory),
      options_(options),
      reconciler_(store, clock, options, metrics_, options.seed ? options.seed : std::random_device{}()),
      loader_(store),
      retention_(writer, clock, options.retention, metrics_),
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
  if (!retention_.keeps_all()) prune_at_ = started_at_ + kFirstPrune;
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
  start_due_partners();
  start_sweeps();
  start_callbacks();
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

boost::asio::awaitable<bool> EngineImpl::fold_batch() {
  if (cursor_ == 0) {
    const auto cursor = store_.fold_cursor();
    if (cursor) cursor_ = *cursor;
  }
  auto events = store_.events_after(cursor_, static_cast<std::size_t>(options_.fold_events_max));
  if (!events || events->empty()) {
    if (!events) {
      spdlog::error("event log cannot be read: {}", events.error().message);
      fold_retry_at_ = clock_.now() + kStoreRetry;
    }
    co_return false;
  }
  const Timestamp now = clock_.now();
  auto result = fold_events(store_, *events, now);
  store::Transaction transaction;
  if (result) {
    take_folded(*result, now);
    for (const Folded& each : result->records) {
      transaction.records.push_back(each.row);
      if (each.broken) transaction.journal.push_back(Reconciler::parked_entry(each.row.ref, *each.broken, now));
    }
    transaction.fold_cursor = result->cursor;
    wake_storms(*result, now, transaction);
  }
  std::optional<Error> failed;
  if (!result) {
    failed = result.error();
  } else {
    auto written = co_await writer_.write(std::move(transaction));
    if (!written) failed = written.error();
  }
  if (failed && failed->code == kChangedMeanwhile && ++folds_overtaken_ < kOvertakenMax) co_return true;
  folds_overtaken_ = 0;
  if (failed) {
    spdlog::error("events cannot be folded, trying again: {}", failed->message);
    fold_retry_at_ = clock_.now() + kStoreRetry;
    co_return false;
  }
  for (const Folded& each : result->records)
    if (each.broken) metrics_.parked += 1;
  cursor_ = result->cursor;
  metrics_.events_folded += result->events;
  co_return true;
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
    transaction.wakes.push_back({each.row.ref.partner, store::Wake::Which::group, now, each.row.group_key});
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
    if (!partner.next_due || *partner.next_due > now) partner.next_due = now;
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
  }
  return *state;
}

Result<void> EngineImpl::refresh_settings(PartnerState& partner) {
  auto row = store_.partner(partner.row.id);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return failure("partner.unknown", "There is no partner \"" + partner.row.id + "\".");
  bool changed = false;
  if (!partner.known || (*row)->version != partner.row.version) {
    partner.live.reset();
    partner.read_only.reset();
    partner.reference_data.reset();
    partner.indexes.clear();
    partner.member.clear();
    if (partner.known) partner.budget.reset_circuit();
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
  // What is wanted of the PSA may be something else now.
  if (changed && callbacks_on(partner.row.id)) partner.callbacks_at = clock_.now();
  partner.settings_stale = false;
  return {};
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
  return !current || current->partner != partner.row.version || current->mapping != partner.mapping_version;
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
  const auto fallback = mapping::vendor_defaults().settings.mode.value_or(mapping::Mode::test);
  const bool tickets = partner.document && partner.document->settings.mode.value_or(fallback) == mapping::Mode::live;
  return std::ranges::any_of(items, [&](const Item& item) {
    if (!item.is_object()) return tickets;
    const mapping::ObjectDocument* document = partner.document_of(item.ref.kind);
    return document && document->mode == mapping::Mode::live;
  });
}

Result<psa::Psa> EngineImpl::session(PartnerState& partner, bool read_only) {
  std::unique_ptr<PsaSession>& slot = read_only ? partner.read_only : partner.live;
  if (!slot) {
    auto opened = factory_.open(partner.row, partner.budget, read_only);
    if (!opened) return tl::unexpected(opened.error());
    slot = std::move(*opened);
  }
  return slot->psa();
}

void EngineImpl::start_batches(PartnerState& partner) {
  const int batches_max = options_.calls_at_once > 0 ? options_.calls_at_once : kBatchesMax;
  // A batch may end while it is being started, and say when the next one may begin.
  const auto is_due = [&] { return partner.next_due && *partner.next_due <= clock_.now(); };
  while (!stopping_ && partner.batches < batches_max && is_due()) {
    // Sessions and mapping are exchanged only while nobody uses them.
    if (partner.settings_stale && partner.batches > 0) return;
    if (!partner.settings_stale && partner.row.paused) {
      partner.next_due.reset();
      return;
    }
    const Timestamp now = clock_.now();
    auto rows = store_.due(partner.row.id, now,
                           static_cast<std::size_t>(options_.batch_records_max) + partner.in_flight.size());
    if (!rows) {
      partner.next_due = now + kStoreRetry;
      return;
    }
    std::erase_if(*rows, [&](const store::RecordRow& row) { return partner.in_flight.contains(row.ref); });
    if (!rows->empty() && rows->front().lane > 0) {
      // Objects are made many at a time, so their batches are larger.
      rows = store_.due(partner.row.id, now,
                        static_cast<std::size_t>(options_.batch_objects_max) + partner.in_flight.size());
      if (!rows) {
        partner.next_due = now + kStoreRetry;
        return;
      }
      std::erase_if(*rows, [&](const store::RecordRow& row) { return partner.in_flight.contains(row.ref); });
    }
    if (!rows->empty()) {
      // One workflow at a time, so that one in test mode gets a session that cannot write.
      const int lane = rows->front().lane;
      std::erase_if(*rows, [&](const store::RecordRow& row) { return row.lane != lane; });
      const auto batch_max =
          static_cast<std::size_t>(lane == 0 ? options_.batch_records_max : options_.batch_objects_max);
      if (rows->size() > batch_max) rows->resize(batch_max);
    }
    if (rows->empty()) {
      const auto earliest = store_.earliest_due(partner.row.id, now);
      partner.next_due = earliest ? *earliest : now + kStoreRetry;
      return;
    }
    for (const store::RecordRow& row : *rows) partner.in_flight.insert(row.ref);
    ++partner.batches;
    crew_.spawn(batch(partner, std::move(*rows)));
  }
}

/// Whether these books know what the record has become, so that an earlier run cannot have made it without them. After
/// a copy was put back, notes may have been written that they do not know: then only an object is known.
bool EngineImpl::is_known(const Item& item) const {
  if (item.is_object()) return item.object_link && item.object_link->gone.empty();
  if (restored_at_) return false;
  return std::ranges::any_of(item.links, [](const auto& link) { return link.gone.empty() && !link.closed(); });
}

void EngineImpl::mark_doubts(const PartnerState& partner, std::vector<Item>& items) const {
  for (Item& item : items) {
    const auto doubt = partner.doubts.find(item.row.ref);
    if (doubt != partner.doubts.end() && doubt->second.from_before && is_known(item)) continue;
    if (doubt != partner.doubts.end()) {
      item.in_doubt = true;
      item.doubt_since = doubt->second.since;
      item.doubt_tries = doubt->second.tries;
    } else if (!partner.clean.contains(item.row.ref)) {
      // It was due before this program started: what an earlier run did last may be missing from our books.
      item.in_doubt = true;
      item.doubt_since = started_at_;
    }
  }
}

/// What cannot be read waits for a person, and nothing else waits with it.
boost::asio::awaitable<void> EngineImpl::set_broken_aside(PartnerState& partner, std::vector<Item>& items) {
  for (Item& item : items) {
    if (item.storm_broken && partner.open_groups) partner.open_groups->erase(item.row.group_key);
    if (!item.broken) continue;
    reconciler_.park(item, *item.broken);
    co_await finish(partner, item);
  }
  std::erase_if(items, [](const Item& item) { return item.broken.has_value(); });
}

void EngineImpl::give_up(PartnerState& partner, std::vector<Item>& items, const Error& error) {
  const Timestamp now = clock_.now();
  const CatalogueEntry& entry = crosswalk::explain(error.code);
  for (Item& item : items) {
    item.stop = true;
    if (error.code == "engine.stopping")
      item.due_at = now;
    else if (error.code == "psa.circuit_open" || entry.disposition == Disposition::credentials)
      item.due_at = std::max(now, partner.budget.retry_at().value_or(now + Reconciler::kCredentialsRetry));
    else if (entry.disposition == Disposition::park)
      reconciler_.postpone(partner, item, error, entry.disposition, std::nullopt);
    else
      item.due_at = now + Duration{30'000};
  }
}

boost::asio::awaitable<void> EngineImpl::batch(PartnerState& partner, std::vector<store::RecordRow> rows) {
  // After the records were read: one that a new mapping has woken must not meet the old one.
  const Result<Hold> hold = hold_settings(partner);
  const bool held = hold && *hold == Hold::taken;
  const bool laid_aside = hold && (!held || partner.row.paused);
  Result<std::vector<Item>> items = laid_aside ? Result<std::vector<Item>>{} : loader_.load(partner, rows);
  if (!items || laid_aside) {
    if (!items) spdlog::error("partner={} records cannot be read: {}", partner.row.id, items.error().message);
    for (const store::RecordRow& row : rows) partner.in_flight.erase(row.ref);
    // A paused partner is looked at again when it is changed, others when those have gone who hold older settings.
    if (held) partner.next_due.reset();
    if (!items) partner.next_due = clock_.now() + kStoreRetry;
  } else {
    Result<void> ready;
    if (!hold) ready = tl::unexpected(hold.error());
    co_await reconcile(partner, *items, ready);
  }
  if (held) release_settings(partner);
  --partner.batches;
  wake_.set();
}

boost::asio::awaitable<void> EngineImpl::reconcile(PartnerState& partner, std::vector<Item>& items,
                                                   Result<void> ready) {
  read_open_groups(partner);
  co_await set_broken_aside(partner, items);
  if (items.empty()) co_return;
  mark_doubts(partner, items);
  Result<psa::Psa> psa = ready ? session(partner, !is_live(partner, items)) : tl::unexpected(ready.error());
  if (psa) {
    // Objects are chosen by ids that the mapping names; only tickets are held against boards and statuses.
    if (std::ranges::any_of(items, [](const Item& item) { return !item.is_object(); }))
      if (auto read = co_await reconciler_.refresh_reference_data(partner, *psa, items, false); !read)
        psa = tl::unexpected(read.error());
  }
  if (!psa) {
    give_up(partner, items, psa.error());
    for (Item& item : items) co_await finish(partner, item);
    co_return;
  }
  co_await reconciler_.observe(partner, *psa, items, Reconciler::Purpose::apply);
  co_await reconciler_.observe_objects(partner, *psa, items, Reconciler::Purpose::apply);
  co_await reconciler_.create_together(partner, *psa, items, Reconciler::Purpose::apply);
  Crew crew(executor_);
  for (Item& item : items) crew.spawn(run_item(partner, *psa, item, Reconciler::Purpose::apply));
  co_await crew.join();
}

boost::asio::awaitable<void> EngineImpl::run_item(PartnerState& partner, const psa::Psa& psa, Item& item,
                                                  Reconciler::Purpose purpose) {
  if (!item.stop) co_await reconciler_.run(partner, psa, item, purpose);
  co_await reconciler_.hear_notes(partner, psa, item);
  co_await finish(partner, item);
}

boost::asio::awaitable<void> EngineImpl::finish(PartnerState& partner, Item& item) {
  tell_why_held(item);
  store::Transaction transaction;
  reconciler_.write_down(partner, item, partner.refolded.contains(item.row.ref), transaction);
  const bool tells_product = !transaction.outbound.events.empty();
  const auto written = co_await writer_.write(std::move(transaction));
  if (written && tells_product && options_.outbound_written) options_.outbound_written();
  partner.in_flight.erase(item.row.ref);
  if (item.claimed) partner.claimed.erase(*item.claimed);
  const bool has_news = partner.refolded.erase(item.row.ref) > 0;
  std::optional<Timestamp> again = item.due_at;
  if (has_news) again = clock_.now();
  if (!written) {
    // What was done is on the PSA's side and not in our books: the next turn looks before it leaps.
    spdlog::error("partner={} record={} result not stored: {}", partner.row.id, item.ref.key, written.error().message);
    partner.doubts[item.row.ref] = {.since = clock_.now(), .tries = item.doubt_tries};
    partner.open_groups.reset();
    again = clock_.now() + kStoreRetry;
  } else if (!item.stop) {
    if (!item.doubt_stays) partner.doubts.erase(item.row.ref);
    if (!item.doubt_stays && (item.due_at || has_news))
      partner.clean.insert(item.row.ref);
    else
      partner.clean.erase(item.row.ref);
    if (item.started_group) again = clock_.now();
  }
  if (!item.due_at && !item.stop) partner.accepted_at.erase(item.row.ref.key);
  if (written && !partner.sweep_at && options_.sweep_interval.count() > 0 &&
      (item.object_changed || !item.changed_links.empty()))
    partner.sweep_at = clock_.now() + options_.sweep_interval;
  if (!partner.indexes.empty()) partner.drop_indexes_at = clock_.now() + kIndexesKept;
  // Events or a wake may have come while records were in flight; the store knows.
  if (partner.in_flight.empty() && written) {
    const auto earliest = store_.earliest_due(partner.row.id, kEver);
    if (earliest) again = *earliest;
    partner.next_due.reset();
  }
  if (again && (!partner.next_due || *again < *partner.next_due)) {
    partner.next_due = again;
    wake_.set();
  }
}

void EngineImpl::tell_why_held(Item& item) {
  if (item.stop || !item.steps.empty() || !item.answer.held || item.answer.held->parks) return;
  const auto last = store_.journal_of(item.row.ref, 1);
  if (!last) return;
  const std::string entry = boost::json::serialize(
      boost::json::object{{"kind", "decision"}, {"code", item.answer.held->code}, {"text", item.answer.held->detail}});
  if (!last->empty() && last->front().entry == entry) return;
  item.journal.push_back({0, item.row.ref, clock_.now(), entry});
}

std::optional<Timestamp> EngineImpl::next_due() const {
  std::optional<Timestamp> earliest = settings_check_at_;
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
    metrics_.heartbeat_ms =
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
  store::Transaction transaction;
  transaction.clock_set_back = store::ClockSetBack{now, by};
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) {
    fold_retry_at_ = now + kStoreRetry;
    co_return;
  }
  clock_ahead_ = ahead;
  metrics_.clock_set_back += 1;
  spdlog::warn("the system's clock was set back by {}; what was to be done by the old time is done so much earlier",
               format_duration(by));
  for (std::optional<Timestamp>* each : {&settings_check_at_, &fold_retry_at_, &prune_at_})
    if (*each) **each -= by;
  started_at_ -= by;
  for (auto& [id, partner] : partners_) partner->set_back(by);
}

}  // namespace crosswalk::engine
