#include "net/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>

#include "net/certificate.h"
#include "net/support.h"

namespace crosswalk::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::await;
using test::local_url;
using test::make_local_transport;
using test::read_request;
using test::ScriptedServer;
using test::start_server;
using test::write_text;
using testing::HasSubstr;
using testing::Not;
using Kind = TransportError::Kind;
using Outcome = tl::expected<Response, TransportError>;

constexpr std::string_view kEmptyAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

Request request(std::string method, std::string url, std::string body = {}) {
  return {std::move(method), std::move(url), {}, std::move(body)};
}

void expect_error(const Outcome& outcome, Kind kind, std::string_view code) {
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, kind) << outcome.error().message;
  EXPECT_EQ(outcome.error().code, code) << outcome.error().message;
}

TEST(CurlTransport, CarriesEveryMethodWithHeadersAndBody) {
  const auto server = start_server([](const Request& asked) -> asio::awaitable<Response> {
    std::string seen = asked.method + " " + asked.target + " [" + asked.body + "]";
    for (const char* name : {"X-Key", "X-Empty", "Content-Type", "User-Agent"}) {
      if (const auto* value = asked.headers.find(name)) seen += std::string(" ") + name + "=" + *value;
    }
    co_return Response{201, {{"X-Answer", " spaced "}}, std::move(seen), false};
  });
  const auto transport = make_local_transport({.user_agent = "Crosswalk/test"});
  const auto sent = [&](const std::string& method, const std::string& body, Headers headers = {}) {
    const auto outcome =
        await(transport->send({method, local_url(*server, "/a?b=%20c"), std::move(headers), body}, {}));
    EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->status, 201);
    EXPECT_EQ(*outcome->headers.find("x-answer"), "spaced");
    return outcome->body;
  };
  // Handles are used again, so each method comes after each other kind.
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(sent("GET", ""), "GET /a?b=%20c [] User-Agent=Crosswalk/test");
    EXPECT_EQ(sent("POST", "{}", {{"X-Key", "k"}, {"X-Empty", ""}, {"Content-Type", "application/json"}}),
              "POST /a?b=%20c [{}] X-Key=k X-Empty= Content-Type=application/json User-Agent=Crosswalk/test");
    EXPECT_EQ(sent("DELETE", ""), "DELETE /a?b=%20c [] User-Agent=Crosswalk/test");
    EXPECT_EQ(sent("POST", ""), "POST /a?b=%20c [] User-Agent=Crosswalk/test");
    EXPECT_EQ(sent("HEAD", ""), "");
    EXPECT_EQ(sent("PATCH", "[]"), "PATCH /a?b=%20c [[]] User-Agent=Crosswalk/test");
    EXPECT_EQ(sent("PUT", "p"), "PUT /a?b=%20c [p] User-Agent=Crosswalk/test");
    EXPECT_EQ(sent("DELETE", "d"), "DELETE /a?b=%20c [d] User-Agent=Crosswalk/test");
    EXPECT_EQ(sent("GET", ""), "GET /a?b=%20c [] User-Agent=Crosswalk/test");
  }
}

TEST(CurlTransport, CarriesLargeBodiesBothWays) {
  const auto server = start_server([](const Request& asked) -> asio::awaitable<Response> {
    co_return Response{200, {}, asked.body, false};
  });
  const auto transport = make_local_transport();
  const std::string body(3u << 20, 'x');
  const auto outcome = await(transport->send(request("POST", local_url(*server, "/"), body), {}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->body == body);
}

TEST(CurlTransport, SendsManyRequestsAtOnceOverFewConnections) {
  std::atomic<int> handled = 0;
  const auto server = start_server([&](const Request& asked) -> asio::awaitable<Response> {
    ++handled;
    co_return Response{200, {}, asked.target, false};
  });
  const auto transport = make_local_transport({.calls_max = 8});
  asio::io_context context;
  int right = 0;
  for (int number = 0; number < 400; ++number) {
    asio::co_spawn(
        context,
        [&, number]() -> asio::awaitable<void> {
          const std::string path = "/" + std::to_string(number);
          for (int round = 0; round < 3; ++round) {
            Request asked = request("GET", local_url(*server, path));
            const SendOptions options;
            const auto outcome = co_await transport->send(std::move(asked), options);
            if (outcome && outcome->body == path) ++right;
          }
        },
        asio::detached);
  }
  context.run();
  EXPECT_EQ(right, 1200);
  EXPECT_EQ(handled, 1200);
}

/// Answers calls to /slow only when it is told to, and the others at once.
struct HoldingServer {
  std::mutex mutex;
  std::vector<asio::steady_timer*> held;
  std::atomic<int> waiting = 0;
  std::unique_ptr<Server> server = start_server([this](const Request& asked) -> asio::awaitable<Response> {
    if (asked.target != "/slow") co_return Response{};
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    {
      const std::lock_guard lock(mutex);
      held.push_back(&timer);
    }
    ++waiting;
    boost::system::error_code released;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, released));
    co_return Response{};
  });
  void release_all() {
    const std::lock_guard lock(mutex);
    for (asio::steady_timer* each : held) asio::post(each->get_executor(), [each] { each->cancel(); });
    held.clear();
  }
};

asio::awaitable<void> call_for(Transport& transport, std::string url, std::string owner, Duration timeout,
                               std::function<void(Outcome)> done) {
  SendOptions options;
  options.owner = std::move(owner);
  options.timeout = timeout;
  Request asked = request("GET", std::move(url));
  Outcome outcome = co_await transport.send(std::move(asked), options);
  done(std::move(outcome));
}

TEST(CurlTransport, LetsNoSlowOwnersTakeAllConnectionsToAHost) {
  HoldingServer house;
  const auto transport = make_local_transport({.calls_max = 16});
  asio::io_context context;
  int slow_done = 0, quiet_done = 0, slow_under_way = 0;
  for (int owner = 0; owner < 6; ++owner) {
    for (int count = 0; count < 10; ++count) {
      asio::co_spawn(context,
                     call_for(*transport, local_url(*house.server, "/slow"), "slow-" + std::to_string(owner), 30s,
                              [&](const Outcome& outcome) { slow_done += outcome ? 1 : 0; }),
                     asio::detached);
    }
  }
  while (house.waiting < 12) context.poll();
  for (int owner = 0; owner < 20; ++owner) {
    asio::co_spawn(context,
                   call_for(*transport, local_url(*house.server, "/fast"), "quiet-" + std::to_string(owner), 30s,
                            [&](const Outcome& outcome) {
                              EXPECT_TRUE(outcome);
                              if (++quiet_done < 20) return;
                              slow_under_way = house.waiting;
                              house.release_all();
                            }),
                   asio::detached);
  }
  while (quiet_done < 20) context.run_one();
  EXPECT_EQ(slow_done, 0) << "the quiet ones were answered while the slow ones were not";
  EXPECT_LE(slow_under_way, 15);
  while (slow_done < 60) {
    house.release_all();
    context.poll();
  }
  context.run();
}

TEST(CurlTransport, SaysNotSentWhenACallGotNoTurnInTime) {
  HoldingServer house;
  const auto transport = make_local_transport({.calls_max = 1});
  asio::io_context context;
  asio::co_spawn(context,
                 call_for(*transport, local_url(*house.server, "/slow"), "a", 30s,
                          [](const Outcome& outcome) { EXPECT_TRUE(outcome); }),
                 asio::detached);
  while (house.waiting < 1) context.poll();
  asio::co_spawn(context,
                 call_for(*transport, local_url(*house.server, "/fast"), "b", 20ms,
                          [&](const Outcome& outcome) {
                            expect_error(outcome, Kind::not_sent, "net.calls_waiting");
                            house.release_all();
                          }),
                 asio::detached);
  context.run();
}

TEST(CurlTransport, EndsACallThatIsCancelledWhileItWaitsForItsTurn) {
  HoldingServer house;
  const auto transport = make_local_transport({.calls_max = 1});
  asio::io_context context;
  asio::co_spawn(context,
                 call_for(*transport, local_url(*house.server, "/slow"), "a", 30s,
                          [](const Outcome& outcome) { EXPECT_TRUE(outcome); }),
                 asio::detached);
  while (house.waiting < 1) context.poll();
  asio::cancellation_signal signal;
  asio::co_spawn(context,
                 call_for(*transport, local_url(*house.server, "/fast"), "b", 30s,
                          [&](const Outcome& outcome) {
                            expect_error(outcome, Kind::not_sent, "net.connection_lost");
                            house.release_all();
                          }),
                 asio::bind_cancellation_slot(signal.slot(), asio::detached));
  asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
  context.run();
}

TEST(CurlTransport, RefusesForbiddenHostsAndMalformedRequestsWithoutSending) {
  const auto strict = make_curl_transport({}, HostPolicy{});
  expect_error(await(strict->send(request("GET", "http://127.0.0.1:1/"), {})), Kind::not_sent, "net.host_not_allowed");
  expect_error(await(strict->send(request("GET", "https://evil.example/"), {})), Kind::not_sent,
               "net.host_not_allowed");
  const auto transport = make_local_transport();
  Request injected = request("GET", "http://127.0.0.1:1/");
  injected.headers.add("X", "a\r\nY: b");
  expect_error(await(transport->send(injected, {})), Kind::not_sent, "net.request_invalid");
  expect_error(await(transport->send(request("GET / HTTP/1.1\r\nX:", "http://127.0.0.1:1/"), {})), Kind::not_sent,
               "net.request_invalid");
}

TEST(CurlTransport, RefusesANameThatResolvesToAPrivateAddress) {
  // Names below "localhost" are this machine (RFC 6761); the policy allows the name, and not the address behind it.
  const auto transport = make_curl_transport({}, HostPolicy{{".localhost"}, false});
  expect_error(await(transport->send(request("POST", "https://psa.localhost/"), {})), Kind::not_sent,
               "net.host_not_allowed");
}

TEST(CurlTransport, SaysNotSentWhenNobodyListens) {
  std::uint16_t free_port = 0;
  {
    const auto server = start_server([](const Request&) -> asio::awaitable<Response> { co_return Response{}; });
    free_port = server->port();
  }
  const auto transport = make_local_transport();
  const std::string url = "http://127.0.0.1:" + std::to_string(free_port) + "/";
  expect_error(await(transport->send(request("POST", url, "x"), {})), Kind::not_sent, "net.connection_refused");
}

TEST(CurlTransport, SaysNoAnswerWhenTheAnswerIsLate) {
  ScriptedServer server({[](ScriptedServer::Socket& socket) {
    read_request(socket);
    read_request(socket);  // until the client gives up
  }});
  const auto transport = make_local_transport();
  const auto outcome = await(transport->send(request("POST", server.url("/?secret=1"), "x"), {.timeout = 60ms}));
  expect_error(outcome, Kind::no_answer, "net.timeout");
  EXPECT_THAT(outcome.error().message, Not(HasSubstr("secret")));
}

TEST(CurlTransport, SaysNoAnswerWhenTheConnectionBreaks) {
  for (const std::string_view part :
       {"", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}) {
    ScriptedServer server({[&](ScriptedServer::Socket& socket) {
      read_request(socket);
      write_text(socket, part);
    }});
    const auto transport = make_local_transport();
    expect_error(await(transport->send(request("POST", server.url("/"), "x"), {})), Kind::no_answer,
                 "net.connection_lost");
  }
}

TEST(CurlTransport, SaysUnreadableWhenTheAnswerIsNotHttpOrTooLarge) {
  ScriptedServer server({[](ScriptedServer::Socket& socket) {
    read_request(socket);
    write_text(socket, "SSH-2.0-OpenSSH_9.2\r\n");
  }});
  const auto transport = make_local_transport();
  expect_error(await(transport->send(request("POST", server.url("/"), "x"), {})), Kind::answer_unreadable,
               "net.answer_unreadable");
  const auto large = start_server([](const Request&) -> asio::awaitable<Response> {
    co_return Response{200, {}, std::string(5000, 'x'), false};
  });
  expect_error(await(transport->send(request("GET", local_url(*large, "/")), {.response_bytes_max = 4999})),
               Kind::answer_unreadable, "net.answer_too_large");
  EXPECT_TRUE(await(transport->send(request("GET", local_url(*large, "/")), {.response_bytes_max = 5000})));
}

TEST(CurlTransport, DoesNotFollowRedirects) {
  const auto server = start_server([](const Request&) -> asio::awaitable<Response> {
    co_return Response{302, {{"Location", "http://127.0.0.1:1/"}}, "", false};
  });
  const auto outcome = await(make_local_transport()->send(request("GET", local_url(*server, "/")), {}));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 302);
}

/// Serves one request, then takes a second on the same connection and closes without an answer, as a server does whose
/// idle time-out crosses a request on the wire.
void serve_one_then_close(ScriptedServer::Socket& socket) {
  read_request(socket);
  write_text(socket, kEmptyAnswer);
  read_request(socket);
}

TEST(CurlTransport, NeverSendsAWriteASecondTimeWhenAReusedConnectionDies) {
  for (const std::string method : {"POST", "PATCH", "PUT", "DELETE"}) {
    for (const std::string body : {"", "x"}) {
      std::string resent;
      ScriptedServer server(
          {serve_one_then_close, [&](ScriptedServer::Socket& socket) { resent = read_request(socket); }});
      {
        const auto transport = make_local_transport();
        ASSERT_TRUE(await(transport->send(request("GET", server.url("/")), {})));
        expect_error(await(transport->send(request(method, server.url("/"), body), {})), Kind::no_answer,
                     "net.connection_lost");
      }
      server.stop();
      EXPECT_EQ(resent, "") << method;
    }
  }
}

TEST(CurlTransport, SendsAReadAgainWhenAReusedConnectionDies) {
  ScriptedServer server({serve_one_then_close, [](ScriptedServer::Socket& socket) {
                           read_request(socket);
                           write_text(socket, kEmptyAnswer);
                         }});
  const auto transport = make_local_transport();
  ASSERT_TRUE(await(transport->send(request("GET", server.url("/")), {})));
  EXPECT_TRUE(await(transport->send(request("GET", server.url("/")), {})));
}

struct Cancelled {
  std::optional<Outcome> outcome;
  std::exception_ptr exception;
};

/// Sends, and hands to `when` what cancels the call.
Cancelled send_and_cancel(asio::io_context& context, Transport& transport, Request wanted,
                          const std::function<void(std::function<void()>)>& when) {
  asio::cancellation_signal signal;
  Cancelled result;
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void> {
        const SendOptions options;
        result.outcome = co_await transport.send(std::move(wanted), options);
      },
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr exception) { result.exception = exception; }));
  when([&] { signal.emit(asio::cancellation_type::terminal); });
  context.run();
  return result;
}

TEST(CurlTransport, EndsACancelledCallAtOnceAndSaysThatItMayHaveBeenDone) {
  asio::io_context context;
  std::function<void()> cancel;
  ScriptedServer server({[&](ScriptedServer::Socket& socket) {
    read_request(socket);
    asio::post(context, [&] { cancel(); });
    EXPECT_EQ(read_request(socket), "");  // until the client has gone
  }});
  const auto transport = make_local_transport();
  const auto result = send_and_cancel(context, *transport, request("POST", server.url("/"), "x"),
                                      [&](std::function<void()> emit) { cancel = std::move(emit); });
  ASSERT_TRUE(result.outcome);
  expect_error(*result.outcome, Kind::no_answer, "net.connection_lost");
  server.finish();
}

TEST(CurlTransport, SurvivesCancellationAtAnyMoment) {
  const auto server = start_server([](const Request&) -> asio::awaitable<Response> { co_return Response{}; });
  const auto transport = make_local_transport();
  for (int round = 0; round < 300; ++round) {
    asio::io_context context;
    const auto result = send_and_cancel(context, *transport, request("POST", local_url(*server, "/"), "x"),
                                        [&](std::function<void()> emit) {
                                          // After so many turns of the loop the call is queued, on the wire or
                                          // answered.
                                          auto turn = std::make_shared<std::function<void(int)>>();
                                          *turn = [&context, emit, weak = std::weak_ptr(turn)](int left) {
                                            if (left == 0) return emit();
                                            asio::post(context, [turn = weak.lock(), left] { (*turn)(left - 1); });
                                          };
                                          asio::post(context, [turn, round] { (*turn)(round * 3); });
                                        });
    ASSERT_TRUE(result.outcome.has_value() || result.exception != nullptr);
    if (result.outcome && !*result.outcome) {
      EXPECT_EQ(result.outcome->error().code, "net.connection_lost");
    }
  }
  EXPECT_TRUE(await(transport->send(request("GET", local_url(*server, "/")), {})));
}

TEST(CurlTransport, EndsItsCallsWhenItIsDestroyed) {
  std::unique_ptr<Transport> transport = make_local_transport();
  asio::io_context context;
  ScriptedServer server({[&](ScriptedServer::Socket& socket) {
    read_request(socket);
    asio::post(context, [&] { transport.reset(); });
    read_request(socket);
  }});
  auto outcome = asio::co_spawn(context, transport->send(request("POST", server.url("/"), "x"), {}), asio::use_future);
  context.run();
  expect_error(outcome.get(), Kind::no_answer, "net.connection_lost");
}

TEST(CurlTransport, SpeaksTlsOnlyToWhomItTrusts) {
  const test::Certificate certificate("127.0.0.1");
  const auto server = start_server(
      [](const Request& asked) -> asio::awaitable<Response> {
        co_return Response{200, {}, asked.body, false};
      },
      {.certificate_file = certificate.certificate_file(), .private_key_file = certificate.private_key_file()});
  const std::string url = local_url(*server, "/", "https");
  const auto trusting = make_local_transport({.ca_file = certificate.certificate_file()});
  const std::string body(300'000, 'x');
  for (int round = 0; round < 3; ++round) {
    const auto outcome = await(trusting->send(request("POST", url, body), {}));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->body == body);
  }
  expect_error(await(make_local_transport()->send(request("POST", url, "x"), {})), Kind::not_sent, "net.tls_failed");
  expect_error(await(trusting->send(request("POST", local_url(*server, "/", "http"), "x"), {.timeout = 5s})),
               Kind::no_answer, "net.connection_lost");
}

TEST(CurlTransport, DoesNotTakeACertificateForAnotherName) {
  const test::Certificate certificate("psa.example.com");
  const auto server = start_server(
      [](const Request&) -> asio::awaitable<Response> { co_return Response{}; },
      {.certificate_file = certificate.certificate_file(), .private_key_file = certificate.private_key_file()});
  const auto transport = make_local_transport({.ca_file = certificate.certificate_file()});
  expect_error(await(transport->send(request("POST", local_url(*server, "/", "https"), "x"), {})), Kind::not_sent,
               "net.tls_failed");
}

/// Remembers what came through.
class RecordingTransport final : public Transport {
 public:
  asio::awaitable<Outcome> send(Request asked, SendOptions) override {
    seen.push_back(asked.method + " " + asked.target);
    co_return Response{};
  }
  std::vector<std::string> seen;
};

TEST(ReadOnlyTransport, LetsOnlyReadsThroughAndCountsTheRest) {
  RecordingTransport beneath;
  ReadOnlyTransport transport(beneath);
  EXPECT_TRUE(await(transport.send(request("GET", "https://h/service/tickets"), {})));
  EXPECT_TRUE(await(transport.send(request("POST", "https://h/service/tickets/search?page=1"), {})));
  for (const auto& [method, url] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "https://h/service/tickets"},
                                                        {"POST", "https://h/service/tickets?x=/search"},
                                                        {"POST", "https://h/t/searches"},
                                                        {"POST", "https://h/t#/search"},
                                                        {"PUT", "https://h/t/search"},
                                                        {"PATCH", "https://h/t/1"},
                                                        {"DELETE", "https://h/t/1"},
                                                        {"get", "https://h/t"},
                                                        {"", "https://h/t"}}) {
    expect_error(await(transport.send(request(method, url), {})), Kind::not_sent, "net.write_refused");
  }
  EXPECT_EQ(transport.writes_refused(), 9);
  EXPECT_EQ(beneath.seen.size(), 2u);
}

}  // namespace
}  // namespace crosswalk::net
