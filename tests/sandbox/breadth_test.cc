#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// Operations with rules of their own, each asked once: what they answer is looked at where they have tests, here that
/// they do.
struct Asked : Bench {
  json::value ask(std::string_view method, const std::string& path, std::string body = {}, int status = 200) {
    const net::Response response = call(method, path, std::move(body));
    EXPECT_EQ(response.status, status) << method << " " << path << ": " << response.body;
    boost::system::error_code error;
    json::value value = json::parse(response.body, error);
    return error ? json::value(response.body) : value;
  }
  std::string made(const std::string& path, std::string body, int status = 201) {
    return json::serialize(ask("POST", path, std::move(body), status).at("id"));
  }
  /// The path of a new ticket.
  std::string project_ticket() {
    return "/project/tickets/" +
           made("/project/tickets", R"({"summary":"Rack","company":{"id":252},"phase":{"id":1}})");
  }
  /// Rows that only a server makes.
  void plant(const char* collection, json::object fields) {
    json::object snapshot = world.save();
    snapshot["tenants"].at(0).at("tables").as_object()[collection] =
        json::object{{"next_id", 2},
                     {"rows", json::array{json::object{{"id", 1},
                                                       {"parent", 0},
                                                       {"dateEntered", 0},
                                                       {"lastUpdated", 0},
                                                       {"enteredBy", ""},
                                                       {"updatedBy", ""},
                                                       {"fields", std::move(fields)}}}}};
    ASSERT_TRUE(world.load(snapshot).has_value());
  }
};

TEST(Operations, OfProjectTickets) {
  Asked bench;
  const std::string path = bench.project_ticket();
  for (const char* list : {"/activities", "/documents", "/products", "/scheduleentries", "/timeentries"}) {
    EXPECT_TRUE(bench.ask("GET", path + list).as_array().empty()) << list;
    EXPECT_EQ(bench.ask("GET", path + list + "/count").at("count"), 0) << list;
  }
  bench.made(path + "/notes", R"({"text":"Called.","detailDescriptionFlag":true})");
  EXPECT_EQ(bench.ask("GET", path + "/allNotes").at(0).at("text"), "Called.");
  bench.ask("POST", path + "/configurations", R"({"id":2520})", 201);
  EXPECT_EQ(bench.ask("GET", path + "/configurations").at(0).at("id"), 2520);
  EXPECT_EQ(bench.ask("GET", path + "/configurations/count").at("count"), 1);
  EXPECT_EQ(bench.ask("GET", path + "/configurations/2520").at("id"), 2520);
  bench.ask("DELETE", path + "/configurations/2520", "", 204);
  EXPECT_EQ(bench.ask("POST", "/project/tickets/search", R"({"conditions":"summary='Rack'"})").as_array().size(), 1u);
  bench.ask("POST", path + "/convert", R"({"recordType":"ServiceTicket"})");
  EXPECT_EQ(bench.ask("GET", "/service/tickets?conditions=" + encoded("summary='Rack'")).as_array().size(), 1u);
  bench.ask("GET", path, "", 404);
}

TEST(Operations, OfServiceTickets) {
  Asked bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket());
  bench.ask("POST", path + "/configurations", R"({"id":2520})", 201);
  EXPECT_EQ(bench.ask("GET", path + "/configurations/2520").at("id"), 2520);
  for (const char* list : {"/scheduleentries", "/timeentries"})
    EXPECT_EQ(bench.ask("GET", path + list + "/count").at("count"), 0) << list;
  EXPECT_FALSE(bench.ask("GET", "/service/tickets/calculateSla").as_array().empty());
  bench.ask("POST", path + "/convert", R"({"phase":{"id":1}})", 400);
  bench.ask("POST", path + "/convert", R"({"phase":{"id":1},"wbsCode":"1.1"})");
  EXPECT_EQ(bench.ask("GET", "/project/tickets?conditions=" + encoded("summary='Disk full'")).as_array().size(), 1u);
  bench.ask("GET", "/service/knowledgebasesettings");
  EXPECT_EQ(
      bench.ask("POST", "/service/knowledgebasesettings", R"({"requireApproval":true})", 201).at("requireApproval"),
      true);
  const std::string survey = "/service/surveys/" + bench.made("/service/surveys", R"({"name":"Happy?"})");
  const std::string question = bench.made(survey + "/questions", R"({"type":"OpenEnded","question":"Why?"})");
  EXPECT_EQ(bench.ask("POST", survey + "/questions/" + question + "/copy", "", 201).at("question"), "Why?");
  EXPECT_EQ(bench.ask("POST", survey + "/copy").at("name"), "Happy?");
  const std::string team = bench.made("/project/boards/1/teams", R"({"name":"Movers"})");
  EXPECT_EQ(bench.ask("GET", "/project/boards/1/teams/" + team + "/info/count").at("count"), 1);
  const std::string model =
      bench.made("/service/templates", R"({"name":"Patches","summary":"Patch","company":{"id":252}})");
  EXPECT_EQ(bench.ask("POST", "/service/templates/" + model + "/generate").at("serviceCount"), 1);
}

TEST(Operations, OfCompaniesAndContacts) {
  Asked bench;
  EXPECT_EQ(bench.ask("GET", "/company/contacts/default").at("id"), 0);
  EXPECT_TRUE(bench.ask("GET", "/company/contacts/2520/portalSecurity").as_array().empty());
  bench.ask("POST", "/company/contacts/requestPassword", "{}", 400);
  const json::value contact = bench.get("/company/contacts/2520");
  json::object credentials{{"email", contact.at("communicationItems").at(0).at("value")}};
  bench.ask("POST", "/company/contacts/requestPassword", json::serialize(credentials), 204);
  credentials["password"] = "p";
  EXPECT_EQ(
      bench.ask("POST", "/company/contacts/validatePortalCredentials", json::serialize(credentials)).at("contactId"),
      2520);
  const std::string items = "/company/contacts/2520/communications";
  const std::string one = items + "/" + json::serialize(bench.get(items).at(0).at("id"));
  EXPECT_EQ(bench.ask("GET", one).at("contactId"), 2520);
  EXPECT_EQ(bench.ask("PUT", one, R"({"type":{"id":1},"value":"new@acme.example"})").at("value"), "new@acme.example");
  bench.ask("POST", "/company/companyPickerItems/clear", "", 204);
  bench.ask("GET", "/company/configurations/2520/quickAccess/count");
}

TEST(Operations, OfManagement) {
  Asked bench;
  bench.plant("company/management", {});
  EXPECT_TRUE(bench.ask("GET", "/company/management/1/logs").as_array().empty());
  bench.ask("GET", "/company/management/1/log/download", "", 404);
  bench.ask("POST", "/company/management/1/executeManagedItSync");
}

TEST(Operations, OfAgreementsAndTheCatalog) {
  Asked bench;
  EXPECT_FALSE(bench.ask("GET", "/finance/agreementrecap/").as_array().empty());
  const std::string path = "/finance/agreements/252/configurations";
  bench.ask("POST", path, R"({"id":2520})", 201);
  EXPECT_EQ(bench.ask("GET", path).as_array().size(), 1u);
  EXPECT_EQ(bench.ask("GET", path + "/count").at("count"), 1);
  EXPECT_EQ(bench.ask("GET", path + "/2520").at("id"), 2520);
  bench.ask("DELETE", path + "/2520", "", 204);
  const json::value item = bench.ask("GET", "/procurement/catalog/101");
  EXPECT_EQ(bench.ask("POST", "/procurement/catalog/101/pricing", R"({"quantity":2})").at("price"), item.at("price"));
}

TEST(Operations, OfOpportunities) {
  Asked bench;
  EXPECT_EQ(bench.ask("GET", "/sales/opportunities/default").at("id"), 0);
  EXPECT_TRUE(bench.ask("GET", "/sales/opportunities/conversions/1").as_array().empty());
  EXPECT_TRUE(bench.ask("GET", "/sales/orders/conversions/1").as_array().empty());
  const std::string path =
      "/sales/opportunities/" +
      bench.made("/sales/opportunities",
                 R"({"name":"Firewall","company":{"id":252},"contact":{"id":2520},"primarySalesRep":{"id":101}})");
  EXPECT_EQ(bench.ask("POST", path + "/convertToAgreement", R"({"type":{"id":1}})", 201).at("name"), "Firewall");
  EXPECT_EQ(bench.ask("POST", path + "/convertToProject", "{}", 201).at("name"), "Firewall");
  bench.made("/sales/orders/statuses", R"({"name":"New","sortOrder":1})", 200);
  EXPECT_EQ(bench.ask("POST", path + "/convertToSalesOrder", "{}", 201).at("description"), "Firewall");
}

TEST(Operations, OfMembersAndTheirTime) {
  Asked bench;
  EXPECT_EQ(bench.ask("GET", "/system/apiMembers/default").at("id"), 0);
  EXPECT_FALSE(bench.ask("GET", "/system/members/calendarsync").as_array().empty());
  bench.ask("POST", "/system/members/101/submit");
  bench.ask("DELETE", "/system/members/101/unusedTimeSheets", "", 204);
  EXPECT_TRUE(bench.ask("GET", "/system/mySecurity/customizeItems").as_array().empty());
  bench.plant("time/sheets", {{"member", 101}, {"status", "Open"}});
  for (const auto& [what, status] : {std::pair("submit", "PendingApproval"),
                                     {"approve", "ApprovedByTierOne"},
                                     {"reject", "Rejected"},
                                     {"reverse", "Open"}}) {
    bench.ask("POST", std::string("/time/sheets/1/") + what);
    EXPECT_EQ(bench.ask("GET", "/time/sheets/1").at("status"), status);
  }
  bench.ask("POST", "/system/members/101/deactivate", "{}", 400);
  EXPECT_EQ(bench.ask("GET", "/system/members/101").at("inactiveFlag"), false);
  bench.ask("POST", "/system/members/101/deactivate", R"({"deleteOpenTimeSheetsFlag":true})");
  bench.ask("GET", "/time/sheets/1", "", 404);
}

TEST(Operations, OfDocumentsAndImages) {
  Asked bench;
  const auto upload = [&](const std::string& path, int status) {
    net::Request request = bench.request(
        "POST", path,
        "--b\r\nContent-Disposition: form-data; name=\"recordType\"\r\n\r\nTicket\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"recordId\"\r\n\r\n1000\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n"
        "abc\r\n--b--\r\n");
    request.headers.set("Content-Type", "multipart/form-data; boundary=b");
    const net::Response response = bench.world.handle(request);
    EXPECT_EQ(response.status, status) << response.body;
    return response.body;
  };
  const std::string path =
      "/system/documents/" + json::serialize(json::parse(upload("/system/documents", 201)).at("id"));
  upload(path, 200);
  EXPECT_EQ(bench.ask("GET", path + "/thumbnail"), "abc");
  EXPECT_EQ(bench.ask("GET", "/system/documents/count?recordType=Ticket&recordId=1000").at("count"), 1);
  EXPECT_NE(bench.call("GET", "/system/documents/uploadsample").body.find("<form"), std::string::npos);
  bench.plant("system/menuentries", {{"caption", "Pod"}});
  bench.ask("GET", "/system/menuentries/1/image", "", 404);
  upload("/system/menuentries/1/image", 204);
  EXPECT_EQ(bench.ask("GET", "/system/menuentries/1/image"), "Ticket");
}

TEST(Operations, OfWorkflowsAndReporting) {
  Asked bench;
  bench.plant("system/workflows/tableTypes", {});
  const std::string path =
      "/system/workflows/" + bench.made("/system/workflows", R"({"name":"W","tableType":{"id":1}})");
  const std::string event = bench.made(path + "/events", R"({"eventCondition":"x"})");
  EXPECT_EQ(bench.ask("POST", path + "/events/" + event + "/copy").at("eventCondition"), "x");
  EXPECT_EQ(bench.ask("POST", path + "/copy").at("name"), "W");
  bench.plant("system/mycompany/reportingServices", {});
  bench.ask("POST", "/system/mycompany/reportingServices/1/testConnection");
}

}  // namespace
}  // namespace crosswalk::sandbox
