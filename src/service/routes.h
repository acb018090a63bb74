#pragma once

#include <span>
#include <string_view>

#include "service/admin.h"

namespace crosswalk::service {

/// Who may ask. Of `partner`, the first parameter names the partner that the key must cover. Keys for intake may ask
/// for none of these.
enum class Access { any_key, partner, admin };

/// What the members of a body are when the body is a document of its own, with a schema of its own.
inline constexpr std::string_view kDocument = "{}";

/// One request that people and the command line make. What it does not take is refused, so that a slip of the keyboard
/// does not become a request for something else.
struct AdminRoute {
  std::string_view method, pattern;
  Access access = Access::admin;
  Answer (Admin::*handler)(const Call&) = nullptr;
  std::string_view members{};  ///< names of the body's members, with blanks between; or kDocument
  std::string_view query{};    ///< names of the parameters behind "?"
};

[[nodiscard]] std::span<const AdminRoute> admin_routes();

}  // namespace crosswalk::service
