#include "engine/reconciler.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/assert.h"
#include "base/text.h"
#include "engine/absence.h"
#include "engine/outbound_events.h"
#include "engine/people_acts.h"
#include "engine/wakes.h"
#include "psa/object_fields.h"
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
/// How the turn of a re-opening is named, before the happening that asks for it.
constexpr std::string_view kReopenedTurn = "reopened:";
constexpr Duration kBackoffMin{2'000}, kBackoffMax{300'000};
/// What ConnectWise refuses may be its own trouble of the moment: it is tried a second time after this, and up to half
/// as much more, before a person is asked.
constexpr Duration kSecondLook{30'000};

/// Whether a field's value is held by something beneath the object, which may be gone without it.
bool is_held_beneath(const psa::UpdateObject& update) {
  return std::ranges::any_of(update.values, [&](const auto& value) {
    const psa::ObjectField* field = psa::find_object_field(update.object.kind, value.first);
    return field && field->held_beneath;
  });
}

bool is_idempotent(const psa::Operation& operation) {
  // A communication item that is added twice is there twice.
  if (const auto* update = std::get_if<psa::UpdateObject>(&operation))
    return !update->part.empty() || !is_held_beneath(*update);
  return !std::holds_alternative<psa::CreateObject>(operation) && !std::holds_alternative<psa::AddNote>(operation);
}

std::int64_t sequence_of(const Item& item, const std::string& anchor) {
  for (const model::Happening& each : item.alert.happenings)
    if (each.identity == anchor) return each.sequence;
  return 0;
}

/// A storm whose ticket technicians have closed or removed.
bool is_abandoned(const Item& item) {
  for (const workflows::Link& link : item.links)
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
    case Disposition::park:
    case Disposition::credentials:
    case Disposition::gone:
      break;
  }
  return "refused";
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
  if (item.is_answered) return;
  consider(partner, item);
  tell_left_fields(item);
  item.is_answered = true;
}

workflows::RecordView Reconciler::view_of(const PartnerState& partner, const Item& item) const {
  return {.alert = item.entity ? nullptr : &item.alert,
          .group = item.group ? &*item.group : nullptr,
          .entity = item.entity ? &*item.entity : nullptr,
          .links = item.links,
          .tickets = partner.document ? &*partner.document : nullptr,
          .document = partner.document_of(item.ref.kind),
          .reference_data = partner.reference_data.get(),
          .device = item.device ? &*item.device : nullptr,
          .customer = item.customer ? &*item.customer : nullptr,
          .company = item.company,
          .mapped_company = item.mapped_company,
          .mapped_excluded = item.mapped_excluded,
          .configuration = item.configuration,
          .configuration_expected = item.configuration_expected,
          .contact = item.contact ? &*item.contact : nullptr,
          .storm = item.storm,
          .members = item.members,
          .member_count = item.member_count,
          .leaving = item.leaving,
          .candidate = item.candidate ? &*item.candidate : nullptr,
          .searched = item.searched,
          .in_doubt = item.in_doubt,
          .person_agrees = item.person_agrees,
          .now = clock_.now()};
}

std::optional<Reconciler::Next> Reconciler::next(Item& item) {
  for (std::size_t i = 0; i < item.answer.wanted.size(); ++i) {
    const workflows::Desired& desired = item.answer.wanted[i];
    workflows::Link* link = item.find_link(desired.anchor);
    if (link && plan::settle_observed(desired, *link)) item.change(*link);
    plan::Next next = plan::next_step(desired, link, clock_.now());
    if (next.waits_until) item.answer.ask_again(*next.waits_until);
    if (!next.step) continue;
    const bool asks_for_people = (desired.looks_for_notes || desired.looks_for_tasks) && link;
    const bool unanswered =
        asks_for_people ? !item.people_looked_for.contains(desired.anchor) : desired.contact_question.has_value();
    return Next{std::move(*next.step), i, unanswered};
  }
  return std::nullopt;
}

void Reconciler::pretend(Item& item, const Next& next) {
  const workflows::Desired& desired = item.answer.wanted[next.wanted];
  const bool makes = next.step.kind == plan::StepKind::create;
  const bool links = next.step.kind == plan::StepKind::link;
  workflows::Link* link = item.find_link(desired.anchor);
  if (!link) {
    link = &item.links.emplace_back();
    link->linked_sequence = item.newest_sequence();
  }
  psa::ObjectId object = link->object;
  if (makes) object = {"", item.ref.partner, desired.kind, fmt::format("new{}", ++planned_count_)};
  if (links) object = {"", item.ref.partner, desired.kind, desired.decided.id};
  const bool planned = makes || links || link->planned;
  plan::settle(next.step, desired, object, links ? item.decided_view : std::nullopt, clock_.now(), *link);
  link->planned = planned;
  item.is_answered = false;
}

/// The ticket can no longer be re-opened, as `step` would have: the alert gets another one.
void Reconciler::close_for_good(Item& item, workflows::Link& link, const plan::Step& step, const std::string& why) {
  link.gone = "closed for good: " + why;
  const std::int64_t asked_by = sequence_of(item, step.turn.substr(kReopenedTurn.size()));
  link.gone_sequence = asked_by > 0 ? asked_by - 1 : link.observed_sequence;
  item.change(link);
}

boost::asio::awaitable<void> Reconciler::refuse_invoiced(PartnerState& partner, const psa::Psa& psa, Item& item) {
  const auto has_time = [](const workflows::Link& link) {
    return link.observed && link.observed->progress && link.observed->progress->time_entered;
  };
  if (std::ranges::none_of(item.links, has_time)) co_return;
  const auto step = next(item);
  if (!step || step->step.kind != plan::StepKind::reopen) co_return;
  workflows::Link* link = item.find_link(step->step.anchor);
  if (!link || !has_time(*link)) co_return;
  const auto invoiced = co_await psa.tickets->invoiced_time(link->object.value, lane_of(item));
  if (!invoiced.complete && invoiced.disposition != Disposition::park && invoiced.disposition != Disposition::gone) {
    postpone(partner, item, invoiced.error, invoiced.disposition, invoiced.retry_after);
    co_return;
  }
  // What we may not read says nothing.
  if (invoiced.complete && !invoiced.items.empty())
    close_for_good(item, *link, step->step, "its time stands on an invoice");
}

void Reconciler::count_latency(PartnerState& partner, const Item& item) {
  const auto accepted = partner.accepted_at.find(item.row.ref.key);
  if (accepted == partner.accepted_at.end()) return;
  const Duration waited = std::max(Duration{0}, clock_.now() - accepted->second);
  partner.accepted_at.erase(accepted);
  const double seconds = static_cast<double>(waited.count()) / 1000.0;
  std::size_t bucket = 0;
  while (bucket < Metrics::kLatencyBounds.size() && seconds > Metrics::kLatencyBounds[bucket]) ++bucket;
  metrics_.event_to_call[bucket] += 1;
  metrics_.event_to_call_count += 1;
  metrics_.event_to_call_sum_microseconds += static_cast<std::uint64_t>(waited.count() * 1000);
}

boost::asio::awaitable<bool> Reconciler::take(PartnerState& partner, const psa::Psa& psa, Item& item,
                                              const Next& next) {
  count_latency(partner, item);
  psa::Outcome outcome;
  if (next.step.kind == plan::StepKind::link)
    outcome = claim_object(partner, psa, item, next.step);
  else
    outcome = co_await psa.applies->apply(next.step.operation, lane_of(item));
  co_return settle(partner, item, next, outcome);
}

bool Reconciler::settle(PartnerState& partner, Item& item, const Next& next, const psa::Outcome& outcome) {
  const workflows::Desired& desired = item.answer.wanted[next.wanted];
  workflows::Link* link = item.find_link(desired.anchor);
  if (!outcome.applied) {
    journal(item, next.step, outcome, link ? link->object.value : "");
    if (link && settle_refused(partner, item, next.step, outcome, *link)) return !item.stop;
    handle_failure(partner, item, next, outcome);
    return false;
  }
  metrics_.operations_applied += 1;
  item.attempts = 0;
  if (!link) {
    link = &item.links.emplace_back();
    link->linked_sequence = link->observed_sequence = item.newest_sequence();
  }
  release(partner, *link);
  std::optional<psa::Object> observed = outcome.observed;
  if (observed) *observed = kept_of(partner, std::move(*observed));
  plan::settle(next.step, desired, outcome.object ? *outcome.object : link->object, observed, clock_.now(), *link);
  settle_books(partner, item, next.step, outcome, *link);
  item.change(*link);
  journal(item, next.step, outcome, link->object.value);
  return true;
}

/// What a refusal settles of the link, so that it is not tried again. False: it settles nothing.
bool Reconciler::settle_refused(PartnerState& partner, Item& item, const plan::Step& step, const psa::Outcome& outcome,
                                workflows::Link& link) {
  const psa::Operation& operation = step.operation;
  const auto* update = std::get_if<psa::UpdateObject>(&operation);
  const auto* children = std::get_if<psa::AttachChildren>(&operation);
  const bool attaches = std::holds_alternative<psa::AttachConfiguration>(operation);
  const bool gone = outcome.disposition == Disposition::gone;
  if (gone && update && is_held_beneath(*update)) {
    // A communication item was taken away; its contact may well be there, and gets a new one.
    for (const auto& [field, value] : update->values) {
      if (!link.observed) continue;
      link.observed->values.erase(field);
      link.observed->parts.erase(field);
    }
  } else if (gone && children) {
    // A child or a configuration that is not there any more is told in the story, and not tried again.
    for (const psa::ObjectId& child : children->children) link.children.insert(child.value);
  } else if (attaches && (gone || outcome.disposition == Disposition::park)) {
    // A configuration that cannot be linked holds nothing else up.
    plan::settle_attached(step, link);
  } else if (gone && !workflow_of(item).has_several_lives()) {
    // Gone, or hidden from us: the next turn looks at it, and at others of its kind.
    item.look_at_object = true;
    postpone(partner, item, outcome.error, Disposition::retry, std::nullopt);
    return true;
  } else if (gone) {
    link.gone = "deleted";
    link.gone_sequence = link.observed_sequence;
  } else if (step.kind == plan::StepKind::reopen && outcome.disposition == Disposition::park &&
             !speaks_of_reference_data(outcome.error) && outcome.error.code != "psa.permission_missing") {
    // An alert that comes back must be seen: a ticket that can no longer be re-opened gets a successor.
    close_for_good(item, link, step, outcome.error.message);
  } else {
    return false;
  }
  item.change(link);
  return true;
}

void Reconciler::handle_failure(PartnerState& partner, Item& item, const Next& next, const psa::Outcome& outcome) {
  const plan::Step& step = next.step;
  spdlog::warn("partner={} record={} step={} result={} code={} {}", item.ref.partner.value, item.ref.key,
               plan::to_string(step.kind), result_word(outcome), outcome.error.code, outcome.error.message);
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
  workflows::Link* link = item.find_link(step.anchor);
  if (const auto* update = std::get_if<psa::UpdateObject>(&step.operation); update && link && step.sets_status) {
    link->attempted_status = psa::find(update->values, psa::field::status)->id();
    if (step.kind == plan::StepKind::reopen) {
      link->reopening = step.turn;
      link->reopened_at = item.answer.wanted[next.wanted].part_began_at;
    }
    item.change(*link);
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
                     {"action", plan::to_string(step.kind)},
                     {"text", step.text},
                     {"why", step.why},
                     {"result", result_word(outcome)},
                     {kind_of(item) == psa::ObjectKind::ticket ? "ticket" : "object", number}};
  if (!changes.empty()) entry["changes"] = std::move(changes);
  if (step.kind == plan::StepKind::note) entry["note"] = step.note;
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
    if (taken && purpose == Purpose::apply && step->step.kind == plan::StepKind::link) {
      // What was adopted stands in our books before anything is written to it: the rest is for the next turn.
      think(partner, item);
      co_return !next(item);
    }
  }
  co_return false;
}

/// That the alert is still open is told once for each closing, when it is reported again.
void Reconciler::note_left(Item& item) {
  if (!item.answer.left || !item.answer.left->reported_since) return;
  workflows::Link* link = item.find_link(item.answer.left->anchor);
  if (!link || link->left_closed_at == workflows::ended_at(*link)) return;
  link->left_closed_at = workflows::ended_at(*link);
  item.change(*link);
}

boost::asio::awaitable<void> Reconciler::run(PartnerState& partner, const psa::Psa& psa, Item& item, Purpose purpose) {
  metrics_.records_reconciled += 1;
  const bool finished = co_await take_steps(partner, psa, item, purpose);
  // An answer that was lost may still become a deed: nothing is settled before it was looked for late enough.
  if (finished && purpose != Purpose::pretend && must_wait(item)) wait_for_doubt(item);
  if (item.stop) co_return;
  if (item.steps.empty() && item.changed_links.empty()) metrics_.records_unchanged += 1;
  note_left(item);
  if (finished && purpose != Purpose::pretend && !item.steps.empty()) tell_theirs(item);
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
  write_down_object(partner, item, settled, transaction);
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
  for (const workflows::Link& link : item.links) {
    if (!item.changed_links.contains(link.anchor) || link.planned) continue;
    require(!link.object.value.empty() && !link.object.provider.empty(), "a link that is stored names its object");
    store::LinkRow row;
    row.ref = item.row.ref;
    row.anchor = link.anchor;
    row.provider = link.object.provider;
    row.object_kind = psa::to_string(link.object.kind);
    row.object_id = link.object.value;
    row.external_reference = link.external_reference;
    row.state = workflows::serialize(link);
    if (item.looked_at.contains(link.anchor) && !item.to_hear.contains(link.anchor))
      row.looked_at_for = item.row.version;
    transaction.links.push_back(std::move(row));
  }
  for (const std::string& act : people_acts(item.links_before, item.links))
    transaction.journal.push_back(
        {0, item.row.ref, clock_.now(), json::serialize(json::object{{"kind", "people"}, {"text", act}})});
  for (const store::JournalRow& row : item.journal) transaction.journal.push_back(row);
}

}  // namespace crosswalk::engine
