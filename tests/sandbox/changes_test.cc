#include <gtest/gtest.h>

#include "helpers.h"

// What clients send in a PATCH or POST, in all the ways that are seen, and what follows from it in other fields.

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

json::value parsed(const net::Response& response) {
  EXPECT_LT(response.status, 300) << response.body;
  return json::parse(response.body);
}

std::string replacing(std::string_view path, std::string_view value) {
  return R"([{"op":"replace","path":")" + std::string(path) + R"(","value":)" + std::string(value) + "}]";
}

class Changes : public ::testing::Test {
 protected:
  json::value patch(std::string_view path, const std::string& operations) {
    return parsed(bench_.call("PATCH", path, operations));
  }
  json::value refused(std::string_view path, const std::string& operations) {
    const net::Response response = bench_.call("PATCH", path, operations);
    EXPECT_EQ(response.status, 400) << response.body;
    return json::parse(response.body);
  }
  std::string ticket_path(std::string_view more = "") {
    return "/service/tickets/" + std::to_string(bench_.make_ticket(more));
  }
  Bench bench_;
};

struct IntoReference {
  const char* path;
  const char* value;
  const char* member;
  const char* shown;
};

TEST_F(Changes, APathIntoAReferenceNamesTheOtherObject) {
  const std::string ticket = ticket_path();
  for (const IntoReference& each : {IntoReference{"status/id", "303", "status", "In Progress"},
                                    {"status/name", "\"Acknowledged\"", "status", "Acknowledged"},
                                    {"/priority/id", "1", "priority", "Priority 1 - Critical"},
                                    {"priority/id", "\"2\"", "priority", "Priority 2 - High"},
                                    {"source/id", "4", "source", "RMM Alert"},
                                    {"company/id", "253", "company", "Blue River Logistics"}}) {
    const json::value changed = patch(ticket, replacing(each.path, each.value));
    EXPECT_EQ(changed.at(each.member).at("name"), each.shown) << each.path;
  }
  EXPECT_EQ(patch(ticket, replacing("owner/identifier", "\"kchen\"")).at("owner").at("identifier"), "kchen");
  EXPECT_FALSE(patch(ticket, R"([{"op":"remove","path":"owner/identifier"}])").as_object().contains("owner"));
  const json::value moved = patch(ticket, R"([{"op":"replace","path":"status/id","value":202},
                                              {"op":"replace","path":"board/id","value":2}])");
  EXPECT_EQ(moved.at("board").at("id"), 2);
  EXPECT_EQ(moved.at("status").at("id"), 202);
}

TEST_F(Changes, APathIntoAReferenceToNothingIsRefused) {
  const std::string ticket = ticket_path();
  const json::value unknown = refused(ticket, replacing("status/id", "999"));
  EXPECT_EQ(unknown.at("errors").at(0).at("message"), "Service Status 999 not found for Service Board 3");
  EXPECT_EQ(unknown.at("errors").at(0).at("field"), "status/id");
  EXPECT_EQ(refused(ticket, replacing("owner/identifier", "\"nobody\"")).at("errors").at(0).at("field"),
            "owner/identifier");
  for (const char* wrong : {"\"x\"", "true", "{}", "[1]"}) {
    EXPECT_EQ(refused(ticket, replacing("status/id", wrong)).at("errors").at(0).at("code"), "InvalidField") << wrong;
  }
}

TEST_F(Changes, NoOtherPathIsSwallowed) {
  const std::string ticket = ticket_path();
  for (const char* path : {"status/sort", "status/nonsense", "Status/id", "status/Id", "status/id/more", "summary/id",
                           "_info/lastUpdated", "customFields/0/value", "status/"}) {
    const json::value answer = refused(ticket, replacing(path, "1"));
    EXPECT_NE(std::string_view(answer.at("errors").at(0).at("message").as_string()).find("is not valid"),
              std::string_view::npos)
        << path;
  }
  EXPECT_EQ(refused("/company/contacts/2520", replacing("communicationItems/0/nonsense", "1")).at("code"),
            "InvalidObject");
}

TEST_F(Changes, TheIdentifierOfACompanyAloneAnswersSuccessAndDoesNothing) {
  const std::string ticket = ticket_path();
  EXPECT_EQ(patch(ticket, replacing("company/identifier", "\"BlueRiver\"")).at("company").at("id"), 252);
  bench_.world.switches().company_identifier_overlooked = false;
  EXPECT_EQ(patch(ticket, replacing("company/identifier", "\"BlueRiver\"")).at("company").at("id"), 253);
}

TEST_F(Changes, ATicketNamesThoseWhoAreScheduledOnItNow) {
  const std::string first = ticket_path(), second = ticket_path();
  const json::value made =
      parsed(bench_.call("POST", "/schedule/entries",
                         R"({"type":{"identifier":"S"},"member":{"identifier":"jsmith"},"objectId":)" +
                             first.substr(first.rfind('/') + 1) + "}"));
  const std::string entry = "/schedule/entries/" + std::to_string(made.at("id").as_int64());
  EXPECT_EQ(bench_.get(first).at("resources"), "jsmith");
  EXPECT_EQ(patch(entry, replacing("member/identifier", "\"kchen\"")).at("member").at("identifier"), "kchen");
  EXPECT_EQ(bench_.get(first).at("resources"), "kchen");
  patch(entry, replacing("objectId", second.substr(second.rfind('/') + 1)));
  EXPECT_FALSE(bench_.get(first).as_object().contains("resources"));
  EXPECT_EQ(bench_.get(second).at("resources"), "kchen");
}

TEST_F(Changes, ATicketIsNeverWithoutBoardStatusAndPriority) {
  const json::value made = parsed(
      bench_.call("POST", "/service/tickets",
                  R"({"summary":"A","company":{"id":252},"board":null,"status":{},"priority":null,"severity":null})"));
  EXPECT_EQ(made.at("board").at("id"), 1);
  EXPECT_EQ(made.at("status").at("name"), "New");
  EXPECT_EQ(made.at("priority").at("name"), "Priority 3 - Medium");
  const std::string ticket = "/service/tickets/" + std::to_string(made.at("id").as_int64());
  patch(ticket, replacing("status", R"({"id":104})"));
  for (const char* emptied :
       {R"([{"op":"remove","path":"status"}])", R"([{"op":"replace","path":"status","value":null}])",
        R"([{"op":"replace","path":"status","value":{}}])",
        R"([{"op":"replace","path":"priority","value":{}},
                                  {"op":"replace","path":"status/id","value":""}])"}) {
    const json::value changed = patch(ticket, emptied);
    EXPECT_EQ(changed.at("status").at("id"), 101) << emptied;
    EXPECT_EQ(changed.at("priority").at("id"), 3) << emptied;
  }
  EXPECT_EQ(refused(ticket, R"([{"op":"remove","path":"board"}])").at("errors").at(0).at("field"), "board");
  const json::value put = parsed(bench_.call("PUT", ticket, R"({"summary":"B","company":{"id":252}})"));
  EXPECT_EQ(put.at("status").at("id"), 101);
  EXPECT_EQ(put.at("severity"), "Medium");
}

TEST_F(Changes, AProjectTicketKeepsItsBoardToo) {
  const std::string ticket =
      "/project/tickets/" + std::to_string(bench_.get("/project/tickets").at(0).at("id").as_int64());
  EXPECT_EQ(refused(ticket, R"([{"op":"remove","path":"board"}])").at("errors").at(0).at("field"), "board");
  EXPECT_TRUE(patch(ticket, R"([{"op":"remove","path":"status"}])").as_object().contains("status"));
}

TEST_F(Changes, InfoIsAskedForWhateverFieldsAreCalledTheSame) {
  const json::value status = bench_.get("/sales/opportunities/statuses").at(0);
  const std::string entered(status.at("_info").at("dateEntered").as_string());
  const json::value found =
      bench_.get("/sales/opportunities/statuses?conditions=" + encoded("_info/dateEntered=[" + entered + "]"));
  ASSERT_FALSE(found.as_array().empty());
  EXPECT_EQ(bench_.call("GET", "/service/tickets?conditions=" + encoded("_info/summary='x'")).status, 400);
}

TEST_F(Changes, CompaniesAndConfigurationsKeepAStatus) {
  EXPECT_EQ(patch("/company/companies/252", R"([{"op":"remove","path":"status"}])").at("status").at("name"), "Active");
  EXPECT_TRUE(
      patch("/company/configurations/2520", R"([{"op":"remove","path":"status"}])").as_object().contains("status"));
}

TEST_F(Changes, AMoveToAnotherBoardTakesItsDefaults) {
  const std::string ticket = ticket_path(R"(,"type":{"id":301},"subType":{"id":301},"item":{"id":301})");
  const json::value before = bench_.get(ticket);
  ASSERT_EQ(before.at("type").at("id"), 301);
  const json::value moved = patch(ticket, R"([{"op":"replace","path":"board","value":{"id":2}},
                                              {"op":"replace","path":"status","value":{"id":201}}])");
  EXPECT_EQ(moved.at("type").at("id"), 201);
  EXPECT_EQ(moved.at("team").at("id"), 2);
  EXPECT_FALSE(moved.as_object().contains("subType"));
  EXPECT_FALSE(moved.as_object().contains("item"));
  const json::value alone = refused(ticket, R"([{"op":"replace","path":"board","value":{"id":1}}])");
  EXPECT_EQ(alone.at("errors").at(0).at("message"), "Service Status 201 not found for Service Board 1");
}

TEST_F(Changes, CopiesFollowContactAndCompany) {
  const std::string ticket = ticket_path(R"(,"contact":{"id":2520})");
  const json::value before = bench_.get(ticket);
  const json::value other = patch(ticket, replacing("contact", R"({"id":2521})"));
  EXPECT_NE(other.at("contactName"), before.at("contactName"));
  EXPECT_EQ(other.at("contactName"), other.at("contact").at("name"));
  const json::value second = bench_.get("/company/contacts/2521");
  EXPECT_EQ(other.at("contactEmailAddress"), second.at("communicationItems").at(0).at("value"));
  EXPECT_NE(other.at("contactPhoneNumber"), before.at("contactPhoneNumber"));
  const json::value nobody = patch(ticket, R"([{"op":"remove","path":"contact"}])");
  EXPECT_FALSE(nobody.as_object().contains("contactName"));
  EXPECT_FALSE(nobody.as_object().contains("contactEmailAddress"));
  const json::value company = patch(ticket, replacing("company", R"({"id":253})"));
  const json::value blue_river = bench_.get("/company/companies/253");
  EXPECT_EQ(company.at("addressLine1"), blue_river.at("addressLine1"));
  EXPECT_EQ(company.at("zip"), blue_river.at("zip"));
  EXPECT_EQ(company.at("site").at("id"), 2530);
  const json::value said = patch(ticket, R"([{"op":"replace","path":"company","value":{"id":254}},
                                             {"op":"replace","path":"city","value":"Elsewhere"}])");
  EXPECT_EQ(said.at("city"), "Elsewhere");
}

TEST_F(Changes, HoursFollowTheTimesOfAnEntry) {
  const std::string ticket = ticket_path(), other = ticket_path();
  const std::string id = ticket.substr(ticket.rfind('/') + 1), other_id = other.substr(other.rfind('/') + 1);
  const json::value made = parsed(bench_.call(
      "POST", "/time/entries",
      R"({"chargeToType":"ServiceTicket","timeStart":"2026-03-01T08:00:00Z","timeEnd":"2026-03-01T09:00:00Z","chargeToId":)" +
          id + "}"));
  const std::string entry = "/time/entries/" + std::to_string(made.at("id").as_int64());
  EXPECT_EQ(bench_.get(ticket).at("actualHours"), 1);
  EXPECT_EQ(patch(entry, replacing("timeEnd", "\"2026-03-01T10:30:00Z\"")).at("actualHours"), 2.5);
  EXPECT_EQ(bench_.get(ticket).at("actualHours"), 2.5);
  EXPECT_EQ(patch(entry, replacing("hoursDeduct", "0.5")).at("actualHours"), 2);
  EXPECT_EQ(patch(entry, replacing("actualHours", "3")).at("actualHours"), 3);
  EXPECT_EQ(patch(entry, replacing("notes", "\"Looked\"")).at("actualHours"), 3);
  patch(entry, replacing("chargeToId", other_id));
  EXPECT_FALSE(bench_.get(ticket).as_object().contains("actualHours"));
  EXPECT_EQ(bench_.get(other).at("actualHours"), 3);
  EXPECT_EQ(refused(entry, replacing("chargeToId", "999999")).at("errors").at(0).at("message"),
            "Ticket 999999 not found");
}

TEST_F(Changes, TextsAreTakenForWhatIsMeantUnlessTheSwitchSaysNo) {
  const std::string ticket = ticket_path(R"(,"budgetHours":"1.25","owner":"","requiredDate":"")");
  EXPECT_EQ(bench_.get(ticket).at("budgetHours"), 1.25);
  EXPECT_FALSE(patch(ticket, replacing("budgetHours", "\"\"")).as_object().contains("budgetHours"));
  EXPECT_EQ(patch(ticket, replacing("lagDays", "\"3\"")).at("lagDays"), 3);
  EXPECT_EQ(patch("/company/contacts/2520", replacing("communicationItems/0/defaultFlag", "\"\"")).at("id"), 2520);
  bench_.world.switches().texts_taken_for_values = false;
  for (const char* path : {"budgetHours", "lagDays"}) {
    for (const char* text : {"\"\"", "\"3\""}) {
      EXPECT_EQ(refused(ticket, replacing(path, text)).at("errors").at(0).at("code"), "InvalidField") << path << text;
    }
  }
}

TEST_F(Changes, AnIdentifierNamesOneCompany) {
  const std::string body = R"({"identifier":"acmedental","name":"Acme again","site":{"name":"Main"}})";
  const net::Response twice = bench_.call("POST", "/company/companies", body);
  EXPECT_EQ(twice.status, 400);
  EXPECT_EQ(json::parse(twice.body).at("errors").at(0).at("code"), "ObjectExists");
  EXPECT_EQ(refused("/company/companies/253", replacing("identifier", "\"AcmeDental\"")).at("code"), "InvalidObject");
  EXPECT_EQ(patch("/company/companies/252", replacing("identifier", "\"AcmeDental\"")).at("id"), 252);
  bench_.world.switches().company_identifier_unique = false;
  EXPECT_EQ(bench_.call("POST", "/company/companies", body).status, 201);
}

TEST_F(Changes, ACompanysAddressIsThatOfItsDefaultSite) {
  patch("/company/companies/252", replacing("city", "\"Lakeland\""));
  EXPECT_EQ(bench_.get("/company/companies/252/sites/2520").at("city"), "Lakeland");
  patch("/company/companies/252/sites/2520", replacing("addressLine1", "\"5 New Road\""));
  EXPECT_EQ(bench_.get("/company/companies/252").at("addressLine1"), "5 New Road");
  const json::value second = parsed(bench_.call("POST", "/company/companies/252/sites",
                                                R"({"name":"New office","city":"Ocala","primaryAddressFlag":true})"));
  const json::value company = bench_.get("/company/companies/252");
  EXPECT_EQ(company.at("site").at("id"), second.at("id"));
  EXPECT_EQ(company.at("city"), "Ocala");
  EXPECT_EQ(bench_.get("/company/companies/252/sites/2520").at("primaryAddressFlag"), false);
  const json::value made = parsed(bench_.call(
      "POST", "/company/companies", R"({"identifier":"New","name":"New","city":"Miami","site":{"name":"Main"}})"));
  EXPECT_EQ(bench_
                .get("/company/companies/" + std::to_string(made.at("id").as_int64()) + "/sites/" +
                     std::to_string(made.at("site").at("id").as_int64()))
                .at("city"),
            "Miami");
}

TEST_F(Changes, BehindTheLastPageTheLinkIsEmpty) {
  net::Request request = bench_.request("GET", "/company/companies?pageSize=1000&pageId=0");
  request.headers.set("pagination-type", "forward-only");
  const net::Response first = bench_.world.handle(request);
  ASSERT_NE(first.headers.find("Link"), nullptr);
  EXPECT_NE(first.headers.find("Link")->find("pageId=269"), std::string::npos) << *first.headers.find("Link");
  request.target = "/v2025_1/apis/3.0/company/companies?pageSize=1000&pageId=269";
  const net::Response last = bench_.world.handle(request);
  EXPECT_EQ(last.body, "[]");
  ASSERT_NE(last.headers.find("Link"), nullptr);
  EXPECT_TRUE(last.headers.find("Link")->empty());
}

/// The names that _info gives links by.
std::vector<std::string> links_of(const json::value& object) {
  std::vector<std::string> links;
  for (const auto& [name, value] : object.at("_info").as_object()) {
    if (name.ends_with("_href")) links.emplace_back(name);
  }
  return links;
}

TEST_F(Changes, InfoNamesTheLinksThatRecordingsShow) {
  const std::vector<std::string> company = {
      "contacts_href", "agreements_href",     "tickets_href", "opportunities_href", "activities_href",
      "projects_href", "configurations_href", "orders_href",  "documents_href",     "sites_href",
      "teams_href",    "reports_href",        "notes_href"};
  EXPECT_EQ(links_of(bench_.get("/company/companies/252")), company);
  const std::vector<std::string> contact = {"communications_href", "notes_href",      "tracks_href",
                                            "portalSecurity_href", "activities_href", "documents_href",
                                            "configurations_href", "tickets_href",    "opportunities_href",
                                            "projects_href",       "image_href"};
  EXPECT_EQ(links_of(bench_.get("/company/contacts/2520")), contact);
  const std::vector<std::string> ticket = {"activities_href", "timeentries_href", "scheduleentries_href",
                                           "documents_href",  "products_href",    "configurations_href",
                                           "tasks_href",      "notes_href"};
  EXPECT_EQ(links_of(bench_.get("/service/tickets/1000")), ticket);
  EXPECT_EQ(bench_.get("/company/companies/252").at("_info").at("tickets_href"),
            "http://psa.example.com/v2025_1/apis/3.0/service/tickets?conditions=company/id=252");
}

TEST_F(Changes, AContactIsCompleteAsRecorded) {
  const json::value contact = bench_.get("/company/contacts/2520");
  const json::array& items = contact.at("communicationItems").as_array();
  EXPECT_EQ(items.at(0).at("domain"), "@acmedental.example");
  EXPECT_EQ(items.at(0).at("type").at("_info").at("type_href"),
            "http://psa.example.com/v2025_1/apis/3.0/company/communicationTypes/1");
  EXPECT_EQ(contact.at("defaultPhoneNbr"), items.at(1).at("value"));
  EXPECT_EQ(contact.at("defaultPhoneType"), "Direct");
  EXPECT_TRUE(contact.at("types").is_array());
  EXPECT_EQ(contact.at("mobileGuid").as_string().size(), 36u);
  EXPECT_NE(contact.at("mobileGuid"), bench_.get("/company/contacts/2521").at("mobileGuid"));
  const std::string guid(contact.at("mobileGuid").as_string());
  EXPECT_EQ(bench_.get("/company/contacts?conditions=" + encoded("mobileGuid='" + guid + "'")).as_array().size(), 1u);
  const json::value without = patch("/company/contacts/2520", R"([{"op":"remove","path":"communicationItems/1"}])");
  EXPECT_FALSE(without.as_object().contains("defaultPhoneNbr"));
}

TEST_F(Changes, EveryCustomFieldIsListedWithNullWhereNothingWasEntered) {
  EXPECT_TRUE(bench_.get("/company/companies/252").at("customFields").as_array().empty());
  for (const char* more : {R"("caption":"Seats","screenId":"")", R"("caption":"Shoe size","screenId":"ct300")"}) {
    const std::string body =
        R"({"podId":1,"sequenceNumber":1,"fieldTypeIdentifier":"Number",)" + std::string(more) + "}";
    ASSERT_EQ(bench_.call("POST", "/system/userDefinedFields", body).status, 201);
  }
  const json::array company = bench_.get("/company/companies/252").at("customFields").as_array();
  ASSERT_EQ(company.size(), 1u);
  EXPECT_EQ(company.at(0).at("caption"), "Seats");
  EXPECT_TRUE(company.at(0).at("value").is_null());
  EXPECT_EQ(bench_.get("/company/contacts/2520").at("customFields").as_array().size(), 2u);
  const std::string nothing = encoded(R"(caption="Seats" AND value = null)");
  EXPECT_EQ(bench_.get("/company/companies?pageSize=1000&customFieldConditions=" + nothing).as_array().size(), 20u);
}

}  // namespace
}  // namespace crosswalk::sandbox
