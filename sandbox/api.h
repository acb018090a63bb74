#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/api_error.h"
#include "sandbox/coverage.h"
#include "sandbox/document.h"
#include "sandbox/query.h"
#include "sandbox/wire.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// A request behind the gateway: its tenant and its member are known.
struct ApiRequest {
  std::string_view method;
  std::vector<std::string> path;  ///< behind "apis/3.0/": {"service", "tickets", "5"}
  const net::Query* query = nullptr;
  std::string_view body;
  bool forward_only = false;           ///< header pagination-type
  std::string_view content_type = {};  ///< of the body
  /// Counts what was answered with success, when somebody wants to know.
  OperationCounts* exercised = nullptr;

  /// A parameter of the query; empty when there is none.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
  [[nodiscard]] QueryText query_text() const;
};

/// Where a path leads: "service/tickets/5/notes/7" is object 7 of the notes of ticket 5.
struct Route {
  const DocumentPath* path = nullptr;
  const Operation* operation = nullptr;
  const Resource* resource = nullptr;  ///< nullptr for what belongs to no collection
  std::int64_t grandparent = 0, parent = 0, id = 0;
  std::int64_t below = 0;  ///< id behind an operation: of tickets/5/configurations/9
  std::string text;        ///< parameter that is no number
};

/// The REST API of one tenant: one engine for all collections; operations.h has what it cannot answer.
class Api {
 public:
  Api(Tenant& tenant, Actor actor, std::string prefix)
      : tenant_(tenant), actor_(std::move(actor)), wire_(tenant, std::move(prefix)) {}

  [[nodiscard]] net::Response handle(const ApiRequest& request);
  /// Why the member may not do what a request asks, as a sentence; empty when no right forbids it.
  [[nodiscard]] std::string why_not(const ApiRequest& request) const;

  /// Where a path and method lead; nothing when there is no such path.
  [[nodiscard]] static std::optional<Route> find_route(const std::vector<std::string>& path, std::string_view method);

 private:
  /// A right of a role: one of AEDI, in a module function.
  struct Right {
    std::string_view permission;
    char letter;
  };

  [[nodiscard]] net::Response answer(const ApiRequest& request, const Route& route);
  /// The first right that the request needs and the member's role does not grant.
  [[nodiscard]] std::optional<Right> lacking(const Route& route, std::string_view method) const;
  /// The same of what depends on the object: levels "My", locations, and the right to close.
  [[nodiscard]] std::string why_not_with(const Access& access, const Route& route, const Row& row,
                                         std::string_view method) const;
  [[nodiscard]] std::optional<ApiError> check_ancestors(const Route& route) const;
  /// Whether the member's own record and its role's levels let it see the object.
  [[nodiscard]] bool is_visible(const Resource& resource, const Row& row) const;
  /// What meets the question, of what the member sees.
  [[nodiscard]] std::vector<const Row*> visible(const Query& query, const Route& route, std::int64_t after = 0,
                                                std::size_t limit = SIZE_MAX) const;
  [[nodiscard]] net::Response by_rule(const ApiRequest& request, const Route& route);

  net::Response one(const ApiRequest& request, const Route& route);
  net::Response list(const ApiRequest& request, const Route& route, const QueryText& text);
  net::Response count(const ApiRequest& request, const Route& route);
  net::Response search(const ApiRequest& request, const Route& route);
  net::Response create(const ApiRequest& request, const Route& route);
  net::Response change(const ApiRequest& request, const Route& route, const Row& row);
  net::Response remove(const Route& route);

  [[nodiscard]] net::Response show(int status, const Route& route, const Row& row, const ApiRequest& request) const;
  void write(std::string& out, const Route& route, const Row& row, std::string_view fields) const;

  Tenant& tenant_;
  Actor actor_;
  Wire wire_;
};

/// The body as a JSON object; nothing when it is none.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view body);

inline constexpr std::size_t kPageSizeDefault = 25;  ///< as documented
inline constexpr std::size_t kPageSizeMax = 1'000;   ///< as documented; more is cut silently

/// A parameter that is a number above 0.
[[nodiscard]] std::size_t number_parameter(const ApiRequest& request, std::string_view name, std::size_t otherwise);
[[nodiscard]] std::size_t page_size(const ApiRequest& request);
/// "<https://host/codebase/apis/3.0/path?conditions=...&pageSize=25": what links of pages begin with.
[[nodiscard]] std::string link_base(const ApiRequest& request, const Wire& wire, std::size_t size);
/// One page of what has been rendered or is to be: `total` things, `write` appends number i.
[[nodiscard]] net::Response page_response(const ApiRequest& request, const Wire& wire, std::size_t total,
                                          const std::function<void(std::string&, std::size_t)>& write);

/// Changes one ticket as a member would; what the technicians of World do goes through it as well.
[[nodiscard]] ApiResult<const Row*> patch_row(Tenant& tenant, const Resource& resource, const Row& row,
                                              const boost::json::array& operations, const Actor& actor);
[[nodiscard]] ApiResult<const Row*> put_row(Tenant& tenant, const Resource& resource, const Row& row,
                                            const boost::json::object& body, const Actor& actor);
[[nodiscard]] ApiResult<const Row*> post_row(Tenant& tenant, const Resource& resource, std::int64_t parent,
                                             const boost::json::object& body, const Actor& actor);
/// Deletes it with what belongs to it, or only marks it (companies); says why not.
[[nodiscard]] std::optional<ApiError> delete_row(Tenant& tenant, const Resource& resource, std::int64_t id,
                                                 const Actor& actor);
/// Makes `child` a part of `parent` and closes it; `status` when it is one of the child's board, else the board's first
/// closed one.
[[nodiscard]] ApiResult<const Row*> merge_rows(Tenant& tenant, std::int64_t parent, std::int64_t child,
                                               std::int64_t status, const Actor& actor);
/// The board's statuses that close and are in use. What a person takes who only closes comes first: "Closed" before
/// "Auto-Resolved" and "Closed - No Email".
[[nodiscard]] std::vector<std::int64_t> closing_statuses(const Tenant& tenant, std::int64_t board);

}  // namespace crosswalk::sandbox
