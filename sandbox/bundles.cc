#include "sandbox/bundles.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// What a bundle asks is as much as one long request may.
constexpr std::size_t kRequestsMax = 100;

/// Members are written in mixed case in the published example.
const json::value* member(const json::value& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  for (const auto& [key, value] : object.get_object()) {
    if (equals_ignoring_case(key, name)) return value.is_null() ? nullptr : &value;
  }
  return nullptr;
}

std::string text_of(const json::value* value) {
  if (value == nullptr) return {};
  return value->is_string() ? std::string(value->get_string()) : json_text(*value);
}

std::string text_of(const json::value& object, std::string_view name) { return text_of(member(object, name)); }

std::int64_t number_of(const json::value& object, std::string_view name) {
  const json::value* value = member(object, name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

/// "ticket", "Company", "Addition": a collection by what one of its objects is called.
const Resource* named(std::string_view type) {
  const Resource* found = nullptr;
  for (const bool by_schema : {true, false}) {
    for (const Resource& resource : Catalogue::instance().resources()) {
      const std::size_t dot = resource.spec.schema.rfind('.');
      const std::string_view schema =
          std::string_view(resource.spec.schema).substr(dot == std::string::npos ? 0 : dot + 1);
      if (!equals_ignoring_case(by_schema ? schema : std::string_view(resource.spec.noun), type)) continue;
      if (found == nullptr || resource.segments.size() < found->segments.size()) found = &resource;
    }
    if (found != nullptr) break;
  }
  return found;
}

/// The path of the same question asked alone.
std::vector<std::string> path_of(const Resource& resource, const json::value& request, bool counting) {
  const std::int64_t id = number_of(request, "id"), parent = number_of(request, "parentId"),
                     grandparent = number_of(request, "grandParentId");
  std::vector<std::string> path;
  const Resource* above = resource.parent < 0 ? nullptr : &Catalogue::instance().at(resource.parent);
  const Resource* top = above == nullptr || above->parent < 0 ? nullptr : &Catalogue::instance().at(above->parent);
  for (std::size_t i = 0; i < resource.segments.size(); ++i) {
    if (above != nullptr && parent != 0 && i == above->segments.size()) path.push_back(std::to_string(parent));
    if (top != nullptr && grandparent != 0 && i == top->segments.size()) path.push_back(std::to_string(grandparent));
    path.push_back(resource.segments[i]);
  }
  if (counting) {
    path.push_back("count");
  } else if (id != 0) {
    path.push_back(std::to_string(id));
  }
  return path;
}

net::Query query_of(const json::value& request) {
  net::Query query;
  const auto add = [&](const char* name, const json::value* value) {
    if (value != nullptr) query.items.emplace_back(name, text_of(value));
  };
  if (const json::value* filters = member(request, "filters")) {
    for (const char* name : {"conditions", "childConditions", "customFieldConditions", "orderBy"}) {
      add(name, member(*filters, name));
    }
  }
  if (const json::value* page = member(request, "page")) {
    for (const char* name : {"page", "pageSize"}) add(name, member(*page, name));
  }
  add("fields", member(request, "fields"));
  return query;
}

json::object answer_one(const OperationContext& context, const json::value& asked, bool counting) {
  json::object result{{"sequenceNumber", number_of(asked, "sequenceNumber")},
                      {"resourceType", text_of(asked, "resourceType")},
                      {"entities", json::array()},
                      {"count", 0},
                      {"version", text_of(asked, "version")}};
  static const json::value kNothing = json::object();
  const json::value* inner = member(asked, "apiRequest");
  const json::value& request = inner == nullptr ? kNothing : *inner;
  const Resource* resource = named(text_of(asked, "resourceType"));
  net::Response response = to_response(endpoint_missing());
  if (resource != nullptr) {
    const net::Query query = query_of(request);
    ApiRequest single;
    single.method = "GET";
    single.path = path_of(*resource, request, counting);
    single.query = &query;
    response = Api(context.tenant, context.actor, context.wire.prefix()).handle(single);
  }
  const json::value body = json::parse(response.body);
  const bool success = response.status == 200;
  result["success"] = success;
  result["statusCode"] = response.status;
  result["error"] = success ? json::value(nullptr) : body;
  if (success && counting) {
    result["count"] = body.at("count");
  } else if (success) {
    result["entities"] = body.is_array() ? body : json::value(json::array{body});
    result["count"] = result["entities"].as_array().size();
  }
  return result;
}

net::Response answer_all(const OperationContext& context, bool counting) {
  boost::system::error_code error;
  const json::value body = json::parse(context.request.body, error);
  const json::value* requests = error ? nullptr : member(body, "requests");
  if (requests == nullptr || !requests->is_array()) {
    return to_response(
        invalid_object("bundleRequestsCollection", {missing_field("bundleRequestsCollection", "requests")}));
  }
  if (requests->get_array().size() > kRequestsMax) {
    return to_response(invalid_object("bundleRequestsCollection",
                                      {{"OutOfRange", fmt::format("No more than {} requests.", kRequestsMax),
                                        "bundleRequestsCollection", "requests"}}));
  }
  json::array results;
  for (const json::value& asked : requests->get_array()) results.push_back(answer_one(context, asked, counting));
  return json_response(200, json_text(json::object{{"results", std::move(results)}}));
}

}  // namespace

net::Response answer_bundle(const OperationContext& context) { return answer_all(context, false); }

net::Response count_bundle(const OperationContext& context) { return answer_all(context, true); }

}  // namespace crosswalk::sandbox
