#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/table.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// What a security role grants: per permission, which of Add, Edit, Delete, Inquire ("AEDI").
struct Role {
  std::string name;
  bool everything = false;
  std::map<std::string, std::string, std::less<>> grants;
  [[nodiscard]] bool may(std::string_view permission, char right) const;
};

/// The roles that a sandbox knows; nullptr when there is none of that name.
[[nodiscard]] const Role* find_role(std::string_view name);

/// One MSP: its keys, its server's codebase, its tables.
class Tenant {
 public:
  explicit Tenant(TenantOptions options);

  /// Made when it is first written to: most tenants leave most collections empty.
  [[nodiscard]] Table& table(const Resource& resource);
  [[nodiscard]] const Table& table(const Resource& resource) const { return table(resource.number); }
  [[nodiscard]] const Table& table(int resource) const;
  [[nodiscard]] Table& table(std::string_view path) { return table(Catalogue::instance().get(path)); }
  [[nodiscard]] const Table& table(std::string_view path) const { return table(Catalogue::instance().get(path)); }
  [[nodiscard]] const std::string& name() const { return options_.login_company; }
  [[nodiscard]] const Role& role() const { return *role_; }
  [[nodiscard]] bool set_role(std::string_view role);
  void set_keys(std::string_view public_key, std::string_view private_key);
  /// The value of the Authorization header that opens the door.
  [[nodiscard]] const std::string& authorization() const { return authorization_; }
  [[nodiscard]] const TenantOptions& options() const { return options_; }
  void clear();

  std::string company_name;            ///< the MSP's own, in companyinfo
  std::string codebase = "v2025_1/";   ///< with the slash, as companyinfo prints it
  std::string api_member = "APIuser";  ///< in whose name the keys act
  std::int64_t writes = 0;
  std::int64_t next_element = 1;  ///< ids of what has no collection: communication items and the like

 private:
  TenantOptions options_;
  const Role* role_;
  std::string authorization_;
  std::vector<std::unique_ptr<Table>> tables_;
};

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::string base64_decode(std::string_view text);

}  // namespace crosswalk::sandbox
