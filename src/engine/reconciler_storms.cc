// Storms that alerts begin, and what is left of one that is split.
#include <algorithm>

#include "engine/reconciler.h"
#include "engine/wakes.h"

namespace crosswalk::engine {

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

}  // namespace crosswalk::engine
