#include "engine/folder.h"

#include <array>
#include <boost/json/parse.hpp>

#include "engine/item.h"
#include "engine/people_json.h"
#include "model/alert.h"
#include "model/entity.h"

namespace crosswalk::engine {
namespace {

/// Events of one record that a rebuild reads; no alert repeats more often in its life.
constexpr std::size_t kRebuildEventsMax = 1'000'000;

/// Folds the events of one record and fills the row from the result.
Result<void> fold_alert(store::RecordRow& row, const model::RecordRef& ref,
                        const std::vector<const model::Event*>& events) {
  auto alert = model::parse_alert(ref, row.state);
  if (!alert) return tl::unexpected(alert.error());
  for (const model::Event* event : events) model::fold(*alert, *event);
  row.state = model::serialize(*alert);
  row.group_key = model::group_key(alert->content.product, alert->content.customer, alert->content.condition);
  const auto episodes = model::episodes(*alert);
  row.open = !episodes.empty() && episodes.back().open();
  row.raised_at.reset();
  if (!episodes.empty()) row.raised_at = episodes.back().raised_at;
  return {};
}

Result<void> fold_entity(store::RecordRow& row, const model::RecordRef& ref,
                         const std::vector<const model::Event*>& events) {
  auto entity = model::parse_entity(ref, row.state);
  if (!entity) return tl::unexpected(entity.error());
  for (const model::Event* event : events) model::fold(*entity, *event);
  row.state = model::serialize(*entity);
  // Customers go before what belongs to them; each workflow has a lane of its own.
  row.lane = ref.kind == model::RecordKind::customer ? 1 : ref.kind == model::RecordKind::contact ? 2 : 3;
  if (ref.kind == model::RecordKind::customer) return {};
  row.group_key = store::customer_group(workflows::text_of(*entity, "customer"));
  if (ref.kind != model::RecordKind::device) return {};
  row.open = true;
  row.raised_at = workflows::told_state(*entity) == "active" ? workflows::last_seen(*entity) : Timestamp{};
  return {};
}

}  // namespace

Result<model::Event> to_event(const store::EventRow& row) try {
  model::Event event;
  event.sequence = row.sequence;
  event.source = row.source;
  event.id = row.id;
  event.type = model::parse_event_type(row.type).value_or(model::EventType::alert_raised);
  event.time = row.time;
  event.received_at = row.received_at;
  event.record = {PartnerId(row.partner), model::parse_record_kind(row.kind).value_or(model::RecordKind::alert),
                  row.key};
  event.data = boost::json::parse(row.data).as_object();
  return event;
} catch (const std::exception& broken) {
  return failure("store.corrupt", std::string("A stored event cannot be read: ") + broken.what());
}

Result<FoldResult> fold_events(store::Store& store, const std::vector<store::EventRow>& rows, Timestamp now) {
  FoldResult result;
  result.events = rows.size();
  std::vector<model::Event> events;
  events.reserve(rows.size());
  std::map<store::RecordKey, std::vector<const model::Event*>> by_record;
  for (const store::EventRow& row : rows) {
    auto event = to_event(row);
    if (!event) return tl::unexpected(event.error());
    result.cursor = row.sequence;
    events.push_back(std::move(*event));
  }
  for (const model::Event& event : events) by_record[key_of(event.record)].push_back(&event);
  std::vector<store::RecordKey> keys;
  keys.reserve(by_record.size());
  for (const auto& [key, list] : by_record) keys.push_back(key);
  auto known = store.records(keys);
  if (!known) return tl::unexpected(known.error());
  std::size_t at = 0;
  for (const auto& [key, list] : by_record) {
    std::optional<store::RecordRow>& old = (*known)[at++];
    Folded folded;
    // What is parked may hide a deed whose answer was lost in an earlier run.
    folded.was_settled = !old || (!old->due_at && old->parked.empty());
    folded.row = old ? std::move(*old) : store::RecordRow{};
    folded.row.ref = key;
    ++folded.row.version;
    const model::RecordRef& ref = list.front()->record;
    const bool is_alert = ref.kind == model::RecordKind::alert;
    auto done = is_alert ? fold_alert(folded.row, ref, list) : fold_entity(folded.row, ref, list);
    if (!done) return tl::unexpected(done.error());
    folded.row.due_at = now;
    folded.row.attempts = 0;
    folded.accepted_at = list.front()->received_at;
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
  // The log may hold more events of a record than it keeps happenings; it bounds itself while folding.
  auto rows = store.events_of(key, kRebuildEventsMax);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<model::Event> events;
  std::vector<const model::Event*> list;
  events.reserve(rows->size());
  for (auto each = rows->rbegin(); each != rows->rend(); ++each) {
    auto event = to_event(*each);
    if (!event) return tl::unexpected(event.error());
    list.push_back(&events.emplace_back(std::move(*event)));
  }
  const bool is_alert = key.kind == "alert";
  const model::RecordRef ref{PartnerId(key.partner),
                             model::parse_record_kind(key.kind).value_or(model::RecordKind::alert), key.key};
  row.state.clear();
  auto done = is_alert ? fold_alert(row, ref, list) : fold_entity(row, ref, list);
  if (!done) return tl::unexpected(done.error());
  ++row.version;
  row.attempts = 0;
  row.due_at = now;
  return row;
}

}  // namespace crosswalk::engine
