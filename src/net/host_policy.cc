#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "net/addresses.h"
#include "net/curl_transport.h"

namespace crosswalk::net {

namespace {

constexpr std::array<std::string_view, 3> kConnectWiseDomains{"myconnectwise.net", "connectwisedev.com",
                                                              "connectwise.com"};
constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;
constexpr std::string_view kLoopbackName = "localhost";

/// A URL taken apart by the narrowest of grammars. Where two parsers could read a URL differently, one of them would
/// ask the policy and the other would choose the server; so whatever is not plainly right is refused.
struct Authority {
  bool encrypted = true;
  std::string host;  ///< lower case; an IPv6 address without its brackets
  int port = 443;
  bool port_given = false;
};

bool is_letter_or_digit(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  // Punycode: letters that only look like ConnectWise's.
  if (label.starts_with("xn--")) return false;
  return std::ranges::all_of(label, [](char each) { return is_letter_or_digit(each) || each == '-'; });
}

bool is_host_name(std::string_view host) {
  if (host.size() > kHostBytesMax) return false;
  std::string_view label;
  for (std::string_view rest = host;;) {
    const std::size_t point = rest.find('.');
    label = rest.substr(0, point);
    if (!is_label(label)) return false;
    if (point == std::string_view::npos) break;
    rest.remove_prefix(point + 1);
  }
  // A last label that is a number makes the whole an address in one of its odd spellings (127.1, 0x7f000001,
  // 2130706433).
  return !(label.front() >= '0' && label.front() <= '9');
}

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65'535) return std::nullopt;
  if (text.front() == '0') return std::nullopt;
  return port;
}

std::optional<Authority> parse_authority(std::string_view url) {
  Authority authority;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    authority.encrypted = false;
    authority.port = 80;
  } else {
    return std::nullopt;
  }
  const bool printable = std::ranges::all_of(url, [](char each) { return each > 0x20 && each < 0x7F; });
  if (!printable || url.find_first_of("\\#") != std::string_view::npos) return std::nullopt;
  std::string_view place = url.substr(0, url.find_first_of("/?"));
  if (place.find('@') != std::string_view::npos) return std::nullopt;
  std::size_t host_end = place.find(':');
  if (place.starts_with('[')) {
    const std::size_t bracket = place.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    authority.host = to_lower(place.substr(1, bracket - 1));
    in6_addr ignored{};
    if (inet_pton(AF_INET6, authority.host.c_str(), &ignored) != 1) return std::nullopt;
    host_end = bracket + 1;
  } else {
    authority.host = to_lower(place.substr(0, host_end));
    in_addr ignored{};
    const bool address = inet_pton(AF_INET, authority.host.c_str(), &ignored) == 1;
    if (!address && !is_host_name(authority.host)) return std::nullopt;
  }
  if (host_end >= place.size()) return authority;
  place.remove_prefix(host_end);
  if (!place.starts_with(':')) return std::nullopt;
  const auto port = parse_port(place.substr(1));
  if (!port) return std::nullopt;
  authority.port_given = *port != authority.port;
  authority.port = *port;
  return authority;
}

std::optional<bool> is_public_literal(const std::string& host) {
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return is_public_address(four);
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return is_public_address(six);
  return std::nullopt;
}

/// "psa.example.com" allows this host, ".example.org" all below it; a port behind it allows that port.
bool is_allowed_by(std::string_view entry, const Authority& authority) {
  const std::size_t colon = entry.rfind(':');
  const bool with_port = colon != std::string_view::npos && entry.find(':') == colon;
  if (authority.port_given && (!with_port || parse_port(entry.substr(colon + 1)) != authority.port)) return false;
  const std::string wanted = to_lower(with_port ? entry.substr(0, colon) : entry);
  return wanted.starts_with('.') && wanted.size() > 1 ? authority.host.ends_with(wanted) : authority.host == wanted;
}

}  // namespace

bool is_connectwise(std::string_view host) {
  return std::ranges::any_of(kConnectWiseDomains, [&](std::string_view domain) {
    if (!host.ends_with(domain)) return false;
    host.remove_suffix(domain.size());
    return host.empty() || host.ends_with('.');
  });
}

bool is_public_address(const in_addr& address) {
  struct Network {
    std::uint32_t first;
    int prefix;
  };
  // RFC 6890 and its successors; and Azure's host service, which answers on a public address.
  constexpr std::array<Network, 17> kNotPublic{{
      {0x00000000, 8},
      {0x0A000000, 8},
      {0x64400000, 10},
      {0x7F000000, 8},
      {0xA83F8110, 32},
      {0xA9FE0000, 16},
      {0xAC100000, 12},
      {0xC0000000, 24},
      {0xC0000200, 24},
      {0xC0586300, 24},
      {0xC0A80000, 16},
      {0xC6120000, 15},
      {0xC6336400, 24},
      {0xCB007100, 24},
      {0xE0000000, 4},
      {0xF0000000, 4},
      {0xFFFFFFFF, 32},
  }};
  const std::uint32_t number = ntohl(address.s_addr);
  return std::ranges::none_of(kNotPublic, [&](const Network& network) {
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - network.prefix);
    return (number & mask) == network.first;
  });
}

bool is_public_address(const in6_addr& address) {
  const unsigned char* bytes = address.s6_addr;
  const auto starts_with = [&](std::string_view prefix) {
    return std::memcmp(bytes, prefix.data(), prefix.size()) == 0;
  };
  using namespace std::string_view_literals;
  // An IPv4 address in IPv6 clothes (mapped, or behind NAT64) is as public as that address is.
  if (starts_with("\0\0\0\0\0\0\0\0\0\0\xFF\xFF"sv) || starts_with("\0\x64\xFF\x9B\0\0\0\0\0\0\0\0"sv)) {
    in_addr four{};
    std::memcpy(&four, bytes + 12, sizeof four);
    return is_public_address(four);
  }
  // Only 2000::/3 is given out as public; in it lie the protocol assignments with Teredo (2001::/23), documentation and
  // 6to4.
  if ((bytes[0] & 0xE0) != 0x20) return false;
  const bool protocol_assignment = starts_with("\x20\x01"sv) && (bytes[2] & 0xFE) == 0;
  const bool documentation = starts_with("\x20\x01\x0D\xB8"sv) || (starts_with("\x3F\xFF"sv) && (bytes[2] & 0xF0) == 0);
  return !protocol_assignment && !documentation && !starts_with("\x20\x02"sv);
}

Result<void> HostPolicy::check(std::string_view url) const {
  const auto refuse = [](std::string_view why) {
    return failure("net.host_not_allowed", fmt::format("the address is refused: {}", why));
  };
  const auto authority = parse_authority(url);
  if (!authority) return refuse("it is not a plain https://host/path");
  if (!authority->encrypted && !allow_private) return refuse("it is not https");
  if (any_host) return {};
  const auto public_literal = is_public_literal(authority->host);
  if (public_literal == false || authority->host == kLoopbackName) {
    return allow_private ? Result<void>{} : refuse("private and local addresses are not allowed");
  }
  if (any_public_host) return {};
  const bool listed =
      std::ranges::any_of(allowed_hosts, [&](const std::string& entry) { return is_allowed_by(entry, *authority); });
  if (listed) return {};
  if (!is_connectwise(authority->host)) {
    return refuse(fmt::format("{} is neither a host of ConnectWise nor one of the allowed hosts", authority->host));
  }
  if (authority->port_given) return refuse("ConnectWise's own hosts have no other port than that of https");
  if (!authority->encrypted) return refuse("it is not https");
  return {};
}

}  // namespace crosswalk::net
