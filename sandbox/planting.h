#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

// What scenarios are made with. What cannot be written throws std::logic_error: the scenario is wrong.

inline constexpr std::int64_t kDay = 86'400, kHour = 3'600, kMinute = 60;

/// An object as it stands, with its id; rules of clients do not apply to what was there before them.
void plant(Tenant& tenant, std::string_view path, const boost::json::object& object, const Actor& actor);
/// As a client would write it, rules and all.
const Row& write(Tenant& tenant, std::string_view path, std::int64_t parent, const boost::json::object& body,
                 const Actor& actor);
/// Replaces one field of an object, as a client would.
void change(Tenant& tenant, std::string_view path, std::int64_t id, std::string_view field, boost::json::value value,
            const Actor& actor);
/// Sets a field that no client can set.
void settle(Tenant& tenant, std::string_view path, std::int64_t id, std::string_view field, boost::json::value value);

/// What a customer has written in a new ticket stands there as the contact's, not as a member's.
void written_by_contact(Tenant& tenant, std::int64_t ticket, std::int64_t contact);

/// The same, at another time, which is never later than it is now; `member` may be somebody else.
[[nodiscard]] Actor at(const Actor& actor, std::int64_t seconds, std::string member = "");

/// Values of fields that the MSP has defined itself, by their ids, as a row holds them.
[[nodiscard]] boost::json::array own_fields(const Tenant& tenant,
                                            const std::vector<std::pair<std::int64_t, boost::json::value>>& values);

/// {"id":5}
[[nodiscard]] boost::json::object reference(std::int64_t id);
/// {"identifier":"jsmith"}
[[nodiscard]] boost::json::object by_identifier(std::string_view identifier);
/// Texts of the form "@-3" and "@14T09:30" become times: so many days after today.
[[nodiscard]] boost::json::object dated(boost::json::object object, std::int64_t now);
/// The time that such a text says.
[[nodiscard]] std::int64_t moment(std::string_view text, std::int64_t now);

}  // namespace crosswalk::sandbox
