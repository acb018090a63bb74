#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/security.h"
#include "sandbox/table.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// A pair of keys beside the tenant's own.
struct Key {
  std::string authorization;  ///< the header's value
  std::string member;         ///< in whose name it acts
  std::int64_t expires = 0;   ///< seconds since 1970; 0: never
};

/// One MSP: its keys, its server's codebase, its tables.
class Tenant {
 public:
  explicit Tenant(TenantOptions options);

  /// Made when it is first written to: most tenants leave most collections empty, or as they all begin.
  [[nodiscard]] Table& table(const Resource& resource);
  [[nodiscard]] const Table& table(const Resource& resource) const { return table(resource.number); }
  [[nodiscard]] const Table& table(int resource) const;
  [[nodiscard]] Table& table(std::string_view path) { return table(Catalogue::instance().get(path)); }
  [[nodiscard]] const Table& table(std::string_view path) const { return table(Catalogue::instance().get(path)); }
  [[nodiscard]] const std::string& name() const { return options_.login_company; }
  /// What a member may do.
  [[nodiscard]] const Access& access(std::string_view member) const { return security_.access(*this, member); }
  /// Gives the member of the keys another role; false when there is none of that name.
  [[nodiscard]] bool set_role(std::string_view role);
  void set_keys(std::string_view public_key, std::string_view private_key);
  /// The value of the Authorization header that opens the door.
  [[nodiscard]] const std::string& authorization() const { return authorization_; }
  /// One more pair of keys, in the name of a member.
  void add_key(std::string_view member, std::string_view public_key, std::string_view private_key,
               std::int64_t expires);
  /// Whose keys a header shows; nullptr when it is nobody's, or no longer.
  [[nodiscard]] const std::string* member_of(std::string_view authorization, std::int64_t now) const;
  /// The same by the two halves of a pair of keys.
  [[nodiscard]] const std::string* member_of(std::string_view public_key, std::string_view private_key,
                                             std::int64_t now) const;
  [[nodiscard]] const TenantOptions& options() const { return options_; }
  void clear();
  /// Holds from now on what `other` holds, of which only what one of the two changes takes room twice.
  void begin_as(const Tenant& other);

  std::string company_name;           ///< the MSP's own, in companyinfo
  std::string scenario;               ///< that it began as
  std::string codebase = "v2025_1/";  ///< with the slash, as companyinfo prints it
  bool is_cloud = true;               ///< its server is ConnectWise's
  std::string server_time_zone = "Eastern Standard Time";
  std::string cloud_region = "NA";     ///< empty: in no cloud
  std::string api_member = "APIuser";  ///< in whose name the keys act
  std::int64_t writes = 0;
  std::string product_instance_id, partner_id;  ///< of the installation, in messages and change logs
  std::string origin;                           ///< scheme and host by which it was last called; empty: not yet
  ChangeLog changes;                            ///< of tables that callbacks listen to, and of the callbacks
  std::chrono::sys_days statuses_as_of{};       ///< the day for which agreements and additions show their status
  std::int64_t next_element = 1;                ///< ids of what has no collection: communication items and the like

 private:
  TenantOptions options_;
  std::string authorization_;
  std::vector<Key> keys_;
  mutable Security security_;
  std::vector<std::shared_ptr<Table>> tables_;
};

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::string base64_decode(std::string_view text);

}  // namespace crosswalk::sandbox
