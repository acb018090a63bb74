// What the PSA tells us by itself. A callback is a hint that saves the wait for the next sweep: what it names is read
// again, and nothing else is believed of it.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/catalogue.h"
#include "base/text.h"
#include "engine/engine_impl.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Messages of one partner that may wait; ConnectWise's limit for calls is far below what fills this.
constexpr std::size_t kWaitingMax = 2'000;
constexpr std::size_t kWaitingBytesMax = 16u << 20;
/// By then the answers to our own writes are in the books, and ten changes of one object have become one.
constexpr Duration kGathering{2'000};
/// How often that is waited for, while a record of the object is under way.
constexpr int kGatheringsMax = 5;
/// "Heard at" is written down at most this often.
constexpr Duration kHeardStep{std::chrono::minutes{1}};
/// The PSA's clock and ours may differ by this much, and a message may take as long.
constexpr Duration kTellingTime{std::chrono::minutes{5}};
/// Sweeps that found changes which nobody told us of, before callbacks are called silent.
constexpr int kSilentAfter = 2;
/// At a start, partner after partner.
constexpr Duration kStartStep{50};
/// A registration that could not be settled is tried again this much later.
constexpr Duration kCallbacksRetry{std::chrono::minutes{10}};

constexpr std::array kKinds{psa::ObjectKind::ticket, psa::ObjectKind::company, psa::ObjectKind::contact,
                            psa::ObjectKind::configuration};

store::CallbackRow* find_row(std::vector<store::CallbackRow>& rows, psa::ObjectKind kind) {
  const auto found = std::ranges::find(rows, psa::to_string(kind), &store::CallbackRow::kind);
  return found == rows.end() ? nullptr : &*found;
}

bool is_silent(const store::CallbackRow& row) { return row.missed >= kSilentAfter; }

std::string_view state_of(const store::CallbackRow* row, bool wanted) {
  if (!row || row->entry.empty()) return row && !row->problem.empty() ? "problem" : wanted ? "missing" : "off";
  if (!row->problem.empty()) return "problem";
  if (is_silent(*row)) return "silent";
  return row->heard_at ? "heard" : "quiet";
}

json::value time_or_null(const std::optional<Timestamp>& at) {
  if (!at) return nullptr;
  return json::value(format_timestamp(*at));
}

/// A stored problem with the catalogue's words.
json::value explained(const std::string& problem) {
  if (problem.empty()) return nullptr;
  json::object told = json::parse(problem).as_object();
  const CatalogueEntry& entry = crosswalk::explain(std::string(told.at("code").as_string()));
  told["title"] = entry.title;
  told["action"] = entry.action;
  told["who"] = entry.who;
  return told;
}

/// Whether it says that the message is not the PSA's, rather than that this could not be told.
bool is_disbelief(const Error& error) {
  return error.code.starts_with("callback.") && error.code != "callback.key_unavailable";
}

/// Whether it may yet come right by itself.
bool passes(Disposition disposition) {
  return disposition == Disposition::retry || disposition == Disposition::throttled ||
         disposition == Disposition::unknown;
}

}  // namespace

void EngineImpl::told(PartnerId partner, psa::CallbackMessage message) {
  metrics_.callbacks_received += 1;
  {
    const std::scoped_lock lock(inbox_mutex_);
    Inbox& inbox = inboxes_[partner.value];
    if (inbox.messages.size() >= kWaitingMax || inbox.bytes + message.body.size() > kWaitingBytesMax) {
      metrics_.callbacks_dropped += 1;
      inbox.overflowed = true;
      return;
    }
    inbox.bytes += message.body.size();
    inbox.messages.push_back(std::move(message));
    if (std::exchange(inboxes_filled_, true)) return;
  }
  boost::asio::post(executor_, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (const auto still = alive.lock(); still && *still) wake_.set();
  });
}

EngineImpl::Inbox EngineImpl::empty_inbox(const std::string& partner) {
  const std::scoped_lock lock(inbox_mutex_);
  const auto found = inboxes_.find(partner);
  if (found == inboxes_.end()) return {};
  Inbox inbox = std::move(found->second);
  inboxes_.erase(found);
  return inbox;
}

void EngineImpl::plan_callbacks() {
  if (!options_.callback_target) return;
  // The address may be another one than before.
  const auto rows = store_.callbacks("");
  const auto mapped = store_.mapped_partners();
  if (!rows || !mapped) return;
  std::set<std::string> partners(mapped->begin(), mapped->end());
  for (const store::CallbackRow& row : *rows)
    if (!row.entry.empty()) partners.insert(row.partner);
  Timestamp at = clock_.now();
  for (const std::string& id : partners) {
    state_of(id).callbacks_at = at;
    at += kStartStep;
  }
}

void EngineImpl::start_callbacks() {
  if (stopping_) return;
  const Timestamp now = clock_.now();
  for (auto& [id, partner] : partners_) {
    if (!partner->callbacks_at || *partner->callbacks_at > now || partner->ensuring) continue;
    partner->ensuring = true;
    crew_.spawn(keep_callbacks(*partner));
  }
  std::vector<std::string> waiting;
  {
    const std::scoped_lock lock(inbox_mutex_);
    inboxes_filled_ = false;
    for (const auto& [id, inbox] : inboxes_) waiting.push_back(id);
  }
  for (const std::string& id : waiting) {
    PartnerState& partner = state_of(id);
    if (std::exchange(partner.hearing, true)) continue;
    crew_.spawn(hear(partner));
  }
}

boost::asio::awaitable<void> EngineImpl::hear(PartnerState& partner) {
  for (;;) {
    Inbox inbox = empty_inbox(partner.row.id);
    if (inbox.messages.empty() || stopping_) break;
    const auto row = store_.partner(partner.row.id);
    if (!row || !*row || (*row)->paused) continue;
    // What did not fit is found by reading.
    if (inbox.overflowed && partner.sweep_at) partner.sweep_at = clock_.now();
    if (!partner.ears || partner.ears_version != (*row)->version) {
      auto opened = factory_.open(**row, partner.budget, true);
      partner.ears = opened ? std::move(*opened) : nullptr;
      partner.ears_version = (*row)->version;
    }
    if (!partner.ears) continue;
    Changes changes = co_await prove(partner, std::move(inbox.messages));
    for (int i = 0; i < kGatheringsMax && !stopping_; ++i) {
      co_await clock_.sleep_until(clock_.now() + kGathering);
      if (!is_in_flight(partner, changes)) break;
    }
    co_await take_changes(partner, std::move(changes));
  }
  partner.hearing = false;
  wake_.set();
}

boost::asio::awaitable<EngineImpl::Changes> EngineImpl::prove(PartnerState& partner,
                                                              std::vector<psa::CallbackMessage> messages) {
  Changes changes;
  const psa::Psa psa = partner.ears->psa();
  std::optional<Error> refused;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (stopping_ || !psa.callbacks) break;
    const auto told = co_await psa.callbacks->read_callback(messages[i], psa::Lane::sweep);
    if (!told && is_disbelief(told.error())) {
      metrics_.callbacks_refused += 1;
      refused = told.error();
      continue;
    }
    if (!told) {
      // No key can be read at the moment; what the others tell is found by the sweep as well.
      metrics_.callbacks_dropped += messages.size() - i;
      spdlog::info("partner={} callbacks left to the sweep: {}", partner.row.id, told.error().message);
      break;
    }
    if (!*told) continue;
    psa::Change& newest = changes[{(*told)->kind, (*told)->id}];
    // No order is promised.
    const bool newer = newest.id.empty() || (*told)->deleted ||
                       (!newest.deleted &&
                        (*told)->updated_at.value_or(Timestamp::max()) >= newest.updated_at.value_or(Timestamp::max()));
    if (newer) newest = **told;
  }
  // Once for many: whoever forges messages must not fill the log.
  if (refused)
    spdlog::warn("partner={} callback not believed: {} ({})", partner.row.id, refused->message, refused->code);
  co_return changes;
}

bool EngineImpl::is_in_flight(const PartnerState& partner, const Changes& changes) {
  for (const auto& [object, change] : changes) {
    const std::array<std::string, 1> ids{change.id};
    const auto links = store_.links_to(partner.row.id, std::string(psa::to_string(change.kind)), ids);
    if (!links) return false;
    if (std::ranges::any_of(*links, [&](const store::LinkRow& row) { return partner.in_flight.contains(row.ref); }))
      return true;
  }
  return false;
}

bool EngineImpl::is_echo(const PartnerState& partner, const psa::Change& change, const store::LinkRow& row) {
  if (change.deleted) return false;
  const auto known = known_update(row, change.kind);
  if (!known) return false;
  const std::string& us = known->us.empty() ? partner.member : known->us;
  if (!us.empty() && equals_ignoring_case(change.by, us)) return true;
  return !is_newer({change.updated_at, change.by}, *known);
}

boost::asio::awaitable<void> EngineImpl::take_changes(PartnerState& partner, Changes changes) {
  const Timestamp now = clock_.now();
  store::Transaction transaction;
  std::map<psa::ObjectKind, bool> heard;
  for (auto& [object, change] : changes) {
    heard[change.kind] = true;
    const std::string kind(psa::to_string(change.kind));
    const std::array<std::string, 1> ids{change.id};
    const auto links = store_.links_to(partner.row.id, kind, ids);
    if (!links || links->empty()) continue;
    const bool echo =
        std::ranges::all_of(*links, [&](const store::LinkRow& row) { return is_echo(partner, change, row); });
    ++(echo ? metrics_.callbacks_echoes : metrics_.callbacks_news);
    if (!echo) transaction.changed.push_back({partner.row.id, kind, std::move(change.id), now});
  }
  auto rows = store_.callbacks(partner.row.id);
  for (const auto& [kind, any] : heard) {
    store::CallbackRow* row = rows ? find_row(*rows, kind) : nullptr;
    if (!row || (!row->missed_since && row->heard_at && now - *row->heard_at < kHeardStep)) continue;
    row->heard_at = now;
    row->missed_since.reset();
    row->missed = 0;
    transaction.callbacks.push_back(*row);
  }
  if (transaction.empty()) co_return;
  const bool has_news = !transaction.changed.empty();
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) {
    spdlog::error("partner={} callbacks not stored, the sweep will find what they told: {}", partner.row.id,
                  written.error().message);
    co_return;
  }
  if (has_news && (!partner.next_due || *partner.next_due > now)) partner.next_due = now;
}

std::vector<psa::ObjectKind> EngineImpl::wanted_callbacks(const PartnerState& partner) const {
  std::vector<psa::ObjectKind> kinds;
  if (partner.row.paused) return kinds;
  const auto fallback = mapping::vendor_defaults().settings.mode.value_or(mapping::Mode::test);
  // Registering is a write, and test mode sends none.
  if (partner.document && partner.document->settings.mode.value_or(fallback) == mapping::Mode::live)
    kinds.push_back(psa::ObjectKind::ticket);
  for (const auto& [workflow, document] : partner.object_documents)
    if (document.mode == mapping::Mode::live) kinds.push_back(mapping::object_kind_of(workflow));
  return kinds;
}

boost::asio::awaitable<void> EngineImpl::keep_callbacks(PartnerState& partner) {
  Duration again = kCallbacksRetry;
  const auto begun = co_await begin_use(partner.row.id);
  partner.callbacks_at.reset();
  if (begun) {
    // A paused partner's PSA is left alone; what it tells meanwhile is found by the sweep after the pause.
    const bool paused = partner.row.paused;
    std::vector<psa::ObjectKind> kinds = wanted_callbacks(partner);
    if (!paused) {
      const auto report = co_await settle_callbacks(partner, std::move(kinds));
      if (report && (!report->error || !passes(report->disposition))) again = options_.callbacks_interval;
    } else {
      again = options_.callbacks_interval;
    }
    end_use(partner);
  }
  if (!partner.callbacks_at) partner.callbacks_at = clock_.now() + again;
  partner.ensuring = false;
  wake_.set();
}

boost::asio::awaitable<Result<psa::CallbackReport>> EngineImpl::settle_callbacks(PartnerState& partner,
                                                                                 std::vector<psa::ObjectKind> kinds) {
  auto rows = store_.callbacks(partner.row.id);
  if (!rows) co_return tl::unexpected(rows.error());
  const bool any = std::ranges::any_of(*rows, [](const store::CallbackRow& row) { return !row.entry.empty(); });
  if (kinds.empty() && !any) co_return psa::CallbackReport{};
  psa::CallbackReport report;
  // Apart from the sessions of the workflows, which may be in test mode one by one.
  const auto own = factory_.open(partner.row, partner.budget, false);
  if (!own) {
    report.error = own.error();
    report.disposition = crosswalk::explain(own.error().code).disposition;
  } else {
    const psa::Psa psa = (*own)->psa();
    if (!psa.registers_callbacks) co_return report;
    const psa::CallbackTarget target = options_.callback_target(partner.row.id);
    report = co_await psa.registers_callbacks->ensure_callbacks(target, kinds, psa::Lane::sweep);
  }
  const Timestamp now = clock_.now();
  store::Transaction transaction;
  for (const psa::ObjectKind kind : kKinds) {
    const auto entry = std::ranges::find(report.entries, kind, &psa::CallbackEntry::kind);
    const bool wanted = std::ranges::find(kinds, kind) != kinds.end();
    const store::CallbackRow* known = find_row(*rows, kind);
    if (!known && !wanted && entry == report.entries.end()) continue;
    store::CallbackRow row = known ? *known : store::CallbackRow{partner.row.id, std::string(psa::to_string(kind))};
    row.checked_at = now;
    row.problem.clear();
    if (entry != report.entries.end()) {
      if (!entry->done.empty()) {
        spdlog::info("partner={} callback for {}: {}", partner.row.id, psa::to_string(kind), entry->done);
        row.made_at = now;
        row.missed_since.reset();
        row.missed = 0;
      }
      row.entry = entry->id;
    } else if (report.error) {
      if (wanted)
        row.problem = json::serialize(json::object{
            {"code", report.error->code}, {"message", report.error->message}, {"at", format_timestamp(now)}});
    } else {
      row.entry.clear();
    }
    transaction.callbacks.push_back(std::move(row));
  }
  if (report.error)
    spdlog::warn("partner={} callbacks not settled, sweeps go on: {}", partner.row.id, report.error->message);
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  co_return report;
}

void EngineImpl::note_missed(PartnerState& partner, psa::ObjectKind kind, const std::map<std::string, Seen>& read,
                             Timestamp since, Timestamp began, store::Transaction& transaction) {
  auto rows = store_.callbacks(partner.row.id);
  store::CallbackRow* row = rows ? find_row(*rows, kind) : nullptr;
  if (!row || row->entry.empty() || !row->problem.empty()) return;
  // Changes that were to be told by now, each looked at by one sweep.
  const Timestamp from = std::max(since - kTellingTime, row->made_at + kTellingTime), until = began - kTellingTime;
  std::optional<Timestamp> first;
  for (const auto& [id, seen] : read) {
    if (!seen.updated_at || *seen.updated_at <= from || *seen.updated_at > until) continue;
    if (row->heard_at && *row->heard_at + kTellingTime >= *seen.updated_at) continue;
    if (!first || *seen.updated_at < *first) first = seen.updated_at;
  }
  if (!first) return;
  if (!row->missed_since) row->missed_since = first;
  row->missed += 1;
  if (row->missed == kSilentAfter) {
    metrics_.callbacks_silent += 1;
    spdlog::warn(
        "partner={} {} changes since {} that no callback told of; sweeps find them, the registration is checked",
        partner.row.id, row->kind, format_timestamp(*row->missed_since));
    partner.callbacks_at = began;
  }
  transaction.callbacks.push_back(*row);
}

Result<json::object> EngineImpl::callbacks_in_words(const PartnerState& partner) {
  auto rows = store_.callbacks(partner.row.id);
  if (!rows) return tl::unexpected(rows.error());
  const std::vector<psa::ObjectKind> wanted = wanted_callbacks(partner);
  json::array kinds;
  for (const psa::ObjectKind kind : kKinds) {
    const store::CallbackRow* row = find_row(*rows, kind);
    const bool is_wanted = options_.callback_target && std::ranges::find(wanted, kind) != wanted.end();
    json::object told{{"kind", psa::to_string(kind)},
                      {"wanted", is_wanted},
                      {"state", engine::state_of(row, is_wanted)},
                      {"registration", row && !row->entry.empty() ? json::value(row->entry) : json::value(nullptr)},
                      {"heard_at", row ? time_or_null(row->heard_at) : nullptr},
                      {"missed_since", row && is_silent(*row) ? time_or_null(row->missed_since) : nullptr},
                      {"problem", row ? explained(row->problem) : nullptr}};
    if (row && row->checked_at != Timestamp{}) told["checked_at"] = format_timestamp(row->checked_at);
    kinds.push_back(std::move(told));
  }
  return json::object{
      {"partner", partner.row.id}, {"enabled", options_.callback_target != nullptr}, {"kinds", std::move(kinds)}};
}

boost::asio::awaitable<Result<json::object>> EngineImpl::callbacks(PartnerId id) {
  const auto begun = co_await begin_use(id.value);
  if (!begun) co_return tl::unexpected(begun.error());
  auto told = callbacks_in_words(**begun);
  end_use(**begun);
  co_return told;
}

boost::asio::awaitable<Result<json::object>> EngineImpl::ensure_callbacks(PartnerId id) {
  if (!options_.callback_target) co_return failure("callback.not_configured", "");
  const auto begun = co_await begin_use(id.value);
  if (!begun) co_return tl::unexpected(begun.error());
  PartnerState& partner = **begun;
  Result<json::object> told = json::object{};
  if (partner.row.paused) {
    told = failure("partner.paused", "");
  } else {
    std::vector<psa::ObjectKind> kinds = wanted_callbacks(partner);
    const auto report = co_await settle_callbacks(partner, std::move(kinds));
    if (report)
      told = callbacks_in_words(partner);
    else
      told = tl::unexpected(report.error());
  }
  end_use(partner);
  co_return told;
}

boost::asio::awaitable<Result<json::object>> EngineImpl::remove_callbacks(PartnerId id) {
  if (!options_.callback_target) co_return json::object{{"removed", 0}};
  const auto begun = co_await begin_use(id.value);
  if (!begun) co_return tl::unexpected(begun.error());
  PartnerState& partner = **begun;
  const auto report = co_await settle_callbacks(partner, {});
  end_use(partner);
  if (!report) co_return tl::unexpected(report.error());
  if (report->error) co_return tl::unexpected(*report->error);
  co_return json::object{{"removed", std::ranges::count(report->entries, "removed", &psa::CallbackEntry::done)}};
}

}  // namespace crosswalk::engine
