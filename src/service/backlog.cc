#include "service/backlog.h"

#include <algorithm>
#include <array>

#include "engine/link_rows.h"
#include "workflows/alert_to_ticket.h"
#include "workflows/objects.h"

namespace crosswalk::service {
namespace {

/// Open alerts that are looked at; whoever has more is told "at least".
constexpr std::size_t kAlertsMax = 20'000;
constexpr std::size_t kPage = 500;

mapping::Mode mode_of(const mapping::Document* document, const model::Alert& alert) {
  if (!document) return mapping::Mode::off;
  const mapping::Facts facts{&alert, nullptr, nullptr, nullptr};
  return mapping::resolve(*document, facts).mode;
}

/// Customers and rules can only be stricter than the whole (see resolve_mode()).
bool is_live_anywhere(const mapping::Document& document) {
  return document.settings.mode.value_or(mapping::vendor_defaults().settings.mode.value_or(mapping::Mode::test)) ==
         mapping::Mode::live;
}

/// What the customer's own record is linked to; empty: nothing.
psa::Reference company_of(store::Store& store, const std::string& partner, const std::string& customer) {
  const std::array<store::RecordKey, 1> key{store::RecordKey{partner, "customer", customer}};
  const auto links = store.links(key);
  if (!links || links->empty()) return {};
  const auto link = engine::read_link(links->front());
  return link && link->gone.empty() ? psa::Reference{link->object.value, ""} : psa::Reference{};
}

workflows::Answer answer_for(const model::Alert& alert, const psa::Reference& company,
                             const mapping::Document& document, Timestamp now) {
  const std::vector<workflows::Link> none;
  return workflows::alert_to_ticket(
      {.alert = alert, .linked_company = &company, .document = document, .links = none, .storm = {}, .now = now});
}

/// It is live, and the alert is older than that.
bool is_dated(const model::Alert& alert, const psa::Reference& company, const mapping::Document* document,
              Timestamp now) {
  if (!document || !document->go_live_at || mode_of(document, alert) != mapping::Mode::live) return false;
  const workflows::Answer answer = answer_for(alert, company, *document, now);
  return answer.held && answer.held->code == "alert.before_go_live";
}

/// Whether it would get a ticket that it has not got because nothing was live for it.
bool would_open(const model::Alert& alert, const psa::Reference& company, const mapping::Document* before,
                const mapping::Document& after, Timestamp now) {
  const bool was_live = mode_of(before, alert) == mapping::Mode::live && !is_dated(alert, company, before, now);
  if (was_live || mode_of(&after, alert) != mapping::Mode::live) return false;
  const workflows::Answer answer = answer_for(alert, company, after, now);
  if (!answer.wanted.empty()) return true;
  // What waits for time, or for its customer to be mapped, would be opened later.
  constexpr std::array<std::string_view, 4> kLater{"alert.held_down", "alert.snoozed", "alert.in_maintenance",
                                                   "mapping.customer_unknown"};
  return answer.held && std::ranges::find(kLater, answer.held->code) != kLater.end();
}

}  // namespace

Result<Backlog> backlog_of(store::Store& store, const std::string& partner, const mapping::Document* before,
                           const mapping::Document& after, Timestamp now) {
  Backlog backlog;
  backlog.first_time = !before || !is_live_anywhere(*before);
  if (!is_live_anywhere(after)) return backlog;
  store::Store::RecordQuery query;
  query.partner = partner;
  query.kind = "alert";
  query.open_only = true;
  query.count_max = kPage;
  for (std::size_t seen = 0;;) {
    const auto rows = store.list_records(query);
    if (!rows) return tl::unexpected(rows.error());
    std::vector<store::RecordKey> keys;
    for (const store::RecordRow& row : *rows) keys.push_back(row.ref);
    const auto links = store.links(keys);
    if (!links) return tl::unexpected(links.error());
    for (const store::RecordRow& row : *rows) {
      if (std::ranges::any_of(*links, [&](const store::LinkRow& link) { return link.ref == row.ref; })) continue;
      const auto alert = model::parse_alert({PartnerId(partner), model::RecordKind::alert, row.ref.key}, row.state);
      // One that cannot be read opens nothing.
      if (!alert) continue;
      const psa::Reference company = company_of(store, partner, alert->content.customer);
      if (!would_open(*alert, company, before, after, now)) continue;
      ++backlog.tickets;
      if (is_dated(*alert, company, before, now)) ++backlog.dated;
    }
    seen += rows->size();
    if (rows->size() < kPage) return backlog;
    if (seen >= kAlertsMax) {
      backlog.is_cut = true;
      return backlog;
    }
    query.key_after = rows->back().ref.kind + "\n" + rows->back().ref.key;
  }
}

}  // namespace crosswalk::service
