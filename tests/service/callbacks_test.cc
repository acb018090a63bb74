#include "harness.h"
#include "service/callback_address.h"

namespace crosswalk::service {
namespace {

class CallbackAddressTest : public ServiceTest {
 protected:
  net::Response tell(const std::string& partner, const std::string& secret, std::string body = "{}",
                     std::string method = "POST") {
    net::Request request{std::move(method),
                         "/v1/callbacks/" + partner + "/" + secret + "?recordId=7&action=updated",
                         {},
                         std::move(body)};
    request.headers.add("x-content-signature", "c2ln");
    return ask(std::move(request));
  }
  std::string secret(const std::string& partner = "northwind") { return callback_secret(partner, *secrets); }
};

TEST_F(CallbackAddressTest, TakesWhateverComesToTheRightAddressAndPassesItOn) {
  EXPECT_EQ(tell("northwind", secret(), R"({"ID":7})").status, 204);
  EXPECT_EQ(tell("northwind", secret(), "no JSON at all").status, 204) << "it is looked at later";
  ASSERT_EQ(engine.heard.size(), 2u);
  EXPECT_EQ(engine.heard[0].first, "northwind");
  EXPECT_EQ(engine.heard[0].second.body, R"({"ID":7})");
  EXPECT_EQ(engine.heard[0].second.signature, "c2ln");
}

TEST_F(CallbackAddressTest, EveryOtherAddressIsNotThere) {
  std::string wrong = secret();
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(tell("northwind", wrong).status, 404);
  EXPECT_EQ(tell("northwind", "").status, 404);
  EXPECT_EQ(tell("northwind", secret("fabrikam")).status, 404) << "each partner has a secret of its own";
  EXPECT_EQ(tell("nobody", callback_secret("nobody", *secrets)).status, 404);
  EXPECT_EQ(tell("northwind", secret() + "/more").status, 404);
  EXPECT_EQ(tell("northwind", secret(), "", "GET").status, 405);
  EXPECT_TRUE(engine.heard.empty());
}

TEST_F(CallbackAddressTest, AddressIsStableUnguessableAndItsEndIsTheSameWhereverItLeads) {
  const psa::CallbackTarget target = callback_target("https://crosswalk.example/base/", "northwind", *secrets);
  EXPECT_EQ(target.url, "https://crosswalk.example/base" + target.tail);
  EXPECT_EQ(target.tail, "/v1/callbacks/northwind/" + secret() + "?recordId=");
  EXPECT_EQ(callback_target("https://elsewhere.example", "northwind", *secrets).tail, target.tail);
  EXPECT_GE(secret().size(), 43u) << "256 bits";
  EXPECT_EQ(secret().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST_F(CallbackAddressTest, StateIsShownAndCheckedByTheEngine) {
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/callbacks", "", northwind_key).status, 200);
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/callbacks/check", "{}", northwind_key).status, 403);
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/callbacks/check").status, 200);
  EXPECT_EQ(engine.asked, (std::vector<std::string>{"callbacks northwind", "ensure_callbacks northwind"}));
}

TEST_F(CallbackAddressTest, DisconnectingTakesBackWhatWeRegisteredAndPauses) {
  const net::Response answer = ask("POST", "/v1/partners/northwind/disconnect");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(at(parsed(answer), "/callbacks_removed"), "2");
  EXPECT_EQ(at(parsed(answer), "/problem"), "null");
  EXPECT_TRUE((*store->partner("northwind"))->paused);
  EXPECT_EQ(engine.asked, std::vector<std::string>{"remove_callbacks northwind"});
}

TEST_F(CallbackAddressTest, DisconnectingPausesEvenWhenThePsaRefuses) {
  engine.removed = failure("psa.permission_missing", "The role lacks it.");
  const net::Response answer = ask("POST", "/v1/partners/northwind/disconnect");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(at(parsed(answer), "/problem/code"), "psa.permission_missing");
  EXPECT_NE(at(parsed(answer), "/problem/action"), "");
  EXPECT_TRUE((*store->partner("northwind"))->paused);
}

}  // namespace
}  // namespace crosswalk::service
