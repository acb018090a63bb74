#include "net/curl_transport.h"

namespace crosswalk::net {

namespace {

bool only_reads(const Request& request) {
  if (request.method == "GET") return true;
  const std::string_view target = request.target;
  return request.method == "POST" && target.substr(0, target.find_first_of("?#")).ends_with("/search");
}

}  // namespace

boost::asio::awaitable<tl::expected<Response, TransportError>> ReadOnlyTransport::send(Request request,
                                                                                       SendOptions options) {
  if (!only_reads(request)) {
    ++writes_refused_;
    co_return tl::unexpected(TransportError{TransportError::Kind::not_sent, "net.write_refused",
                                            "a " + request.method + " was refused because nothing may be changed now"});
  }
  co_return co_await beneath_.send(std::move(request), options);
}

}  // namespace crosswalk::net
