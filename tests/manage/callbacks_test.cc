#include "connectwise/manage/callbacks.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

constexpr const char* kKeyUrl = "/v4_6_release/system/callbackkey/index.rails?companyName=acme&id=k1";
constexpr const char* kSigningKey = "uJ8/6bB1+signing=";

/// As FACTS section 10 has it, with another library than the one that checks.
std::string signature_of(const std::string& signing_key, const std::string& body) {
  unsigned char key[EVP_MAX_MD_SIZE], signature[EVP_MAX_MD_SIZE];
  unsigned int key_length = 0, length = 0;
  EVP_Digest(signing_key.data(), signing_key.size(), key, &key_length, EVP_sha256(), nullptr);
  HMAC(EVP_sha256(), key, static_cast<int>(key_length), reinterpret_cast<const unsigned char*>(body.data()),
       body.size(), signature, &length);
  std::string encoded(64, '\0');
  encoded.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), signature, 32)));
  return encoded;
}

class CallbacksTest : public testing::ManageTest {
 protected:
  static std::string origin() { return "http://127.0.0.1:8600"; }
  std::string body(const std::function<void(json::object&)>& change = nullptr) {
    json::object message{
        {"MessageId", "fbed4425-b1f3-425c-8bca-bb405891fc8e"},
        {"FromUrl", "psa.example"},
        {"CompanyId", "Acme"},
        {"MemberId", "jsmith"},
        {"Action", "updated"},
        {"Type", "configuration"},
        {"ID", 57960},
        {"Entity", R"({"id":57960,"_info":{"lastUpdated":"2026-06-09T21:59:47Z","updatedBy":"jsmith"}})"},
        {"Metadata", json::object{{"key_url", origin() + kKeyUrl}}},
        {"CallbackObjectRecId", 26604}};
    if (change) change(message);
    return json::serialize(message);
  }
  Result<std::optional<psa::Change>> read(const std::string& text, const std::string& signature) {
    return testing::run(psa_.callbacks->read_callback({text, signature}, psa::Lane::sweep));
  }
  Result<std::optional<psa::Change>> read_signed(const std::string& text) {
    return read(text, signature_of(kSigningKey, text));
  }
  void key_is_served(const std::string& key = kSigningKey) {
    transport_.answer("GET", "/system/callbackkey/index.rails", 200,
                      json::serialize(json::object{{"signing_key", key}}));
  }
  psa::CallbackReport ensure(std::vector<psa::ObjectKind> kinds) {
    return testing::run(psa_.registers_callbacks->ensure_callbacks(
        {"https://new.example/v1/callbacks/acme/s3cret?recordId=", "/v1/callbacks/acme/s3cret?recordId="}, kinds,
        psa::Lane::sweep));
  }
};

TEST_F(CallbacksTest, ProvenMessageSaysWhatChanged) {
  key_is_served();
  const auto told = read_signed(body());
  ASSERT_TRUE(told) << told.error().message;
  ASSERT_TRUE(*told);
  EXPECT_EQ((*told)->kind, psa::ObjectKind::configuration);
  EXPECT_EQ((*told)->id, "57960");
  EXPECT_EQ((*told)->by, "jsmith");
  EXPECT_FALSE((*told)->deleted);
  EXPECT_EQ((*told)->updated_at, parse_timestamp("2026-06-09T21:59:47Z"));
  EXPECT_EQ(transport_.requests.at(0).headers.find("Authorization"), nullptr) << "keys are served to everybody";
}

TEST_F(CallbacksTest, KeyIsReadOnceForManyMessages) {
  key_is_served();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(read_signed(body([&](json::object& each) { each["ID"] = 100 + i; })));
  EXPECT_EQ(transport_.requests.size(), 1u);
}

TEST_F(CallbacksTest, MembersAreReadWhateverTheirCase) {
  key_is_served();
  const std::string text = R"({"type":"Ticket","action":"Deleted","id":7,"companyID":"acme","entity":null,)"
                           R"("metadata":{"Key_Url":")" +
                           origin() + kKeyUrl + R"("}})";
  const auto told = read_signed(text);
  ASSERT_TRUE(told && *told);
  EXPECT_TRUE((*told)->deleted);
  EXPECT_FALSE((*told)->updated_at);
}

TEST_F(CallbacksTest, ChangedBodyOrSignatureIsRefusedAfterOneLookAtTheKey) {
  key_is_served();
  const std::string text = body();
  const std::string good = signature_of(kSigningKey, text);
  EXPECT_EQ(read(text + " ", good).error().code, "callback.signature_wrong");
  EXPECT_EQ(read(text, "").error().code, "callback.signature_wrong");
  EXPECT_EQ(read(text, "%%%").error().code, "callback.signature_wrong");
  EXPECT_EQ(read(text, good + good).error().code, "callback.signature_wrong");
  EXPECT_TRUE(read(text, good));
  EXPECT_EQ(transport_.requests.size(), 1u) << "a key that was just read is not read again for every forgery";
}

TEST_F(CallbacksTest, KeyThatWasExchangedIsReadAnew) {
  key_is_served("an older key");
  EXPECT_EQ(read_signed(body()).error().code, "callback.signature_wrong");
  clock_.at += std::chrono::minutes{2};
  key_is_served();
  EXPECT_TRUE(read_signed(body()));
}

TEST_F(CallbacksTest, ForeignMessagesNeverCauseACall) {
  for (const std::string& url :
       {std::string("https://evil.example/system/callbackkey/index.rails?companyName=acme"),
        origin() + ".evil.example/system/callbackkey/index.rails", origin() + "/login/companyinfo/acme",
        std::string("ftp://psa.example/system/callbackkey/index.rails"), std::string("no url"),
        "http://user@" + origin().substr(7) + "/system/callbackkey/index.rails", std::string("file:///etc/passwd")}) {
    const auto told = read_signed(body([&](json::object& each) { each["Metadata"] = json::object{{"key_url", url}}; }));
    ASSERT_FALSE(told) << url;
    EXPECT_EQ(told.error().code, "callback.foreign") << url;
  }
  EXPECT_EQ(read_signed(body([](json::object& each) { each["CompanyId"] = "other"; })).error().code,
            "callback.foreign");
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(CallbacksTest, WhatIsNoCallbackIsMalformed) {
  for (const std::string text : {"", "[]", "null", "{}", "\xff\xfe", R"({"Type":"ticket","ID":"x","Metadata":{}})",
                                 R"({"Type":"ticket","ID":1,"Metadata":"x"})"})
    EXPECT_EQ(read_signed(text).error().code, "callback.malformed") << text;
  EXPECT_EQ(read_signed(std::string(100'000, '[')).error().code, "callback.malformed");
}

TEST_F(CallbacksTest, KindsThatNobodyFollowsAreNothing) {
  const auto told = read_signed(body([](json::object& each) { each["Type"] = "opportunity"; }));
  ASSERT_TRUE(told);
  EXPECT_FALSE(*told);
}

TEST_F(CallbacksTest, KeysCannotBeMadeToBeReadWithoutEnd) {
  for (int i = 0; i < 8; ++i) key_is_served("k" + std::to_string(i));
  for (int i = 0; i < 30; ++i) {
    const auto told = read_signed(body([&](json::object& each) {
      each["Metadata"] = json::object{{"key_url", origin() + kKeyUrl + std::to_string(i)}};
    }));
    EXPECT_FALSE(told);
  }
  EXPECT_EQ(transport_.requests.size(), 8u);
}

TEST_F(CallbacksTest, KeyPageThatRefusesSaysNothingOfThePartnersKeys) {
  transport_.answer("GET", "/system/callbackkey/index.rails", 401, R"({"code":"Unauthorized","message":"no"})");
  EXPECT_FALSE(read_signed(body()));
  ASSERT_EQ(gate_.reports.size(), 1u);
  EXPECT_EQ(gate_.reports[0].kind, psa::CallReport::Kind::aside);
}

TEST_F(CallbacksTest, KeyThatCannotBeReadIsNotAskedForWithEachMessageAndStopsNobody) {
  transport_.answer("GET", "/system/callbackkey/index.rails", 502, "<html></html>", "text/html");
  EXPECT_FALSE(read_signed(body()));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(read_signed(body()).error().code, "callback.key_unavailable");
  EXPECT_EQ(transport_.requests.size(), 1u);
  EXPECT_EQ(gate_.reports.at(0).kind, psa::CallReport::Kind::aside) << "the API may be well";
  clock_.at += std::chrono::minutes{2};
  key_is_served();
  EXPECT_TRUE(read_signed(body()));
}

TEST_F(CallbacksTest, MakesMovesEnablesAndRemoves) {
  transport_.found();
  transport_.answer("GET", "/system/callbacks?", 200,
                    R"([{"id":1,"url":"https://old.example/v1/callbacks/acme/s3cret?recordId=","type":"ticket",)"
                    R"("level":"owner","objectId":1,"inactiveFlag":true},)"
                    R"({"id":2,"url":"https://new.example/v1/callbacks/acme/s3cret?recordId=","type":"ticket",)"
                    R"("level":"owner","objectId":1,"inactiveFlag":false},)"
                    R"({"id":3,"url":"https://new.example/v1/callbacks/acme/s3cret?recordId=","type":"contact",)"
                    R"("level":"owner","objectId":1,"inactiveFlag":false},)"
                    R"({"id":4,"url":"https://new.example/v1/callbacks/beta/other?recordId=","type":"contact",)"
                    R"("level":"owner","objectId":1,"inactiveFlag":false}])");
  transport_.answer("DELETE", "/system/callbacks/2", 204, "", "");
  transport_.answer("PATCH", "/system/callbacks/1", 200, R"({"id":1})");
  transport_.answer("DELETE", "/system/callbacks/3", 204, "", "");
  transport_.answer("POST", "/system/callbacks", 201, R"({"id":9})");
  const psa::CallbackReport report = ensure({psa::ObjectKind::ticket, psa::ObjectKind::configuration});
  ASSERT_FALSE(report.error) << report.error->message;
  ASSERT_EQ(report.entries.size(), 3u);
  EXPECT_EQ(report.entries[0].id, "1");
  EXPECT_EQ(report.entries[0].done, "moved and enabled and others removed");
  EXPECT_EQ(report.entries[1].done, "removed");
  EXPECT_EQ(report.entries[2].id, "9");
  EXPECT_EQ(report.entries[2].done, "made");
  EXPECT_TRUE(transport_.steps.empty());
}

TEST_F(CallbacksTest, NothingIsWrittenWhereAllIsWell) {
  transport_.found();
  transport_.answer("GET", "/system/callbacks?", 200,
                    R"([{"id":1,"url":"https://new.example/v1/callbacks/acme/s3cret?recordId=","type":"ticket",)"
                    R"("level":"owner","objectId":1,"inactiveFlag":false}])");
  const psa::CallbackReport report = ensure({psa::ObjectKind::ticket});
  EXPECT_FALSE(report.error);
  ASSERT_EQ(report.entries.size(), 1u);
  EXPECT_EQ(report.entries[0].done, "");
}

TEST_F(CallbacksTest, ListThatBreaksOffIsNotTakenForAllThereIs) {
  transport_.found();
  transport_.answer("GET", "/system/callbacks?", 502, "<html></html>", "text/html");
  const psa::CallbackReport report = ensure({psa::ObjectKind::ticket});
  ASSERT_TRUE(report.error);
  EXPECT_EQ(transport_.requests.size(), 2u) << "nothing was made";
}

TEST_F(CallbacksTest, OwnKeyPlacesOfCloudAndOwnServers) {
  const Site cloud = read_site("na.myconnectwise.net");
  EXPECT_TRUE(is_own_key_url(
      cloud, "x", "https://na.myconnectwise.net/v2025_1//system/callbackkey/index.rails?companyName=x&id=y"));
  EXPECT_TRUE(is_own_key_url(cloud, "x",
                             "https://api-na.myconnectwise.net/v2025_1/system/callbackkey/index.rails?companyName=X"));
  EXPECT_FALSE(is_own_key_url(cloud, "x", "https://eu.myconnectwise.net/v2025_1/system/callbackkey/index.rails"));
  EXPECT_FALSE(is_own_key_url(cloud, "x", "http://na.myconnectwise.net/v2025_1/system/callbackkey/index.rails"));
  EXPECT_FALSE(is_own_key_url(cloud, "x", "https://na.myconnectwise.net:8443/v2025_1/system/callbackkey/index.rails"));
  EXPECT_FALSE(is_own_key_url(cloud, "x",
                              "https://na.myconnectwise.net/v2025_1/system/callbackkey/index.rails?companyName=y&id=z"))
      << "another company's key on the same site";
  EXPECT_FALSE(is_own_key_url(cloud, "x", "https://na.myconnectwise.net/v2025_1/system/callbackkey/index.rails"));
  const Site own = read_site("https://psa.example.com:8443");
  EXPECT_TRUE(is_own_key_url(
      own, "x", "https://PSA.example.com:8443/v4_6_release/system/CallbackKey/index.rails?id=1&companyname=x"));
  EXPECT_FALSE(
      is_own_key_url(own, "x", "https://api-psa.example.com:8443/v4_6_release/system/callbackkey/index.rails"));
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
