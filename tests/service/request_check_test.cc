#include "service/request_check.h"

#include <gmock/gmock.h>

#include "harness.h"
#include "service/routes.h"

namespace crosswalk::service {
namespace {

using testing::HasSubstr;

class RequestCheck : public ServiceTest {
 protected:
  static std::string path_of(std::string_view pattern) {
    std::string path(pattern);
    const std::pair<std::string_view, std::string_view> places[] = {{"{partner}", "northwind"},
                                                                    {"{workflow}", "alert_to_ticket"},
                                                                    {"{kind}", "alert"},
                                                                    {"{key}", "k"},
                                                                    {"{id}", "x"},
                                                                    {"{plan}", "x"},
                                                                    {"{version}", "1"}};
    for (const auto& [place, name] : places)
      if (const std::size_t at = path.find(place); at != std::string::npos) path.replace(at, place.size(), name);
    return path;
  }
};

TEST_F(RequestCheck, RefusesUnknownMembersOnEveryRoute) {
  for (const AdminRoute& route : admin_routes()) {
    if (route.members == kDocument) continue;
    const net::Response response = ask(std::string(route.method), path_of(route.pattern), R"({"nonsense":1})");
    EXPECT_EQ(response.status, 422) << route.method << " " << route.pattern;
    EXPECT_EQ(at(parsed(response), "/pointer"), "/nonsense") << route.method << " " << route.pattern;
  }
  EXPECT_TRUE(engine.asked.empty());
  EXPECT_EQ(store->audit({})->size(), 0u);
}

TEST_F(RequestCheck, RefusesUnknownParametersOnEveryRoute) {
  for (const AdminRoute& route : admin_routes()) {
    const net::Response response = ask(std::string(route.method), path_of(route.pattern) + "?nonsense=1");
    EXPECT_EQ(response.status, 422) << route.method << " " << route.pattern;
    EXPECT_THAT(at(parsed(response), "/detail"), HasSubstr("nonsense")) << route.method << " " << route.pattern;
  }
  EXPECT_EQ(ask("POST", "/v1/events?partner=fabrikam", json::serialize(raised("e-1"))).status, 422);
  EXPECT_EQ(ask("POST", "/v1/sources/alertmanager/northwind?customer=x", R"({"version":"4"})").status, 422);
  EXPECT_EQ(events_kept(), 0);
}

TEST_F(RequestCheck, MakesNoKeyOfASlipOfTheKeyboard) {
  for (const std::string body : {R"({"name":"x","partnr":"northwind"})", R"({"name":"x","Partner":"northwind"})",
                                 R"({"name":"x","partner":"northwind","expires":"2030-01-01T00:00:00Z"})"}) {
    EXPECT_EQ(ask("POST", "/v1/keys", body).status, 422) << body;
  }
  EXPECT_EQ(store->api_keys()->size(), 2u);
}

TEST(CheckMembers, SaysWhatMayBeMeant) {
  const auto problem = check_members({{"partnr", "x"}}, "name role partner expires_at");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, "request.invalid");
  EXPECT_EQ(problem->pointer, "/partnr");
  EXPECT_THAT(problem->detail, HasSubstr("Did you mean \"partner\"?"));
  EXPECT_THAT(check_members({{"colour", "x"}}, "name role")->detail, HasSubstr("Known: name or role."));
  EXPECT_THAT(check_members({{"colour", "x"}}, "")->detail, HasSubstr("None is taken."));
  EXPECT_EQ(check_members({{"a/b", 1}}, "")->pointer, "/a~1b");
  EXPECT_FALSE(check_members({{"name", "x"}}, "name role"));
}

TEST(CheckQuery, TakesWhatIsListedWhateverItsCase) {
  EXPECT_FALSE(check_query(net::parse_target("/x?Limit=1&state=open").query, "state limit"));
  EXPECT_THAT(check_query(net::parse_target("/x?limt=1").query, "state limit")->detail, HasSubstr("\"limit\""));
}

}  // namespace
}  // namespace crosswalk::service
