#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "service/auth.h"
#include "service/problem.h"
#include "store/store.h"

namespace crosswalk::service {

/// What somebody does to the installation.
struct Act {
  std::string_view name;  ///< "partner.change", ...
  std::string partner;    ///< empty: of no partner
  std::string target;  ///< "partner", "mapping alert_to_ticket", "webhook wh_...", "key ...", "plan ...", "record ..."
  boost::json::value before, after;  ///< as the API shows it, so without secrets; null: there was, or is, nothing
};

/// As it is kept. Of what was changed only the members that differ, and the version.
[[nodiscard]] store::AuditRow audit_row(Act act, const Principal& who, std::string_view request_id, Timestamp now);

/// The entry of a key that was made in the data folder itself.
[[nodiscard]] store::AuditRow key_made_here(const store::ApiKeyRow& key);

/// One line for what has been done; of records without their keys, which may name a person.
void log_act(const store::AuditRow& row);

/// What stands for a record of which nothing may be kept.
[[nodiscard]] std::string forgotten_target(const store::RecordKey& ref);

/// openapi: AuditEntry.
[[nodiscard]] boost::json::object to_json(const store::AuditRow& row);

/// 409 for who has not seen what others have changed: with the entries of `target`, newest first, down to the one that
/// `is_known` holds for, and the entity tag of now.
[[nodiscard]] net::Response changed_response(store::Store& store, const std::string& partner, const std::string& target,
                                             std::string_view etag,
                                             const std::function<bool(const store::AuditRow&)>& is_known,
                                             std::string_view request_id);

/// What an act has left, as it is kept; empty when nothing.
[[nodiscard]] boost::json::object after_of(const store::AuditRow& row);
/// Its member "version"; 0 when there is none.
[[nodiscard]] std::int64_t version_after(const store::AuditRow& row);

}  // namespace crosswalk::service
