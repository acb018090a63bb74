#include "connectwise/manage/discovery.h"

#include "connectwise/manage/client.h"
#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

using testing::ManageTest;

TEST(Site, ReadsWhatPeopleType) {
  EXPECT_EQ(read_site("na.myconnectwise.net").origin, "https://na.myconnectwise.net");
  EXPECT_EQ(read_site(" https://NA.myconnectwise.net/v4_6_release/ ").origin, "https://na.myconnectwise.net");
  EXPECT_EQ(read_site("http://na.myconnectwise.net").origin, "https://na.myconnectwise.net");
  EXPECT_EQ(read_site("api-eu.myconnectwise.net").origin, "https://eu.myconnectwise.net");
  EXPECT_TRUE(read_site("staging.connectwisedev.com").cloud);
  EXPECT_EQ(read_site("http://127.0.0.1:8600/").origin, "http://127.0.0.1:8600");
  EXPECT_EQ(read_site("cw.example.com").origin, "https://cw.example.com");
  EXPECT_EQ(read_site("http://127.0.0.1:8600/v4_6_release/apis/3.0/").origin, "http://127.0.0.1:8600");
  EXPECT_EQ(read_site("https://CW.example.com/v2025_1/ConnectWise.aspx?locale=en_US#X").origin,
            "https://cw.example.com");
  EXPECT_FALSE(read_site("na.myconnectwise.net.example.com").cloud);
  EXPECT_FALSE(read_site("https://evil.com/na.myconnectwise.net").cloud);
}

TEST(ApiBase, PutsTheApiPrefixBeforeCloudHostsOnly) {
  const auto base = [](const char* site, const char* info) { return read_api_base(read_site(site), info); };
  EXPECT_EQ(base("na.myconnectwise.net", R"({"Codebase":"v2025_1/","IsCloud":"True"})"),
            "https://api-na.myconnectwise.net/v2025_1/apis/3.0");
  EXPECT_EQ(base("na.myconnectwise.net", R"({"Codebase":"v2025_1/","IsCloud":true})"),
            "https://api-na.myconnectwise.net/v2025_1/apis/3.0");
  EXPECT_EQ(base("na.myconnectwise.net", R"({"Codebase":"v4_6_release/","IsCloud":"False"})"),
            "https://na.myconnectwise.net/v4_6_release/apis/3.0");
  EXPECT_EQ(base("cw.example.com", R"({"Codebase":"v4_6_release/","IsCloud":false})"),
            "https://cw.example.com/v4_6_release/apis/3.0");
  EXPECT_EQ(base("http://127.0.0.1:8600", R"({"Codebase":"v2025_1","IsCloud":true})"),
            "http://127.0.0.1:8600/v2025_1/apis/3.0");
}

TEST(ApiBase, RefusesACodebaseThatWouldLeadElsewhere) {
  for (const char* info : {R"({"Codebase":"../x/"})", R"({"Codebase":"a?b"})", R"({"Codebase":"@evil.com/"})",
                           R"({"Codebase":""})", R"({"Codebase":5})", R"({})", "[]", "<html>", ""})
    EXPECT_FALSE(read_api_base(read_site("cw.example.com"), info)) << info;
}

class DiscoveryTest : public ManageTest {};

constexpr const char* kTicket = R"({"id":69,"summary":"x"})";

TEST_F(DiscoveryTest, FindsTheInstanceOnceWithoutSigningInAndRemembersIt) {
  transport_.found();
  transport_.answer("POST", "http://127.0.0.1:8600/v4_6_release/apis/3.0/service/tickets", 201, kTicket);
  transport_.answer("PATCH", "/v4_6_release/apis/3.0/service/tickets/69", 200, kTicket);
  const psa::Outcome created = apply(create());
  ASSERT_TRUE(created.applied) << created.error.message;
  EXPECT_TRUE(apply(close()).applied);
  EXPECT_EQ(created.calls.size(), 2u);
  EXPECT_EQ(transport_.requests[0].headers.find("Authorization"), nullptr);
  EXPECT_EQ(transport_.requests[0].headers.find("clientId"), nullptr);
}

TEST_F(DiscoveryTest, SignsEveryCall) {
  transport_.found();
  transport_.answer("POST", "/service/tickets", 201, kTicket);
  EXPECT_TRUE(apply(create()).applied);
  const net::Headers& headers = transport_.requests[1].headers;
  // acme+public:s3cr3tPrivateKey
  EXPECT_EQ(*headers.find("Authorization"), "Basic YWNtZStwdWJsaWM6czNjcjN0UHJpdmF0ZUtleQ==");
  EXPECT_EQ(*headers.find("clientId"), "client-1");
  EXPECT_EQ(*headers.find("Accept"), "application/vnd.connectwise.com+json; version=" + std::string(kApiVersion));
  EXPECT_EQ(*headers.find("Content-Type"), "application/json");
}

TEST_F(DiscoveryTest, FindsTheInstanceAgainWhenItHasMovedAndRepeatsTheCallOnce) {
  transport_.found();
  transport_.answer("POST", "/service/tickets", 201, kTicket);
  transport_.answer("PATCH", "/v4_6_release/", 400, "Cannot route. Codebase/company is invalid", "text/plain");
  transport_.answer("GET", "/login/companyinfo/acme", 200, R"({"Codebase":"v2026_3/","IsCloud":"True"})");
  transport_.answer("PATCH", "/v2026_3/apis/3.0/service/tickets/69", 200, kTicket);
  EXPECT_TRUE(apply(create()).applied);
  const psa::Outcome outcome = apply(close());
  EXPECT_TRUE(outcome.applied);
  EXPECT_EQ(outcome.calls.size(), 3u);
}

TEST_F(DiscoveryTest, StopsAfterOneRepetition) {
  transport_.found();
  transport_.answer("POST", "/service/tickets", 404,
                    R"({"code":"ConnectWiseApi","message":"The endpoint does not exist."})");
  transport_.found();
  transport_.answer("POST", "/service/tickets", 404,
                    R"({"code":"ConnectWiseApi","message":"The endpoint does not exist."})");
  const psa::Outcome outcome = apply(create());
  EXPECT_FALSE(outcome.applied);
  EXPECT_EQ(outcome.disposition, Disposition::rediscover);
  EXPECT_EQ(outcome.error.code, "psa.endpoint_missing");
}

TEST_F(DiscoveryTest, DoesNotRepeatAWriteThatAnotherPlaceAnsweredAndAsksForTheWayBeforeTheNextCall) {
  transport_.found();
  for (const int status : {302, 404}) {
    transport_.answer("POST", "/service/tickets", status, "<html>elsewhere</html>", "text/html");
    const psa::Outcome outcome = apply(create());
    EXPECT_EQ(outcome.disposition, Disposition::unknown) << status;
    EXPECT_EQ(outcome.error.code, "psa.endpoint_missing") << status;
    transport_.answer("GET", "/login/companyinfo/acme", 200, R"({"Codebase":"v2026_3/","IsCloud":"True"})");
  }
  transport_.answer("POST", "/v2026_3/apis/3.0/service/tickets", 201, kTicket);
  EXPECT_TRUE(apply(create()).applied);
}

TEST_F(DiscoveryTest, SaysThatTheLoginCompanyMayBeWrong) {
  transport_.answer("GET", "/login/companyinfo/acme", 200, "null");
  transport_.answer("GET", "/login/companyinfo/acme", 404, "");
  transport_.answer("GET", "/login/companyinfo/acme", 200, "");
  for (int round = 0; round < 3; ++round) {
    const psa::Outcome outcome = apply(create());
    EXPECT_EQ(outcome.error.code, "psa.company_unknown");
    EXPECT_EQ(outcome.disposition, Disposition::credentials);
    EXPECT_NE(outcome.error.message.find("acme"), std::string::npos);
  }
}

TEST_F(DiscoveryTest, DoesNotBlameTheCompanyWhenThePsaIsDownOrTheGateIsClosed) {
  transport_.answer("GET", "/login/companyinfo/acme", 503, "");
  transport_.answer("GET", "/login/companyinfo/acme", 200, "<html>maintenance</html>", "text/html");
  transport_.fail("GET", "/login/companyinfo/acme", net::TransportError::Kind::no_answer, "net.timeout");
  transport_.found();
  transport_.answer("POST", "/service/tickets", 404,
                    R"({"code":"ConnectWiseApi","message":"The endpoint does not exist."})");
  const psa::Outcome down = apply(create());
  EXPECT_EQ(down.error.code, "psa.outage");
  EXPECT_EQ(down.disposition, Disposition::retry) << "the ticket itself was never sent";
  EXPECT_EQ(apply(create()).error.code, "psa.discovery_unreadable");
  EXPECT_EQ(apply(create()).disposition, Disposition::retry);
  gate_.passes_left = 2;
  const psa::Outcome closed = apply(create());
  EXPECT_EQ(closed.error.code, "psa.circuit_open") << "a 404 before the gate closed says nothing about the company";
  EXPECT_EQ(closed.disposition, Disposition::retry);
}

TEST_F(DiscoveryTest, LinksToThePagesOfThePeople) {
  EXPECT_EQ(
      psa_.link(ticket("69")),
      "http://127.0.0.1:8600/v4_6_release/services/system_io/router/openrecord.rails?recordType=ServiceFv&recid=69");
}

class CloudDiscoveryTest : public ManageTest {
 protected:
  CloudDiscoveryTest() : ManageTest("https://na.myconnectwise.net/") {}
};

TEST_F(CloudDiscoveryTest, AsksThePeoplesHostAndCallsTheApiHost) {
  transport_.answer(
      "GET", "https://na.myconnectwise.net/login/companyinfo/acme", 200,
      R"({"CompanyName":"ConnectWise","Codebase":"v2017_3/","VersionCode":"v2017.3","CompanyID":"CW","IsCloud":"True"})");
  transport_.answer("POST", "https://api-na.myconnectwise.net/v2017_3/apis/3.0/service/tickets", 201, kTicket);
  EXPECT_TRUE(apply(create()).applied);
  EXPECT_TRUE(psa_.link(ticket("69")).starts_with("https://na.myconnectwise.net/v4_6_release/"));
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
