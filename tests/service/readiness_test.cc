#include <gmock/gmock.h>

#include "harness.h"

namespace crosswalk::service {
namespace {

using testing::HasSubstr;
using testing::Not;

class Readiness : public ServiceTest {
 protected:
  std::string answer() {
    const net::Response response = ask(net::Request{"GET", "/readyz", {}, ""});
    return response.status == 200 ? "ready" : at(parsed(response), "/code");
  }
  std::string metrics() { return ask(net::Request{"GET", "/metrics", {}, ""}).body; }
  static std::int64_t steady_ms() {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
};

TEST_F(Readiness, IsGoneWhileTheLastWriteHasFailed) {
  EXPECT_EQ(answer(), "ready");
  EXPECT_EQ(writer->writes, 0) << "a store that is well is not written to for it";
  writer->last = store::Writer::LastCommit{Error{"store.full", "The disk is full.", {}}, {}};
  EXPECT_EQ(answer(), "store.full");
  EXPECT_TRUE(store->setting("readiness")->has_value()) << "it tries by itself whether writing works again";
  EXPECT_THAT(metrics(), HasSubstr("crosswalk_last_write_failed 1"));
  writer->last.reset();
  EXPECT_EQ(answer(), "ready");
  EXPECT_THAT(metrics(), HasSubstr("crosswalk_last_write_failed 0"));
}

TEST_F(Readiness, TriesAtMostOnceASecond) {
  writer->last = store::Writer::LastCommit{Error{"store.full", "The disk is full.", {}}, {}};
  const std::int64_t begun = steady_ms();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(answer(), "store.full");
  EXPECT_LE(writer->writes, 1 + (steady_ms() - begun) / 1'000);
}

TEST_F(Readiness, ComesBackByItsOwnTryWhereNobodyElseWrites) {
  writer->meanwhile = [this] { writer->last.reset(); };
  writer->last = store::Writer::LastCommit{Error{"store.full", "The disk is full.", {}}, {}};
  EXPECT_EQ(answer(), "ready");
}

TEST_F(Readiness, IsGoneWhileTheEngineDoesNotTurn) {
  EXPECT_EQ(answer(), "ready") << "an engine that does not tell is not judged";
  EXPECT_THAT(metrics(), Not(HasSubstr("crosswalk_engine_heartbeat_age_seconds")));
  engine.measured.heartbeats_ms[0] = steady_ms();
  EXPECT_EQ(answer(), "ready");
  engine.measured.heartbeats_ms[0] = steady_ms() - 16'000;
  EXPECT_EQ(answer(), "engine.stalled");
  EXPECT_THAT(metrics(), HasSubstr("crosswalk_engine_heartbeat_age_seconds 16"));
}

TEST_F(Readiness, MetricsTellWhatWaits) {
  ASSERT_EQ(post(json::serialize(raised("e-1"))).status, 202);
  store::Transaction transaction;
  store::RecordRow row;
  row.ref = {"northwind", "alert", "k"};
  row.version = 1;
  row.state = "{}";
  row.due_at = clock.now() - std::chrono::seconds{90};
  transaction.records.push_back(row);
  row.ref.partner = "fabrikam";
  row.due_at = clock.now() - std::chrono::hours{9};
  transaction.records.push_back(row);
  store::PartnerRow paused = **store->partner("fabrikam");
  paused.paused = true;
  ++paused.version;
  transaction.partners.push_back(paused);
  commit(transaction);
  const std::string text = metrics();
  EXPECT_THAT(text, HasSubstr("crosswalk_events_unfolded 1\n"));
  EXPECT_THAT(text, HasSubstr("crosswalk_oldest_due_seconds 90\n")) << "who is paused waits on purpose";
  EXPECT_THAT(text, HasSubstr("crosswalk_last_write_age_seconds "));
}

}  // namespace
}  // namespace crosswalk::service
