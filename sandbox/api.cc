#include "sandbox/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/operations.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// Which rights a method needs; all of them.
std::string_view rights_for(std::string_view method) {
  if (method == "GET") return "I";
  if (method == "POST") return "A";
  return method == "DELETE" ? "D" : "E";
}

/// What ASP.NET answers by itself.
net::Response method_refused(std::string_view method) {
  return json_response(
      405, fmt::format("{{\"message\":\"The requested resource does not support http method '{}'.\"}}", method));
}

/// ConnectWise has this; the sandbox does not, and says so rather than pretend.
net::Response not_simulated(const Operation& operation) {
  return json_response(501, fmt::format("{{\"message\":\"The sandbox does not simulate {}.\"}}", operation.id));
}

constexpr std::string_view kSetupPermission = "Table Setup";
constexpr std::string_view kClosePermission = "Close Service Tickets";

/// The schema of a path that shows less of its rows than the collection does; nullptr for all others.
const Schema* narrower_schema(const Route& route) {
  const bool narrowed = route.path->kind != PathKind::operation && route.path->schema != route.resource->spec.schema;
  return narrowed ? Catalogue::instance().schema(route.path->schema) : nullptr;
}

bool is_search(const Route& route) { return route.path->path.ends_with("/tickets/search"); }

}  // namespace

std::string_view ApiRequest::parameter(std::string_view name) const {
  const std::string* value = query->find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

QueryText ApiRequest::query_text() const {
  return {parameter("conditions"), parameter("childConditions"), parameter("customFieldConditions"),
          parameter("orderBy")};
}

std::optional<json::object> parse_object(std::string_view body) {
  boost::system::error_code error;
  json::value value = json::parse(body, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

ApiResult<const Row*> patch_row(Tenant& tenant, const Resource& resource, const Row& row, const json::array& operations,
                                const Actor& actor) {
  Writer writer(tenant, resource, row, Writer::Mode::patch, actor);
  writer.apply_patch(operations);
  writer.finish();
  return writer.commit();
}

ApiResult<const Row*> put_row(Tenant& tenant, const Resource& resource, const Row& row, const json::object& body,
                              const Actor& actor) {
  Writer writer(tenant, resource, row, Writer::Mode::put, actor);
  writer.apply_body(body);
  writer.finish();
  return writer.commit();
}

ApiResult<const Row*> post_row(Tenant& tenant, const Resource& resource, std::int64_t parent, const json::object& body,
                               const Actor& actor) {
  Row row;
  row.parent = parent;
  Writer writer(tenant, resource, std::move(row), Writer::Mode::post, actor);
  writer.apply_body(body);
  writer.finish();
  return writer.commit();
}

std::optional<ApiError> delete_row(Tenant& tenant, const Resource& resource, std::int64_t id, const Actor& actor) {
  Table& table = tenant.table(resource);
  const Row* row = table.find(id);
  if (row == nullptr) return not_found(resource.spec.title, id);
  if (auto error = check_removal(tenant, resource, *row, actor)) return error;
  if (mark_deleted(tenant, resource, id, actor)) return std::nullopt;
  const Row removed = *row;
  table.erase(id);
  apply_removal(tenant, resource, removed, actor);
  return std::nullopt;
}

std::optional<Route> Api::find_route(const std::vector<std::string>& path, std::string_view method) {
  std::optional<PathMatch> match = Document::instance().match(path);
  if (!match) return std::nullopt;
  Route route;
  route.path = match->path;
  route.operation = match->path->operation(method);
  route.text = std::move(match->text);
  if (!match->path->collection.empty()) route.resource = Catalogue::instance().find(match->path->collection);
  std::vector<std::int64_t>& ids = match->ids;
  const bool operation = route.path->kind == PathKind::operation;
  const std::size_t owners = operation ? static_cast<std::size_t>(route.path->owner_ids) : ids.size();
  if (ids.size() > owners) route.below = ids[owners];
  ids.resize(std::min(owners, ids.size()));
  const auto take_last = [&](std::int64_t& target) {
    if (ids.empty()) return;
    target = ids.back();
    ids.pop_back();
  };
  if (route.path->kind == PathKind::item || route.path->of_item) take_last(route.id);
  take_last(route.parent);
  take_last(route.grandparent);
  return route;
}

std::optional<Api::Right> Api::lacking(const Route& route, std::string_view method) const {
  const Access& access = tenant_.access(actor_.member);
  const OperationRule* rule = route.operation == nullptr ? nullptr : find_operation_rule(*route.operation);
  std::string_view permission = route.resource == nullptr ? std::string_view() : route.resource->spec.permission;
  std::string_view rights = rights_for(method);
  const bool of_ticket = route.resource != nullptr && route.resource->path.starts_with("service/tickets/");
  // To add to a ticket is to edit it.
  if (of_ticket && method == "POST") rights = "EI";
  if (is_search(route)) rights = "I";
  if (rule != nullptr && rule->permission != nullptr) permission = rule->permission;
  if (rule != nullptr && rule->rights != nullptr) rights = rule->rights;
  if (permission.empty()) return std::nullopt;
  if (actor_.integrator) return Right{permission, 'I'};
  if (permission == kSetupPermission && method == "GET" && actor_.switches->setup_tables_open) return std::nullopt;
  const bool of_callbacks = route.resource != nullptr && route.resource->path == "system/callbacks";
  if (of_callbacks && !actor_.switches->callbacks_need_rights) return std::nullopt;
  // To write what one may not see is nobody's right.
  if (!access.may(permission, 'I')) return Right{permission, 'I'};
  const auto refused =
      std::find_if(rights.begin(), rights.end(), [&](char right) { return !access.may(permission, right); });
  return refused == rights.end() ? std::nullopt : std::optional(Right{permission, *refused});
}

std::string Api::why_not(const ApiRequest& request) const {
  const std::optional<Route> route = find_route(request.path, request.method);
  if (!route) return {};
  const Access& access = tenant_.access(actor_.member);
  if (access.role.empty()) return fmt::format("{} has no role, and no rights.", access.member);
  const std::string role = fmt::format("{} has the role {}, which", access.member, access.role);
  if (!access.role_active) return role + " is inactive and grants nothing.";
  if (const std::optional<Right> right = lacking(*route, request.method))
    return fmt::format("{} lacks {} in {}.", role, right_word(right->letter), right->permission);
  const Row* row = route->resource == nullptr ? nullptr : tenant_.table(*route->resource).find(route->id);
  return row == nullptr ? std::string() : why_not_with(access, *route, *row, request.method);
}

std::string Api::why_not_with(const Access& access, const Route& route, const Row& row, std::string_view method) const {
  const Resource& resource = *route.resource;
  const std::string role = fmt::format("{} has the role {}, which", access.member, access.role);
  const char right = method == "DELETE" ? 'D' : 'E';
  for (const char each : {'I', right}) {
    const bool own_only = access.level(resource.spec.permission, each) == Level::my;
    if (!own_only || access.may_with(resource, row, each)) continue;
    return fmt::format("{} grants {} in {} only for what a member has entered or is named in.", role, right_word(each),
                       resource.spec.permission);
  }
  if (!is_visible(resource, row)) return access.member + " sees only what belongs to the own location.";
  if (resource.path != "service/tickets" || access.may(kClosePermission, 'E')) return {};
  return fmt::format("{} lacks {} in {}.", role, right_word('E'), kClosePermission);
}

std::optional<ApiError> Api::check_ancestors(const Route& route) const {
  if (route.parent == 0 || route.resource == nullptr || route.resource->parent < 0) return std::nullopt;
  const Resource& parent = Catalogue::instance().at(route.resource->parent);
  const Row* row = tenant_.table(parent).find(route.parent);
  const bool astray = row == nullptr || (route.grandparent != 0 && row->parent != route.grandparent);
  return astray ? std::optional(not_found(parent.spec.title, route.parent)) : std::nullopt;
}

net::Response Api::by_rule(const ApiRequest& request, const Route& route) {
  const OperationRule* rule = find_operation_rule(*route.operation);
  OperationContext context{tenant_, actor_, wire_, request, route, nullptr};
  if (route.id != 0 && route.resource != nullptr) {
    context.row = tenant_.table(*route.resource).find(route.id);
    if (route.resource->path == "company/contacts/communications") return rule->answer(context);
    if (context.row == nullptr || (route.parent != 0 && context.row->parent != route.parent) ||
        !is_visible(*route.resource, *context.row)) {
      return to_response(not_found(route.resource->spec.title, route.id));
    }
  }
  return rule->answer(context);
}

net::Response Api::handle(const ApiRequest& request) {
  const std::optional<Route> route = find_route(request.path, request.method);
  if (!route) return to_response(endpoint_missing());
  if (lacking(*route, request.method)) return to_response(not_permitted());
  if (route->operation == nullptr) return method_refused(request.method);
  net::Response response = answer(request, *route);
  if (request.exercised != nullptr && response.status < 300) {
    const auto number = static_cast<std::size_t>(route->operation->number);
    if (request.exercised->size() <= number) request.exercised->resize(Document::instance().operations_total());
    ++(*request.exercised)[number];
  }
  return response;
}

net::Response Api::answer(const ApiRequest& request, const Route& route) {
  if (!is_implemented(*route.path, *route.operation)) return not_simulated(*route.operation);
  if (auto error = check_ancestors(route)) return to_response(*error);
  if (find_operation_rule(*route.operation) != nullptr) return by_rule(request, route);
  switch (route.path->kind) {
    case PathKind::list:
      return request.method == "GET" ? list(request, route, request.query_text()) : create(request, route);
    case PathKind::item:
      return one(request, route);
    case PathKind::count:
      return count(request, route);
    case PathKind::operation:
      break;
  }
  return search(request, route);
}

net::Response Api::one(const ApiRequest& request, const Route& route) {
  const Row* row = tenant_.table(*route.resource).find(route.id);
  if (row == nullptr || (route.parent != 0 && row->parent != route.parent) || !is_visible(*route.resource, *row))
    return to_response(not_found(route.resource->spec.title, route.id));
  if (request.method == "GET") return show(200, route, *row, request);
  const char right = request.method == "DELETE" ? 'D' : 'E';
  if (!tenant_.access(actor_.member).may_with(*route.resource, *row, right)) return to_response(not_permitted());
  return request.method == "DELETE" ? remove(route) : change(request, route, *row);
}

void Api::write(std::string& out, const Route& route, const Row& row, std::string_view fields) const {
  const Resource& resource = *route.resource;
  const bool narrowed = narrower_schema(route) != nullptr;
  if (!narrowed && fields.empty()) return wire_.write(out, resource, row);
  json::object object = narrowed ? wire_.object_as(resource, row, route.path->schema) : wire_.object(resource, row);
  out += json_text(fields.empty() ? std::move(object) : project(object, fields));
}

net::Response Api::show(int status, const Route& route, const Row& row, const ApiRequest& request) const {
  std::string out;
  write(out, route, row, request.parameter("fields"));
  return json_response(status, std::move(out));
}

bool Api::is_visible(const Resource& resource, const Row& row) const {
  const Access& access = tenant_.access(actor_.member);
  return access.sees_all_of(resource) || access.sees(resource, row);
}

std::vector<const Row*> Api::visible(const Query& query, const Route& route, std::int64_t after,
                                     std::size_t limit) const {
  const Access& access = tenant_.access(actor_.member);
  if (access.sees_all_of(*route.resource)) return query.run(tenant_, route.parent, after, limit);
  std::vector<const Row*> rows = query.run(tenant_, route.parent, after);
  std::erase_if(rows, [&](const Row* row) { return !access.sees(*route.resource, *row); });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

net::Response Api::list(const ApiRequest& request, const Route& route, const QueryText& text) {
  ApiResult<Query> query = Query::compile(*route.resource, text, narrower_schema(route));
  if (!query) return to_response(query.error());
  const std::string_view fields = request.parameter("fields");
  if (!request.forward_only) {
    const std::vector<const Row*> rows = visible(*query, route);
    return page_response(request, wire_, rows.size(),
                         [&](std::string& out, std::size_t i) { write(out, route, *rows[i], fields); });
  }
  if (query->ordered()) return to_response(invalid_condition("orderBy is not allowed with forward-only pagination."));
  const std::size_t size = page_size(request);
  const auto after = static_cast<std::int64_t>(number_parameter(request, "pageId", 0));
  const std::vector<const Row*> rows = visible(*query, route, after, size);
  std::string body = "[";
  for (const Row* row : rows) {
    if (body.size() > 1) body.push_back(',');
    write(body, route, *row, fields);
  }
  net::Response response = json_response(200, body + "]");
  // The header is always sent; behind the last page it is empty.
  response.headers.set("Link", rows.empty() ? std::string()
                                            : fmt::format("{}&pageId={}>; rel=\"next\"",
                                                          link_base(request, wire_, size), rows.back()->id));
  return response;
}

net::Response Api::count(const ApiRequest& request, const Route& route) {
  ApiResult<Query> query = Query::compile(*route.resource, request.query_text(), narrower_schema(route));
  if (!query) return to_response(query.error());
  return count_response(visible(*query, route).size());
}

net::Response Api::search(const ApiRequest& request, const Route& route) {
  const std::optional<json::object> body = parse_object(request.body.empty() ? "{}" : request.body);
  if (!body) return to_response(invalid_object("filterValues", {}));
  const auto text = [&](std::string_view name) {
    for (const auto& [key, value] : *body) {
      if (equals_ignoring_case(key, name) && value.is_string()) return std::string_view(value.get_string());
    }
    return std::string_view();
  };
  return list(request, route,
              {text("conditions"), text("childConditions"), text("customFieldConditions"), text("orderBy")});
}

net::Response Api::create(const ApiRequest& request, const Route& route) {
  const Resource& resource = *route.resource;
  const std::optional<json::object> body = parse_object(request.body);
  if (!body) return to_response(invalid_object(resource.spec.noun, {}));
  std::int64_t parent = route.parent;
  if (resource.parent >= 0 && parent == 0) {
    // A path that shows the rows of all parents: the body says whose the new one is.
    ApiResult<std::int64_t> named = parent_in(tenant_, resource, *body);
    if (!named) return to_response(named.error());
    parent = *named;
  }
  const ApiResult<const Row*> added = post_row(tenant_, resource, parent, *body, actor_);
  if (!added) return to_response(added.error());
  net::Response response = show(route.operation->status, route, **added, request);
  // The answer to a new note shows two flags that no later GET does.
  if (resource.path == "service/tickets/notes" && request.parameter("fields").empty()) {
    const std::size_t info = response.body.rfind(",\"_info\":");
    std::string& text = response.body;
    for (const std::string_view shown : {"\"internalFlag\":false", "\"externalFlag\":false"}) {
      const std::size_t at = text.find(shown);
      if (at != std::string::npos && at < info)
        text.replace(at, shown.size(), std::string(shown.substr(0, 15)) + "true");
    }
  }
  return response;
}

net::Response Api::change(const ApiRequest& request, const Route& route, const Row& row) {
  const Resource& resource = *route.resource;
  ApiResult<const Row*> changed = nullptr;
  if (request.method == "PUT") {
    const std::optional<json::object> body = parse_object(request.body);
    if (!body) return to_response(invalid_object(resource.spec.noun, {}));
    changed = put_row(tenant_, resource, row, *body, actor_);
  } else {
    boost::system::error_code error;
    const json::value operations = json::parse(request.body, error);
    if (error || !operations.is_array()) return to_response({400, "InvalidObject", "expected array format", {}});
    changed = patch_row(tenant_, resource, row, operations.get_array(), actor_);
  }
  return changed ? show(200, route, **changed, request) : to_response(changed.error());
}

net::Response Api::remove(const Route& route) {
  // Some operations of the document answer 200 with the object that was.
  std::string last;
  if (route.operation->status == 200) write(last, route, *tenant_.table(*route.resource).find(route.id), {});
  if (auto error = delete_row(tenant_, *route.resource, route.id, actor_)) return to_response(*error);
  return last.empty() ? no_content_response() : json_response(200, std::move(last));
}

}  // namespace crosswalk::sandbox
