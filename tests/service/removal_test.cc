// A partner leaves: what that does, the grace, and the way back.
#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>

#include "harness.h"
#include "store/partner_leaving.h"

namespace crosswalk::service {
namespace {

using testing::HasSubstr;

class Removal : public ServiceTest {
 protected:
  std::string kept() { return json::serialize(raised("e-" + std::to_string(++sent_))); }
  std::optional<Timestamp> leaves_at() { return store::erase_at(**store->partner("northwind")); }
  int sent_ = 0;
};

TEST_F(Removal, TellsItsEffectsAndChangesNothingByThat) {
  ASSERT_EQ(post(kept()).status, 202);
  const json::object effects = parsed(ask("GET", "/v1/partners/northwind/removal"));
  EXPECT_EQ(at(effects, "/events"), "1");
  EXPECT_EQ(at(effects, "/keys/0/name"), "northwind's product");
  EXPECT_EQ(at(effects, "/grace"), "30 days");
  EXPECT_EQ(at(effects, "/erase_at"), "(absent)");
  EXPECT_EQ(leaves_at(), std::nullopt);
  EXPECT_EQ(post(kept()).status, 202);
}

TEST_F(Removal, PausesRefusesEventsAndRevokesKeysAtOnce) {
  const net::Response removed = ask("DELETE", "/v1/partners/northwind?grace=7d");
  ASSERT_EQ(removed.status, 202) << removed.body;
  EXPECT_EQ(leaves_at(), clock.now() + std::chrono::hours{24 * 7});
  const json::object partner = parsed(ask("GET", "/v1/partners/northwind"));
  EXPECT_EQ(at(partner, "/paused"), "true");
  EXPECT_EQ(at(partner, "/erase_at"), format_timestamp(*leaves_at()));
  EXPECT_EQ(post(kept()).status, 422);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind", "", northwind_key).status, 401);
  EXPECT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":false})").status, 422);
  EXPECT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"name":"Still there"})").status, 200);
  EXPECT_TRUE(leaves_at()) << "a change of something else keeps the date";
  start();
  EXPECT_EQ(post(kept()).status, 422) << "also after a restart";
  EXPECT_THAT(engine.asked, testing::Contains(HasSubstr("remove_callbacks")));
}

TEST_F(Removal, IsTakenBackWhileTheGraceLasts) {
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/keep").status, 422) << "it was not removed";
  ASSERT_EQ(ask("DELETE", "/v1/partners/northwind").status, 202);
  EXPECT_EQ(leaves_at(), clock.now() + std::chrono::hours{24 * 30});
  ASSERT_EQ(ask("POST", "/v1/partners/northwind/keep").status, 200);
  EXPECT_EQ(leaves_at(), std::nullopt);
  EXPECT_EQ(post(kept()).status, 202);
  EXPECT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":false})").status, 200);
}

TEST_F(Removal, RefusesAGraceThatIsNone) {
  for (const std::string grace : {"0s", "10m", "366d", "soon"})
    EXPECT_EQ(ask("DELETE", "/v1/partners/northwind?grace=" + grace).status, 422) << grace;
  EXPECT_EQ(ask("DELETE", "/v1/partners/nobody").status, 404);
  EXPECT_EQ(leaves_at(), std::nullopt);
}

TEST_F(Removal, LeavesNothingKnownOnceItIsErased) {
  ASSERT_EQ(post(kept()).status, 202);
  ASSERT_EQ(ask("DELETE", "/v1/partners/northwind").status, 202);
  for (int piece = 0; piece < 20; ++piece) {
    store::Transaction transaction;
    transaction.erased = store::PartnerErased{"northwind", 10};
    commit(transaction);
  }
  clock.at += Directory::kRefreshAfter + Duration{1};
  EXPECT_EQ(ask("GET", "/v1/partners").status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind").status, 404);
  EXPECT_EQ(ask("POST", "/v1/partners",
                R"({"id":"northwind","name":"Anew","site":"na.myconnectwise.net","company":"northwind"})")
                .status,
            201);
  EXPECT_EQ(post(kept()).status, 202);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind", "", northwind_key).status, 401) << "its former key opens nothing";
}

}  // namespace
}  // namespace crosswalk::service
