#include "sandbox/control.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "helpers.h"
#include "sandbox/api.h"
#include "sandbox/deep_links.h"
#include "sandbox/msps.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

class ControlTest : public ::testing::Test {
 protected:
  net::Response ask(std::string_view method, std::string_view path, std::string body = {}) {
    net::Request request;
    request.method = method;
    request.target = "/sandbox/" + std::string(path);
    request.body = std::move(body);
    return control(bench_.world, request);
  }

  json::value done(std::string_view path, std::string body) {
    const net::Response response = ask("POST", path, std::move(body));
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  }

  /// The status and the sentence that says why not.
  std::pair<int, std::string> refusal(std::string_view method, std::string_view path, std::string body = {}) {
    const net::Response response = ask(method, path, std::move(body));
    const json::value answer = json::parse(response.body);
    const json::value* message = answer.is_object() ? answer.get_object().if_contains("message") : nullptr;
    return {response.status, message == nullptr ? response.body : std::string(message->as_string())};
  }

  void expect_refused(int status, std::string_view part, std::string_view method, std::string_view path,
                      std::string body = {}) {
    const auto [given, message] = refusal(method, path, body);
    EXPECT_EQ(given, status) << method << " " << path << " " << body;
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  /// POST /sandbox/technician for ticket 1002.
  json::value work(std::string_view members) {
    return done("technician", R"({"ticket":1002,"member":"mlopez",)" + std::string(members) + "}");
  }

  json::value ticket() { return bench_.get("/service/tickets/1002"); }

  Bench bench_;
};

TEST_F(ControlTest, ATechnicianDoesWhatPeopleDoWithATicket) {
  EXPECT_EQ(work(R"("action":"assign","owner":"kchen")").at("owner").at("identifier"), "kchen");
  EXPECT_EQ(work(R"("action":"assign")").at("owner").at("identifier"), "mlopez");
  EXPECT_EQ(
      work(R"("action":"schedule","resource":"apatel","start":"2026-03-02T09:30:00Z","hours":1.5)").at("resources"),
      "apatel");
  const json::value entry = bench_.get("/schedule/entries?conditions=objectId=1002").at(0);
  EXPECT_EQ(entry.at("dateStart"), "2026-03-02T09:30:00Z");
  EXPECT_EQ(entry.at("dateEnd"), "2026-03-02T11:00:00Z");
  work(R"("action":"note","text":"Ordered a drum.","place":"internal")");
  const json::value note = bench_.get("/service/tickets/1002/notes?conditions=text=\"Ordered%20a%20drum.\"").at(0);
  EXPECT_EQ(note.at("createdBy"), "mlopez");
  EXPECT_EQ(note.at("internalAnalysisFlag"), true);
  EXPECT_EQ(work(R"("action":"time","hours":"0.75","text":"Looked into it.")").at("actualHours"), 0.75);
  EXPECT_EQ(bench_.get("/time/entries?conditions=chargeToId=1002").at(0).at("member").at("identifier"), "mlopez");
  EXPECT_EQ(work(R"("action":"move","status":"In Progress")").at("status").at("name"), "In Progress");
  EXPECT_EQ(work(R"("action":"priority","priority":1)").at("priority").at("id"), 1);
  EXPECT_EQ(work(R"("action":"set","field":"summary","value":"Printer")").at("summary"), "Printer");
  EXPECT_EQ(work(R"("action":"close")").at("closedFlag"), true);
  EXPECT_EQ(ticket().at("closedBy"), "mlopez");
}

TEST_F(ControlTest, ATicketLosesItsOwner) {
  work(R"("action":"assign","owner":"kchen")");
  ASSERT_TRUE(ticket().as_object().contains("owner"));
  EXPECT_FALSE(work(R"("action":"assign","owner":null)").as_object().contains("owner"));
  EXPECT_FALSE(ticket().as_object().contains("owner"));
}

TEST_F(ControlTest, WhoClosesTakesThePlainStatusOrChoosesOne) {
  const auto closes = [&](std::string_view status) {
    const std::string id = std::to_string(bench_.make_ticket());
    return done("technician", R"({"action":"close","ticket":)" + id + std::string(status) + "}").at("status").at("id");
  };
  EXPECT_EQ(closes(""), 307) << "not Auto-Resolved, though its id is lower";
  EXPECT_EQ(closes(R"(,"status":"Auto-Resolved")"), 306);
  EXPECT_EQ(closes(R"(,"status":306)"), 306);
  const std::string open = std::to_string(bench_.make_ticket());
  const json::value whole = json::parse(ask("GET", "ticket?ticket=" + open).body);
  ASSERT_EQ(whole.at("closing").as_array().size(), 2u);
  EXPECT_EQ(whole.at("closing").at(0), (json::object{{"id", 307}, {"name", ">Closed"}}));
  expect_refused(400, "status must be one that closes: >Closed, Auto-Resolved", "POST", "technician",
                 R"({"action":"close","status":"In Progress","ticket":)" + open + "}");
  expect_refused(409, "Service Status Nowhere not found", "POST", "technician",
                 R"({"action":"close","status":"Nowhere","ticket":)" + open + "}");
}

TEST_F(ControlTest, ABoardWithoutAClosedStatusIsSaid) {
  done("reference", R"({"collection":"service/boards/statuses","id":108,"action":"deactivate"})");
  expect_refused(409, "the board Help Desk has no status in use that closes a ticket", "POST", "technician",
                 R"({"action":"close","ticket":1002})");
  EXPECT_TRUE(json::parse(ask("GET", "ticket?ticket=1002").body).at("closing").as_array().empty());
}

TEST_F(ControlTest, ATicketMovesToAnotherBoardWithWhatBelongsToIt) {
  const json::value moved = work(R"("action":"board","board":"Security Operations")");
  EXPECT_EQ(moved.at("board").at("id"), 2);
  EXPECT_EQ(moved.at("status").at("id"), 201);
  EXPECT_EQ(moved.at("type").at("id").as_int64() / 100, 2);
  EXPECT_EQ(moved.at("team").at("id"), 2);
  EXPECT_EQ(work(R"("action":"board","board":3,"status":"Acknowledged")").at("status").at("id"), 302);
}

TEST_F(ControlTest, AWholeTicketShowsWhoIsScheduled) {
  work(R"("action":"schedule")");
  const json::value whole = json::parse(ask("GET", "ticket?ticket=1002").body);
  ASSERT_EQ(whole.at("schedule").as_array().size(), 1u);
  EXPECT_EQ(whole.at("schedule").at(0).at("member").at("identifier"), "mlopez");
  EXPECT_EQ(whole.at("schedule").at(0).at("hours"), 1);
}

TEST_F(ControlTest, AMergedTicketIsClosedIntoItsParentAndADeletedOneIsGone) {
  EXPECT_EQ(work(R"("action":"merge","parent":1003)").at("closedFlag"), true);
  expect_refused(409, "(403)", "POST", "technician", R"({"action":"delete","ticket":1002,"member":"mlopez"})");
  EXPECT_TRUE(done("technician", R"({"action":"delete","ticket":1002})").is_null());
  EXPECT_EQ(bench_.call("GET", "/service/tickets/1002").status, 404);
}

TEST_F(ControlTest, WhatConnectWiseWouldRefuseIsRefusedWithItsReason) {
  expect_refused(409, "(400): ticket object is invalid: Service Status Nowhere not found for Service Board 1", "POST",
                 "technician", R"({"action":"move","ticket":1002,"status":"Nowhere"})");
  expect_refused(409, "Service Board 9 not found", "POST", "technician",
                 R"({"action":"board","ticket":1002,"board":9})");
  expect_refused(409, "Member 110 not found", "POST", "technician",
                 R"({"action":"assign","ticket":1002,"owner":"rold"})");
  expect_refused(409, "The text field is required.", "POST", "technician", R"({"action":"note","ticket":1002})");
  expect_refused(409, "path nonsense is not valid", "POST", "technician",
                 R"({"action":"set","ticket":1002,"field":"nonsense","value":1})");
  const net::Response refused = ask("POST", "technician", R"({"action":"move","ticket":1002,"status":"Nowhere"})");
  const json::value answer = json::parse(refused.body).at("refusal");
  EXPECT_EQ(answer.at("status"), 400);
  EXPECT_EQ(answer.at("body").at("code"), "InvalidObject");
}

TEST_F(ControlTest, AMemberDoesWhatTheMembersRoleAllows) {
  const std::int64_t role = bench_.world.id_of("sandbox", "system/securityroles", "NoClose");
  bench_.call("PATCH", "/system/members/102",
              R"([{"op":"replace","path":"securityRole","value":{"id":)" + std::to_string(role) + "}}]");
  work(R"("action":"priority","priority":1)");
  expect_refused(409, "(403)", "POST", "technician", R"({"action":"close","ticket":1002,"member":"mlopez"})");
  expect_refused(409, "(403)", "POST", "reference",
                 R"({"collection":"service/boards","id":1,"action":"deactivate","member":"mlopez"})");
  EXPECT_EQ(ticket().at("closedFlag"), false);
  EXPECT_EQ(bench_.get("/service/boards/1").at("inactiveFlag"), false);
}

TEST_F(ControlTest, ARefusalNamesTheRightThatIsLacking) {
  const auto says = [&](std::string_view part, std::string_view path, std::string_view members) {
    expect_refused(409, part, "POST", path, R"({"member":"mlopez",)" + std::string(members) + "}");
  };
  const std::string_view prioritize = R"("action":"priority","ticket":1002,"priority":1)";
  says(
      "You do not have security permission to perform this action. mlopez has the role Technician, which lacks Edit in "
      "Table Setup.",
      "reference", R"("collection":"service/boards","id":1,"action":"deactivate")");
  done("rights", R"({"role":"Technician","function":"Close Service Tickets","rights":"I"})");
  says("mlopez has the role Technician, which lacks Edit in Close Service Tickets.", "technician",
       R"("action":"close","ticket":1002)");
  done("rights", R"({"role":"Technician","function":"Service Tickets","rights":"AeI"})");
  says("grants Edit in Service Tickets only for what a member has entered or is named in.", "technician", prioritize);
  done("rights", R"({"role":"Technician","function":"Service Tickets","rights":""})");
  says("which lacks Inquire in Service Tickets.", "technician", prioritize);
  const std::int64_t role = bench_.world.id_of("sandbox", "system/securityroles", "Technician");
  ASSERT_TRUE(bench_.world.set_inactive("sandbox", "system/securityroles", role, true));
  says("mlopez has the role Technician, which is inactive and grants nothing.", "technician", prioritize);
}

TEST_F(ControlTest, ARefusalSaysThatAMemberSeesOnlyTheOwnLocation) {
  const net::Response moved =
      bench_.call("PATCH", "/system/members/102",
                  R"([{"op":"replace","path":"structureLevel","value":{"id":2,"name":"Location"}},
                      {"op":"replace","path":"securityLocation","value":{"id":3}}])");
  ASSERT_EQ(moved.status, 200) << moved.body;
  expect_refused(409, "Ticket 1002 not found. mlopez sees only what belongs to the own location.", "POST", "technician",
                 R"({"action":"priority","ticket":1002,"priority":1,"member":"mlopez"})");
}

TEST_F(ControlTest, AMemberGetsAnotherRole) {
  const auto role_named = [&](std::string_view name) {
    const json::value roles = json::parse(ask("GET", "roles").body);
    for (const json::value& role : roles.as_array())
      if (role.at("name").as_string() == name) return role.as_object();
    return json::object();
  };
  const auto has = [&](std::string_view role, std::string_view member) {
    const json::object found = role_named(role);
    const json::array& members = found.at("members").as_array();
    return std::find(members.begin(), members.end(), json::value(member)) != members.end();
  };
  EXPECT_EQ(role_named("Admin").at("admin"), true);
  EXPECT_EQ(role_named("ReadOnly").at("rights").at("Service Tickets"), "I");
  EXPECT_EQ(role_named("Technician").at("rights").at("Time Entry"), "AeI");
  EXPECT_FALSE(role_named("Integration").at("rights").as_object().contains("Invoicing"));
  ASSERT_TRUE(has("Technician", "mlopez"));
  done("role", R"({"member":"mlopez","role":"ReadOnly"})");
  EXPECT_TRUE(has("ReadOnly", "mlopez"));
  EXPECT_FALSE(has("Technician", "mlopez"));
  const json::value member = bench_.get("/system/members/102");
  EXPECT_EQ(member.at("securityRole").at("name"), "ReadOnly");
  EXPECT_EQ(member.at("_info").at("updatedBy"), "zAdmin") << "in the name of no member";
  expect_refused(409, "the role ReadOnly, which lacks Edit in Service Tickets", "POST", "technician",
                 R"({"action":"priority","ticket":1002,"priority":1,"member":"mlopez"})");
  done("role", R"({"member":"rold","role":"Finance"})");
  EXPECT_TRUE(has("Finance", "rold")) << "inactive members have roles too";
  done("role", R"({"member":"apiUSER","role":"ReadOnly"})");
  EXPECT_TRUE(has("ReadOnly", "APIuser"));
  EXPECT_EQ(bench_.call("PATCH", "/service/tickets/1002", "[]").status, 403) << "keys have the rights of their member";
}

TEST_F(ControlTest, RolesAreGivenOnlyWhereThereAreSuch) {
  expect_refused(404, "there is no role \"Boss\"", "POST", "role", R"({"member":"mlopez","role":"Boss"})");
  expect_refused(404, "there is no member \"nobody\"", "POST", "role", R"({"member":"nobody","role":"Admin"})");
  expect_refused(400, "member is required", "POST", "role", R"({"role":"Admin"})");
  expect_refused(400, "role is required", "POST", "role", R"({"member":"mlopez"})");
  expect_refused(404, "there is no tenant", "POST", "role", R"({"tenant":"x","member":"mlopez","role":"Admin"})");
  EXPECT_EQ(bench_.get("/system/members/102").at("securityRole").at("name"), "Technician");
}

TEST_F(ControlTest, LinksLeadBackToWhereTheRequestHasComeTo) {
  const auto comes = [&](std::string_view method, std::string_view path, std::string_view body, bool secure) {
    net::Request request;
    request.method = method;
    request.target = "/sandbox/" + std::string(path);
    request.headers.set("Host", "psa.example:8600");
    request.body = body;
    const net::Response response = control(bench_.world, request, secure);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.body.find("localhost"), std::string::npos) << path;
    return response.body;
  };
  const std::int64_t addition =
      bench_.world.list("sandbox", "finance/agreements/additions").front().at("id").as_int64();
  const std::string edit = R"({"action":"edit_addition","quantity":4,"addition":)" + std::to_string(addition) + "}";
  const std::string here = "\"http://psa.example:8600/v2025_1/apis/3.0/";
  for (const char* path : {"list?collection=company/companies&limit=1", "ticket?ticket=1002", "notes?ticket=1002"})
    EXPECT_NE(comes("GET", path, "", false).find(here), std::string::npos) << path;
  EXPECT_NE(comes("POST", "technician", R"({"action":"assign","ticket":1002})", false).find(here), std::string::npos);
  EXPECT_NE(comes("POST", "technician", edit, false).find(here), std::string::npos);
  EXPECT_NE(comes("GET", "ticket?ticket=1002", "", true).find("\"https://psa.example:8600/"), std::string::npos);
}

TEST_F(ControlTest, WhatBelongsToACompanyIsFoundByIt) {
  const json::value found = json::parse(ask("GET", "list?collection=finance/invoices&search=quarry").body);
  EXPECT_GT(found.at("total").as_int64(), 0);
  for (const json::value& invoice : found.at("objects").as_array()) EXPECT_EQ(invoice.at("company").at("id"), 269);
}

TEST_F(ControlTest, MembersHaveRolesThatFitTheirWork) {
  const net::Response made = bench_.call("POST", "/finance/agreements/252/additions",
                                         R"({"product":{"id":101},"quantity":3,"billCustomer":"Billable"})");
  const std::string addition = std::to_string(json::parse(made.body).at("id").as_int64());
  const auto edit = [&](const std::string& member) {
    return R"({"action":"edit_addition","quantity":4,"member":")" + member + R"(","addition":)" + addition + "}";
  };
  const auto close = [](const std::string& member) {
    return R"({"action":"close","ticket":1002,"member":")" + member + R"("})";
  };
  for (const char* member : {"mlopez", "lgreen"}) expect_refused(409, "(403)", "POST", "technician", edit(member));
  EXPECT_EQ(done("technician", edit("hbrooks")).at("quantity"), 4);
  for (const char* member : {"hbrooks", "lgreen"}) expect_refused(409, "(403)", "POST", "technician", close(member));
  done("technician", R"({"action":"assign","ticket":1002,"member":"lgreen","owner":"mlopez"})");
  EXPECT_EQ(done("technician", close("mlopez")).at("closedBy"), "mlopez");
  for (const char* member : {"mlopez", "lgreen", "hbrooks"})
    expect_refused(
        409, "(403)", "POST", "reference",
        R"({"collection":"service/boards","id":1,"action":"deactivate","member":")" + std::string(member) + R"("})");
}

TEST_F(ControlTest, WhatPeopleDoIsNoClientsCall) {
  const std::int64_t writes = bench_.world.writes("sandbox");
  bench_.world.faults().settings.maintenance = true;
  work(R"("action":"priority","priority":1)");
  EXPECT_EQ(bench_.world.writes("sandbox"), writes);
  EXPECT_TRUE(bench_.world.calls().empty());
}

TEST_F(ControlTest, AdditionsAreEditedAndCancelled) {
  const net::Response made =
      bench_.call("POST", "/finance/agreements/252/additions",
                  R"({"product":{"id":101},"quantity":3,"unitPrice":10,"billCustomer":"Billable"})");
  const std::string id = std::to_string(json::parse(made.body).at("id").as_int64());
  const json::value edited =
      done("technician", R"({"action":"edit_addition","quantity":"5","price":12.5,"addition":)" + id + "}");
  EXPECT_EQ(edited.at("quantity"), 5);
  EXPECT_EQ(edited.at("extPrice"), 62.5);
  EXPECT_EQ(edited.at("_info").at("updatedBy"), "jsmith");
  EXPECT_EQ(done("technician", R"({"action":"cancel_addition","addition":)" + id + "}").at("cancelledDate"),
            "2026-03-01T00:00:00Z");
  const std::string later = R"({"action":"cancel_addition","date":"2026-04-30","addition":)" + id + "}";
  EXPECT_EQ(done("technician", later).at("cancelledDate"), "2026-04-30T00:00:00Z");
  for (const auto& [members, part] : {std::pair("", "quantity or price is required"),
                                      {R"("price":"dear",)", "price must be a number"},
                                      {R"("quantity":1.23456,)", "quantity must be a number"}})
    expect_refused(400, part, "POST", "technician",
                   R"({"action":"edit_addition",)" + std::string(members) + R"("addition":)" + id + "}");
  expect_refused(400, "date must be a day", "POST", "technician",
                 R"({"action":"cancel_addition","date":"soon","addition":)" + id + "}");
  expect_refused(404, "there is no addition 99999", "POST", "technician",
                 R"({"action":"cancel_addition","addition":99999})");
}

TEST_F(ControlTest, ReferenceDataIsRetiredAndBroughtBackByTheRules) {
  for (const auto& [collection, id, path, field] :
       {std::tuple("service/boards", 1, "/service/boards/1", "inactiveFlag"),
        {"service/boards/statuses", 103, "/service/boards/1/statuses/103", "inactive"}}) {
    for (const bool inactive : {true, false}) {
      const json::object body{{"collection", collection},
                              {"id", id},
                              {"member", "jsmith"},
                              {"action", inactive ? "deactivate" : "activate"}};
      done("reference", json::serialize(body));
      EXPECT_EQ(bench_.get(path).at(field), inactive) << path;
    }
    EXPECT_EQ(bench_.get(path).at("_info").at("updatedBy"), "jsmith");
  }
  expect_refused(
      409, "must be a string with a maximum length of 50", "POST", "reference",
      R"({"collection":"service/boards","id":1,"action":"rename","name":")" + std::string(51, 'x') + R"("})");
  expect_refused(400, "cannot be activated", "POST", "reference",
                 R"({"collection":"service/tickets","id":1002,"action":"activate"})");
  expect_refused(404, "there is no Service Board 77", "POST", "reference",
                 R"({"collection":"service/boards","id":77,"action":"activate"})");
}

TEST_F(ControlTest, RightsAreTakenAwayAndGivenBack) {
  ASSERT_TRUE(bench_.world.set_role("sandbox", "Integration"));
  done("rights", R"({"role":"Integration","function":"Service Tickets","rights":""})");
  EXPECT_EQ(bench_.call("GET", "/service/tickets/1002").status, 403);
  done("rights", R"({"role":"integration","function":"service tickets","rights":"AEI"})");
  EXPECT_EQ(bench_.call("GET", "/service/tickets/1002").status, 200);
  expect_refused(404, "there is no role \"Nobody\"", "POST", "rights",
                 R"({"role":"Nobody","function":"Service Tickets","rights":"I"})");
  expect_refused(404, "there is no module function \"Tickets\"", "POST", "rights",
                 R"({"role":"Integration","function":"Tickets","rights":"I"})");
  expect_refused(409, "may do everything", "POST", "rights",
                 R"({"role":"Admin","function":"Service Tickets","rights":"I"})");
  for (const char* rights : {"X", "AA", "Aa"}) {
    expect_refused(400, "letters of AEDI", "POST", "rights",
                   R"({"role":"Integration","function":"Service Tickets","rights":")" + std::string(rights) + R"("})");
  }
  expect_refused(400, "rights is required", "POST", "rights", R"({"role":"Integration","function":"Service Tickets"})");
}

TEST_F(ControlTest, WhatIsNotThereIsSaid) {
  expect_refused(404, "there is no collection \"service/ticket\"; /sandbox/collections lists them", "GET",
                 "list?collection=service/ticket");
  for (const char* path : {"list?tenant=nobody", "tickets?tenant=nobody", "ticket?tenant=nobody&ticket=1002",
                           "notes?tenant=nobody&ticket=1002", "calls?tenant=nobody"})
    expect_refused(404, "there is no tenant \"nobody\"; there are: sandbox", "GET", path);
  expect_refused(404, "there is no ticket 5", "GET", "ticket?ticket=5");
  expect_refused(404, "there is no ticket 5", "GET", "notes?ticket=5");
  expect_refused(404, "there is no Agreement 5", "GET", "list?collection=finance/agreements/additions&parent=5");
  expect_refused(404, "there is no call 77", "GET", "calls?number=77");
  expect_refused(404, "there is no tenant", "POST", "technician",
                 R"({"tenant":"nobody","action":"close","ticket":1002})");
  expect_refused(404, "there is no member \"nobody\"", "POST", "technician",
                 R"({"member":"nobody","action":"close","ticket":1002})");
  expect_refused(409, "rold is inactive", "POST", "technician", R"({"member":"rold","action":"close","ticket":1002})");
  expect_refused(404, "there is no ticket 5", "POST", "technician", R"({"action":"close","ticket":5})");
  expect_refused(404, "there is no tenant \"nobody\"", "POST", "faults",
                 R"({"tenants":{"nobody":{"maintenance":true}}})");
  expect_refused(404, "there is no tenant \"nobody\"", "POST", "faults",
                 R"({"faults":[{"kind":"html","tenant":"nobody"}]})");
  expect_refused(404, "there is no tenant \"nobody\"", "POST", "robot", R"({"per_minute":1,"tenant":"nobody"})");
  EXPECT_TRUE(bench_.world.faults().settings.tenants.empty());
}

TEST_F(ControlTest, WhatIsNotUnderstoodIsSaid) {
  for (const auto& [path, part] :
       {std::pair("list?limit=many", "limit must be a whole number"),
        {"list?limit=-1", "limit must be a whole number from 0 to 1000000"},
        {"list?page=0", "page must be a whole number from 1"},
        {"list?parent=x&collection=service/boards/statuses", "parent must be a whole number"},
        {"list?parent=1&collection=service/boards", "takes no parent"},
        {"list?colection=service/boards", "\"colection\" means nothing here"},
        {"calls?after=x", "after must be a whole number"},
        {"calls?number=x", "number must be a whole number"},
        {"ticket", "ticket is required"},
        {"ticket?ticket=first", "ticket must be a whole number"},
        {"state?x=1", "what is taken: nothing"}})
    expect_refused(400, part, "GET", path);
  for (const auto& [body, part] :
       {std::pair("[]", "the body must be a JSON object"),
        {R"({"action":"dance","ticket":1002})", "action must be assign, schedule"},
        {R"({"action":7,"ticket":1002})", "action must be a text"},
        {R"({"action":"close"})", "ticket is required"},
        {R"({"action":"close","ticket":"1002"})", "ticket must be a whole number"},
        {R"({"action":"close","ticket":1002,"status":"New"})", "status must be one that closes: >Closed"},
        {R"({"action":"move","ticket":1002})", "status is required"},
        {R"({"action":"move","ticket":1002,"status":true})", "status must be an id or a name"},
        {R"({"action":"note","ticket":1002,"text":"x","place":"door"})", "place must be discussion, internal"},
        {R"({"action":"time","ticket":1002})", "hours is required"},
        {R"({"action":"time","ticket":1002,"hours":25})", "hours must be above 0 and at most 24"},
        {R"({"action":"schedule","ticket":1002,"start":"noon"})", "start must be a time"}})
    expect_refused(400, part, "POST", "technician", body);
  expect_refused(400, "\"rolle\" means nothing here", "POST", "tenants", R"({"login_company":"x","rolle":"Admin"})");
  expect_refused(400, "public_key and private_key go together", "POST", "tenants",
                 R"({"login_company":"x","public_key":"y"})");
  expect_refused(400, "there is no role \"Boss\"", "POST", "tenants", R"({"login_company":"x","role":"Boss"})");
  expect_refused(404, "the control API has no such operation", "GET", "nonsense");
  expect_refused(405, "/sandbox/list takes GET, not POST", "POST", "list", "{}");
  expect_refused(405, "/sandbox/calls takes GET, DELETE, not PUT", "PUT", "calls");
  EXPECT_EQ(bench_.world.tenants().size(), 1u);
}

TEST_F(ControlTest, CollectionsAreListed) {
  const json::value collections = json::parse(ask("GET", "collections").body);
  EXPECT_GT(collections.as_array().size(), 100u);
  EXPECT_EQ(ask("GET", "list?collection=" + std::string(collections.at(0).as_string())).status, 200);
}

TEST_F(ControlTest, TheOnlyTenantNeedsNoName) {
  WorldOptions options;
  options.tenants = {{.login_company = "one"}};
  World world([this] { return bench_.now; }, options);
  net::Request request;
  request.target = "/sandbox/tickets";
  EXPECT_EQ(json::parse(control(world, request).body).at("total"), 10);
  world.add_tenant({.login_company = "two"});
  EXPECT_EQ(control(world, request).status, 404);
}

TEST(ClosingStatuses, ThePlainOneIsFirstWhereverAlertsAreWorked) {
  static const std::map<std::string, std::string> kPlain = {
      {"plain", "Closed"},      {"german", ">Geschlossen"}, {"french", "Fermé"},
      {"merged", ">Closed"},    {"tiers", "Closed"},        {"locations", "Closed"},
      {"crowded", "99 Closed"}, {"spanish", "Cerrada"},     {"billing", "Complete"}};
  Bench bench(WorldOptions{.tenants = msp_tenants("Admin")});
  for (const auto& [msp, name] : kPlain) {
    net::Request request;
    request.target = "/sandbox/labels?tenant=msp-" + msp;
    const json::value labels = json::parse(control(bench.world, request).body);
    for (const json::value& of_board : labels.at("alerts").at("statuses").as_array()) {
      const std::int64_t board = of_board.at("board").at("id").as_int64();
      const std::vector<std::int64_t> closing = closing_statuses(*bench.world.tenant("msp-" + msp), board);
      ASSERT_FALSE(closing.empty()) << msp;
      const auto first = bench.world.find("msp-" + msp, "service/boards/statuses", closing.front());
      EXPECT_EQ(first->at("name").as_string(), name) << msp;
    }
  }
}

class DeepLinkTest : public ::testing::Test {
 protected:
  net::Response open(std::string_view target) {
    net::Request request;
    request.target = target;
    EXPECT_TRUE(is_deep_link(request)) << target;
    return open_record(bench_.world, request);
  }
  std::string location(std::string_view target) {
    const net::Response response = open(target);
    EXPECT_EQ(response.status, 302) << response.body;
    const std::string* header = response.headers.find("Location");
    return header == nullptr ? std::string() : *header;
  }

  const std::string router_ = "/v4_6_release/services/system_io/router/openrecord.rails";
  const std::string old_page_ = "/v4_6_release/ConnectWise.aspx";
  Bench bench_;
};

TEST_F(DeepLinkTest, LeadsToTheRecordOnThePage) {
  EXPECT_EQ(location(router_ + "?recordType=ServiceFv&recid=1002"), "/#view=tickets&tenant=sandbox&id=1002");
  EXPECT_EQ(location(old_page_ + "?routeTo=ServiceFV&recid=1002"), "/#view=tickets&tenant=sandbox&id=1002");
  EXPECT_EQ(location(old_page_ + "?routeTo=AccountFV&recid=252"), "/#view=companies&tenant=sandbox&id=252");
  EXPECT_EQ(location(old_page_ + "?routeTo=ConfigFV&recid=2520"), "/#view=configurations&tenant=sandbox&id=2520");
  // The page says that there is none.
  EXPECT_EQ(location(router_ + "?recordType=ServiceFv&recid=77"), "/#view=tickets&tenant=sandbox&id=77");
}

TEST_F(DeepLinkTest, FindsWhoseRecordItIs) {
  ASSERT_TRUE(bench_.world.add_tenant({.login_company = "a & b"}));
  EXPECT_EQ(location(router_ + "?recordType=ServiceFv&recid=1002&companyName=SANDBOX"),
            "/#view=tickets&tenant=sandbox&id=1002");
  EXPECT_EQ(location(router_ + "?recordType=ServiceFv&recid=1002&company=a%20%26%20b"),
            "/#view=tickets&tenant=a%20%26%20b&id=1002");
  const std::int64_t made = bench_.make_ticket();
  EXPECT_EQ(location(router_ + "?recordType=ServiceFv&recid=" + std::to_string(made)),
            "/#view=tickets&tenant=sandbox&id=" + std::to_string(made));
  const net::Response choice = open(router_ + "?recordType=ServiceFv&recid=1002");
  EXPECT_EQ(choice.status, 300);
  EXPECT_NE(choice.body.find(">a &amp; b</a>"), std::string::npos);
  EXPECT_NE(choice.body.find("tenant=sandbox&amp;id=1002"), std::string::npos);
  EXPECT_EQ(open(router_ + "?recordType=ServiceFv&recid=77").status, 404);
  EXPECT_EQ(open(router_ + "?recordType=ServiceFv&recid=1002&companyName=nobody").status, 404);
}

TEST_F(DeepLinkTest, SaysWhatItCannotOpen) {
  EXPECT_EQ(open(router_ + "?recordType=MemberFv&recid=101").status, 404);
  EXPECT_EQ(open(router_ + "?recordType=ServiceFv").status, 400);
  EXPECT_EQ(open(router_ + "?recordType=ServiceFv&recid=first").status, 400);
  net::Request call;
  call.target = "/v4_6_release/apis/3.0/service/tickets/1002";
  EXPECT_FALSE(is_deep_link(call));
}

}  // namespace
}  // namespace crosswalk::sandbox
