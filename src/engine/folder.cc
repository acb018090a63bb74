#include "engine/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/json.h"
#include "engine/item.h"
#include "engine/people_json.h"
#include "engine/wakes.h"
#include "model/alert.h"
#include "model/entity.h"
#include "workflows/entity_fields.h"
#include "workflows/registry.h"

namespace crosswalk::engine {
namespace {

/// Events of one record that a rebuild reads; no alert repeats more often in its life.
constexpr std::size_t kRebuildEventsMax = 1'000'000;

using Events = std::vector<const model::Event*>;

/// The oldest event that the alert's state still holds something of.
Timestamp needed_since(const model::Alert& alert) {
  Timestamp oldest = alert.content.newest.time;
  const auto consider = [&](Timestamp at) { oldest = std::min(oldest, at); };
  if (!alert.happenings.empty()) consider(alert.happenings.front().time);
  if (!alert.snoozes.empty()) consider(alert.snoozes.front().at);
  if (!alert.carried.empty()) consider(alert.carried.front().time);
  if (!alert.resolved.identity.empty()) consider(alert.resolved.time);
  for (const auto& [field, stamp] : alert.content.stamps) consider(stamp.time);
  return oldest;
}

/// What is to be closed goes first, with what is critical: both are what people wait for.
int lane_of(const std::vector<model::Episode>& episodes) {
  namespace lane = store::record_lane;
  if (episodes.empty()) return lane::kInfo;
  if (!episodes.back().open()) return lane::kUrgent;
  switch (episodes.back().severity_max) {
    case model::Severity::critical:
      return lane::kUrgent;
    case model::Severity::high:
      return lane::kHigh;
    case model::Severity::medium:
      return lane::kMedium;
    case model::Severity::low:
      return lane::kLow;
    case model::Severity::info:
      break;
  }
  return lane::kInfo;
}

/// Folds the events of one record and fills the row from the result.
Result<void> fold_alert(store::RecordRow& row, const model::RecordRef& ref, const Events& events) {
  auto alert = model::parse_alert(ref, row.state);
  if (!alert) return tl::unexpected(alert.error());
  for (const model::Event* event : events) model::fold(*alert, *event);
  row.state = model::serialize(*alert);
  row.needed_since = needed_since(*alert);
  // What the mapping says of storms is looked at when the alert is: until then, and after that, its storm stays.
  if (row.group_key.empty())
    row.group_key = model::group_key(alert->content.product, alert->content.customer, alert->content.condition);
  row.refers_to = refers_to(model::RecordKind::device, model::device_of(alert->content));
  const auto episodes = model::episodes(*alert);
  row.open = !episodes.empty() && episodes.back().open();
  row.raised_at.reset();
  if (!episodes.empty()) row.raised_at = episodes.back().raised_at;
  row.lane = lane_of(episodes);
  return {};
}

Result<void> fold_entity(store::RecordRow& row, const model::RecordRef& ref, const Events& events) {
  auto entity = model::parse_entity(ref, row.state);
  if (!entity) return tl::unexpected(entity.error());
  for (const model::Event* event : events) model::fold(*entity, *event);
  row.state = model::serialize(*entity);
  row.needed_since = entity->time;
  const workflows::Workflow* workflow = workflows::find_workflow(ref.kind);
  require(workflow, "a record with one life has a workflow");
  row.lane = workflow->lane;
  if (ref.kind == model::RecordKind::customer) return {};
  row.refers_to = refers_to(model::RecordKind::customer, workflows::text_of(*entity, "customer"));
  if (ref.kind != model::RecordKind::device) return {};
  row.open = true;
  row.raised_at = workflows::told_state(*entity) == "active" ? workflows::last_seen(*entity) : Timestamp{};
  return {};
}

Result<void> fold_record(store::RecordRow& row, const model::RecordRef& ref, const Events& events) {
  switch (ref.kind) {
    case model::RecordKind::alert:
      return fold_alert(row, ref, events);
    case model::RecordKind::customer:
    case model::RecordKind::contact:
    case model::RecordKind::device:
      return fold_entity(row, ref, events);
    case model::RecordKind::usage:
    case model::RecordKind::group:
      break;
  }
  return failure("store.corrupt",
                 fmt::format("No event tells of a record of the kind \"{}\".", model::to_string(ref.kind)));
}

Result<model::RecordRef> ref_of(const store::RecordKey& key) {
  const auto kind = model::parse_record_kind(key.kind);
  if (!kind) return failure("store.corrupt", "There is no kind of record \"" + key.kind + "\".");
  return model::RecordRef{PartnerId(key.partner), *kind, key.key};
}

/// Makes the row's state from all of the record's events in the log, whatever it is now.
Result<void> fold_anew(store::Store& store, store::RecordRow& row, const model::RecordRef& ref) {
  // The log may hold more events of a record than it keeps happenings; it bounds itself while folding.
  auto rows = store.events_of(row.ref, kRebuildEventsMax);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<model::Event> events;
  Events list;
  events.reserve(rows->size());
  for (auto each = rows->rbegin(); each != rows->rend(); ++each) {
    auto event = to_event(*each);
    if (!event) return tl::unexpected(event.error());
    list.push_back(&events.emplace_back(std::move(*event)));
  }
  store::RecordRow fresh = row;
  fresh.state.clear();
  fresh.group_key.clear();
  if (auto done = fold_record(fresh, ref, list); !done) return done;
  row = std::move(fresh);
  return {};
}

/// What a batch of the log says of one record.
struct News {
  std::vector<model::Event> events;
  std::optional<Error> broken;
};

/// Fills `folded` with what the news make of the record. Whatever cannot be read is the record's own trouble.
void fold_one(store::Store& store, Folded& folded, const News& news) {
  const auto ref = ref_of(folded.row.ref);
  if (!ref) {
    folded.broken = ref.error();
    return;
  }
  Events list;
  for (const model::Event& event : news.events) list.push_back(&event);
  auto done = fold_record(folded.row, *ref, list);
  // A state that is damaged is made anew from the log, which holds these events too.
  if (!done) done = fold_anew(store, folded.row, *ref);
  if (!done)
    folded.broken = done.error();
  else if (news.broken)
    folded.broken = news.broken;
}

void take_times(Folded& folded, const store::EventRow& row, bool first) {
  folded.accepted_at = first ? row.received_at : std::min(folded.accepted_at, row.received_at);
  folded.told_at = first ? row.time : std::min(folded.told_at, row.time);
  folded.told_without_time = folded.told_without_time || row.time == row.received_at;
}

}  // namespace

Result<model::Event> to_event(const store::EventRow& row) try {
  model::Event event;
  const auto type = model::parse_event_type(row.type);
  if (!type) return failure("store.corrupt", "A stored event has the type \"" + row.type + "\", which is not known.");
  auto ref = ref_of({row.partner, row.kind, row.key});
  if (!ref) return tl::unexpected(ref.error());
  event.sequence = row.sequence;
  event.source = row.source;
  event.id = row.id;
  event.type = *type;
  event.time = row.time;
  event.received_at = row.received_at;
  event.record = std::move(*ref);
  event.data = parse_own_json(row.data).as_object();
  return event;
} catch (const std::exception& broken) {
  return failure("store.corrupt", std::string("A stored event cannot be read: ") + broken.what());
}

Result<FoldResult> fold_events(store::Store& store, const std::vector<store::EventRow>& rows, Timestamp now) {
  FoldResult result;
  result.events = rows.size();
  std::map<store::RecordKey, News> by_record;
  std::map<store::RecordKey, Folded> folds;
  for (const store::EventRow& row : rows) {
    result.cursor = row.sequence;
    const store::RecordKey key{row.partner, row.kind, row.key};
    const auto [news, first] = by_record.try_emplace(key);
    take_times(folds[key], row, first);
    auto event = to_event(row);
    if (event)
      news->second.events.push_back(std::move(*event));
    else
      news->second.broken = event.error();
  }
  std::vector<store::RecordKey> keys;
  keys.reserve(by_record.size());
  for (const auto& [key, news] : by_record) keys.push_back(key);
  auto known = store.records(keys);
  if (!known) return tl::unexpected(known.error());
  std::size_t at = 0;
  for (const auto& [key, news] : by_record) {
    std::optional<store::RecordRow>& old = (*known)[at++];
    Folded& folded = folds[key];
    // What is parked may hide a deed whose answer was lost in an earlier run.
    folded.was_settled = !old || (!old->due_at && old->parked.empty());
    folded.existed = old.has_value();
    folded.row = old ? std::move(*old) : store::RecordRow{};
    folded.row.ref = key;
    folded.row.based_on = folded.row.version++;
    fold_one(store, folded, news);
    folded.row.due_at = folded.broken ? std::nullopt : std::optional(now);
    if (folded.broken) folded.row.parked = {folded.broken->code, folded.broken->message, now};
    folded.row.attempts = 0;
    result.records.push_back(std::move(folded));
  }
  return result;
}

Result<store::RecordRow> rebuild_record(store::Store& store, const store::RecordKey& key, Timestamp now) {
  const std::array<store::RecordKey, 1> keys{key};
  auto known = store.records(keys);
  if (!known) return tl::unexpected(known.error());
  if (!(*known)[0]) return tl::unexpected(no_record(key.kind, key.key));
  store::RecordRow row = std::move(*(*known)[0]);
  const auto ref = ref_of(key);
  if (!ref) return tl::unexpected(ref.error());
  if (auto done = fold_anew(store, row, *ref); !done) return tl::unexpected(done.error());
  row.based_on = row.version++;
  row.attempts = 0;
  row.due_at = now;
  return row;
}

}  // namespace crosswalk::engine
