#pragma once

#include <boost/json.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/api.h"

namespace crosswalk::sandbox {

/// What an operation with rules of its own is given. The caller's rights and the objects named in the path have been
/// checked.
struct OperationContext {
  Tenant& tenant;
  const Actor& actor;
  const Wire& wire;
  const ApiRequest& request;
  const Route& route;
  const Row* row = nullptr;  ///< the object that the path names; nullptr for operations on a collection

  [[nodiscard]] const Resource& resource() const { return *route.resource; }
};

/// One line of the table of operations that the generic engine does not answer, or not as they need it.
struct OperationRule {
  const char* method;
  const char* path;  ///< as ConnectWise's document prints it: "/service/tickets/{parentId}/merge"
  net::Response (*answer)(const OperationContext& context);
  const char* permission = nullptr;  ///< of the security role; default: the collection's. "": anybody
  const char* rights = nullptr;      ///< which are needed: "EI"; default: by the method
};

// The table, by module: each file adds its lines here.

[[nodiscard]] std::span<const OperationRule> company_operations();
[[nodiscard]] std::span<const OperationRule> service_operations();
[[nodiscard]] std::span<const OperationRule> finance_operations();
[[nodiscard]] std::span<const OperationRule> procurement_operations();
[[nodiscard]] std::span<const OperationRule> sales_operations();
[[nodiscard]] std::span<const OperationRule> time_operations();
[[nodiscard]] std::span<const OperationRule> system_operations();

/// nullptr when the generic engine answers the operation.
[[nodiscard]] const OperationRule* find_operation_rule(const Operation& operation);
/// True when the sandbox does what the document says of it.
[[nodiscard]] bool is_implemented(const DocumentPath& path, const Operation& operation);

// Operations that several collections have.

/// An object with the defaults that a POST of this body would get; not kept.
[[nodiscard]] net::Response default_object(const OperationContext& context);
/// A copy of the object with what belongs to it.
[[nodiscard]] net::Response copy_item(const OperationContext& context);
[[nodiscard]] net::Response copy_board(const OperationContext& context);
/// The same of the object whose id the body names, under the body's name.
[[nodiscard]] net::Response copy_named(const OperationContext& context);

/// Many objects in one request, each on its own: POST and PUT.
[[nodiscard]] net::Response write_bulk(const OperationContext& context);
[[nodiscard]] net::Response delete_bulk(const OperationContext& context);
/// The ticket that a service template describes.
[[nodiscard]] net::Response generate_tickets(const OperationContext& context);
/// Tabs of a screen with their numbers, of which no source knows a member.
[[nodiscard]] net::Response no_tabs(const OperationContext& context);

// What operations answer with.

/// One page of `total` things by the request's page and pageSize, of which `write` appends number i.
[[nodiscard]] net::Response page_response(const OperationContext& context, std::size_t total,
                                          const std::function<void(std::string&, std::size_t)>& write);
/// One page of objects that were worked out: conditions are applied, fields are projected.
[[nodiscard]] net::Response objects_response(const OperationContext& context, std::vector<boost::json::object> objects);
/// How many of them meet the conditions.
[[nodiscard]] net::Response objects_count_response(const OperationContext& context,
                                                   std::vector<boost::json::object> objects);
/// One page of references to `rows`, or how many there are, as the path asks.
[[nodiscard]] net::Response references_response(const OperationContext& context, const Resource& resource,
                                                const std::vector<const Row*>& rows);
[[nodiscard]] net::Response row_response(const OperationContext& context, int status, const Resource& resource,
                                         const Row& row);
/// One page of the rows of a collection that meet the request's conditions.
[[nodiscard]] net::Response rows_response(const OperationContext& context, const Resource& resource);
[[nodiscard]] net::Response count_response(std::size_t number);
[[nodiscard]] net::Response success_response();
[[nodiscard]] net::Response no_content_response();

}  // namespace crosswalk::sandbox
