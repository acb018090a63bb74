#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http.h"

namespace crosswalk::net {

using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  int threads = 1;         ///< io threads of the server's own
  std::size_t body_bytes_max = 8u << 20;
  std::size_t header_bytes_max = 64u << 10;
  int connections_max = 4096;
  Duration idle_timeout{60'000};
  Duration request_timeout{30'000};  ///< to receive one whole request
  /// HTTPS when both are given.
  std::string certificate_file{}, private_key_file{};
};

/// An HTTP/1.1 server with keep-alive and pipelining-safe order, limits and time-outs; Beast underneath. Requests that
/// break a limit are answered 413, 431, 400 or 408 as `application/problem+json` without the handler being asked; a
/// handler that throws becomes 500.
class Server {
 public:
  /// Listens and serves; fails with "net.port_taken" (naming the port), "net.address_invalid" or
  /// "net.certificate_unreadable".
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Stops accepting, lets requests under way end (at most `grace`), closes, joins its threads. Not to be
  /// called from a handler.
  virtual void stop(Duration grace) = 0;
};

}  // namespace crosswalk::net
