#include "sandbox/certificates.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <iterator>

#include "helpers.h"
#include "sandbox/front.h"

namespace crosswalk::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class CertificatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "crosswalk-tls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  TlsFiles prepare(const std::vector<std::string>& hosts = {}, Duration later = Duration(0)) {
    Result<TlsFiles> files = prepare_tls(folder_ / "tls", hosts, now_ + later);
    EXPECT_TRUE(files) << files.error().message;
    return files.value_or(TlsFiles{});
  }

  /// The error of a handshake by a client that trusts the authority and asks for `host`; empty when it succeeds.
  static std::string handshake(std::uint16_t port, const TlsFiles& files, const std::string& host) {
    asio::io_context context;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.load_verify_file(files.ca_certificate.string());
    tls.set_verify_mode(asio::ssl::verify_peer);
    tls.set_verify_callback(asio::ssl::host_name_verification(host));
    asio::ssl::stream<tcp::socket> stream(context, tls);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::client, error);
    return error ? error.message() : "";
  }

  std::filesystem::path folder_;
  Timestamp now_ = std::chrono::floor<Duration>(std::chrono::system_clock::now());
};

TEST_F(CertificatesTest, AreMadeOnceAndUsedAgain) {
  const TlsFiles first = prepare();
  EXPECT_TRUE(first.made);
  const std::string authority = text_of(first.ca_certificate), certificate = text_of(first.certificate);
  EXPECT_NE(authority, "");
  const TlsFiles second = prepare();
  EXPECT_FALSE(second.made);
  EXPECT_EQ(text_of(second.ca_certificate), authority);
  EXPECT_EQ(text_of(second.certificate), certificate);
}

TEST_F(CertificatesTest, KeysAreForTheOwnerAlone) {
  const TlsFiles files = prepare();
  for (const auto& key : {files.private_key, folder_ / "tls" / "ca.key"}) {
    struct stat status {};
    ASSERT_EQ(::stat(key.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }
}

TEST_F(CertificatesTest, AreRenewedBeforeTheyExpireByTheSameAuthority) {
  const TlsFiles first = prepare();
  const std::string authority = text_of(first.ca_certificate), certificate = text_of(first.certificate);
  EXPECT_FALSE(prepare({}, std::chrono::days(360)).made);
  EXPECT_TRUE(prepare({}, std::chrono::days(370)).made);
  EXPECT_EQ(text_of(first.ca_certificate), authority);
  EXPECT_NE(text_of(first.certificate), certificate);
  EXPECT_TRUE(prepare({}, std::chrono::days(3640)).made);
  EXPECT_NE(text_of(first.ca_certificate), authority);
}

TEST_F(CertificatesTest, FollowTheNamesThatAreAskedFor) {
  const std::string before = text_of(prepare().certificate);
  EXPECT_TRUE(prepare({"psa.example", "192.0.2.7"}).made);
  EXPECT_FALSE(prepare({"192.0.2.7", "psa.example"}).made);
  EXPECT_TRUE(prepare().made);
  EXPECT_FALSE(prepare_tls(folder_ / "tls", {"a,DNS:b"}, now_));
}

TEST_F(CertificatesTest, ADamagedFileIsReplaced) {
  const TlsFiles files = prepare();
  std::ofstream(files.certificate) << "nonsense";
  EXPECT_TRUE(prepare().made);
  std::ofstream(folder_ / "tls" / "ca.key") << "";
  EXPECT_TRUE(prepare().made);
  EXPECT_FALSE(prepare().made);
}

TEST_F(CertificatesTest, ServeClientsThatTrustTheAuthority) {
  const TlsFiles files = prepare({"psa.example"});
  Bench bench;
  Front front{bench.world};
  net::ServerOptions options;
  options.certificate_file = files.certificate.string();
  options.private_key_file = files.private_key.string();
  ASSERT_TRUE(front.start(options));
  ASSERT_TRUE(front.start({}));
  EXPECT_EQ(handshake(front.port(0), files, "localhost"), "");
  EXPECT_EQ(handshake(front.port(0), files, "127.0.0.1"), "");
  EXPECT_EQ(handshake(front.port(0), files, "psa.example"), "");
  EXPECT_NE(handshake(front.port(0), files, "other.example"), "");
  EXPECT_NE(front.port(0), front.port(1));
  front.stop();
}

TEST_F(CertificatesTest, LinksSayHttpsWhenTheRequestCameByIt) {
  Bench bench;
  const Outcome secure = bench.world.serve(bench.request("GET", "/service/boards/1"), true);
  EXPECT_NE(secure.response.body.find("https://psa.example.com/"), std::string::npos);
  const Outcome plain = bench.world.serve(bench.request("GET", "/service/boards/1"));
  EXPECT_EQ(plain.response.body.find("https://"), std::string::npos);
}

}  // namespace
}  // namespace crosswalk::sandbox
