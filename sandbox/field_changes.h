#pragma once

#include <boost/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "sandbox/api_error.h"

namespace crosswalk::sandbox {

/// The version of ConnectWise's API that is played, as `api-current-version` and /system/info tell it.
inline constexpr std::string_view kCurrentVersion = "2026.4";
/// And the one after it, which no source knows: what it changes is made up, to practise with.
inline constexpr std::string_view kNextVersion = "2027.1";

/// What a later version of the API changes in the objects of a collection.
struct FieldChange {
  std::string collection;  ///< "service/tickets"
  std::string field;       ///< as it was called; empty: it was not there
  std::string becomes;     ///< as it is called now; empty: it is not there any more
};

/// Fields of tickets, boards, companies, contacts and configurations that are renamed, removed and new.
[[nodiscard]] std::vector<FieldChange> next_version_changes();

/// One request, and its answer, at a server whose version has these changes, for clients of whatever version.
class ChangedFields {
 public:
  ChangedFields(std::span<const FieldChange> changes, std::string_view collection);
  [[nodiscard]] bool any() const { return !changes_.empty(); }
  /// Names as they are now become names as they were, which is what the sandbox knows; an error where a name that is
  /// gone is refused rather than ignored.
  [[nodiscard]] std::optional<ApiError> take(std::string_view method, net::Query& query, std::string& body) const;
  /// And back, in what is answered. `whole`: no `fields` were asked for, so that new ones are shown as well.
  void show(net::Response& response, bool whole) const;

 private:
  [[nodiscard]] bool is_gone(std::string_view name) const;
  [[nodiscard]] std::string_view former(std::string_view name) const;
  [[nodiscard]] std::string fields(std::string_view list) const;
  [[nodiscard]] std::optional<ApiError> conditions(std::string& text) const;
  [[nodiscard]] std::optional<ApiError> operations(boost::json::array& patch) const;
  void members(boost::json::object& body) const;
  void show(boost::json::object& object, bool whole) const;

  std::vector<FieldChange> changes_;
};

/// Whether the Accept header asks for a version that is newer than `current`, or for none that there can be.
[[nodiscard]] bool asks_for_unknown_version(const std::string* accept, std::string_view current);

}  // namespace crosswalk::sandbox
