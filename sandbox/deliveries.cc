#include "sandbox/deliveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::size_t kRecordsKept = 500;                 ///< what a person scrolls through
constexpr std::size_t kWaitingMax = 100'000;              ///< a subscriber that has gone must not fill the memory
constexpr int kRetriedStatuses[] = {404, 409, 419, 429};  ///< as documented, and no others

bool is_retried(int status) { return std::ranges::find(kRetriedStatuses, status) != std::end(kRetriedStatuses); }

}  // namespace

double Deliveries::draw() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }

std::string Deliveries::new_message_id() { return guid_of(fmt::format("message {:016x}", random_())); }

void Deliveries::add(std::string_view tenant, CallbackMessage message, std::string signature, Timestamp now) {
  // Each draw is made whatever the settings, so that one setting does not change what another one draws.
  const bool lost = draw() < settings.lost, repeated = draw() < settings.repeated;
  if (lost || waiting_.size() >= kWaitingMax) return;
  const Waiting waiting{++last_id_, std::string(tenant), std::move(signature), std::move(message), 1};
  for (int copy = 0; copy <= (repeated ? 1 : 0); ++copy) {
    const auto late = static_cast<std::int64_t>(draw() * static_cast<double>(settings.spread.count()));
    Waiting& added = waiting_.emplace(now + settings.delay + Duration(late), waiting)->second;
    if (copy > 0) added.id = ++last_id_;
  }
}

std::optional<Timestamp> Deliveries::next() const {
  return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first);
}

std::vector<Delivery> Deliveries::take(Timestamp now) {
  std::vector<Delivery> due;
  const auto end = waiting_.upper_bound(now);
  for (auto each = waiting_.begin(); each != end; ++each) {
    const Waiting& waiting = each->second;
    Delivery delivery{waiting.id, waiting.tenant, waiting.message.callback, waiting.attempt, {}};
    delivery.request.method = "POST";
    delivery.request.target = waiting.message.url;
    delivery.request.headers.set("Content-Type", "application/json; charset=utf-8");
    delivery.request.headers.set("x-content-signature", waiting.signature);
    delivery.request.body = waiting.message.body;
    due.push_back(std::move(delivery));
    under_way_.emplace(waiting.id, waiting);
  }
  waiting_.erase(waiting_.begin(), end);
  return due;
}

std::optional<Deliveries::End> Deliveries::settle(std::int64_t id, int status, Timestamp now) {
  const auto node = under_way_.extract(id);
  if (node.empty()) return std::nullopt;
  Waiting& waiting = node.mapped();
  records_.push_back({now, waiting.tenant, waiting.message.callback, waiting.message.type, waiting.message.action,
                      waiting.message.url, waiting.message.record, waiting.attempt, status});
  if (records_.size() > kRecordsKept) records_.pop_front();
  const bool delivered = status >= 200 && status < 300;
  const auto retries_done = static_cast<std::size_t>(waiting.attempt - 1);
  if (!delivered && is_retried(status) && retries_done < std::size(kDeliveryRetries)) {
    ++waiting.attempt;
    waiting_.emplace(now + kDeliveryRetries[retries_done], std::move(waiting));
    return std::nullopt;
  }
  return End{waiting.tenant, waiting.message.callback, delivered};
}

void Deliveries::drop(std::string_view tenant, std::int64_t callback) {
  std::erase_if(waiting_, [&](const auto& each) {
    return each.second.tenant == tenant && each.second.message.callback == callback;
  });
}

json::object to_json(const DeliverySettings& settings) {
  return {{"delay_ms", settings.delay.count()},
          {"spread_ms", settings.spread.count()},
          {"lost", settings.lost},
          {"repeated", settings.repeated}};
}

Result<DeliverySettings> apply_json(DeliverySettings settings, const json::object& change) {
  constexpr std::int64_t kDelayMax = 86'400'000;  ///< a day; later than that is lost
  for (const auto& [name, value] : change) {
    const bool time = value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kDelayMax;
    const double share = value.is_number() ? value.to_number<double>() : -1;
    const bool is_share = share >= 0 && share <= 1;
    if (name == "delay_ms" && time) {
      settings.delay = Duration(value.get_int64());
    } else if (name == "spread_ms" && time) {
      settings.spread = Duration(value.get_int64());
    } else if (name == "lost" && is_share) {
      settings.lost = share;
    } else if (name == "repeated" && is_share) {
      settings.repeated = share;
    } else {
      return failure("sandbox.fault_invalid", "there is no setting " + std::string(name) + " of that form");
    }
  }
  return settings;
}

json::object to_json(const DeliveryRecord& record) {
  return {{"at", format_timestamp(record.at)},
          {"tenant", record.tenant},
          {"callback", record.callback},
          {"type", record.type},
          {"action", record.action},
          {"record", record.record},
          {"url", record.url},
          {"attempt", record.attempt},
          {"status", record.status}};
}

}  // namespace crosswalk::sandbox
