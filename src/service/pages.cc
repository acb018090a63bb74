#include "service/pages.h"

#include "mapping/document.h"
#include "mapping/object_document.h"
#include "service/event_schema.h"

namespace crosswalk::embedded {
extern const std::string_view page_index, page_script, page_style, page_icon, contract;
}

namespace crosswalk::service {
namespace {

constexpr std::string_view kSchemas = "/v1/schemas/";

/// The page runs its own script and talks to its own server, and nothing else.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

net::Response file(std::string_view type, std::string_view bytes) {
  net::Response response;
  response.headers.add("Content-Type", std::string(type));
  response.headers.add("Content-Security-Policy", std::string(kContentSecurityPolicy));
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cache-Control", "no-cache");
  response.body = bytes;
  return response;
}

}  // namespace

std::optional<net::Response> find_page(std::string_view path) {
  if (path == "/") return file("text/html; charset=utf-8", embedded::page_index);
  if (path == "/app.js") return file("text/javascript; charset=utf-8", embedded::page_script);
  if (path == "/app.css") return file("text/css; charset=utf-8", embedded::page_style);
  if (path == "/icon.svg" || path == "/favicon.ico") return file("image/svg+xml", embedded::page_icon);
  if (path == "/v1/openapi.yaml") return file("application/yaml", embedded::contract);
  if (path == "/v1/mapping-schema") return file("application/schema+json", mapping::json_schema());
  if (path == "/v1/object-mapping-schema") return file("application/schema+json", mapping::object_json_schema());
  if (path.starts_with(kSchemas))
    if (const auto schema = event_schema(path.substr(kSchemas.size()))) return file("application/schema+json", *schema);
  return std::nullopt;
}

}  // namespace crosswalk::service
