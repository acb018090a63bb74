#pragma once

#include <string>
#include <string_view>

#include "model/event.h"
#include "store/store.h"

namespace crosswalk::engine {

// Who is woken for what: the store knows rows, and here is what they mean. Pure.

/// What RecordRow::refers_to is of a record that waits for, or tells of, the record of this kind and key: contacts and
/// devices of their customer, alerts of their device. Empty when the key is.
[[nodiscard]] std::string refers_to(model::RecordKind kind, std::string_view key);

/// What waits for a person.
[[nodiscard]] store::Wake wake_parked(const std::string& partner, Timestamp at);
/// What waits for a person with this code. Not what is due already, which is on its way: a wake would only make its end
/// void, and those that succeed would wake each other for ever.
[[nodiscard]] store::Wake wake_parked_for(const std::string& partner, std::string_view code, Timestamp at);
/// What is not over: open, parked or due.
[[nodiscard]] store::Wake wake_unfinished(const std::string& partner, Timestamp at);
/// All records of a kind.
[[nodiscard]] store::Wake wake_kind(const std::string& partner, std::string_view kind, Timestamp at);
/// A storm, while it is under way.
[[nodiscard]] store::Wake wake_storm(const std::string& partner, const std::string& storm, Timestamp at);
/// Open alerts that belong to a storm.
[[nodiscard]] store::Wake wake_storm_members(const std::string& partner, const std::string& storm, Timestamp at);
/// Alerts and storms that are parked, and those that are due: these may have been read, and be on their way to be
/// parked for the very reason that has just gone.
[[nodiscard]] store::Wake wake_held_tickets(const std::string& partner, Timestamp at);
/// Open alerts that tell of a device.
[[nodiscard]] store::Wake wake_alerts_of_device(const std::string& partner, std::string_view device, Timestamp at);
/// Contacts and devices of a customer.
[[nodiscard]] store::Wake wake_of_customer(const std::string& partner, std::string_view customer, Timestamp at);
/// Records of a kind that wait for an object which another has become.
[[nodiscard]] store::Wake wake_taken(const std::string& partner, std::string_view kind, Timestamp at);

}  // namespace crosswalk::engine
