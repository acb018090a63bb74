#include "net/support.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace crosswalk::net::test {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

std::size_t message_length(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::string_view::npos;
  const std::size_t field = text.substr(0, head).find("Content-Length: ");
  std::size_t body = 0;
  if (field != std::string_view::npos) body = std::stoul(std::string(text.substr(field + 16, 20)));
  return head + 4 + body;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, const std::string& from) {
  socket_.open(tcp::v4());
  socket_.bind({asio::ip::make_address(from), 0});
  socket_.connect({asio::ip::address_v4::loopback(), port});
  const timeval limit{10, 0};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

void RawClient::send(std::string_view bytes) {
  error_code ignored;  // the server may rightly have closed already
  asio::write(socket_, asio::buffer(bytes), ignored);
}

void RawClient::end() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

bool RawClient::receive_some() {
  std::array<char, 65536> piece;
  const ssize_t count = ::recv(socket_.native_handle(), piece.data(), piece.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "no answer came";
  if (count <= 0) return false;
  received_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::receive() {
  std::size_t length = message_length(received_);
  while (length == std::string::npos || received_.size() < length) {
    if (!receive_some()) return {};
    length = message_length(received_);
  }
  std::string message = received_.substr(0, length);
  received_.erase(0, length);
  return message;
}

std::string RawClient::receive_all() {
  while (receive_some()) {
  }
  return std::exchange(received_, {});
}

ScriptedServer::ScriptedServer(std::vector<Script> scripts)
    : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}), port_(acceptor_.local_endpoint().port()) {
  thread_ = std::thread([this, scripts = std::move(scripts)] {
    for (const Script& script : scripts) {
      error_code error;
      tcp::socket socket = acceptor_.accept(error);
      if (error) return;
      script(socket);
    }
  });
}

ScriptedServer::~ScriptedServer() { stop(); }

void ScriptedServer::stop() {
  // A last connection of our own stands behind those that have come, so that none of them is lost and accept() returns.
  error_code ignored;
  tcp::socket last(context_);
  last.connect({asio::ip::address_v4::loopback(), port_}, ignored);
  last.close(ignored);
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  finish();
}

std::string ScriptedServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void ScriptedServer::finish() {
  if (thread_.joinable()) thread_.join();
}

std::string read_request(ScriptedServer::Socket& socket) {
  std::string text;
  while (true) {
    if (const std::size_t length = message_length(text); length != std::string::npos && text.size() >= length)
      return text;
    std::array<char, 4096> piece;
    error_code error;
    const std::size_t count = socket.read_some(asio::buffer(piece), error);
    if (error) return text;
    text.append(piece.data(), count);
  }
}

void write_text(ScriptedServer::Socket& socket, std::string_view text) {
  error_code ignored;
  asio::write(socket, asio::buffer(text), ignored);
}

std::unique_ptr<Server> start_server(Handler handler, ServerOptions options) {
  auto server = Server::start(std::move(options), std::move(handler));
  if (!server) throw std::runtime_error(server.error().message);
  return std::move(*server);
}

std::unique_ptr<Transport> make_local_transport(CurlOptions options) {
  return make_curl_transport(std::move(options), HostPolicy{{}, true});
}

std::string local_url(const Server& server, std::string_view path, std::string_view scheme) {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
}

}  // namespace crosswalk::net::test
