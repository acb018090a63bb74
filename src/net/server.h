#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http.h"

namespace crosswalk::net {

using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

/// What is decided about a request when its header is known and nothing of its body has been taken in.
struct Admission {
  std::size_t body_bytes_max = 0;   ///< how large the body may be; the server's own limit holds besides
  std::optional<Response> refusal;  ///< answered at once instead, and the connection closed
};
using Admit = std::function<Admission(const Request& head)>;

/// Why the server answers by itself, without asking the handler.
struct Refusal {
  int status = 400;
  std::string_view code;  ///< of the error catalogue
  std::string detail;
};
/// Words a refusal. `head` is empty when the header was not understood.
using Refuse = std::function<Response(const Request& head, const Refusal& refusal)>;

/// Places for health checks beyond all others; and as many connections may be on their way out at once.
inline constexpr int kReservedConnections = 64;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  int threads = 1;         ///< io threads of the server's own
  std::size_t body_bytes_max = 8u << 20;
  std::size_t header_bytes_max = 64u << 10;
  /// When more come, whoever has waited longest between two requests, or with half a header, leaves; when everybody is
  /// being served, the new one is told 503.
  int connections_max = 4096;
  Duration idle_timeout{60'000};
  Duration request_timeout{30'000};  ///< to receive one whole request
  /// HTTPS when both are given.
  std::string certificate_file{}, private_key_file{};
  /// Of bodies whose requests are not answered yet, all together: what all clients at once can make us hold.
  std::size_t all_bodies_bytes_max = 256u << 20;
  /// Asked about every request whose body did not arrive with its header; absent: all are admitted.
  Admit admit{};
  /// The same for the connections of one IPv4 address or IPv6 network; 0: half of connections_max.
  int connections_per_address_max = 0;
  Duration slow_reader_time{5'000};        ///< who does not take an answer for so long waits like one who is idle
  std::vector<std::string> vital_paths{};  ///< answered even when there is no room for another connection
  Refuse refuse{};                         ///< absent: a problem document in HTTP's own words
};

/// An HTTP/1.1 server with keep-alive and pipelining-safe order, limits and time-outs; Beast underneath. Requests that
/// break a limit or say two things at once are answered 400, 408, 413, 415, 431, 501 or 503 as
/// `application/problem+json` without the handler being asked; a handler that throws becomes 500.
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
