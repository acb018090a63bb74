#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "net/curl_transport.h"
#include "net/server.h"

namespace crosswalk::net::test {

/// Runs a coroutine to its end on a thread of its own and gives its result.
template <class T>
T await(boost::asio::awaitable<T> work) {
  boost::asio::io_context context;
  auto result = boost::asio::co_spawn(context, std::move(work), boost::asio::use_future);
  context.run();
  return result.get();
}

/// A client that writes bytes as the test wants them. No answer within ten seconds is a failure.
class RawClient {
 public:
  /// `from`: which of this machine's addresses, all of 127.0.0.0/8, the client has.
  explicit RawClient(std::uint16_t port, const std::string& from = "127.0.0.1");
  void send(std::string_view bytes);
  /// Ends our half of the connection.
  void end();
  /// One whole answer with its header; the empty text when the connection was closed first.
  std::string receive();
  /// Everything until the connection is closed.
  std::string receive_all();

 private:
  bool receive_some();

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
  std::string received_;
};

/// A server that does to one connection after the other what the test says.
class ScriptedServer {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Script = std::function<void(Socket&)>;

  explicit ScriptedServer(std::vector<Script> scripts);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path) const;
  /// Waits until every script has run.
  void finish();
  /// Takes no further connection than those that have come already, and waits for their scripts.
  void stop();

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::thread thread_;
};

/// Reads one request with its Content-Length body; empty at the end of the connection.
std::string read_request(ScriptedServer::Socket& socket);
void write_text(ScriptedServer::Socket& socket, std::string_view text);

std::unique_ptr<Server> start_server(Handler handler, ServerOptions options = {});
std::unique_ptr<Transport> make_local_transport(CurlOptions options = {});
std::string local_url(const Server& server, std::string_view path, std::string_view scheme = "http");

}  // namespace crosswalk::net::test
