#include <algorithm>

#include "sandbox/faults.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kNumberMax = 1'000'000'000;

constexpr std::pair<std::string_view, FaultKind> kKinds[] = {{"status", FaultKind::status},
                                                             {"html", FaultKind::html},
                                                             {"empty_body", FaultKind::empty_body},
                                                             {"drop_before", FaultKind::drop_before},
                                                             {"drop_after", FaultKind::drop_after},
                                                             {"cut_body", FaultKind::cut_body},
                                                             {"slow", FaultKind::slow},
                                                             {"drip", FaultKind::drip}};

/// The members by which each shape is described.
struct ShapeName {
  std::string_view name;
  LatencySpread::Shape shape;
  std::string_view first, second;
};
constexpr ShapeName kShapes[] = {{"none", LatencySpread::Shape::none, "", ""},
                                 {"fixed", LatencySpread::Shape::fixed, "ms", ""},
                                 {"uniform", LatencySpread::Shape::uniform, "from_ms", "to_ms"},
                                 {"normal", LatencySpread::Shape::normal, "mean_ms", "deviation_ms"},
                                 {"lognormal", LatencySpread::Shape::lognormal, "median_ms", "p99_ms"}};

std::optional<int> amount(const json::value& value) {
  if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > kNumberMax) return std::nullopt;
  return static_cast<int>(value.get_int64());
}

std::string_view kind_name(FaultKind kind) {
  return std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& each) { return each.second == kind; })
      ->first;
}

Result<Fault> fault_from(const json::object& object) {
  Fault fault;
  for (const auto& [name, value] : object) {
    const std::optional<int> number = amount(value);
    const bool text = value.is_string();
    if (name == "kind" && text) {
      const std::string_view given = value.get_string();
      const auto* kind =
          std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& each) { return each.first == given; });
      if (kind == std::end(kKinds))
        return failure("sandbox.fault_invalid", "unknown kind of fault: " + std::string(value.get_string()));
      fault.kind = kind->second;
    } else if (name == "tenant" && text) {
      fault.tenant = value.get_string();
    } else if (name == "method" && text) {
      fault.method = value.get_string();
    } else if (name == "path" && text) {
      fault.path = value.get_string();
    } else if (name == "status" && number) {
      fault.status = *number;
    } else if (name == "delay_ms" && number) {
      fault.delay = Duration(*number);
    } else if (name == "count" && (number || value.is_null())) {
      fault.count = number;
    } else if (name == "probability" && value.is_number()) {
      fault.probability = value.to_number<double>();
    } else {
      return failure("sandbox.fault_invalid", "a fault has no member " + std::string(name) + " of that form");
    }
  }
  if (fault.status < 100 || fault.status > 599) return failure("sandbox.fault_invalid", "status must be 100 to 599");
  return fault;
}

json::object to_json(const Fault& fault) {
  json::object object{{"kind", kind_name(fault.kind)},
                      {"tenant", fault.tenant},
                      {"method", fault.method},
                      {"path", fault.path},
                      {"status", fault.status},
                      {"delay_ms", fault.delay.count()},
                      {"count", nullptr},
                      {"probability", fault.probability}};
  if (fault.count) object["count"] = *fault.count;
  return object;
}

Result<LatencySpread> spread_from(const json::value& value) {
  if (value.is_null()) return LatencySpread{};
  constexpr std::string_view kForm =
      "latency is {\"shape\"} with fixed (ms), uniform (from_ms, to_ms), normal (mean_ms, deviation_ms), lognormal "
      "(median_ms, p99_ms) or none";
  const json::object* object = value.if_object();
  const json::value* name = object == nullptr ? nullptr : object->if_contains("shape");
  if (name == nullptr || !name->is_string()) return failure("sandbox.fault_invalid", std::string(kForm));
  const auto* shape = std::find_if(std::begin(kShapes), std::end(kShapes),
                                   [&](const ShapeName& each) { return each.name == name->get_string(); });
  if (shape == std::end(kShapes)) return failure("sandbox.fault_invalid", std::string(kForm));
  LatencySpread spread{shape->shape};
  for (const auto& [member, number] : *object) {
    if (member == "shape") continue;
    const std::optional<int> milliseconds = amount(number);
    if (!milliseconds || (member != shape->first && member != shape->second))
      return failure("sandbox.fault_invalid", std::string(kForm));
    (member == shape->first ? spread.first : spread.second) = Duration(*milliseconds);
  }
  const bool ordered = spread.shape != LatencySpread::Shape::uniform && spread.shape != LatencySpread::Shape::lognormal;
  if (!ordered && spread.second < spread.first)
    return failure("sandbox.fault_invalid",
                   std::string(shape->second) + " must not be below " + std::string(shape->first));
  if (spread.shape == LatencySpread::Shape::lognormal && spread.first.count() == 0)
    return failure("sandbox.fault_invalid", "median_ms must be above zero");
  return spread;
}

json::value to_json(const LatencySpread& spread) {
  for (const ShapeName& each : kShapes) {
    if (each.shape != spread.shape || spread.shape == LatencySpread::Shape::none) continue;
    json::object object{{"shape", each.name}, {each.first, spread.first.count()}};
    if (!each.second.empty()) object[each.second] = spread.second.count();
    return object;
  }
  return nullptr;
}

/// null takes a setting of its own back.
Result<TenantSettings> tenant_from(TenantSettings settings, const json::object& change) {
  for (const auto& [name, value] : change) {
    const bool taken_back = value.is_null();
    const std::optional<int> number = amount(value);
    if (name == "requests_per_minute" && (number || taken_back)) {
      settings.requests_per_minute = number;
    } else if (name == "retry_after_seconds" && (number || taken_back)) {
      settings.retry_after_seconds = number;
    } else if (name == "concurrency_max" && (number || taken_back)) {
      settings.concurrency_max = number;
    } else if (name == "maintenance" && (value.is_bool() || taken_back)) {
      settings.maintenance = taken_back ? std::nullopt : std::optional(value.get_bool());
    } else if (name == "latency") {
      Result<LatencySpread> spread = spread_from(value);
      if (!spread) return tl::unexpected(spread.error());
      settings.latency = taken_back ? std::nullopt : std::optional(*spread);
    } else {
      return failure("sandbox.fault_invalid", "a tenant has no setting " + std::string(name) + " of that form");
    }
  }
  return settings;
}

json::object to_json(const TenantSettings& settings) {
  json::object object;
  if (settings.requests_per_minute) object["requests_per_minute"] = *settings.requests_per_minute;
  if (settings.retry_after_seconds) object["retry_after_seconds"] = *settings.retry_after_seconds;
  if (settings.concurrency_max) object["concurrency_max"] = *settings.concurrency_max;
  if (settings.maintenance) object["maintenance"] = *settings.maintenance;
  if (settings.latency) {
    object["latency"] = to_json(*settings.latency);
    if (object["latency"].is_null()) object["latency"] = json::object{{"shape", "none"}};
  }
  return object;
}

Result<void> apply_tenants(FaultSettings& settings, const json::object& tenants) {
  for (const auto& [tenant, change] : tenants) {
    if (change.is_null()) {
      settings.tenants.erase(std::string(tenant));
      continue;
    }
    if (!change.is_object()) return failure("sandbox.fault_invalid", "tenants must be an object of objects");
    Result<TenantSettings> changed = tenant_from(settings.tenants[std::string(tenant)], change.get_object());
    if (!changed) return tl::unexpected(changed.error());
    settings.tenants[std::string(tenant)] = *changed;
  }
  return {};
}

Result<void> apply_faults(FaultSettings& settings, const json::array& faults) {
  settings.faults.clear();
  for (const json::value& each : faults) {
    if (!each.is_object()) return failure("sandbox.fault_invalid", "faults must be a list of objects");
    Result<Fault> fault = fault_from(each.get_object());
    if (!fault) return tl::unexpected(fault.error());
    settings.faults.push_back(std::move(*fault));
  }
  return {};
}

Result<void> apply_field_changes(FaultSettings& settings, const json::value& given) {
  settings.field_changes.clear();
  if (given.is_null()) return {};
  if (given.is_string() && given.get_string() == "next") {
    settings.field_changes = next_version_changes();
    return {};
  }
  constexpr std::string_view kForm =
      "field_changes is \"next\", null, or a list of {\"collection\", \"field\", \"becomes\"} (texts)";
  if (!given.is_array()) return failure("sandbox.fault_invalid", std::string(kForm));
  for (const json::value& each : given.get_array()) {
    FieldChange change;
    if (!each.is_object()) return failure("sandbox.fault_invalid", std::string(kForm));
    for (const auto& [name, value] : each.get_object()) {
      std::string* place = name == "collection" ? &change.collection
                           : name == "field"    ? &change.field
                           : name == "becomes"  ? &change.becomes
                                                : nullptr;
      if (place == nullptr || !value.is_string()) return failure("sandbox.fault_invalid", std::string(kForm));
      *place = value.get_string();
    }
    if (change.collection.empty() || (change.field.empty() && change.becomes.empty()))
      return failure("sandbox.fault_invalid", std::string(kForm));
    settings.field_changes.push_back(std::move(change));
  }
  return {};
}

}  // namespace

json::object to_json(const FaultSettings& settings) {
  json::array faults, changes;
  for (const FieldChange& change : settings.field_changes)
    changes.push_back(
        json::object{{"collection", change.collection}, {"field", change.field}, {"becomes", change.becomes}});
  for (const Fault& fault : settings.faults) faults.push_back(to_json(fault));
  json::object tenants;
  for (const auto& [name, own] : settings.tenants) tenants[name] = to_json(own);
  return {{"requests_per_minute", settings.requests_per_minute},
          {"retry_after_seconds", settings.retry_after_seconds},
          {"concurrency_max", settings.concurrency_max},
          {"latency_ms", settings.latency.count()},
          {"latency_random_ms", settings.latency_random.count()},
          {"latency", to_json(settings.spread)},
          {"maintenance", settings.maintenance},
          {"tenants", std::move(tenants)},
          {"faults", std::move(faults)},
          {"field_changes", std::move(changes)}};
}

Result<FaultSettings> apply_json(FaultSettings settings, const json::object& change) {
  for (const auto& [name, value] : change) {
    const std::optional<int> number = amount(value);
    Result<void> applied;
    if (name == "requests_per_minute" && number) {
      settings.requests_per_minute = *number;
    } else if (name == "retry_after_seconds" && number) {
      settings.retry_after_seconds = *number;
    } else if (name == "concurrency_max" && number) {
      settings.concurrency_max = *number;
    } else if (name == "latency_ms" && number) {
      settings.latency = Duration(*number);
    } else if (name == "latency_random_ms" && number) {
      settings.latency_random = Duration(*number);
    } else if (name == "latency") {
      const Result<LatencySpread> spread = spread_from(value);
      if (!spread) return tl::unexpected(spread.error());
      settings.spread = *spread;
    } else if (name == "maintenance" && value.is_bool()) {
      settings.maintenance = value.get_bool();
    } else if (name == "tenants" && value.is_object()) {
      applied = apply_tenants(settings, value.get_object());
    } else if (name == "faults" && value.is_array()) {
      applied = apply_faults(settings, value.get_array());
    } else if (name == "field_changes") {
      applied = apply_field_changes(settings, value);
    } else {
      return failure("sandbox.fault_invalid", "there is no setting " + std::string(name) + " of that form");
    }
    if (!applied) return tl::unexpected(applied.error());
  }
  return settings;
}

}  // namespace crosswalk::sandbox
