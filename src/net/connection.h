#pragma once

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>

#include "net/guests.h"
#include "net/request_parser.h"
#include "net/server.h"

namespace crosswalk::net {

/// A socket whose executor is known at compile time, which spares an indirection per operation.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// One client's connection. Everything is called on the thread of its io_context, so nothing is locked. Time is watched
/// by the server's sweep and not by timers of its own: setting a deadline costs one assignment per request.
class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What the connection shares with its server; outlives it.
  struct Shared {
    const ServerOptions& options;
    const Handler& handler;
    std::atomic<std::size_t>& bodies_bytes;    ///< held by all requests that are not answered yet
    boost::asio::ssl::context* tls = nullptr;  ///< absent: plain HTTP
    bool stopping = false;                     ///< answer what is under way, then close
  };

  /// A guest in a reserved place is served what is vital, told otherwise that too many are connected, and closed.
  Connection(Socket socket, Shared& shared, std::shared_ptr<Guest> guest);
  ~Connection() { let_go_of_body(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until the connection ends.
  boost::asio::awaitable<void> run();

  /// Ends the wait for the client when its time is over.
  void expire(Time now);
  /// Ends a connection on which no request is under way.
  void close_when_idle();
  /// Ends it for the sake of another one; false when the client is being served.
  bool leave(Time now);
  /// Ends the connection and cancels a handler at work.
  void abort();

  [[nodiscard]] const Guest& guest() const { return *guest_; }
  [[nodiscard]] boost::asio::cancellation_slot cancellation_slot() { return cancellation_.slot(); }

 private:
  enum class Phase { idle, receiving, handling, sending, draining };
  enum class Received { request, nothing, refusal };

  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<Received> receive();
  /// Takes in what has been read; nothing while more of the request has to come.
  std::optional<Received> take_in();
  /// Decides at the header. Nothing: go on.
  std::optional<Received> check_header();
  std::optional<Received> admit_body();
  [[nodiscard]] bool is_vital() const;
  /// False when all bodies together would become too large.
  bool hold_body();
  void let_go_of_body();
  Received refuse_with(const Refusal& refusal);
  [[nodiscard]] Response word(const Refusal& refusal) const;
  boost::asio::awaitable<Response> answer();
  boost::asio::awaitable<bool> send(const Response& response, bool keep_alive);
  /// The body as a bad network brings it (Response::body_time, drop_within_body).
  boost::asio::awaitable<bool> trickle(const Response& response);
  boost::asio::awaitable<bool> write(std::string_view head, std::string_view body);
  boost::asio::awaitable<void> refuse();
  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into, boost::system::error_code& error);
  void write_head(const Response& response, bool keep_alive, bool with_length);
  void skip_blank_lines();
  void release_large_memory();
  void enter(Phase phase, Duration time_left);

  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  Shared& shared_;
  std::shared_ptr<Guest> guest_;
  bool aborted_ = false;
  bool expired_ = false;
  Phase phase_ = Phase::idle;
  Time deadline_ = Time::max();
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  Request request_;
  std::optional<Response> refusal_;
  std::size_t body_bytes_max_ = 0;
  std::size_t body_bytes_held_ = 0;  ///< our part of Shared::bodies_bytes
  std::string head_;
  boost::asio::cancellation_signal cancellation_;
};

}  // namespace crosswalk::net
