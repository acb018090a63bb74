#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include "net/server.h"

namespace crosswalk::net {

/// Parses one HTTP/1 request straight into a Request, whose memory is used again from request to request. It stops
/// behind the header; what is decided there is told by take_body().
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(Request& into, std::size_t header_bytes_max);

  /// Goes on with a body of at most so many bytes.
  void take_body(std::size_t bytes_max);
  [[nodiscard]] bool expects_continue() const { return expects_continue_ && version_ == 11; }
  /// What is wrong with a header that can be read: it says something twice, or in a coding that we do not speak.
  [[nodiscard]] std::optional<Refusal> objection() const;
  /// 10 for HTTP/1.0, 11 for HTTP/1.1.
  [[nodiscard]] int version() const { return version_; }

 private:
  using ErrorCode = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version, ErrorCode& error) override;
  void on_response_impl(int code, Text reason, int version, ErrorCode& error) override;
  void on_field_impl(boost::beast::http::field field, Text name, Text value, ErrorCode& error) override;
  void on_header_impl(ErrorCode& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& content_length, ErrorCode& error) override;
  std::size_t on_body_impl(Text body, ErrorCode& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorCode& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, Text body, ErrorCode& error) override;
  void on_finish_impl(ErrorCode& error) override;

  void look_at(boost::beast::http::field field, std::string_view name, std::string_view value);

  Request& into_;
  std::size_t field_count_ = 0;
  int host_count_ = 0;
  unsigned seen_once_ = 0;  ///< a bit for each header of which there may be one
  std::string twice_;       ///< the name of one that stands twice
  bool transfer_unknown_ = false;
  bool body_coded_ = false;
  int version_ = 11;
  bool header_ended_ = false;
  bool expects_continue_ = false;
};

}  // namespace crosswalk::net
