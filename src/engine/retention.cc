#include "engine/retention.h"

#include <spdlog/spdlog.h>

#include "store/partner_leaving.h"

namespace crosswalk::engine {
namespace {

/// Rows looked at in one piece: a few milliseconds of the writer's time.
constexpr std::size_t kRowsMax = 500;
/// Between two pieces while there is more: 500 rows a second are 43 million a day.
constexpr Duration kPause{1'000};
/// Between the end of one walk through everything and the beginning of the next.
constexpr Duration kRest{std::chrono::hours{1}};

}  // namespace

bool Retention::keeps_all() const {
  return options_.events.count() == 0 && options_.journal.count() == 0 && options_.closed.count() == 0 &&
         options_.plans.count() == 0 && options_.audit.count() == 0;
}

Result<std::optional<std::string>> Retention::partner_to_erase() {
  const auto partners = store_.partners();
  if (!partners) return tl::unexpected(partners.error());
  for (const store::PartnerRow& partner : *partners) {
    const std::optional<Timestamp> at = store::erase_at(partner);
    if (at && *at <= clock_.now()) return std::optional(partner.id);
  }
  return std::optional<std::string>();
}

boost::asio::awaitable<Timestamp> Retention::erase(std::string partner) {
  store::Transaction transaction;
  transaction.erased = store::PartnerErased{partner, kRowsMax};
  const Result<store::Committed> written = co_await writer_.write(std::move(transaction));
  if (!written) {
    spdlog::error("partner={}: what was removed cannot be erased: {}", partner, written.error().message);
    co_return clock_.now() + kRest;
  }
  metrics_.pruned += static_cast<std::uint64_t>(written->pruned);
  if (written->pruned_all) spdlog::info("partner={}: removed; nothing of it is kept any more", partner);
  co_return clock_.now() + kPause;
}

boost::asio::awaitable<Timestamp> Retention::prune() {
  const Timestamp now = clock_.now();
  auto leaving = partner_to_erase();
  if (!leaving) spdlog::error("partners cannot be read: {}", leaving.error().message);
  if (leaving && *leaving) co_return co_await erase(std::move(**leaving));
  if (keeps_all()) co_return now + kRest;
  const auto before = [&](Duration kept) { return kept.count() == 0 ? std::nullopt : std::optional(now - kept); };
  store::Transaction transaction;
  transaction.prune = store::Prune{.events_before = before(options_.events),
                                   .journal_before = before(options_.journal),
                                   .closed_before = before(options_.closed),
                                   .closed_kinds = {"alert", "group"},
                                   .plans_before = before(options_.plans),
                                   .audit_before = before(options_.audit),
                                   .rows_max = kRowsMax};
  const Result<store::Committed> written = co_await writer_.write(std::move(transaction));
  if (!written) {
    spdlog::error("old rows cannot be deleted: {}", written.error().message);
    co_return now + kRest;
  }
  metrics_.pruned += static_cast<std::uint64_t>(written->pruned);
  co_return now + (written->pruned_all ? kRest : kPause);
}

}  // namespace crosswalk::engine
