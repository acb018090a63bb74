#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/api_error.h"
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
  bool forward_only = false;  ///< header pagination-type
};

/// The REST API of one tenant: one engine for all collections, and the few operations that are no collection.
class Api {
 public:
  Api(Tenant& tenant, Actor actor, std::string prefix, bool is_cloud)
      : tenant_(tenant), actor_(std::move(actor)), wire_(tenant, std::move(prefix)), is_cloud_(is_cloud) {}

  [[nodiscard]] net::Response handle(const ApiRequest& request);

 private:
  /// Where a path leads: "service/tickets/5/notes/count" is the notes of ticket 5, tail "count".
  struct Route {
    const Resource* resource = nullptr;
    std::int64_t parent = 0, id = 0, below = 0;
    std::string tail;
  };
  static std::optional<Route> find_route(const std::vector<std::string>& path);
  [[nodiscard]] bool may(const Route& route, std::string_view method) const;
  [[nodiscard]] std::optional<ApiError> check_parent(const Route& route) const;

  net::Response collection(const ApiRequest& request, const Route& route);
  net::Response one(const ApiRequest& request, const Route& route);
  net::Response list(const ApiRequest& request, const Route& route, const QueryText& text);
  net::Response count(const ApiRequest& request, const Route& route);
  net::Response search(const ApiRequest& request, const Route& route);
  net::Response create(const ApiRequest& request, const Route& route);
  net::Response change(const ApiRequest& request, const Route& route, const Row& row);
  net::Response remove(const Route& route);
  net::Response system_info();

  net::Response ticket_operation(const ApiRequest& request, const Route& route);
  net::Response attach_children(const ApiRequest& request, const Row& parent);
  net::Response merge(const ApiRequest& request, const Row& parent);
  net::Response configurations(const ApiRequest& request, const Route& route, const Row& ticket);
  net::Response attach_configuration(const ApiRequest& request, const Row& ticket);
  net::Response all_notes(const ApiRequest& request, const Row& ticket);
  net::Response time_entries(const ApiRequest& request, const Row& ticket, bool counted);

  [[nodiscard]] net::Response show(int status, const Resource& resource, const Row& row,
                                   const ApiRequest& request) const;
  /// One page of what has been rendered or is to be: `total` things, `write` appends number i.
  template <class Write>
  net::Response page(const ApiRequest& request, std::size_t total, Write&& write) const;
  [[nodiscard]] std::string link(const ApiRequest& request, std::size_t page, std::size_t pages,
                                 std::size_t page_size) const;
  [[nodiscard]] std::string link_base(const ApiRequest& request, std::size_t page_size) const;

  Tenant& tenant_;
  Actor actor_;
  Wire wire_;
  bool is_cloud_;
};

/// The body as a JSON object; nothing when it is none.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view body);

/// Changes one ticket as a member would; what the technicians of World do goes through it as well.
[[nodiscard]] ApiResult<const Row*> patch_row(Tenant& tenant, const Resource& resource, const Row& row,
                                              const boost::json::array& operations, const Actor& actor);
[[nodiscard]] ApiResult<const Row*> post_row(Tenant& tenant, const Resource& resource, std::int64_t parent,
                                             const boost::json::object& body, const Actor& actor);
/// Makes `child` a part of `parent` and closes it; `status` when it is one of the child's board, else the board's first
/// closed one.
[[nodiscard]] ApiResult<const Row*> merge_rows(Tenant& tenant, std::int64_t parent, std::int64_t child,
                                               std::int64_t status, const Actor& actor);
/// The board's first status that closes; 0 when there is none.
[[nodiscard]] std::int64_t first_closed_status(const Tenant& tenant, std::int64_t board);

}  // namespace crosswalk::sandbox
