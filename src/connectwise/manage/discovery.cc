#include "connectwise/manage/discovery.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/text.h"
#include "connectwise/manage/wire.h"

namespace crosswalk::connectwise::manage {
namespace {

constexpr std::array<std::string_view, 2> kCloudSuffixes{".myconnectwise.net", ".connectwisedev.com"};
constexpr std::string_view kApiPrefix = "api-";
// The codebase of own servers; anything else lives behind an "api-" host.
constexpr std::string_view kOnPremisesCodebase = "v4_6_release/";
// A codebase is a folder or two; the bound keeps URLs within theirs.
constexpr std::size_t kCodebaseMax = 40;

bool is_cloud_host(std::string_view host) {
  return std::ranges::any_of(kCloudSuffixes, [&](std::string_view suffix) { return host.ends_with(suffix); });
}

// It becomes part of a URL, so it must be nothing but folders.
bool is_codebase(std::string_view text) {
  return !text.empty() && text.size() <= kCodebaseMax && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char each) {
           return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
                  each == '_' || each == '-' || each == '.' || each == '/';
         });
}

std::string_view strip_slashes(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  while (text.starts_with('/')) text.remove_prefix(1);
  return text;
}

}  // namespace

Site read_site(std::string_view text) {
  text = trim(text);
  std::string_view scheme = "https://";
  for (const std::string_view each : {std::string_view("https://"), std::string_view("http://")}) {
    if (text.size() < each.size() || !equals_ignoring_case(text.substr(0, each.size()), each)) continue;
    scheme = each;
    text.remove_prefix(each.size());
    break;
  }
  // What stands behind the host is where in the product somebody was.
  text = strip_slashes(text);
  std::string host = to_lower(text.substr(0, text.find_first_of("/?#")));
  if (!is_cloud_host(host)) return {std::string(scheme) + host, false};
  // People paste what their browser shows; at ConnectWise's own hosts everything behind the name, and http, is noise.
  if (host.starts_with(kApiPrefix)) host.erase(0, kApiPrefix.size());
  return {"https://" + host, true};
}

std::optional<std::string> read_api_base(const Site& site, std::string_view company_info) {
  const std::optional<boost::json::object> object = parse_object(company_info);
  if (!object) return std::nullopt;
  const std::string codebase(strip_slashes(text_at(*object, "Codebase")));
  if (!is_codebase(codebase)) return std::nullopt;
  std::string origin = site.origin;
  const bool moved = codebase + "/" != kOnPremisesCodebase;
  if (site.cloud && (moved || flag_member(*object, "IsCloud"))) {
    constexpr std::string_view kScheme = "https://";
    origin = std::string(kScheme) + std::string(kApiPrefix) + site.origin.substr(kScheme.size());
  }
  return origin + "/" + codebase + "/apis/3.0";
}

bool says_unknown_company(std::string_view company_info) {
  const std::string_view text = trim(company_info);
  return text.empty() || text == "null";
}

}  // namespace crosswalk::connectwise::manage
