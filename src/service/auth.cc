#include "service/auth.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>

#include "base/digest.h"
#include "base/text.h"
#include "net/secrets.h"

namespace crosswalk::service {
namespace {

/// Longer texts are not keys; nobody shall make us hash megabytes.
constexpr std::size_t kKeyBytesMax = 128;

std::optional<std::string> password_of(std::string_view encoded) {
  if (encoded.size() > 4 * kKeyBytesMax) return std::nullopt;
  std::string decoded(encoded.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(decoded.data()), decoded.size(), encoded.data(),
                        encoded.size(), nullptr, &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return std::nullopt;
  decoded.resize(length);
  const std::size_t colon = decoded.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return std::string(trim(without_byte_order_mark(std::string_view(decoded).substr(colon + 1))));
}

constexpr std::array<std::string_view, 3> kRoles{"administration", "partner", "intake"};

}  // namespace

std::string_view to_string(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  const auto found = std::ranges::find(kRoles, text);
  if (found == kRoles.end()) return std::nullopt;
  return static_cast<Role>(found - kRoles.begin());
}

std::optional<std::string> key_of(const net::Request& request, KeyPlace place) {
  const std::string* header = request.headers.find("Authorization");
  if (!header) return std::nullopt;
  const std::string_view text = *header;
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, blank);
  // A file with a key may begin with a byte order mark, which those who read it for a header pass on.
  const std::string_view rest = trim(without_byte_order_mark(trim(text.substr(blank + 1))));
  if (equals_ignoring_case(scheme, "Bearer")) return std::string(rest);
  if (place == KeyPlace::bearer_or_basic && equals_ignoring_case(scheme, "Basic")) return password_of(rest);
  return std::nullopt;
}

tl::expected<Principal, RequestProblem> authenticate(const net::Request& request, KeyPlace place, Directory& directory,
                                                     Timestamp now) {
  const std::optional<std::string> key = key_of(request, place);
  if (!key || key->empty())
    return tl::unexpected(RequestProblem{"auth.missing", "", "Send the header Authorization: Bearer cw_..."});
  if (key->size() > kKeyBytesMax) return tl::unexpected(RequestProblem{"auth.invalid", "", ""});
  const std::string hash = net::hash_api_key(*key);
  const std::optional<store::ApiKeyRow> row = directory.find_key(hash);
  if (!row || !equals_in_constant_time(row->hash, hash)) return tl::unexpected(RequestProblem{"auth.invalid", "", ""});
  if (row->revoked_at) return tl::unexpected(RequestProblem{"auth.revoked", "", ""});
  if (row->expires_at && *row->expires_at <= now) return tl::unexpected(RequestProblem{"auth.expired", "", ""});
  const std::optional<Role> role = parse_role(row->role);
  if (!role)
    return tl::unexpected(RequestProblem{"auth.forbidden", "", "The key has a role that this version does not know."});
  return Principal{hash, row->id, row->name, row->partner, *role};
}

tl::expected<Role, RequestProblem> choose_role(const std::optional<std::string>& role, std::string_view partner) {
  const auto invalid = [](std::string detail) {
    return tl::unexpected(RequestProblem{"request.invalid", "/role", std::move(detail)});
  };
  if (!role && !partner.empty()) return Role::partner;
  if (!role)
    return invalid(
        "Say what the key is for: \"intake\" sends events of all partners and can do nothing else, "
        "\"administration\" can do everything; or name one \"partner\".");
  const std::optional<Role> parsed = parse_role(*role);
  if (!parsed) return invalid("One of administration, partner, intake.");
  if (*parsed == Role::partner && partner.empty()) return invalid("Name the \"partner\" that the key is for.");
  if (*parsed == Role::administration && !partner.empty())
    return invalid("A key for administration is for all partners: leave \"partner\" out, or choose another role.");
  return *parsed;
}

NewKey make_key(std::string name, Role role, std::string partner, std::optional<Timestamp> expires_at, Timestamp now) {
  NewKey made;
  made.key = net::make_api_key();
  made.row.hash = net::hash_api_key(made.key);
  made.row.id = short_digest({made.row.hash}, 12);
  made.row.name = std::move(name);
  made.row.partner = std::move(partner);
  made.row.role = to_string(role);
  made.row.created_at = now;
  made.row.expires_at = expires_at;
  return made;
}

boost::json::object to_json(const store::ApiKeyRow& row) {
  boost::json::object body{{"id", row.id}, {"name", row.name}, {"created_at", format_timestamp(row.created_at)}};
  body["role"] = row.role;
  if (!row.partner.empty()) body["partner"] = row.partner;
  if (row.expires_at) body["expires_at"] = format_timestamp(*row.expires_at);
  if (row.revoked_at) body["revoked_at"] = format_timestamp(*row.revoked_at);
  if (row.last_used_at) body["last_used_at"] = format_timestamp(*row.last_used_at);
  return body;
}

}  // namespace crosswalk::service
