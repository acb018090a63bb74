#include "net/site_address.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/addresses.h"

namespace crosswalk::net {
namespace {

constexpr std::string_view kHttps = "https://", kHttp = "http://", kApiPrefix = "api-";

/// What stands around pasted text and is not seen: no-break space, zero-width characters, the mark of byte order.
constexpr std::array<std::string_view, 6> kUnseen{"\xC2\xA0",     "\xE2\x80\x8B", "\xE2\x80\x8C",
                                                  "\xE2\x80\x8D", "\xE2\x81\xA0", "\xEF\xBB\xBF"};
constexpr std::string_view kAround = " \t\r\n\f\v\"'`<>";

tl::unexpected<Error> refuse(std::string why) {
  return failure("partner.site_invalid", why + " Give the host name alone, for example na.myconnectwise.net.");
}

}  // namespace

std::string_view trim_pasted(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    while (!text.empty() && kAround.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    while (!text.empty() && kAround.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    for (const std::string_view unseen : kUnseen) {
      const bool before = text.starts_with(unseen);
      if (before) text.remove_prefix(unseen.size());
      const bool behind = text.ends_with(unseen);
      if (behind) text.remove_suffix(unseen.size());
      again = again || before || behind;
    }
  }
  return text;
}

Result<std::string> site_address(std::string_view pasted) {
  std::string_view rest = trim_pasted(pasted);
  if (rest.empty()) return refuse("There is no address.");
  std::string_view scheme = kHttps;
  bool scheme_given = false;
  if (const std::size_t colon = rest.find("://"); colon != std::string_view::npos) {
    const std::string name = to_lower(rest.substr(0, colon + 3));
    if (name != kHttps && name != kHttp) return refuse("\"" + name + "\" is no address of ConnectWise's API.");
    scheme = name == kHttps ? kHttps : kHttp;
    scheme_given = true;
    rest.remove_prefix(colon + 3);
  }
  // What stands behind the host is where in the product somebody was.
  std::string place = to_lower(rest.substr(0, rest.find_first_of("/?#\\")));
  if (place.find('@') != std::string::npos) return refuse("The address holds a user name or a password.");
  if (place.find_first_of(" \t\r\n") != std::string::npos) return refuse("The host name holds a blank.");
  for (const std::string_view usual : {std::string_view(":443"), std::string_view(":80")})
    if (place.ends_with(usual) && (usual == ":443") == (scheme == kHttps)) place.erase(place.size() - usual.size());
  while (place.ends_with('.')) place.pop_back();
  if (place.empty()) return refuse("There is no host name in the address.");
  const std::string host = place.substr(0, place.starts_with('[') ? place.size() : place.find(':'));
  if (host.find_first_of(".:") == std::string::npos && host != "localhost")
    return refuse("\"" + cut_text(host, 60) + "\" is no complete host name.");
  if (is_connectwise(host)) {
    // Its API has a host of its own, which is found by the one that people sign in to.
    if (place.starts_with(kApiPrefix)) place.erase(0, kApiPrefix.size());
    if (scheme == kHttp) scheme = kHttps;
  }
  return (scheme_given || scheme == kHttp ? std::string(scheme) : std::string()) + place;
}

}  // namespace crosswalk::net
