#include "engine/rows.h"

#include <utility>

#include "engine/absence.h"

namespace crosswalk::engine {
namespace {

/// So few tickets may well have been deleted all together, after a trial; and an alert without a ticket is worse than
/// one with two, so that more are waited for this long at most.
constexpr std::int64_t kFewTickets = 20;
constexpr Duration kTicketsHiddenMax{std::chrono::hours{1}};

/// Whether tickets that are not shown are taken for hidden still. Where one of ours is shown, the others are gone.
bool is_hidden_ticket(const PartnerState& partner, const Absence& absence, Timestamp now) {
  if (absence.of <= kFewTickets || absence.missing < absence.of) return false;
  const auto known = partner.hidden.find(psa::ObjectKind::ticket);
  return known == partner.hidden.end() || now - known->second.since < kTicketsHiddenMax;
}

/// That tickets are shown is believed this long.
constexpr Duration kShownAgeMax{std::chrono::minutes{10}};

}  // namespace

boost::asio::awaitable<Result<void>> Rows::believe_absent(PartnerState& partner, const psa::Psa& psa,
                                                          psa::ObjectKind kind, const std::set<std::string>& absent,
                                                          const std::set<std::string>& shown) {
  if (absent.empty()) co_return Result<void>{};
  const auto absence = co_await ask_for_others(partner, store_, psa, kind, absent, shown);
  if (!absence) co_return tl::unexpected(absence.error());
  if (!is_doubtful(*absence, absent_percent_max(partner, kind))) co_return Result<void>{};
  if (kind == psa::ObjectKind::ticket && !is_hidden_ticket(partner, *absence, clock_.now())) co_return Result<void>{};
  Error error = rows_hidden(kind, *absence);
  note_rows(partner, kind, &error, clock_.now());
  co_return tl::unexpected(std::move(error));
}

void Rows::note_shown(PartnerState& partner, psa::ObjectKind kind, const std::set<std::string>& shown) const {
  if (kind == psa::ObjectKind::ticket && !shown.empty()) note_rows(partner, kind, nullptr, clock_.now());
}

boost::asio::awaitable<Result<void>> Rows::believe_no_ticket(PartnerState& partner, const psa::Psa& psa) {
  const Timestamp now = clock_.now();
  const auto& known = partner.tickets_shown_at;
  if (known && *known <= now && now - *known < kShownAgeMax) co_return Result<void>{};
  const std::set<std::string> none;
  const auto absence = co_await ask_for_others(partner, store_, psa, psa::ObjectKind::ticket, none, none);
  if (!absence) co_return tl::unexpected(absence.error());
  if (is_doubtful(*absence, kAbsentPercentMax) && is_hidden_ticket(partner, *absence, now)) {
    Error error = rows_hidden(psa::ObjectKind::ticket, *absence);
    note_rows(partner, psa::ObjectKind::ticket, &error, now);
    co_return tl::unexpected(std::move(error));
  }
  note_rows(partner, psa::ObjectKind::ticket, nullptr, now);
  partner.tickets_shown_at = now;
  co_return Result<void>{};
}

}  // namespace crosswalk::engine
