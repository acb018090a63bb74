#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "psa/objects.h"
#include "psa/operations.h"

namespace crosswalk::connectwise::manage {

inline constexpr std::string_view kProviderName = "manage";

/// What is asked of ConnectWise, below ".../apis/3.0".
struct WireRequest {
  std::string method = "GET";
  std::string target;  ///< path and query, encoded
  std::string body;
  bool sets_status = false;   ///< may need the right to close tickets
  bool forward_only = false;  ///< pages by id
};

/// The one call that does this operation. Fails with "psa.reference_missing" when an id is none of Manage's (they are
/// whole numbers).
[[nodiscard]] Result<WireRequest> encode(const psa::Operation& operation);

/// The ticket as its JSON shows it; absent, null and odd members are as if unset. Nothing when there is no id.
[[nodiscard]] std::optional<psa::Object> read_ticket(const boost::json::object& object, const PartnerId& partner);
[[nodiscard]] std::optional<psa::TicketNote> read_note(const boost::json::object& object);
/// Whether a time entry stands on an invoice (TimeEntry.status "Billed" and "BilledAgreement", or its `invoice`).
[[nodiscard]] bool is_invoiced(const boost::json::object& time_entry);
[[nodiscard]] std::optional<psa::TicketTask> read_task(const boost::json::object& object);

/// The `fields=` list of what read_ticket looks at: answers become a tenth of their size. `_info` comes only when asked
/// for.
[[nodiscard]] const std::string& ticket_fields();
inline constexpr std::string_view kTaskFields = "id,closedFlag,_info";
inline constexpr std::string_view kNoteFields =
    "id,text,detailDescriptionFlag,internalAnalysisFlag,resolutionFlag,member,dateCreated,createdBy,_info";

/// The object in a body; nothing when the body is something else.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view body);

/// Members of foreign JSON, read leniently; see base/json.h for texts.
[[nodiscard]] std::string id_member(const boost::json::object& object,
                                    std::string_view name = "id");  ///< "" when absent or 0
[[nodiscard]] bool flag_member(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::object* object_member(const boost::json::object& object, std::string_view name);
/// Name of a thing: "name", else "identifier".
[[nodiscard]] std::string name_of(const boost::json::object& object);

/// True for an id as Manage has them.
[[nodiscard]] bool is_manage_id(std::string_view text);

}  // namespace crosswalk::connectwise::manage
