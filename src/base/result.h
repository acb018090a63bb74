#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace crosswalk {

/// What went wrong, as a value. `code` is a key of the error catalogue (base/error_catalogue.json), for example
/// "psa.status_not_on_board"; `message` is safe to show and to log: no key, no password, no token is ever in it.
/// `causes` goes from the nearest cause to the root.
struct Error {
  std::string code;
  std::string message;
  std::vector<Error> causes;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(std::string code, std::string message) {
  return tl::unexpected(Error{std::move(code), std::move(message), {}});
}

/// The same failure seen from one level up.
[[nodiscard]] inline tl::unexpected<Error> failure(std::string code, std::string message, Error cause) {
  Error error{std::move(code), std::move(message), {}};
  error.causes.push_back(Error{std::move(cause.code), std::move(cause.message), {}});
  for (Error& deeper : cause.causes) error.causes.push_back(std::move(deeper));
  return tl::unexpected(std::move(error));
}

}  // namespace crosswalk
