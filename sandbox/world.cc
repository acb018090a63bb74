#include "sandbox/world.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/deliveries.h"
#include "sandbox/invoicing.h"
#include "sandbox/scenario.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kOldCodebase = "v4_6_release";
constexpr std::string_view kVersionHeader = "api-current-version";

/// Host header or absolute target; the path is what is left.
std::pair<std::string, std::string_view> split_origin(const net::Request& request, const std::string& base_url,
                                                      bool secure) {
  const std::string_view target = request.target;
  const std::size_t scheme = target.find("://");
  if (scheme != std::string_view::npos && target.find('/') > scheme) {
    const std::size_t path = target.find('/', scheme + 3);
    if (path == std::string_view::npos) return {std::string(target), "/"};
    return {std::string(target.substr(0, path)), target.substr(path)};
  }
  const std::string* host = request.headers.find("Host");
  return {host == nullptr ? base_url : (secure ? "https://" : "http://") + *host, target};
}

std::string_view without_slash(std::string_view codebase) {
  if (codebase.ends_with('/')) codebase.remove_suffix(1);
  return codebase;
}

net::Response https_required() {
  return json_response(403, R"({"code":"Security","message":"SSL is required.","errors":null})");
}

net::Response cannot_route() { return text_response(400, "Cannot route. Codebase/company is invalid"); }

/// What a Basic header says: "company+public:private".
std::string login_of(std::string_view authorization) {
  constexpr std::string_view kBasic = "Basic ";
  if (!equals_ignoring_case(authorization.substr(0, kBasic.size()), kBasic)) return {};
  return base64_decode(trim(authorization.substr(kBasic.size())));
}

/// ConnectWise does not say which clients it knows; a list in the switches makes all others unknown.
bool is_known_client(const std::string* client_id, const Switches& switches) {
  if (client_id == nullptr || trim(*client_id).empty()) return false;
  const std::vector<std::string>& known = switches.client_ids;
  return known.empty() || std::any_of(known.begin(), known.end(), [&](const std::string& each) {
           return equals_ignoring_case(each, trim(*client_id));
         });
}

/// Bytes that are no text become replacement characters, as servers decode addresses.
void make_utf8(std::string& text) {
  if (is_utf8(text)) return;
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string repaired;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 1;
    while (length <= 4 && at + length <= text.size() && !is_utf8(std::string_view(text).substr(at, length))) ++length;
    const bool whole = length <= 4 && at + length <= text.size();
    repaired += whole ? std::string_view(text).substr(at, length) : kReplacement;
    at += whole ? length : 1;
  }
  text = std::move(repaired);
}

/// Cut between characters.
std::string beginning(std::string_view body, std::size_t bytes_max) {
  if (body.size() > bytes_max) {
    body = body.substr(0, bytes_max);
    while (!body.empty() && (static_cast<unsigned char>(body.back()) & 0xC0) == 0x80) body.remove_suffix(1);
    if (!body.empty() && static_cast<unsigned char>(body.back()) >= 0xC0) body.remove_suffix(1);
  }
  return std::string(body);
}

bool is_write(std::string_view method, const std::vector<std::string>& path) {
  const bool searching = !path.empty() && equals_ignoring_case(path.back(), "search");
  return method != "GET" && !searching;
}

}  // namespace

World::World(Now now, WorldOptions options)
    : now_(std::move(now)),
      options_(std::move(options)),
      first_switches_(options_.switches),
      faults_(options_.seed),
      deliveries_(std::make_unique<Deliveries>(options_.seed)) {
  if (!options_.seeded) return;
  for (const TenantOptions& tenant : options_.tenants) {
    tenants_.push_back(std::make_unique<Tenant>(tenant));
    seed(*tenants_.back());
  }
}

World::~World() = default;

void World::renew_statuses(Tenant& tenant) {
  const Day today = day_of(seconds());
  if (tenant.statuses_as_of == today) return;
  tenant.statuses_as_of = today;
  refresh_statuses(tenant, today);
  // That a day has passed is no change that anybody is called back for.
  tenant.changes.changes.clear();
}

std::int64_t World::seconds() const {
  return std::chrono::floor<std::chrono::seconds>(now_()).time_since_epoch().count();
}

void World::seed(Tenant& tenant) {
  // Every tenant has people of its own, and the same whatever order tenants come in.
  std::uint64_t own = options_.seed;
  for (const char c : tenant.name()) own = own * 1099511628211ULL + static_cast<unsigned char>(c);
  const Actor founder{ChangeLog::kPerson, true, seconds(), &options_.switches, false};
  const std::string& named = tenant.options().scenario;
  const std::string& scenario = named.empty() ? options_.scenario : named;
  if (beginnings_at_ != founder.now) beginnings_.clear();
  beginnings_at_ = founder.now;
  std::unique_ptr<Tenant>& beginning = beginnings_[scenario];
  if (beginning == nullptr) {
    auto made = std::make_unique<Tenant>(TenantOptions{});
    seed_reference(*made, scenario, founder);
    beginning = std::move(made);
  }
  tenant.begin_as(*beginning);
  assign_role(tenant, tenant.api_member, tenant.options().role);
  seed_scenario(tenant, scenario, own, founder);
}

bool World::add_tenant(const TenantOptions& tenant) {
  if (tenant_named(tenant.login_company) != nullptr || role_named(tenant.role).empty()) return false;
  if (!tenant.scenario.empty() && !is_scenario(tenant.scenario)) return false;
  tenants_.push_back(std::make_unique<Tenant>(tenant));
  seed(*tenants_.back());
  return true;
}

void World::reset() {
  options_.switches = first_switches_;
  tenants_.clear();
  for (const TenantOptions& tenant : options_.tenants) add_tenant(tenant);
  faults_ = FaultInjector(options_.seed);
  robot_ = Robot();
  *deliveries_ = Deliveries(options_.seed);
  calls_.clear();
  calls_total_ = 0;
}

Tenant* World::tenant_named(std::string_view name) const {
  const auto found = std::find_if(tenants_.begin(), tenants_.end(),
                                  [&](const auto& tenant) { return equals_ignoring_case(tenant->name(), name); });
  return found == tenants_.end() ? nullptr : found->get();
}

std::string World::origin_of(const net::Request& request, bool secure) const {
  std::string origin = split_origin(request, options_.base_url, secure).first;
  // Links repeat what was asked; they must stay readable whatever that was.
  make_utf8(origin);
  return origin;
}

World::Address World::address_of(const net::Request& request, bool secure) const {
  Address address;
  std::string_view path;
  address.secure = secure;
  std::tie(address.origin, path) = split_origin(request, options_.base_url, secure);
  address.target = net::parse_target(path);
  // Error texts and links repeat what was asked; they must stay readable whatever that was.
  make_utf8(address.origin);
  for (auto& [name, value] : address.target.query.items) {
    make_utf8(name);
    make_utf8(value);
  }
  std::vector<std::string>& segments = address.target.segments;
  std::erase_if(segments, [](const std::string& segment) { return segment.empty(); });
  const auto is = [&](std::size_t i, std::string_view name) {
    return i < segments.size() && equals_ignoring_case(segments[i], name);
  };
  if (is(0, "login") && is(1, "companyinfo") && segments.size() == 3) {
    address.company_asked = segments[2];
    address.fault_path = address.target.path;
  } else if (is(1, "system") && is(2, "callbackkey") && is(3, "index.rails")) {
    address.is_callback_key = true;
    address.fault_path = address.target.path;
  } else if (is(1, "login") && is(2, "login.aspx")) {
    address.is_login = true;
    address.codebase = segments[0];
    address.fault_path = address.target.path;
  } else if (is(1, "apis") && is(2, "3.0")) {
    address.is_api = true;
    address.codebase = segments[0];
    address.api_path.assign(segments.begin() + 3, segments.end());
    for (const std::string& segment : address.api_path) address.fault_path.append("/").append(segment);
  }
  identify(request, address);
  return address;
}

void World::identify(const net::Request& request, Address& address) const {
  if (!address.is_api) return;
  const std::string* authorization = request.headers.find("Authorization");
  if (authorization == nullptr) return identify_by_cookies(request, address);
  const std::int64_t now = seconds();
  for (const auto& tenant : tenants_) {
    const std::string* member = tenant->member_of(*authorization, now);
    if (member == nullptr) continue;
    address.tenant = tenant.get();
    address.member = *member;
    address.authenticated = true;
    return;
  }
  const std::string login = login_of(*authorization);
  address.tenant = tenant_named(login.substr(0, login.find('+')));
  const std::string* user_type = request.headers.find("x-cw-usertype");
  if (address.tenant == nullptr || user_type == nullptr || !equals_ignoring_case(*user_type, "integrator")) return;
  address.integrator = address.authenticated =
      is_integrator(*address.tenant, std::string_view(login).substr(login.find('+') + 1));
}

void World::identify_by_cookies(const net::Request& request, Address& address) const {
  const std::optional<MemberCookies> cookies = member_cookies(request.headers);
  address.tenant = cookies ? tenant_named(cookies->company) : nullptr;
  const std::string* member = address.tenant == nullptr ? nullptr : signed_in(*address.tenant, *cookies, seconds());
  if (member == nullptr) return;
  address.member = *member;
  address.authenticated = true;
}

Outcome World::serve(const net::Request& request, bool secure) {
  const Address address = address_of(request, secure);
  const std::string_view tenant = address.tenant == nullptr ? std::string_view() : address.tenant->name();
  Verdict verdict = faults_.decide(tenant, request.method, address.fault_path, now_());
  Outcome outcome;
  outcome.delay = verdict.delay;
  switch (verdict.act) {
    case Verdict::Act::answer:
      outcome.response = std::move(verdict.answer);
      break;
    case Verdict::Act::drop:
      outcome.dropped = true;
      break;
    case Verdict::Act::handle:
      outcome.handled = true;
      outcome.response = answer(request, address);
      outcome.dropped = verdict.drop_after;
      outcome.response.body_time = verdict.body_time;
      outcome.response.drop_within_body = verdict.cut_body;
      if (verdict.empty_body) outcome.response.body.clear();
      break;
  }
  // What is answered in its place tells the version as it would; a proxy's page does not.
  const std::string* type = outcome.response.headers.find("Content-Type");
  if (address.is_api && !outcome.handled && type != nullptr && type->find("json") != std::string::npos)
    outcome.response.headers.set(kVersionHeader, std::string(version()));
  outcome.response.drop_connection = outcome.dropped;
  note_call(request, address, outcome);
  return outcome;
}

net::Response World::company_info(const Address& address) const {
  const Tenant* tenant = tenant_named(address.company_asked);
  if (tenant == nullptr) {
    net::Response unknown = json_response(options_.switches.unknown_company_is_null ? 200 : 404, "null");
    return unknown;
  }
  std::string version(without_slash(tenant->codebase));
  // The address of a server that stands with the MSP does not tell its version.
  if (equals_ignoring_case(version, kOldCodebase)) version = "v" + std::string(kCurrentVersion);
  std::replace(version.begin(), version.end(), '_', '.');
  const json::value as_text(tenant->is_cloud ? "True" : "False");
  const json::value cloud = options_.switches.is_cloud_as_text ? as_text : json::value(tenant->is_cloud);
  return json_response(200, json::serialize(json::object{{"CompanyName", tenant->company_name},
                                                         {"Codebase", tenant->codebase},
                                                         {"VersionCode", version},
                                                         {"VersionNumber", "v4.6.105333"},
                                                         {"CompanyID", tenant->name()},
                                                         {"IsCloud", cloud}}));
}

net::Response World::log_in_at(const net::Request& request, const Address& address) {
  if (request.method != "POST") return to_response(endpoint_missing());
  const LoginForm form = parse_login(request);
  Tenant* tenant = tenant_named(form.company);
  if (tenant != nullptr && !routes(*tenant, address.codebase)) return cannot_route();
  return log_in(tenant, form, seconds());
}

std::string_view World::version() const {
  return faults_.settings.field_changes.empty() ? kCurrentVersion : kNextVersion;
}

bool World::routes(const Tenant& tenant, std::string_view codebase) const {
  const bool old = options_.switches.v4_6_release_routes && equals_ignoring_case(codebase, kOldCodebase);
  return old || equals_ignoring_case(codebase, without_slash(tenant.codebase));
}

std::optional<net::Response> World::turned_away(const net::Request& request, const Address& address, bool open) const {
  const Switches& switches = options_.switches;
  const auto told = [&](net::Response response) {
    response.headers.set(kVersionHeader, std::string(version()));
    return response;
  };
  if (switches.https_required && !address.secure) return told(https_required());
  if (address.tenant == nullptr && !open) {
    // Nobody's company: the gateway cannot tell where to send it. What is no Basic header at all names nobody.
    const std::string* authorization = request.headers.find("Authorization");
    const bool names_nobody = authorization == nullptr || login_of(*authorization).empty();
    return names_nobody ? told(to_response(not_authenticated())) : cannot_route();
  }
  if (!routes(address.tenant == nullptr ? *tenants_.front() : *address.tenant, address.codebase)) return cannot_route();
  if (!address.authenticated && !open) return told(to_response(not_authenticated()));
  if (switches.unknown_versions_refused && asks_for_unknown_version(request.headers.find("Accept"), version())) {
    return told(to_response({400, "ConnectWiseApi", "The requested version of the API is not supported.", {}}));
  }
  if (switches.client_id_required && !open && !is_known_client(request.headers.find("clientId"), switches)) {
    return told(to_response(not_authenticated(switches.client_id_missing_status)));
  }
  return std::nullopt;
}

net::Response World::answer(const net::Request& request, const Address& address) {
  if (!address.company_asked.empty()) return company_info(address);
  if (address.is_callback_key) {
    const std::string* company = address.target.query.find("companyName");
    const std::string* id = address.target.query.find("id");
    return callback_key(company == nullptr ? nullptr : tenant_named(*company), id == nullptr ? "" : *id);
  }
  if (address.is_login) return log_in_at(request, address);
  if (!address.is_api) return to_response(endpoint_missing());
  const Switches& switches = options_.switches;
  const bool info = address.api_path.size() == 2 && equals_ignoring_case(address.api_path[0], "system") &&
                    equals_ignoring_case(address.api_path[1], "info");
  const bool open = info && switches.system_info_open && !tenants_.empty();
  if (std::optional<net::Response> refusal = turned_away(request, address, open)) return *std::move(refusal);
  Tenant& tenant = address.tenant == nullptr ? *tenants_.front() : *address.tenant;
  const std::string* pagination = request.headers.find("pagination-type");
  ApiRequest inner;
  inner.method = request.method;
  inner.path = address.api_path;
  inner.query = &address.target.query;
  inner.body = request.body;
  inner.forward_only = pagination != nullptr && equals_ignoring_case(*pagination, "forward-only");
  inner.exercised = &exercised_;
  const std::string* content_type = request.headers.find("Content-Type");
  if (content_type != nullptr) inner.content_type = *content_type;
  if (is_write(request.method, address.api_path)) ++tenant.writes;
  tenant.origin = address.origin;
  const std::string& member = open ? tenant.api_member : address.member;
  Api api(tenant, {member, false, seconds(), &switches, address.integrator},
          address.origin + "/" + address.codebase + "/apis/3.0/");
  net::Response response = in_the_name_of(tenant, member, [&] { return answer_in_version(api, inner); });
  response.headers.set(kVersionHeader, std::string(version()));
  return response;
}

net::Response World::in_the_name_of(Tenant& tenant, const std::string& member,
                                    const std::function<net::Response()>& answer) {
  tell(tenant);
  renew_statuses(tenant);
  tenant.changes.member = member;
  net::Response response = answer();
  tell(tenant);
  tenant.changes.member = ChangeLog::kPerson;
  return response;
}

net::Response World::answer_in_version(Api& api, ApiRequest& request) const {
  const std::vector<FieldChange>& changes = faults_.settings.field_changes;
  const std::optional<Route> route = changes.empty() ? std::nullopt : Api::find_route(request.path, request.method);
  const ChangedFields fields(changes, route && route->resource ? route->resource->path : "");
  if (!fields.any()) return api.handle(request);
  net::Query query = *request.query;
  std::string body(request.body);
  if (const auto refused = fields.take(request.method, query, body)) return to_response(*refused);
  request.query = &query;
  request.body = body;
  net::Response response = api.handle(request);
  const std::string* asked = query.find("fields");
  fields.show(response, asked == nullptr || asked->empty());
  return response;
}

void World::note_call(const net::Request& request, const Address& address, const Outcome& outcome) {
  if (options_.calls_kept_max == 0) return;
  Call call;
  call.number = ++calls_total_;
  call.at = now_();
  if (address.tenant != nullptr) call.tenant = address.tenant->name();
  call.method = request.method;
  call.target = request.target;
  call.status = outcome.dropped ? 0 : outcome.response.status;
  call.handled = outcome.handled;
  call.request_bytes = request.body.size();
  call.answer_bytes = outcome.response.body.size();
  // No password and no hash is kept.
  if (!address.is_login) {
    call.request_body = beginning(request.body, options_.call_body_bytes_max);
    call.answer_body = beginning(outcome.response.body, options_.call_body_bytes_max);
  }
  calls_.push_back(std::move(call));
  while (calls_.size() > options_.calls_kept_max) calls_.pop_front();
}

}  // namespace crosswalk::sandbox
