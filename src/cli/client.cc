#include "cli/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <optional>

#include "base/json.h"

namespace crosswalk::cli {
namespace {

/// A plan over many records reads a lot from the PSA, at its pace.
constexpr Duration kTimeout = std::chrono::minutes{15};
constexpr Duration kConnectTimeout = std::chrono::seconds{10};
constexpr std::size_t kAnswerBytesMax = 256u << 20;
/// What takes less is not worth a word.
constexpr auto kQuiet = std::chrono::seconds{1};
constexpr auto kTick = std::chrono::milliseconds{250};

/// Writes "task [###...] 3 s" over itself until the timer is cancelled, then clears the line.
boost::asio::awaitable<void> show_waiting(boost::asio::steady_timer& timer, std::ostream& out, const std::string& task,
                                          double share_done) {
  const auto begun = std::chrono::steady_clock::now();
  boost::system::error_code cancelled;
  timer.expires_after(kQuiet);
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  if (cancelled) co_return;
  for (int tick = 0; !cancelled; ++tick) {
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
    out << fmt::format("\r{} [{}] {} s", task, progress_bar(share_done, tick), took.count()) << std::flush;
    timer.expires_after(kTick);
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
  out << "\r\x1b[K" << std::flush;
}

tl::unexpected<Failure> unreachable(const std::string& server, const net::TransportError& error) {
  const bool certain = error.kind == net::TransportError::Kind::not_sent;
  return complain(ExitCode::unreachable,
                  {error.code.empty() ? "server.unreachable" : error.code,
                   fmt::format("The server {} does not answer", server), error.message,
                   certain ? "Check that `crosswalk serve` runs there and that the address is right."
                           : "Check that `crosswalk serve` runs there; what was asked for may have been done, so look "
                             "before you repeat it."});
}

Failure refused(const std::string& server, const net::Response& response, const json::value& body) {
  Failure failure{exit_code_of(response.status), as_object(body)};
  // Whatever is ours has a title; ConnectWise, or another program at this address, answers in forms of its own.
  if (!failure.problem.empty() && !failure.problem.contains("title")) {
    return {ExitCode::failed,
            {{"title", "This is no Crosswalk server"},
             {"detail",
              fmt::format("What runs at {} answered {}, in a form that is not Crosswalk's.", server, response.status)},
             {"code", "server.not_crosswalk"},
             {"action", "Check the address and the port of the server."}}};
  }
  if (failure.problem.empty()) {
    failure.problem = {{"title", fmt::format("The server answered {} without saying why", response.status)},
                       {"detail", "What answers there may not be Crosswalk, or a proxy stands in between."},
                       {"code", fmt::format("http.{}", response.status)},
                       {"action", "Check the address of the server."}};
  }
  return failure;
}

}  // namespace

std::string progress_bar(double share_done, int tick) {
  constexpr int kColumns = 24, kPiece = 4;
  std::string bar(kColumns, '.');
  if (share_done >= 0) {
    const int filled = std::clamp(static_cast<int>(share_done * kColumns), 0, kColumns);
    std::fill_n(bar.begin(), filled, '#');
  } else {
    // There and back, so that the piece never jumps.
    constexpr int kWay = kColumns - kPiece;
    const int position = tick % (2 * kWay);
    std::fill_n(bar.begin() + (position <= kWay ? position : 2 * kWay - position), kPiece, '#');
  }
  return bar;
}

ExitCode exit_code_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return ExitCode::refused;
    case 404:
      return ExitCode::not_found;
    case 400:
    case 413:
    case 415:
    case 422:
      return ExitCode::problems;
    default:
      return status >= 200 && status < 300 ? ExitCode::ok : ExitCode::failed;
  }
}

tl::expected<net::Response, net::TransportError> Client::exchange(net::Request request) {
  boost::asio::io_context context(1);
  boost::asio::steady_timer timer(context);
  if (options_.progress) {
    boost::asio::co_spawn(context, show_waiting(timer, *options_.progress, task_, share_done_), boost::asio::detached);
  }
  std::optional<tl::expected<net::Response, net::TransportError>> answer;
  std::exception_ptr thrown;
  const net::SendOptions limits{
      .timeout = kTimeout, .connect_timeout = kConnectTimeout, .response_bytes_max = kAnswerBytesMax};
  boost::asio::co_spawn(context, transport_.send(std::move(request), limits),
                        [&](std::exception_ptr exception, tl::expected<net::Response, net::TransportError> result) {
                          thrown = exception;
                          answer = std::move(result);
                          timer.cancel();
                        });
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*answer);
}

Outcome<Answer> Client::send(const std::string& method, const std::string& path, std::string body,
                             const std::string& content_type, const std::string& if_match) {
  net::Request request;
  request.method = method;
  request.target = options_.server + path;
  request.headers.set("Accept", "application/json");
  if (!options_.key.empty()) request.headers.set("Authorization", "Bearer " + options_.key);
  if (!content_type.empty()) request.headers.set("Content-Type", content_type);
  if (!if_match.empty()) request.headers.set("If-Match", if_match);
  request.body = std::move(body);
  const auto response = exchange(std::move(request));
  if (!response) return unreachable(options_.server, response.error());

  json::error_code error;
  json::value parsed = response->body.empty() ? json::value(nullptr) : parse_own_json(response->body, error);
  const bool fine = response->status >= 200 && response->status < 300;
  if (!fine) return tl::unexpected(refused(options_.server, *response, error ? json::value(nullptr) : parsed));
  if (error) {
    return complain(ExitCode::failed,
                    {"server.not_crosswalk", fmt::format("The answer of {} is not JSON", options_.server),
                     "What answers there may not be Crosswalk.", "Check the address of the server."});
  }
  const std::string* etag = response->headers.find("ETag");
  return Answer{response->status, std::move(parsed), etag ? *etag : ""};
}

Outcome<Answer> Client::send_json(const std::string& method, const std::string& path, const json::value& body,
                                  const std::string& if_match) {
  return send(method, path, json::serialize(body), "application/json", if_match);
}

}  // namespace crosswalk::cli
