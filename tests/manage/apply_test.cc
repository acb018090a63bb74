#include <boost/json/parse.hpp>

#include "base/text.h"
#include "connectwise/manage/wire.h"
#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

using net::TransportError;
using psa::CallReport;

class ApplyTest : public testing::ManageTest {
 protected:
  ApplyTest() { transport_.found(); }
  CallReport::Kind last_report() const { return gate_.reports.back().kind; }
};

TEST_F(ApplyTest, GivesTheCreatedTicketAsTheAnswerShowsIt) {
  transport_.answer(
      "POST", "/service/tickets", 201,
      R"({"id":69,"summary":"Disk full","externalXRef":"cw-1","status":{"id":1,"name":"New"},"new":true})");
  const psa::Outcome outcome = apply(create());
  ASSERT_TRUE(outcome.applied);
  EXPECT_EQ(outcome.object->value, "69");
  EXPECT_EQ(outcome.observed->external_reference, "cw-1");
  EXPECT_EQ(outcome.observed->find("status")->id(), "1");
  EXPECT_EQ(gate_.last_lane, psa::Lane::tickets);
  EXPECT_EQ(last_report(), CallReport::Kind::answered);
}

TEST_F(ApplyTest, LeavesTheOutcomeOpenWhenASuccessCannotBeRead) {
  const std::vector<std::pair<const char*, const char*>> bodies{{"", "psa.answer_empty"},
                                                                {"<html>sign in</html>", "psa.answer_not_json"},
                                                                {R"({"id":6)", "psa.answer_not_json"},
                                                                {R"({"summary":"x"})", "psa.unrecognized_answer"},
                                                                {"[]", "psa.unrecognized_answer"}};
  for (const auto& [body, code] : bodies) {
    transport_.answer("POST", "/service/tickets", 201, body);
    const psa::Outcome outcome = apply(create());
    EXPECT_FALSE(outcome.applied);
    EXPECT_EQ(outcome.disposition, Disposition::unknown) << body;
    EXPECT_EQ(outcome.error.code, code) << body;
    EXPECT_EQ(outcome.calls.back().response_body, body) << "kept for study";
  }
}

TEST_F(ApplyTest, LeavesTheOutcomeOpenWhenAnotherTicketIsShown) {
  transport_.answer("PATCH", "/service/tickets/69", 200, R"({"id":70})");
  const psa::Outcome outcome = apply(close());
  EXPECT_EQ(outcome.disposition, Disposition::unknown);
  EXPECT_EQ(outcome.error.code, "psa.answer_mismatch");
}

TEST_F(ApplyTest, HoldsACallThatGotNoTurnAgainstNobody) {
  transport_.fail("POST", "/service/tickets", TransportError::Kind::not_sent, "net.calls_waiting");
  const psa::Outcome outcome = apply(create());
  EXPECT_EQ(outcome.disposition, Disposition::retry);
  EXPECT_EQ(last_report(), CallReport::Kind::aside) << "it says nothing of whether ConnectWise answers";
}

TEST_F(ApplyTest, TellsWhatWasCertainlyNotSentFromWhatMayHaveBeenDone) {
  transport_.fail("POST", "/service/tickets", TransportError::Kind::not_sent, "net.connection_refused");
  transport_.fail("POST", "/service/tickets", TransportError::Kind::no_answer, "net.timeout");
  transport_.fail("POST", "/service/tickets", TransportError::Kind::answer_unreadable, "net.answer_too_large");
  transport_.answer("POST", "/service/tickets", 500, R"({"code":"ConnectWiseApi","message":"oops"})");
  transport_.answer("POST", "/service/tickets", 502, "<html><title>Bad Gateway</title></html>", "text/html");
  const psa::Outcome refused = apply(create());
  EXPECT_EQ(refused.disposition, Disposition::retry);
  EXPECT_EQ(refused.error.code, "net.connection_refused");
  EXPECT_EQ(refused.calls.back().status, 0);
  EXPECT_EQ(last_report(), CallReport::Kind::unreachable);
  const psa::Outcome timed_out = apply(create());
  EXPECT_EQ(timed_out.disposition, Disposition::unknown);
  EXPECT_EQ(timed_out.error.code, "net.timeout");
  EXPECT_EQ(apply(create()).disposition, Disposition::unknown);
  EXPECT_EQ(apply(create()).disposition, Disposition::unknown);
  EXPECT_EQ(last_report(), CallReport::Kind::failed);
  const psa::Outcome gateway = apply(create());
  EXPECT_EQ(gateway.disposition, Disposition::unknown);
  EXPECT_EQ(gateway.error.code, "psa.outage");
}

TEST_F(ApplyTest, PassesOnHowLongToWaitWhenThrottled) {
  transport_.answer("POST", "/service/tickets", 429,
                    R"({"error":"ConnectWiseAPI","message":"Too many requests. Please try again in 30 seconds."})",
                    "application/json", {{"Retry-After", "17"}});
  transport_.answer("POST", "/service/tickets", 429, "slow down", "text/plain",
                    {{"retry-after", "Sun, 01 Mar 2026 08:00:09 GMT"}});
  transport_.answer("POST", "/service/tickets", 429, "");
  const psa::Outcome seconds = apply(create());
  EXPECT_EQ(seconds.disposition, Disposition::throttled);
  EXPECT_EQ(seconds.error.code, "psa.throttled");
  EXPECT_EQ(seconds.retry_after, std::chrono::seconds(17));
  EXPECT_EQ(last_report(), CallReport::Kind::throttled);
  EXPECT_EQ(gate_.reports.back().retry_after, std::chrono::seconds(17));
  EXPECT_EQ(apply(create()).retry_after, std::chrono::seconds(9));
  const psa::Outcome bare = apply(create());
  EXPECT_EQ(bare.disposition, Disposition::throttled);
  EXPECT_FALSE(bare.retry_after);
}

TEST_F(ApplyTest, ReportsRefusedCredentialsToTheGate) {
  transport_.answer("POST", "/service/tickets", 401, R"({"code":"ConnectWiseApi","message":"UserNotAuthenticated"})");
  const psa::Outcome outcome = apply(create());
  EXPECT_EQ(outcome.disposition, Disposition::credentials);
  EXPECT_EQ(last_report(), CallReport::Kind::refused_credentials);
}

TEST_F(ApplyTest, NamesTheRightThatIsMissing) {
  const char* body = R"({"code":"Security","message":"You do not have security permission to perform this action."})";
  transport_.answer("POST", "/service/tickets", 403, body);
  transport_.answer("PATCH", "/service/tickets/69", 403, body);
  transport_.answer("POST", "/service/tickets/69/notes", 403, body);
  const psa::Outcome created = apply(create());
  EXPECT_EQ(created.error.code, "psa.permission_missing");
  EXPECT_EQ(created.disposition, Disposition::park);
  EXPECT_NE(created.error.message.find("Service Desk > Service Tickets: Add All"), std::string::npos);
  EXPECT_NE(apply(close()).error.message.find("Service Desk > Close Service Tickets"), std::string::npos);
  EXPECT_NE(apply(note()).error.message.find("Service Desk > Service Tickets: Edit All"), std::string::npos);
  EXPECT_EQ(last_report(), CallReport::Kind::answered) << "a missing right is no outage";
}

TEST_F(ApplyTest, ParksWhatConnectWiseWillNeverTake) {
  transport_.answer(
      "PATCH", "/service/tickets/69", 400,
      R"({"code":"InvalidObject","errors":[{"code":"NotFound","message":"Service Status 17 not found for Service Board 21","field":"status/id"}]})");
  transport_.answer("PATCH", "/service/tickets/69", 500,
                    R"({"code":"ConnectWiseApi","message":"String was not recognized as a valid Boolean."})");
  const psa::Outcome refused = apply(close());
  EXPECT_EQ(refused.disposition, Disposition::park);
  EXPECT_EQ(refused.error.code, "psa.status_not_on_board");
  const psa::Outcome data = apply(close());
  EXPECT_EQ(data.disposition, Disposition::park);
  EXPECT_EQ(data.error.code, "psa.value_format");
  EXPECT_EQ(last_report(), CallReport::Kind::answered);
}

TEST_F(ApplyTest, SaysThatTheTicketIsGone) {
  transport_.answer("PATCH", "/service/tickets/69", 404, R"({"code":"NotFound","message":"Ticket 69 not found"})");
  transport_.answer("POST", "/service/tickets/69/notes", 404, R"({"code":"NotFound","message":"Record 69 not found"})");
  for (const psa::Operation& operation : {psa::Operation(close()), psa::Operation(note())}) {
    const psa::Outcome outcome = apply(operation);
    EXPECT_EQ(outcome.disposition, Disposition::gone);
    EXPECT_EQ(outcome.error.code, "psa.ticket_gone");
  }
}

TEST_F(ApplyTest, AddsNotesAndAttachesChildrenAndConfigurations) {
  transport_.answer("POST", "/service/tickets/69/notes", 201, R"({"id":3,"internalFlag":true,"externalFlag":true})");
  transport_.answer("POST", "/service/tickets/69/attachChildren", 200, R"({"success":true,"message":""})");
  transport_.answer("POST", "/service/tickets/69/configurations", 201, R"({"id":12,"deviceIdentifier":"d"})");
  EXPECT_EQ(apply(note()).object->value, "69");
  EXPECT_TRUE(apply(psa::AttachChildren{ticket("69"), {ticket("70")}}).applied);
  EXPECT_TRUE(apply(psa::AttachConfiguration{ticket("69"), "12", ""}).applied);
}

TEST_F(ApplyTest, ReadsAFailureWithinASuccess) {
  transport_.answer("POST", "/service/tickets/69/attachChildren", 200,
                    R"({"success":false,"message":"already a child"})");
  const psa::Outcome outcome = apply(psa::AttachChildren{ticket("69"), {ticket("70")}});
  EXPECT_FALSE(outcome.applied);
  EXPECT_EQ(outcome.disposition, Disposition::park);
  EXPECT_NE(outcome.error.message.find("already a child"), std::string::npos);
}

TEST_F(ApplyTest, TakesAnExistingConfigurationLinkForDone) {
  transport_.answer("POST", "/service/tickets/69/configurations", 400,
                    R"({"code":"InvalidObject","errors":[{"code":"ObjectExists","message":"exists"}]})");
  EXPECT_TRUE(apply(psa::AttachConfiguration{ticket("69"), "12", ""}).applied);
}

TEST_F(ApplyTest, SendsNothingForAnIdThatCannotBe) {
  transport_.steps.clear();
  const psa::Outcome outcome = apply(psa::UpdateObject{ticket("69/../1"), {{"status", psa::Reference{"1", ""}}}});
  EXPECT_EQ(outcome.disposition, Disposition::park);
  EXPECT_TRUE(outcome.calls.empty());
  EXPECT_EQ(gate_.asked_count, 0);
}

TEST_F(ApplyTest, MakesNoCallWhenTheGateIsClosed) {
  transport_.steps.clear();
  gate_.passes_left = 0;
  const psa::Outcome outcome = apply(create());
  EXPECT_EQ(outcome.error.code, "psa.circuit_open");
  EXPECT_EQ(outcome.disposition, Disposition::retry);
  EXPECT_TRUE(transport_.requests.empty());
  EXPECT_TRUE(outcome.calls.empty());
}

TEST_F(ApplyTest, LeavesTheGateWhenTheTransportThrows) {
  transport_.answer("POST", "/service/tickets", 201, R"({"id":1})");
  transport_.steps.back().throws = true;
  EXPECT_THROW((void)apply(create()), std::runtime_error);
  EXPECT_EQ(gate_.entered_count, 2);
  EXPECT_EQ(last_report(), CallReport::Kind::aside) << "it says nothing of ConnectWise";
}

TEST_F(ApplyTest, RecordsCallsWithCutBodiesAndWithoutSecrets) {
  const std::string key(testing::kPrivateKey);
  transport_.answer("POST", "/service/tickets", 400,
                    R"({"code":"InvalidObject","message":"key )" + key +
                        R"( in YWNtZStwdWJsaWM6czNjcjN0UHJpdmF0ZUtleQ== ",)" + R"("errors":[{"message":")" +
                        std::string(5'000, 'x') + "\"}]}");
  transport_.fail("POST", "/service/tickets", TransportError::Kind::not_sent, "net.tls_failed");
  psa::CreateObject operation = create();
  operation.description = std::string(psa::kCallBodyMax - 100, 'a');
  for (int each = 0; each < 200; ++each) operation.description += "é";
  const psa::Outcome outcome = apply(operation);
  const psa::Outcome unsent = apply(operation);
  ASSERT_EQ(outcome.calls.size(), 2u);
  EXPECT_EQ(outcome.calls[0].target, "/login/companyinfo/acme");
  EXPECT_EQ(outcome.calls[1].target, "/v4_6_release/apis/3.0/service/tickets");
  EXPECT_EQ(outcome.calls[1].method, "POST");
  EXPECT_EQ(outcome.calls[1].status, 400);
  EXPECT_NE(outcome.calls[0].id, outcome.calls[1].id);
  for (const psa::Outcome& each : {outcome, unsent}) {
    std::string everything = each.error.code + each.error.message;
    for (const psa::Call& call : each.calls) {
      EXPECT_LE(call.request_body.size(), psa::kCallBodyMax);
      EXPECT_LE(call.response_body.size(), psa::kCallBodyMax);
      EXPECT_TRUE(is_utf8(call.request_body));
      everything += call.id + call.method + call.target + call.request_body + call.response_body;
    }
    EXPECT_EQ(everything.find(key), std::string::npos);
    EXPECT_EQ(everything.find("YWNtZStwdWJsaWM6"), std::string::npos);
  }
  EXPECT_NE(outcome.error.message.find("[hidden]"), std::string::npos);
}

TEST_F(ApplyTest, HasNoHandToWriteWithWhenItMayOnlyRead) {
  transport_.steps.clear();
  const psa::Psa reader = provider_->psa(true);
  EXPECT_EQ(reader.applies, nullptr);
  EXPECT_NE(reader.tickets, nullptr);
  EXPECT_NE(psa_.applies, nullptr);
  EXPECT_EQ(psa_.provider, "manage");
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
