#include "sandbox/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::size_t kPageSizeDefault = 25;  ///< as documented
constexpr std::size_t kPageSizeMax = 1'000;   ///< as documented; more is cut silently

std::optional<std::int64_t> to_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 0) return std::nullopt;
  return id;
}

std::string join(const std::vector<std::string>& names) {
  std::string path;
  for (const std::string& name : names) path.append(path.empty() ? "" : "/").append(name);
  return path;
}

std::string_view parameter(const net::Query& query, std::string_view name) {
  const std::string* value = query.find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::size_t number_parameter(const net::Query& query, std::string_view name, std::size_t otherwise) {
  const std::optional<std::int64_t> number = to_id(parameter(query, name));
  return number && *number > 0 ? static_cast<std::size_t>(*number) : otherwise;
}

QueryText query_text(const net::Query& query) {
  return {parameter(query, "conditions"), parameter(query, "childConditions"),
          parameter(query, "customFieldConditions"), parameter(query, "orderBy")};
}

char right_for(std::string_view method) {
  if (method == "GET") return 'I';
  if (method == "POST") return 'A';
  return method == "DELETE" ? 'D' : 'E';
}

char verb_for(std::string_view method) {
  if (method == "PUT") return 'U';
  if (method == "PATCH") return 'X';
  return method.empty() ? '?' : method.front();
}

/// What ASP.NET answers by itself.
net::Response method_refused(std::string_view method) {
  return json_response(
      405, fmt::format("{{\"message\":\"The requested resource does not support http method '{}'.\"}}", method));
}

net::Response counted(std::size_t number) { return json_response(200, fmt::format("{{\"count\":{}}}", number)); }

}  // namespace

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

ApiResult<const Row*> post_row(Tenant& tenant, const Resource& resource, std::int64_t parent, const json::object& body,
                               const Actor& actor) {
  Row row;
  row.parent = parent;
  Writer writer(tenant, resource, std::move(row), Writer::Mode::post, actor);
  writer.apply_body(body);
  writer.finish();
  return writer.commit();
}

std::optional<Api::Route> Api::find_route(const std::vector<std::string>& path) {
  std::vector<std::string> names;
  std::vector<std::pair<std::int64_t, std::size_t>> ids;  // and how many names stand before
  for (const std::string& segment : path) {
    if (segment.empty()) continue;
    if (const auto id = to_id(segment)) {
      ids.emplace_back(*id, names.size());
    } else {
      names.push_back(segment);
    }
  }
  constexpr int kTailMax = 2;  // "configurations/count"
  Route route;
  for (int tail = 0; tail <= kTailMax && !names.empty(); ++tail) {
    route.resource = Catalogue::instance().find(join(names));
    if (route.resource != nullptr) break;
    route.tail = route.tail.empty() ? names.back() : names.back() + "/" + route.tail;
    names.pop_back();
  }
  if (route.resource == nullptr) return std::nullopt;
  std::size_t next = 0;
  if (route.resource->parent >= 0) {
    const std::size_t expected = Catalogue::instance().at(route.resource->parent).segments.size();
    if (ids.empty() || ids[0].second != expected) return std::nullopt;
    route.parent = ids[next++].first;
  }
  if (next < ids.size() && ids[next].second == route.resource->segments.size()) route.id = ids[next++].first;
  if (next < ids.size() && !route.tail.empty()) route.below = ids[next++].first;
  if (next < ids.size()) return std::nullopt;
  return route;
}

bool Api::may(const Route& route, std::string_view method) const {
  const Role& role = tenant_.role();
  const std::string_view permission = route.resource->spec.permission;
  if (equals_ignoring_case(route.tail, "search")) return role.may(permission, 'I');
  if (equals_ignoring_case(route.tail, "merge")) return role.may("Merge Tickets", 'E');
  // To add to a ticket is to edit it.
  const bool of_ticket = route.resource->path == "service/tickets/notes" || (!route.tail.empty() && route.id != 0);
  if (of_ticket && method == "POST") return role.may(permission, 'E') && role.may(permission, 'I');
  return role.may(permission, right_for(method));
}

std::optional<ApiError> Api::check_parent(const Route& route) const {
  if (route.resource->parent < 0) return std::nullopt;
  const Resource& parent = Catalogue::instance().at(route.resource->parent);
  if (tenant_.table(parent).find(route.parent) != nullptr) return std::nullopt;
  return not_found(parent.spec.title, route.parent);
}

net::Response Api::handle(const ApiRequest& request) {
  if (request.path.size() == 2 && equals_ignoring_case(request.path[0], "system") &&
      equals_ignoring_case(request.path[1], "info")) {
    return request.method == "GET" ? system_info() : method_refused(request.method);
  }
  const std::optional<Route> route = find_route(request.path);
  if (!route) return to_response(endpoint_missing());
  if (!may(*route, request.method)) return to_response(not_permitted());
  if (auto error = check_parent(*route)) return to_response(*error);
  const bool is_ticket = route->resource->path == "service/tickets";
  if (route->below != 0 && route->id == 0) return to_response(endpoint_missing());
  if (equals_ignoring_case(route->tail, "count") && route->id == 0) {
    return request.method == "GET" ? count(request, *route) : method_refused(request.method);
  }
  if (is_ticket && equals_ignoring_case(route->tail, "search") && route->id == 0) {
    return request.method == "POST" ? search(request, *route) : method_refused(request.method);
  }
  if (is_ticket && !route->tail.empty() && route->id != 0) return ticket_operation(request, *route);
  if (!route->tail.empty()) return to_response(endpoint_missing());
  if (!route->resource->allows(verb_for(request.method))) return method_refused(request.method);
  return route->id == 0 ? collection(request, *route) : one(request, *route);
}

net::Response Api::system_info() {
  return json_response(200, json::serialize(json::object{{"version", "v2025.1.105333"},
                                                         {"isCloud", is_cloud_},
                                                         {"serverTimeZone", "Eastern Standard Time"},
                                                         {"cloudRegion", "NA"},
                                                         {"maxWorkFlowRecordsAllowed", 2000}}));
}

net::Response Api::collection(const ApiRequest& request, const Route& route) {
  if (request.method == "GET") return list(request, route, query_text(*request.query));
  if (request.method == "POST") return create(request, route);
  return method_refused(request.method);
}

net::Response Api::one(const ApiRequest& request, const Route& route) {
  const Row* row = tenant_.table(*route.resource).find(route.id);
  if (row == nullptr || row->parent != route.parent)
    return to_response(not_found(route.resource->spec.title, route.id));
  if (request.method == "GET") return show(200, *route.resource, *row, request);
  if (request.method == "PUT" || request.method == "PATCH") return change(request, route, *row);
  if (request.method == "DELETE") return remove(route);
  return method_refused(request.method);
}

net::Response Api::show(int status, const Resource& resource, const Row& row, const ApiRequest& request) const {
  const std::string_view fields = parameter(*request.query, "fields");
  if (fields.empty()) return json_response(status, wire_.text(resource, row));
  return json_response(status, json::serialize(project(wire_.object(resource, row), fields)));
}

template <class Write>
net::Response Api::page(const ApiRequest& request, std::size_t total, Write&& write) const {
  const std::size_t size = std::min(number_parameter(*request.query, "pageSize", kPageSizeDefault), kPageSizeMax);
  const std::size_t number = number_parameter(*request.query, "page", 1);
  const std::size_t pages = std::max<std::size_t>(1, (total + size - 1) / size);
  std::string body = "[";
  if (number <= pages) {
    for (std::size_t i = (number - 1) * size; i < std::min(number * size, total); ++i) {
      if (body.size() > 1) body.push_back(',');
      write(body, i);
    }
  }
  body.push_back(']');
  net::Response response = json_response(200, std::move(body));
  if (std::string links = link(request, number, pages, size); !links.empty())
    response.headers.set("Link", std::move(links));
  return response;
}

std::string Api::link_base(const ApiRequest& request, std::size_t page_size) const {
  std::string base = "<" + wire_.prefix() + join(request.path) + "?";
  for (const auto& [name, value] : request.query->items) {
    if (equals_ignoring_case(name, "page") || equals_ignoring_case(name, "pageSize") ||
        equals_ignoring_case(name, "pageId"))
      continue;
    base += net::percent_encode(name) + "=" + net::percent_encode(value) + "&";
  }
  return base + fmt::format("pageSize={}", page_size);
}

std::string Api::link(const ApiRequest& request, std::size_t page, std::size_t pages, std::size_t page_size) const {
  if (pages <= 1 && page <= 1) return {};
  const std::string base = link_base(request, page_size);
  std::string links;
  const auto add = [&](std::string_view rel, std::size_t to) {
    links += fmt::format("{}{}&page={}>; rel=\"{}\"", links.empty() ? "" : ", ", base, to, rel);
  };
  if (page > 1 && page <= pages) {
    add("first", 1);
    add("prev", page - 1);
  }
  if (page < pages) {
    add("next", page + 1);
    add("last", pages);
  }
  return links;
}

net::Response Api::list(const ApiRequest& request, const Route& route, const QueryText& text) {
  ApiResult<Query> query = Query::compile(*route.resource, text);
  if (!query) return to_response(query.error());
  const std::string_view fields = parameter(*request.query, "fields");
  const auto write = [&](std::string& out, const Row& row) {
    if (fields.empty()) return wire_.write(out, *route.resource, row);
    out += json::serialize(project(wire_.object(*route.resource, row), fields));
  };
  if (!request.forward_only) {
    const std::vector<const Row*> rows = query->run(tenant_, route.parent);
    return page(request, rows.size(), [&](std::string& out, std::size_t i) { write(out, *rows[i]); });
  }
  if (query->ordered()) return to_response(invalid_condition("orderBy is not allowed with forward-only pagination."));
  const std::size_t size = std::min(number_parameter(*request.query, "pageSize", kPageSizeDefault), kPageSizeMax);
  const auto after = static_cast<std::int64_t>(number_parameter(*request.query, "pageId", 0));
  const std::vector<const Row*> rows = query->run(tenant_, route.parent, after, size);
  std::string body = "[";
  for (const Row* row : rows) {
    if (body.size() > 1) body.push_back(',');
    write(body, *row);
  }
  net::Response response = json_response(200, body + "]");
  if (!rows.empty()) {
    response.headers.set("Link", fmt::format("{}&pageId={}>; rel=\"next\"", link_base(request, size), rows.back()->id));
  }
  return response;
}

net::Response Api::count(const ApiRequest& request, const Route& route) {
  ApiResult<Query> query = Query::compile(*route.resource, query_text(*request.query));
  if (!query) return to_response(query.error());
  return counted(query->run(tenant_, route.parent).size());
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
  const std::optional<json::object> body = parse_object(request.body);
  if (!body) return to_response(invalid_object(route.resource->spec.noun, {}));
  const ApiResult<const Row*> added = post_row(tenant_, *route.resource, route.parent, *body, actor_);
  if (!added) return to_response(added.error());
  net::Response response = show(201, *route.resource, **added, request);
  // The answer to a new note shows two flags that no later GET does.
  if (route.resource->path == "service/tickets/notes" && parameter(*request.query, "fields").empty()) {
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
  if (request.method == "PUT") {
    const std::optional<json::object> body = parse_object(request.body);
    if (!body) return to_response(invalid_object(resource.spec.noun, {}));
    Writer writer(tenant_, resource, row, Writer::Mode::put, actor_);
    writer.apply_body(*body);
    writer.finish();
    const ApiResult<const Row*> changed = writer.commit();
    return changed ? show(200, resource, **changed, request) : to_response(changed.error());
  }
  boost::system::error_code error;
  const json::value operations = json::parse(request.body, error);
  if (error || !operations.is_array()) return to_response({400, "InvalidObject", "expected array format", {}});
  const ApiResult<const Row*> changed = patch_row(tenant_, resource, row, operations.get_array(), actor_);
  return changed ? show(200, resource, **changed, request) : to_response(changed.error());
}

net::Response Api::remove(const Route& route) {
  if (!mark_deleted(tenant_, *route.resource, route.id, actor_)) {
    Table& table = tenant_.table(*route.resource);
    const Row removed = *table.find(route.id);
    table.erase(route.id);
    apply_removal(tenant_, *route.resource, removed);
  }
  net::Response response;
  response.status = 204;
  return response;
}

net::Response Api::ticket_operation(const ApiRequest& request, const Route& route) {
  const Row* ticket = tenant_.table(*route.resource).find(route.id);
  if (ticket == nullptr) return to_response(not_found("Ticket", route.id));
  const std::string tail = to_lower(route.tail);
  const bool reading = request.method == "GET", posting = request.method == "POST";
  if (tail == "configurations" || tail == "configurations/count") return configurations(request, route, *ticket);
  if (tail == "attachchildren") return posting ? attach_children(request, *ticket) : method_refused(request.method);
  if (tail == "merge") return posting ? merge(request, *ticket) : method_refused(request.method);
  if (tail == "allnotes") return reading ? all_notes(request, *ticket) : method_refused(request.method);
  if (tail == "timeentries") return reading ? time_entries(request, *ticket, false) : method_refused(request.method);
  if (tail == "timeentries/count")
    return reading ? time_entries(request, *ticket, true) : method_refused(request.method);
  return to_response(endpoint_missing());
}

net::Response Api::all_notes(const ApiRequest& request, const Row& ticket) {
  const Table& notes = tenant_.table("service/tickets/notes");
  const Table& entries = tenant_.table("time/entries");
  const Resource& of_note = notes.resource();
  const Resource& of_entry = entries.resource();
  std::vector<json::object> shown;
  const auto add = [&](json::object from, std::string_view type) {
    json::object note{{"id", from.at("id")}, {"noteType", type}};
    std::string reference;
    wire_.write_reference(reference, Catalogue::instance().get("service/tickets"), ticket,
                          std::vector<std::string>{"summary"});
    note["ticket"] = json::parse(reference);
    const auto copy = [&](std::string_view source, std::string_view target) {
      if (const json::value* value = from.if_contains(source)) note[target] = *value;
    };
    const bool timed = type == "TimeEntryNote";
    copy(timed ? "notes" : "text", "text");
    note["isMarkdownFlag"] = false;
    copy(timed ? "addToDetailDescriptionFlag" : "detailDescriptionFlag", "detailDescriptionFlag");
    copy(timed ? "addToInternalAnalysisFlag" : "internalAnalysisFlag", "internalAnalysisFlag");
    copy(timed ? "addToResolutionFlag" : "resolutionFlag", "resolutionFlag");
    for (const char* name : {"timeStart", "timeEnd", "issueFlag", "member", "contact", "_info"}) copy(name, name);
    for (const char* name : {"bundledFlag", "mergedFlag", "createdByParentFlag"}) note[name] = false;
    if (const json::value* author = from.if_contains(timed ? "enteredBy" : "createdBy"))
      note["originalAuthor"] = *author;
    shown.push_back(std::move(note));
  };
  for (const std::int64_t id : *notes.lookup(of_note.parent_field, std::to_string(ticket.id))) {
    add(wire_.object(of_note, *notes.find(id)), "TicketNote");
  }
  for (const std::int64_t id : *entries.lookup(of_entry.field("chargeToId"), std::to_string(ticket.id))) {
    const Row& entry = *entries.find(id);
    const bool of_ticket = entry.text(of_entry.field("chargeToType")) == "ServiceTicket";
    if (of_ticket && !entry.text(of_entry.field("notes")).empty()) add(wire_.object(of_entry, entry), "TimeEntryNote");
  }
  return page(request, shown.size(), [&](std::string& out, std::size_t i) { out += json::serialize(shown[i]); });
}

net::Response Api::time_entries(const ApiRequest& request, const Row& ticket, bool only_count) {
  const Table& entries = tenant_.table("time/entries");
  const Resource& of_entry = entries.resource();
  std::vector<const Row*> rows;
  for (const std::int64_t id : *entries.lookup(of_entry.field("chargeToId"), std::to_string(ticket.id))) {
    const Row* entry = entries.find(id);
    if (entry->text(of_entry.field("chargeToType")) == "ServiceTicket") rows.push_back(entry);
  }
  if (only_count) return counted(rows.size());
  return page(request, rows.size(),
              [&](std::string& out, std::size_t i) { wire_.write_reference(out, of_entry, *rows[i], {}); });
}

net::Response Api::configurations(const ApiRequest& request, const Route& route, const Row& ticket) {
  const Resource& tickets = *route.resource;
  const int field = tickets.field("configuration");
  const Resource& target = Catalogue::instance().get("company/configurations");
  const Table& table = tenant_.table(target);
  std::vector<const Row*> rows;
  if (const json::value* ids = ticket.get(field)) {
    for (const json::value& id : ids->get_array()) {
      const Row* row = table.find(id.get_int64());
      if (row != nullptr && (route.below == 0 || row->id == route.below)) rows.push_back(row);
    }
  }
  if (route.tail.size() > std::string_view("configurations").size()) return counted(rows.size());
  if (request.method == "POST" && route.below == 0) return attach_configuration(request, ticket);
  const std::vector<std::string> shape = {"deviceIdentifier"};
  if (request.method == "GET" && route.below == 0) {
    return page(request, rows.size(),
                [&](std::string& out, std::size_t i) { wire_.write_reference(out, target, *rows[i], shape); });
  }
  if (request.method != "GET" && request.method != "DELETE") return method_refused(request.method);
  if (rows.empty()) return to_response(not_found("Configuration", route.below));
  if (request.method == "GET") {
    std::string out;
    wire_.write_reference(out, target, *rows.front(), shape);
    return json_response(200, std::move(out));
  }
  json::array kept;
  for (const json::value& id : ticket.get(field)->get_array()) {
    if (id != json::value(route.below)) kept.push_back(id);
  }
  Row changed = ticket;
  changed.set(field, kept.empty() ? json::value(nullptr) : json::value(std::move(kept)));
  tenant_.table(tickets).replace(std::move(changed));
  net::Response response;
  response.status = 204;
  return response;
}

}  // namespace crosswalk::sandbox
