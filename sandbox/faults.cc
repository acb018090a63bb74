#include "sandbox/faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/api_error.h"
#include "sandbox/conditions.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr Duration kMinute{60'000};
constexpr int kBadGateway = 502;

constexpr std::pair<std::string_view, FaultKind> kKinds[] = {
    {"status", FaultKind::status},         {"html", FaultKind::html},
    {"empty_body", FaultKind::empty_body}, {"drop_before", FaultKind::drop_before},
    {"drop_after", FaultKind::drop_after}, {"slow", FaultKind::slow}};

net::Response html_page(int status) {
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/html; charset=UTF-8");
  response.body = fmt::format(
      "<html>\r\n<head><title>{0} Bad Gateway</title></head>\r\n<body>\r\n<center><h1>{0} Bad Gateway</h1></center>\r\n"
      "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n",
      status);
  return response;
}

net::Response error_answer(int status) {
  if (status == 503) return html_page(status);
  return to_response({status, "ConnectWiseApi", "An unexpected error occurred.", {}});
}

net::Response too_many(int seconds) {
  net::Response response = json_response(
      429,
      fmt::format("{{\"error\":\"ConnectWiseAPI\",\"message\":\"Too many requests. Please try again in {} seconds.\"}}",
                  seconds));
  response.headers.set("Retry-After", std::to_string(seconds));
  return response;
}

bool matches(const Fault& fault, std::string_view tenant, std::string_view method, std::string_view path) {
  return (fault.tenant.empty() || equals_ignoring_case(fault.tenant, tenant)) &&
         (fault.method.empty() || equals_ignoring_case(fault.method, method)) &&
         (fault.path.empty() || like_matches(fault.path, path)) && fault.count.value_or(1) > 0;
}

std::string_view kind_name(FaultKind kind) {
  for (const auto& [name, each] : kKinds) {
    if (each == kind) return name;
  }
  return "status";
}

Result<Fault> fault_from(const json::object& object) {
  Fault fault;
  for (const auto& [name, value] : object) {
    const bool number = value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= 1'000'000'000;
    const std::string text = value.is_string() ? std::string(value.get_string()) : "";
    if (name == "kind") {
      const auto* kind =
          std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& each) { return each.first == text; });
      if (kind == std::end(kKinds)) return failure("sandbox.fault_invalid", "unknown kind of fault: " + text);
      fault.kind = kind->second;
    } else if (name == "tenant") {
      fault.tenant = text;
    } else if (name == "method") {
      fault.method = text;
    } else if (name == "path") {
      fault.path = text;
    } else if (name == "status" && number) {
      fault.status = static_cast<int>(value.get_int64());
    } else if (name == "delay_ms" && number) {
      fault.delay = Duration(value.get_int64());
    } else if (name == "count" && (number || value.is_null())) {
      fault.count = number ? std::optional(static_cast<int>(value.get_int64())) : std::nullopt;
    } else if (name == "probability" && value.is_number()) {
      fault.probability = value.to_number<double>();
    } else {
      return failure("sandbox.fault_invalid", "a fault has no member " + std::string(name) + " of that form");
    }
  }
  if (fault.status < 100 || fault.status > 599) return failure("sandbox.fault_invalid", "status must be 100 to 599");
  return fault;
}

}  // namespace

double FaultInjector::draw() {
  constexpr double kRange = 9007199254740992.0;  // 2^53: every draw is an exact double
  return static_cast<double>(random_() >> 11) / kRange;
}

std::optional<Verdict> FaultInjector::limit(Traffic& traffic, Timestamp now) const {
  const auto blocked = [](int seconds) {
    Verdict verdict;
    verdict.act = Verdict::Act::answer;
    verdict.answer = too_many(seconds);
    return verdict;
  };
  while (!traffic.started.empty() && traffic.started.front() <= now - kMinute) traffic.started.pop_front();
  std::erase_if(traffic.ending, [&](Timestamp end) { return end <= now; });
  if (traffic.blocked_until && now < *traffic.blocked_until) {
    return blocked(static_cast<int>(std::chrono::ceil<std::chrono::seconds>(*traffic.blocked_until - now).count()));
  }
  traffic.blocked_until.reset();
  if (settings.requests_per_minute > 0 &&
      traffic.started.size() >= static_cast<std::size_t>(settings.requests_per_minute)) {
    traffic.blocked_until = now + std::chrono::seconds(settings.retry_after_seconds);
    return blocked(settings.retry_after_seconds);
  }
  if (settings.concurrency_max > 0 && traffic.ending.size() >= static_cast<std::size_t>(settings.concurrency_max)) {
    return blocked(1);
  }
  return std::nullopt;
}

std::optional<Verdict> FaultInjector::strike(std::string_view tenant, std::string_view method, std::string_view path) {
  for (Fault& fault : settings.faults) {
    if (!matches(fault, tenant, method, path)) continue;
    if (fault.probability < 1.0 && draw() >= fault.probability) continue;
    if (fault.count) --*fault.count;
    Verdict verdict;
    verdict.delay = fault.delay;
    switch (fault.kind) {
      case FaultKind::status:
        verdict.act = Verdict::Act::answer;
        verdict.answer = fault.status == 429 ? too_many(settings.retry_after_seconds) : error_answer(fault.status);
        break;
      case FaultKind::html:
        verdict.act = Verdict::Act::answer;
        verdict.answer = html_page(fault.status == 500 ? kBadGateway : fault.status);
        break;
      case FaultKind::drop_before:
        verdict.act = Verdict::Act::drop;
        break;
      case FaultKind::drop_after:
        verdict.drop_after = true;
        break;
      case FaultKind::empty_body:
        verdict.empty_body = true;
        break;
      case FaultKind::slow:
        break;
    }
    return verdict;
  }
  return std::nullopt;
}

Verdict FaultInjector::decide(std::string_view tenant, std::string_view method, std::string_view path, Timestamp now) {
  Duration latency = settings.latency;
  if (settings.latency_random.count() > 0) {
    latency += Duration(static_cast<std::int64_t>(draw() * static_cast<double>(settings.latency_random.count())));
  }
  std::optional<Verdict> verdict;
  Traffic& traffic = traffic_[std::string(tenant)];
  if (!tenant.empty()) verdict = limit(traffic, now);
  const bool limited = verdict.has_value();
  if (!verdict && settings.maintenance) {
    verdict.emplace();
    verdict->act = Verdict::Act::answer;
    verdict->answer = html_page(503);
  }
  if (!verdict) verdict = strike(tenant, method, path);
  if (!verdict) verdict.emplace();
  verdict->delay += latency;
  if (!limited) {
    traffic.started.push_back(now);
    traffic.ending.push_back(now + verdict->delay);
  }
  std::erase_if(settings.faults, [](const Fault& fault) { return fault.count && *fault.count <= 0; });
  return *std::move(verdict);
}

json::object to_json(const FaultSettings& settings) {
  json::array faults;
  for (const Fault& fault : settings.faults) {
    json::object object{{"kind", kind_name(fault.kind)},
                        {"tenant", fault.tenant},
                        {"method", fault.method},
                        {"path", fault.path},
                        {"status", fault.status},
                        {"delay_ms", fault.delay.count()},
                        {"count", nullptr},
                        {"probability", fault.probability}};
    if (fault.count) object["count"] = *fault.count;
    faults.push_back(std::move(object));
  }
  return {{"requests_per_minute", settings.requests_per_minute},
          {"retry_after_seconds", settings.retry_after_seconds},
          {"concurrency_max", settings.concurrency_max},
          {"latency_ms", settings.latency.count()},
          {"latency_random_ms", settings.latency_random.count()},
          {"maintenance", settings.maintenance},
          {"faults", std::move(faults)}};
}

Result<FaultSettings> apply_json(FaultSettings settings, const json::object& change) {
  constexpr std::int64_t kNumberMax = 1'000'000'000;
  for (const auto& [name, value] : change) {
    const bool number = value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kNumberMax;
    const int amount = number ? static_cast<int>(value.get_int64()) : 0;
    if (name == "requests_per_minute" && number) {
      settings.requests_per_minute = amount;
    } else if (name == "retry_after_seconds" && number) {
      settings.retry_after_seconds = amount;
    } else if (name == "concurrency_max" && number) {
      settings.concurrency_max = amount;
    } else if (name == "latency_ms" && number) {
      settings.latency = Duration(amount);
    } else if (name == "latency_random_ms" && number) {
      settings.latency_random = Duration(amount);
    } else if (name == "maintenance" && value.is_bool()) {
      settings.maintenance = value.get_bool();
    } else if (name == "faults" && value.is_array()) {
      settings.faults.clear();
      for (const json::value& each : value.get_array()) {
        if (!each.is_object()) return failure("sandbox.fault_invalid", "faults must be a list of objects");
        Result<Fault> fault = fault_from(each.get_object());
        if (!fault) return tl::unexpected(fault.error());
        settings.faults.push_back(std::move(*fault));
      }
    } else {
      return failure("sandbox.fault_invalid", "there is no setting " + std::string(name) + " of that form");
    }
  }
  return settings;
}

}  // namespace crosswalk::sandbox
