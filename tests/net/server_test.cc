#include "net/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <future>
#include <set>

#include "net/support.h"

namespace crosswalk::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::RawClient;
using test::start_server;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Answers with what it was asked.
asio::awaitable<Response> echo(const Request& request) {
  co_return Response{
      200, {{"Content-Type", "text/plain"}}, request.method + " " + request.target + " " + request.body, false};
}

void expect_problem(const std::string& answer, int status) {
  ASSERT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(status)));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
  const auto body = boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4)).as_object();
  EXPECT_EQ(body.at("status").as_int64(), status);
  for (const char* member : {"type", "title", "detail"}) EXPECT_FALSE(body.at(member).as_string().empty()) << member;
}

TEST(Server, KeepsTheConnectionAndAnswersInOrderWhenRequestsArePipelined) {
  const auto server = start_server(echo);
  RawClient client(server->port());
  std::string requests;
  for (int number = 0; number < 100; ++number) {
    requests += "POST /" + std::to_string(number) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  }
  client.send(requests);
  for (int number = 0; number < 100; ++number) {
    ASSERT_THAT(client.receive(), testing::EndsWith("\r\n\r\nPOST /" + std::to_string(number) + " hi"));
  }
}

TEST(Server, HandsOverHeadersAndBodyAndForgetsThoseOfTheRequestBefore) {
  std::vector<Request> seen;
  const auto server = start_server([&](const Request& request) -> asio::awaitable<Response> {
    seen.push_back(request);
    co_return Response{};
  });
  RawClient client(server->port());
  client.send("PATCH /a?b=c HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nX-Two:  2 \r\nContent-Length: 4\r\n\r\nbody");
  client.receive();
  client.send("\r\nGET /d HTTP/1.1\r\nhost: y\r\n\r\n");
  client.receive();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].method, "PATCH");
  EXPECT_EQ(seen[0].target, "/a?b=c");
  EXPECT_EQ(*seen[0].headers.find("x-two"), "2");
  EXPECT_EQ(seen[0].body, "body");
  EXPECT_EQ(seen[1].headers.items, (std::vector<std::pair<std::string, std::string>>{{"host", "y"}}));
  EXPECT_EQ(seen[1].body, "");
}

TEST(Server, ReadsChunkedBodiesAndDoesNotTakeTrailersForHeaders) {
  std::vector<Request> seen;
  const auto server = start_server([&](const Request& request) -> asio::awaitable<Response> {
    seen.push_back(request);
    co_return Response{};
  });
  RawClient client(server->port());
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nAuthorization: "
      "t\r\n\r\n");
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].body, "abcde");
  EXPECT_EQ(seen[0].headers.find("Authorization"), nullptr);
}

TEST(Server, AnswersHeadWithoutABodyButWithItsLength) {
  const auto server = start_server(echo);
  RawClient client(server->port());
  client.send("HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.receive_all();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(Server, GivesNoLengthWhereThereCanBeNoBody) {
  const auto server = start_server([](const Request&) -> asio::awaitable<Response> {
    co_return Response{204, {}, "", false};
  });
  RawClient client(server->port());
  client.send("DELETE /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive_all(), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(Server, TellsAWaitingClientToContinue) {
  const auto server = start_server(echo);
  RawClient client(server->port());
  client.send("POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_THAT(client.receive(), testing::EndsWith("POST /x body"));
}

TEST(Server, ClosesWhenTheClientOrItsVersionAsksForIt) {
  const auto server = start_server(echo);
  RawClient closing(server->port());
  closing.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(closing.receive_all(), HasSubstr("Connection: close\r\n"));
  RawClient old(server->port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.receive_all(), StartsWith("HTTP/1.1 200 OK\r\n"));
  RawClient old_keeping(server->port());
  old_keeping.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(old_keeping.receive(), HasSubstr("Connection: keep-alive\r\n"));
  old_keeping.send("GET /2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old_keeping.receive(), testing::EndsWith("GET /2 "));
}

TEST(Server, RefusesAnAnnouncedLargeBodyBeforeReadingIt) {
  const auto server = start_server(echo, {.body_bytes_max = 1000});
  RawClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  expect_problem(client.receive(), 413);
  client.end();
  EXPECT_EQ(client.receive_all(), "");
  RawClient fitting(server->port());
  fitting.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
  EXPECT_THAT(fitting.receive(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, RefusesALargeChunkedBodyWhileReadingItAndTheClientStillSeesTheAnswer) {
  const auto server = start_server(echo, {.body_bytes_max = 100'000});
  RawClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "2710\r\n" + std::string(10'000, 'x') + "\r\n";
  for (int count = 0; count < 200; ++count) client.send(chunk);
  expect_problem(client.receive(), 413);
}

TEST(Server, TakesABodyOfManyMegabytes) {
  const auto server = start_server(
      [](const Request& request) -> asio::awaitable<Response> {
        co_return Response{200, {}, request.body, false};
      },
      {.body_bytes_max = 8u << 20});
  RawClient client(server->port());
  std::string body(8u << 20, 'x');
  for (std::size_t at = 0; at < body.size(); at += 1000) body[at] = static_cast<char>('a' + at / 1000 % 26);
  std::thread sender([&] {
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    client.send(body);
  });
  sender.join();
  const std::string answer = client.receive();
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + body));
}

TEST(Server, RefusesLargeHeaders) {
  const auto server = start_server(echo, {.header_bytes_max = 4096});
  for (const std::string& request :
       {"GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(5000, 'x') + "\r\n\r\n",
        "GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", "GET /" + std::string(200'000, 'x')}) {
    RawClient client(server->port());
    client.send(request);
    expect_problem(client.receive(), 431);
  }
}

TEST(Server, RefusesAnEndlessChunkHeader) {
  const auto server = start_server(echo, {.header_bytes_max = 4096});
  RawClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(300'000, 'x'));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 4"));
}

TEST(Server, RefusesWhatIsNotHttp) {
  const auto server = start_server(echo);
  for (const std::string_view request :
       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "hello\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    RawClient client(server->port());
    client.send(request);
    expect_problem(client.receive(), 400);
  }
}

TEST(Server, AnswersASlowRequestWith408) {
  const auto server = start_server(echo, {.idle_timeout = 10s, .request_timeout = 50ms});
  RawClient slow(server->port());
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  expect_problem(slow.receive(), 408);
  RawClient slow_header(server->port());
  slow_header.send("GET / HTT");
  expect_problem(slow_header.receive(), 408);
}

TEST(Server, ClosesAnIdleConnectionSilently) {
  const auto server = start_server(echo, {.idle_timeout = 200ms, .request_timeout = 10s});
  RawClient idle(server->port());
  EXPECT_EQ(idle.receive_all(), "");
  RawClient used(server->port());
  used.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(used.receive_all(), testing::AllOf(StartsWith("HTTP/1.1 200 OK"), Not(HasSubstr("408"))));
}

TEST(Server, LetsAHandlerTakeLongerThanTheTimeoutsOfTheClient) {
  const auto server = start_server(
      [](const Request&) -> asio::awaitable<Response> {
        asio::steady_timer timer(co_await asio::this_coro::executor, 150ms);
        co_await timer.async_wait(asio::use_awaitable);
        co_return Response{};
      },
      {.idle_timeout = 10s, .request_timeout = 40ms});
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(Server, AnswersWith500WhenAHandlerThrowsAndKeepsServing) {
  const auto server = start_server([](const Request& request) -> asio::awaitable<Response> {
    if (request.target == "/bug") throw std::runtime_error("bug");
    co_return Response{};
  });
  RawClient client(server->port());
  client.send("GET /bug HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.receive();
  expect_problem(answer, 500);
  EXPECT_THAT(answer, Not(HasSubstr("bug")));
  client.send("GET /fine HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(Server, DropsAConnectionOnRequest) {
  const auto server = start_server([](const Request&) -> asio::awaitable<Response> {
    Response response;
    response.drop_connection = true;
    co_return response;
  });
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Server, LetsNoHandlerWriteHeadersThroughAValueOrFrameTheMessage) {
  const auto server = start_server([](const Request&) -> asio::awaitable<Response> {
    co_return Response{
        200,
        {{"Location", "/x\r\nSet-Cookie: a=b"}, {"Content-Length", "999"}, {"Transfer-Encoding", "chunked"}},
        "body",
        false};
  });
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.receive();
  EXPECT_THAT(answer, HasSubstr("Location: /x  Set-Cookie: a=b\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("999")));
  EXPECT_THAT(answer, Not(HasSubstr("chunked")));
}

TEST(Server, ResumesAHandlerThatAnotherThreadCompletes) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  const auto server = start_server(
      [&](const Request&) -> asio::awaitable<Response> {
        const auto before = std::this_thread::get_id();
        auto initiation = [&](auto handler) {
          const std::lock_guard lock(mutex);
          threads.emplace_back([handler = std::move(handler)]() mutable {
            const auto executor = asio::get_associated_executor(handler);
            asio::post(executor, std::move(handler));
          });
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiation),
                                                                             asio::use_awaitable);
        co_return Response{200, {}, before == std::this_thread::get_id() ? "same thread" : "other thread", false};
      },
      {.threads = 2});
  for (int count = 0; count < 8; ++count) {
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.receive(), HasSubstr("same thread"));
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Server, SpreadsConnectionsOverItsThreads) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  const auto server = start_server(
      [&](const Request&) -> asio::awaitable<Response> {
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
        co_return Response{};
      },
      {.threads = 3});
  for (int count = 0; count < 3; ++count) {
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.receive();
  }
  EXPECT_EQ(seen.size(), 3u);
}

bool accepts(std::uint16_t port) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  boost::system::error_code error;
  socket.connect({asio::ip::address_v4::loopback(), port}, error);
  return !error;
}

TEST(Server, LetsARequestUnderWayEndWhenItStops) {
  std::promise<void> entered;
  std::promise<asio::steady_timer*> timer_given;
  const auto server = start_server([&](const Request&) -> asio::awaitable<Response> {
    asio::steady_timer released(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    timer_given.set_value(&released);
    entered.set_value();
    try {
      co_await released.async_wait(asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      // The test has let it go.
    }
    co_return Response{200, {}, "done", false};
  });
  const std::uint16_t port = server->port();
  RawClient idle(port);
  RawClient client(port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  auto stopping = std::async(std::launch::async, [&] { server->stop(20s); });
  while (accepts(port)) std::this_thread::yield();
  EXPECT_EQ(idle.receive_all(), "");
  asio::steady_timer* timer = timer_given.get_future().get();
  asio::post(timer->get_executor(), [timer] { timer->cancel(); });
  const std::string answer = client.receive_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  stopping.get();
}

TEST(Server, CancelsAHandlerThatOutlivesTheGrace) {
  std::promise<void> entered;
  bool unwound = false;
  const auto server = start_server([&](const Request&) -> asio::awaitable<Response> {
    struct Unwinding {
      bool& flag;
      ~Unwinding() { flag = true; }
    } const unwinding{unwound};
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    entered.set_value();
    co_await never.async_wait(asio::use_awaitable);
    co_return Response{};
  });
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  server->stop(1ms);
  EXPECT_TRUE(unwound);
  EXPECT_EQ(client.receive_all(), "");
  server->stop(1ms);
}

TEST(Server, NamesThePortThatIsTaken) {
  const auto first = start_server(echo);
  const auto second = Server::start({.port = first->port()}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "net.port_taken");
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string(first->port())));
  first->stop(1s);
  EXPECT_TRUE(Server::start({.port = first->port()}, echo));
}

TEST(Server, RefusesAddressesAndCertificatesItCannotUse) {
  EXPECT_EQ(Server::start({.address = "not an address"}, echo).error().code, "net.address_invalid");
  EXPECT_EQ(Server::start({.address = "198.51.100.7"}, echo).error().code, "net.address_invalid");
  EXPECT_EQ(Server::start({.certificate_file = "/nowhere.pem"}, echo).error().code, "net.certificate_unreadable");
  EXPECT_EQ(Server::start({.certificate_file = "/nowhere.pem", .private_key_file = "/nowhere.key"}, echo).error().code,
            "net.certificate_unreadable");
}

}  // namespace
}  // namespace crosswalk::net
