#include "sandbox/deep_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/control_input.h"

namespace crosswalk::sandbox {
namespace {

constexpr std::string_view kRouter = "/services/system_io/router/openrecord.rails";
constexpr std::string_view kOldPage = "/connectwise.aspx";

/// A kind of record that an address can name, and where the page shows it.
struct Screen {
  std::string_view route, view, collection, noun;
};
constexpr Screen kScreens[] = {{"ServiceFv", "tickets", "service/tickets", "ticket"},
                               {"AccountFv", "companies", "company/companies", "company"},
                               {"ConfigFv", "configurations", "company/configurations", "configuration"}};

/// The first of these parameters that is there; empty: none is.
std::string parameter(const net::Query& query, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const std::string* value = query.find(name)) return *value;
  }
  return {};
}

const Screen* screen_in(const net::Query& query) {
  const std::string route = parameter(query, {"recordType", "routeTo"});
  const auto* screen = std::find_if(std::begin(kScreens), std::end(kScreens),
                                    [&](const Screen& each) { return equals_ignoring_case(each.route, route); });
  return screen == std::end(kScreens) ? nullptr : screen;
}

std::int64_t record_in(const net::Query& query) {
  const std::string text = parameter(query, {"recid"});
  std::int64_t record = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), record);
  return error == std::errc() && end == text.data() + text.size() ? record : 0;
}

std::string address(const Screen& screen, std::string_view tenant, std::int64_t record) {
  return fmt::format("/#view={}&tenant={}&id={}", screen.view, net::percent_encode(tenant), record);
}

net::Response redirect(std::string location) {
  net::Response response;
  response.status = 302;
  response.headers.set("Location", std::move(location));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

/// One link for each company that has such a record; the first of very many.
net::Response choice(const Screen& screen, std::int64_t record, const std::vector<std::string>& tenants) {
  constexpr std::size_t kShown = 100;
  const std::string title = fmt::format("Several companies have {} {}", screen.noun, record);
  std::string body = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>"
      "<link rel=\"stylesheet\" href=\"/page.css\"></head><body><main><div><h1>{0}</h1>"
      "<p>The address does not say whose it is (companyName=...). Whose do you mean?</p><ul>",
      title);
  for (std::size_t i = 0; i < std::min(kShown, tenants.size()); ++i) {
    body += fmt::format("<li><a href=\"{}\">{}</a></li>", escaped(address(screen, tenants[i], record)),
                        escaped(tenants[i]));
  }
  if (tenants.size() > kShown) body += fmt::format("<li>and {} more</li>", tenants.size() - kShown);
  net::Response response;
  response.status = 300;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'self'");
  response.body = body + "</ul></div></main></body></html>";
  return response;
}

}  // namespace

bool is_deep_link(const net::Request& request) {
  // Nearly all requests are calls of the API, and none of those is one.
  if (request.method != "GET" || request.target.find("/apis/") != std::string::npos) return false;
  const std::string path = to_lower(net::parse_target(request.target).path);
  return path.ends_with(kRouter) || path.ends_with(kOldPage);
}

net::Response open_record(const World& world, const net::Request& request) {
  const net::Query query = net::parse_target(request.target).query;
  const Screen* screen = screen_in(query);
  const std::int64_t record = record_in(query);
  if (screen == nullptr)
    return text_response(
        404, "The sandbox opens ServiceFv (a ticket), AccountFv (a company) and ConfigFv (a configuration).");
  if (record <= 0) return text_response(400, "The address says no number of a record (recid=...).");
  const std::string company = parameter(query, {"companyName", "company"});
  if (!company.empty()) {
    const Tenant* tenant = world.tenant(company);
    if (tenant == nullptr) return text_response(404, fmt::format("There is no company {} here.", quoted(company)));
    return redirect(address(*screen, tenant->name(), record));
  }
  std::vector<std::string> names = world.tenants();
  // The only company is meant whether it has the record or not: the page says so.
  if (names.size() > 1) {
    std::erase_if(names, [&](const std::string& name) {
      return world.tenant(name)->table(screen->collection).find(record) == nullptr;
    });
  }
  if (names.empty()) return text_response(404, fmt::format("No company here has {} {}.", screen->noun, record));
  return names.size() == 1 ? redirect(address(*screen, names.front(), record)) : choice(*screen, record, names);
}

}  // namespace crosswalk::sandbox
