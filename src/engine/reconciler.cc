#include "engine/reconciler.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "psa/object_fields.h"
#include "workflows/lives.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Steps of one record in one turn: a bug's endless loop ends here, and the rest is done in the next turn.
constexpr int kStepsMax = 64;
/// Lost answers in a row for one record before it is quarantined.
constexpr int kLostAnswersMax = 5;

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
    outcome = claims_.take(partner, psa, item, next.step);
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
  if (observed) *observed = partner.kept_of(std::move(*observed));
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
    waits_.postpone(partner, item, outcome.error, Disposition::retry, std::nullopt);
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
    if (outcome.disposition == Disposition::park && !asked) return waits_.park(item, outcome.error);
    waits_.postpone(partner, item, outcome.error, outcome.disposition, outcome.retry_after);
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
    waits_.park(item, {"psa.outcome_unknown",
                       fmt::format("What became of this is unknown {} times in a row: {} The last time: {}",
                                   doubt.tries, step.text, outcome.error.message),
                       {}});
    return;
  }
  item.due_at = clock_.now() + std::min(waits_.settle() / 6, Duration{5'000});
}

void Reconciler::journal(Item& item, const plan::Step& step, const psa::Outcome& outcome,
                         const std::string& number) const {
  item.results.emplace_back(result_word(outcome));
  item.numbers.push_back(number);
  // That it is refused is told already.
  if (!outcome.applied && Waits::is_timed_look(item) && item.row.parked.code == outcome.error.code) return;
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

bool Reconciler::may_take(Item& item, const plan::Step& step, Purpose purpose) const {
  if (item.steps_max && item.steps.size() >= *item.steps_max) {
    item.due_at = clock_.now();
    item.stop = true;
  } else if (purpose == Purpose::apply && item.answer.mode != mapping::Mode::live) {
    item.parked = {"mapping.test_mode", "Test mode: nothing was sent. Would do next: " + step.text, clock_.now()};
    item.due_at = item.answer.ask_again_at;
    item.stop = true;
  } else if (!is_idempotent(step.operation) && waits_.must_wait(item)) {
    waits_.wait_for_doubt(item);
  }
  return !item.stop;
}

boost::asio::awaitable<bool> Reconciler::take_steps(PartnerState& partner, const psa::Psa& psa, Item& item,
                                                    Purpose purpose) {
  std::optional<psa::Operation> previous;
  for (int i = 0; i < kStepsMax && !item.stop; ++i) {
    think(partner, item, clock_.now());
    const auto step = next_of(item, clock_.now());
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
      think(partner, item, clock_.now());
      co_return !next_of(item, clock_.now());
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
  if (finished && purpose != Purpose::pretend && waits_.must_wait(item)) waits_.wait_for_doubt(item);
  if (item.stop) co_return;
  if (item.steps.empty() && item.changed_links.empty()) metrics_.records_unchanged += 1;
  note_left(item);
  if (finished && purpose != Purpose::pretend && !item.steps.empty()) tell_theirs(item);
  item.attempts = 0;
  item.due_at = finished ? item.answer.ask_again_at : std::optional(clock_.now());
  item.parked = {};
  if (item.answer.held && item.answer.held->parks) {
    const std::optional<Timestamp> asks = item.due_at;
    waits_.keep_parked(item, {item.answer.held->code, item.answer.held->detail, {}}, false);
    if (asks && (!item.due_at || *asks < *item.due_at)) item.due_at = asks;
  }
  if (item.answer.joins_storm && !item.storm.active && !item.group) begin_storm(item);
}

boost::asio::awaitable<void> Reconciler::begin(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                               Purpose purpose) {
  co_await observer_.observe(partner, psa, items, purpose);
  co_await create_together(partner, psa, items, purpose);
}

boost::asio::awaitable<void> Reconciler::create_together(PartnerState& partner, const psa::Psa& psa,
                                                         std::vector<Item>& items, Purpose purpose) {
  if (purpose == Purpose::pretend || !psa.applies) co_return;
  struct Waiting {
    Item* item;
    Next next;
  };
  std::map<psa::ObjectKind, std::vector<Waiting>> waiting;
  for (Item& item : items) {
    if (item.stop || item.steps_max == std::size_t{0} || !psa.create_together_max.contains(kind_of(item))) continue;
    think(partner, item, clock_.now());
    if (purpose == Purpose::apply && item.answer.mode != mapping::Mode::live) continue;
    auto next = next_of(item, clock_.now());
    if (!next || !std::holds_alternative<psa::CreateObject>(next->step.operation) || waits_.must_wait(item)) continue;
    waiting[kind_of(item)].push_back({&item, std::move(*next)});
  }
  for (auto& [kind, list] : waiting) {
    if (list.size() < 2) continue;
    const std::size_t together_max = psa.create_together_max.at(kind);
    for (std::size_t begin = 0; begin < list.size(); begin += together_max) {
      const std::size_t count = std::min(together_max, list.size() - begin);
      std::vector<psa::CreateObject> objects;
      for (std::size_t i = begin; i < begin + count; ++i)
        objects.push_back(std::get<psa::CreateObject>(list[i].next.step.operation));
      std::vector<psa::Outcome> outcomes = co_await psa.applies->create_together(objects, psa::Lane::records);
      for (std::size_t i = 0; i < count; ++i) {
        Waiting& each = list[begin + i];
        each.item->steps.push_back(each.next.step);
        if (settle(partner, *each.item, each.next, outcomes[i])) each.item->in_doubt = false;
      }
    }
  }
}

void Reconciler::release(PartnerState& partner, const workflows::Link& link) {
  const auto index = partner.indexes.find(link.object.kind);
  if (index != partner.indexes.end()) index->second->release(link.object.value);
}

void Reconciler::settle_books(PartnerState& partner, const Item& item, const plan::Step& step,
                              const psa::Outcome& outcome, workflows::Link& link) {
  // The next change of an address is one of this item, and not another item.
  if (const auto* update = std::get_if<psa::UpdateObject>(&step.operation);
      update && !outcome.part.empty() && link.observed)
    for (const auto& [field, value] : update->values) link.observed->parts[field] = outcome.part;
  if (item.entity) link.instance = item.instance;
  link.named = mapping::named_digest(partner.document_of(item.ref.kind));
  if (step.kind != plan::StepKind::link && outcome.observed && !outcome.observed->updated_by.empty())
    partner.member = outcome.observed->updated_by;
  const auto index = partner.indexes.find(link.object.kind);
  if (index == partner.indexes.end()) return;
  if (outcome.observed) index->second->put(*outcome.observed);
  index->second->take(link.object.value, item.row.ref);
}

void Reconciler::tell_theirs(Item& item) const {
  std::string text;
  for (const mapping::Problem& each : item.answer.problems)
    if (each.code == "object.theirs") text += (text.empty() ? "" : " ") + each.message;
  if (text.empty()) return;
  item.journal.push_back(
      {0, item.row.ref, clock_.now(),
       json::serialize(json::object{{"kind", "decision"}, {"code", "object.theirs"}, {"text", text}})});
}

void Reconciler::begin_storm(Item& item) const {
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
  group.started_sequence = item.newest_sequence();
  store::RecordRow row;
  row.ref = key_of(group.ref);
  row.version = to_milliseconds(group.started_at);
  row.state = model::serialize(group);
  row.open = true;
  row.due_at = clock_.now();
  row.lane = store::record_lane::kUrgent;
  item.started_group = std::move(row);
}

}  // namespace crosswalk::engine
