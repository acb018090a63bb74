#include "connectwise/manage/wire.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <variant>
#include <vector>

#include "base/text.h"
#include "connectwise/manage/object_wire.h"
#include "psa/object_fields.h"
#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;
psa::ObjectId ticket(std::string value) {
  return {"manage", PartnerId("p1"), psa::ObjectKind::ticket, std::move(value)};
}

/// A value for every field of the kind, but for those named.
psa::Values every_value(psa::ObjectKind kind, const std::set<std::string_view>& without = {}) {
  psa::Values values;
  for (const psa::ObjectField& field : psa::object_fields(kind)) {
    if (without.contains(field.name)) continue;
    psa::Value& value = values[std::string(field.name)];
    if (field.shape == psa::FieldShape::reference) value = psa::Reference{"7", ""};
    const bool is_graded = field.name == "severity" || field.name == "impact";
    if (field.shape == psa::FieldShape::text) value = std::string(is_graded ? "High" : "text");
    if (field.shape == psa::FieldShape::flag) value = psa::Value::flag(true);
    if (field.shape == psa::FieldShape::date_time) value = psa::Value::date(*parse_timestamp("2026-03-01T08:00:00Z"));
  }
  return values;
}

psa::ObjectId object(psa::ObjectKind kind) { return {"manage", PartnerId("acme"), kind, "69"}; }

std::vector<psa::Operation> every_operation() {
  constexpr auto company = psa::ObjectKind::company, contact = psa::ObjectKind::contact;
  constexpr auto configuration = psa::ObjectKind::configuration;
  psa::Values more = every_value(configuration);
  more["custom_field:9"] = std::string("text");
  const std::map<std::string, psa::Reference, std::less<>> types{{"email", {"1", ""}}, {"phone", {"2", ""}}};
  const psa::Values of_ticket = every_value(psa::ObjectKind::ticket);
  return {psa::CreateObject{company, every_value(company)},
          psa::UpdateObject{object(company), every_value(company, {"type", "site_name"})},
          psa::CreateObject{.kind = contact, .values = every_value(contact), .communication_types = types},
          psa::UpdateObject{object(contact), every_value(contact, {"type", "email", "phone"})},
          psa::UpdateObject{object(contact), {{"email", std::string("a@b.example")}}, "", {"1", ""}},
          psa::UpdateObject{object(contact), {{"phone", std::string("555 0100")}}, "12"},
          psa::CreateObject{configuration, more},
          psa::UpdateObject{object(configuration), every_value(configuration, {"type"})},
          psa::UpdateObject{object(configuration), {{"type", psa::Reference{"5", ""}}}},
          psa::UpdateObject{object(configuration), {{"serial_number", {}}}},
          psa::CreateObject{psa::ObjectKind::ticket, of_ticket, "cw-1", "why"},
          psa::UpdateObject{ticket("69"), of_ticket},
          psa::UpdateObject{ticket("69"), {{"owner", {}}}},
          psa::AddNote{ticket("69"), "m", psa::NoteKind::resolution, "text"},
          psa::AttachChildren{ticket("69"), {ticket("70"), ticket("71")}},
          psa::AttachConfiguration{ticket("69"), "12", ""},
          psa::AttachConfiguration{ticket("69"), "", "device-1"}};
}

TEST(Wire, MakesManyConfigurationsInOneCallAndLeavesOutWhatCannotBe) {
  const std::vector<psa::CreateObject> objects{{psa::ObjectKind::configuration, {{"name", std::string("a")}}},
                                               {psa::ObjectKind::configuration, {{"company", psa::Reference{"x", ""}}}},
                                               {psa::ObjectKind::configuration, {{"name", std::string("c")}}}};
  const BulkRequest bulk = encode_bulk(objects);
  EXPECT_EQ(bulk.request.target, "/company/configurations/bulk");
  EXPECT_EQ(bulk.request.body, R"([{"name":"a"},{"name":"c"}])");
  EXPECT_EQ(bulk.places, (std::vector<std::size_t>{0, 2}));
  ASSERT_EQ(bulk.refused.size(), 1u);
  EXPECT_EQ(bulk.refused.front().second.code, "psa.reference_missing");
}

TEST(Wire, ChangesACommunicationItemWhereItIsAndAddsOneWhereThereIsNone) {
  const auto changed =
      encode(psa::UpdateObject{object(psa::ObjectKind::contact), {{"email", std::string("a@b.example")}}, "12"});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->method + " " + changed->target, "PATCH /company/contacts/69/communications/12");
  EXPECT_EQ(changed->body, R"([{"op":"replace","path":"value","value":"a@b.example"}])");
  const auto added = encode(
      psa::UpdateObject{object(psa::ObjectKind::contact), {{"email", std::string("a@b.example")}}, "", {"1", ""}});
  ASSERT_TRUE(added);
  EXPECT_EQ(added->method + " " + added->target, "POST /company/contacts/69/communications");
  EXPECT_EQ(added->body, R"({"value":"a@b.example","communicationType":"Email","defaultFlag":true,"type":{"id":1}})");
}

TEST(Wire, ReadsWhatItHasWritten) {
  const json::value from = json::parse(R"({"id":7,"firstName":"Ada","company":{"id":5,"identifier":"Contoso"},
    "inactiveFlag":true,"types":[{"id":3,"name":"Owner"},{"id":4}],
    "communicationItems":[{"id":1,"value":"old@b.example","communicationType":"Email","defaultFlag":false},
                          {"id":2,"value":"new@b.example","communicationType":"Email","defaultFlag":true}],
    "_info":{"lastUpdated":"2026-03-01T08:00:00Z","updatedBy":"jsmith"}})");
  const auto read = read_object(psa::ObjectKind::contact, from.as_object(), PartnerId("acme"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->find("first_name")->text(), "Ada");
  EXPECT_EQ(read->find("company")->id(), "5");
  EXPECT_EQ(read->find("inactive")->flag(), true);
  EXPECT_EQ(read->find("email")->text(), "new@b.example");
  EXPECT_EQ(read->parts.at("email"), "2");
  EXPECT_EQ(read->types, (std::vector<psa::Reference>{{"3", ""}, {"4", ""}}));
  EXPECT_EQ(read->updated_by, "jsmith");
}

TEST(Wire, CreatesATicketWithReferencesByIdAndTheMarker) {
  const auto request = encode(psa::CreateObject{psa::ObjectKind::ticket,
                                                {{"company", psa::Reference{"5", "Contoso"}},
                                                 {"summary", std::string("Disk \"C:\\\" full")},
                                                 {"impact", std::string("Low")}},
                                                "cw-1",
                                                "line 1\nline 2"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->target, "/service/tickets");
  EXPECT_EQ(
      request->body,
      R"({"summary":"Disk \"C:\\\" full","company":{"id":5},"impact":"Low","externalXRef":"cw-1","initialDescription":"line 1\nline 2"})");
}

TEST(Wire, MovesABoardTogetherWithItsStatusAndTypesInOnePatchOfWholeReferences) {
  const auto request = encode(psa::UpdateObject{ticket("69"),
                                                {{"subtype", psa::Reference{"4", ""}},
                                                 {"status", psa::Reference{"3", ""}},
                                                 {"type", psa::Reference{"9", ""}},
                                                 {"board", psa::Reference{"2", ""}}}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "PATCH");
  EXPECT_EQ(request->target, "/service/tickets/69");
  EXPECT_EQ(request->body,
            R"([{"op":"replace","path":"board","value":{"id":2}},{"op":"replace","path":"status","value":{"id":3}},)"
            R"({"op":"replace","path":"type","value":{"id":9}},{"op":"replace","path":"subType","value":{"id":4}}])");
  EXPECT_TRUE(request->sets_status);
}

TEST(Wire, ReadsWhoIsScheduledWhatTimeIsBookedAndWhetherItIsAProjectsTicket) {
  const auto read = [](const char* text) { return *read_ticket(json::parse(text).as_object(), PartnerId("p1")); };
  const psa::Object ticket = read(R"({"id":7,"resources":"jsmith, kchen,,","actualHours":1.25,
    "recordType":"ProjectTicket","_info":{"enteredBy":"APIuser","dateEntered":"2026-03-01T08:00:00Z"}})");
  EXPECT_EQ(ticket.progress->scheduled, (std::set<std::string>{"jsmith", "kchen"}));
  EXPECT_EQ(ticket.progress->hours.to_string(), "1.25");
  EXPECT_TRUE(ticket.progress->of_project);
  EXPECT_EQ(ticket.created_by, "APIuser");
  const psa::Object bare = read(R"({"id":7,"resources":null,"actualHours":"lots","recordType":"ServiceTicket"})");
  EXPECT_TRUE(bare.progress->scheduled.empty());
  EXPECT_TRUE(bare.progress->hours.is_zero());
  EXPECT_FALSE(bare.progress->of_project);
}

TEST(Wire, ClearsAFieldByRemovingIt) {
  const auto request = encode(psa::UpdateObject{ticket("69"), {{"owner", {}}}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->body, R"([{"op":"remove","path":"owner"}])");
  EXPECT_FALSE(request->sets_status);
}

TEST(Wire, MarksANoteByItsKind) {
  const auto body = [](psa::NoteKind kind) { return encode(psa::AddNote{ticket("69"), "m", kind, "t"})->body; };
  EXPECT_EQ(body(psa::NoteKind::discussion),
            R"({"text":"t","detailDescriptionFlag":true,"internalAnalysisFlag":false,"resolutionFlag":false})");
  EXPECT_EQ(body(psa::NoteKind::internal),
            R"({"text":"t","detailDescriptionFlag":false,"internalAnalysisFlag":true,"resolutionFlag":false})");
  EXPECT_EQ(body(psa::NoteKind::resolution),
            R"({"text":"t","detailDescriptionFlag":false,"internalAnalysisFlag":false,"resolutionFlag":true})");
}

TEST(Wire, AttachesChildrenAndConfigurations) {
  EXPECT_EQ(encode(psa::AttachChildren{ticket("69"), {ticket("70"), ticket("71")}})->body,
            R"({"childTicketIds":[70,71]})");
  EXPECT_EQ(encode(psa::AttachConfiguration{ticket("69"), "12", "d"})->body, R"({"id":12})");
  EXPECT_EQ(encode(psa::AttachConfiguration{ticket("69"), "", "d\"1"})->body, R"({"deviceIdentifier":"d\"1"})");
}

TEST(Wire, RefusesIdsThatManageCannotHaveSoThatNothingForeignGetsIntoPathOrBody) {
  for (const char* id : {"", "abc", "69/notes", "69?x=1", "-1", "0", "007", "1.5", "1234567890123456789012"}) {
    EXPECT_FALSE(encode(psa::UpdateObject{ticket(id), {{"status", psa::Reference{"3", ""}}}})) << id;
    EXPECT_FALSE(encode(psa::AddNote{ticket(id), "m", psa::NoteKind::internal, "t"})) << id;
    EXPECT_FALSE(encode(psa::AttachChildren{ticket("1"), {ticket(id)}})) << id;
    EXPECT_FALSE(is_manage_id(id)) << id;
  }
  const auto refused =
      encode(psa::CreateObject{psa::ObjectKind::ticket, {{"board", psa::Reference{"},\"a\":{", "odd"}}}, "x"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "psa.reference_missing");
}

RC_GTEST_PROP(Wire, TextsArriveAsTheyAre, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  const auto request = encode(psa::AddNote{ticket("69"), "m", psa::NoteKind::internal, text + "äß€😀"});
  const json::value value = json::parse(request->body);
  RC_ASSERT(std::string(value.at("text").as_string()) == text + "äß€😀");
}

// A hundred lines of the real thing are worth more than a validator that is not here: every member exists and has the
// right kind.
class AgainstTheSpecification : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream stream(connectwise_material("openapi.json"));
    if (!stream) GTEST_SKIP() << kMaterialIsAbsent;
    std::stringstream text;
    text << stream.rdbuf();
    document_ = json::parse(text.str());
  }
  const json::object& schema(const std::string& name) {
    return document_.at("components").at("schemas").at(name).as_object();
  }
  void expect_fits(const json::value& value, const json::object& property, const std::string& where) {
    if (const auto* reference = property.if_contains("$ref")) {
      const std::string_view path = reference->as_string();
      return expect_object(value, std::string(path.substr(path.rfind('/') + 1)), where);
    }
    const std::string_view type = property.at("type").as_string();
    if (type == "string") {
      ASSERT_TRUE(value.is_string()) << where;
      if (const auto* known = property.if_contains("enum")) {
        EXPECT_NE(std::find(known->as_array().begin(), known->as_array().end(), value), known->as_array().end())
            << where;
      }
      if (const auto* longest = property.if_contains("maxLength")) {
        EXPECT_LE(std::ssize(value.as_string()), longest->as_int64()) << where;
      }
    } else if (type == "integer") {
      EXPECT_TRUE(value.is_int64()) << where;
    } else if (type == "boolean") {
      EXPECT_TRUE(value.is_bool()) << where;
    } else if (type == "array") {
      ASSERT_TRUE(value.is_array()) << where;
      for (const json::value& each : value.as_array())
        expect_fits(each, property.at("items").as_object(), where + "[]");
    }
  }
  void expect_object(const json::value& value, const std::string& name, const std::string& where) {
    ASSERT_TRUE(value.is_object()) << where;
    const json::object& properties = schema(name).at("properties").as_object();
    for (const auto& member : value.as_object()) {
      const json::value* property = properties.if_contains(member.key());
      ASSERT_NE(property, nullptr) << name << " has no " << member.key();
      expect_fits(member.value(), property->as_object(), where + "/" + std::string(member.key()));
    }
  }
  void expect_path(const std::string& path, const std::string& method) {
    const auto* found = document_.at("paths").as_object().if_contains(path);
    ASSERT_NE(found, nullptr) << path;
    EXPECT_TRUE(found->as_object().contains(method)) << path;
  }

  /// What the body of a request must look like; nullptr when the document has no such path, method or body.
  const json::object* request_schema(const WireRequest& request) {
    const std::string method = to_lower(request.method);
    for (const auto& path : document_.at("paths").as_object()) {
      const json::value* operation = path.value().as_object().if_contains(method);
      if (operation == nullptr || !leads_to(path.key(), request.target)) continue;
      const json::value* body = operation->as_object().if_contains("requestBody");
      return body == nullptr ? nullptr : &body->at("content").at("application/json").at("schema").as_object();
    }
    return nullptr;
  }
  /// Whether the path fits the template: a parameter is a number here.
  static bool leads_to(std::string_view path_template, std::string_view target) {
    const auto segments = [](std::string_view text) {
      std::vector<std::string> parts(1);
      for (const char each : text) {
        if (each == '/') {
          parts.emplace_back();
        } else {
          parts.back().push_back(each);
        }
      }
      return parts;
    };
    return std::ranges::equal(segments(path_template), segments(target), [](const auto& wanted, const auto& given) {
      return wanted.starts_with('{') ? is_manage_id(given) : wanted == given;
    });
  }
  void expect_required(const json::object& body, const json::object& described, const std::string& where) {
    const std::string_view path = described.at("$ref").as_string();
    const json::value* required = schema(std::string(path.substr(path.rfind('/') + 1))).if_contains("required");
    if (required == nullptr) return;
    for (const json::value& name : required->as_array())
      EXPECT_TRUE(body.contains(name.as_string())) << where << " lacks " << name;
  }
  /// What an address is about.
  static std::string_view model_of(std::string_view where) {
    if (where.find("/communications") != std::string_view::npos) return "ContactCommunication";
    if (where.find("/configurations/") != std::string_view::npos) return "Company.Configuration";
    if (where.find("/contacts/") != std::string_view::npos) return "Contact";
    return where.find("/companies/") == std::string_view::npos ? "Ticket" : "Company";
  }
  /// The document says of a value in a PATCH only that it is one; it has to fit the member that it replaces.
  void expect_patch(const json::value& body, const json::object& described, const std::string& where) {
    ASSERT_EQ(described.at("type"), "array") << where;
    ASSERT_EQ(described.at("items").at("$ref"), "#/components/schemas/PatchOperation") << where;
    const json::object& known = schema("PatchOperation").at("properties").as_object();
    const json::object& members = schema(std::string(model_of(where))).at("properties").as_object();
    ASSERT_FALSE(body.as_array().empty()) << where;
    for (const json::value& each : body.as_array()) {
      for (const auto& member : each.as_object()) EXPECT_TRUE(known.contains(member.key())) << member.key();
      const json::value* property = members.if_contains(each.at("path").as_string());
      ASSERT_NE(property, nullptr) << each.at("path");
      if (each.at("op") == "remove") continue;
      expect_fits(each.at("value"), property->as_object(), where + "/" + std::string(each.at("path").as_string()));
    }
  }

  json::value document_;
};

TEST_F(AgainstTheSpecification, EveryBodyFitsTheRequestThatTheSpecificationDescribes) {
  std::set<std::size_t> kinds;
  for (const psa::Operation& operation : every_operation()) {
    kinds.insert(operation.index());
    const auto request = encode(operation);
    ASSERT_TRUE(request);
    const std::string where = request->method + " " + request->target;
    const json::object* described = request_schema(*request);
    ASSERT_NE(described, nullptr) << where << " takes no body";
    const json::value body = json::parse(request->body);
    if (request->method == "PATCH") {
      expect_patch(body, *described, where);
    } else {
      expect_fits(body, *described, where);
      expect_required(body.as_object(), *described, where);
    }
  }
  // An operation that is new is new here as well. Linking costs no call.
  EXPECT_EQ(kinds.size(), std::variant_size_v<psa::Operation> - 1);
}

TEST_F(AgainstTheSpecification, EveryPathAndEveryFieldListExists) {
  expect_path("/service/tickets", "post");
  expect_path("/service/tickets", "get");
  expect_path("/service/tickets/{id}", "patch");
  expect_path("/service/tickets/{parentId}/notes", "post");
  expect_path("/service/tickets/{parentId}/notes", "get");
  expect_path("/service/tickets/{parentId}/attachChildren", "post");
  expect_path("/service/tickets/{parentId}/configurations", "post");
  for (const std::string list : {"statuses", "types", "subtypes", "items", "teams"})
    expect_path("/service/boards/{parentId}/" + list, "get");
  for (const std::string path : {"/service/boards", "/service/priorities", "/service/sources", "/service/locations",
                                 "/company/companies", "/system/info"})
    expect_path(path, "get");
  const auto expect_fields = [&](std::string_view fields, const std::string& name) {
    std::stringstream list{std::string(fields)};
    for (std::string field; std::getline(list, field, ',');)
      EXPECT_TRUE(schema(name).at("properties").as_object().contains(field)) << name << "/" << field;
  };
  expect_fields(ticket_fields(), "Ticket");
  expect_fields(kNoteFields, "ServiceNote");
  expect_fields("id,name,closedStatus,inactive,defaultFlag", "BoardStatus");
  expect_fields("id,name,inactiveFlag,projectFlag", "Board");
  expect_fields("id,name,inactiveFlag", "BoardType");
  expect_fields("id,name,inactiveFlag", "BoardItem");
  expect_fields("id,name,identifier,deletedFlag", "Company");
}

TEST(ReadTicket, TakesEverythingThatIsThere) {
  const auto ticket = read_ticket(json::parse(R"({
    "id":69,"summary":"Disk full","company":{"id":5,"identifier":"Contoso","_info":{}},"board":{"id":1,"name":"Service"},
    "status":{"id":"17","name":"Closed"},"subType":{"id":4,"name":"Disk"},"severity":"High","owner":{"id":176,"identifier":"User1"},
    "serviceLocation":{"id":2,"name":"Remote"},"externalXRef":"cw-1","closedFlag":true,"closedDate":"2026-03-01T07:00:00Z",
    "actualHours":0.25,"mergedParentTicket":{"id":70},"parentTicketId":71,"brandNewField":{"a":[1]},
    "_info":{"lastUpdated":"2026-03-01T07:59:00Z","updatedBy":"User1"}})")
                                      .as_object(),
                                  PartnerId("p1"));
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->id, (psa::ObjectId{"manage", PartnerId("p1"), psa::ObjectKind::ticket, "69"}));
  EXPECT_EQ(ticket->external_reference, "cw-1");
  EXPECT_EQ(ticket->find("summary")->name(), "Disk full");
  EXPECT_EQ(ticket->find("company")->id(), "5");
  EXPECT_EQ(ticket->find("company")->name(), "Contoso");
  EXPECT_EQ(ticket->find("status")->id(), "17");
  EXPECT_EQ(ticket->find("subtype")->id(), "4");
  EXPECT_EQ(ticket->find("severity")->name(), "High");
  EXPECT_EQ(ticket->find("owner")->name(), "User1");
  EXPECT_EQ(ticket->find("service_location")->id(), "2");
  EXPECT_EQ(ticket->find("priority"), nullptr);
  EXPECT_TRUE(ticket->closed());
  EXPECT_EQ(ticket->progress->closed_at, parse_timestamp("2026-03-01T07:00:00Z"));
  EXPECT_TRUE(ticket->progress->time_entered);
  EXPECT_EQ(ticket->progress->merged_into, "70");
  EXPECT_EQ(ticket->progress->parent, "71");
  EXPECT_EQ(ticket->updated_at, parse_timestamp("2026-03-01T07:59:00Z"));
  EXPECT_EQ(ticket->updated_by, "User1");
}

TEST(ReadTicket, ToleratesWhatIsMissingNullOrOdd) {
  const auto ticket = read_ticket(
      json::parse(
          R"({"id":69.0,"summary":null,"company":5,"board":{"id":0},"status":{"id":null},"closedFlag":"True","closedDate":"",
             "actualHours":"0.00","mergedParentTicket":null,"parentTicketId":0,"_info":[],"severity":3})")
          .as_object(),
      PartnerId("p1"));
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->id.value, "69");
  EXPECT_TRUE(ticket->values.empty());
  EXPECT_TRUE(ticket->closed());
  EXPECT_FALSE(ticket->progress->closed_at);
  EXPECT_FALSE(ticket->progress->time_entered);
  EXPECT_FALSE(ticket->progress->merged_into);
  EXPECT_FALSE(ticket->progress->parent);
  EXPECT_FALSE(ticket->updated_at);
  EXPECT_FALSE(read_ticket(json::parse(R"({"id":null})").as_object(), PartnerId("p1")));
  EXPECT_FALSE(read_ticket(json::object{}, PartnerId("p1")));
}

TEST(ReadTicket, ReadsTheCollectedSample) {
  std::ifstream stream(connectwise_material("samples/django/service_ticket.json"));
  if (!stream) GTEST_SKIP() << kMaterialIsAbsent;
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  const auto ticket = read_ticket(json::parse(text).as_object(), PartnerId("p1"));
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->id.value, "69");
  EXPECT_EQ(ticket->find("company")->id(), "2");
}

TEST(ReadNote, TellsItsKindByWhoCanSeeIt) {
  const auto kind = [](const char* flags) {
    return read_note(json::parse(std::string(R"({"id":3,"text":"t",)") + flags + "}").as_object())->kind;
  };
  EXPECT_EQ(kind(R"("detailDescriptionFlag":true)"), psa::NoteKind::discussion);
  EXPECT_EQ(kind(R"("internalAnalysisFlag":true)"), psa::NoteKind::internal);
  EXPECT_EQ(kind(R"("internalAnalysisFlag":true,"detailDescriptionFlag":true)"), psa::NoteKind::discussion);
  EXPECT_EQ(kind(R"("resolutionFlag":true,"internalAnalysisFlag":null)"), psa::NoteKind::resolution);
  const auto note = read_note(
      json::parse(R"({"id":3,"member":{"identifier":"User1"},"_info":{"dateEntered":"2026-03-01T07:00:00Z"}})")
          .as_object());
  EXPECT_EQ(note->created_by, "User1");
  EXPECT_EQ(note->created_at, parse_timestamp("2026-03-01T07:00:00Z"));
  EXPECT_FALSE(read_note(json::parse(R"({"text":"t"})").as_object()));
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
