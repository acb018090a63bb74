#include "service/auth.h"

#include <sodium.h>

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
  return decoded.substr(colon + 1);
}

}  // namespace

std::optional<std::string> key_of(const net::Request& request, KeyPlace place) {
  const std::string* header = request.headers.find("Authorization");
  if (!header) return std::nullopt;
  const std::string_view text = *header;
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, blank);
  const std::string_view rest = trim(text.substr(blank + 1));
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
  return Principal{hash, row->name, row->partner};
}

NewKey make_key(std::string name, std::string partner, std::optional<Timestamp> expires_at, Timestamp now) {
  NewKey made;
  made.key = net::make_api_key();
  made.row.hash = net::hash_api_key(made.key);
  made.row.id = short_digest({made.row.hash}, 12);
  made.row.name = std::move(name);
  made.row.partner = std::move(partner);
  made.row.created_at = now;
  made.row.expires_at = expires_at;
  return made;
}

}  // namespace crosswalk::service
