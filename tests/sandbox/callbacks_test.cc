#include "sandbox/callbacks.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <condition_variable>
#include <mutex>

#include "helpers.h"
#include "sandbox/deliveries.h"
#include "sandbox/front.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// What a subscriber does to check a message, with nothing of the sandbox's own.
std::string expected_signature(const std::string& signing_key, const std::string& body) {
  unsigned char key[EVP_MAX_MD_SIZE], signature[EVP_MAX_MD_SIZE];
  unsigned int key_length = 0, length = 0;
  EVP_Digest(signing_key.data(), signing_key.size(), key, &key_length, EVP_sha256(), nullptr);
  HMAC(EVP_sha256(), key, static_cast<int>(key_length), reinterpret_cast<const unsigned char*>(body.data()),
       body.size(), signature, &length);
  std::string text(4 * ((length + 2) / 3) + 1, '\0');
  text.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), signature, length)));
  return text;
}

class CallbacksTest : public ::testing::Test {
 protected:
  json::value post(std::string body, int status = 201) {
    const net::Response made = bench_.call("POST", "/system/callbacks", std::move(body));
    EXPECT_EQ(made.status, status) << made.body;
    return json::parse(made.body);
  }

  std::int64_t subscribe(std::string_view type = "ticket", std::string_view level = "owner", std::int64_t object = 1,
                         std::string_view more = "") {
    return post("{\"url\":\"https://vendor.example.com/hook?recordId=\",\"objectId\":" + std::to_string(object) +
                ",\"type\":\"" + std::string(type) + "\",\"level\":\"" + std::string(level) + "\"" + std::string(more) +
                "}")
        .at("id")
        .as_int64();
  }

  /// Everything that is due within `span`, each answered with `status`.
  std::vector<Delivery> deliver(int status = 200, Duration span = Duration(1'000)) {
    std::vector<Delivery> all;
    const Timestamp end = bench_.now + span;
    while (true) {
      const std::optional<Timestamp> next = bench_.world.next_delivery_at();
      if (!next || *next > end) break;
      bench_.now = std::max(bench_.now, *next);
      for (Delivery& each : bench_.world.due_deliveries()) {
        bench_.world.delivered(each.id, status);
        all.push_back(std::move(each));
      }
    }
    bench_.now = end;
    return all;
  }

  bool inactive(std::int64_t callback) {
    return bench_.get("/system/callbacks/" + std::to_string(callback)).at("inactiveFlag").as_bool();
  }

  Bench bench_;
};

TEST_F(CallbacksTest, ShowsANewEntryAsConnectWiseDoes) {
  const json::value made = post(
      R"({"id":0,"inactiveFlag":false,"url":"https://test.com/webhook?recordId=","objectId":0,"type":"Ticket",
          "level":"Owner","payloadVersion":"3.0.0","memberId":0,"isSelfSuppressedFlag":false,"connectWiseID":""})");
  EXPECT_EQ(made.at("url"), "https://test.com/webhook?recordId=");
  EXPECT_EQ(made.at("objectId"), 1);
  EXPECT_EQ(made.at("type"), "ticket");
  EXPECT_EQ(made.at("level"), "owner");
  EXPECT_EQ(made.at("memberId"), 199);
  EXPECT_EQ(made.at("payloadVersion"), "3.0.0");
  EXPECT_EQ(made.at("inactiveFlag"), false);
  EXPECT_EQ(made.at("isSoapCallbackFlag"), false);
  EXPECT_EQ(made.at("isSelfSuppressedFlag"), false);
  EXPECT_EQ(made.at("connectWiseID").as_string().size(), 36u);
  EXPECT_FALSE(made.as_object().contains("failingSince"));
}

TEST_F(CallbacksTest, RefusesWhatConnectWiseRefusesWithItsWords) {
  EXPECT_EQ(post(R"({"url":"not a url","objectId":1,"type":"ticket","level":"nonsense"})", 400), json::parse(R"({
    "code":"InvalidObject","message":"callbackEntry object is invalid","errors":[
      {"code":"InvalidField","message":"Invalid URL","resource":"callbackEntry","field":"url"},
      {"code":"InvalidObject",
       "message":"Unrecognized level for type, see documentation for supported levels for each type",
       "resource":"callbackEntry","field":"level"}]})"));
  subscribe();
  EXPECT_EQ(
      post(R"({"url":"https://vendor.example.com/hook?recordId=","objectId":0,"type":"ticket","level":"owner"})", 400),
      json::parse(R"({"code":"InvalidObject","message":"callbackEntry object is invalid","errors":[
              {"code":"ObjectExists","message":"A matching callback entry already exists",
               "resource":"callbackEntry","field":"objectId"}]})"));
  const json::value missing = post("{}", 400);
  EXPECT_EQ(missing.at("errors").as_array().size(), 4u);
}

TEST_F(CallbacksTest, TellsOfEachChangeInTheDocumentedForm) {
  const std::int64_t callback = subscribe();
  const std::int64_t ticket = bench_.make_ticket();
  std::vector<Delivery> sent = deliver();
  ASSERT_EQ(sent.size(), 1u);
  const std::string number = std::to_string(ticket);
  EXPECT_EQ(sent[0].request.method, "POST");
  EXPECT_EQ(sent[0].request.target, "https://vendor.example.com/hook?recordId=" + number + "&action=added");
  json::value message = json::parse(sent[0].request.body);
  EXPECT_EQ(message.at("Action"), "added");
  EXPECT_EQ(message.at("Type"), "ticket");
  EXPECT_EQ(message.at("ID"), ticket);
  EXPECT_EQ(message.at("CompanyId"), "sandbox");
  EXPECT_EQ(message.at("MemberId"), "APIuser");
  EXPECT_EQ(message.at("CallbackObjectRecId"), callback);
  EXPECT_EQ(message.at("FromUrl"), "psa.example.com");
  EXPECT_EQ(message.at("MessageId").as_string().size(), 36u);
  // The links in a message have the double slash of those that ConnectWise sends; all else is as a GET shows it.
  json::value entity = json::parse(message.at("Entity").as_string());
  json::value shown = bench_.get("/service/tickets/" + number);
  EXPECT_EQ(entity.at("board").at("_info").at("board_href"),
            "http://psa.example.com/v2025_1//apis/3.0/service/boards/3");
  EXPECT_EQ(entity.as_object().size(), shown.as_object().size());
  for (const char* name : {"id", "summary", "severity", "skipCallback"}) EXPECT_EQ(entity.at(name), shown.at(name));

  ASSERT_TRUE(bench_.world.set_owner("sandbox", ticket, "mlopez"));
  sent = deliver();
  ASSERT_EQ(sent.size(), 1u);
  message = json::parse(sent[0].request.body);
  EXPECT_EQ(message.at("Action"), "updated");
  EXPECT_EQ(message.at("MemberId"), "mlopez");
  EXPECT_EQ(json::parse(message.at("Entity").as_string()).at("owner").at("identifier"), "mlopez");

  EXPECT_EQ(bench_.call("DELETE", "/service/tickets/" + number).status, 204);
  sent = deliver();
  ASSERT_EQ(sent.size(), 1u);
  message = json::parse(sent[0].request.body);
  EXPECT_EQ(message.at("Action"), "deleted");
  EXPECT_TRUE(message.at("Entity").is_null());
}

TEST_F(CallbacksTest, SignsWithTheKeyThatKeyUrlServes) {
  subscribe();
  bench_.make_ticket();
  const std::vector<Delivery> sent = deliver();
  ASSERT_EQ(sent.size(), 1u);
  const std::string key_url(json::parse(sent[0].request.body).at("Metadata").at("key_url").as_string());
  EXPECT_TRUE(
      key_url.starts_with("http://psa.example.com/v2025_1//system/callbackkey/index.rails?companyName=sandbox&id="))
      << key_url;
  net::Request asking;
  asking.target = key_url.substr(std::string("http://psa.example.com").size());
  const net::Response answer = bench_.world.handle(asking);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::string signing_key(json::parse(answer.body).at("signing_key").as_string());
  EXPECT_EQ(*sent[0].request.headers.find("x-content-signature"),
            expected_signature(signing_key, sent[0].request.body));
  EXPECT_NE(expected_signature(signing_key, sent[0].request.body + " "),
            *sent[0].request.headers.find("x-content-signature"));
  asking.target += "0";
  EXPECT_EQ(bench_.world.handle(asking).status, 404);
}

TEST_F(CallbacksTest, RetriesTwiceAndOnlyOnFourStatuses) {
  subscribe();
  bench_.make_ticket();
  std::vector<Delivery> sent;
  const Timestamp before = bench_.now;
  for (const int status : {404, 429, 409}) {
    const std::optional<Timestamp> next = bench_.world.next_delivery_at();
    ASSERT_TRUE(next);
    bench_.now = *next;
    std::vector<Delivery> due = bench_.world.due_deliveries();
    ASSERT_EQ(due.size(), 1u);
    bench_.world.delivered(due[0].id, status);
    sent.push_back(due[0]);
  }
  EXPECT_FALSE(bench_.world.next_delivery_at());
  EXPECT_LE(bench_.now - before, Duration(7'000));
  EXPECT_GE(bench_.now - before, Duration(6'000));
  EXPECT_EQ(sent[2].attempt, 3);
  EXPECT_EQ(sent[0].request.body, sent[2].request.body);
  for (const int status : {0, 500, 503, 400, 302}) {
    bench_.make_ticket();
    EXPECT_EQ(deliver(status, Duration(20'000)).size(), 1u) << status;
  }
}

TEST_F(CallbacksTest, DisablesAfterThreeDaysOfFailuresAlone) {
  const std::int64_t callback = subscribe();
  bench_.make_ticket();
  deliver(500);
  bench_.now += std::chrono::hours(71);
  bench_.make_ticket();
  deliver(500);
  EXPECT_FALSE(inactive(callback));
  bench_.now += std::chrono::hours(1);
  bench_.make_ticket();
  deliver(0);
  EXPECT_TRUE(inactive(callback));
  bench_.make_ticket();
  EXPECT_TRUE(deliver().empty());
  const net::Response again = bench_.call("PATCH", "/system/callbacks/" + std::to_string(callback),
                                          R"([{"op":"replace","path":"inactiveFlag","value":false}])");
  EXPECT_EQ(again.status, 200) << again.body;
  bench_.make_ticket();
  EXPECT_EQ(deliver(500).size(), 1u);
  EXPECT_FALSE(inactive(callback));
}

TEST_F(CallbacksTest, ASuccessBeginsTheThreeDaysAnew) {
  const std::int64_t callback = subscribe();
  for (const int status : {500, 200, 500}) {
    bench_.make_ticket();
    deliver(status);
    bench_.now += std::chrono::hours(50);
  }
  EXPECT_FALSE(inactive(callback));
}

TEST_F(CallbacksTest, SuppressesItsOwnMembersChangesAndNobodyElses) {
  subscribe("ticket", "owner", 1, R"(,"isSelfSuppressedFlag":true)");
  const std::int64_t ticket = bench_.make_ticket();
  EXPECT_TRUE(deliver().empty());
  ASSERT_TRUE(bench_.world.set_owner("sandbox", ticket, "kchen"));
  EXPECT_EQ(deliver().size(), 1u);
}

TEST_F(CallbacksTest, HearsOnlyWhatItsLevelCovers) {
  subscribe("ticket", "board", 2);
  const std::int64_t other = bench_.make_ticket();
  EXPECT_TRUE(deliver().empty());
  subscribe("ticket", "ticket", other);
  subscribe("company", "company", 252);
  ASSERT_TRUE(bench_.world.set_field("sandbox", other, "summary", "New words"));
  const std::vector<Delivery> sent = deliver();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(json::parse(sent[0].request.body).at("ID"), other);
  ASSERT_TRUE(bench_.world.rename("sandbox", "company/companies", 253, "Another"));
  ASSERT_TRUE(bench_.world.rename("sandbox", "company/companies", 252, "Acme"));
  EXPECT_EQ(deliver().size(), 1u);
}

TEST_F(CallbacksTest, SkipCallbackSilencesOneChange) {
  subscribe();
  const std::int64_t ticket = bench_.make_ticket(R"(,"skipCallback":true)");
  EXPECT_TRUE(deliver().empty());
  ASSERT_TRUE(bench_.world.set_field("sandbox", ticket, "summary", "New words"));
  EXPECT_EQ(deliver().size(), 1u);
}

TEST_F(CallbacksTest, ADeletedCompanyIsToldAsDeletedAlthoughItStaysReachable) {
  subscribe("company");
  EXPECT_EQ(bench_.call("DELETE", "/company/companies/260").status, 204);
  const std::vector<Delivery> sent = deliver();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(json::parse(sent[0].request.body).at("Action"), "deleted");
}

TEST_F(CallbacksTest, PromisesNoOrderLosesAndRepeatsOnCommand) {
  subscribe();
  const auto made_order = [&] {
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 20; ++i) bench_.make_ticket();
    for (const Delivery& each : deliver()) ids.push_back(json::parse(each.request.body).at("ID").as_int64());
    return ids;
  };
  const std::vector<std::int64_t> ids = made_order();
  EXPECT_EQ(ids.size(), 20u);
  EXPECT_FALSE(std::is_sorted(ids.begin(), ids.end()));
  bench_.world.deliveries().settings.lost = 1;
  EXPECT_TRUE(made_order().empty());
  bench_.world.deliveries().settings = {.delay = Duration(0), .spread = Duration(0), .lost = 0, .repeated = 1};
  EXPECT_EQ(made_order().size(), 40u);
}

TEST_F(CallbacksTest, TheSameSeedDeliversTheSame) {
  const auto run = [] {
    Bench bench;
    bench.call("POST", "/system/callbacks",
               R"({"url":"https://vendor.example.com/hook","objectId":1,"type":"ticket","level":"owner"})");
    for (int i = 0; i < 10; ++i) bench.make_ticket();
    bench.now += Duration(10'000);
    std::string all;
    for (const Delivery& each : bench.world.due_deliveries()) all += each.request.target + each.request.body;
    return all;
  };
  EXPECT_FALSE(run().empty());
  EXPECT_EQ(run(), run());
}

TEST_F(CallbacksTest, SurvivesASnapshot) {
  subscribe();
  const json::object saved = bench_.world.save();
  Bench other;
  ASSERT_TRUE(other.world.load(saved));
  other.make_ticket();
  other.now += Duration(1'000);
  EXPECT_EQ(other.world.due_deliveries().size(), 1u);
}

TEST(CallbackUrl, AppendsIdAndAction) {
  EXPECT_EQ(callback_url("https://a.example/h?recordId=", 5, "added"), "https://a.example/h?recordId=5&action=added");
  EXPECT_EQ(callback_url("https://a.example/h?x=1&recordId=", 5, "updated"),
            "https://a.example/h?x=1&recordId=5&action=updated");
  EXPECT_EQ(callback_url("https://a.example/h", 5, "deleted"), "https://a.example/h?id=5&action=deleted");
  EXPECT_EQ(callback_url("https://a.example/h?x=1", 5, "deleted"), "https://a.example/h?x=1&id=5&action=deleted");
}

TEST(CallbackDelivery, ReachesASubscriberOverHttp) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<net::Request> received;
  auto subscriber = net::Server::start({}, [&](const net::Request& request) -> boost::asio::awaitable<net::Response> {
    {
      const std::lock_guard held(mutex);
      received.push_back(request);
    }
    arrived.notify_all();
    net::Response response;
    response.status = 204;
    co_return response;
  });
  ASSERT_TRUE(subscriber);
  Bench bench;
  bench.world.deliveries().settings.spread = Duration(0);
  Front front(bench.world);
  ASSERT_TRUE(front.start({}));
  const std::string url = "http://127.0.0.1:" + std::to_string((*subscriber)->port()) + "/hook?recordId=";
  {
    const auto held = front.lock();
    ASSERT_EQ(
        bench
            .call("POST", "/system/callbacks", R"({"objectId":1,"type":"ticket","level":"owner","url":")" + url + "\"}")
            .status,
        201);
    bench.make_ticket();
  }
  std::unique_lock held(mutex);
  ASSERT_TRUE(arrived.wait_for(held, std::chrono::seconds(20), [&] { return !received.empty(); }));
  EXPECT_EQ(received[0].method, "POST");
  EXPECT_TRUE(received[0].target.starts_with("/hook?recordId=")) << received[0].target;
  EXPECT_TRUE(received[0].target.ends_with("&action=added")) << received[0].target;
  EXPECT_NE(received[0].headers.find("x-content-signature"), nullptr);
  held.unlock();
  front.stop();
  (*subscriber)->stop(Duration(1'000));
}

}  // namespace
}  // namespace crosswalk::sandbox
