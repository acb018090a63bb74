#include "engine/reconciler.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.h"
#include "engine/absence.h"
#include "engine/outbound_events.h"
#include "engine/people_acts.h"
#include "engine/wakes.h"
#include "workflows/lives.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Steps of one record in one turn: a bug's endless loop ends here, and the rest is done in the next turn.
constexpr int kStepsMax = 64;
/// Failed tries in a row before a person is asked, while other calls succeed; with the growing waits this is more than
/// an hour.
constexpr int kAttemptsMax = 20;
/// Lost answers in a row for one record before it is quarantined.
constexpr int kLostAnswersMax = 5;
/// How the status step of a re-opening is named, before the happening that asks for it.
constexpr std::string_view kReopenedStep = "reopened:";
constexpr Duration kBackoffMin{2'000}, kBackoffMax{300'000};
/// What ConnectWise refuses may be its own trouble of the moment: it is tried a second time after this, and up to half
/// as much more, before a person is asked.
constexpr Duration kSecondLook{30'000};
bool is_idempotent(const psa::Operation& operation) {
  if (const auto* update = std::get_if<psa::UpdateObject>(&operation)) {
    // A communication item that is added twice is there twice.
    const auto is_new = [](const auto& value) {
      return (value.first == "email" || value.first == "phone") && value.second.id.empty();
    };
    return update->object.kind != psa::ObjectKind::contact || std::ranges::none_of(update->values, is_new);
  }
  return !std::holds_alternative<psa::CreateTicket>(operation) && !std::holds_alternative<psa::AddNote>(operation) &&
         !std::holds_alternative<psa::CreateObject>(operation);
}

std::int64_t sequence_of(const Item& item, const std::string& anchor) {
  for (const model::Happening& each : item.alert.happenings)
    if (each.identity == anchor) return each.sequence;
  return 0;
}

std::int64_t newest_sequence(const Item& item) {
  std::int64_t newest = 0;
  for (const model::Happening& each : item.alert.happenings) newest = std::max(newest, each.sequence);
  return newest;
}

/// A storm whose ticket technicians have closed or removed.
bool is_abandoned(const Item& item) {
  for (const workflows::TicketLink& link : item.links)
    if (link.anchor == workflows::storm_anchor(*item.group)) return !link.gone.empty() || link.closed_by_people();
  return false;
}

/// What the PSA itself has said; all else was found out by us, and trying again finds the same.
bool is_of_psa(const Error& error) { return error.code.starts_with("psa."); }

/// A refusal that speaks of boards, statuses and the like may only mean that our picture of them is old.
bool speaks_of_reference_data(const Error& error) {
  return error.code.starts_with("psa.status") || error.code.starts_with("psa.board") ||
         error.code.starts_with("psa.priority") || error.code == "psa.reference_missing" ||
         error.code == "psa.company_missing";
}

const char* result_word(const psa::Outcome& outcome) {
  if (outcome.applied) return "applied";
  switch (outcome.disposition) {
    case Disposition::unknown:
      return "unknown";
    case Disposition::throttled:
      return "throttled";
    case Disposition::retry:
    case Disposition::rediscover:
      return "failed";
    default:
      return "refused";
  }
}

json::array calls_json(const psa::Outcome& outcome) {
  json::array calls;
  for (const psa::Call& call : outcome.calls) {
    json::object entry{{"id", call.id},
                       {"method", call.method},
                       {"target", call.target},
                       {"status", call.status},
                       {"took_ms", call.took.count()}};
    // What went well is told by the step itself; what did not is kept to the letter, for study.
    if (!outcome.applied) {
      entry["request_body"] = call.request_body;
      entry["response_body"] = call.response_body;
    }
    calls.push_back(std::move(entry));
  }
  return calls;
}

}  // namespace

Duration Reconciler::backoff(int attempts) {
  const Duration ceiling = std::min(kBackoffMax, Duration{kBackoffMin.count() << std::min(attempts, 12)});
  return Duration{std::uniform_int_distribution<std::int64_t>(kBackoffMin.count() / 2, ceiling.count())(random_)};
}

void Reconciler::think(const PartnerState& partner, Item& item) {
  if (item.is_object()) return think_object(partner, item);
  const Timestamp now = clock_.now();
  if (!partner.document) {
    item.answer = {};
    item.answer.held = workflows::Held{"mapping.missing", "No mapping has been published for this partner yet.", true};
    return;
  }
  if (item.group) {
    item.answer = workflows::storm_to_ticket({.group = *item.group,
                                              .representative = item.alert,
                                              .members = item.members,
                                              .count = item.member_count,
                                              .document = *partner.document,
                                              .links = item.links,
                                              .reference_data = partner.reference_data.get(),
                                              .linked_company = &item.company,
                                              .now = now});
    return;
  }
  item.answer = workflows::alert_to_ticket({.alert = item.alert,
                                            .device = item.device ? &*item.device : nullptr,
                                            .customer = item.customer ? &*item.customer : nullptr,
                                            .configuration = item.configuration,
                                            .configuration_expected = item.configuration_expected,
                                            .linked_company = &item.company,
                                            .contact = item.contact ? &*item.contact : nullptr,
                                            .document = *partner.document,
                                            .links = item.links,
                                            .storm = item.storm,
                                            .reference_data = partner.reference_data.get(),
                                            .now = now});
}

std::optional<Reconciler::Next> Reconciler::next(Item& item) {
  if (item.is_object()) return next_object(item);
  for (std::size_t i = 0; i < item.answer.tickets.size(); ++i) {
    const workflows::DesiredTicket& desired = item.answer.tickets[i];
    workflows::TicketLink* link = item.find_link(desired.anchor);
    if (link) {
      const std::string before = link->status_step;
      plan::settle_observed(desired, *link);
      if (link->status_step != before) item.changed_links.insert(link->anchor);
    }
    if (auto step = plan::next_step(desired, link)) {
      const bool asks_for_people = (desired.looks_for_notes || desired.looks_for_tasks) && link;
      const bool unanswered =
          asks_for_people ? !item.people_looked_for.contains(desired.anchor) : desired.contact_question.has_value();
      return Next{std::move(*step), i, unanswered};
    }
  }
  return std::nullopt;
}

boost::asio::awaitable<void> Reconciler::observe(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                                 Purpose purpose) {
  const Timestamp began = clock_.now();
  const auto is_doubtful = [](const Item& item) { return item.in_doubt && !item.stop && !item.is_object(); };
  if (std::any_of(items.begin(), items.end(), is_doubtful)) co_await look_up(partner, psa, items);
  std::vector<std::string> ids;
  std::vector<std::pair<Item*, std::string>> wanted;
  for (Item& item : items) {
    if (item.stop || item.is_object()) continue;
    think(partner, item);
    if (purpose == Purpose::apply && item.answer.mode == mapping::Mode::off) continue;
    const auto step = next(item);
    for (std::size_t i = 0; i < item.answer.tickets.size(); ++i) {
      const std::string& anchor = item.answer.tickets[i].anchor;
      const bool told = item.stale_links.contains(anchor);
      if (!told && !item.answer.tickets[i].look_again && !(step && step->ticket == i)) continue;
      workflows::TicketLink* link = item.find_link(anchor);
      // What was seen "later" than now was seen before the system's clock was set back.
      const bool seen = link && link->observed_at >= began && link->observed_at <= clock_.now();
      if (!link || seen) continue;
      ids.push_back(link->ticket.value);
      wanted.emplace_back(&item, link->anchor);
    }
  }
  if (!ids.empty()) {
    psa::Lane lane = psa::Lane::tickets;
    for (const auto& [item, anchor] : wanted) lane = std::min(lane, lane_of(*item));
    const auto found = co_await psa.tickets->tickets(ids, lane);
    std::set<std::string> absent(ids.begin(), ids.end()), shown;
    for (const psa::Ticket& each : found.items) {
      shown.insert(each.id.value);
      absent.erase(each.id.value);
    }
    Result<void> believed;
    if (found.complete) believed = co_await believe_absent(partner, psa, psa::ObjectKind::ticket, absent, shown);
    if (believed && !shown.empty()) note_rows(partner, psa::ObjectKind::ticket, nullptr, clock_.now());
    for (auto& [item, anchor] : wanted) {
      if (!found.complete) {
        postpone(partner, *item, found.error, found.disposition, found.retry_after);
        continue;
      }
      workflows::TicketLink* link = item->find_link(anchor);
      if (!believed && absent.contains(link->ticket.value)) {
        wait_for_rows(partner, *item, believed.error());
        continue;
      }
      const auto ticket = std::find_if(found.items.begin(), found.items.end(),
                                       [&](const psa::Ticket& each) { return each.id.value == link->ticket.value; });
      item->changed_links.insert(anchor);
      const std::int64_t seen_before = std::exchange(link->observed_sequence, newest_sequence(*item));
      if (ticket == found.items.end()) {
        link->gone = "deleted";
        link->gone_sequence = seen_before;
        continue;
      }
      if (ticket->external_reference != link->external_reference) {
        park(*item, {"psa.ticket_not_ours",
                     fmt::format("Ticket #{} carries the reference \"{}\" and not ours.", link->ticket.value,
                                 ticket->external_reference),
                     {}});
        continue;
      }
      const auto seen_at = link->observed ? link->observed->updated_at : std::nullopt;
      const bool by_us = !link->member.empty() && equals_ignoring_case(ticket->updated_by, link->member);
      const bool changed = ticket->updated_at != seen_at && !by_us;
      if (item->product_listens && (changed || item->stale_links.contains(anchor))) item->to_hear.insert(anchor);
      workflows::take_view(*link, *ticket, clock_.now());
      if (!ticket->merged_into) continue;
      link->gone = "merged into #" + *ticket->merged_into;
      link->gone_sequence = seen_before;
    }
  }
  for (Item& item : items) {
    if (item.stop || item.is_object()) continue;
    think(partner, item);
    co_await find_contact(partner, psa, item);
    if (item.stop) continue;
    co_await refuse_invoiced(partner, psa, item);
    if (item.stop) continue;
    co_await look_for_people(partner, psa, item);
    if (item.stop || !item.in_doubt) continue;
    think(partner, item);
    co_await look_up_notes(partner, psa, item);
  }
}

void Reconciler::pretend(Item& item, const Next& next) {
  if (item.is_object()) return pretend_object(item, next.step);
  workflows::TicketLink* link = item.find_link(next.step.anchor);
  const Timestamp now = clock_.now();
  if (!link) {
    workflows::TicketLink planned;
    planned.created_sequence = newest_sequence(item);
    const psa::ObjectId id{"planned", item.ref.partner, psa::ObjectKind::ticket,
                           fmt::format("new{}", ++planned_count_)};
    plan::settle(next.step, id, std::nullopt, now, planned);
    item.links.push_back(std::move(planned));
  } else {
    plan::settle(next.step, link->ticket, std::nullopt, now, *link);
  }
}

/// The ticket can no longer be re-opened, as `step` would have: the alert gets another one.
void Reconciler::close_for_good(Item& item, workflows::TicketLink& link, const plan::Step& step,
                                const std::string& why) {
  link.gone = "closed for good: " + why;
  const std::int64_t asked_by = sequence_of(item, step.status_step.substr(kReopenedStep.size()));
  link.gone_sequence = asked_by > 0 ? asked_by - 1 : link.observed_sequence;
  item.changed_links.insert(link.anchor);
}

boost::asio::awaitable<void> Reconciler::refuse_invoiced(PartnerState& partner, const psa::Psa& psa, Item& item) {
  const auto step = next(item);
  if (!step || step->step.kind != "reopen") co_return;
  workflows::TicketLink* link = item.find_link(step->step.anchor);
  if (!link || !link->observed || !link->observed->time_entered) co_return;
  const auto invoiced = co_await psa.tickets->invoiced_time(link->ticket.value, lane_of(item));
  if (!invoiced.complete && invoiced.disposition != Disposition::park && invoiced.disposition != Disposition::gone) {
    postpone(partner, item, invoiced.error, invoiced.disposition, invoiced.retry_after);
    co_return;
  }
  // What we may not read says nothing.
  if (invoiced.complete && !invoiced.items.empty())
    close_for_good(item, *link, step->step, "its time stands on an invoice");
}

boost::asio::awaitable<bool> Reconciler::take(PartnerState& partner, const psa::Psa& psa, Item& item,
                                              const Next& next) {
  if (const auto accepted = partner.accepted_at.find(item.row.ref.key); accepted != partner.accepted_at.end()) {
    const Duration waited = std::max(Duration{0}, clock_.now() - accepted->second);
    partner.accepted_at.erase(accepted);
    const double seconds = static_cast<double>(waited.count()) / 1000.0;
    std::size_t bucket = 0;
    while (bucket < Metrics::kLatencyBounds.size() && seconds > Metrics::kLatencyBounds[bucket]) ++bucket;
    metrics_.event_to_call[bucket] += 1;
    metrics_.event_to_call_count += 1;
    metrics_.event_to_call_sum_microseconds += static_cast<std::uint64_t>(waited.count() * 1000);
  }
  psa::Outcome outcome;
  if (item.is_object())
    outcome = co_await apply_object(partner, psa, item, next.step);
  else
    outcome = co_await psa.applies->apply(next.step.operation, lane_of(item));
  if (item.is_object()) co_return settle_object(partner, item, next.step, outcome);
  workflows::TicketLink* link = item.find_link(next.step.anchor);
  if (outcome.applied) {
    metrics_.operations_applied += 1;
    item.attempts = 0;
    if (!link) {
      item.links.emplace_back();
      link = &item.links.back();
      link->created_sequence = link->observed_sequence = newest_sequence(item);
    }
    plan::settle(next.step, outcome.object ? *outcome.object : link->ticket, outcome.observed, clock_.now(), *link);
    item.changed_links.insert(link->anchor);
    journal(item, next.step, outcome, link->ticket.value);
    co_return true;
  }
  journal(item, next.step, outcome, link ? link->ticket.value : "");
  const psa::Operation& operation = next.step.operation;
  const bool of_ticket =
      std::holds_alternative<psa::UpdateTicket>(operation) || std::holds_alternative<psa::AddNote>(operation);
  if (outcome.disposition == Disposition::gone && link && !of_ticket) {
    // A child or a configuration that is not there any more is told in the story, and not tried again.
    if (const auto* children = std::get_if<psa::AttachChildren>(&operation))
      for (const psa::ObjectId& child : children->children) link->children.insert(child.value);
    else
      plan::settle_attached(next.step, *link);
    item.changed_links.insert(link->anchor);
    co_return true;
  }
  if (outcome.disposition == Disposition::gone && link) {
    link->gone = "deleted";
    link->gone_sequence = link->observed_sequence;
    item.changed_links.insert(link->anchor);
    co_return true;
  }
  // A configuration that cannot be linked is told in the story; it holds nothing else up.
  if (next.step.attaches_configuration && outcome.disposition == Disposition::park && link) {
    plan::settle_attached(next.step, *link);
    item.changed_links.insert(link->anchor);
    co_return true;
  }
  // An alert that comes back must be seen: a ticket that can no longer be re-opened gets a successor.
  if (next.step.kind == "reopen" && outcome.disposition == Disposition::park && link &&
      !speaks_of_reference_data(outcome.error) && outcome.error.code != "psa.permission_missing") {
    close_for_good(item, *link, next.step, outcome.error.message);
    co_return true;
  }
  handle_failure(partner, item, next.step, outcome);
  co_return false;
}

void Reconciler::handle_failure(PartnerState& partner, Item& item, const plan::Step& step,
                                const psa::Outcome& outcome) {
  spdlog::warn("partner={} record={} step={} result={} code={} {}", item.ref.partner.value, item.ref.key, step.kind,
               result_word(outcome), outcome.error.code, outcome.error.message);
  if (outcome.disposition == Disposition::park && speaks_of_reference_data(outcome.error) && item.attempts == 0) {
    partner.reference_data.reset();
    item.stop = true;
    item.attempts = 1;
    item.due_at = clock_.now();
    return;
  }
  if (outcome.disposition != Disposition::unknown) {
    if (outcome.disposition == Disposition::park) metrics_.operations_refused += 1;
    // Of objects that are made together, one carries the calls.
    const bool asked = !outcome.calls.empty() || std::holds_alternative<psa::CreateObject>(step.operation);
    if (outcome.disposition == Disposition::park && !asked) return park(item, outcome.error);
    postpone(partner, item, outcome.error, outcome.disposition, outcome.retry_after);
    return;
  }
  metrics_.operations_unknown += 1;
  item.stop = true;
  workflows::TicketLink* link = item.find_link(step.anchor);
  for (const psa::FieldValue& each : step.written)
    if (link && each.field == psa::TicketField::status) {
      link->attempted_status = each.value.id;
      if (step.kind == "reopen") {
        link->reopening = step.status_step;
        link->reopened_at = step.part_began_at;
      }
      item.changed_links.insert(link->anchor);
    }
  Doubt& doubt = partner.doubts[item.row.ref];
  // Whatever it was in doubt for before, there is a write of ours now that may have been done.
  doubt = {.since = clock_.now(), .tries = item.doubt_tries + 1, .from_before = false};
  if (doubt.tries >= kLostAnswersMax) {
    park(item, {"psa.outcome_unknown",
                fmt::format("What became of this is unknown {} times in a row: {} The last time: {}", doubt.tries,
                            step.text, outcome.error.message),
                {}});
    return;
  }
  item.due_at = clock_.now() + std::min(options_.settle / 6, Duration{5'000});
}

void Reconciler::postpone(PartnerState& partner, Item& item, const Error& error, Disposition disposition,
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

void Reconciler::look_again(Item& item, const Error& error) {
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

void Reconciler::journal(Item& item, const plan::Step& step, const psa::Outcome& outcome, const std::string& number) {
  item.results.emplace_back(result_word(outcome));
  item.numbers.push_back(number);
  // That it is refused is told already.
  if (!outcome.applied && is_timed_look(item) && item.row.parked.code == outcome.error.code) return;
  json::array changes;
  for (const plan::FieldChange& each : step.changes)
    changes.push_back(json::object{
        {"field", each.field}, {"before", each.before}, {"after", each.after}, {"decided_by", each.decided_by}});
  json::object entry{{"kind", "operation"},
                     {"action", step.kind},
                     {"text", step.text},
                     {"why", step.why},
                     {"result", result_word(outcome)},
                     {item.is_object() ? "object" : "ticket", number}};
  if (!changes.empty()) entry["changes"] = std::move(changes);
  if (step.kind == "note") entry["note"] = step.note;
  if (!outcome.applied) entry["error"] = json::object{{"code", outcome.error.code}, {"message", outcome.error.message}};
  entry["calls"] = calls_json(outcome);
  item.journal.push_back({0, item.row.ref, clock_.now(), json::serialize(entry)});
}

bool Reconciler::must_wait(const Item& item) const {
  return item.in_doubt && (!item.looked_up_at || *item.looked_up_at < item.doubt_since + options_.settle);
}

void Reconciler::wait_for_doubt(Item& item) {
  item.due_at = std::max(item.doubt_since + options_.settle, clock_.now() + Duration{1});
  item.stop = true;
}

bool Reconciler::may_take(Item& item, const plan::Step& step, Purpose purpose) {
  if (item.steps_max && item.steps.size() >= *item.steps_max) {
    item.due_at = clock_.now();
    item.stop = true;
  } else if (purpose == Purpose::apply && item.answer.mode != mapping::Mode::live) {
    item.parked = {"mapping.test_mode", "Test mode: nothing was sent. Would do next: " + step.text, clock_.now()};
    item.due_at = item.answer.ask_again_at;
    item.stop = true;
  } else if (!is_idempotent(step.operation) && must_wait(item)) {
    wait_for_doubt(item);
  }
  return !item.stop;
}

boost::asio::awaitable<bool> Reconciler::take_steps(PartnerState& partner, const psa::Psa& psa, Item& item,
                                                    Purpose purpose) {
  std::optional<psa::Operation> previous;
  for (int i = 0; i < kStepsMax && !item.stop; ++i) {
    think(partner, item);
    const auto step = next(item);
    if (!step) co_return true;
    const bool repeated = previous && *previous == step->step.operation;
    previous = step->step.operation;
    if (purpose == Purpose::pretend) {
      if (repeated) co_return false;
      item.steps.push_back(step->step);
      pretend(item, *step);
      continue;
    }
    if (step->unanswered) {
      // It became due in this very moment: what must be asked before is asked in the next turn.
      item.due_at = clock_.now();
      item.stop = true;
      co_return false;
    }
    if (!may_take(item, step->step, purpose)) co_return false;
    if (repeated) {
      item.answer.problems.push_back({mapping::Problem::Level::warning, "psa.value_not_kept", "",
                                      "ConnectWise did not keep what was written: " + step->step.text});
      co_return true;
    }
    item.steps.push_back(step->step);
    const bool ends_doubt = !is_idempotent(step->step.operation);
    const bool taken = co_await take(partner, psa, item, *step);
    if (taken && ends_doubt) item.in_doubt = false;
    if (taken && purpose == Purpose::apply && std::holds_alternative<psa::LinkObject>(step->step.operation)) {
      // What was adopted stands in our books before anything is written to it: the rest is for the next turn.
      think(partner, item);
      co_return !next(item);
    }
  }
  co_return false;
}

void Reconciler::begin_storm(Item& item) {
  const model::AlertContent& content = item.alert.content;
  model::Group group;
  group.ref = {item.ref.partner, model::RecordKind::group, item.row.group_key};
  group.product = content.product;
  group.customer = content.customer;
  group.customer_name = content.customer_name;
  group.condition = content.condition;
  group.condition_name = content.condition_name;
  group.wide = item.row.group_key != workflows::storm_key(item.alert, nullptr, mapping::StormBy::condition);
  if (group.wide) {
    group.site = workflows::site_of(item.alert, item.device ? &*item.device : nullptr);
    if (item.row.group_key == model::wide_group_key(group.product, group.customer, "")) group.site.clear();
  }
  group.started_at = clock_.now();
  group.started_sequence = newest_sequence(item);
  store::RecordRow row;
  row.ref = key_of(group.ref);
  row.version = to_milliseconds(group.started_at);
  row.state = model::serialize(group);
  row.open = true;
  row.due_at = clock_.now();
  row.lane = store::record_lane::kUrgent;
  item.started_group = std::move(row);
}

/// What is left of a storm is looked at for itself; the storm ends when it is looked at next.
void Reconciler::split_storm(const Item& item, store::RecordSettled& settled, store::Transaction& transaction) const {
  model::Group group = *item.group;
  group.split_at = Timestamp{};
  for (const workflows::StormMember& member : item.members)
    if (member.open) group.split_at = std::max(*group.split_at, member.raised_at);
  store::RecordRow row = item.row;
  row.based_on = row.version++;
  row.state = model::serialize(group);
  row.due_at = clock_.now();
  settled.version = row.version;
  settled.due_at = row.due_at;
  transaction.records.push_back(std::move(row));
  transaction.wakes.push_back(wake_storm_members(item.row.ref.partner, item.row.ref.key, clock_.now()));
}

/// That the alert is still open is told once for each closing, when it is reported again.
void Reconciler::note_left(Item& item) {
  if (!item.answer.left || !item.answer.left->reported_since) return;
  workflows::TicketLink* link = item.find_link(item.answer.left->anchor);
  if (!link || link->left_closed_at == workflows::ended_at(*link)) return;
  link->left_closed_at = workflows::ended_at(*link);
  item.changed_links.insert(link->anchor);
}

boost::asio::awaitable<void> Reconciler::run(PartnerState& partner, const psa::Psa& psa, Item& item, Purpose purpose) {
  metrics_.records_reconciled += 1;
  const bool finished = co_await take_steps(partner, psa, item, purpose);
  // An answer that was lost may still become a deed: nothing is settled before it was looked for late enough.
  if (finished && purpose != Purpose::pretend && must_wait(item)) wait_for_doubt(item);
  if (item.stop) co_return;
  if (item.steps.empty() && item.changed_links.empty() && !item.object_changed) metrics_.records_unchanged += 1;
  note_left(item);
  if (finished && purpose != Purpose::pretend && item.is_object() && !item.steps.empty()) tell_theirs(item);
  item.attempts = 0;
  item.due_at = finished ? item.answer.ask_again_at : std::optional(clock_.now());
  item.parked = {};
  if (item.answer.held && item.answer.held->parks) {
    const std::optional<Timestamp> asks = item.due_at;
    keep_parked(item, {item.answer.held->code, item.answer.held->detail, {}}, false);
    if (asks && (!item.due_at || *asks < *item.due_at)) item.due_at = asks;
  }
  if (item.answer.joins_storm && !item.storm.active && !item.group) begin_storm(item);
}

void Reconciler::write_down(PartnerState& partner, const Item& item, bool has_news,
                            store::Transaction& transaction) const {
  store::RecordSettled settled;
  settled.ref = item.row.ref;
  settled.version = item.row.version;
  settled.due_at = item.due_at;
  settled.parked = item.parked;
  // A look that could not be made changes nothing.
  if (item.parked.empty() && item.stop && !is_told_anew(item) && !std::ranges::count(item.results, "applied"))
    settled.parked = item.row.parked;
  settled.attempts = item.attempts;
  if (item.looks_again)
    partner.refused.insert(item.row.ref);
  else if (!item.stop || !item.due_at || !item.parked.empty())
    partner.refused.erase(item.row.ref);
  if (item.is_object()) write_down_object(partner, item, settled, transaction);
  const bool settled_storm = item.group && !has_news && !item.stop && !item.due_at && !item.answer.held;
  const bool abandoned = item.group && !item.stop && is_abandoned(item);
  if (abandoned) {
    // Technicians have ended the storm's ticket: what is still open is looked at for itself.
    transaction.wakes.push_back(wake_storm_members(item.row.ref.partner, item.row.ref.key, clock_.now()));
  }
  const bool over = abandoned || (settled_storm && workflows::is_over(item.members));
  tell_product(store_, partner, item, over ? store::Parked{} : settled.parked, clock_.now(), transaction);
  if (over) {
    settled.open = false;
    settled.due_at.reset();
    settled.parked = {};
    settled.attempts = 0;
    if (partner.open_groups) partner.open_groups->erase(item.row.ref.key);
  }
  if (item.group && item.answer.splits_storm && !has_news && !item.stop && !over)
    split_storm(item, settled, transaction);
  transaction.settled.push_back(std::move(settled));
  // Many alerts notice the same storm in one turn; the first of them begins it.
  if (item.group && !over && item.row.open && partner.open_groups) partner.open_groups->insert(item.row.ref.key);
  if (item.started_group && partner.open_groups && partner.open_groups->insert(item.started_group->ref.key).second) {
    transaction.records.push_back(*item.started_group);
    partner.clean.insert(item.started_group->ref);
  }
  for (const workflows::TicketLink& link : item.links) {
    if (!item.changed_links.contains(link.anchor) || link.ticket.provider == "planned") continue;
    store::LinkRow row;
    row.ref = item.row.ref;
    row.anchor = link.anchor;
    row.provider = link.ticket.provider;
    row.object_kind = "ticket";
    row.object_id = link.ticket.value;
    row.external_reference = link.external_reference;
    row.state = workflows::serialize(link);
    if (item.stale_links.contains(link.anchor) && !item.to_hear.contains(link.anchor))
      row.looked_at_for = item.row.version;
    transaction.links.push_back(std::move(row));
  }
  for (const std::string& act : people_acts(item.links_before, item.links))
    transaction.journal.push_back(
        {0, item.row.ref, clock_.now(), json::serialize(json::object{{"kind", "people"}, {"text", act}})});
  for (const store::JournalRow& row : item.journal) transaction.journal.push_back(row);
}

}  // namespace crosswalk::engine
