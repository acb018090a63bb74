#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"
#include "sandbox/api_error.h"
#include "sandbox/table.h"

namespace crosswalk::sandbox {

class Tenant;
class Wire;
class Writer;

/// How far a right reaches: nothing, the member's own objects, or all.
enum class Level { none, my, all };

/// What one member may do and see: compiled from its role's settings and its own record.
struct Access {
  struct Rights {
    Level add = Level::none, edit = Level::none, remove = Level::none, inquire = Level::none;
    [[nodiscard]] Level of(char right) const;
  };
  bool everything = false;
  std::map<std::string, Rights, std::less<>> rights;  ///< by module function: "Service Tickets"
  std::string member;
  std::string role;  ///< its name; empty: none
  bool role_active = true;
  std::int64_t member_id = 0;
  std::int64_t location = 0;  ///< only objects of this location are seen; 0: all

  /// `right`: A(dd), E(dit), D(elete) or I(nquire).
  [[nodiscard]] Level level(std::string_view permission, char right) const;
  [[nodiscard]] bool may(std::string_view permission, char right) const {
    return level(permission, right) != Level::none;
  }
  /// True when no object of the collection is hidden from the member.
  [[nodiscard]] bool sees_all_of(const Resource& resource) const;
  [[nodiscard]] bool sees(const Resource& resource, const Row& row) const;
  /// Whether a right covers this object: one that reaches "My" covers the member's own.
  [[nodiscard]] bool may_with(const Resource& resource, const Row& row, char right) const;
};

/// Compiles what members may do, again whenever roles, settings or members have changed.
class Security {
 public:
  [[nodiscard]] const Access& access(const Tenant& tenant, std::string_view member);

 private:
  std::uint64_t version_ = 0;
  std::map<std::string, Access, std::less<>> compiled_;
};

/// Whether roles.json has a role of that name; its name as written there, or nothing.
[[nodiscard]] std::string role_named(std::string_view name);
/// Fills system/securityroles with their settings. Members who are made after that can name them.
void seed_roles(Tenant& tenant, std::int64_t now);
/// Gives each member without a role the one called `role`, and makes the keys' member an API member, an administrator.
void seed_member_roles(Tenant& tenant, std::string_view role, std::int64_t now);
/// Gives a member another role; false when there is none of that name.
bool assign_role(Tenant& tenant, std::string_view member, std::string_view role);
/// What an administrator does by hand at the screen: `levels` as "AEI", small letters for "My". False when there is no
/// such role or function.
bool set_rights(Tenant& tenant, std::string_view role, std::string_view permission, std::string_view levels);
/// The role whose rights a member has; 0 when there is none.
[[nodiscard]] std::int64_t role_of(const Tenant& tenant, std::string_view member);
/// What a role grants by its settings: module functions in the order of the screen, with letters of AEDI, small for My.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> granted_by(const Tenant& tenant, std::int64_t role);
/// "Edit" for 'E'.
[[nodiscard]] std::string_view right_word(char right);
/// The settings of a member's role, as system/mySecurity shows them.
[[nodiscard]] std::vector<boost::json::object> own_security(const Tenant& tenant, const Wire& wire,
                                                            std::string_view member);

/// A new role has all settings, and grants nothing.
void role_written(Writer& writer, const Row& row, bool inserted);
/// An integrator's password is kept but never shown.
void rule_integrator_login(Writer& writer, const Row* before);
/// Whether "user:password" is one of system/integratorlogins.
[[nodiscard]] bool is_integrator(const Tenant& tenant, std::string_view user_and_password);
/// POST /system/members/{memberIdentifier}/tokens: keys in that member's name, for four hours.
[[nodiscard]] net::Response make_token(Tenant& tenant, std::string_view member, std::int64_t now);

}  // namespace crosswalk::sandbox
