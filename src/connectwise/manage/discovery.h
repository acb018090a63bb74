#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crosswalk::connectwise::manage {

/// What a partner gives as their site, taken apart.
struct Site {
  std::string
      origin;  ///< "https://na.myconnectwise.net": people's pages and companyinfo live here; no slash at the end
  bool cloud = false;  ///< one of ConnectWise's own hosts
};

/// Takes "na.myconnectwise.net", "https://na.myconnectwise.net/", "api-na.myconnectwise.net" or any URL of an own
/// server: only its host counts.
[[nodiscard]] Site read_site(std::string_view site);

/// Where the API lives, from companyinfo's answer: ".../v2025_1/apis/3.0". Nothing when the answer has no usable
/// codebase.
[[nodiscard]] std::optional<std::string> read_api_base(const Site& site, std::string_view company_info);

/// True when companyinfo says in its way that there is no such company: `null` or nothing.
[[nodiscard]] bool says_unknown_company(std::string_view company_info);

}  // namespace crosswalk::connectwise::manage
