// The way back: what people change in the PSA is noticed, whether or not anybody tells us.
#include "engine/sweeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "engine/absence.h"
#include "engine/wakes.h"

namespace crosswalk::engine {
namespace {

/// What may have changed before the first sweep of a kind.
constexpr Duration kFirstLookBack{std::chrono::hours{24}};
/// A sweep that could not be done is tried again this much later.
constexpr Duration kSweepRetry{std::chrono::minutes{2}};
constexpr Duration kSweepSoon{std::chrono::minutes{1}};

using Read = std::map<std::string, Seen>;

/// What changed of a kind since then, by id.
boost::asio::awaitable<Result<Read>> read_changes(const psa::Psa& psa, psa::ObjectKind kind, Timestamp since) {
  Read read;
  const auto found = co_await psa.objects->objects_changed_since(kind, since, psa::Lane::sweep);
  if (!found.complete) co_return tl::unexpected(found.error);
  for (const psa::Object& each : found.items)
    read[each.id.value] = {each.deleted ? std::nullopt : each.updated_at, each.updated_by};
  co_return read;
}

}  // namespace

void Sweeper::plan() {
  if (options_.sweep_interval.count() == 0) return;
  const auto partners = store_.linked_partners();
  if (!partners) return;
  // Spread over the interval, so that a start is not followed by all of them at once.
  const Timestamp now = clock_.now();
  std::int64_t at = 0;
  for (const std::string& id : *partners) {
    at += options_.sweep_interval.count() / static_cast<std::int64_t>(partners->size());
    if (share_.has(id)) partners_.of(id).sweep_at = now + Duration{at};
  }
}

void sweep_soon(PartnerState& partner, const EngineOptions& options, Timestamp now) {
  if (options.sweep_interval.count() == 0) return;
  // One that is under way may have read already what is to be read.
  partner.sweep_wanted = partner.sweeping;
  const Timestamp soon = now + kSweepSoon;
  if (!partner.sweeping && (!partner.sweep_at || *partner.sweep_at > soon)) partner.sweep_at = soon;
}

void Sweeper::start() {
  const Timestamp now = clock_.now();
  for (auto& [id, partner] : partners_) {
    if (partner->drop_indexes_at && *partner->drop_indexes_at <= now) {
      partner->drop_indexes_at.reset();
      if (partner->batches == 0 && partner->settings_users == 0) partner->indexes.clear();
    }
    if (!partner->sweep_at || *partner->sweep_at > now || partner->sweeping || loop_.stopping) continue;
    partner->sweeping = true;
    loop_.crew.spawn(sweep(*partner));
  }
}

boost::asio::awaitable<void> Sweeper::sweep(PartnerState& partner) {
  Duration again = options_.sweep_interval;
  // A session of its own: a sweep may take long, and must not keep new settings from those who work.
  const auto row = store_.partner(partner.row.id);
  if (!row || !*row) again = kSweepRetry;
  if (row && *row && !(*row)->paused) {
    metrics_.sweeps += 1;
    const auto own = partners_.open(**row, partner, true);
    const auto settle = [&](std::string_view what, const Result<void>& done) {
      if (done) return;
      spdlog::warn("partner={} sweep of {} not done: {}", partner.row.id, what, done.error().message);
      // What only people can mend is not asked for every other minute; other kinds may well be readable.
      if (crosswalk::explain(done.error().code).disposition != Disposition::park) again = std::min(again, kSweepRetry);
    };
    for (const psa::ObjectKind kind : kFollowedKinds) {
      if (!own || loop_.stopping) break;
      const psa::Psa psa = (*own)->psa();
      const Result<void> swept = co_await sweep_kind(partner, psa, kind);
      settle(psa::to_string(kind), swept);
    }
    if (own && !loop_.stopping) {
      const psa::Psa psa = (*own)->psa();
      const Result<void> offered = co_await offers_.tell(partner, psa);
      settle("companies on offer", offered);
    }
  }
  if (std::exchange(partner.sweep_wanted, false)) again = std::min(again, kSweepSoon);
  partner.sweep_at = clock_.now() + again;
  partner.sweeping = false;
  loop_.wake.set();
}

Result<std::vector<std::string>> news_of(store::Store& store, const PartnerState& partner, psa::ObjectKind kind,
                                         const std::map<std::string, Seen>& read) {
  std::vector<std::string> ids, news;
  for (const auto& [id, seen] : read) ids.push_back(id);
  const auto links = store.links_to(partner.row.id, std::string(psa::to_string(kind)), ids);
  if (!links) return tl::unexpected(links.error());
  for (const store::LinkRow& row : *links) {
    const auto known = known_update(row);
    // Our own writes come back as changes too; what we have seen already is none. A link that cannot be read is looked
    // at, which parks its record.
    if (!known || is_newer(read.at(row.object_id), *known)) news.push_back(row.object_id);
  }
  return news;
}

/// What is gone, and what is there again, of all that is linked. Where too much is missing nothing is: the lists are
/// compared again with each sweep until they are whole.
boost::asio::awaitable<Result<void>> Sweeper::compare_ids(PartnerState& partner, const psa::Psa& psa,
                                                          psa::ObjectKind kind,
                                                          const std::vector<store::Store::LinkedObject>& linked,
                                                          store::SweepRow& row, store::Transaction& transaction) {
  const Timestamp began = clock_.now();
  const psa::ReadResult<std::string> ids = co_await psa.objects->object_ids(kind, psa::Lane::sweep);
  // What is missing from half of a list is not gone.
  if (!ids.complete) co_return tl::unexpected(ids.error);
  const std::set<std::string> there(ids.items.begin(), ids.items.end());
  const auto compared = compare(store_, partner.row.id, kind, psa.instance, linked, there);
  if (!compared) co_return tl::unexpected(compared.error());
  const bool nothing = there.empty() && compared->absence.missing > 0;
  if (nothing || is_doubtful(compared->absence, absent_percent_max(partner, kind))) {
    const Error error = rows_hidden(kind, compared->absence);
    note_rows(partner, kind, &error, began);
    co_return Result<void>{};
  }
  row.compared_at = began;
  for (const auto* list : {&compared->missing, &compared->returned})
    for (const std::string& id : *list) transaction.changed.push_back({partner.row.id, row.kind, id, began});
  if (note_rows(partner, kind, nullptr, began) && kind == psa::ObjectKind::company) {
    // Alerts of companies that were hidden may have been parked.
    partner.reference_data.reset();
    transaction.wakes.push_back(wake_held_tickets(partner.row.id, began));
  }
  co_return Result<void>{};
}

boost::asio::awaitable<Result<void>> Sweeper::sweep_kind(PartnerState& partner, const psa::Psa& psa,
                                                         psa::ObjectKind kind) {
  const std::string name(psa::to_string(kind));
  const auto linked = store_.linked_objects(partner.row.id, name);
  if (!linked) co_return tl::unexpected(linked.error());
  if (linked->empty()) co_return Result<void>{};
  const auto rows = store_.sweeps(partner.row.id);
  if (!rows) co_return tl::unexpected(rows.error());
  const Timestamp began = clock_.now();
  store::SweepRow row{partner.row.id, name, began - kFirstLookBack, {}};
  for (const store::SweepRow& each : *rows)
    if (each.kind == name) row = each;
  const auto changes = co_await read_changes(psa, kind, look_back(row.changed_until, began));
  if (!changes) co_return tl::unexpected(changes.error());
  auto news = news_of(store_, partner, kind, *changes);
  if (!news) co_return tl::unexpected(news.error());
  const Timestamp since = std::exchange(row.changed_until, began);
  store::Transaction transaction;
  const bool due = began - row.compared_at >= options_.compare_interval || partner.hidden.contains(kind);
  if (due) {
    const auto compared = co_await compare_ids(partner, psa, kind, *linked, row, transaction);
    if (!compared) co_return tl::unexpected(compared.error());
  }
  callbacks_.note_missed(partner, kind, *changes, since, began, transaction);
  for (std::string& id : *news) transaction.changed.push_back({partner.row.id, name, std::move(id), began});
  const bool has_news = !transaction.changed.empty() || !transaction.wakes.empty();
  metrics_.changes_found += transaction.changed.size();
  transaction.sweeps.push_back(std::move(row));
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  if (has_news && (!partner.next_due || *partner.next_due > began)) partner.next_due = began;
  co_return Result<void>{};
}

}  // namespace crosswalk::engine
