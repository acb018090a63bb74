#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// What ConnectWise's own description leaves out and the newest published list has.
class AdditionsTest : public ::testing::Test {
 protected:
  json::value ask(std::string_view method, const std::string& path, std::string body = {}, int status = 200) {
    const net::Response response = bench_.call(method, path, std::move(body));
    EXPECT_EQ(response.status, status) << method << " " << path << ": " << response.body;
    return json::parse(response.body.empty() ? "null" : response.body);
  }
  json::value make(const std::string& path, std::string body) { return ask("POST", path, std::move(body), 201); }
  static std::string id_of(const json::value& object) { return json::serialize(object.at("id")); }
  json::value project() {
    return make("/project/projects", R"({"name":"Move","board":{"id":10},"company":{"id":253},
        "billingMethod":"ActualRates","estimatedStart":"2026-03-02T00:00:00Z","estimatedEnd":"2026-04-02T00:00:00Z"})");
  }

  Bench bench_;
};

TEST_F(AdditionsTest, NothingBeginsEmpty) {
  for (const char* path :
       {"/project/statuses", "/project/projectTypes", "/project/phaseStatuses", "/project/securityRoles",
        "/project/projects", "/project/projects/1/phases", "/schedule/calendars", "/schedule/holidayLists",
        "/schedule/holidayLists/1/holidays", "/procurement/warehouses", "/procurement/warehouseBins",
        "/procurement/shipmentmethods", "/procurement/purchaseorderstatuses"}) {
    EXPECT_FALSE(ask("GET", path).as_array().empty()) << path;
    EXPECT_GT(ask("GET", std::string(path) + "/count").at("count").as_int64(), 0) << path;
  }
  EXPECT_EQ(ask("GET", "/schedule/calendars/1").at("holidayList").at("name"), "Standard Holiday List");
}

TEST_F(AdditionsTest, StatusAndTypeOfSomethingNewAreTheDefaults) {
  const json::value made = project();
  EXPECT_EQ(made.at("status").at("name"), "Open");
  EXPECT_EQ(made.at("type").at("name"), "Network");
  const json::value phase = make("/project/projects/" + id_of(made) + "/phases", R"({"description":"Plan"})");
  EXPECT_EQ(phase.at("status").at("name"), "Open");
  EXPECT_EQ(make("/procurement/purchaseorders", R"({"poNumber":"P-1"})").at("status").at("name"), "Open");
  const json::value activity = make("/sales/activities", R"({"name":"Call back","assignTo":{"identifier":"jsmith"}})");
  EXPECT_EQ(activity.at("status").at("name"), "Open");
  EXPECT_EQ(activity.at("type").at("name"), "Call");
  const std::string sale = R"({"name":"Firewall","company":{"id":252},"contact":{"id":2520},
      "primarySalesRep":{"identifier":"jsmith"}})";
  EXPECT_EQ(make("/sales/opportunities", sale).at("status").at("name"), "Open");
  // Without a default it is the first that is open, and what the request says goes before both.
  ask("PATCH", "/sales/opportunities/statuses/1", R"([{"op":"replace","path":"defaultFlag","value":false},
      {"op":"replace","path":"closedFlag","value":true}])");
  const std::string open = id_of(make("/sales/opportunities/statuses", R"({"name":"Negotiating"})"));
  EXPECT_EQ(id_of(make("/sales/opportunities", sale).at("status")), open);
  EXPECT_EQ(make("/sales/activities", R"({"name":"A","assignTo":{"identifier":"jsmith"},"status":{"id":2}})")
                .at("status")
                .at("name"),
            "Closed");
}

TEST_F(AdditionsTest, AProjectTicketLiesInAPhaseOfItsProject) {
  const json::value ticket = make("/project/tickets", R"({"summary":"Rack","phase":{"id":2}})");
  EXPECT_EQ(ticket.at("project").at("id"), 1);
  EXPECT_EQ(ticket.at("phase").at("name"), "Build");
  EXPECT_EQ(ticket.at("company").at("id"), 255);
  EXPECT_EQ(ticket.at("board").at("id"), 10);
  EXPECT_EQ(ticket.at("status").at("name"), "New");
  EXPECT_EQ(ticket.at("priority").at("id"), 3);
  const std::string other = id_of(project());
  const json::value astray =
      ask("POST", "/project/tickets", R"({"summary":"Rack","phase":{"id":2},"project":{"id":)" + other + "}}", 400);
  const json::value& error = astray.at("errors").at(0);
  EXPECT_EQ(error.at("code"), "NotFound");
  EXPECT_EQ(error.at("field"), "phase/id");
  EXPECT_EQ(std::string_view(error.at("message").as_string()), "Project Phase 2 not found for Project " + other);
  ask("POST", "/project/tickets", R"({"summary":"Rack","phase":{"id":99}})", 400);
  ask("DELETE", "/project/projects/1", "", 204);
  EXPECT_TRUE(ask("GET", "/project/projects/" + other + "/phases").as_array().empty());
  ask("GET", "/project/projects/1/phases", "", 404);
}

TEST_F(AdditionsTest, UsagesTellWhatNamesAnObject) {
  const auto counted = [&](std::string_view type) {
    const json::value usages = ask("GET", "/service/priorities/4/usages");
    for (const json::value& each : usages.as_array()) {
      if (std::string_view(each.at("type").as_string()) == type) return each.at("count").as_int64();
    }
    return std::int64_t{0};
  };
  const std::int64_t before = counted("Ticket");
  const std::int64_t ticket = bench_.make_ticket(R"(,"priority":{"id":4})");
  EXPECT_EQ(counted("Ticket"), before + 1);
  const json::value list = ask("GET", "/service/priorities/4/usages/list?conditions=" +
                                          encoded("id=" + std::to_string(ticket) + " and type=\"Ticket\""));
  ASSERT_EQ(list.as_array().size(), 1u);
  EXPECT_EQ(list.at(0).at("description"), "Disk full");
  EXPECT_TRUE(std::string_view(list.at(0).at("hyperlink").as_string()).ends_with(std::to_string(ticket)));
  ask("GET", "/service/priorities/999/usages", "", 404);
  // A board's own statuses are no use of it, and nobody is shown what the role hides.
  const json::value of_board = ask("GET", "/service/boards/3/usages");
  for (const json::value& each : of_board.as_array()) EXPECT_NE(each.at("type"), "Service Status");
  ASSERT_TRUE(bench_.world.set_role("sandbox", "Integration"));
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "Integration", "Service Tickets", ""));
  EXPECT_EQ(counted("Ticket"), 0);
}

TEST_F(AdditionsTest, MembersAreFoundByIdentifierAndSelf) {
  EXPECT_EQ(ask("GET", "/system/members/MLopez").at("id"), 102);
  EXPECT_EQ(ask("GET", "/system/info/members/mlopez").at("lastName"), "Lopez");
  EXPECT_EQ(ask("GET", "/system/members/nobody", "", 404).at("code"), "NotFound");
  EXPECT_FALSE(ask("GET", "/system/members/withSso").is_object());
  EXPECT_EQ(ask("GET", "/system/myMembers").at("identifier"), "APIuser");
  EXPECT_EQ(ask("GET", "/system/myMembers/info?fields=identifier").as_object().size(), 1u);
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "Integration", "Member Maintenance", ""));
  ASSERT_TRUE(bench_.world.set_role("sandbox", "Integration"));
  ask("GET", "/system/members/mlopez", "", 403);
  EXPECT_EQ(ask("GET", "/system/myMembers/info").at("id"), 199);
}

TEST_F(AdditionsTest, CalendarsHolidaysAndTaxCodesAreCopied) {
  EXPECT_EQ(ask("POST", "/schedule/calendars/1/copy").at("name"), "Standard Calendar");
  EXPECT_EQ(ask("GET", "/schedule/calendars/count").at("count"), 2);
  const json::value list = ask("POST", "/schedule/holidayLists/copy", R"({"id":1,"name":"Ours"})");
  EXPECT_EQ(ask("GET", "/schedule/holidayLists/" + id_of(list) + "/holidays").as_array().size(), 2u);
  ask("POST", "/schedule/holidayLists/copy", R"({"id":1})", 400);
  const std::string code = id_of(make("/finance/taxCodes", R"({"identifier":"T","description":"Tax",
      "invoiceCaption":"Tax","effectiveDate":"2026-01-01T00:00:00Z"})"));
  EXPECT_EQ(ask("POST", "/finance/taxCodes/" + code + "/copy").at("identifier"), "T");
}

TEST_F(AdditionsTest, LinesOfPurchaseOrdersAreWrittenInBulk) {
  const std::string order = "/procurement/purchaseorders/" + id_of(make("/procurement/purchaseorders", "{}"));
  const json::value made = ask("POST", order + "/lineitems/bulk",
                               R"([{"description":"Switch","lineNumber":1,"quantity":2},{"description":"B"}])", 207);
  EXPECT_EQ(made.at("payload").at(0).at("statusCode"), 201);
  EXPECT_EQ(made.at("payload").at(1).at("statusCode"), 400);
  const json::value lines = ask("GET", order + "/lineitems");
  ASSERT_EQ(lines.as_array().size(), 1u);
  ask("DELETE", order + "/lineitems/bulk", "[" + id_of(lines.at(0)) + "]", 207);
  EXPECT_EQ(ask("GET", order + "/lineitems/count").at("count"), 0);
  ask("POST", "/procurement/purchaseorders/999/lineitems/bulk", "[]", 404);
}

TEST_F(AdditionsTest, CampaignsKnowTheirActivities) {
  const std::string type = id_of(make("/marketing/campaigns/types", R"({"name":"Mail"})"));
  const std::string subtype =
      id_of(make("/marketing/campaigns/subTypes", R"({"name":"Spring","type":{"id":)" + type + "}}"));
  EXPECT_EQ(ask("GET", "/marketing/campaigns/types/" + type + "/subTypes").as_array().size(), 1u);
  const std::string campaign =
      id_of(make("/marketing/campaigns", R"({"name":"Firewalls","type":{"id":)" + type + R"(},"subType":{"id":)" +
                                             subtype + R"(},"startDate":"2026-03-02T00:00:00Z"})"));
  make("/sales/activities", R"({"name":"Call","assignTo":{"identifier":"jsmith"},"campaign":{"id":)" + campaign + "}}");
  EXPECT_EQ(ask("GET", "/marketing/campaigns/" + campaign + "/activities").at(0).at("name"), "Call");
  EXPECT_EQ(ask("GET", "/marketing/campaigns/" + campaign + "/opportunities/count").at("count"), 0);
}

TEST_F(AdditionsTest, WhatOnlyAServerFillsIsTakenAtItsWord) {
  const json::value made =
      make("/finance/glAccounts", R"({"glType":"R","mappedType":{"id":3,"name":"Revenue"},"mappedRecord":{"id":4}})");
  EXPECT_EQ(made.at("mappedType").at("id"), 3);
}

TEST_F(AdditionsTest, WhatIsKnownByNameOnlyAnswers501) {
  int unknown = 0;
  for (const DocumentPath& path : Document::instance().paths()) {
    for (const Operation& operation : path.operations) {
      if (operation.status != kNotSimulated) continue;
      ++unknown;
      std::string target;
      for (const std::string& segment : path.segments) target += "/" + (segment.starts_with('{') ? "1" : segment);
      EXPECT_EQ(bench_.call(operation.method, target, "{}").status, 501) << operation.method << " " << path.path;
    }
  }
  EXPECT_GT(unknown, 100);
}

}  // namespace
}  // namespace crosswalk::sandbox
