#include "engine/wakes.h"

namespace crosswalk::engine {
namespace {

using State = store::Wake::State;

store::Wake wake_of(const std::string& partner, Timestamp at, State state) {
  store::Wake wake;
  wake.partner = partner;
  wake.due_at = at;
  wake.state = state;
  return wake;
}

std::string name_of(model::RecordKind kind) { return std::string(model::to_string(kind)); }

}  // namespace

std::string refers_to(model::RecordKind kind, std::string_view key) {
  return key.empty() ? std::string() : name_of(kind).append("/").append(key);
}

store::Wake wake_parked(const std::string& partner, Timestamp at) { return wake_of(partner, at, State::parked); }

store::Wake wake_parked_for(const std::string& partner, std::string_view code, Timestamp at) {
  store::Wake wake = wake_of(partner, at, State::parked_not_due);
  wake.parked_code = code;
  return wake;
}

store::Wake wake_unfinished(const std::string& partner, Timestamp at) {
  return wake_of(partner, at, State::open_parked_or_due);
}

store::Wake wake_kind(const std::string& partner, std::string_view kind, Timestamp at) {
  store::Wake wake = wake_of(partner, at, State::any);
  wake.kinds.emplace_back(kind);
  return wake;
}

store::Wake wake_storm(const std::string& partner, const std::string& storm, Timestamp at) {
  store::Wake wake = wake_of(partner, at, State::open);
  wake.kinds.push_back(name_of(model::RecordKind::group));
  wake.key = storm;
  return wake;
}

store::Wake wake_storm_members(const std::string& partner, const std::string& storm, Timestamp at) {
  store::Wake wake = wake_of(partner, at, State::open);
  wake.group_key = storm;
  return wake;
}

store::Wake wake_held_tickets(const std::string& partner, Timestamp at) {
  namespace lane = store::record_lane;
  store::Wake wake = wake_of(partner, at, State::parked_or_due);
  wake.kinds = {name_of(model::RecordKind::alert), name_of(model::RecordKind::group)};
  // They are in no other, and there may be very many that are due in others.
  wake.lanes = {lane::kUrgent, lane::kHigh, lane::kMedium, lane::kLow, lane::kInfo};
  return wake;
}

store::Wake wake_alerts_of_device(const std::string& partner, std::string_view device, Timestamp at) {
  store::Wake wake = wake_of(partner, at, State::open);
  wake.kinds.push_back(name_of(model::RecordKind::alert));
  wake.refers_to = refers_to(model::RecordKind::device, device);
  return wake;
}

store::Wake wake_of_customer(const std::string& partner, std::string_view customer, Timestamp at) {
  store::Wake wake = wake_of(partner, at, State::any);
  wake.refers_to = refers_to(model::RecordKind::customer, customer);
  return wake;
}

store::Wake wake_taken(const std::string& partner, std::string_view kind, Timestamp at) {
  store::Wake wake = wake_of(partner, at, State::parked);
  wake.kinds.emplace_back(kind);
  wake.parked_code = "object.taken";
  return wake;
}

}  // namespace crosswalk::engine
