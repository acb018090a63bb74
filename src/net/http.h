#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace crosswalk::net {

struct Headers {
  std::vector<std::pair<std::string, std::string>> items;

  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> list) : items(list) {}
  /// First value by name, ignoring case; nullptr when absent.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  void set(std::string_view name, std::string value);
  void add(std::string_view name, std::string value) { items.emplace_back(std::string(name), std::move(value)); }
};

struct Request {
  std::string method = "GET";
  std::string target;  ///< at a server: path and query, still encoded; at a Transport: an absolute URL
  Headers headers;
  std::string body;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// A server closes the connection without answering (the sandbox's fault injection uses it).
  bool drop_connection = false;
  /// A server takes this long to send the body, piece by piece; and closes the connection in the middle of it. Both for
  /// fault injection as well.
  Duration body_time{0};
  bool drop_within_body = false;
};

/// Why there is no answer. The difference that matters: could the other side have acted upon the request?
struct TransportError {
  enum class Kind {
    not_sent,           ///< refused by us, name not found, connection refused, TLS not agreed: certainly not done
    no_answer,          ///< timed out or the connection broke after sending began: may have been done
    answer_unreadable,  ///< answered, but too large or not HTTP: was done, or refused, we cannot tell
  };
  Kind kind = Kind::not_sent;
  std::string code;     ///< catalogue code: "net.timeout", "net.connection_refused", "net.host_not_allowed", ...
  std::string message;  ///< safe to show
};

struct SendOptions {
  Duration timeout{30'000};
  Duration connect_timeout{10'000};
  std::size_t response_bytes_max = 16u << 20;
  /// For whom the call is made, such as a partner: calls that must wait take turns by owner. Empty: for nobody.
  std::string owner{};
};

/// The one seam through which providers speak HTTP: libcurl in production, the sandbox's own handler in the simulated
/// world.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Resumes on the caller's executor.
  virtual boost::asio::awaitable<tl::expected<Response, TransportError>> send(Request request, SendOptions options) = 0;
};

/// Percent-encodes everything but unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// Decodes %XX, and '+' as blank when `plus_is_blank`; nothing on a malformed escape.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);

struct Query {
  std::vector<std::pair<std::string, std::string>> items;              ///< decoded, in order
  [[nodiscard]] const std::string* find(std::string_view name) const;  ///< ignoring case (ConnectWise does)
};
/// Splits "path?query"; malformed escapes are kept as they are.
struct Target {
  std::string path;  ///< decoded
  std::vector<std::string> segments;
  Query query;
};
[[nodiscard]] Target parse_target(std::string_view target);

}  // namespace crosswalk::net
