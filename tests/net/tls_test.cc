#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl.hpp>

#include "net/certificate.h"
#include "net/support.h"

namespace crosswalk::net {
namespace {

namespace asio = boost::asio;

/// The suite that a client with these gets of TLS 1.2 or 1.3; empty: no agreement.
std::string agreed(std::uint16_t port, int version, const char* suites) {
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), version);
  SSL_CTX_set_max_proto_version(context.native_handle(), version);
  EXPECT_EQ(SSL_CTX_set_cipher_list(context.native_handle(), suites), 1) << suites;
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
  stream.lowest_layer().connect({asio::ip::address_v4::loopback(), port});
  boost::system::error_code error;
  stream.handshake(asio::ssl::stream_base::client, error);
  return error ? "" : SSL_get_cipher_name(stream.native_handle());
}

TEST(Tls, OffersOnlySuitesWithForwardSecrecyAndAuthenticatedEncryption) {
  const test::Certificate certificate("127.0.0.1");
  const auto server = test::start_server(
      [](const Request&) -> asio::awaitable<Response> { co_return Response{}; },
      {.certificate_file = certificate.certificate_file(), .private_key_file = certificate.private_key_file()});
  const std::uint16_t port = server->port();
  EXPECT_EQ(agreed(port, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384"), "") << "CBC";
  EXPECT_EQ(agreed(port, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM"), "");
  EXPECT_EQ(agreed(port, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"), "ECDHE-ECDSA-AES256-GCM-SHA384");
  EXPECT_EQ(agreed(port, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"), "ECDHE-ECDSA-CHACHA20-POLY1305");
  EXPECT_EQ(agreed(port, TLS1_2_VERSION, "ALL").substr(0, 6), "ECDHE-");
  EXPECT_EQ(agreed(port, TLS1_3_VERSION, "ALL").substr(0, 4), "TLS_");
}

}  // namespace
}  // namespace crosswalk::net
