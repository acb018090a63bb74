#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "connectwise/manage/pages.h"
#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

using net::TransportError;

class ReadsTest : public testing::ManageTest {
 protected:
  ReadsTest() { transport_.found(); }

  psa::ReadResult<psa::Object> tickets(std::vector<std::string> ids) {
    return testing::run(psa_.objects->objects_by_id(psa::ObjectKind::ticket, ids, psa::Lane::sweep));
  }
  psa::ReadResult<psa::Object> by_reference(std::vector<std::string> references) {
    return testing::run(psa_.tickets->tickets_by_external_reference(references, psa::Lane::tickets));
  }
  psa::ReadResult<psa::Object> companies() {
    return testing::run(psa_.objects->objects(psa::ObjectKind::company, psa::Lane::records));
  }
  psa::ReadResult<psa::TicketNote> notes(std::string ticket) {
    return testing::run(psa_.tickets->notes(ticket, psa::Lane::tickets));
  }
  Result<psa::ReferenceData> reference_data(std::vector<std::string> boards, std::vector<std::string> companies) {
    return testing::run(psa_.reference_data->reference_data(boards, companies, psa::Lane::records));
  }
  static std::string page(int first, int count) {
    std::string body = "[";
    for (int id = first; id < first + count; ++id)
      body += (id == first ? "" : ",") +
              ("{\"id\":" + std::to_string(id) +
               R"(,"text":"t","status":null,"closedFlag":false,"name":"n","deletedFlag":false,"externalXRef":"cw-1"})");
    return body + "]";
  }
  std::string conditions_of(std::size_t request) const {
    return *net::parse_target(transport_.requests.at(request).target).query.find("conditions");
  }
};

TEST_F(ReadsTest, ReadsTicketsByIdInOneCall) {
  transport_.answer("GET", "/service/tickets?", 200,
                    R"([{"id":1,"status":{"id":5},"closedFlag":false,"externalXRef":"cw-1"},{"id":3}])");
  const auto result = tickets({"1", "2", "3", "not-an-id"});
  EXPECT_TRUE(result.complete);
  ASSERT_EQ(result.items.size(), 2u);
  EXPECT_EQ(result.items[1].id.value, "3");
  EXPECT_EQ(conditions_of(1), "id in (1,2,3)");
  const net::Target target = net::parse_target(transport_.requests[1].target);
  EXPECT_EQ(*target.query.find("pageSize"), "1000");
  EXPECT_EQ(*target.query.find("page"), "1");
  EXPECT_NE(target.query.find("fields")->find("_info"), std::string::npos);
  EXPECT_EQ(gate_.last_lane, psa::Lane::sweep);
}

TEST_F(ReadsTest, CutsLongListsIntoUrlsOfAllowedLengthAndAsksForEachIdOnce) {
  std::vector<std::string> ids;
  for (int id = 1'000'000; id < 1'000'700; ++id) ids.push_back(std::to_string(id));
  for (int batch = 0; batch < 5; ++batch) transport_.answer("GET", "/service/tickets?", 200, "[]");
  EXPECT_TRUE(tickets(ids).complete);
  const std::size_t used = transport_.requests.size() - 1;
  EXPECT_LE(used, 5u);
  transport_.steps.clear();
  std::string all;
  for (std::size_t each = 1; each < transport_.requests.size(); ++each) all += conditions_of(each);
  for (const std::string& id : ids) {
    const std::size_t found = all.find(id);
    ASSERT_NE(found, std::string::npos);
    EXPECT_EQ(all.find(id, found + 1), std::string::npos);
  }
}

TEST_F(ReadsTest, FindsAllTicketsThatCarryAReferenceAndNeverAsksForTheEmptyOne) {
  transport_.answer("GET", "/service/tickets?", 200,
                    R"([{"id":1,"externalXRef":"cw-\"1","status":{"id":5},"closedFlag":false},
                        {"id":2,"externalXRef":"cw-\"1"},{"id":2}])");
  const auto result = by_reference({"cw-\"1", "", "b\\c"});
  EXPECT_EQ(conditions_of(1), R"(externalXRef in ("cw-\"1","b\\c"))");
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.items.size(), 2u) << "twins are seen, and a ticket that is shown twice is none";
}

TEST_F(ReadsTest, NeedsNoCallToFindNothing) {
  transport_.steps.clear();
  EXPECT_TRUE(tickets({}).complete);
  EXPECT_TRUE(by_reference({""}).complete);
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(ReadsTest, FollowsNumberedPagesByTheirNumberAndNeverByTheirHost) {
  transport_.answer("GET", "page=1", 200, page(1, 2), "application/json",
                    {{"link",
                      "<https://evil.example/v4_6_release//apis/3.0/service/tickets?pageSize=2&page=2>; rel=\"next\", "
                      "<https://evil.example/x?page=3>; rel=\"last\""}});
  transport_.answer("GET", "http://127.0.0.1:8600/v4_6_release/apis/3.0/service/tickets?", 200, page(3, 1),
                    "application/json", {{"Link", "<https://evil.example/x?page=1>; rel=\"first\""}});
  const auto result = tickets({"1", "2", "3"});
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.items.size(), 3u);
  EXPECT_NE(transport_.requests[2].target.find("&page=2"), std::string::npos);
}

TEST_F(ReadsTest, AsksForTheNextNumberWhenAFullPageComesWithoutALink) {
  transport_.answer("GET", "page=1", 200, page(1, kPageSize));
  transport_.answer("GET", "page=2", 200, "[]");
  EXPECT_EQ(tickets({"1"}).items.size(), static_cast<std::size_t>(kPageSize));
}

TEST_F(ReadsTest, IsPartialWhenALaterPageFailsAndKeepsWhatItHas) {
  transport_.answer("GET", "/tickets/69/notes", 200, page(1, kPageSize), "application/json",
                    {{"Link", "<https://x/y?pageId=1000>; rel=\"next\""}});
  transport_.answer("GET", "pageId=1000", 503, "", "", {{"Retry-After", "5"}});
  const auto result = notes("69");
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.items.size(), static_cast<std::size_t>(kPageSize));
  EXPECT_EQ(result.error.code, "psa.outage");
  EXPECT_EQ(result.disposition, Disposition::retry);
  EXPECT_EQ(result.retry_after, std::chrono::seconds(5));
  EXPECT_EQ(result.calls.size(), 3u);
}

TEST_F(ReadsTest, PagesNotesByIdSoThatADeletedOneHidesNoOther) {
  transport_.answer("GET", "/service/tickets/69/notes?", 200, page(1, kPageSize), "application/json",
                    {{"Link", "<https://x/y?pageId=1000>; rel=\"next\""}});
  transport_.answer("GET", "pageId=1000", 200, page(1001, kPageSize));
  transport_.answer("GET", "pageId=2000", 200, page(2001, 1), "application/json",
                    {{"Link", "<https://x/y?pageId=2001>; rel=\"next\""}});
  const auto result = notes("69");
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.items.size(), 2u * kPageSize + 1);
  EXPECT_EQ(*transport_.requests[1].headers.find("pagination-type"), "forward-only");
  EXPECT_EQ(transport_.requests[1].target.find("&page="), std::string::npos);
}

TEST_F(ReadsTest, ReadsCompaniesWithWhatTellsThemApart) {
  transport_.answer("GET", "/company/companies?", 200,
                    R"([{"id":252,"identifier":"AcmeDental","name":"Acme Dental Group","addressLine1":"1 Main Street",
                         "city":"Tampa","state":"FL","zip":"33602","phoneNumber":"8135550100","website":"acme.example","deletedFlag":false},
                        {"id":253,"name":null}])");
  const auto result = companies();
  ASSERT_TRUE(result.complete);
  ASSERT_EQ(result.items.size(), 2u);
  const psa::Object& acme = result.items[0];
  EXPECT_EQ(acme.id, (psa::ObjectId{"manage", PartnerId("p1"), psa::ObjectKind::company, "252"}));
  const auto told = [&](std::string_view field) { return psa::shown(acme.find(field)); };
  EXPECT_EQ(told("name"), "Acme Dental Group");
  EXPECT_EQ(told("identifier"), "AcmeDental");
  EXPECT_EQ(told("website"), "acme.example");
  EXPECT_EQ(told("phone"), "8135550100");
  EXPECT_EQ(told("address_line1") + "|" + told("city") + "|" + told("state") + "|" + told("zip"),
            "1 Main Street|Tampa|FL|33602");
  EXPECT_EQ(result.items[1].find("name"), nullptr);
  EXPECT_EQ(gate_.last_lane, psa::Lane::records);
}

TEST_F(ReadsTest, TellsDeletedCompaniesByTheirFlagWhichItAsksFor) {
  transport_.answer("GET", "/company/companies?", 200,
                    R"([{"id":1,"name":"Here"},{"id":2,"name":"Merged away","deletedFlag":true}])");
  const auto result = companies();
  EXPECT_TRUE(result.complete);
  ASSERT_EQ(result.items.size(), 2u);
  EXPECT_FALSE(result.items[0].deleted);
  EXPECT_TRUE(result.items[1].deleted);
  EXPECT_NE(net::parse_target(transport_.requests[1].target).query.find("fields")->find("deletedFlag"),
            std::string::npos);
}

TEST_F(ReadsTest, PagesCompaniesByIdSoThatADeletedOneHidesNoOther) {
  transport_.answer("GET", "/company/companies?", 200, page(1, kPageSize));
  transport_.answer("GET", "pageId=1000", 200, page(1001, 3));
  const auto result = companies();
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.items.size(), kPageSize + 3u);
  EXPECT_EQ(*transport_.requests[1].headers.find("pagination-type"), "forward-only");
  EXPECT_EQ(transport_.requests[1].target.find("&page="), std::string::npos);
}

TEST_F(ReadsTest, IsPartialWhenAPageOfCompaniesFailsOrCannotBeRead) {
  transport_.answer("GET", "/company/companies?", 200, page(1, kPageSize));
  transport_.answer("GET", "pageId=1000", 503, "");
  EXPECT_FALSE(companies().complete);
  transport_.answer("GET", "/company/companies?", 200, R"([{"name":"no id"}])");
  EXPECT_FALSE(companies().complete);
}

TEST_F(ReadsTest, StopsAServerWhosePagesGoInCircles) {
  transport_.answer("GET", "page=1", 200, page(1, 1), "application/json",
                    {{"Link", "<https://x/y?page=2>; rel=\"next\""}});
  transport_.answer("GET", "page=2", 200, page(2, 1), "application/json",
                    {{"Link", "<https://x/y?page=2>; rel=\"next\""}});
  const auto result = tickets({"1"});
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.error.code, "psa.answer_mismatch");
}

TEST_F(ReadsTest, IsPartialWhenAPageCannotBeRead) {
  for (const char* body : {"<html>", "", "{}", "[1]", R"([{"summary":"no id"}])", R"([{"id":1})"}) {
    transport_.answer("GET", "/service/tickets?", 200, body);
    const auto result = tickets({"1"});
    EXPECT_FALSE(result.complete) << body;
    EXPECT_EQ(result.disposition, Disposition::retry) << body;
  }
}

TEST_F(ReadsTest, NamesTheFieldThatAnotherVersionDoesNotShow) {
  transport_.answer("GET", "/service/tickets?", 200, R"([{"id":1,"status":{"id":5},"isClosed":true},{"id":2}])");
  const auto result = tickets({"1"});
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.error.code, "psa.field_absent");
  EXPECT_EQ(result.disposition, Disposition::park);
  EXPECT_NE(result.error.message.find("closedFlag"), std::string::npos) << result.error.message;
  EXPECT_EQ(result.error.message.find("status"), std::string::npos) << result.error.message;
  EXPECT_NE(result.error.message.find(kApiVersion), std::string::npos) << result.error.message;
  transport_.answer("GET", "/service/tickets?", 200,
                    R"([{"id":1,"status":null,"closedFlag":false,"externalXRef":"cw-1","new":{"deep":[1]}}])");
  EXPECT_TRUE(tickets({"1"}).complete) << "what is new is ignored, and what is empty is not absent";
  transport_.answer("GET", "/service/tickets?", 200, "[]");
  EXPECT_TRUE(tickets({"1"}).complete);
}

TEST_F(ReadsTest, IsPartialWhenMoreIsShownThanWasAskedFor) {
  transport_.answer("GET", "/service/tickets?", 200, page(1, kPageSize + 1));
  const auto crowded = tickets({"1"});
  EXPECT_FALSE(crowded.complete);
  EXPECT_EQ(crowded.error.code, "psa.answer_mismatch");
}

/// Pages without end, each as large as an answer may be.
class EndlessTransport final : public net::Transport {
 public:
  boost::asio::awaitable<tl::expected<net::Response, net::TransportError>> send(net::Request request,
                                                                                net::SendOptions options) override {
    net::Response response{200, {}, R"({"Codebase":"v4_6_release/","IsCloud":false})"};
    if (request.target.find("/login/") == std::string::npos) {
      response.headers.set("Link", fmt::format("<https://x/y?page={}>; rel=\"next\"", ++pages + 1));
      response.body = R"([{"id":1,"status":null,"closedFlag":false,"summary":")";
      response.body += std::string(options.response_bytes_max - 100, 'x') + "\"}]";
    }
    co_return response;
  }
  std::size_t pages = 0;
};

TEST_F(ReadsTest, EndsWhenPagesComeToMoreThanAMachineCanBear) {
  EndlessTransport endless;
  const auto provider = Provider::make(
      PartnerId("p1"), {"http://127.0.0.1:8600", "acme", "public", "private", "client"}, endless, gate_, clock_);
  const std::vector<std::string> ids{"1"};
  const auto result =
      testing::run(provider->psa(true).objects->objects_by_id(psa::ObjectKind::ticket, ids, psa::Lane::sweep));
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.error.code, "psa.answer_mismatch");
  EXPECT_LT(endless.pages, 40u);
  transport_.steps.clear();
}

TEST_F(ReadsTest, ReadsDeepAndOddJsonAsWhatItIs) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  transport_.answer("GET", "/service/tickets?", 200,
                    R"([{"id":1,"status":{"id":"5","name":7},"closedFlag":"true","x":)" + deep + "}]");
  const auto too_deep = tickets({"1"});
  EXPECT_FALSE(too_deep.complete);
  EXPECT_EQ(too_deep.error.code, "psa.answer_not_json");
  EXPECT_EQ(too_deep.disposition, Disposition::retry);
  transport_.answer(
      "GET", "/service/tickets?", 200,
      R"([{"id":"1","status":{"id":"5","name":7},"closedFlag":"true","externalXRef":"cw-1","board":[],"company":"x","_info":5}])");
  const auto odd = tickets({"1"});
  ASSERT_TRUE(odd.complete);
  EXPECT_EQ(odd.items[0].id.value, "1");
  EXPECT_TRUE(odd.items[0].closed());
  EXPECT_EQ(odd.items[0].find("status")->id(), "5");
  EXPECT_EQ(odd.items[0].find("board"), nullptr);
}

TEST_F(ReadsTest, AsksWhetherThereAreReferencesWhenNoTicketShowsOne) {
  const char* bare = R"([{"id":1,"status":{"id":5},"closedFlag":false}])";
  transport_.answer("GET", "conditions=id", 200, bare);
  transport_.answer("GET", "externalXRef", 200, "[]");
  const auto emptied = tickets({"1"});
  EXPECT_TRUE(emptied.complete) << "somebody has emptied it";
  transport_.answer("GET", "conditions=id", 200, bare);
  transport_.answer("GET", "externalXRef", 400,
                    R"({"code":"ApiFindCondition","message":"externalXRef is not a recognized name."})");
  const auto gone = tickets({"1"});
  EXPECT_FALSE(gone.complete);
  EXPECT_EQ(gone.error.code, "psa.conditions_invalid");
  EXPECT_NE(gone.error.message.find("externalXRef"), std::string::npos);
}

TEST_F(ReadsTest, RetriesReadsWhateverBroke) {
  transport_.fail("GET", "/service/tickets?", TransportError::Kind::no_answer, "net.timeout");
  transport_.answer("GET", "/service/tickets?", 500, "");
  EXPECT_EQ(tickets({"1"}).disposition, Disposition::retry);
  EXPECT_EQ(tickets({"1"}).disposition, Disposition::retry);
}

TEST_F(ReadsTest, SaysThatTheTicketOfTheNotesIsGone) {
  transport_.answer("GET", "/service/tickets/69/notes", 404, R"({"code":"NotFound","message":"Record 69 not found"})");
  const auto result = notes("69");
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.disposition, Disposition::gone);
  EXPECT_EQ(result.error.code, "psa.ticket_gone");
  EXPECT_EQ(notes("x/y").disposition, Disposition::gone);
}

TEST_F(ReadsTest, ReadsReferenceDataOfTheNamedBoardsAndCompanies) {
  transport_.answer(
      "GET", "/service/boards?", 200,
      R"([{"id":1,"name":"Service"},{"id":2,"name":"Old","inactiveFlag":true},{"id":3,"name":"Project","projectFlag":true}])");
  transport_.answer("GET", "/service/priorities?", 200, R"([{"id":4,"name":"Priority 1","color":"Red"}])");
  transport_.answer("GET", "/service/sources?", 200, R"([{"id":5,"name":"Email"}])");
  transport_.answer("GET", "/service/locations?", 200, R"([{"id":6,"name":"Remote","where":null}])");
  transport_.answer(
      "GET", "/service/boards/1/statuses?", 200,
      R"([{"id":7,"name":"New","defaultFlag":true},{"id":8,"name":"Closed","closedStatus":true},{"id":9,"name":"Old","inactive":true}])");
  transport_.answer("GET", "/service/boards/1/types?", 200, R"([{"id":10,"name":"Alert","inactiveFlag":true}])");
  transport_.answer("GET", "/service/boards/1/subtypes?", 200, R"([{"id":11,"name":"Disk"}])");
  transport_.answer("GET", "/service/boards/1/items?", 200, "[]");
  transport_.answer("GET", "/service/boards/1/teams?", 200, R"([{"id":12,"name":"Team"}])");
  transport_.answer("GET", "/company/companies?", 200,
                    R"([{"id":20,"identifier":"Contoso"},{"id":21,"name":"Gone","deletedFlag":true}])");
  const auto data = reference_data({"1", "77"}, {"20", "21", "nonsense"});
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->read_at, clock_.at);
  ASSERT_EQ(data->boards.size(), 2u);
  EXPECT_TRUE(data->boards[1].inactive);
  ASSERT_EQ(data->boards[0].statuses.size(), 3u);
  EXPECT_TRUE(data->boards[0].statuses[0].is_default);
  EXPECT_TRUE(data->boards[0].statuses[1].closed);
  EXPECT_TRUE(data->boards[0].statuses[2].inactive);
  EXPECT_TRUE(data->boards[0].types[0].inactive);
  EXPECT_EQ(data->boards[0].teams[0].reference.name, "Team");
  EXPECT_EQ(data->locations[0].reference.id, "6");
  ASSERT_EQ(data->companies.size(), 2u);
  EXPECT_EQ(data->companies[0].reference.name, "Contoso");
  EXPECT_TRUE(data->companies[1].inactive);
  EXPECT_EQ(conditions_of(10), "id in (20,21)");
}

TEST_F(ReadsTest, ReadsWhatMappingsOfObjectsCanPointAt) {
  transport_.answer("GET", "/procurement/manufacturers?", 200, R"([{"id":5,"name":"Dell","inactiveFlag":true}])");
  transport_.answer("GET", "/company/companies/types?", 200, R"([{"id":1,"name":"Client"}])");
  transport_.answer("GET", "/company/companies/statuses?", 200,
                    R"([{"id":1,"name":"Active","defaultFlag":true},{"id":2,"name":"Gone","inactiveFlag":true}])");
  transport_.answer("GET", "/company/contacts/types?", 200, R"([{"id":4,"description":"Decision maker"}])");
  transport_.answer(
      "GET", "/company/communicationTypes?", 200,
      R"([{"id":1,"description":"Email","emailFlag":true},{"id":2,"description":"Direct","phoneFlag":true}])");
  transport_.answer("GET", "/company/configurations/types?", 200,
                    R"([{"id":21,"name":"Workstation"},{"id":27,"name":"Printer","inactiveFlag":true}])");
  transport_.answer("GET", "/company/configurations/statuses?", 200,
                    R"([{"id":1,"description":"Active"},{"id":2,"description":"Retired","closedFlag":true}])");
  transport_.answer("GET", "/company/configurations/types/21/questions?", 200,
                    R"([{"id":7,"question":"Room","inactiveFlag":true}])");
  const psa::ObjectReferences references{.question_types = {"21", "77"}, .manufacturers = {"5", "nonsense"}};
  const auto data = testing::run(psa_.reference_data->object_reference_data(references, psa::Lane::records));
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(conditions_of(1), "id in (5)");
  EXPECT_TRUE(data->manufacturers.at(0).inactive);
  EXPECT_EQ(data->company_types.at(0).reference.name, "Client");
  EXPECT_TRUE(data->company_statuses.at(0).is_default);
  EXPECT_TRUE(data->company_statuses.at(1).inactive);
  EXPECT_EQ(data->contact_types.at(0).reference.name, "Decision maker");
  EXPECT_TRUE(data->communication_types.at(0).email);
  EXPECT_FALSE(data->communication_types.at(0).phone);
  EXPECT_TRUE(data->communication_types.at(1).phone);
  EXPECT_TRUE(data->configuration_types.at(1).inactive);
  EXPECT_FALSE(data->configuration_types.at(1).questions);
  EXPECT_EQ(data->configuration_types.at(0).questions.value().at(0).reference.name, "Room");
  EXPECT_TRUE(data->configuration_types.at(0).questions.value().at(0).inactive);
  EXPECT_EQ(data->configuration_statuses.at(1).reference.name, "Retired");
  EXPECT_TRUE(data->configuration_statuses.at(1).closed);
}

TEST_F(ReadsTest, NamesTheRightThatTypesAndStatusesNeed) {
  transport_.answer("GET", "/company/companies/types?", 403,
                    R"({"code":"Security","message":"You do not have security permission to perform this action."})");
  const psa::ObjectReferences none;
  const auto data = testing::run(psa_.reference_data->object_reference_data(none, psa::Lane::records));
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, "psa.permission_missing");
  EXPECT_NE(data.error().message.find("Company Type"), std::string::npos) << data.error().message;
}

TEST_F(ReadsTest, GivesNoReferenceDataAtAllWhenAPartIsMissing) {
  transport_.answer("GET", "/service/boards?", 200, "[]");
  transport_.answer("GET", "/service/priorities?", 403,
                    R"({"code":"Security","message":"You do not have security permission to perform this action."})");
  const auto data = reference_data({}, {});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, "psa.permission_missing");
  EXPECT_NE(data.error().message.find("Service/Priority"), std::string::npos) << data.error().message;
}

TEST(Link, FindsTheNextPageAmongOtherLinks) {
  EXPECT_EQ(next_in_link("<https://x/c?pageSize=50&page=2>; rel=\"next\", <https://x/c?page=4>; rel=\"last\"", "page"),
            "2");
  EXPECT_EQ(next_in_link("<https://x/c?page=1>; rel=\"first\", <https://x/c?page=3>; REL=\"Next\"", "page"), "3");
  EXPECT_EQ(next_in_link("<https://x/c?pageId=99>; rel=next", "pageid"), "99");
  EXPECT_EQ(next_in_link("<https://x/c?page=4>; rel=\"last\"", "page"), "");
  for (const char* odd :
       {"", "<", "<>", "rel=\"next\"", "<https://x/c>; rel=\"next\"", "<https://x?page=-1>; rel=\"next\"",
        "<https://x?page=2%26conditions=x>; rel=\"next\"", "<<<>>>; rel=\"next\"", ">;<"})
    EXPECT_EQ(next_in_link(odd, "page"), "") << odd;
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
