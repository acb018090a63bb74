// How it stands between us and each partner's PSA: kept, and told to the product.
#include <spdlog/spdlog.h>

#include "engine/engine_impl.h"
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

}  // namespace

void EngineImpl::read_connection(PartnerState& partner) {
  if (partner.connection) return;
  const auto rows = store_.connections(partner.row.id);
  if (!rows) return;
  partner.connection =
      rows->empty() ? store::ConnectionRow{partner.row.id, std::string(kNeverReached), {}, "", "", {}} : rows->front();
}

void EngineImpl::start_telling() {
  for (auto& [id, partner] : partners_) {
    if (!partner->standing_changed || partner->telling || stopping_) continue;
    partner->telling = true;
    crew_.spawn(tell_connection(*partner));
  }
}

boost::asio::awaitable<void> EngineImpl::tell_connection(PartnerState& partner) {
  while (std::exchange(partner.standing_changed, false)) {
    read_connection(partner);
    if (!partner.connection) {
      partner.standing_changed = true;
      break;
    }
    const Timestamp now = clock_.now();
    const store::ConnectionRow was = *partner.connection, is = row_after(was, partner.budget.standing(), now);
    if (same_standing(was, is)) continue;
    store::Transaction transaction;
    transaction.connections.push_back(is);
    if (store_.outbound().has_webhooks())
      if (auto event = event_of(was, is, now)) transaction.outbound.events.push_back(std::move(*event));
    const bool tells = !transaction.outbound.events.empty();
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) {
      spdlog::error("partner={} state of the connection not stored: {}", partner.row.id, written.error().message);
      partner.standing_changed = true;
      break;
    }
    // New settings may have come meanwhile, of which this says nothing.
    if (partner.connection && same_standing(*partner.connection, was)) partner.connection = is;
    if (is.code.empty())
      spdlog::info("partner={} connection is in order", partner.row.id);
    else
      spdlog::warn("partner={} connection is not in order: {} {}", partner.row.id, is.code, is.message);
    if (tells && options_.outbound_written) options_.outbound_written();
  }
  partner.telling = false;
}

}  // namespace crosswalk::engine
