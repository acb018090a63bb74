// How it stands between us and each partner's PSA: kept, and told to the product.
#include "engine/connection.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>
#include <vector>

#include "base/catalogue.h"
#include "base/json.h"
#include "engine/outbound_events.h"
#include "engine/people_json.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

constexpr std::string_view kNeverReached = "never_reached", kInOrder = "in_order";

/// What is to be kept of the standing after `was`.
store::ConnectionRow row_after(const store::ConnectionRow& was, const Budget::Standing& standing, Timestamp now) {
  using State = Budget::Standing::State;
  store::ConnectionRow row = was;
  if (standing.state == State::unknown) return row;
  const bool in_order = standing.state == State::in_order;
  const bool was_reached = was.state != kNeverReached;
  // One refusal may be the PSA's own trouble of the moment.
  if (!in_order && !standing.sure) return row;
  std::string state(in_order ? kInOrder : standing.state == State::refused ? "refused" : "unreachable");
  if (!in_order && !was_reached) state = kNeverReached;
  if (state != was.state || was.since == Timestamp{}) row.since = now;
  row.state = std::move(state);
  row.code = standing.why && !in_order ? standing.why->code : std::string();
  row.message = standing.why && !in_order ? standing.why->message : std::string();
  if (in_order) row.reached_at = now;
  if (!in_order && was.state == kInOrder) row.reached_at = now;
  return row;
}

bool same_standing(const store::ConnectionRow& left, const store::ConnectionRow& right) {
  return left.state == right.state && left.code == right.code;
}

std::optional<store::OutboundRow> event_of(const store::ConnectionRow& was, const store::ConnectionRow& is,
                                           Timestamp at) {
  const bool lost = !is.code.empty(), was_lost = !was.code.empty();
  if (!lost && !was_lost) return std::nullopt;
  // That the words of the same trouble have changed is no news.
  if (lost && was_lost && was.code == is.code && was.state == is.state) return std::nullopt;
  if (!lost)
    return connection_event(OutboundType::connection_restored, is.partner, at,
                            {{"state", is.state}, {"was", connection_json(was, false)}});
  return connection_event(OutboundType::connection_lost, is.partner, at, connection_json(is, false));
}

using HiddenRows = std::map<psa::ObjectKind, PartnerState::Hidden>;

/// As ConnectionRow::hidden keeps it.
std::string hidden_json(const HiddenRows& hidden) {
  if (hidden.empty()) return "";
  json::object kinds;
  for (const auto& [kind, rows] : hidden)
    kinds[psa::to_string(kind)] = json::object{{"since", to_milliseconds(rows.since)}, {"text", rows.text}};
  return json::serialize(kinds);
}

/// What cannot be read is found again.
HiddenRows parse_hidden(const std::string& text) {
  HiddenRows hidden;
  boost::system::error_code error;
  const json::value value = text.empty() ? json::value() : parse_own_json(text, error);
  if (error || !value.is_object()) return hidden;
  for (const auto& member : value.get_object()) {
    const auto kind = psa::parse_object_kind(member.key());
    const json::object* rows = member.value().if_object();
    const json::value* since = rows ? rows->if_contains("since") : nullptr;
    const json::value* words = rows ? rows->if_contains("text") : nullptr;
    if (!kind || !since || !since->is_int64() || !words || !words->is_string()) continue;
    hidden.emplace(*kind,
                   PartnerState::Hidden{from_milliseconds(since->get_int64()), std::string(words->get_string())});
  }
  return hidden;
}

/// Kinds that are hidden since, and those that are shown again.
std::vector<store::OutboundRow> rows_events(const std::string& partner, const HiddenRows& was, const HiddenRows& is,
                                            Timestamp at) {
  std::vector<store::OutboundRow> events;
  const CatalogueEntry& entry = crosswalk::explain("psa.rows_hidden");
  for (const auto& [kind, rows] : is) {
    if (was.contains(kind)) continue;
    const json::object data{{"kind", psa::to_string(kind)},
                            {"since", format_timestamp(rows.since)},
                            {"code", entry.code},
                            {"title", entry.title},
                            {"detail", rows.text},
                            {"action", entry.action},
                            {"who", entry.who}};
    events.push_back(connection_event(OutboundType::connection_rows_hidden, partner, at, data));
  }
  for (const auto& [kind, rows] : was) {
    if (is.contains(kind)) continue;
    const json::object before{{"since", format_timestamp(rows.since)}, {"detail", rows.text}};
    const json::object data{{"kind", psa::to_string(kind)}, {"was", before}};
    events.push_back(connection_event(OutboundType::connection_rows_shown, partner, at, data));
  }
  return events;
}

}  // namespace

void ConnectionNews::read(PartnerState& partner) {
  if (partner.connection) return;
  const auto rows = store_.connections(partner.row.id);
  if (!rows) return;
  partner.connection =
      rows->empty() ? store::ConnectionRow{partner.row.id, std::string(kNeverReached), {}, "", "", {}} : rows->front();
  // A start forgets nothing of it: the lists are compared until they are whole.
  const HiddenRows kept = parse_hidden(partner.connection->hidden);
  for (const auto& [kind, was] : kept) {
    PartnerState::Hidden& rows = partner.hidden.emplace(kind, was).first->second;
    rows.since = std::min(rows.since, was.since);
  }
}

void ConnectionNews::start_telling() {
  for (auto& [id, partner] : partners_) {
    const bool has_news = partner->standing_changed || partner->rows_changed;
    if (!has_news || partner->telling || loop_.stopping) continue;
    partner->telling = true;
    loop_.crew.spawn(tell(*partner));
  }
}

boost::asio::awaitable<void> ConnectionNews::tell(PartnerState& partner) {
  while (partner.standing_changed || partner.rows_changed) {
    read(partner);
    if (!partner.connection) break;
    partner.standing_changed = partner.rows_changed = false;
    const Timestamp now = clock_.now();
    const store::ConnectionRow was = *partner.connection;
    store::ConnectionRow is = row_after(was, partner.budget.standing(), now);
    is.hidden = hidden_json(partner.hidden);
    const bool moved = !same_standing(was, is);
    if (!moved && was.hidden == is.hidden) continue;
    store::Transaction transaction;
    transaction.connections.push_back(is);
    if (store_.outbound().has_webhooks()) {
      transaction.outbound.events = rows_events(partner.row.id, parse_hidden(was.hidden), partner.hidden, now);
      if (auto event = event_of(was, is, now)) transaction.outbound.events.push_back(std::move(*event));
    }
    const bool tells = !transaction.outbound.events.empty();
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) {
      spdlog::error("partner={} state of the connection not stored: {}", partner.row.id, written.error().message);
      partner.standing_changed = partner.rows_changed = true;
      break;
    }
    // New settings may have come meanwhile, of which this says nothing.
    if (partner.connection && same_standing(*partner.connection, was)) partner.connection = is;
    if (tells && options_.outbound_written) options_.outbound_written();
    if (!moved) continue;
    if (is.code.empty())
      spdlog::info("partner={} connection is in order", partner.row.id);
    else
      spdlog::warn("partner={} connection is not in order: {} {}", partner.row.id, is.code, is.message);
  }
  partner.telling = false;
}

}  // namespace crosswalk::engine
