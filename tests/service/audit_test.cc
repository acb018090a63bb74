#include "service/audit.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "harness.h"

namespace crosswalk::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Audit : public ServiceTest {
 protected:
  std::vector<std::string> acts() {
    std::vector<std::string> found;
    const auto rows = store->audit({});
    for (auto row = rows->rbegin(); row != rows->rend(); ++row) found.push_back(row->act + " " + row->target);
    return found;
  }
  json::object entry(const std::string& query = "?limit=1") {
    return parsed(ask("GET", "/v1/audit" + query)).at("entries").as_array().at(0).as_object();
  }
};

TEST_F(Audit, EachActLeavesAnEntry) {
  const std::string mapping = "/v1/partners/northwind/mappings/alert_to_ticket";
  ask("POST", "/v1/partners", R"({"id":"acme"})");
  ask("PATCH", "/v1/partners/acme", R"({"name":"Acme"})");
  ask("PATCH", "/v1/partners/acme", R"({"paused":true})");
  ask("PATCH", "/v1/partners/acme", R"({"paused":false})");
  ask("POST", "/v1/partners/acme/disconnect");
  ask("PUT", mapping + "/draft", R"({"workflow":"alert_to_ticket","mode":"test"})");
  ask("POST", mapping + "/publish", R"({"check_references":false})");
  const std::string key = at(parsed(ask("POST", "/v1/keys", R"({"name":"x","role":"intake"})")), "/id");
  ask("DELETE", "/v1/keys/" + key);
  const std::string webhook =
      at(parsed(ask("POST", "/v1/webhooks", R"({"url":"https://hooks.example.com/x"})")), "/id");
  ask("PATCH", "/v1/webhooks/" + webhook, R"({"description":"x"})");
  ask("POST", "/v1/webhooks/" + webhook + "/rotate");
  ask("POST", "/v1/webhooks/" + webhook + "/test");
  ask("POST", "/v1/webhooks/" + webhook + "/replay");
  ask("DELETE", "/v1/webhooks/" + webhook);
  ask("POST", "/v1/partners/northwind/plans");
  ask("POST", "/v1/partners/northwind/plans/p-1/apply");
  ask("POST", "/v1/partners/northwind/replay");
  ask("POST", "/v1/partners/northwind/replay", R"({"kind":"alert","key":"k"})");
  ask("POST", "/v1/partners/northwind/records/contact/ann@acme.example/forget");
  ask("POST", "/v1/partners/northwind/callbacks/check");
  const std::string forgotten = forgotten_target({"northwind", "contact", "ann@acme.example"});
  EXPECT_THAT(acts(), ElementsAre("partner.add partner", "partner.change partner", "partner.pause partner",
                                  "partner.resume partner", "partner.disconnect partner",
                                  "mapping.draft mapping alert_to_ticket", "mapping.publish mapping alert_to_ticket",
                                  "key.make key " + key, "key.revoke key " + key, "webhook.add webhook " + webhook,
                                  "webhook.change webhook " + webhook, "webhook.rotate webhook " + webhook,
                                  "webhook.test webhook " + webhook, "webhook.replay webhook " + webhook,
                                  "webhook.remove webhook " + webhook, "plan.save plan", "plan.apply plan p-1",
                                  "record.replay records", "record.replay record alert k", "record.forget " + forgotten,
                                  "callbacks.check callbacks"));
}

TEST_F(Audit, TellsWhoWhenAndWhatWithoutSecrets) {
  net::Request request{"PATCH", "/v1/partners/northwind", {}, ""};
  request.headers.add("Authorization", "Bearer " + admin_key);
  request.headers.add("X-Request-Id", "r-7");
  request.body = R"({"company":"northwind","public_key":"pub-secret","private_key":"priv-secret"})";
  ASSERT_EQ(ask(request).status, 200);
  const json::object shown = entry();
  EXPECT_EQ(at(shown, "/act"), "partner.change");
  EXPECT_EQ(at(shown, "/partner"), "northwind");
  EXPECT_EQ(at(shown, "/by/name"), "admin");
  const auto keys = store->api_keys();
  EXPECT_EQ(at(shown, "/by/key"), std::ranges::find(*keys, std::string("admin"), &store::ApiKeyRow::name)->id);
  EXPECT_EQ(at(shown, "/request_id"), "r-7");
  EXPECT_EQ(at(shown, "/at"), format_timestamp(clock.now()));
  EXPECT_EQ(at(shown, "/before/company"), "");
  EXPECT_EQ(at(shown, "/after/company"), "northwind");
  EXPECT_EQ(at(shown, "/after/credentials"), "exchanged");
  EXPECT_EQ(at(shown, "/after/name"), "(absent)");
  const net::Response made = ask("POST", "/v1/webhooks", R"({"url":"https://hooks.example.com/x"})");
  const net::Response key = ask("POST", "/v1/keys", R"({"name":"x","role":"intake"})");
  const std::string all = ask("GET", "/v1/audit").body;
  EXPECT_THAT(all, Not(HasSubstr("pub-secret")));
  EXPECT_THAT(all, Not(HasSubstr("priv-secret")));
  EXPECT_THAT(all, Not(HasSubstr(at(parsed(made), "/secret"))));
  EXPECT_THAT(all, Not(HasSubstr("cw_")));
  EXPECT_THAT(all, Not(HasSubstr(net::hash_api_key(at(parsed(key), "/key")))));
}

TEST_F(Audit, NamesNobodyWhoIsForgotten) {
  ask("POST", "/v1/partners/northwind/records/contact/ann@acme.example/forget");
  EXPECT_THAT(ask("GET", "/v1/audit").body, Not(HasSubstr("ann@acme.example")));
  EXPECT_THAT(at(entry(), "/target"), HasSubstr("record contact "));
}

TEST_F(Audit, WhatIsNotWrittenDownIsNotDone) {
  writer->broken = Error{"store.full", "The disk is full.", {}};
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/plans/p-1/apply").status, 503);
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/replay").status, 503);
  EXPECT_TRUE(engine.asked.empty());
}

TEST_F(Audit, WhatIsRefusedLeavesNoEntry) {
  EXPECT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"name":""})").status, 422);
  EXPECT_EQ(ask("DELETE", "/v1/webhooks/nothing").status, 404);
  EXPECT_TRUE(acts().empty());
}

TEST_F(Audit, ListsByPartnerAndActAndPageByPage) {
  ask("PATCH", "/v1/partners/northwind", R"({"paused":true})");
  ask("PATCH", "/v1/partners/fabrikam", R"({"paused":true})");
  ask("PATCH", "/v1/partners/northwind", R"({"name":"N"})");
  const auto entries = [&](const std::string& query) {
    return parsed(ask("GET", "/v1/audit" + query)).at("entries").as_array().size();
  };
  EXPECT_EQ(entries(""), 3u);
  EXPECT_EQ(entries("?partner=northwind"), 2u);
  EXPECT_EQ(entries("?act=partner.pause"), 2u);
  EXPECT_EQ(entries("?partner=northwind&act=partner.pause"), 1u);
  const json::object page = parsed(ask("GET", "/v1/audit?limit=2"));
  EXPECT_EQ(page.at("entries").as_array().size(), 2u);
  EXPECT_EQ(entries("?before=" + at(page, "/next")), 1u);
  EXPECT_EQ(ask("GET", "/v1/audit?limit=0").status, 422);
  EXPECT_EQ(ask("GET", "/v1/audit?before=x").status, 422);
}

}  // namespace
}  // namespace crosswalk::service
