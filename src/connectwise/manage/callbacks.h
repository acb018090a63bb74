#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectwise/manage/client.h"
#include "psa/port.h"

namespace crosswalk::connectwise::manage {

/// A callback's body, taken apart (FACTS section 10). Members are read whatever their case, since clients have seen
/// more than one.
struct CallbackBody {
  std::string type, action, id, company, member, key_url;
  std::optional<Timestamp> updated_at;  ///< of the object within
};

/// Nothing when it is none: no JSON object, or without type, id and key_url.
[[nodiscard]] std::optional<CallbackBody> read_callback_body(std::string_view body);

/// Whether the key may be fetched there: the partner's own site to the letter (or the API's host beside it), of it the
/// page that serves keys, and of that the partner's own company, since many share ConnectWise's sites. Whoever names
/// the key's place names the key.
[[nodiscard]] bool is_own_key_url(const Site& site, std::string_view company, std::string_view key_url);

/// Whether `signature` is base64 of HMAC-SHA256 of the body, keyed with SHA-256 of the signing key.
[[nodiscard]] bool is_signed_with(std::string_view signing_key, std::string_view body, std::string_view signature);

/// Callbacks of one partner's Manage: proves those that come, and keeps their registration.
class Callbacks {
 public:
  explicit Callbacks(Client& client) : client_(client) {}

  boost::asio::awaitable<Result<std::optional<psa::Change>>> read(const psa::CallbackMessage& message, psa::Lane lane);
  boost::asio::awaitable<psa::CallbackReport> ensure(const psa::CallbackTarget& target,
                                                     std::span<const psa::ObjectKind> kinds, psa::Lane lane);

 private:
  struct Entry {
    std::string id, url, type, level;
    bool inactive = false;
  };
  /// The key that is served there, from memory unless `anew`.
  boost::asio::awaitable<Result<std::string>> key_at(const std::string& key_url, bool anew, psa::Lane lane);
  boost::asio::awaitable<std::optional<Failure>> send(WireRequest request, psa::Lane lane, psa::CallbackReport& report,
                                                      std::string* id = nullptr);
  boost::asio::awaitable<std::optional<Failure>> settle(psa::ObjectKind kind, std::span<const Entry> entries,
                                                        bool wanted, const psa::CallbackTarget& target, psa::Lane lane,
                                                        psa::CallbackReport& report);

  struct Key {
    std::string text;  ///< empty: it could not be read
    Timestamp fetched_at{};
  };
  Client& client_;
  std::map<std::string, Key> keys_;
  std::deque<Timestamp> fetches_;  ///< of the last minute
};

}  // namespace crosswalk::connectwise::manage
