#include "sandbox/security.h"

#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

constexpr const char* kRefusal =
    R"({"code":"Security","message":"You do not have security permission to perform this action."})";

class SecurityTest : public ::testing::Test {
 protected:
  int status(std::string_view method, std::string_view path, std::string body = {}) {
    const net::Response answer = bench_.call(method, path, std::move(body));
    if (answer.status == 403) {
      EXPECT_EQ(answer.body, kRefusal);
    }
    return answer.status;
  }
  net::Response with_keys(std::string_view user_and_password, std::string_view method, std::string_view path,
                          std::string_view user_type = "member", std::string body = {}) {
    net::Request request = bench_.request(method, path, std::move(body));
    request.headers.set("Authorization", "Basic " + base64_encode("sandbox+" + std::string(user_and_password)));
    request.headers.set("x-cw-usertype", std::string(user_type));
    return bench_.world.handle(request);
  }
  std::size_t count(std::string_view path) { return bench_.get(path).as_array().size(); }

  Bench bench_;
};

TEST_F(SecurityTest, ARoleIsAnObjectWithSettings) {
  const json::value roles = bench_.get("/system/securityroles?pageSize=100");
  std::int64_t role = 0;
  for (const json::value& each : roles.as_array()) {
    if (each.at("name") == "ReadOnly") role = each.at("id").as_int64();
  }
  ASSERT_NE(role, 0);
  const json::value settings = bench_.get("/system/securityRoles/" + std::to_string(role) +
                                          "/settings?conditions=" + encoded("moduleFunctionName=\"Service Tickets\""));
  ASSERT_EQ(settings.as_array().size(), 1u);
  EXPECT_EQ(settings.at(0).at("inquireLevel"), "All");
  EXPECT_EQ(settings.at(0).at("addLevel"), "None");
  EXPECT_EQ(settings.at(0).at("moduleName"), "Service Desk");
}

TEST_F(SecurityTest, ANewRoleGrantsNothingUntilSomebodySaysSo) {
  const net::Response made = bench_.call("POST", "/system/securityroles", R"({"name":"Our product"})");
  ASSERT_EQ(made.status, 201) << made.body;
  ASSERT_TRUE(bench_.world.set_role("sandbox", "Our product"));
  EXPECT_EQ(status("GET", "/company/companies"), 403);
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "Our product", "Company Maintenance", "I"));
  EXPECT_EQ(status("GET", "/company/companies"), 200);
}

TEST_F(SecurityTest, SettingsCannotBeChangedByApi) {
  const std::string first = "/system/securityRoles/2/settings/" +
                            std::to_string(bench_.get("/system/securityRoles/2/settings").at(0).at("id").as_int64());
  EXPECT_EQ(status("GET", first), 200);
  EXPECT_EQ(status("PATCH", first, R"([{"op":"replace","path":"addLevel","value":"All"}])"), 405);
}

TEST_F(SecurityTest, AChangeOfASettingIsFeltByTheNextCall) {
  ASSERT_TRUE(bench_.world.set_role("sandbox", "ReadOnly"));
  const std::string ticket = R"({"summary":"Disk full","company":{"id":252}})";
  EXPECT_EQ(status("POST", "/service/tickets", ticket), 403);
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Service Tickets", "AI"));
  EXPECT_EQ(status("POST", "/service/tickets", ticket), 201);
  EXPECT_EQ(status("PATCH", "/service/tickets/1000", R"([{"op":"replace","path":"summary","value":"x"}])"), 403);
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Service Tickets", ""));
  EXPECT_EQ(status("GET", "/service/tickets/1000"), 403);
  EXPECT_FALSE(bench_.world.set_rights("sandbox", "ReadOnly", "No such function", "A"));
  EXPECT_FALSE(bench_.world.set_rights("sandbox", "No such role", "Service Tickets", "A"));
}

TEST_F(SecurityTest, ANewRoleForTheApiMemberIsFeltByTheNextCall) {
  EXPECT_EQ(status("GET", "/finance/invoices"), 200);
  const net::Response changed =
      bench_.call("PATCH", "/system/apiMembers/199",
                  R"([{"op":"replace","path":"securityRole","value":{"name":"Security Alerts"}}])");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(status("GET", "/finance/invoices"), 403);
  EXPECT_EQ(status("GET", "/finance/agreements"), 403);
  EXPECT_EQ(status("GET", "/company/companies"), 200);
  EXPECT_EQ(status("GET", "/system/members"), 403);
  EXPECT_EQ(status("POST", "/service/tickets", R"({"summary":"Malware","company":{"id":252}})"), 201);
}

TEST_F(SecurityTest, EveryRoleOfVendorsCanReadCompaniesAndSetupTablesOrSaysNo) {
  const json::value roles = bench_.get("/system/securityroles?pageSize=100");
  for (const json::value& role : roles.as_array()) {
    const std::string name(role.at("name").as_string());
    ASSERT_TRUE(bench_.world.set_role("sandbox", name));
    EXPECT_EQ(status("GET", "/service/boards"), 200) << name;
    EXPECT_EQ(status("GET", "/company/companies"), name == "Response" ? 403 : 200) << name;
    EXPECT_EQ(status("DELETE", "/service/boards/9"), name == "Admin" ? 204 : 403) << name;
    EXPECT_EQ(status("GET", "/system/mySecurity"), 200) << name;
  }
}

TEST_F(SecurityTest, ToWriteNeedsTheRightToSeeAsWell) {
  ASSERT_TRUE(bench_.world.set_role("sandbox", "ReadOnly"));
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Service Tickets", "AED"));
  EXPECT_EQ(status("POST", "/service/tickets", R"({"summary":"Disk full","company":{"id":252}})"), 403);
}

TEST_F(SecurityTest, ShowsItsOwnRightsToWhoeverAsks) {
  ASSERT_TRUE(bench_.world.set_role("sandbox", "NoClose"));
  const json::value mine =
      bench_.get("/system/mySecurity?conditions=" + encoded("moduleFunctionName=\"Close Service Tickets\""));
  ASSERT_EQ(mine.as_array().size(), 1u);
  EXPECT_EQ(mine.at(0).at("editLevel"), "None");
  EXPECT_EQ(mine.at(0).at("member").at("identifier"), "APIuser");
}

TEST_F(SecurityTest, LevelMyReachesTheMembersOwnObjectsOnly) {
  ASSERT_TRUE(bench_.world.add_keys("sandbox", "mlopez", "their-public", "their-private"));
  ASSERT_TRUE(bench_.world.set_owner("sandbox", 1002, "mlopez"));
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Service Tickets", "ei"));
  EXPECT_EQ(bench_
                .call("PATCH", "/system/members/102",
                      R"([{"op":"replace","path":"securityRole","value":{"name":"ReadOnly"}}])")
                .status,
            200);
  const std::string keys = "their-public:their-private";
  const json::value seen = json::parse(with_keys(keys, "GET", "/service/tickets").body);
  ASSERT_EQ(seen.as_array().size(), 1u);
  EXPECT_EQ(seen.at(0).at("id"), 1002);
  EXPECT_EQ(json::parse(with_keys(keys, "GET", "/service/tickets/count").body).at("count"), 1);
  EXPECT_EQ(with_keys(keys, "GET", "/service/tickets/1003").status, 404);
  const std::string patch = R"([{"op":"replace","path":"summary","value":"Mine"}])";
  EXPECT_EQ(with_keys(keys, "PATCH", "/service/tickets/1002", "member", patch).status, 200);
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Service Tickets", "eI"));
  EXPECT_EQ(with_keys(keys, "PATCH", "/service/tickets/1003", "member", patch).status, 403);
}

TEST_F(SecurityTest, AMemberOfOneLocationSeesItsObjectsSilentlyFiltered) {
  const std::size_t all = count("/service/tickets?pageSize=1000");
  const net::Response narrowed =
      bench_.call("PATCH", "/system/apiMembers/199",
                  R"([{"op":"replace","path":"structureLevel","value":{"id":2,"name":"Location"}},
          {"op":"replace","path":"securityLocation","value":{"id":3}}])");
  ASSERT_EQ(narrowed.status, 200) << narrowed.body;
  EXPECT_LT(count("/service/tickets?pageSize=1000"), all);
  EXPECT_EQ(status("GET", "/service/tickets/1002"), 404);
  // Its own record is among what it no longer sees, so somebody else widens it again.
  ASSERT_TRUE(bench_.world.add_keys("sandbox", "jsmith", "their-public", "their-private"));
  EXPECT_EQ(with_keys("their-public:their-private", "PATCH", "/system/apiMembers/199", "member",
                      R"([{"op":"replace","path":"structureLevel","value":{"id":1,"name":"Corporate"}}])")
                .status,
            200);
  EXPECT_EQ(count("/service/tickets?pageSize=1000"), all);
}

TEST_F(SecurityTest, AnInactiveMemberMayNothing) {
  EXPECT_EQ(status("PATCH", "/system/apiMembers/199", R"([{"op":"replace","path":"inactiveFlag","value":true}])"), 200);
  EXPECT_EQ(status("GET", "/service/tickets"), 403);
}

TEST_F(SecurityTest, OnlyAnIntegratorMintsTokensAndTheyEndAfterFourHours) {
  EXPECT_EQ(status("POST", "/system/members/mlopez/tokens", R"({"memberIdentifier":"mlopez"})"), 403);
  const json::value made =
      json::parse(bench_.call("POST", "/system/integratorlogins", R"({"username":"vendor","password":"secret"})").body);
  EXPECT_FALSE(made.as_object().contains("secret"));
  const json::value* shown = made.as_object().if_contains("password");
  EXPECT_TRUE(shown == nullptr || shown->is_null() || *shown == "") << made;

  EXPECT_EQ(with_keys("vendor:secret", "GET", "/service/tickets").status, 401);
  EXPECT_EQ(with_keys("vendor:wrong", "POST", "/system/members/mlopez/tokens", "integrator").status, 401);
  EXPECT_EQ(with_keys("vendor:secret", "GET", "/service/tickets", "integrator").status, 403);
  EXPECT_EQ(with_keys("vendor:secret", "POST", "/system/members/nobody/tokens", "integrator").status, 404);
  const net::Response minted = with_keys("vendor:secret", "POST", "/system/members/mlopez/tokens", "integrator",
                                         R"({"memberIdentifier":"mlopez"})");
  ASSERT_EQ(minted.status, 200) << minted.body;
  const json::value token = json::parse(minted.body);
  EXPECT_EQ(token.at("expiration"), "2026-03-01T12:00:00Z");
  const std::string keys =
      std::string(token.at("publicKey").as_string()) + ":" + std::string(token.at("privateKey").as_string());
  const net::Response changed = with_keys(keys, "PATCH", "/service/tickets/1000", "member",
                                          R"([{"op":"replace","path":"summary","value":"By token"}])");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json::parse(changed.body).at("_info").at("updatedBy"), "mlopez");
  bench_.now += std::chrono::hours(4);
  EXPECT_EQ(with_keys(keys, "GET", "/service/tickets").status, 401);
}

TEST_F(SecurityTest, UnknownClientsCanBeRefused) {
  EXPECT_EQ(status("GET", "/service/boards"), 200);
  bench_.world.switches().client_ids = {"00000000-0000-4000-8000-000000000000"};
  EXPECT_EQ(status("GET", "/service/boards"), 401);
  bench_.world.switches().client_id_missing_status = 400;
  EXPECT_EQ(status("GET", "/service/boards"), 400);
  bench_.world.switches().client_ids.emplace_back("6F1C7C1E-0000-4000-8000-000000000001");
  EXPECT_EQ(status("GET", "/service/boards"), 200);
}

TEST_F(SecurityTest, SwitchesOpenWhatSourcesDisagreeOn) {
  ASSERT_TRUE(bench_.world.set_role("sandbox", "ReadOnly"));
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Table Setup", ""));
  EXPECT_EQ(status("GET", "/service/boards"), 403);
  bench_.world.switches().setup_tables_open = true;
  EXPECT_EQ(status("GET", "/service/boards"), 200);
  const std::string callback = R"({"url":"https://a.example/","objectId":1,"type":"ticket","level":"owner"})";
  EXPECT_EQ(status("POST", "/system/callbacks", callback), 403);
  bench_.world.switches().callbacks_need_rights = false;
  EXPECT_EQ(status("POST", "/system/callbacks", callback), 201);
}

TEST_F(SecurityTest, ASnapshotKeepsRolesAsTheyWere) {
  ASSERT_TRUE(bench_.world.set_role("sandbox", "ReadOnly"));
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Contacts", ""));
  const json::object saved = bench_.world.save();
  Bench other;
  ASSERT_TRUE(other.world.load(saved));
  EXPECT_EQ(other.call("GET", "/company/contacts").status, 403);
  EXPECT_EQ(other.call("GET", "/company/companies").status, 200);
  EXPECT_EQ(other.call("POST", "/service/tickets", "{}").status, 403);
}

}  // namespace
}  // namespace crosswalk::sandbox
