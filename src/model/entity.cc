#include "model/entity.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <tuple>

#include "base/digest.h"
#include "base/json.h"

namespace crosswalk::model {
namespace json = boost::json;
namespace {

constexpr std::size_t kIdentityCharacters = 12;

Error unreadable(std::string_view what, const std::exception& broken) {
  return {"store.corrupt", "The stored state of a " + std::string(what) + " cannot be read: " + broken.what(), {}};
}

}  // namespace

void fold(Entity& entity, const Event& event) {
  std::string identity = short_digest({event.source, event.id}, kIdentityCharacters);
  if (std::tie(event.time, event.sequence, identity) <= std::tie(entity.time, entity.sequence, entity.identity)) return;
  entity.time = event.time;
  entity.sequence = event.sequence;
  entity.identity = std::move(identity);
  entity.attributes = event.data;
}

std::string serialize(const Entity& entity) {
  return json::serialize(json::object{{"time", to_milliseconds(entity.time)},
                                      {"identity", entity.identity},
                                      {"sequence", entity.sequence},
                                      {"attributes", entity.attributes}});
}

Result<Entity> parse_entity(const RecordRef& ref, std::string_view text) try {
  Entity entity;
  entity.ref = ref;
  if (text.empty()) return entity;
  const json::value parsed = parse_own_json(text);
  const json::object& state = parsed.as_object();
  entity.time = from_milliseconds(state.at("time").to_number<std::int64_t>());
  entity.identity = std::string(state.at("identity").as_string());
  if (const json::value* sequence = state.if_contains("sequence"))
    entity.sequence = sequence->to_number<std::int64_t>();
  entity.attributes = state.at("attributes").as_object();
  return entity;
} catch (const std::exception& broken) {
  return tl::unexpected(unreadable("customer or device", broken));
}

std::string serialize(const Group& group) {
  json::object state{{"product", group.product},
                     {"customer", group.customer},
                     {"customer_name", group.customer_name},
                     {"condition", group.condition},
                     {"condition_name", group.condition_name},
                     {"started_at", to_milliseconds(group.started_at)},
                     {"started_sequence", group.started_sequence}};
  if (group.wide) state["wide"] = true;
  if (!group.site.empty()) state["site"] = group.site;
  if (group.split_at) state["split_at"] = to_milliseconds(*group.split_at);
  return json::serialize(state);
}

Result<Group> parse_group(const RecordRef& ref, std::string_view text) try {
  Group group;
  group.ref = ref;
  const json::value parsed = parse_own_json(text);
  const json::object& state = parsed.as_object();
  group.product = std::string(state.at("product").as_string());
  group.customer = std::string(state.at("customer").as_string());
  group.customer_name = std::string(state.at("customer_name").as_string());
  group.condition = std::string(state.at("condition").as_string());
  group.condition_name = std::string(state.at("condition_name").as_string());
  group.started_at = from_milliseconds(state.at("started_at").to_number<std::int64_t>());
  group.started_sequence = state.at("started_sequence").to_number<std::int64_t>();
  if (const json::value* wide = state.if_contains("wide")) group.wide = wide->as_bool();
  if (const json::value* site = state.if_contains("site")) group.site = std::string(site->as_string());
  if (const json::value* split = state.if_contains("split_at"))
    group.split_at = from_milliseconds(split->to_number<std::int64_t>());
  return group;
} catch (const std::exception& broken) {
  return tl::unexpected(unreadable("storm", broken));
}

}  // namespace crosswalk::model
