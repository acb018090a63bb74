#include <fmt/format.h>

#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

class CheckTest : public testing::ManageTest {
 protected:
  std::vector<psa::Check> check() { return testing::run(psa_.connection->check(psa::Lane::records, scope)); }
  psa::CheckScope scope{};
};

TEST_F(CheckTest, WalksThroughEverythingThatIsNeeded) {
  transport_.found();
  transport_.answer("GET", "/system/info", 200, R"({"version":"v2026.3.105333","isCloud":true})");
  transport_.answer("GET", "/service/boards?", 200, R"([{"id":1,"name":"Help Desk"}])");
  transport_.answer("GET", "/service/priorities?", 200, R"([{"id":1,"name":"High"}])");
  transport_.answer("GET", "/company/companies?", 200, R"([{"id":1,"name":"Acme","deletedFlag":false}])");
  transport_.answer("GET", "/service/tickets?", 200, "[]");
  transport_.answer("GET", "/system/mySecurity?", 403, R"({"code":"Security","message":"no"})");
  const auto checks = check();
  ASSERT_EQ(checks.size(), 7u);
  for (const psa::Check& each : checks) EXPECT_TRUE(each.passed) << each.name << ": " << each.detail;
  EXPECT_NE(checks[1].detail.find("v2026.3.105333"), std::string::npos);
  EXPECT_EQ(checks[6].name, "Service Desk > Service Tickets");
  EXPECT_NE(checks[6].detail.find("Close Service Tickets"), std::string::npos);
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
  transport_.answer("GET", "/system/mySecurity?", 403, R"({"code":"Security","message":"no"})");
  const auto checks = check();
  ASSERT_EQ(checks.size(), 7u);
  EXPECT_FALSE(checks[3].passed);
  EXPECT_NE(checks[3].action.find("Table Setup: Inquire All, customized to include Service Board"), std::string::npos);
  EXPECT_FALSE(checks[4].passed);
  EXPECT_FALSE(checks[5].passed) << "an instance without any company hides them";
  EXPECT_NE(checks[5].action.find("Corporate"), std::string::npos);
  EXPECT_NE(checks[6].action.find("Service Desk > Service Tickets: Inquire All"), std::string::npos);
  for (const psa::Check& each : checks) {
    EXPECT_FALSE(each.detail.empty());
    EXPECT_EQ(each.action.empty(), each.passed) << each.name;
  }
}

TEST_F(CheckTest, TellsTheVersionThatIsAskedForAndWarnsBeforeItEnds) {
  const auto version = [&](const char* now, const char* server) {
    clock_.at = *parse_timestamp(now);
    transport_.found();
    transport_.answer("GET", "/system/info", 200, fmt::format(R"({{"version":"{}"}})", server));
    for (int i = 0; i < 5; ++i) transport_.answer("GET", "fields=", 503, "");
    return check().at(2);
  };
  psa::Check told = version("2026-12-01T00:00:00Z", "v2026.4.105333");
  EXPECT_EQ(told.name, "API version");
  EXPECT_TRUE(told.passed);
  EXPECT_NE(told.detail.find("version " + std::string(kApiVersion)), std::string::npos) << told.detail;
  EXPECT_NE(told.detail.find("6 months"), std::string::npos) << told.detail;
  EXPECT_EQ(told.detail.find("older"), std::string::npos) << told.detail;
  told = version("2026-12-01T00:00:00Z", "v2025.16.1");
  EXPECT_NE(told.detail.find("This server is older"), std::string::npos) << told.detail;
  told = version("2027-03-01T00:00:00Z", "v2026.4.1");
  EXPECT_TRUE(told.passed);
  EXPECT_NE(told.detail.find("Soon to end"), std::string::npos) << told.detail;
  told = version("2027-06-01T00:00:00Z", "v2026.4.1");
  EXPECT_FALSE(told.passed);
  EXPECT_NE(told.action.find("connectwise.api_version"), std::string::npos) << told.action;
}

TEST_F(CheckTest, NamesTheFieldThatAnotherVersionDoesNotShow) {
  transport_.found();
  transport_.answer("GET", "/system/info", 200, "{}");
  transport_.answer("GET", "/service/boards?", 200, R"([{"id":1,"title":"Help Desk"}])");
  transport_.answer("GET", "/service/priorities?", 200, R"([{"id":1,"name":"High"}])");
  transport_.answer("GET", "/company/companies?", 200, R"([{"id":1,"name":"Acme"}])");
  transport_.answer("GET", "/service/tickets?", 200, R"([{"id":1,"status":{"id":1}}])");
  transport_.answer("GET", "/system/mySecurity?", 403, R"({"code":"Security","message":"no"})");
  const auto checks = check();
  ASSERT_EQ(checks.size(), 7u);
  const auto names = [&](std::size_t i, std::string_view field) {
    return !checks[i].passed && checks[i].detail.find(field) != std::string::npos && !checks[i].action.empty();
  };
  EXPECT_TRUE(names(3, "no name")) << checks[3].detail;
  EXPECT_TRUE(checks[4].passed) << checks[4].detail;
  EXPECT_TRUE(names(5, "no deletedFlag")) << checks[5].detail;
  EXPECT_TRUE(names(6, "no closedFlag")) << checks[6].detail;
}

TEST_F(CheckTest, TellsWhatTheRoleDoesNotLetUsWriteWithoutWriting) {
  scope = {.tickets = true, .closes = true, .objects = {{psa::ObjectKind::configuration, false}}};
  transport_.found();
  transport_.answer("GET", "/system/info", 200, "{}");
  transport_.answer("GET", "/service/boards?", 200, R"([{"id":1,"name":"Help Desk"}])");
  transport_.answer("GET", "/service/priorities?", 200, R"([{"id":1,"name":"High"}])");
  transport_.answer("GET", "/company/companies?", 200, R"([{"id":1,"name":"Acme","deletedFlag":false}])");
  transport_.answer("GET", "/service/tickets?", 200, "[]");
  transport_.answer("GET", "/system/mySecurity?", 200, R"([
    {"moduleFunctionName":"Service Tickets","addLevel":"All","editLevel":"My","inquireLevel":"All"},
    {"moduleFunctionName":"Close Service Tickets","addLevel":"All","editLevel":"All","inquireLevel":"All"},
    {"moduleFunctionName":"Configurations","addLevel":"None","editLevel":"All","inquireLevel":"All"}])");
  const auto checks = check();
  ASSERT_EQ(checks.size(), 10u);
  EXPECT_EQ(checks[7].name, "Service Desk > Service Tickets, to write");
  EXPECT_FALSE(checks[7].passed);
  EXPECT_NE(checks[7].detail.find("Edit (it is My)"), std::string::npos) << checks[7].detail;
  EXPECT_NE(checks[7].action.find("Add, Edit and Inquire All"), std::string::npos) << checks[7].action;
  EXPECT_TRUE(checks[8].passed) << checks[8].detail;
  EXPECT_TRUE(checks[9].passed) << "what is only linked is not added: " << checks[9].detail;
}

TEST_F(CheckTest, TellsBeforeGoingLiveWhatThatWouldLack) {
  transport_.found();
  transport_.answer("GET", "/system/info", 200, "{}");
  transport_.answer("GET", "/service/boards?", 200, R"([{"id":1,"name":"Help Desk"}])");
  transport_.answer("GET", "/service/priorities?", 200, R"([{"id":1,"name":"High"}])");
  transport_.answer("GET", "/company/companies?", 200, R"([{"id":1,"name":"Acme","deletedFlag":false}])");
  transport_.answer("GET", "/service/tickets?", 200, "[]");
  transport_.answer("GET", "/system/mySecurity?", 200, R"([
    {"moduleFunctionName":"Service Tickets","addLevel":"All","editLevel":"All","inquireLevel":"All"},
    {"moduleFunctionName":"Close Service Tickets","addLevel":"None","editLevel":"None","inquireLevel":"None"}])");
  const auto checks = check();
  ASSERT_EQ(checks.size(), 9u);
  for (const psa::Check& each : checks) EXPECT_TRUE(each.passed) << each.name << ": nothing is written yet";
  EXPECT_EQ(checks[8].name, "Service Desk > Close Service Tickets, to write");
  EXPECT_EQ(checks[8].detail.find("Needed to go live: "), 0u) << checks[8].detail;
  EXPECT_NE(checks[8].detail.find("set Service Desk > Close Service Tickets to"), std::string::npos);
}

TEST_F(CheckTest, SaysNothingOfRightsThatAreNotShown) {
  scope = {.tickets = true, .closes = true};
  transport_.found();
  transport_.answer("GET", "/system/info", 200, "{}");
  transport_.answer("GET", "/service/boards?", 200, R"([{"id":1,"name":"Help Desk"}])");
  transport_.answer("GET", "/service/priorities?", 200, R"([{"id":1,"name":"High"}])");
  transport_.answer("GET", "/company/companies?", 200, R"([{"id":1,"name":"Acme","deletedFlag":false}])");
  transport_.answer("GET", "/service/tickets?", 200, "[]");
  transport_.answer("GET", "/system/mySecurity?", 403, R"({"code":"Security","message":"no"})");
  EXPECT_EQ(check().size(), 7u);
}

class CheckWithoutClientId : public testing::ManageTest {
 protected:
  CheckWithoutClientId() {
    provider_ = Provider::make(PartnerId("p1"), {"http://127.0.0.1:8600", "acme", "public", "private", ""}, transport_,
                               gate_, clock_);
    psa_ = provider_->psa(true);
  }
};

TEST_F(CheckWithoutClientId, IsToldSoBeforeAnythingIsAsked) {
  const auto checks = testing::run(psa_.connection->check(psa::Lane::records, {}));
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].name, "Client id");
  EXPECT_FALSE(checks[0].passed);
  EXPECT_NE(checks[0].action.find("connectwise.client_id"), std::string::npos);
  EXPECT_TRUE(transport_.requests.empty());
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
