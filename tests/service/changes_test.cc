#include <gmock/gmock.h>

#include "harness.h"

namespace crosswalk::service {
namespace {

/// Two who change one thing at the same moment.
class Changes : public ServiceTest {
 protected:
  const std::string mapping_ = "/v1/partners/northwind/mappings/alert_to_ticket";

  /// Somebody else does it, once, after the next request has read and before it writes.
  void meanwhile(std::function<void(store::Transaction&)> change) {
    writer->meanwhile = [this, change = std::move(change)] {
      writer->meanwhile = nullptr;
      store::Transaction transaction;
      change(transaction);
      commit(transaction);
    };
  }
  void rename_meanwhile(const std::string& name) {
    meanwhile([this, name](store::Transaction& transaction) {
      store::PartnerRow row = **store->partner("northwind");
      row.name = name;
      ++row.version;
      transaction.partners.push_back(row);
    });
  }
  std::string add_webhook() {
    return at(parsed(ask("POST", "/v1/webhooks", R"({"url":"https://hooks.example.com/x"})")), "/id");
  }
  store::WebhookRow webhook() { return store->outbound().webhooks()->front(); }
  static std::string document(std::string_view mode) {
    return R"({"workflow":"alert_to_ticket","mode":")" + std::string(mode) + R"("})";
  }
  static std::string etag(const net::Response& response) {
    const std::string* tag = response.headers.find("ETag");
    return tag ? *tag : "(none)";
  }
};

TEST_F(Changes, KeepsBothOfTwoOnOnePartner) {
  rename_meanwhile("Northwind IT");
  const net::Response paused = ask("PATCH", "/v1/partners/northwind", R"({"paused":true})");
  EXPECT_EQ(paused.status, 200);
  EXPECT_EQ(at(parsed(paused), "/name"), "Northwind IT");
  const store::PartnerRow row = **store->partner("northwind");
  EXPECT_TRUE(row.paused);
  EXPECT_EQ(row.name, "Northwind IT");
  EXPECT_EQ(row.version, 3);
}

TEST_F(Changes, KeepsWhatOthersSayWhileAPartnerIsDisconnected) {
  rename_meanwhile("Northwind IT");
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/disconnect").status, 200);
  EXPECT_TRUE((*store->partner("northwind"))->paused);
  EXPECT_EQ((*store->partner("northwind"))->name, "Northwind IT");
}

TEST_F(Changes, MakesANewPartnerOnce) {
  meanwhile([](store::Transaction& transaction) {
    transaction.partners.push_back({"acme", "theirs", false, "{}", "", {}, 1});
  });
  const net::Response second = ask("POST", "/v1/partners", R"({"id":"acme","name":"mine"})");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(at(parsed(second), "/code"), "partner.exists");
  EXPECT_EQ((*store->partner("acme"))->name, "theirs");
}

TEST_F(Changes, KeepsBothOfTwoOnOneWebhook) {
  const std::string path = "/v1/webhooks/" + add_webhook();
  meanwhile([this](store::Transaction& transaction) {
    store::WebhookRow row = webhook();
    row.description = "theirs";
    ++row.version;
    transaction.outbound.webhooks.push_back(row);
  });
  EXPECT_EQ(ask("PATCH", path, R"({"enabled":false})").status, 200);
  EXPECT_EQ(webhook().description, "theirs");
  EXPECT_FALSE(webhook().enabled);
  meanwhile([this](store::Transaction& transaction) {
    store::WebhookRow row = webhook();
    row.enabled = true;
    ++row.version;
    transaction.outbound.webhooks.push_back(row);
  });
  EXPECT_EQ(ask("POST", path + "/rotate").status, 200);
  EXPECT_TRUE(webhook().enabled);
}

TEST_F(Changes, GivesUpOnWhatNeverStandsStillAndSaysSo) {
  writer->meanwhile = [this] {
    store::Transaction transaction;
    store::PartnerRow row = **store->partner("northwind");
    ++row.version;
    transaction.partners.push_back(row);
    commit(transaction);
  };
  const net::Response response = ask("PATCH", "/v1/partners/northwind", R"({"paused":true})");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(at(parsed(response), "/code"), "store.changed_meanwhile");
  EXPECT_FALSE((*store->partner("northwind"))->paused);
}

TEST_F(Changes, RefusesAChangeOfAPartnerThatIsAnotherByNowAndTellsWhatChanged) {
  EXPECT_EQ(etag(ask("GET", "/v1/partners/northwind")), "\"1\"");
  const net::Response first = ask_if("\"1\"", "PATCH", "/v1/partners/northwind", R"({"paused":true})");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(etag(first), "\"2\"");
  const net::Response second = ask_if("\"1\"", "PATCH", "/v1/partners/northwind", R"({"name":"mine"})");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(etag(second), "\"2\"");
  const json::object problem = parsed(second);
  EXPECT_EQ(at(problem, "/code"), "store.changed_meanwhile");
  EXPECT_EQ(problem.at("changes").as_array().size(), 1u);
  EXPECT_EQ(at(problem, "/changes/0/act"), "partner.pause");
  EXPECT_EQ(at(problem, "/changes/0/by/name"), "admin");
  EXPECT_EQ(at(problem, "/changes/0/at"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(at(problem, "/changes/0/before/paused"), "false");
  EXPECT_EQ(at(problem, "/changes/0/after/paused"), "true");
  EXPECT_EQ(at(problem, "/changes/0/after/name"), "(absent)") << "only what has changed";
  EXPECT_EQ((*store->partner("northwind"))->name, "northwind");
  EXPECT_EQ(ask_if("\"7\", \"2\"", "PATCH", "/v1/partners/northwind", R"({"name":"mine"})").status, 200);
  EXPECT_EQ(ask_if("*", "PATCH", "/v1/partners/northwind", R"({"name":"mine"})").status, 200);
  EXPECT_EQ(ask_if("W/\"4\"", "PATCH", "/v1/partners/northwind", R"({"name":"weak"})").status, 409);
}

TEST_F(Changes, RefusesItAlsoWhenTheOtherComesBetweenReadingAndWriting) {
  rename_meanwhile("theirs");
  EXPECT_EQ(ask_if("\"1\"", "PATCH", "/v1/partners/northwind", R"({"name":"mine"})").status, 409);
  EXPECT_EQ((*store->partner("northwind"))->name, "theirs");
}

TEST_F(Changes, RefusesAStaleChangeOrRemovalOfAWebhook) {
  const std::string path = "/v1/webhooks/" + add_webhook();
  EXPECT_EQ(etag(ask("GET", path)), "\"1\"");
  EXPECT_EQ(etag(ask_if("\"1\"", "PATCH", path, R"({"description":"one"})")), "\"2\"");
  EXPECT_EQ(ask_if("\"1\"", "PATCH", path, R"({"description":"two"})").status, 409);
  const net::Response removal = ask_if("\"1\"", "DELETE", path);
  EXPECT_EQ(removal.status, 409);
  EXPECT_EQ(at(parsed(removal), "/changes/0/after/description"), "one");
  EXPECT_EQ(ask_if("\"2\"", "DELETE", path).status, 204);
}

TEST_F(Changes, OfTwoWhoEditOneDraftTheSecondIsToldWhenItAsksToBe) {
  EXPECT_EQ(etag(ask("GET", mapping_)), "\"0-0\"");
  const net::Response mine = ask_if("\"0-0\"", "PUT", mapping_ + "/draft", document("test"));
  ASSERT_EQ(mine.status, 200) << mine.body;
  EXPECT_EQ(etag(mine), "\"1-0\"");
  const net::Response yours = ask_if("\"0-0\"", "PUT", mapping_ + "/draft", document("off"));
  EXPECT_EQ(yours.status, 409);
  EXPECT_EQ(at(parsed(yours), "/changes/0/act"), "mapping.draft");
  EXPECT_EQ(at(parsed(yours), "/changes/0/after/draft"), "1");
  EXPECT_EQ(ask("PUT", mapping_ + "/draft", document("off")).status, 200) << "who does not ask replaces it";
  EXPECT_EQ(ask_if("\"1-0\"", "POST", mapping_ + "/publish").status, 409);
  const net::Response published = ask_if("\"2-0\"", "POST", mapping_ + "/publish", R"({"check_references":false})");
  EXPECT_EQ(published.status, 200) << published.body;
  EXPECT_EQ(etag(published), "\"0-2\"");
  EXPECT_EQ(ask_if("\"2-0\"", "PUT", mapping_ + "/draft", document("test")).status, 409) << "it is in force by now";
}

TEST_F(Changes, PublishesWhatWasCheckedOrNothing) {
  ASSERT_EQ(ask("PUT", mapping_ + "/draft", document("test")).status, 200);
  meanwhile([](store::Transaction& transaction) {
    transaction.mappings.push_back({.partner = "northwind",
                                    .workflow = "alert_to_ticket",
                                    .state = "draft",
                                    .document = document("live"),
                                    .author = "another",
                                    .comment = "",
                                    .created_at = {},
                                    .published_at = {}});
  });
  const net::Response response = ask("POST", mapping_ + "/publish", R"({"check_references":false})");
  EXPECT_EQ(response.status, 409) << response.body;
  EXPECT_EQ(at(parsed(response), "/code"), "store.changed_meanwhile");
  EXPECT_EQ(*response.headers.find("ETag"), "\"2-0\"") << "of now";
  EXPECT_FALSE(store->live_mapping("northwind", "alert_to_ticket")->has_value());
}

TEST_F(Changes, KeepsTheCommentOfAPublication) {
  ASSERT_EQ(ask("PUT", mapping_ + "/draft?comment=first", document("test")).status, 200);
  ASSERT_EQ(ask("POST", mapping_ + "/publish", R"({"check_references":false,"comment":"go live"})").status, 200);
  EXPECT_EQ((*store->live_mapping("northwind", "alert_to_ticket"))->comment, "go live");
}

TEST_F(Changes, ARevokedKeyStaysRevokedWhateverIsWrittenMeanwhile) {
  const json::object made = parsed(ask("POST", "/v1/keys", R"({"name":"x","partner":"northwind"})"));
  const std::string id = at(made, "/id");
  meanwhile([&](store::Transaction& transaction) { transaction.keys_used.push_back({id, clock.now()}); });
  EXPECT_EQ(ask("DELETE", "/v1/keys/" + id).status, 204);
  store::Transaction late;
  late.keys_used.push_back({id, clock.now()});
  commit(late);
  start();
  EXPECT_EQ(ask("GET", "/v1/partners", "", at(made, "/key")).status, 401);
}

}  // namespace
}  // namespace crosswalk::service
