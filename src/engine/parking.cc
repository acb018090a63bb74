#include "engine/parking.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "engine/wakes.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Those with the same cause wait this long for the one that goes first.
constexpr Duration kFirstOneFirst{10'000};
/// What one has found out is true for the others that long.
constexpr Duration kFoundOut{Waits::kLookMin / 2};
/// As often in a row at most.
constexpr int kSkippedMax = 3;
/// Causes are remembered to save calls; beyond this many there is nothing to save.
constexpr std::size_t kCausesMax = 10'000;

}  // namespace

/// Of those that wait for the same, one goes first: what it finds out is true for the others.
std::vector<Item*> Parking::let_one_go_first(PartnerState& partner, std::vector<Item>& items) {
  const Timestamp now = clock_.now();
  if (partner.causes.size() > kCausesMax) partner.causes.clear();
  std::vector<Item*> first;
  for (Item& item : items) {
    if (item.stop || Waits::is_told_anew(item)) continue;
    const store::Parked& parked = item.row.parked;
    if (!looks(parked.code)) continue;
    PartnerState::Cause& cause = partner.causes[parked.code + "\n" + parked.message];
    // A clock that was set back makes what was found out one of the future, which proves nothing.
    const bool found_out = cause.refused_at && *cause.refused_at <= now && now - *cause.refused_at < kFoundOut;
    const bool passes = cause.passed_at && *cause.passed_at <= now && now - *cause.passed_at < kFoundOut;
    // The same words need not be the same cause: each looks for itself before long.
    const bool may_skip = parked.skipped < kSkippedMax;
    // Who was woken by something else than time may have been helped by it: what was found out before says nothing. Who
    // then waited for the first one is due that much later.
    const bool since = Waits::is_timed_look(item) ||
                       (cause.refused_at && item.row.due_at && *cause.refused_at >= *item.row.due_at - kFirstOneFirst);
    if (found_out && may_skip && since) {
      item.stop = true;
      waits_.keep_parked(item, {parked.code, parked.message, {}}, true);
    } else if (cause.looking && may_skip && !passes) {
      item.stop = true;
      item.parked = item.row.parked;
      item.due_at = now + kFirstOneFirst;
    } else {
      cause.looking = true;
      first.push_back(&item);
    }
  }
  return first;
}

void Parking::learn_from(PartnerState& partner, const std::vector<Item*>& first, store::Transaction& transaction) {
  const Timestamp now = clock_.now();
  for (const Item* item : first) {
    const store::Parked &was = item->row.parked, &is = item->parked;
    PartnerState::Cause& cause = partner.causes[was.code + "\n" + was.message];
    cause.looking = false;
    if (is.code == was.code) {
      if (is.message != was.message) continue;
      cause.refused_at = now;
      cause.passed_at.reset();
      continue;
    }
    // It could not be found out this time.
    if (item->stop && is.code.empty()) continue;
    cause.refused_at.reset();
    // The others go all at once: they are woken by the first that passes.
    const bool is_first = !cause.passed_at || *cause.passed_at > now || now - *cause.passed_at >= kFoundOut;
    cause.passed_at = now;
    if (is_first) transaction.wakes.push_back(wake_parked_for(partner.row.id, was.code, now));
  }
}

boost::asio::awaitable<void> Parking::look_on(PartnerState& partner, const std::vector<Item*>& first) {
  store::Transaction transaction;
  learn_from(partner, first, transaction);
  const bool wakes = !transaction.wakes.empty();
  if (wakes) {
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) spdlog::error("partner={} what is parked was not woken: {}", partner.row.id, written.error().message);
    partner.next_due = clock_.now();
  }
  if (std::exchange(partner.references_changed, false)) co_await wake(partner);
}

void Parking::tell_why_held(Item& item) const {
  if (item.stop || !item.steps.empty() || !item.answer.held || item.answer.held->parks) return;
  const auto last = store_.journal_of(item.row.ref, 1);
  if (!last) return;
  const std::string entry = json::serialize(
      json::object{{"kind", "decision"}, {"code", item.answer.held->code}, {"text", item.answer.held->detail}});
  if (!last->empty() && last->front().entry == entry) return;
  item.journal.push_back({0, item.row.ref, clock_.now(), entry});
}

void Parking::tell_why_postponed(Item& item) const {
  if (!item.postponed || !item.journal.empty() || !item.parked.empty()) return;
  const Error& error = *item.postponed;
  if (error.code == "engine.stopping" || Waits::is_timed_look(item)) return;
  const auto last = store_.journal_of(item.row.ref, 1);
  if (!last) return;
  // The same is told once, however often it is tried again.
  const std::string begins = R"({"kind":"decision","code":")" + error.code + '"';
  if (!last->empty() && last->front().entry.starts_with(begins)) return;
  const std::string text = fmt::format("It waits: {}. {}", crosswalk::explain(error.code).title, error.message);
  const json::object entry{{"kind", "decision"}, {"code", error.code}, {"text", text}, {"waits", true}};
  item.journal.push_back({0, item.row.ref, clock_.now(), json::serialize(entry)});
}

boost::asio::awaitable<void> Parking::wake(PartnerState& partner) {
  partner.causes.clear();
  store::Transaction transaction;
  transaction.wakes.push_back(engine::wake_parked(partner.row.id, clock_.now()));
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return;
  if (!partner.next_due || *partner.next_due > clock_.now()) partner.next_due = clock_.now();
  loop_.wake.set();
}

}  // namespace crosswalk::engine
