#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace crosswalk::sandbox {

class Tenant;

/// A member who has signed in: with the hash instead of a key, and the own identifier before it, calls are in the
/// member's name.
struct MemberHash {
  std::string member, hash;
};

/// The password of every member of a tenant. It guards nothing: it is there to practise with.
[[nodiscard]] std::string practice_password(const Tenant& tenant);
/// Nothing for who cannot sign in: unknown and inactive members, and those for the API alone.
[[nodiscard]] std::optional<MemberHash> sign_in(Tenant& tenant, std::string_view member, std::int64_t now);

/// What somebody sends to login.aspx: a form of either kind, names in whatever case.
struct LoginForm {
  std::string company, user, password;
};
[[nodiscard]] LoginForm parse_login(const net::Request& request);
/// The answer; `tenant` is the form's, nullptr when there is none of that name.
[[nodiscard]] net::Response log_in(Tenant* tenant, const LoginForm& form, std::int64_t now);

/// Who the cookies of a request say is signed in.
struct MemberCookies {
  std::string company, member, hash;
};
/// Nothing when one of the four cookies is missing, or the context is another than "web".
[[nodiscard]] std::optional<MemberCookies> member_cookies(const net::Headers& headers);
/// The member's identifier as it is spelled; nullptr when the hash is not the member's, or no longer good.
[[nodiscard]] const std::string* signed_in(const Tenant& tenant, const MemberCookies& cookies, std::int64_t now);

}  // namespace crosswalk::sandbox
