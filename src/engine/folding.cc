#include "engine/folding.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/loader.h"
#include "engine/waits.h"
#include "engine/wakes.h"

namespace crosswalk::engine {
namespace {

/// After a store that failed, it is tried again this much later.
constexpr Duration kStoreRetry{1'000};
/// A record was changed between the read and the write of a fold, which is then done again at once; so often in a row.
constexpr std::string_view kChangedMeanwhile = "store.changed_meanwhile";
constexpr int kOvertakenMax = 3;
/// How far events of other engines' partners have been looked at is kept so much later, together.
constexpr Duration kKeepCursor{1'000};

}  // namespace

boost::asio::awaitable<void> Folding::begin() {
  while (is_folding_) co_await ended_.wait();
  is_folding_ = true;
}

void Folding::end() {
  is_folding_ = false;
  ended_.set();
}

boost::asio::awaitable<bool> Folding::fold() {
  co_await begin();
  const bool folded = co_await fold_batch();
  end();
  co_return folded;
}

Result<store::Unfolded> Folding::read_unfolded() {
  if (!cursor_) {
    const auto folded = store_.folded(share_);
    if (!folded) return tl::unexpected(folded.error());
    cursor_ = *folded;
  }
  return store_.unfolded(share_, *cursor_, static_cast<std::size_t>(options_.fold_events_max));
}

boost::asio::awaitable<bool> Folding::fold_batch() {
  const auto unfolded = read_unfolded();
  if (!unfolded) {
    spdlog::error("event log cannot be read: {}", unfolded.error().message);
    retry_at_ = clock_.now() + kStoreRetry;
    co_return false;
  }
  if (unfolded->through == cursor_) co_return false;
  if (unfolded->events.empty()) {
    if (!keep_cursor_at_) keep_cursor_at_ = clock_.now() + kKeepCursor;
  } else {
    const auto folded = co_await fold_events_of(*unfolded);
    if (!folded && folded.error().code == kChangedMeanwhile && ++overtaken_ < kOvertakenMax) co_return true;
    overtaken_ = 0;
    if (!folded) {
      spdlog::error("events cannot be folded, trying again: {}", folded.error().message);
      retry_at_ = clock_.now() + kStoreRetry;
      co_return false;
    }
    keep_cursor_at_.reset();
  }
  cursor_ = unfolded->through;
  metrics_.events_folded += unfolded->events.size();
  co_return true;
}

boost::asio::awaitable<Result<void>> Folding::fold_events_of(const store::Unfolded& unfolded) {
  const Timestamp now = clock_.now();
  auto result = fold_events(store_, unfolded.events, now);
  if (!result) co_return tl::unexpected(result.error());
  take_folded(*result);
  store::Transaction transaction;
  for (const Folded& each : result->records) {
    transaction.records.push_back(each.row);
    if (each.broken) transaction.journal.push_back(Waits::parked_entry(each.row.ref, *each.broken, now));
  }
  transaction.folded = store::FoldedTo{share_, unfolded.through};
  wake_storms(*result, now, transaction);
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  for (const Folded& each : result->records) {
    if (each.broken) metrics_.parked += 1;
    // Only now: whoever ended a reconcile meanwhile has asked the store for what is due next, which did not have these.
    PartnerState& partner = partners_.of(each.row.ref.partner);
    if (!partner.next_due || *partner.next_due > now) partner.next_due = now;
  }
  co_return Result<void>{};
}

boost::asio::awaitable<void> Folding::keep_cursor() {
  if (!keep_cursor_at_ || *keep_cursor_at_ > clock_.now()) co_return;
  co_await begin();
  keep_cursor_at_.reset();
  store::Transaction transaction;
  transaction.folded = store::FoldedTo{share_, *cursor_};
  // Where it could not be written, the next events write it.
  (void)co_await writer_.write(std::move(transaction));
  end();
}

void Folding::wake_storms(const FoldResult& result, Timestamp now, store::Transaction& transaction) {
  std::set<std::pair<std::string, std::string>> woken;
  for (const Folded& each : result.records) {
    PartnerState& partner = partners_.of(each.row.ref.partner);
    if (each.row.ref.kind != "alert" || !partner.open_groups || !partner.open_groups->contains(each.row.group_key))
      continue;
    if (!woken.emplace(each.row.ref.partner, each.row.group_key).second) continue;
    const store::RecordKey key{each.row.ref.partner, "group", each.row.group_key};
    if (partner.in_flight.contains(key)) partner.refolded.insert(key);
    // By an update of what is there when it is applied: the storm's row may still be on its way to the store.
    transaction.wakes.push_back(wake_storm(each.row.ref.partner, each.row.group_key, now));
  }
}

void Folding::take_folded(const FoldResult& result) {
  for (const Folded& each : result.records) {
    PartnerState& partner = partners_.of(each.row.ref.partner);
    doubts_.take(partner, each);
    if (each.row.ref.kind == "alert") partner.accepted_at.try_emplace(each.row.ref.key, each.accepted_at);
    read_open_groups(store_, partner);
  }
}

boost::asio::awaitable<Result<void>> Folding::rebuild_once(const store::RecordKey& key) {
  auto row = rebuild_record(store_, key, clock_.now());
  if (!row) co_return tl::unexpected(row.error());
  const auto links = store_.links(std::span(&key, 1));
  if (!links) co_return tl::unexpected(links.error());
  if (PartnerState& partner = partners_.of(key.partner); partner.in_flight.contains(key)) partner.refolded.insert(key);
  store::Transaction transaction;
  transaction.records.push_back(std::move(*row));
  // Who asks for another look does not trust what was seen before.
  for (const store::LinkRow& link : *links)
    transaction.changed.push_back({key.partner, link.object_kind, link.object_id, clock_.now()});
  auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  co_return Result<void>{};
}

boost::asio::awaitable<Result<void>> Folding::rebuild(const store::RecordKey& key) {
  co_await begin();
  auto rebuilt = co_await rebuild_once(key);
  if (!rebuilt && rebuilt.error().code == kChangedMeanwhile) rebuilt = co_await rebuild_once(key);
  end();
  co_return rebuilt;
}

boost::asio::awaitable<Result<void>> Folding::catch_up() {
  const auto newest = store_.newest_event();
  if (!newest) co_return tl::unexpected(newest.error());
  while (!loop_.stopping && cursor_.value_or(0) < *newest && co_await fold()) {
  }
  co_return Result<void>{};
}

bool Folding::is_to_be_retried() {
  if (!retry_at_ || *retry_at_ > clock_.now()) return false;
  retry_at_.reset();
  return true;
}

std::optional<Timestamp> Folding::next_due() const {
  if (!keep_cursor_at_ || !retry_at_) return keep_cursor_at_ ? keep_cursor_at_ : retry_at_;
  return std::min(*keep_cursor_at_, *retry_at_);
}

void Folding::set_back(Duration by) {
  for (std::optional<Timestamp>* each : {&retry_at_, &keep_cursor_at_})
    if (*each) **each -= by;
}

}  // namespace crosswalk::engine
