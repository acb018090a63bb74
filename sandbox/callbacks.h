#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// One message to one subscriber.
struct CallbackMessage {
  std::int64_t callback = 0;  ///< the entry of system/callbacks
  std::string url;            ///< with the record's id and the action
  std::string body;
  std::string type, action;  ///< "ticket", "updated"
  std::int64_t record = 0;
};

/// Rules of an entry of system/callbacks: what it may listen to, and what the server fills in.
void rule_callback(Writer& writer, const Row* before);

/// Has the tables watched that some active callback listens to, and no others.
void watch_for_callbacks(Tenant& tenant);

/// What the changes mean to those who listen, in the order of the changes. `message_id` makes a new id each time.
[[nodiscard]] std::vector<CallbackMessage> callback_messages(Tenant& tenant, const std::vector<RowChange>& changes,
                                                             const std::string& origin,
                                                             const std::function<std::string()>& message_id);

/// The record's id and the action as ConnectWise appends them to the subscriber's URL.
[[nodiscard]] std::string callback_url(std::string_view url, std::int64_t record, std::string_view action);

/// What key_url answers: the key of the callback that has this id, of the company that is named.
[[nodiscard]] net::Response callback_key(const Tenant* tenant, std::string_view id);

/// The value of x-content-signature.
[[nodiscard]] std::string sign_callback(std::string_view signing_key, std::string_view body);
[[nodiscard]] std::string signing_key_of(const Tenant& tenant, const Row& callback);

/// A text in the shape of a GUID, made of what is given alone.
[[nodiscard]] std::string guid_of(std::string_view text);
/// Likewise 24 hex digits, as installations are named.
[[nodiscard]] std::string installation_id(std::string_view text);

}  // namespace crosswalk::sandbox
