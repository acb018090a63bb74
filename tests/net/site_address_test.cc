#include "net/site_address.h"

#include <gtest/gtest.h>

namespace crosswalk::net {
namespace {

TEST(SiteAddress, IsTheHostOfWhateverWasPasted) {
  const std::pair<const char*, const char*> cases[] = {
      {"na.myconnectwise.net", "na.myconnectwise.net"},
      {"NA.MyConnectWise.net", "na.myconnectwise.net"},
      {"na.myconnectwise.net:443", "na.myconnectwise.net"},
      {"https://na.myconnectwise.net", "https://na.myconnectwise.net"},
      {"HTTPS://NA.myconnectwise.net/", "https://na.myconnectwise.net"},
      {"http://na.myconnectwise.net", "https://na.myconnectwise.net"},
      {"https://api-na.myconnectwise.net/v4_6_release/apis/3.0", "https://na.myconnectwise.net"},
      {"https://eu.myconnectwise.net/v2025_1/ConnectWise.aspx?fullscreen=false&locale=en_US#XQAACAA",
       "https://eu.myconnectwise.net"},
      {" \t\"https://au.myconnectwise.net/login?login=true\"\r\n", "https://au.myconnectwise.net"},
      {"\xEF\xBB\xBFna.myconnectwise.net\xC2\xA0\xE2\x80\x8B", "na.myconnectwise.net"},
      {"http://127.0.0.1:8600/v4_6_release/apis/3.0/", "http://127.0.0.1:8600"},
      {"http://cw.example.com:80/x", "http://cw.example.com"},
      {"cw.example.com.", "cw.example.com"},
      {"https://[::1]:8600/", "https://[::1]:8600"},
  };
  for (const auto& [pasted, address] : cases) {
    const Result<std::string> read = site_address(pasted);
    ASSERT_TRUE(read) << pasted << ": " << read.error().message;
    EXPECT_EQ(*read, address) << pasted;
  }
}

TEST(SiteAddress, IsRefusedWithTheTrueReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no address"},
      {" \n", "no address"},
      {"https://", "no host name"},
      {"connectwise", "no complete host name"},
      {"ftp://na.myconnectwise.net", "ftp://"},
      {"https://user:pw@na.myconnectwise.net", "user name or a password"},
      {"na.my connectwise.net", "blank"},
  };
  for (const auto& [pasted, reason] : cases) {
    const Result<std::string> read = site_address(pasted);
    ASSERT_FALSE(read) << pasted;
    EXPECT_EQ(read.error().code, "partner.site_invalid");
    EXPECT_NE(read.error().message.find(reason), std::string::npos) << read.error().message;
  }
}

TEST(SiteAddress, KeysLoseWhatStandsAroundThemUnseen) {
  EXPECT_EQ(trim_pasted(" abc\n"), "abc");
  EXPECT_EQ(trim_pasted("\xE2\x80\x8B\tabc\xC2\xA0 "), "abc");
  EXPECT_EQ(trim_pasted(""), "");
  EXPECT_EQ(trim_pasted("a b"), "a b");
}

}  // namespace
}  // namespace crosswalk::net
