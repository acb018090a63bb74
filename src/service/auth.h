#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "service/directory.h"
#include "service/problem.h"

namespace crosswalk::service {

/// Who is asking.
struct Principal {
  std::string key_hash, key_name;
  std::string partner;  ///< empty: all partners, and administration

  [[nodiscard]] bool is_admin() const { return partner.empty(); }
  [[nodiscard]] bool may_see(std::string_view id) const { return partner.empty() || partner == id; }
};

/// Where a key may be written in a request.
enum class KeyPlace { bearer, bearer_or_basic };

/// The key as the request carries it; nothing when it carries none.
[[nodiscard]] std::optional<std::string> key_of(const net::Request& request, KeyPlace place);

/// "auth.missing", "auth.invalid", "auth.revoked" or "auth.expired" when the key does not open anything.
[[nodiscard]] tl::expected<Principal, RequestProblem> authenticate(const net::Request& request, KeyPlace place,
                                                                   Directory& directory, Timestamp now);

/// A new key: the row to be kept, and the key itself, which is nowhere else.
struct NewKey {
  store::ApiKeyRow row;
  std::string key;
};
/// `partner` empty: for all partners, and administration.
[[nodiscard]] NewKey make_key(std::string name, std::string partner, std::optional<Timestamp> expires_at,
                              Timestamp now);

}  // namespace crosswalk::service
