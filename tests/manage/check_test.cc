#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

class CheckTest : public testing::ManageTest {
 protected:
  std::vector<psa::Check> check() { return testing::run(psa_.connection->check(psa::Lane::records)); }
};

TEST_F(CheckTest, WalksThroughEverythingThatIsNeeded) {
  transport_.found();
  transport_.answer("GET", "/system/info", 200, R"({"version":"v2026.3.105333","isCloud":true})");
  transport_.answer("GET", "/service/boards?", 200, R"([{"id":1}])");
  transport_.answer("GET", "/service/priorities?", 200, R"([{"id":1}])");
  transport_.answer("GET", "/company/companies?", 200, R"([{"id":1}])");
  transport_.answer("GET", "/service/tickets?", 200, "[]");
  const auto checks = check();
  ASSERT_EQ(checks.size(), 6u);
  for (const psa::Check& each : checks) EXPECT_TRUE(each.passed) << each.name << ": " << each.detail;
  EXPECT_NE(checks[1].detail.find("v2026.3.105333"), std::string::npos);
  EXPECT_EQ(checks[5].name, "Service Desk > Service Tickets");
  EXPECT_NE(checks[5].detail.find("Close Service Tickets"), std::string::npos);
  for (const net::Request& each : transport_.requests) EXPECT_EQ(each.method, "GET");
}

TEST_F(CheckTest, NamesTheRightAndTheLevelThatAreMissing) {
  const char* refused =
      R"({"code":"Security","message":"You do not have security permission to perform this action."})";
  transport_.found();
  transport_.answer("GET", "/system/info", 200, "{}");
  transport_.answer("GET", "/service/boards?", 403, refused);
  transport_.answer("GET", "/service/priorities?", 200, "<html>blocked</html>", "text/html");
  transport_.answer("GET", "/company/companies?", 200, "[]");
  transport_.answer("GET", "/service/tickets?", 403, refused);
  const auto checks = check();
  ASSERT_EQ(checks.size(), 6u);
  EXPECT_FALSE(checks[2].passed);
  EXPECT_NE(checks[2].action.find("Table Setup: Inquire All, customized to include Service Board"), std::string::npos);
  EXPECT_FALSE(checks[3].passed);
  EXPECT_FALSE(checks[4].passed) << "an instance without any company hides them";
  EXPECT_NE(checks[4].action.find("Corporate"), std::string::npos);
  EXPECT_NE(checks[5].action.find("Service Desk > Service Tickets: Inquire All"), std::string::npos);
  for (const psa::Check& each : checks) {
    EXPECT_FALSE(each.detail.empty());
    EXPECT_EQ(each.action.empty(), each.passed) << each.name;
  }
}

TEST_F(CheckTest, StopsWhenTheInstanceOrTheKeysAreWrong) {
  transport_.answer("GET", "/login/companyinfo/acme", 200, "null");
  auto checks = check();
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_FALSE(checks[0].passed);
  EXPECT_NE(checks[0].action.find("login company"), std::string::npos);
  transport_.found();
  transport_.answer("GET", "/system/info", 401, R"({"code":"ConnectWiseApi","message":"UserNotAuthenticated"})");
  checks = check();
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_FALSE(checks[1].passed);
  EXPECT_NE(checks[1].action.find("API Keys"), std::string::npos);
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
