#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "service/directory.h"
#include "service/problem.h"

namespace crosswalk::service {

/// What a key may do: everything; send and look for one partner; or send events, of one partner or of all, and nothing
/// else.
enum class Role { administration, partner, intake };
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

/// Who is asking.
struct Principal {
  std::string key_hash, key_id, key_name;
  std::string partner;  ///< empty: all partners
  Role role = Role::intake;

  [[nodiscard]] bool is_admin() const { return role == Role::administration; }
  [[nodiscard]] bool may_see(std::string_view id) const { return partner.empty() || partner == id; }
};

/// Where a key may be written in a request.
enum class KeyPlace { bearer, bearer_or_basic };

/// The key as the request carries it; nothing when it carries none.
[[nodiscard]] std::optional<std::string> key_of(const net::Request& request, KeyPlace place);

/// "auth.missing", "auth.invalid", "auth.revoked" or "auth.expired" when the key does not open anything.
[[nodiscard]] tl::expected<Principal, RequestProblem> authenticate(const net::Request& request, KeyPlace place,
                                                                   Directory& directory, Timestamp now);

/// A new key: the row to be kept, and the key itself, which is nowhere else.
struct NewKey {
  store::ApiKeyRow row;
  std::string key;
};
/// `partner` empty: for all partners.
[[nodiscard]] NewKey make_key(std::string name, Role role, std::string partner, std::optional<Timestamp> expires_at,
                              Timestamp now);
/// openapi: Key. Neither the key nor its hash is in it.
[[nodiscard]] boost::json::object to_json(const store::ApiKeyRow& row);
/// What is wrong with a key of this role for this partner (empty: for all), or the role that it is to have: without a
/// word it is the partner's, and a key for all partners must say what it is for.
[[nodiscard]] tl::expected<Role, RequestProblem> choose_role(const std::optional<std::string>& role,
                                                             std::string_view partner);

}  // namespace crosswalk::service
