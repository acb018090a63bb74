#include "harness.h"
#include "service/routes.h"

namespace crosswalk::service {
namespace {

class Auth : public ServiceTest {
 protected:
  std::string code_of(const net::Response& response) { return at(parsed(response), "/code"); }
};

TEST_F(Auth, RefusesWithoutOrWithAnUnknownKey) {
  net::Request request{"GET", "/v1/partners", {}, ""};
  net::Response response = ask(request);
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(code_of(response), "auth.missing");
  for (const std::string header : {"Bearer", "Bearer ", "Basic abc", "cw_x"}) {
    request.headers = {{"Authorization", header}};
    EXPECT_EQ(ask(request).status, 401) << header;
  }
  EXPECT_EQ(code_of(ask("GET", "/v1/partners", "", "cw_unknown")), "auth.invalid");
  EXPECT_EQ(code_of(ask("GET", "/v1/partners", "", std::string(5'000, 'x'))), "auth.invalid");
}

TEST_F(Auth, RefusesARevokedAndAnExpiredKey) {
  store::Transaction transaction;
  const std::string key = add_key(transaction, "soon over", "", clock.now() + std::chrono::hours{1});
  commit(transaction);
  start();
  EXPECT_EQ(ask("GET", "/v1/partners", "", key).status, 200);
  clock.at += std::chrono::hours{1};
  EXPECT_EQ(code_of(ask("GET", "/v1/partners", "", key)), "auth.expired");
  const std::string made = ask("POST", "/v1/keys", R"({"name":"console","role":"administration"})").body;
  const json::object body = json::parse(made).as_object();
  const std::string fresh = at(body, "/key");
  EXPECT_EQ(ask("GET", "/v1/partners", "", fresh).status, 200);
  EXPECT_EQ(ask("DELETE", "/v1/keys/" + at(body, "/id")).status, 204);
  EXPECT_EQ(code_of(ask("GET", "/v1/partners", "", fresh)), "auth.revoked");
  EXPECT_EQ(ask("DELETE", "/v1/keys/" + at(body, "/id")).status, 204);
  EXPECT_EQ(ask("DELETE", "/v1/keys/nothing").status, 404);
  start();
  EXPECT_EQ(code_of(ask("GET", "/v1/partners", "", fresh)), "auth.revoked");
}

/// Every path of the contract that takes a key, with who may ask: a key for all, the partner's own, another partner's.
TEST_F(Auth, Matrix) {
  store::Transaction transaction;
  const std::string other_key = add_key(transaction, "fabrikam's", "fabrikam");
  commit(transaction);
  start();
  const std::string mapping = "/v1/partners/northwind/mappings/alert_to_ticket";
  const struct {
    std::string method, path;
    bool own, other;
  } cases[] = {{"GET", "/v1/partners", true, true},
               {"POST", "/v1/partners", false, false},
               {"GET", "/v1/partners/northwind", true, false},
               {"PATCH", "/v1/partners/northwind", false, false},
               {"DELETE", "/v1/partners/nobody", false, false},
               {"GET", "/v1/partners/northwind/removal", false, false},
               {"POST", "/v1/partners/northwind/keep", false, false},
               {"GET", "/v1/partners/northwind/status", true, false},
               {"GET", "/v1/partners/northwind/check", true, false},
               {"GET", "/v1/partners/northwind/reference-data", true, false},
               {"GET", "/v1/partners/northwind/customers", true, false},
               {"POST", "/v1/partners/northwind/replay", false, false},
               {"GET", mapping, true, false},
               {"GET", mapping + "/versions/1", true, false},
               {"PUT", mapping + "/draft", true, false},
               {"POST", mapping + "/validate", true, false},
               {"POST", mapping + "/publish", true, false},
               {"GET", "/v1/partners/northwind/plan", true, false},
               {"POST", "/v1/partners/northwind/plans", false, false},
               {"GET", "/v1/partners/northwind/plans/x", true, false},
               {"POST", "/v1/partners/northwind/plans/x/apply", false, false},
               {"GET", "/v1/partners/northwind/records", true, false},
               {"GET", "/v1/partners/northwind/records/alert/x", true, false},
               {"GET", "/v1/partners/northwind/records/alert/x/explain", true, false},
               {"GET", "/v1/keys", false, false},
               {"POST", "/v1/keys", false, false},
               {"DELETE", "/v1/keys/x", false, false},
               {"GET", "/v1/audit", false, false},
               {"GET", "/v1/errors", true, true}};
  for (const auto& each : cases) {
    const auto status = [&](const std::string& key) { return ask(each.method, each.path, "", key).status; };
    EXPECT_EQ(status("cw_unknown"), 401) << each.method << " " << each.path;
    EXPECT_NE(status(admin_key), 403) << each.method << " " << each.path;
    EXPECT_NE(status(admin_key), 401) << each.method << " " << each.path;
    EXPECT_EQ(status(northwind_key) == 403, !each.own) << each.method << " " << each.path;
    EXPECT_EQ(status(other_key) == 403, !each.other) << each.method << " " << each.path;
  }
}

TEST_F(Auth, APartnersOwnKeyEditsItsMappingAndNoOther) {
  const std::string document = R"({"workflow":"alert_to_ticket","mode":"test"})";
  const std::string mapping = "/mappings/alert_to_ticket";
  EXPECT_EQ(ask("PUT", "/v1/partners/northwind" + mapping + "/draft", document, northwind_key).status, 200);
  EXPECT_EQ(ask("POST", "/v1/partners/northwind" + mapping + "/publish", "{}", northwind_key).status, 200);
  EXPECT_EQ(ask("PUT", "/v1/partners/fabrikam" + mapping + "/draft", document, northwind_key).status, 403);
  EXPECT_EQ(ask("POST", "/v1/partners/fabrikam" + mapping + "/publish", "{}", northwind_key).status, 403);
  const json::object history = parsed(ask("GET", "/v1/partners/northwind" + mapping));
  EXPECT_EQ(at(history, "/live/author"), "northwind's product") << "the history says who it was";
}

TEST_F(Auth, LetsAKeyForIntakeSendEventsAndDoNothingElse) {
  store::Transaction transaction;
  const std::string all = add_key(transaction, "the product", "", {}, Role::intake);
  const std::string one = add_key(transaction, "northwind's agents", "northwind", {}, Role::intake);
  commit(transaction);
  start();
  json::object other = raised("e-1");
  other["partner"] = "fabrikam";
  const std::string type = "application/cloudevents+json";
  EXPECT_EQ(post(json::serialize(raised("e-1")), type, all).status, 202);
  EXPECT_EQ(post(json::serialize(other), type, all).status, 202);
  EXPECT_EQ(post(json::serialize(raised("e-2")), type, one).status, 202);
  EXPECT_EQ(post(json::serialize(other), type, one).status, 403);
  const std::string alerts = R"({"version":"4","alerts":[]})";
  EXPECT_NE(ask("POST", "/v1/sources/alertmanager/fabrikam", alerts, all).status, 403);
  EXPECT_NE(ask("POST", "/v1/sources/alertmanager/northwind", alerts, one).status, 403);
  EXPECT_EQ(ask("POST", "/v1/sources/alertmanager/fabrikam", alerts, one).status, 403);
  for (const AdminRoute& route : admin_routes()) {
    std::string path(route.pattern);
    if (const std::size_t at = path.find("{partner}"); at != std::string::npos) path.replace(at, 9, "northwind");
    EXPECT_EQ(code_of(ask(std::string(route.method), path, "", all)), "auth.forbidden") << path;
    EXPECT_EQ(code_of(ask(std::string(route.method), path, "", one)), "auth.forbidden") << path;
  }
}

TEST_F(Auth, RefusesAKeyWhoseRoleItDoesNotKnow) {
  store::Transaction transaction;
  const std::string key = add_key(transaction, "from a newer one", "");
  transaction.keys.back().role = "auditor";
  commit(transaction);
  start();
  EXPECT_EQ(code_of(ask("GET", "/v1/partners", "", key)), "auth.forbidden");
}

TEST_F(Auth, AKeySaysWhatItIsFor) {
  const auto made = [&](const std::string& body) {
    const net::Response response = ask("POST", "/v1/keys", body);
    const json::object answer = parsed(response);
    return response.status == 201 ? at(answer, "/role") : std::to_string(response.status) + at(answer, "/pointer");
  };
  EXPECT_EQ(made(R"({"name":"x"})"), "422/role") << "not everything by leaving out a word";
  EXPECT_EQ(made(R"({"name":"x","role":"administration"})"), "administration");
  EXPECT_EQ(made(R"({"name":"x","role":"intake"})"), "intake");
  EXPECT_EQ(made(R"({"name":"x","partner":"northwind"})"), "partner");
  EXPECT_EQ(made(R"({"name":"x","role":"intake","partner":"northwind"})"), "intake");
  EXPECT_EQ(made(R"({"name":"x","role":"partner"})"), "422/role");
  EXPECT_EQ(made(R"({"name":"x","role":"administration","partner":"northwind"})"), "422/role");
  EXPECT_EQ(made(R"({"name":"x","role":"owner"})"), "422/role");
}

TEST_F(Auth, WritesTheTimeOfLastUseAtMostOnceAMinute) {
  const auto last_used = [&] {
    const auto rows = store->api_keys();
    for (const store::ApiKeyRow& row : *rows)
      if (row.partner == "northwind") return row.last_used_at;
    return std::optional<Timestamp>{};
  };
  const auto use = [&](std::string id) {
    ASSERT_EQ(post(json::serialize(raised(std::move(id))), "application/cloudevents+json", northwind_key).status, 202);
  };
  EXPECT_FALSE(last_used());
  use("e-1");
  const Timestamp first = clock.at;
  EXPECT_EQ(last_used(), first);
  clock.at += std::chrono::seconds{59};
  use("e-2");
  EXPECT_EQ(last_used(), first);
  clock.at += std::chrono::seconds{1};
  use("e-3");
  EXPECT_EQ(last_used(), clock.at);
}

TEST_F(Auth, SeesKeysAndPartnersThatAnotherProcessHasMade) {
  store::Transaction transaction;
  const std::string key = add_key(transaction, "from elsewhere", "contoso-it");
  transaction.partners.push_back({"contoso-it", "Contoso IT", false, "{}", "", clock.now(), 1});
  commit(transaction);
  clock.at += Directory::kRetryAfter;
  EXPECT_EQ(ask("GET", "/v1/partners/contoso-it", "", key).status, 200);
}

TEST_F(Auth, ListsKeysWithoutKeyOrHash) {
  const net::Response response = ask("GET", "/v1/keys");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(parsed(response).at("keys").as_array().size(), 2u);
  EXPECT_EQ(response.body.find("cw_"), std::string::npos);
  EXPECT_EQ(response.body.find("hash"), std::string::npos);
}

TEST_F(Auth, MakesKeysOnlyForPartnersThatExistAndTimesToCome) {
  EXPECT_EQ(ask("POST", "/v1/keys", R"({"name":"x","partner":"nobody"})").status, 422);
  EXPECT_EQ(ask("POST", "/v1/keys", R"({"name":"x","expires_at":"2020-01-01T00:00:00Z"})").status, 422);
  EXPECT_EQ(ask("POST", "/v1/keys", R"({})").status, 422);
  const net::Response made =
      ask("POST", "/v1/keys", R"({"name":"x","partner":"fabrikam","expires_at":"2027-01-01T00:00:00Z"})");
  EXPECT_EQ(made.status, 201);
  const std::string key = at(parsed(made), "/key");
  EXPECT_TRUE(key.starts_with("cw_"));
  EXPECT_EQ(ask("GET", "/v1/partners/fabrikam", "", key).status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind", "", key).status, 403);
}

}  // namespace
}  // namespace crosswalk::service
