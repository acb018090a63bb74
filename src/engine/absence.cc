#include "engine/absence.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "engine/link_rows.h"
#include "workflows/link.h"

namespace crosswalk::engine {
namespace {

/// Others that are asked for, in one call.
constexpr std::size_t kOthersMax = 50;
/// Links whose states are read at once.
constexpr std::size_t kSlice = 500;

/// Why nothing more is done with what a link names; empty: it is there.
Result<std::string> gone_of(const store::LinkRow& row) {
  auto link = read_link(row);
  if (!link) return tl::unexpected(link.error());
  return std::move(link->gone);
}

/// Whether the link is of another installation than the one that is asked.
bool is_of_another(psa::ObjectKind kind, const store::LinkRow& row, const std::string& instance) {
  // Nearly all are of this one, which is seen without taking their states apart.
  if (kind == psa::ObjectKind::ticket || row.state.find("\"" + instance + "\"") != std::string::npos) return false;
  const auto link = read_link(row);
  return link && !link->instance.empty() && link->instance != instance;
}

bool is_closed_ticket(const store::LinkRow& row) {
  const auto link = read_link(row);
  return link && link->closed();
}

/// The newest, as far as numbers tell: what is old may have been cleared away in the meantime.
bool is_newer_id(const std::string& left, const std::string& right) {
  return left.size() != right.size() ? left.size() > right.size() : left > right;
}

boost::asio::awaitable<Result<std::set<std::string>>> shown_of(const psa::Psa& psa, psa::ObjectKind kind,
                                                               const std::vector<std::string>& ids) {
  std::set<std::string> shown;
  const auto found = co_await psa.objects->objects_by_id(kind, ids, psa::Lane::records);
  if (!found.complete) co_return tl::unexpected(found.error);
  for (const psa::Object& each : found.items) shown.insert(each.id.value);
  co_return shown;
}

std::string plural_of(psa::ObjectKind kind) {
  return kind == psa::ObjectKind::company ? "companies" : std::string(psa::to_string(kind)) + "s";
}

}  // namespace

bool is_doubtful(const Absence& absence, int percent_max) {
  return percent_max > 0 && absence.missing > kHandful && absence.missing * 100 > percent_max * absence.of;
}

int absent_percent_max(const PartnerState& partner, psa::ObjectKind kind) {
  const mapping::ObjectDocument* document = partner.document_of(kind);
  return document ? document->guard_percent : kAbsentPercentMax;
}

Error rows_hidden(psa::ObjectKind kind, const Absence& absence) {
  if (absence.of == 0) return {"psa.rows_hidden", fmt::format("ConnectWise shows no {} at all.", plural_of(kind)), {}};
  return {"psa.rows_hidden",
          fmt::format("ConnectWise does not show {} of the {} {} that records are linked to.", absence.missing,
                      absence.of, plural_of(kind)),
          {}};
}

Result<Compared> compare(store::Store& store, const std::string& partner, psa::ObjectKind kind,
                         const std::string& instance, std::span<const store::Store::LinkedObject> linked,
                         const std::set<std::string>& there) {
  Compared compared;
  const std::string name(psa::to_string(kind));
  std::vector<std::string> ids;
  const auto judge = [&]() -> Result<void> {
    const auto links = store.links_to(partner, name, ids);
    if (!links) return tl::unexpected(links.error());
    for (const store::LinkRow& row : *links) {
      if (is_of_another(kind, row, instance)) continue;
      const bool shown = there.contains(row.object_id);
      // Most are there and are not said to be gone: their states are not taken apart.
      const bool may_be_gone = row.state.find("\"gone\"") != std::string::npos;
      // Tickets that were closed are cleared away at some time, which is nobody's loss.
      if (!shown && kind == psa::ObjectKind::ticket && is_closed_ticket(row)) continue;
      const auto gone = may_be_gone || !shown ? gone_of(row) : Result<std::string>{};
      // A link that cannot be read is looked at, which parks its record.
      if (!shown && (!gone || gone->empty())) compared.missing.push_back(row.object_id);
      if (shown && gone && *gone == "deleted") compared.returned.push_back(row.object_id);
      if (!gone || gone->empty()) ++compared.absence.of;
    }
    ids.clear();
    return {};
  };
  for (const store::Store::LinkedObject& each : linked) {
    ids.push_back(each.object_id);
    if (ids.size() < kSlice) continue;
    if (const auto judged = judge(); !judged) return tl::unexpected(judged.error());
  }
  if (const auto judged = judge(); !judged) return tl::unexpected(judged.error());
  compared.absence.missing = static_cast<std::int64_t>(compared.missing.size());
  return compared;
}

boost::asio::awaitable<Result<Absence>> ask_for_others(const PartnerState& partner, store::Store& store,
                                                       const psa::Psa& psa, psa::ObjectKind kind,
                                                       const std::set<std::string>& absent,
                                                       const std::set<std::string>& shown) {
  const std::string name(psa::to_string(kind));
  const auto linked = store.linked_objects(partner.row.id, name);
  if (!linked) co_return tl::unexpected(linked.error());
  std::vector<std::string> others;
  for (const store::Store::LinkedObject& each : *linked)
    if (!absent.contains(each.object_id) && !shown.contains(each.object_id)) others.push_back(each.object_id);
  std::ranges::sort(others, is_newer_id);
  const auto twice = std::ranges::unique(others);
  others.erase(twice.begin(), twice.end());
  // Objects from end to end, of tickets the newest.
  std::vector<std::string> chosen;
  const std::size_t step = kind == psa::ObjectKind::ticket ? 1 : std::max<std::size_t>(others.size() / kOthersMax, 1);
  for (std::size_t i = 0; i < others.size() && chosen.size() < kOthersMax; i += step) chosen.push_back(others[i]);
  const std::size_t picked = chosen.size();
  const auto rows = store.links_to(partner.row.id, name, chosen);
  if (!rows) co_return tl::unexpected(rows.error());
  for (const store::LinkRow& row : *rows) {
    const auto gone = gone_of(row);
    if (!gone || !gone->empty() || is_of_another(kind, row, psa.instance)) std::erase(chosen, row.object_id);
  }
  // As of those that were chosen, of all others some are known to be gone.
  const auto all_others = static_cast<std::int64_t>(picked == 0 ? 0 : others.size() * chosen.size() / picked);
  Absence absence{static_cast<std::int64_t>(absent.size()),
                  static_cast<std::int64_t>(absent.size() + shown.size()) + all_others};
  if (chosen.empty()) co_return absence;
  const auto seen = co_await shown_of(psa, kind, chosen);
  if (!seen) co_return tl::unexpected(seen.error());
  const auto asked = static_cast<std::int64_t>(chosen.size());
  const std::int64_t hidden = std::ranges::count_if(chosen, [&](const std::string& id) { return !seen->contains(id); });
  absence.missing += hidden * all_others / asked;
  co_return absence;
}

bool note_rows(PartnerState& partner, psa::ObjectKind kind, const Error* error, Timestamp now) {
  const auto known = partner.hidden.find(kind);
  if (!error) {
    if (known == partner.hidden.end()) return false;
    partner.hidden.erase(known);
    partner.rows_changed = true;
    spdlog::info("partner={} {} are shown again", partner.row.id, plural_of(kind));
    return true;
  }
  if (known != partner.hidden.end()) {
    known->second.text = error->message;
    return false;
  }
  partner.hidden.emplace(kind, PartnerState::Hidden{now, error->message});
  partner.rows_changed = true;
  spdlog::error("partner={} code={} {} Nothing is taken for deleted.", partner.row.id, error->code, error->message);
  return true;
}

}  // namespace crosswalk::engine
