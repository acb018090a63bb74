#include "net/connection.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.h"

namespace crosswalk::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using boost::system::error_code;

// A small request fits into one read; a body is read in larger pieces.
constexpr std::size_t kReadBytes = 4u << 10;
constexpr std::size_t kBodyReadBytes = 64u << 10;
// A body up to this size is copied behind its header, which costs less than gathering two pieces.
constexpr std::size_t kBodyJoinedMax = 16u << 10;
// What an idle connection may keep for its next request.
constexpr std::size_t kMemoryKeptMax = 64u << 10;
// After a refusal the client may still be sending. Closing at once would reset the connection and destroy our answer on
// its way, so what comes is thrown away for a while.
constexpr std::size_t kDrainBytesMax = 16u << 20;
constexpr Duration kDrainTime{2'000};
// A body up to this size that came with its header is held already: asking whether it may come would cost more than it.
constexpr std::size_t kBodyAtOnceMax = 16u << 10;
// A reserved place is for one request, which should follow at once.
constexpr Duration kReservedIdleTime{5'000};
// A body that is sent slowly comes in so many pieces.
constexpr std::size_t kTricklePieces = 20;

Response problem(int status, std::string_view code, std::string_view detail) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(status));
  boost::json::object body;
  body["type"] = "about:blank";
  body["title"] = boost::json::string_view(reason.data(), reason.size());
  body["status"] = status;
  body["detail"] = boost::json::string_view(detail.data(), detail.size());
  if (!code.empty()) body["code"] = boost::json::string_view(code.data(), code.size());
  Response response{status, {{"Content-Type", "application/problem+json"}}, boost::json::serialize(body), false};
  if (status == 503) response.headers.add("Retry-After", "1");
  return response;
}

Refusal parse_refusal(const error_code& error) {
  if (error == http::error::header_limit) {
    return {431, "request.header_too_large", "The request line and headers are larger than this server takes."};
  }
  return {400, "request.malformed", "This is not a well-formed HTTP/1.1 request."};
}

Refusal too_many_clients() {
  return {503, "request.too_many_clients", "Too many clients are connected. Try again a little later."};
}

std::string in_bytes(std::size_t count) {
  if (count % (1u << 20) == 0) return fmt::format("{} MiB", count >> 20);
  if (count % (1u << 10) == 0) return fmt::format("{} KiB", count >> 10);
  return fmt::format("{} bytes", count);
}

Refusal body_too_large(std::size_t limit) {
  if (limit == 0) return {413, "request.too_large", "No body is taken here."};
  return {413, "request.too_large", "At most " + in_bytes(limit) + "."};
}

/// A line break in a header would let whoever chose the value write headers and bodies of their own.
void append_safely(std::string& to, std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    to += (byte < 0x20 && byte != '\t') || byte == 0x7F ? ' ' : character;
  }
}

/// Neither these answers nor those to HEAD have a body (RFC 9110 section 6.4.1).
bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

Connection::Connection(Socket socket, Shared& shared, std::shared_ptr<Guest> guest)
    : socket_(std::move(socket)),
      shared_(shared),
      guest_(std::move(guest)),
      buffer_(shared.options.header_bytes_max + 2 * kBodyReadBytes) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (shared_.tls != nullptr) tls_.emplace(socket_, *shared_.tls);
}

asio::awaitable<void> Connection::run() {
  if (tls_) {
    error_code error;
    enter(Phase::receiving, shared_.options.request_timeout);
    co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
  if (guest_->reserved && shared_.options.vital_paths.empty()) {
    refuse_with(too_many_clients());
    co_await refuse();
  } else {
    co_await serve();
  }
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> Connection::serve() {
  while (!aborted_) {
    const Received received = co_await receive();
    if (received == Received::nothing) co_return;
    if (received == Received::refusal) {
      co_await refuse();
      co_return;
    }
    enter(Phase::handling, Duration::max());
    const Response response = co_await answer();
    let_go_of_body();
    if (response.drop_connection || aborted_) co_return;
    const bool keep_alive = parser_->keep_alive() && !shared_.stopping && !guest_->reserved;
    const bool sent = co_await send(response, keep_alive);
    if (!sent || !keep_alive) co_return;
    release_large_memory();
  }
}

asio::awaitable<Connection::Received> Connection::receive() {
  const ServerOptions& options = shared_.options;
  parser_.emplace(request_, options.header_bytes_max);
  skip_blank_lines();
  if (buffer_.size() == 0) {
    // Between two requests is the moment at which a stop may close the connection.
    if (shared_.stopping) co_return Received::nothing;
    enter(Phase::idle, guest_->reserved ? std::min(kReservedIdleTime, options.idle_timeout) : options.idle_timeout);
  } else {
    enter(Phase::receiving, options.request_timeout);
  }
  bool told_to_continue = false;
  while (true) {
    if (buffer_.size() > 0) {
      if (const std::optional<Received> done = take_in()) co_return *done;
      if (parser_->is_header_done() && parser_->expects_continue() && !told_to_continue) {
        told_to_continue = true;
        if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n", {})) co_return Received::nothing;
        enter(Phase::receiving, options.request_timeout);
      }
    }
    const std::size_t wanted = parser_->is_header_done() ? kBodyReadBytes : kReadBytes;
    if (buffer_.size() + wanted > buffer_.max_size()) {
      // Only an endless chunk header or trailer is that long without being understood.
      co_return refuse_with(
          {431, "request.header_too_large", "A chunk header or trailer is larger than this server takes."});
    }
    error_code error;
    const std::size_t count = co_await read_some(buffer_.prepare(wanted), error);
    if (error) {
      if (!expired_ || phase_ == Phase::idle) co_return Received::nothing;
      co_return refuse_with({408, "request.timeout", "The request did not arrive in time."});
    }
    buffer_.commit(count);
    if (phase_ == Phase::idle) {
      skip_blank_lines();
      if (buffer_.size() > 0) enter(Phase::receiving, options.request_timeout);
    }
  }
}

std::optional<Connection::Received> Connection::take_in() {
  error_code error;
  if (!parser_->is_header_done()) {
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error && error != http::error::need_more) return refuse_with(parse_refusal(error));
    if (!parser_->is_header_done()) return std::nullopt;
    if (const auto refused = check_header()) return refused;
  }
  if (!parser_->is_done() && buffer_.size() > 0) {
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == http::error::body_limit) return refuse_with(body_too_large(body_bytes_max_));
    if (error && error != http::error::need_more) return refuse_with(parse_refusal(error));
    if (!hold_body()) {
      return refuse_with(
          {503, "request.no_room", "So many bodies are on their way at once that there is no room for this one."});
    }
  }
  if (parser_->is_done()) return Received::request;
  return std::nullopt;
}

std::optional<Connection::Received> Connection::check_header() {
  if (const auto objection = parser_->objection()) return refuse_with(*objection);
  if (guest_->reserved && !is_vital()) return refuse_with(too_many_clients());
  if (parser_->is_done()) return std::nullopt;
  body_bytes_max_ = shared_.options.body_bytes_max;
  const auto length = parser_->content_length();
  const bool is_here = length && *length <= std::min(buffer_.size(), kBodyAtOnceMax);
  if (shared_.options.admit && !is_here) {
    if (const auto refused = admit_body()) return refused;
  }
  if (length && *length > body_bytes_max_) return refuse_with(body_too_large(body_bytes_max_));
  parser_->take_body(body_bytes_max_);
  guest_->is_served();
  return std::nullopt;
}

bool Connection::is_vital() const {
  const std::string_view path = std::string_view(request_.target).substr(0, request_.target.find('?'));
  return parser_->is_done() &&
         std::ranges::find(shared_.options.vital_paths, path) != shared_.options.vital_paths.end();
}

std::optional<Connection::Received> Connection::admit_body() {
  Admission admission = shared_.options.admit(request_);
  if (admission.refusal) {
    refusal_ = std::move(admission.refusal);
    return Received::refusal;
  }
  body_bytes_max_ = std::min(body_bytes_max_, admission.body_bytes_max);
  return std::nullopt;
}

/// What is counted is the memory that the body takes, which is more than has come of it.
bool Connection::hold_body() {
  const std::size_t bytes = request_.body.capacity();
  if (bytes <= body_bytes_held_) return true;
  const std::size_t more = bytes - body_bytes_held_;
  body_bytes_held_ = bytes;
  return shared_.bodies_bytes.fetch_add(more) + more <= shared_.options.all_bodies_bytes_max;
}

void Connection::let_go_of_body() {
  if (request_.body.capacity() > kMemoryKeptMax) std::string().swap(request_.body);
  shared_.bodies_bytes -= std::exchange(body_bytes_held_, 0);
}

Response Connection::word(const Refusal& refusal) const {
  static const Request nothing_known{"", "", {}, ""};
  if (!shared_.options.refuse) return problem(refusal.status, refusal.code, refusal.detail);
  const bool understood = parser_ && parser_->is_header_done();
  return shared_.options.refuse(understood ? request_ : nothing_known, refusal);
}

Connection::Received Connection::refuse_with(const Refusal& refusal) {
  // Whether it was a HEAD is not known of a request that was not understood.
  if (!parser_ || !parser_->is_header_done()) request_.method.clear();
  let_go_of_body();
  refusal_ = word(refusal);
  return Received::refusal;
}

asio::awaitable<Response> Connection::answer() {
  try {
    co_return co_await shared_.handler(request_);
  } catch (const std::exception& bug) {
    // What a stop has cancelled is no failure.
    if (!aborted_) {
      // Paths may hold secrets; their beginning tells which handler it was.
      const std::size_t shown =
          std::min(request_.target.find('/', request_.target.find('/', 1) + 1), request_.target.find('?'));
      spdlog::error("request failed: {} {}: {}", single_line(request_.method),
                    single_line(request_.target.substr(0, shown)), bug.what());
    }
  }
  co_return word({500, "internal.unknown_error",
                  "The request could not be handled because of an error in this program. It has been logged."});
}

asio::awaitable<bool> Connection::send(const Response& response, bool keep_alive) {
  const bool without_body = has_no_body(response.status) || request_.method == "HEAD";
  write_head(response, keep_alive, !has_no_body(response.status));
  if (without_body) return write(head_, {});
  if (response.body_time > Duration::zero() || response.drop_within_body) return trickle(response);
  if (response.body.size() > kBodyJoinedMax) return write(head_, response.body);
  head_ += response.body;
  return write(head_, {});
}

asio::awaitable<bool> Connection::trickle(const Response& response) {
  if (!co_await write(head_, {})) co_return false;
  std::string_view rest = response.body;
  if (response.drop_within_body) rest = rest.substr(0, rest.size() / 2);
  const std::size_t piece = std::max<std::size_t>(1, (rest.size() + kTricklePieces - 1) / kTricklePieces);
  const auto pieces = static_cast<Duration::rep>((rest.size() + piece - 1) / piece);
  asio::steady_timer timer(socket_.get_executor());
  while (!rest.empty() && !aborted_) {
    enter(Phase::sending, Duration::max());
    error_code error;
    timer.expires_after(response.body_time / pieces);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error || !co_await write(rest.substr(0, piece), {})) co_return false;
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  co_return !response.drop_within_body;
}

void Connection::write_head(const Response& response, bool keep_alive, bool with_length) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  head_.clear();
  fmt::format_to(std::back_inserter(head_), "HTTP/1.1 {} {}\r\n", response.status,
                 fmt::string_view(reason.data(), reason.size()));
  for (const auto& [name, value] : response.headers.items) {
    // How the message is framed is ours to say.
    if (equals_ignoring_case(name, "Content-Length") || equals_ignoring_case(name, "Transfer-Encoding") ||
        equals_ignoring_case(name, "Connection")) {
      continue;
    }
    append_safely(head_, name);
    head_ += ": ";
    append_safely(head_, value);
    head_ += "\r\n";
  }
  if (with_length) fmt::format_to(std::back_inserter(head_), "Content-Length: {}\r\n", response.body.size());
  if (!keep_alive) {
    head_ += "Connection: close\r\n";
  } else if (parser_->version() == 10) {
    head_ += "Connection: keep-alive\r\n";
  }
  head_ += "\r\n";
}

asio::awaitable<bool> Connection::write(std::string_view head, std::string_view body) {
  std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
  bool waits = false;
  while (asio::buffer_size(rest) > 0) {
    error_code error;
    std::size_t count = 0;
    // Nearly always the socket takes everything at once; then the coroutine need not be suspended.
    if (!tls_) count = socket_.write_some(rest, error);
    if (tls_ || error == asio::error::would_block) {
      // The time starts anew with each piece that the client has taken.
      enter(Phase::sending, shared_.options.idle_timeout);
      if (!std::exchange(waits, true))
        guest_->waits_since(std::chrono::steady_clock::now() + shared_.options.slow_reader_time);
      auto token = asio::redirect_error(asio::use_awaitable, error);
      // GCC 12 miscompiles an await within a conditional expression.
      if (tls_)
        count = co_await tls_->async_write_some(rest, token);
      else
        count = co_await socket_.async_write_some(rest, token);
    }
    if (error) co_return false;
    const std::size_t of_first = std::min(count, rest[0].size());
    rest[0] += of_first;
    rest[1] += count - of_first;
  }
  co_return true;
}

asio::awaitable<void> Connection::refuse() {
  if (!co_await send(*refusal_, false)) co_return;
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  enter(Phase::draining, kDrainTime);
  std::array<char, kReadBytes> thrown_away;
  for (std::size_t total = 0; !error && !expired_ && total < kDrainBytesMax;) {
    // Below TLS, because nothing of it is going to be read.
    total +=
        co_await socket_.async_read_some(asio::buffer(thrown_away), asio::redirect_error(asio::use_awaitable, error));
  }
}

asio::awaitable<std::size_t> Connection::read_some(asio::mutable_buffer into, error_code& error) {
  if (tls_) return tls_->async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
  return socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
}

/// Some clients end a body with a line break that they do not count (RFC 9112 section 2.2).
void Connection::skip_blank_lines() {
  while (buffer_.size() > 0) {
    const char first = *static_cast<const char*>(buffer_.data().data());
    if (first != '\r' && first != '\n') return;
    buffer_.consume(1);
  }
}

void Connection::release_large_memory() {
  if (head_.capacity() > kMemoryKeptMax) std::string().swap(head_);
  if (buffer_.capacity() > kMemoryKeptMax && buffer_.size() == 0) buffer_.shrink_to_fit();
}

void Connection::enter(Phase phase, Duration time_left) {
  phase_ = phase;
  expired_ = false;
  const bool has_header = parser_ && parser_->is_header_done();
  const bool waits = phase == Phase::idle || phase == Phase::draining || (phase == Phase::receiving && !has_header);
  const bool limited = time_left != Duration::max();
  const Time now = limited || waits ? std::chrono::steady_clock::now() : Time{};
  deadline_ = limited ? now + time_left : Time::max();
  if (phase == Phase::sending) return;
  if (waits)
    guest_->waits_since(now);
  else
    guest_->is_served();
}

void Connection::expire(Time now) {
  if (now < deadline_) return;
  deadline_ = Time::max();
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::close_when_idle() {
  if (phase_ != Phase::idle) return;
  error_code ignored;
  socket_.cancel(ignored);
}

bool Connection::leave(Time now) {
  if (guest_->waiting() > now) return false;
  aborted_ = true;
  error_code ignored;
  socket_.close(ignored);
  return true;
}

void Connection::abort() {
  aborted_ = true;
  error_code ignored;
  socket_.close(ignored);
  cancellation_.emit(asio::cancellation_type::terminal);
}

}  // namespace crosswalk::net
