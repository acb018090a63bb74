// What is due of one partner, some records at a time: loaded, reconciled, written down.
#include "engine/batches.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <limits>

#include "engine/wakes.h"
#include "store/conflict.h"

namespace crosswalk::engine {
namespace {

/// Before any time at which a record can be due.
constexpr Timestamp kEver = Timestamp::min();
/// After a store that failed, the engine tries again this much later.
constexpr Duration kStoreRetry{1'000};
/// Batches of one partner at once when its calls are not limited.
constexpr int kBatchesMax = 4;
/// Batches beyond that of what is urgent alone.
constexpr int kUrgentBatches = 2;

}  // namespace

/// The most urgent of what is due: records of one workflow, so that one in test mode gets a session that cannot write.
Result<std::vector<store::RecordRow>> Batches::next_batch(const PartnerState& partner, int lane_max) {
  const auto is_ticket = [](const store::RecordRow& row) { return row.lane <= store::record_lane::kInfo; };
  // Objects are made many at a time, so their batches are larger.
  for (const int batch_max : {options_.batch_records_max, options_.batch_objects_max}) {
    auto rows =
        store_.due(partner.row.id, clock_.now(), static_cast<std::size_t>(batch_max), lane_max, partner.in_flight);
    if (!rows || rows->empty()) return rows;
    const bool of_tickets = is_ticket(rows->front());
    const int lane = rows->front().lane;
    if (!of_tickets && batch_max != options_.batch_objects_max) continue;
    std::erase_if(*rows, [&](const store::RecordRow& row) { return of_tickets ? !is_ticket(row) : row.lane != lane; });
    return rows;
  }
  return std::vector<store::RecordRow>{};
}

void Batches::start(PartnerState& partner) {
  const int batches_max = options_.calls_at_once > 0 ? options_.calls_at_once : kBatchesMax;
  // A batch may end while it is being started, and say when the next one may begin.
  const auto is_due = [&] { return partner.next_due && *partner.next_due <= clock_.now(); };
  while (!loop_.stopping && partner.batches < batches_max + kUrgentBatches && is_due()) {
    // Sessions and mapping are exchanged only while nobody uses them.
    if (partner.settings_stale && partner.batches > 0) return;
    if (!partner.settings_stale && partner.row.paused) {
      partner.next_due.reset();
      return;
    }
    const Timestamp now = clock_.now();
    // What is urgent does not wait for a batch of others to end.
    const bool is_full = partner.batches >= batches_max;
    auto rows = next_batch(partner, is_full ? store::record_lane::kUrgent : std::numeric_limits<int>::max());
    if (!rows) {
      partner.next_due = now + kStoreRetry;
      return;
    }
    if (rows->empty() && is_full) return;
    if (rows->empty()) {
      const auto earliest = store_.earliest_due(partner.row.id, now);
      partner.next_due = earliest ? *earliest : now + kStoreRetry;
      return;
    }
    for (const store::RecordRow& row : *rows) partner.in_flight.insert(row.ref);
    ++partner.batches;
    loop_.crew.spawn(batch(partner, std::move(*rows)));
  }
}

/// What cannot be read waits for a person, and nothing else waits with it.
boost::asio::awaitable<void> Batches::set_broken_aside(PartnerState& partner, std::vector<Item>& items) {
  for (Item& item : items) {
    if (item.storm_broken && partner.open_groups) partner.open_groups->erase(item.row.group_key);
    if (!item.broken) continue;
    waits_.park(item, *item.broken);
    co_await finish(partner, item);
  }
  std::erase_if(items, [](const Item& item) { return item.broken.has_value(); });
}

boost::asio::awaitable<Result<void>> Batches::store_groups(const PartnerState& partner, std::vector<Item>& items) {
  const Timestamp now = clock_.now();
  store::Transaction transaction;
  std::set<std::string> woken;
  for (Item& item : items) {
    if (!item.regrouped) continue;
    store::RecordRow& row = item.row;
    row.based_on = row.version++;
    row.due_at = now;
    if (partner.open_groups && partner.open_groups->contains(row.group_key) && woken.insert(row.group_key).second)
      transaction.wakes.push_back(wake_storm(row.ref.partner, row.group_key, now));
    transaction.records.push_back(row);
  }
  if (transaction.records.empty()) co_return Result<void>{};
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  co_return Result<void>{};
}

boost::asio::awaitable<Result<void>> Batches::load_regrouped(const PartnerState& partner, std::vector<Item>& items) {
  const auto stored = co_await store_groups(partner, items);
  if (!stored) co_return stored;
  for (Item& item : items) {
    if (!item.regrouped) continue;
    std::vector<store::RecordRow> row{item.row};
    auto loaded = loader_.load(partner, std::move(row));
    if (!loaded) co_return tl::unexpected(loaded.error());
    item = std::move(loaded->front());
  }
  co_return Result<void>{};
}

boost::asio::awaitable<void> Batches::regroup(PartnerState& partner, std::vector<Item>& items) {
  const auto is_regrouped = [](const Item& item) { return item.regrouped; };
  if (std::ranges::none_of(items, is_regrouped)) co_return;
  const auto stored = co_await store_groups(partner, items);
  // Of whom there are news meanwhile is loaded anew with them.
  const bool is_well = stored || store::is_conflict(stored.error());
  if (!is_well) spdlog::error("partner={} storms of alerts not stored: {}", partner.row.id, stored.error().message);
  for (const Item& item : items) {
    if (!item.regrouped) continue;
    partner.in_flight.erase(item.row.ref);
    partner.refolded.erase(item.row.ref);
  }
  std::erase_if(items, is_regrouped);
  const Timestamp again = is_well ? clock_.now() : clock_.now() + kStoreRetry;
  if (!partner.next_due || again < *partner.next_due) partner.next_due = again;
  loop_.wake.set();
}

bool Batches::is_live(const PartnerState& partner, const std::vector<Item>& items) {
  return std::ranges::any_of(
      items, [&](const Item& item) { return partner.mode_of(workflow_of(item).name) == mapping::Mode::live; });
}

boost::asio::awaitable<void> Batches::batch(PartnerState& partner, std::vector<store::RecordRow> rows) {
  // After the records were read: one that a new mapping has woken must not meet the old one.
  const Result<Partners::Hold> hold = partners_.hold(partner);
  const bool held = hold && *hold == Partners::Hold::taken;
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
  if (held) partners_.release(partner);
  --partner.batches;
  loop_.wake.set();
}

boost::asio::awaitable<void> Batches::reconcile(PartnerState& partner, std::vector<Item>& items, Result<void> ready) {
  read_open_groups(store_, partner);
  co_await set_broken_aside(partner, items);
  co_await regroup(partner, items);
  if (items.empty()) co_return;
  doubts_.mark(partner, items);
  const std::vector<Item*> first = parking_.let_one_go_first(partner, items);
  Result<psa::Psa> psa = ready ? partners_.session(partner, !is_live(partner, items)) : tl::unexpected(ready.error());
  if (psa) {
    if (std::ranges::any_of(items, [](const Item& item) { return workflow_of(item).checks_reference_data; }))
      if (auto read = co_await references_.refresh(partner, *psa, items, false); !read)
        psa = tl::unexpected(read.error());
  }
  if (!psa) {
    waits_.give_up(partner, items, psa.error());
    for (Item& item : items) co_await finish(partner, item);
    co_return co_await parking_.look_on(partner, first);
  }
  co_await reconciler_.begin(partner, *psa, items, Purpose::apply);
  Crew crew(loop_.executor);
  for (Item& item : items) crew.spawn(run_item(partner, *psa, item, Purpose::apply));
  co_await crew.join();
  co_await parking_.look_on(partner, first);
}

boost::asio::awaitable<void> Batches::run_item(PartnerState& partner, const psa::Psa& psa, Item& item,
                                               Purpose purpose) {
  if (!item.stop) co_await reconciler_.run(partner, psa, item, purpose);
  co_await questions_.hear_notes(partner, psa, item);
  co_await finish(partner, item);
}

boost::asio::awaitable<void> Batches::finish(PartnerState& partner, Item& item) {
  parking_.tell_why_held(item);
  parking_.tell_why_postponed(item);
  store::Transaction transaction;
  books_.write_down(partner, item, partner.refolded.contains(item.row.ref), transaction);
  const bool tells_product = !transaction.outbound.events.empty();
  const auto written = co_await writer_.write(std::move(transaction));
  if (written && tells_product && options_.outbound_written) options_.outbound_written();
  partner.in_flight.erase(item.row.ref);
  if (item.claimed) partner.claimed.erase(*item.claimed);
  const bool has_news = partner.refolded.erase(item.row.ref) > 0;
  std::optional<Timestamp> again = item.due_at;
  if (has_news || item.succeeds) again = clock_.now();
  if (item.succeeds) {
    partner.in_flight.erase(*item.succeeds);
    partner.refolded.erase(*item.succeeds);
  }
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
  if (written && !partner.sweep_at && options_.sweep_interval.count() > 0 && !item.changed_links.empty())
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
    loop_.wake.set();
  }
}

}  // namespace crosswalk::engine
