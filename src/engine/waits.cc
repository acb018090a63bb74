#include "engine/waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/catalogue.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Failed tries in a row before a person is asked, while other calls succeed; with the growing waits this is more than
/// an hour.
constexpr int kAttemptsMax = 20;
constexpr Duration kBackoffMin{2'000}, kBackoffMax{300'000};
/// What ConnectWise refuses may be its own trouble of the moment: it is tried a second time after this, and up to half
/// as much more, before a person is asked.
constexpr Duration kSecondLook{30'000};
/// What is hidden is looked for again this much later; sweeps compare whole lists meanwhile.
constexpr Duration kHiddenRetry{std::chrono::minutes{5}};
/// What was mended is noticed within this, and nobody asks all the time for what is not. Each look doubles the wait.
constexpr Duration kLookMax{std::chrono::hours{4}};
constexpr int kDoublingsMax = 4;
static_assert(Waits::kLookMin * (1 << kDoublingsMax) == kLookMax);

/// What the PSA itself has said; all else was found out by us, and trying again finds the same.
bool is_of_psa(const Error& error) { return error.code.starts_with("psa."); }

}  // namespace

bool looks(std::string_view code) { return crosswalk::explain(code).ends == Ends::look; }

bool Waits::is_told_anew(const Item& item) { return item.row.parked.empty() || item.row.attempts == 0; }

bool Waits::is_timed_look(const Item& item) {
  return !is_told_anew(item) && item.row.parked.version == item.row.version;
}

store::JournalRow Waits::parked_entry(const store::RecordKey& ref, const Error& error, Timestamp at) {
  return {0, ref, at, json::serialize(json::object{{"kind", "parked"}, {"code", error.code}, {"text", error.message}})};
}

bool Waits::must_wait(const Item& item) const {
  return item.in_doubt && (!item.looked_up_at || *item.looked_up_at < item.doubt_since + options_.settle);
}

void Waits::wait_for_doubt(Item& item) const {
  item.due_at = std::max(item.doubt_since + options_.settle, clock_.now() + Duration{1});
  item.stop = true;
}

Duration Waits::backoff(int attempts) {
  const Duration ceiling = std::min(kBackoffMax, Duration{kBackoffMin.count() << std::min(attempts, 12)});
  return Duration{std::uniform_int_distribution<std::int64_t>(kBackoffMin.count() / 2, ceiling.count())(random_)};
}

void Waits::keep_parked(Item& item, const Error& error, bool skipped) {
  const Timestamp now = clock_.now();
  const store::Parked& was = item.row.parked;
  const bool same = !is_told_anew(item) && was.code == error.code;
  store::Parked is{error.code, error.message, now, item.row.version, 0, skipped ? was.skipped + 1 : 0};
  if (same && was.message == error.message && was.at) is.at = was.at;
  // Whatever has woken it may have been the remedy of a part: it is looked at soon again.
  if (same && was.version == item.row.version) is.looks = std::min(was.looks + 1, kDoublingsMax);
  item.parked = is;
  // Events for it set this to nothing: so it is known whether it is still the old story.
  item.attempts = std::max(item.attempts, 1);
  item.due_at.reset();
  if (!looks(is.code)) return;
  const Duration wait = kLookMin * (1 << is.looks);
  item.due_at = now + wait + Duration{std::uniform_int_distribution<std::int64_t>(0, wait.count() / 4)(random_)};
}

void Waits::park(Item& item, const Error& error) {
  item.stop = true;
  const store::Parked& was = item.row.parked;
  const bool known = !is_told_anew(item) && was.code == error.code && was.message == error.message;
  keep_parked(item, error, false);
  if (known) return;
  metrics_.parked += 1;
  item.journal.push_back(parked_entry(item.row.ref, error, clock_.now()));
}

void Waits::postpone(PartnerState& partner, Item& item, const Error& error, Disposition disposition,
                     std::optional<Duration> retry_after) {
  item.stop = true;
  item.postponed = error;
  const Timestamp now = clock_.now();
  if (error.code == "engine.stopping") {
    item.due_at = now;
    return;
  }
  const bool circuit_open = partner.budget.circuit() != Budget::Circuit::closed;
  if (error.code == "psa.circuit_open" || disposition == Disposition::credentials ||
      (circuit_open && crosswalk::explain(error.code).disposition == Disposition::credentials)) {
    item.due_at = std::max(now, partner.budget.retry_at().value_or(now + kCredentialsRetry));
    return;
  }
  if (disposition == Disposition::throttled) {
    item.due_at = now + retry_after.value_or(Duration{30'000});
    return;
  }
  const bool news = is_told_anew(item) || item.row.parked.code != error.code;
  if (disposition == Disposition::park && is_of_psa(error) && news && !partner.refused.contains(item.row.ref))
    return look_again(item, error);
  if (disposition == Disposition::park || disposition == Disposition::gone) return park(item, error);
  if (++item.attempts >= kAttemptsMax && !circuit_open) {
    park(item, {"engine.attempts_exhausted",
                "It failed " + std::to_string(item.attempts) + " times in a row. " + error.message,
                {}});
    return;
  }
  item.due_at = now + retry_after.value_or(backoff(item.attempts));
}

void Waits::look_again(Item& item, const Error& error) {
  const Timestamp now = clock_.now();
  const Duration wait =
      kSecondLook + Duration{std::uniform_int_distribution<std::int64_t>(0, kSecondLook.count() / 2)(random_)};
  item.looks_again = true;
  item.due_at = now + wait;
  const std::string text =
      fmt::format("ConnectWise has refused this. It is tried once more in {} seconds, before a person is asked. {}",
                  (wait.count() + 999) / 1'000, error.message);
  item.journal.push_back({0, item.row.ref, now,
                          json::serialize(json::object{{"kind", "decision"}, {"code", error.code}, {"text", text}})});
}

void Waits::wait_for_rows(PartnerState& partner, Item& item, const Error& error) {
  const CatalogueEntry& entry = crosswalk::explain(error.code);
  if (error.code != "psa.rows_hidden") return postpone(partner, item, error, entry.disposition, std::nullopt);
  item.stop = true;
  item.postponed = error;
  item.due_at = clock_.now() + kHiddenRetry;
  const std::string text = json::serialize(json::object{
      {"kind", "decision"},
      {"code", error.code},
      {"text", error.message + " Nothing is taken for deleted, and nothing made, until it is shown again."}});
  const auto last = store_.journal_of(item.row.ref, 1);
  if (last && !last->empty() && last->front().entry == text) return;
  item.journal.push_back({0, item.row.ref, clock_.now(), text});
}

void Waits::give_up(PartnerState& partner, std::vector<Item>& items, const Error& error) {
  const Timestamp now = clock_.now();
  const CatalogueEntry& entry = crosswalk::explain(error.code);
  for (Item& item : items) {
    // It waits already, for another that goes first.
    if (item.stop) continue;
    item.stop = true;
    item.postponed = error;
    if (error.code == "engine.stopping")
      item.due_at = now;
    else if (error.code == "psa.circuit_open" || entry.disposition == Disposition::credentials)
      item.due_at = std::max(now, partner.budget.retry_at().value_or(now + kCredentialsRetry));
    else if (entry.disposition == Disposition::park)
      postpone(partner, item, error, entry.disposition, std::nullopt);
    else
      item.due_at = now + Duration{30'000};
  }
}

}  // namespace crosswalk::engine
