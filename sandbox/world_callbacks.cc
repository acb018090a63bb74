#include "sandbox/api.h"
#include "sandbox/callbacks.h"
#include "sandbox/deliveries.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kCollection = "system/callbacks";

void set_hidden(Tenant& tenant, std::int64_t callback, const char* field, json::value value) {
  Table& entries = tenant.table(kCollection);
  const Row* entry = entries.find(callback);
  if (entry == nullptr) return;
  Row changed = *entry;
  changed.set(entries.resource().field(field), std::move(value));
  entries.replace(std::move(changed));
}

bool listens(const Tenant& tenant, std::int64_t callback) {
  const Table& entries = tenant.table(kCollection);
  const Row* entry = entries.find(callback);
  return entry != nullptr && !entry->flag(entries.resource().field("inactiveFlag"));
}

}  // namespace

void World::tell(Tenant& tenant) {
  ChangeLog& log = tenant.changes;
  if (log.changes.empty()) return;
  const std::vector<RowChange> changes = std::exchange(log.changes, {});
  const int callbacks = Catalogue::instance().get(kCollection).number;
  const std::string origin = tenant.origin.empty() ? options_.base_url : tenant.origin;
  for (CallbackMessage& message :
       callback_messages(tenant, changes, origin, [this] { return deliveries_->new_message_id(); })) {
    const Row& entry = *tenant.table(kCollection).find(message.callback);
    std::string signature = sign_callback(signing_key_of(tenant, entry), message.body);
    deliveries_->add(tenant.name(), std::move(message), std::move(signature), now_());
  }
  // What telling has changed itself is not told.
  log.changes.clear();
  bool entries_changed = false;
  for (const RowChange& change : changes) {
    if (change.resource != callbacks) continue;
    entries_changed = true;
    if (!listens(tenant, change.id)) deliveries_->drop(tenant.name(), change.id);
  }
  if (entries_changed) watch_for_callbacks(tenant);
}

std::vector<Delivery> World::due_deliveries() {
  for (const auto& tenant : tenants_) tell(*tenant);
  return deliveries_->take(now_());
}

std::optional<Timestamp> World::next_delivery_at() {
  for (const auto& tenant : tenants_) tell(*tenant);
  return deliveries_->next();
}

void World::delivered(std::int64_t delivery, int status) {
  const auto end = deliveries_->settle(delivery, status, now_());
  Tenant* tenant = end ? tenant_named(end->tenant) : nullptr;
  const Row* entry = tenant == nullptr ? nullptr : tenant->table(kCollection).find(end->callback);
  if (entry == nullptr) return;
  const std::int64_t failing_since = entry->integer(tenant->table(kCollection).resource().field("failingSince"));
  constexpr std::int64_t kPatience = std::chrono::seconds(kDeliveryPatience).count();
  if (end->delivered) {
    if (failing_since != 0) set_hidden(*tenant, end->callback, "failingSince", nullptr);
  } else if (failing_since == 0) {
    set_hidden(*tenant, end->callback, "failingSince", seconds());
  } else if (seconds() - failing_since >= kPatience) {
    set_hidden(*tenant, end->callback, "inactiveFlag", true);
  }
  tell(*tenant);
}

Deliveries& World::deliveries() { return *deliveries_; }

net::Response control_callbacks(World& world, const json::object* change) {
  Deliveries& deliveries = world.deliveries();
  if (change != nullptr) {
    Result<DeliverySettings> changed = apply_json(deliveries.settings, *change);
    if (!changed) return json_response(400, json_text(json::object{{"message", changed.error().message}}));
    deliveries.settings = *changed;
  }
  json::array records;
  for (auto each = deliveries.records().rbegin(); each != deliveries.records().rend(); ++each)
    records.push_back(to_json(*each));
  return json_response(
      200, json_text(json::object{{"settings", to_json(deliveries.settings)}, {"calls", std::move(records)}}));
}

}  // namespace crosswalk::sandbox
