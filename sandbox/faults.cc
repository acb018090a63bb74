#include "sandbox/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <cmath>
#include <numbers>

#include "base/text.h"
#include "sandbox/api_error.h"
#include "sandbox/conditions.h"

namespace crosswalk::sandbox {
namespace {

constexpr Duration kMinute{60'000};
constexpr int kBadGateway = 502;
constexpr Duration kLatencyMax{600'000};  // a client has given up long before

/// As a proxy in between words it.
net::Response html_page(int status) {
  const auto words = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  const std::string_view reason(words.data(), words.size());
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/html; charset=UTF-8");
  response.body = fmt::format(
      "<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1></center>\r\n"
      "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n",
      status, reason);
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

}  // namespace

double FaultInjector::draw() {
  constexpr double kRange = 9007199254740992.0;  // 2^53: every draw is an exact double
  return static_cast<double>(random_() >> 11) / kRange;
}

FaultInjector::Limits FaultInjector::limits_of(std::string_view tenant) const {
  const auto own = settings.tenants.find(tenant);
  if (own == settings.tenants.end()) {
    return {settings.requests_per_minute, settings.retry_after_seconds, settings.concurrency_max, settings.maintenance,
            settings.spread};
  }
  const TenantSettings& its = own->second;
  return {its.requests_per_minute.value_or(settings.requests_per_minute),
          its.retry_after_seconds.value_or(settings.retry_after_seconds),
          its.concurrency_max.value_or(settings.concurrency_max), its.maintenance.value_or(settings.maintenance),
          its.latency ? *its.latency : settings.spread};
}

// Written out, because the standard library's distributions differ between implementations, and a seed must mean the
// same everywhere.
Duration FaultInjector::draw_latency(const LatencySpread& spread) {
  constexpr double kQuantile99 = 2.3263478740408408;  // of the standard normal distribution
  const auto first = static_cast<double>(spread.first.count()), second = static_cast<double>(spread.second.count());
  const auto bell = [&] {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - draw()));
    return radius * std::cos(2.0 * std::numbers::pi * draw());
  };
  double milliseconds = 0;
  switch (spread.shape) {
    case LatencySpread::Shape::none:
      return Duration(0);
    case LatencySpread::Shape::fixed:
      return spread.first;
    case LatencySpread::Shape::uniform:
      milliseconds = first + draw() * (second - first);
      break;
    case LatencySpread::Shape::normal:
      milliseconds = first + second * bell();
      break;
    case LatencySpread::Shape::lognormal:
      milliseconds = first * std::exp(std::log(second / first) / kQuantile99 * bell());
      break;
  }
  return Duration(std::clamp<std::int64_t>(std::llround(std::min(milliseconds, 1e15)), 0, kLatencyMax.count()));
}

std::optional<Verdict> FaultInjector::limit(Traffic& traffic, const Limits& limits, Timestamp now) {
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
  if (limits.requests_per_minute > 0 &&
      traffic.started.size() >= static_cast<std::size_t>(limits.requests_per_minute)) {
    traffic.blocked_until = now + std::chrono::seconds(limits.retry_after_seconds);
    return blocked(limits.retry_after_seconds);
  }
  if (limits.concurrency_max > 0 && traffic.ending.size() >= static_cast<std::size_t>(limits.concurrency_max)) {
    return blocked(1);
  }
  return std::nullopt;
}

std::optional<Verdict> FaultInjector::strike(std::string_view tenant, std::string_view method, std::string_view path,
                                             int retry_after_seconds) {
  for (Fault& fault : settings.faults) {
    if (!matches(fault, tenant, method, path)) continue;
    if (fault.probability < 1.0 && draw() >= fault.probability) continue;
    if (fault.count) --*fault.count;
    Verdict verdict;
    verdict.delay = fault.delay;
    switch (fault.kind) {
      case FaultKind::status:
        verdict.act = Verdict::Act::answer;
        verdict.answer = fault.status == 429 ? too_many(retry_after_seconds) : error_answer(fault.status);
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
      case FaultKind::cut_body:
        verdict.cut_body = true;
        break;
      case FaultKind::drip:
        verdict.body_time = std::exchange(verdict.delay, Duration(0));
        break;
      case FaultKind::slow:
        break;
    }
    return verdict;
  }
  return std::nullopt;
}

Verdict FaultInjector::decide(std::string_view tenant, std::string_view method, std::string_view path, Timestamp now) {
  const Limits limits = limits_of(tenant);
  Duration latency = settings.latency + draw_latency(limits.spread);
  if (settings.latency_random.count() > 0) {
    latency += Duration(static_cast<std::int64_t>(draw() * static_cast<double>(settings.latency_random.count())));
  }
  // Requests are counted only where somebody asks how many there were.
  const bool counted = !tenant.empty() && (limits.requests_per_minute > 0 || limits.concurrency_max > 0);
  Traffic* traffic = counted ? &traffic_[std::string(tenant)] : nullptr;
  std::optional<Verdict> verdict;
  if (traffic != nullptr) verdict = limit(*traffic, limits, now);
  const bool limited = verdict.has_value();
  if (!verdict && limits.maintenance) {
    verdict.emplace();
    verdict->act = Verdict::Act::answer;
    verdict->answer = html_page(503);
  }
  if (!verdict) verdict = strike(tenant, method, path, limits.retry_after_seconds);
  if (!verdict) verdict.emplace();
  verdict->delay += latency;
  if (traffic != nullptr && !limited) {
    traffic->started.push_back(now);
    if (limits.concurrency_max > 0) traffic->ending.push_back(now + verdict->delay);
  }
  std::erase_if(settings.faults, [](const Fault& fault) { return fault.count && *fault.count <= 0; });
  return *std::move(verdict);
}

}  // namespace crosswalk::sandbox
