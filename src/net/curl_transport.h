#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/http.h"

namespace crosswalk::net {

struct CurlOptions {
  int calls_max = 512;    ///< under way at once, which is as many connections; the rest waits, by SendOptions::owner
  std::string ca_file{};  ///< besides the system's
  std::string user_agent = "Crosswalk";
};

/// libcurl multi on a thread of its own: pooled connections, TLS verified, no redirects, https and http only. Every
/// host is checked by HostPolicy after name resolution as well, so that a name that resolves to a private address is
/// refused (no SSRF by DNS).
class CurlTransport;

/// Which hosts may be called: those that a partner may name as their PSA, and where webhooks may lead.
struct HostPolicy {
  /// Host suffixes beyond ConnectWise's own (myconnectwise.net, connectwisedev.com, connectwise.com):
  /// "psa.example.com", ".example.org".
  std::vector<std::string> allowed_hosts;
  /// Allow loopback, link-local and private addresses and plain http: for practice with the sandbox, never in
  /// production.
  bool allow_private = false;
  /// Any name that does not lead to a private address: for webhooks, whose receivers may be anywhere.
  bool any_public_host = false;
  /// Whoever is named, as the sandbox calls whoever subscribes to it; never for what a partner may set.
  bool any_host = false;
  /// Checks a URL before anything is sent: scheme, host, literal addresses. Fails with "net.host_not_allowed".
  [[nodiscard]] Result<void> check(std::string_view url) const;
};

[[nodiscard]] std::unique_ptr<Transport> make_curl_transport(CurlOptions options, HostPolicy policy);

/// A transport that refuses every verb but GET (and POST to .../search, which only reads) and counts what it refused.
/// Test mode and the dry run are built on it.
class ReadOnlyTransport final : public Transport {
 public:
  explicit ReadOnlyTransport(Transport& beneath) : beneath_(beneath) {}
  boost::asio::awaitable<tl::expected<Response, TransportError>> send(Request request, SendOptions options) override;
  [[nodiscard]] std::int64_t writes_refused() const { return writes_refused_; }

 private:
  Transport& beneath_;
  std::int64_t writes_refused_ = 0;
};

}  // namespace crosswalk::net
