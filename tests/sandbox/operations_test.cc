#include "sandbox/operations.h"

#include <gtest/gtest.h>

#include "helpers.h"
#include "sandbox/documents.h"
#include "sandbox/documents_made.h"

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
  const json::value before = bench.get("/company/companies/265").at("_info").at("lastUpdated");
  const net::Response merged =
      bench.call("POST", "/company/companies/265/merge", R"({"toCompanyId":266,"name":"From","contacts":"Merge"})");
  ASSERT_EQ(merged.status, 200) << merged.body;
  EXPECT_EQ(bench.get("/company/companies/265").at("deletedFlag"), true);
  EXPECT_EQ(bench.get("/company/companies/265").at("_info").at("lastUpdated"), before);
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

/// Asks, and expects a status.
json::value answered(Bench& bench, std::string_view method, const std::string& path, std::string body, int status) {
  const net::Response response = bench.call(method, path, std::move(body));
  EXPECT_EQ(response.status, status) << method << " " << path << ": " << response.body;
  boost::system::error_code error;
  json::value value = json::parse(response.body, error);
  return error ? json::value(response.body) : value;
}

std::string id_of(const json::value& object) { return json::serialize(object.at("id")); }

TEST(Orders, BecomeOtherThingsAndTellWhatTheyAreWorth) {
  Bench bench;
  const json::value order = answered(
      bench, "POST", "/sales/orders",
      R"({"company":{"id":252},"contact":{"id":2520},"salesRep":{"id":101},"status":{"id":1},"description":"Rack"})",
      400);
  EXPECT_EQ(order.at("errors").at(0).at("field"), "status/id");
  const json::value status = answered(bench, "POST", "/sales/orders/statuses", R"({"name":"New","sortOrder":1})", 200);
  const json::value made = answered(
      bench, "POST", "/sales/orders",
      R"({"company":{"id":252},"contact":{"id":2520},"salesRep":{"id":101},"description":"Rack","status":{"id":)" +
          id_of(status) + "}}",
      200);
  const std::string path = "/sales/orders/" + id_of(made);
  EXPECT_EQ(answered(bench, "GET", path + "/financialrecap", "", 200).at(0).at("billableAmount"), 0);
  answered(
      bench, "POST", "/procurement/products",
      R"({"catalogItem":{"id":101},"billableOption":"Billable","quantity":4,"price":10,"cost":7.5,"salesOrder":{"id":)" +
          id_of(made) + "}}",
      201);
  const json::value recap = answered(bench, "GET", path + "/financialrecap", "", 200).at(0);
  EXPECT_EQ(recap.at("billableAmount"), 40);
  EXPECT_EQ(recap.at("margin"), 10);
  EXPECT_EQ(recap.at("percent"), 25);
  EXPECT_EQ(answered(bench, "POST", path + "/convertToServiceTicket", "{}", 200).at("summary"), "Rack");
  EXPECT_EQ(answered(bench, "POST", path + "/convertToAgreement", R"({"type":{"id":1}})", 200).at("name"), "Rack");
  EXPECT_EQ(answered(bench, "POST", path + "/convertToProject", "{}", 200).at("name"), "Rack");
  answered(bench, "POST", path + "/convertToProject", "[]", 400);
}

TEST(Catalog, ItemsAreCopiedHaveVendorsAndStandOnShelves) {
  Bench bench;
  const json::value item = answered(bench, "GET", "/procurement/catalog/101", "", 200);
  const std::string identifier(item.at("identifier").as_string());
  const json::value copy = answered(bench, "POST", "/procurement/catalog/101/copy", "", 200);
  EXPECT_EQ(copy.at("identifier"), json::value("Copy of " + identifier));
  EXPECT_EQ(copy.at("price"), item.at("price"));
  EXPECT_EQ(answered(bench, "GET", "/procurement/catalog/" + identifier + "/quantityOnHand", "", 200).at("count"), 0);
  EXPECT_EQ(answered(bench, "GET", "/procurement/catalog/101/quantityOnHand", "", 200).at("count"), 0);
  answered(bench, "GET", "/procurement/catalog/nothing/quantityOnHand", "", 404);
  const json::value vendor = answered(bench, "POST", "/procurement/catalog/vendors",
                                      R"({"catalogItemId":101,"vendorId":253,"vendorSku":"BR-1"})", 201);
  EXPECT_EQ(vendor.at("vendorName"), bench.get("/company/companies/253").at("name"));
  EXPECT_EQ(answered(bench, "GET", "/procurement/catalog/vendors/101", "", 200).as_array().size(), 1u);
  EXPECT_TRUE(answered(bench, "GET", "/procurement/catalog/vendors/102", "", 200).as_array().empty());
  answered(bench, "POST", "/procurement/catalog/vendors", R"({"catalogItemId":999999})", 400);
}

TEST(Products, AreDetachedFromWhatTheRequestNames) {
  Bench bench;
  const std::string ticket = std::to_string(bench.make_ticket());
  const json::value product =
      answered(bench, "POST", "/procurement/products",
               R"({"catalogItem":{"id":101},"billableOption":"Billable","ticket":{"id":)" + ticket + "}}", 201);
  EXPECT_EQ(bench.get("/service/tickets/" + ticket + "/products/count").at("count"), 1);
  const std::string path = "/procurement/products/" + id_of(product);
  answered(bench, "POST", path + "/detach", R"({"removeFromInvoice":true})", 204);
  EXPECT_EQ(bench.get("/service/tickets/" + ticket + "/products/count").at("count"), 1);
  answered(bench, "POST", path + "/detach", R"({"removeFromTicket":true})", 204);
  EXPECT_EQ(bench.get("/service/tickets/" + ticket + "/products/count").at("count"), 0);
  answered(bench, "POST", path + "/detach", "[]", 400);
}

TEST(Agreements, ShowTheirParameters) {
  Bench bench;
  const json::value recurring = answered(bench, "GET", "/finance/agreements/252/recurringParameters/1", "", 200);
  const json::value agreement = bench.get("/finance/agreements/252");
  EXPECT_EQ(recurring.at("billingCycle").at("name"), agreement.at("billingCycle").at("name"));
  EXPECT_EQ(recurring.at("aGRAmount"), agreement.at("billAmount"));
  double additions = 0;
  const json::value lines = bench.get("/finance/agreements/252/additions");
  for (const json::value& each : lines.as_array()) additions += each.at("extPrice").to_number<double>();
  EXPECT_GT(additions, 0);
  EXPECT_DOUBLE_EQ(recurring.at("additionsAmount").to_number<double>(), additions);
  EXPECT_DOUBLE_EQ(recurring.at("totalAmount").to_number<double>(),
                   additions + agreement.at("billAmount").to_number<double>());
  const json::value application = answered(bench, "GET", "/finance/agreements/252/applicationParameters/1", "", 200);
  EXPECT_EQ(application.at("agrBillingCycle").at("id"), agreement.at("billingCycle").at("id"));
  EXPECT_EQ(answered(bench, "GET", "/finance/agreements/252/quickAccess/count", "", 200), json::value(json::object()));
  EXPECT_EQ(answered(bench, "POST", "/finance/agreements/types1/copy", "", 200).at("name"),
            bench.get("/finance/agreements/types/1").at("name"));
}

TEST(Invoices, ArePrinted) {
  Bench bench;
  const net::Response made = bench.call("POST", "/finance/agreements/252/invoice");
  ASSERT_EQ(made.status, 201) << made.body;
  const net::Response pdf = bench.call("GET", "/finance/invoices/" + made.body + "/pdf");
  EXPECT_EQ(pdf.status, 200);
  EXPECT_EQ(*pdf.headers.find("Content-Type"), "application/pdf");
  EXPECT_TRUE(pdf.body.starts_with("%PDF-1.4"));
  EXPECT_TRUE(pdf.body.ends_with("%%EOF\n"));
  EXPECT_NE(pdf.body.find("Invoice " + made.body), std::string::npos);
  answered(bench, "POST", "/finance/invoices/" + made.body + "/commissions/recalculate", "", 200);
}

TEST(Files, OfManyLinesTakeManyPages) {
  const std::string file = pdf_of(std::vector<std::string>(130, "a (b) \\ \xC3\xBC"));
  EXPECT_NE(file.find("/Count 3"), std::string::npos);
  EXPECT_NE(file.find("(a \\(b\\) \\\\ \?\?) Tj"), std::string::npos);
  // The table says where each object begins.
  const std::size_t table = file.find("xref\n");
  const std::size_t first = std::stoul(file.substr(file.find("f \n", table) + 3, 10));
  EXPECT_EQ(file.substr(first, 7), "1 0 obj");
  EXPECT_NE(pdf_of({}).find("/Count 1"), std::string::npos);
}

TEST(Images, ArePhotosAndColoursOfPriorities) {
  Bench bench;
  const net::Response red = bench.call("GET", "/service/priorities/1/image");
  EXPECT_EQ(*red.headers.find("Content-Type"), "image/gif");
  EXPECT_EQ(red.body, gif_of(0xFF0000));
  EXPECT_EQ(red.body.substr(13, 3), std::string("\xFF\0\0", 3));
  for (const char* person : {"/company/contacts/2520", "/system/members/101"}) {
    const std::string path = std::string(person) + "/image";
    answered(bench, "GET", path, "", 404);
    net::Request upload = bench.request("POST", "/system/documents", form("2520"));
    upload.headers.set("Content-Type", "multipart/form-data; boundary=b");
    const std::string photo = id_of(parsed(bench.world.handle(upload)));
    answered(bench, "PATCH", person, R"([{"op":"replace","path":"photo","value":{"id":)" + photo + "}}]", 200);
    EXPECT_EQ(bench.call("GET", path).body, "line 1\r\nline 2");
  }
}

TEST(ServiceTemplates, BecomeTickets) {
  Bench bench;
  const json::value made = answered(
      bench, "POST", "/company/companies/252/serviceTemplates",
      R"({"name":"Monthly patches","board":{"id":3},"summary":"Patch servers","problem":"As agreed.","priority":{"id":4}})",
      201);
  const std::string path = "/company/companies/252/serviceTemplates/" + id_of(made);
  EXPECT_EQ(answered(bench, "POST", path + "/generate", "", 200).at("serviceCount"), 1);
  const json::value ticket = bench.get("/service/tickets?conditions=" + encoded("summary=\"Patch servers\"")).at(0);
  EXPECT_EQ(ticket.at("company").at("id"), 252);
  EXPECT_EQ(ticket.at("priority").at("id"), 4);
  EXPECT_EQ(bench.get("/service/tickets/" + id_of(ticket) + "/notes").at(0).at("text"), "As agreed.");
  EXPECT_EQ(answered(bench, "POST", path + "/copy", "", 200).at("name"), "Monthly patches");
  EXPECT_EQ(bench.get("/company/companies/252/serviceTemplates").as_array().size(), 2u);
  answered(bench, "POST", path + "/link", "{}", 501);
  const json::value nobodys = answered(bench, "POST", "/service/templates", R"({"name":"Nobody's"})", 201);
  answered(bench, "POST", "/service/templates/" + id_of(nobodys) + "/generate", "", 400);
  answered(bench, "POST", "/service/templates/" + id_of(nobodys) + "/tasks", R"({"notes":"Look"})", 201);
  EXPECT_EQ(bench.get("/service/templates/" + id_of(nobodys) + "/tasks").as_array().size(), 1u);
}

TEST(Members, AreDeactivated) {
  Bench bench;
  answered(bench, "POST", "/system/members/101/deactivate", "[]", 400);
  answered(bench, "POST", "/system/members/101/deactivate", R"({"activity":1})", 400);
  const json::value open =
      answered(bench, "POST", "/system/members/101/deactivate", R"({"activity":{"count":2}})", 400);
  EXPECT_EQ(open.at("errors").at(0).at("field"), "deleteOpenTimeSheetsFlag");
  const std::string given_up = R"({"activity":{"count":2},"deleteOpenTimeSheetsFlag":true})";
  EXPECT_EQ(answered(bench, "POST", "/system/members/101/deactivate", given_up, 200).at("activity").at("count"), 2);
  EXPECT_EQ(bench.get("/system/members/101").at("inactiveFlag"), true);
  answered(bench, "POST", "/system/members/102/linkSsoUser", "{}", 400);
  answered(bench, "POST", "/system/members/102/linkSsoUser", R"({"ssoUserId":"sso-7"})", 200);
  EXPECT_EQ(bench.get("/system/members/withSso").as_array().size(), 1u);
  answered(bench, "POST", "/system/members/sso-8/deactivateIamMember", "", 404);
  answered(bench, "POST", "/system/members/sso-7/deactivateIamMember", "", 204);
  EXPECT_EQ(bench.get("/system/members/102").at("inactiveFlag"), true);
  answered(bench, "POST", "/system/members/102/unlinkSsoUser", "", 200);
  EXPECT_TRUE(bench.get("/system/members/withSso").as_array().empty());
}

TEST(TimeEntries, AreRejectedAndDetached) {
  Bench bench;
  const json::value entry = answered(bench, "POST", "/time/entries",
                                     R"({"chargeToId":1000,"chargeToType":"ServiceTicket",)"
                                     R"("timeStart":"2026-03-01T06:00:00Z","timeEnd":"2026-03-01T07:00:00Z"})",
                                     201);
  const std::string path = "/time/entries/" + id_of(entry);
  answered(bench, "POST", path + "/cancelReject", "", 400);
  answered(bench, "POST", path + "/reject", "", 200);
  EXPECT_EQ(bench.get(path).at("status"), "Rejected");
  answered(bench, "POST", path + "/cancelReject", "", 200);
  EXPECT_EQ(bench.get(path).at("status"), "Open");
  answered(bench, "PATCH", path, R"([{"op":"replace","path":"invoice","value":null}])", 200);
  answered(bench, "POST", path + "/detach", "", 200);
  EXPECT_FALSE(bench.get(path).as_object().contains("invoice"));
}

TEST(Schedules, AreDeletedWithOrWithoutNotice) {
  Bench bench;
  const json::value entry =
      answered(bench, "POST", "/schedule/entries", R"({"objectId":1000,"type":{"id":1},"member":{"id":101}})", 201);
  const std::string path = "/schedule/entries/" + id_of(entry);
  answered(bench, "DELETE", path + "/true", "", 204);
  answered(bench, "DELETE", path + "/false", "", 404);
}

TEST(Workflows, KeepTheFieldsThatTheirActionsSet) {
  Bench bench;
  const std::string fields = "/system/workflows/userdefinedfields";
  answered(bench, "POST", fields + "/events/1", R"({"actionId":9,"caption":"Tier"})", 404);
  json::object snapshot = bench.world.save();
  snapshot["tenants"].at(0).at("tables").as_object()["system/workflows/tableTypes"] =
      json::object{{"next_id", 2},
                   {"rows", json::array{json::object{{"id", 1},
                                                     {"parent", 0},
                                                     {"dateEntered", 0},
                                                     {"lastUpdated", 0},
                                                     {"enteredBy", ""},
                                                     {"updatedBy", ""},
                                                     {"fields", json::object()}}}}};
  ASSERT_TRUE(bench.world.load(snapshot).has_value());
  const json::value workflow =
      answered(bench, "POST", "/system/workflows", R"({"name":"W","tableType":{"id":1}})", 201);
  const std::string events = "/system/workflows/" + id_of(workflow) + "/events";
  const std::string event = id_of(answered(bench, "POST", events, R"({"eventCondition":"x"})", 201));
  EXPECT_EQ(
      answered(bench, "POST", fields + "/events/" + event, R"({"actionId":9,"caption":"Tier"})", 201).at("caption"),
      "Tier");
  const std::string of_action = fields + "/events/" + event + "/actions/";
  EXPECT_EQ(answered(bench, "GET", of_action + "9", "", 200).as_array().size(), 1u);
  EXPECT_TRUE(answered(bench, "GET", of_action + "8", "", 200).as_array().empty());
  answered(bench, "DELETE", fields + "/actions/9", "", 204);
  EXPECT_TRUE(answered(bench, "GET", of_action + "9", "", 200).as_array().empty());
  EXPECT_TRUE(answered(bench, "GET", events + "/" + event + "/test", "", 200).as_array().empty());
  EXPECT_EQ(bench.get(events + "/" + event).at("testRecordsMatched"), 0);
}

TEST(ManagedDevices, AccountsAreWrittenInBulk) {
  Bench bench;
  const std::string path = "/system/members/101/managedDeviceAccounts/bulk";
  EXPECT_EQ(answered(bench, "PUT", path, R"([{"id":5,"username":"k"}])", 207).at("payload").at(0).at("statusCode"),
            404);
  EXPECT_EQ(answered(bench, "DELETE", path, R"({"ids":[5]})", 207).at("payload").at(0).at("statusCode"), 404);
}

}  // namespace
}  // namespace crosswalk::sandbox
