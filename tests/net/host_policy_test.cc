#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "net/addresses.h"
#include "net/curl_transport.h"

namespace crosswalk::net {
namespace {

TEST(HostPolicy, AllowsConnectWisesOwnHosts) {
  const HostPolicy policy;
  for (const std::string_view url :
       {"https://api-na.myconnectwise.net/v4_6_release/apis/3.0/service/tickets?conditions=id%3D1",
        "https://na.myconnectwise.net", "https://EU.MyConnectWise.NET/login", "https://myconnectwise.net/",
        "https://staging.connectwisedev.com/x", "https://openapi.service.itsupport247.connectwise.com:443/x",
        "https://api-na.myconnectwise.net?x=https://user@evil.example/"}) {
    EXPECT_TRUE(policy.check(url)) << url;
  }
}

TEST(HostPolicy, RefusesEverythingThatIsNotPlainlyRight) {
  const HostPolicy policy;
  for (const std::string_view url :
       {// other schemes and forms
        "", "na.myconnectwise.net", "//na.myconnectwise.net/", "http://na.myconnectwise.net/",
        "ftp://na.myconnectwise.net/", "file:///etc/passwd", "gopher://na.myconnectwise.net/",
        "HTTPS://na.myconnectwise.net/", "https:/na.myconnectwise.net/", "https:///na.myconnectwise.net/", "https://",
        "https:// na.myconnectwise.net/", " https://na.myconnectwise.net/",
        // names that only look like ConnectWise's
        "https://evil.example/", "https://myconnectwise.net.evil.example/", "https://evilmyconnectwise.net/",
        "https://my-connectwise.net/", "https://na.myconnectwise.net./", "https://na..myconnectwise.net/",
        "https://.myconnectwise.net/", "https://xn--80ak6aa92e.myconnectwise.net/",
        "https://na.myc\u043ennectwise.net/", "https://na%2emyconnectwise.net/", "https://na_1.myconnectwise.net/",
        "https://-na.myconnectwise.net/", "https://na.myconnectwise.net\u3002evil.example/",
        // where two parsers would read two hosts
        "https://evil.example#@na.myconnectwise.net/", "https://evil.example\\@na.myconnectwise.net/",
        "https://user@na.myconnectwise.net/", "https://user:pass@na.myconnectwise.net/",
        "https://na.myconnectwise.net@evil.example/", "https://na.myconnectwise.net:443@evil.example/",
        "https://evil.example\\.myconnectwise.net/", "https://evil.example\t.myconnectwise.net/",
        "https://evil.example\r\nHost: na.myconnectwise.net/", "https://na.myconnectwise.net/a b",
        "https://na.myconnectwise.net/\r\nX: y", "https://evil.example;na.myconnectwise.net/",
        "https://evil.example,na.myconnectwise.net/", "https://na.myconnectwise.net/x#fragment",
        // ports
        "https://na.myconnectwise.net:8443/", "https://na.myconnectwise.net:80/", "https://na.myconnectwise.net:/",
        "https://na.myconnectwise.net:0443/", "https://na.myconnectwise.net:99999/",
        "https://na.myconnectwise.net:4 43/", "https://na.myconnectwise.net:-1/",
        "https://na.myconnectwise.net:443:443/",
        // addresses, in all their spellings
        "https://localhost/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
        "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://017700000001/", "https://0/", "https://10.0.0.1/",
        "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/", "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[::1", "https://::1/", "https://[::1]x/",
        "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://metadata.google.internal/",
        "https://127.0.0.1.nip.io/", "https://\u2460\u2461\u2466.0.0.1/"}) {
    const auto checked = policy.check(url);
    ASSERT_FALSE(checked) << url;
    EXPECT_EQ(checked.error().code, "net.host_not_allowed");
  }
}

TEST(HostPolicy, NeverRepeatsWhatFollowsTheHost) {
  const auto checked = HostPolicy{}.check("https://evil.example/secret?key=secret");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message.find("secret"), std::string::npos);
}

TEST(HostPolicy, TakesFurtherHostsFromItsOptions) {
  const HostPolicy policy{{"psa.example.com", ".example.org", "psa.example.net:8443"}, false};
  EXPECT_TRUE(policy.check("https://psa.example.com/"));
  EXPECT_TRUE(policy.check("https://PSA.example.com/"));
  EXPECT_TRUE(policy.check("https://a.b.example.org/"));
  EXPECT_TRUE(policy.check("https://psa.example.net:8443/"));
  EXPECT_TRUE(policy.check("https://psa.example.net/"));
  EXPECT_FALSE(policy.check("https://x.psa.example.com/"));
  EXPECT_FALSE(policy.check("https://xpsa.example.com/"));
  EXPECT_FALSE(policy.check("https://example.org/"));
  EXPECT_FALSE(policy.check("https://badexample.org/"));
  EXPECT_FALSE(policy.check("https://psa.example.com:8443/"));
  EXPECT_FALSE(policy.check("https://psa.example.net:8444/"));
  EXPECT_FALSE(policy.check("http://psa.example.com/"));
}

TEST(HostPolicy, LetsWebhooksLeadToAnyPublicHostOverHttpsOnly) {
  const HostPolicy policy{.allowed_hosts = {}, .any_public_host = true};
  for (const std::string_view url :
       {"https://hooks.example.com/crosswalk", "https://hooks.example.com:8443/x?y=1", "https://93.184.216.34/hook"})
    EXPECT_TRUE(policy.check(url)) << url;
  for (const std::string_view url : {"http://hooks.example.com/crosswalk", "https://localhost/x", "https://127.0.0.1/x",
                                     "https://10.0.0.8/x", "https://[::1]/x", "https://169.254.169.254/latest",
                                     "https://user:word@hooks.example.com/", "ftp://example.com/"})
    EXPECT_FALSE(policy.check(url)) << url;
  const HostPolicy practice{.allowed_hosts = {}, .allow_private = true, .any_public_host = true};
  EXPECT_TRUE(practice.check("http://127.0.0.1:9000/hook"));
}

TEST(HostPolicy, AllowsPrivateAddressesForPracticeOnly) {
  const HostPolicy practice{{"sandbox:8080"}, true};
  EXPECT_TRUE(practice.check("http://127.0.0.1:9100/x"));
  EXPECT_TRUE(practice.check("http://localhost:9100/x"));
  EXPECT_TRUE(practice.check("https://[::1]:9100/x"));
  EXPECT_TRUE(practice.check("http://192.168.0.7/"));
  EXPECT_TRUE(practice.check("http://sandbox:8080/"));
  EXPECT_FALSE(practice.check("http://sandbox:8081/"));
  EXPECT_FALSE(practice.check("http://evil.example/"));
  EXPECT_FALSE(practice.check("http://na.myconnectwise.net/"));
  EXPECT_FALSE(practice.check("https://8.8.8.8/"));
  EXPECT_FALSE(practice.check("http://user@127.0.0.1/"));
}

bool is_public(const char* text) {
  in_addr four{};
  if (inet_pton(AF_INET, text, &four) == 1) return is_public_address(four);
  in6_addr six{};
  EXPECT_EQ(inet_pton(AF_INET6, text, &six), 1) << text;
  return is_public_address(six);
}

TEST(PublicAddresses, AreToldFromAllOthers) {
  for (const char* address :
       {"8.8.8.8", "52.94.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "11.0.0.0", "168.63.129.15", "2606:4700::1111",
        "2001:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"}) {
    EXPECT_TRUE(is_public(address)) << address;
  }
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.254",
                              "168.63.129.16",
                              "169.254.169.254",
                              "172.16.0.0",
                              "172.31.255.255",
                              "192.0.0.192",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.255.255",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fec0::1",
                              "fc00::1",
                              "fd00:ec2::254",
                              "ff02::1",
                              "2001:db8::1",
                              "2001::1",
                              "2002:7f00:1::",
                              "3fff::1",
                              "100::1",
                              "::ffff:127.0.0.1",
                              "::ffff:169.254.169.254",
                              "::ffff:10.0.0.1",
                              "::127.0.0.1",
                              "64:ff9b::127.0.0.1",
                              "64:ff9b::10.1.1.1",
                              "64:ff9b:1::1"}) {
    EXPECT_FALSE(is_public(address)) << address;
  }
}

}  // namespace
}  // namespace crosswalk::net
