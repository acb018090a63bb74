#include "sandbox/operations.h"

#include <gtest/gtest.h>

#include "helpers.h"
#include "sandbox/documents.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

json::value parsed(const net::Response& response) { return json::parse(response.body); }

TEST(Communications, AreTheContactsItemsSeenAsACollection) {
  Bench bench;
  const std::string path = "/company/contacts/2520/communications";
  EXPECT_EQ(bench.get(path + "/count").at("count"), 2);
  const net::Response added =
      bench.call("POST", path, R"({"type":{"id":1},"value":"new@x.example","defaultFlag":true})");
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(parsed(added).at("communicationType"), "Email");
  EXPECT_EQ(parsed(added).at("domain"), "@x.example");
  EXPECT_EQ(parsed(added).at("contactId"), 2520);
  const json::value contact = bench.get("/company/contacts/2520");
  ASSERT_EQ(contact.at("communicationItems").as_array().size(), 3u);
  EXPECT_EQ(contact.at("communicationItems").at(0).at("defaultFlag"), false);
  EXPECT_EQ(contact.at("communicationItems").at(2).at("defaultFlag"), true);
  const std::string one = path + "/" + json::serialize(parsed(added).at("id"));
  EXPECT_EQ(parsed(bench.call("PATCH", one, R"([{"op":"replace","path":"value","value":"b@y.example"}])")).at("value"),
            "b@y.example");
  EXPECT_EQ(bench.call("PUT", one, R"({"value":"b@y.example"})").status, 400);
  EXPECT_EQ(bench.get(path + "?conditions=" + encoded("value like 'b@%'")).as_array().size(), 1u);
  EXPECT_EQ(bench.call("DELETE", one).status, 204);
  EXPECT_EQ(bench.call("GET", one).status, 404);
  EXPECT_EQ(bench.get("/company/contacts/2520").at("communicationItems").as_array().size(), 2u);
  EXPECT_EQ(bench.call("POST", path, R"({"type":{"id":999},"value":"x"})").status, 400);
}

TEST(Communications, OfANewContactHaveOneDefaultOfAKind) {
  Bench bench;
  const json::value contact = parsed(bench.call("POST", "/company/contacts",
                                                R"({"firstName":"A","communicationItems":[
      {"type":{"id":1},"value":"a@x.example","defaultFlag":true},{"type":{"id":1},"value":"b@x.example","defaultFlag":true},
      {"type":{"id":2},"value":"5551","defaultFlag":true}]})"));
  const json::array& items = contact.at("communicationItems").as_array();
  EXPECT_EQ(items[0].at("defaultFlag"), false);
  EXPECT_EQ(items[1].at("defaultFlag"), true);
  EXPECT_EQ(items[2].at("defaultFlag"), true);
  EXPECT_EQ(items[2].at("communicationType"), "Phone");
}

TEST(Configurations, AreWrittenInBulkEachOnItsOwn) {
  Bench bench;
  const net::Response made = bench.call("POST", "/company/configurations/bulk",
                                        R"([{"name":"A","type":{"id":22},"company":{"id":252}},{"name":"B"}])");
  ASSERT_EQ(made.status, 207) << made.body;
  const json::value& first = parsed(made).at("payload").at(0);
  EXPECT_EQ(parsed(made).at("payload").at(0).at("statusCode"), 201);
  EXPECT_EQ(parsed(made).at("payload").at(1).at("success"), false);
  EXPECT_EQ(parsed(made).at("payload").at(1).at("statusCode"), 400);
  EXPECT_EQ(parsed(made).at("payload").at(1).at("originalIndex"), 1);
  EXPECT_EQ(parsed(made).at("payload").at(1).at("error").at("code"), "InvalidObject");
  static_cast<void>(first);
  const std::string id = json::serialize(parsed(made).at("payload").at(0).at("data").at("id"));
  const net::Response put = bench.call(
      "PUT", "/company/configurations/bulk",
      R"([{"id":)" + id + R"(,"name":"A2","type":{"id":22},"company":{"id":252}},{"id":987654,"name":"x"}])");
  EXPECT_EQ(parsed(put).at("payload").at(0).at("data").at("name"), "A2");
  EXPECT_EQ(parsed(put).at("payload").at(1).at("statusCode"), 404);
  const net::Response gone = bench.call("DELETE", "/company/configurations/bulk", "[{\"id\":" + id + "}]");
  EXPECT_EQ(parsed(gone).at("payload").at(0).at("statusCode"), 204);
  EXPECT_EQ(bench.call("GET", "/company/configurations/" + id).status, 404);
}

TEST(Configurations, AskTheQuestionsOfTheirTypeAndChangeItOnlyByChangeType) {
  Bench bench;
  const net::Response question =
      bench.call("POST", "/company/configurations/types/22/questions",
                 R"({"fieldType":"Text","entryType":"EntryField","sequenceNumber":1,"question":"Asset owner?"})");
  ASSERT_EQ(question.status, 201) << question.body;
  const std::string question_id = json::serialize(parsed(question).at("id"));
  EXPECT_EQ(
      bench.call("POST", "/company/configurations/types/22/questions/" + question_id + "/values", R"({"value":"IT"})")
          .status,
      201);
  const json::value made = parsed(bench.call("POST", "/company/configurations",
                                             R"({"name":"Q","type":{"id":22},"company":{"id":252},"questions":[
      {"questionId":)" + question_id + R"(,"answer":"Kim"}]})"));
  EXPECT_EQ(made.at("questions").at(0).at("question"), "Asset owner?");
  EXPECT_EQ(made.at("questions").at(0).at("answer"), "Kim");
  const std::string path = "/company/configurations/" + json::serialize(made.at("id"));
  const char* to_server = R"([{"op":"replace","path":"type","value":{"id":25}}])";
  EXPECT_EQ(parsed(bench.call("PATCH", path, to_server)).at("type").at("id"), 22);
  const json::value changed = parsed(bench.call("PATCH", path + "/changeType", to_server));
  EXPECT_EQ(changed.at("type").at("id"), 25);
  EXPECT_FALSE(changed.as_object().contains("questions"));
  EXPECT_EQ(bench.call("PATCH", path + "/changeType", "[]").status, 400);
  const net::Response copy = bench.call("POST", "/company/configurations/types/copy", R"({"id":22,"name":"Copy"})");
  ASSERT_EQ(copy.status, 200) << copy.body;
  const std::string copied = json::serialize(parsed(copy).at("id"));
  EXPECT_EQ(bench.get("/company/configurations/types/" + copied + "/questions").as_array().size(), 1u);
  EXPECT_EQ(bench.call("DELETE", "/company/configurations/types/25").status, 409);
}

TEST(Companies, MergeIntoAnother) {
  Bench bench;
  EXPECT_EQ(bench.call("POST", "/company/companies/265/merge", "{}").status, 400);
  const net::Response merged =
      bench.call("POST", "/company/companies/265/merge", R"({"toCompanyId":266,"name":"From","contacts":"Merge"})");
  ASSERT_EQ(merged.status, 200) << merged.body;
  EXPECT_EQ(bench.get("/company/companies/265").at("deletedFlag"), true);
  EXPECT_EQ(bench.get("/company/contacts/2650").at("company").at("id"), 266);
  EXPECT_EQ(bench.get("/company/configurations/2650").at("company").at("id"), 266);
}

TEST(Companies, TypesAreAssociatedAndSeenFromAllSides) {
  Bench bench;
  const net::Response made =
      bench.call("POST", "/company/companyTypeAssociations", R"({"company":{"id":252},"type":{"id":2}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(bench.get("/company/companies/252/typeAssociations").as_array().size(), 1u);
  EXPECT_EQ(bench.get("/company/companies/253/typeAssociations").as_array().size(), 0u);
  EXPECT_EQ(bench.get("/company/companyTypeAssociations/count").at("count"), 1);
  const auto names = [&] { return json::serialize(bench.get("/company/companies/252").at("types")); };
  EXPECT_NE(names().find("\"id\":2,"), std::string::npos);
  const std::string one = "/company/companies/252/typeAssociations/" + json::serialize(parsed(made).at("id"));
  EXPECT_EQ(bench.call("DELETE", one).status, 204);
  EXPECT_EQ(names().find("\"id\":2,"), std::string::npos);
  EXPECT_EQ(bench.call("POST", "/company/companyTypeAssociations", R"({"type":{"id":2}})").status, 400);
}

TEST(Boards, AreCopiedWithTheirStatusesAndTypes) {
  Bench bench;
  const net::Response copy = bench.call("POST", "/service/boards/copy", R"({"id":3,"name":"Alerts 2"})");
  ASSERT_EQ(copy.status, 200) << copy.body;
  const std::string id = json::serialize(parsed(copy).at("id"));
  EXPECT_EQ(bench.get("/service/boards/" + id + "/statuses").as_array().size(),
            bench.get("/service/boards/3/statuses").as_array().size());
  EXPECT_EQ(parsed(bench.call("POST", "/service/tickets",
                              R"({"summary":"x","company":{"id":252},"board":{"id":)" + id + "}}"))
                .at("status")
                .at("name"),
            "New");
  EXPECT_EQ(bench.get("/service/info/boards/active").as_array().size(),
            bench.get("/service/boards?conditions=" + encoded("inactiveFlag=false")).as_array().size());
}

TEST(Tickets, AreCopiedWithoutTheirPast) {
  Bench bench;
  const std::int64_t id = bench.make_ticket();
  ASSERT_TRUE(bench.world.close_ticket("sandbox", id));
  const net::Response copy = bench.call("POST", "/service/tickets/" + std::to_string(id) + "/copy");
  ASSERT_EQ(copy.status, 200) << copy.body;
  EXPECT_EQ(parsed(copy).at("summary"), "Disk full");
  EXPECT_EQ(parsed(copy).at("closedFlag"), false);
  EXPECT_NE(parsed(copy).at("id").as_int64(), id);
}

TEST(Tickets, ShowWhatIsLinkedToThem) {
  Bench bench;
  const std::int64_t id = bench.make_ticket();
  const std::string path = "/service/tickets/" + std::to_string(id);
  const net::Response activity =
      bench.call("POST", "/sales/activities",
                 R"({"name":"Call","assignTo":{"id":101},"ticket":{"id":)" + std::to_string(id) + "}}");
  ASSERT_EQ(activity.status, 201) << activity.body;
  EXPECT_EQ(bench.get(path + "/activities").at(0).at("name"), "Call");
  EXPECT_EQ(bench.get(path + "/activities/count").at("count"), 1);
  EXPECT_EQ(bench.call("POST", path + "/tasks", R"({"notes":"Look"})").status, 201);
  EXPECT_EQ(bench.get(path + "/tasks/count").at("count"), 1);
  for (const char* list : {"/documents", "/products", "/scheduleentries"}) {
    EXPECT_EQ(bench.call("GET", path + list).status, 200) << list;
  }
}

std::string form(std::string_view record) {
  return "--b\r\nContent-Disposition: form-data; name=\"recordType\"\r\n\r\nTicket\r\n"
         "--b\r\nContent-Disposition: form-data; name=\"recordId\"\r\n\r\n" +
         std::string(record) +
         "\r\n--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nLog\r\n"
         "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"log.txt\"\r\nContent-Type: "
         "text/plain\r\n\r\n"
         "line 1\r\nline 2\r\n--b--\r\n";
}

TEST(Documents, AreUploadedAsAFormAndDownloaded) {
  Bench bench;
  const std::string ticket = std::to_string(bench.make_ticket());
  EXPECT_EQ(bench.call("POST", "/system/documents", "{}").status, 415);
  net::Request upload = bench.request("POST", "/system/documents", form(ticket));
  upload.headers.set("Content-Type", "multipart/form-data; boundary=b");
  const net::Response made = bench.world.handle(upload);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(parsed(made).at("title"), "Log");
  EXPECT_EQ(parsed(made).at("size"), 14);
  const std::string path = "/system/documents/" + json::serialize(parsed(made).at("id"));
  const net::Response file = bench.call("GET", path + "/download");
  EXPECT_EQ(file.body, "line 1\r\nline 2");
  ASSERT_NE(file.headers.find("Content-Disposition"), nullptr);
  EXPECT_EQ(*file.headers.find("Content-Disposition"), "attachment; filename=\"log.txt\"");
  EXPECT_EQ(bench.get("/system/documents?recordType=Ticket&recordId=" + ticket).as_array().size(), 1u);
  EXPECT_EQ(bench.get("/system/documents?recordType=Ticket&recordId=1").as_array().size(), 0u);
  EXPECT_EQ(bench.get("/service/tickets/" + ticket + "/documents/count").at("count"), 1);
  EXPECT_EQ(bench.call("DELETE", path).status, 204);
}

TEST(Documents, AreRefusedWhenTheFormIsNone) {
  EXPECT_FALSE(parse_form("application/json", "{}").has_value());
  EXPECT_FALSE(parse_form("multipart/form-data", form("1")).has_value());
  EXPECT_FALSE(parse_form("multipart/form-data; boundary=other", form("1")).has_value());
  EXPECT_FALSE(parse_form("multipart/form-data; boundary=b", "--b\r\nunfinished").has_value());
  EXPECT_EQ(parse_form("multipart/form-data; boundary=\"b\"", form("1"))->size(), 4u);
}

TEST(Bundles, AnswerEachRequestOnItsOwn) {
  Bench bench;
  const net::Response response = bench.call("POST", "/system/bundles", R"({"Requests":[
      {"SequenceNumber":1,"ResourceType":"ticket","Version":"2025.1","ApiRequest":{
        "Filters":{"conditions":"board/id=3","orderBy":"id asc"},"Page":{"page":1,"pageSize":2},"Fields":"id,summary"}},
      {"SequenceNumber":2,"ResourceType":"Company","ApiRequest":{"Id":999999}},
      {"SequenceNumber":3,"ResourceType":"BoardStatus","ApiRequest":{"ParentId":3,"Id":301}},
      {"SequenceNumber":4,"ResourceType":"nonsense","ApiRequest":{}}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  const json::value results = parsed(response).at("results");
  EXPECT_EQ(results.at(0).at("count"), 2);
  EXPECT_EQ(results.at(0).at("success"), true);
  EXPECT_EQ(results.at(0).at("entities").at(0).as_object().size(), 2u);
  EXPECT_EQ(results.at(1).at("statusCode"), 404);
  EXPECT_EQ(results.at(1).at("error").at("message"), "Company 999999 not found");
  EXPECT_EQ(results.at(2).at("entities").at(0).at("name"), "New");
  EXPECT_EQ(results.at(3).at("success"), false);
  const json::value counted =
      parsed(bench.call("POST", "/system/bundles/count",
                        R"({"requests":[{"sequenceNumber":1,"resourceType":"Company","apiRequest":{}}]})"));
  EXPECT_EQ(counted.at("results").at(0).at("count"), 20);
  EXPECT_EQ(bench.call("POST", "/system/bundles", "{}").status, 400);
}

TEST(Reports, ShowColumnsAndRows) {
  Bench bench;
  EXPECT_GE(bench.get("/system/reports").as_array().size(), 5u);
  const json::value data =
      bench.get("/system/reports/service?columns=TicketNbr,Summary&conditions=" + encoded("TicketNbr=1000"));
  EXPECT_EQ(data.at("column_definitions").at(0).at("TicketNbr").at("type"), "Numeric");
  ASSERT_EQ(data.at("row_values").as_array().size(), 1u);
  EXPECT_EQ(data.at("row_values").at(0).at(0), 1000);
  EXPECT_EQ(data.at("row_values").at(0).as_array().size(), 2u);
  EXPECT_EQ(bench.get("/system/reports/service/count").at("count"), 10);
  EXPECT_FALSE(bench.get("/system/reports/service/columns").as_array().empty());
  EXPECT_EQ(bench.call("GET", "/system/reports/nonsense").status, 404);
}

TEST(Defaults, AreShownWithoutBeingKept) {
  Bench bench;
  const auto before = bench.world.list("sandbox", "company/companies").size();
  EXPECT_EQ(bench.get("/company/companies/default").at("id"), 0);
  EXPECT_EQ(bench.world.list("sandbox", "company/companies").size(), before);
  const json::value entry =
      parsed(bench.call("POST", "/time/entries/defaults", R"({"chargeToId":1000,"chargeToType":"ServiceTicket"})"));
  EXPECT_EQ(entry.at("billableOption"), "Billable");
}

TEST(AuditTrail, TellsWhenAnObjectWasMadeAndChanged) {
  Bench bench;
  const std::string id = std::to_string(bench.make_ticket());
  EXPECT_EQ(bench.get("/system/audittrail?type=Ticket&id=" + id).as_array().size(), 1u);
  bench.now += std::chrono::minutes(1);
  ASSERT_TRUE(bench.world.set_field("sandbox", std::stoll(id), "summary", "x"));
  EXPECT_EQ(bench.get("/system/audittrail/count?type=Ticket&id=" + id).at("count"), 2);
}

TEST(Opportunities, BecomeTickets) {
  Bench bench;
  const net::Response made =
      bench.call("POST", "/sales/opportunities",
                 R"({"name":"Firewall","company":{"id":252},"contact":{"id":2520},"primarySalesRep":{"id":101}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const net::Response ticket = bench.call(
      "POST", "/sales/opportunities/" + json::serialize(parsed(made).at("id")) + "/convertToServiceTicket", "{}");
  ASSERT_EQ(ticket.status, 201) << ticket.body;
  EXPECT_EQ(parsed(ticket).at("summary"), "Firewall");
}

TEST(Links, StandForARecord) {
  Bench bench;
  const net::Response made = bench.call("POST", "/system/links",
                                        R"({"name":"L","url":"https://x.example/?id=[cw_id]","screenLink":"Service"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const net::Response url = bench.call(
      "POST", "/system/info/links/" + json::serialize(parsed(made).at("id")) + "/resolveurl", R"({"referenceId":7})");
  EXPECT_EQ(parsed(url).at("url"), "https://x.example/?id=7");
}

}  // namespace
}  // namespace crosswalk::sandbox
