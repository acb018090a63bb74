#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

constexpr const char* kLogs = "/service/tickets/changelogs";

json::array logged(Bench& bench, std::int64_t ticket) {
  return bench.get(kLogs + ("?conditions=" + encoded("ticketNumber=" + std::to_string(ticket)))).as_array();
}

TEST(ChangeLogs, TellEachWriteOfATicketAsItIsThen) {
  Bench bench;
  EXPECT_TRUE(bench.get(kLogs).as_array().empty()) << "nothing has changed yet";
  const std::int64_t id = bench.make_ticket(R"(,"owner":{"identifier":"jsmith"},"priority":{"id":2})");
  const std::string path = "/service/tickets/" + std::to_string(id);
  ASSERT_EQ(bench.call("PATCH", path, R"([{"op":"replace","path":"status","value":{"id":306}}])").status, 200);
  ASSERT_EQ(bench.call("DELETE", path).status, 204);
  const json::array entries = logged(bench, id);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].at("action"), "added");
  EXPECT_EQ(entries[0].at("status"), "New");
  EXPECT_EQ(entries[0].at("boardId"), 3);
  EXPECT_EQ(entries[0].at("boardName"), "Alerts/NOC");
  EXPECT_EQ(entries[0].at("companyIdentifier"), 252);
  EXPECT_EQ(entries[0].at("summary"), "Disk full");
  EXPECT_EQ(entries[0].at("ticketOwner"), "jsmith");
  EXPECT_EQ(entries[0].at("ownerIdentifier"), 101);
  EXPECT_EQ(entries[0].at("priorityName"), "Priority 2 - High");
  EXPECT_EQ(entries[0].at("closedFlag"), false);
  EXPECT_EQ(entries[0].at("_info").at("updatedBy"), "APIuser");
  EXPECT_EQ(entries[1].at("action"), "updated");
  EXPECT_EQ(entries[1].at("status"), "Auto-Resolved");
  EXPECT_EQ(entries[1].at("closedFlag"), true);
  EXPECT_EQ(entries[2].at("action"), "deleted");
  EXPECT_EQ(entries[0].at("partnerId"), entries[2].at("partnerId"));
}

TEST(ChangeLogs, TellMergesAndChildren) {
  Bench bench;
  const std::int64_t parent = bench.make_ticket(), merged = bench.make_ticket(), child = bench.make_ticket();
  const std::string path = "/service/tickets/" + std::to_string(parent);
  ASSERT_EQ(bench
                .call("POST", path + "/merge",
                      R"({"mergeTicketIds":[)" + std::to_string(merged) + R"(],"status":{"id":306}})")
                .status,
            200);
  ASSERT_EQ(bench.call("POST", path + "/attachChildren", "{\"childTicketIds\":[" + std::to_string(child) + "]}").status,
            200);
  EXPECT_EQ(logged(bench, merged).back().at("mergedParentTicketId"), parent);
  EXPECT_EQ(logged(bench, child).back().at("parentTicketId"), parent);
}

TEST(ChangeLogs, AreKeptUpToALimitAndDeletedTogether) {
  Bench bench;
  for (int i = 0; i < 1'010; ++i) static_cast<void>(bench.make_ticket());
  EXPECT_EQ(bench.get(std::string(kLogs) + "?pageSize=1000").as_array().size(), 1'000u);
  EXPECT_EQ(bench.get(kLogs).at(0).at("id"), 11);
  EXPECT_EQ(bench.call("DELETE", kLogs).status, 204);
  EXPECT_TRUE(bench.get(kLogs).as_array().empty());
}

}  // namespace
}  // namespace crosswalk::sandbox
