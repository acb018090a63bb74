// What the PSA tells us by itself. A callback is a hint that saves the wait for the next sweep: what it names is read
// again, and nothing else is believed of it.
#include "engine/callbacks.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/catalogue.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/sweeper.h"
#include "store/partner_leaving.h"

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
constexpr std::string_view kStopping = "engine.stopping";
/// At a start, partner after partner.
constexpr Duration kStartStep{50};
/// A registration that could not be settled is tried again this much later.
constexpr Duration kCallbacksRetry{std::chrono::minutes{10}};

template <class Rows>
auto find_row(Rows& rows, psa::ObjectKind kind) -> decltype(rows.data()) {
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
  boost::system::error_code broken;
  json::value parsed = parse_own_json(problem, broken);
  const bool readable = !broken && parsed.is_object() && parsed.get_object().contains("code");
  json::object told = readable ? std::move(parsed.get_object()) : json::object{{"code", "store.corrupt"}};
  const json::string& code = told.at("code").as_string();
  const CatalogueEntry& entry = crosswalk::explain(std::string_view(code.data(), code.size()));
  told["title"] = entry.title;
  told["action"] = entry.action;
  told["who"] = entry.who;
  return told;
}

/// Whether it says that the message is not the PSA's, rather than that this could not be told.
bool is_disbelief(const Error& error) {
  return error.code.starts_with("callback.") && error.code != "callback.key_unavailable";
}

/// A refusal may quote the address, of which only the PSA is to know the end.
std::string without_address(std::string text, const psa::CallbackTarget& target) {
  for (std::size_t at = text.find(target.tail); at != std::string::npos; at = text.find(target.tail, at))
    text.replace(at, target.tail.size(), "/[hidden]");
  return text;
}

/// Whether it may yet come right by itself.
bool passes(Disposition disposition) {
  return disposition == Disposition::retry || disposition == Disposition::throttled ||
         disposition == Disposition::unknown;
}

}  // namespace

void Callbacks::told(const std::string& partner, psa::CallbackMessage message) {
  metrics_.callbacks_received += 1;
  {
    const std::scoped_lock lock(mutex_);
    Inbox& inbox = inboxes_[partner];
    if (inbox.messages.size() >= kWaitingMax || inbox.bytes + message.body.size() > kWaitingBytesMax) {
      metrics_.callbacks_dropped += 1;
      inbox.overflowed = true;
      return;
    }
    inbox.bytes += message.body.size();
    inbox.messages.push_back(std::move(message));
    if (std::exchange(inboxes_filled_, true)) return;
  }
  boost::asio::post(loop_.executor, [this, alive = std::weak_ptr<bool>(loop_.alive)] {
    if (const auto still = alive.lock(); still && *still) loop_.wake.set();
  });
}

Callbacks::Inbox Callbacks::empty_inbox(const std::string& partner) {
  const std::scoped_lock lock(mutex_);
  const auto found = inboxes_.find(partner);
  if (found == inboxes_.end()) return {};
  Inbox inbox = std::move(found->second);
  inboxes_.erase(found);
  return inbox;
}

void Callbacks::plan() {
  if (!options_.callback_target) return;
  // The address may be another one than before, or none any more.
  const auto rows = store_.callbacks("");
  const auto mapped = store_.mapped_partners();
  if (!rows || !mapped) {
    spdlog::error("which callbacks are registered cannot be read; they are compared when a partner's settings change");
    return;
  }
  std::set<std::string> partners;
  for (const std::string& id : *mapped)
    if (partners_.callbacks_on(id)) partners.insert(id);
  for (const store::CallbackRow& row : *rows)
    if (!row.entry.empty()) partners.insert(row.partner);
  std::erase_if(partners, [&](const std::string& id) { return !share_.has(id); });
  Timestamp at = clock_.now();
  for (const std::string& id : partners) {
    partners_.of(id).callbacks_at = at;
    at += kStartStep;
  }
}

void Callbacks::start() {
  if (loop_.stopping) return;
  const Timestamp now = clock_.now();
  for (auto& [id, partner] : partners_) {
    if (!partner->callbacks_at || *partner->callbacks_at > now) continue;
    partner->callbacks_at.reset();
    loop_.crew.spawn(keep(*partner));
  }
  std::vector<std::string> waiting;
  {
    const std::scoped_lock lock(mutex_);
    inboxes_filled_ = false;
    for (const auto& [id, inbox] : inboxes_) waiting.push_back(id);
  }
  for (const std::string& id : waiting) {
    PartnerState& partner = partners_.of(id);
    if (std::exchange(partner.hearing, true)) continue;
    loop_.crew.spawn(hear(partner));
  }
}

boost::asio::awaitable<void> Callbacks::hear(PartnerState& partner) {
  for (;;) {
    Inbox inbox = empty_inbox(partner.row.id);
    if (inbox.messages.empty() || loop_.stopping) break;
    const auto row = store_.partner(partner.row.id);
    if (!row || !*row || (*row)->paused) continue;
    // What did not fit is found by reading, soon; whoever sends floods must not make us read all the time.
    if (inbox.overflowed) sweep_soon(partner, options_, clock_.now());
    if (!partner.ears || partner.ears_version != (*row)->version || partner.ears_made_at != (*row)->created_at) {
      auto opened = partners_.open(**row, partner, true);
      partner.ears = opened ? std::move(*opened) : nullptr;
      partner.ears_version = (*row)->version;
      partner.ears_made_at = (*row)->created_at;
    }
    if (!partner.ears) continue;
    Changes changes = co_await prove(partner, std::move(inbox.messages));
    for (int i = 0; i < kGatheringsMax && !loop_.stopping; ++i) {
      co_await clock_.sleep_for(kGathering);
      if (!is_in_flight(partner, changes)) break;
    }
    co_await take_changes(partner, std::move(changes));
  }
  partner.hearing = false;
  loop_.wake.set();
}

boost::asio::awaitable<Callbacks::Changes> Callbacks::prove(PartnerState& partner,
                                                            std::vector<psa::CallbackMessage> messages) {
  Changes changes;
  const psa::Psa psa = partner.ears->psa();
  std::optional<Error> refused;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (loop_.stopping || !psa.callbacks) break;
    const auto read = co_await psa.callbacks->read_callback(messages[i], psa::Lane::sweep);
    if (read && *read) add_change(std::move(**read), changes);
    if (read) continue;
    if (is_disbelief(read.error())) {
      metrics_.callbacks_refused += 1;
      refused = read.error();
    } else if (read.error().code == "callback.key_unavailable") {
      // Others may be signed with keys that are known.
      metrics_.callbacks_dropped += 1;
    } else {
      metrics_.callbacks_dropped += messages.size() - i;
      spdlog::info("partner={} callbacks left to the sweep: {}", partner.row.id, read.error().message);
      break;
    }
  }
  // Once for many: whoever forges messages must not fill the log.
  if (refused)
    spdlog::warn("partner={} callback not believed: {} ({})", partner.row.id, refused->message, refused->code);
  co_return changes;
}

void Callbacks::add_change(psa::Change change, Changes& changes) {
  Change& known = changes[{change.kind, change.id}];
  known.members.insert(to_lower(change.by));
  // No order is promised.
  const bool newer = known.newest.id.empty() || change.deleted ||
                     (!known.newest.deleted && change.updated_at.value_or(Timestamp::max()) >=
                                                   known.newest.updated_at.value_or(Timestamp::max()));
  if (newer) known.newest = std::move(change);
}

bool Callbacks::is_in_flight(const PartnerState& partner, const Changes& changes) {
  for (const auto& [object, change] : changes) {
    const std::array<std::string, 1> ids{object.second};
    const auto links = store_.links_to(partner.row.id, std::string(psa::to_string(object.first)), ids);
    if (!links) return false;
    if (std::ranges::any_of(*links, [&](const store::LinkRow& row) { return partner.in_flight.contains(row.ref); }))
      return true;
  }
  return false;
}

bool Callbacks::is_echo(const PartnerState& partner, const Change& change, const store::LinkRow& row) {
  const psa::Change& newest = change.newest;
  if (newest.deleted) return false;
  const auto known = known_update(row);
  if (!known) return false;
  const std::string us = to_lower(known->us.empty() ? partner.member : known->us);
  const bool ours = std::ranges::all_of(change.members, [&](const std::string& each) { return each == us; });
  if (ours) return !us.empty();
  // Somebody else's is news unless it is the very change that was seen last: a write of ours that came after it tells
  // nothing of what they wrote beside it.
  return change.members.size() == 1 && newest.updated_at && newest.updated_at == known->at &&
         equals_ignoring_case(newest.by, known->by);
}

boost::asio::awaitable<void> Callbacks::take_changes(PartnerState& partner, Changes changes) {
  const Timestamp now = clock_.now();
  store::Transaction transaction;
  std::map<psa::ObjectKind, bool> heard;
  for (const auto& [object, change] : changes) {
    heard[object.first] = true;
    const std::string kind(psa::to_string(object.first));
    const std::array<std::string, 1> ids{object.second};
    const auto links = store_.links_to(partner.row.id, kind, ids);
    if (!links || links->empty()) continue;
    const bool echo =
        std::ranges::all_of(*links, [&](const store::LinkRow& row) { return is_echo(partner, change, row); });
    ++(echo ? metrics_.callbacks_echoes : metrics_.callbacks_news);
    if (!echo) transaction.changed.push_back({partner.row.id, kind, object.second, now});
  }
  auto rows = store_.callbacks(partner.row.id);
  for (const auto& [kind, any] : heard) {
    store::CallbackRow* row = rows ? find_row(*rows, kind) : nullptr;
    if (!row || (!row->missed_since && row->heard_at && now - *row->heard_at < kHeardStep)) continue;
    row->heard_at = now;
    row->missed_since.reset();
    row->missed = 0;
    transaction.callbacks_heard.push_back(*row);
  }
  if (transaction.empty()) co_return;
  const bool has_news = !transaction.changed.empty();
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) {
    spdlog::error("partner={} callbacks not stored, the sweep will find what they told: {}", partner.row.id,
                  written.error().message);
    co_return;
  }
  if (!has_news) co_return;
  if (!partner.next_due || *partner.next_due > now) partner.next_due = now;
  loop_.wake.set();
}

std::vector<psa::ObjectKind> Callbacks::wanted(const PartnerState& partner) const {
  std::vector<psa::ObjectKind> kinds;
  if (partner.row.paused || !partners_.callbacks_on(partner.row.id)) return kinds;
  const auto fallback = mapping::vendor_defaults().settings.mode.value_or(mapping::Mode::test);
  // Registering is a write, and test mode sends none.
  if (partner.document && partner.document->settings.mode.value_or(fallback) == mapping::Mode::live)
    kinds.push_back(psa::ObjectKind::ticket);
  for (const auto& [workflow, document] : partner.object_documents)
    if (document.mode == mapping::Mode::live) kinds.push_back(mapping::object_kind_of(workflow));
  return kinds;
}

boost::asio::awaitable<void> Callbacks::keep(PartnerState& partner) {
  const auto report = co_await settle(partner, false);
  const bool settled = report && (!report->error || !passes(report->disposition));
  // It has been erased meanwhile.
  if (!report && report.error().code == "partner.unknown") co_return;
  const Timestamp again = clock_.now() + (settled ? options_.callbacks_interval : kCallbacksRetry);
  // Where callbacks are off, only what could not be taken back yet is left to do.
  if (!partner.callbacks_at && (!settled || partners_.callbacks_on(partner.row.id))) partner.callbacks_at = again;
  loop_.wake.set();
}

boost::asio::awaitable<Result<psa::CallbackReport>> Callbacks::settle(PartnerState& partner, bool take_back) {
  // Two at once would each make what both find missing.
  while (partner.settling_callbacks) co_await partner.callbacks_settled.wait();
  partner.settling_callbacks = true;
  auto report = co_await settle_alone(partner, take_back);
  partner.settling_callbacks = false;
  partner.callbacks_settled.set();
  co_return report;
}

boost::asio::awaitable<Result<psa::CallbackReport>> Callbacks::settle_alone(PartnerState& partner, bool take_back) {
  if (!options_.callback_target) co_return psa::CallbackReport{};
  // Calls of the lowest lane may take long: nobody waits for them who works with the settings.
  store::PartnerRow row;
  std::vector<psa::ObjectKind> kinds;
  bool leaves = false;
  {
    const auto used = co_await partners_.use(partner.row.id);
    if (!used) co_return tl::unexpected(used.error());
    row = partner.row;
    // Whoever is to be erased is called no more, also where that could not be said at once.
    leaves = store::erase_at(row).has_value();
    take_back = take_back || leaves;
    if (!take_back) kinds = wanted(partner);
    partner.callbacks_at.reset();
  }
  const auto rows = store_.callbacks(row.id);
  if (!rows) co_return tl::unexpected(rows.error());
  const bool any = std::ranges::any_of(*rows, [](const store::CallbackRow& each) { return !each.entry.empty(); });
  // A paused partner's PSA is left alone; what it tells meanwhile is found by the sweep after the pause.
  // What was registered may have been killed before it was noted: of whom nothing will be kept the PSA itself is asked.
  if ((row.paused && !take_back) || (kinds.empty() && !any && !leaves)) co_return psa::CallbackReport{};
  psa::CallbackReport report;
  // Apart from the sessions of the workflows, which may be in test mode one by one.
  const auto own = partners_.open(row, partner, false);
  if (!own) {
    report.error = own.error();
    report.disposition = crosswalk::explain(own.error().code).disposition;
  } else {
    const psa::Psa psa = (*own)->psa();
    if (!psa.registers_callbacks) co_return report;
    const psa::CallbackTarget target = options_.callback_target(row.id);
    report = co_await psa.registers_callbacks->ensure_callbacks(target, kinds, psa::Lane::sweep);
    if (report.error) report.error->message = without_address(std::move(report.error->message), target);
  }
  const auto written = co_await write_down(row.id, *rows, kinds, report);
  if (!written) co_return tl::unexpected(written.error());
  co_return report;
}

boost::asio::awaitable<Result<void>> Callbacks::write_down(const std::string& partner,
                                                           const std::vector<store::CallbackRow>& rows,
                                                           const std::vector<psa::ObjectKind>& kinds,
                                                           const psa::CallbackReport& report) {
  const Timestamp now = clock_.now();
  store::Transaction transaction;
  for (const psa::ObjectKind kind : kFollowedKinds) {
    const auto entry = std::ranges::find(report.entries, kind, &psa::CallbackEntry::kind);
    const bool wanted = std::ranges::find(kinds, kind) != kinds.end();
    const store::CallbackRow* known = find_row(rows, kind);
    if (!known && !wanted && entry == report.entries.end()) continue;
    store::CallbackRow row;
    row.partner = partner;
    row.kind = psa::to_string(kind);
    if (known) row = *known;
    row.checked_at = now;
    row.problem.clear();
    if (entry != report.entries.end()) {
      if (!entry->done.empty()) {
        spdlog::info("partner={} callback for {}: {}", partner, psa::to_string(kind), entry->done);
        row.made_at = now;
      }
      row.entry = entry->id;
    } else if (!report.error) {
      row.entry.clear();
    } else if (wanted && (row.entry.empty() || !passes(report.disposition)) && report.error->code != kStopping) {
      // What passes by itself says nothing against a registration that stands.
      row.problem = json::serialize(json::object{
          {"code", report.error->code}, {"message", report.error->message}, {"at", format_timestamp(now)}});
    }
    transaction.callbacks.push_back(std::move(row));
  }
  if (report.error) spdlog::warn("partner={} callbacks not settled, sweeps go on: {}", partner, report.error->message);
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  co_return Result<void>{};
}

void Callbacks::note_missed(PartnerState& partner, psa::ObjectKind kind, const std::map<std::string, Seen>& read,
                            Timestamp since, Timestamp began, store::Transaction& transaction) {
  if (!partners_.callbacks_on(partner.row.id)) return;
  auto rows = store_.callbacks(partner.row.id);
  store::CallbackRow* row = rows ? find_row(*rows, kind) : nullptr;
  if (!row || row->entry.empty() || !row->problem.empty()) return;
  // Changes that were to be told by now, each looked at by one sweep.
  const Timestamp from = std::max(since - kTellingTime, row->made_at + kTellingTime), until = began - kTellingTime;
  std::optional<Timestamp> first;
  bool any = false;
  for (const auto& [id, seen] : read) {
    if (!seen.updated_at || *seen.updated_at <= from || *seen.updated_at > until) continue;
    any = true;
    if (row->heard_at && *row->heard_at + kTellingTime >= *seen.updated_at) continue;
    if (!first || *seen.updated_at < *first) first = seen.updated_at;
  }
  if (!any || (!first && row->missed == 0)) return;
  if (!first) {
    row->missed_since.reset();
    row->missed = 0;
  } else {
    if (!row->missed_since) row->missed_since = first;
    row->missed += 1;
  }
  if (row->missed == kSilentAfter) {
    metrics_.callbacks_silent += 1;
    spdlog::warn(
        "partner={} {} changes since {} that no callback told of; sweeps find them, the registration is checked",
        partner.row.id, row->kind, format_timestamp(*row->missed_since));
    partner.callbacks_at = began;
  }
  transaction.callbacks_heard.push_back(*row);
}

Result<json::object> Callbacks::in_words(const PartnerState& partner) {
  auto rows = store_.callbacks(partner.row.id);
  if (!rows) return tl::unexpected(rows.error());
  const std::vector<psa::ObjectKind> kinds_wanted = wanted(partner);
  json::array kinds;
  for (const psa::ObjectKind kind : kFollowedKinds) {
    const store::CallbackRow* row = find_row(*rows, kind);
    const bool is_wanted = std::ranges::find(kinds_wanted, kind) != kinds_wanted.end();
    json::object told{{"kind", psa::to_string(kind)},
                      {"wanted", is_wanted},
                      {"state", state_of(row, is_wanted)},
                      {"registration", row && !row->entry.empty() ? json::value(row->entry) : json::value(nullptr)},
                      {"heard_at", row ? time_or_null(row->heard_at) : nullptr},
                      {"missed_since", row && is_silent(*row) ? time_or_null(row->missed_since) : nullptr},
                      {"problem", row ? explained(row->problem) : nullptr}};
    if (row && row->checked_at != Timestamp{}) told["checked_at"] = format_timestamp(row->checked_at);
    kinds.push_back(std::move(told));
  }
  return json::object{
      {"partner", partner.row.id}, {"enabled", partners_.callbacks_on(partner.row.id)}, {"kinds", std::move(kinds)}};
}

boost::asio::awaitable<Result<json::object>> Callbacks::describe(std::string id) {
  const auto partner = co_await partners_.use(id);
  if (!partner) co_return tl::unexpected(partner.error());
  co_return in_words(**partner);
}

boost::asio::awaitable<Result<json::object>> Callbacks::ensure(std::string id) {
  if (!partners_.callbacks_on(id)) co_return failure("callback.not_configured", "");
  const auto row = store_.partner(id);
  if (!row) co_return tl::unexpected(row.error());
  if (*row && (*row)->paused) co_return failure("partner.paused", "");
  const auto report = co_await settle(partners_.of(id), false);
  if (!report) co_return tl::unexpected(report.error());
  co_return co_await describe(id);
}

boost::asio::awaitable<Result<json::object>> Callbacks::remove(std::string id) {
  PartnerState& partner = partners_.of(id);
  const auto report = co_await settle(partner, true);
  const bool settled = report && (!report->error || !passes(report->disposition));
  if (!settled && !partner.callbacks_at) partner.callbacks_at = clock_.now() + kCallbacksRetry;
  loop_.wake.set();
  if (!report) co_return tl::unexpected(report.error());
  if (report->error) co_return tl::unexpected(*report->error);
  co_return json::object{{"removed", std::ranges::count(report->entries, "removed", &psa::CallbackEntry::done)}};
}

}  // namespace crosswalk::engine
