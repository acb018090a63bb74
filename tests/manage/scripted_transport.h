#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectwise/manage/provider.h"
#include "connectwise_material.h"
#include "net/http.h"
#include "psa/port.h"

namespace crosswalk::testing {

/// Counts who goes in and out, and can be told to keep the next one out.
class CountingGate final : public psa::CallGate {
 public:
  boost::asio::awaitable<Result<void>> enter(psa::Lane lane) override {
    ++asked_count;
    last_lane = lane;
    if (passes_left == 0) co_return failure("psa.circuit_open", "closed by the test");
    if (passes_left > 0) --passes_left;
    ++entered_count;
    ++inside_count;
    co_return Result<void>{};
  }
  void leave(const psa::CallReport& report) override {
    --inside_count;
    reports.push_back(report);
  }

  int asked_count = 0, entered_count = 0, inside_count = 0;
  int passes_left = -1;  ///< negative: any number
  psa::Lane last_lane = psa::Lane::sweep;
  std::vector<psa::CallReport> reports;
};

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return at; }
  [[nodiscard]] Timestamp monotonic() const override { return at; }
  boost::asio::awaitable<void> sleep_until(Timestamp until) override {
    at = until;
    co_return;
  }
  boost::asio::awaitable<void> sleep_for(Duration time) override {
    at += time;
    co_return;
  }
  Timestamp at = *parse_timestamp("2026-03-01T08:00:00Z");
};

/// Plays a queue of expected requests and their answers.
class ScriptedTransport final : public net::Transport {
 public:
  struct Step {
    std::string method, part;  ///< of the URL
    tl::expected<net::Response, net::TransportError> answer;
    bool throws = false;
  };

  explicit ScriptedTransport(CountingGate& gate) : gate_(gate) {}

  ScriptedTransport& answer(std::string method, std::string part, int status, std::string body,
                            std::string content_type = "application/json", net::Headers headers = {}) {
    net::Response response;
    response.status = status;
    response.headers = std::move(headers);
    if (!content_type.empty()) response.headers.add("Content-Type", std::move(content_type));
    response.body = std::move(body);
    steps.push_back({std::move(method), std::move(part), std::move(response), false});
    return *this;
  }
  ScriptedTransport& fail(std::string method, std::string part, net::TransportError::Kind kind, std::string code) {
    steps.push_back({std::move(method), std::move(part),
                     tl::unexpected(net::TransportError{kind, std::move(code), "said by the test"}), false});
    return *this;
  }
  ScriptedTransport& found() {
    return answer("GET", "/login/companyinfo/acme", 200, R"({"Codebase":"v4_6_release/","IsCloud":false,"New":[1]})");
  }

  boost::asio::awaitable<tl::expected<net::Response, net::TransportError>> send(net::Request request,
                                                                                net::SendOptions) override {
    EXPECT_EQ(gate_.inside_count, 1) << "a call beside the gate";
    requests.push_back(request);
    if (steps.empty()) {
      ADD_FAILURE() << "unexpected " << request.method << " " << request.target;
      co_return tl::unexpected(
          net::TransportError{net::TransportError::Kind::not_sent, "net.connection_refused", "end"});
    }
    Step step = std::move(steps.front());
    steps.pop_front();
    EXPECT_EQ(request.method, step.method) << request.target;
    EXPECT_NE(request.target.find(step.part), std::string::npos) << request.target << " lacks " << step.part;
    if (step.throws) throw std::runtime_error("cancelled by the test");
    co_return std::move(step.answer);
  }

  std::deque<Step> steps;
  std::vector<net::Request> requests;

 private:
  CountingGate& gate_;
};

template <class T>
T run(boost::asio::awaitable<T> work) {
  boost::asio::io_context context;
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T value) {
    thrown = error;
    result = std::move(value);
  });
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

inline constexpr std::string_view kPrivateKey = "s3cr3tPrivateKey";

/// One partner "p1" with its provider on a scripted PSA. Every test ends with an empty script and an empty gate.
class ManageTest : public ::testing::Test {
 protected:
  explicit ManageTest(std::string site = "http://127.0.0.1:8600")
      : provider_(connectwise::manage::Provider::make(
            PartnerId("p1"), {std::move(site), "acme", "public", std::string(kPrivateKey), "client-1"}, transport_,
            gate_, clock_)),
        psa_(provider_->psa(false)) {}

  void TearDown() override {
    EXPECT_TRUE(transport_.steps.empty()) << transport_.steps.size() << " expected requests were not made";
    EXPECT_EQ(gate_.inside_count, 0);
    EXPECT_EQ(gate_.reports.size(), static_cast<std::size_t>(gate_.entered_count));
    for (const net::Request& each : transport_.requests) EXPECT_LE(each.target.size(), 2000u);
  }

  psa::Outcome apply(const psa::Operation& operation) {
    return run(psa_.applies->apply(operation, psa::Lane::tickets));
  }

  static psa::ObjectId ticket(std::string value) {
    return {"manage", PartnerId("p1"), psa::ObjectKind::ticket, std::move(value)};
  }
  static psa::CreateObject create() {
    return {psa::ObjectKind::ticket,
            {{"summary", std::string("Disk full")}, {"company", psa::Reference{"5", "Contoso"}}},
            "cw-1",
            "why"};
  }
  static psa::UpdateObject close() { return {ticket("69"), {{"status", psa::Reference{"17", "Closed"}}}}; }
  static psa::AddNote note() { return {ticket("69"), "m1", psa::NoteKind::internal, "text [m1]"}; }

  CountingGate gate_;
  ScriptedTransport transport_{gate_};
  FixedClock clock_;
  std::unique_ptr<connectwise::manage::Provider> provider_;
  psa::Psa psa_;
};

}  // namespace crosswalk::testing
