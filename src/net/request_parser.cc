#include "net/request_parser.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>

#include "base/text.h"

namespace crosswalk::net {

namespace {

namespace http = boost::beast::http;

// A promise of a large body is believed only so far: memory is taken as the bytes arrive.
constexpr std::uint64_t kBodyReservedMax = 256u << 10;

// Of two of these, a proxy before us may have believed the other one.
constexpr std::array kOnce{http::field::authorization, http::field::content_type, http::field::content_length,
                           http::field::content_encoding, http::field::transfer_encoding};

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RequestParser::RequestParser(Request& into, std::size_t header_bytes_max) : into_(into) {
  header_limit(static_cast<std::uint32_t>(header_bytes_max));
  body_limit(boost::none);
  into_.body.clear();
}

void RequestParser::take_body(std::size_t bytes_max) {
  body_limit(bytes_max);
  eager(true);
}

std::optional<Refusal> RequestParser::objection() const {
  if (!twice_.empty()) return Refusal{400, "request.header_twice", "The header " + twice_ + " stands twice."};
  if (transfer_unknown_) {
    return Refusal{501, "request.transfer_encoding", "Transfer-Encoding must be chunked and nothing else."};
  }
  // RFC 9112 section 6.1: such a message is not to be trusted.
  if (version_ == 10 && chunked()) {
    return Refusal{501, "request.transfer_encoding", "HTTP/1.0 knows no Transfer-Encoding."};
  }
  if (body_coded_ && !is_done()) {
    return Refusal{415, "request.content_encoding", "Send the body as it is, without Content-Encoding."};
  }
  return std::nullopt;
}

void RequestParser::on_request_impl(http::verb, Text method, Text target, int version, ErrorCode& error) {
  into_.method.assign(method.data(), method.size());
  into_.target.assign(target.data(), target.size());
  version_ = version;
  if (version != 10 && version != 11) error = http::error::bad_version;
}

void RequestParser::on_response_impl(int, Text, int, ErrorCode&) {}

void RequestParser::look_at(http::field field, std::string_view name, std::string_view value) {
  if (field == http::field::host) ++host_count_;
  if (field == http::field::expect) expects_continue_ = equals_ignoring_case(value, "100-continue");
  if (field == http::field::transfer_encoding) transfer_unknown_ = !equals_ignoring_case(value, "chunked");
  if (field == http::field::content_encoding) body_coded_ = !value.empty() && !equals_ignoring_case(value, "identity");
  for (std::size_t each = 0; each < kOnce.size(); ++each) {
    if (field != kOnce[each]) continue;
    // A list of equal lengths is the same said in one line.
    const bool list = field == http::field::content_length && value.find(',') != std::string_view::npos;
    if (list || (seen_once_ & (1u << each)) != 0) twice_ = name;
    seen_once_ |= 1u << each;
  }
}

void RequestParser::on_field_impl(http::field field, Text name, Text value, ErrorCode&) {
  // Trailers of a chunked body come here too; they must not pass for headers.
  if (header_ended_) return;
  if (field != http::field::unknown) look_at(field, view(name), view(value));
  auto& items = into_.headers.items;
  if (field_count_ == items.size()) items.emplace_back();
  auto& [item_name, item_value] = items[field_count_++];
  item_name.assign(name.data(), name.size());
  item_value.assign(value.data(), value.size());
}

void RequestParser::on_header_impl(ErrorCode& error) {
  header_ended_ = true;
  into_.headers.items.resize(field_count_);
  // RFC 9112 section 3.2; two of them are a way of telling a proxy and us different stories.
  if (host_count_ > 1 || (host_count_ == 0 && version_ == 11)) error = http::error::bad_field;
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& content_length, ErrorCode&) {
  if (content_length) into_.body.reserve(std::min(*content_length, kBodyReservedMax));
}

std::size_t RequestParser::on_body_impl(Text body, ErrorCode&) {
  into_.body.append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, ErrorCode&) {
  into_.body.append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_finish_impl(ErrorCode&) {}

}  // namespace crosswalk::net
