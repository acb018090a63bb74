#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <future>

#include "net/server.h"
#include "net/support.h"

namespace crosswalk::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::RawClient;
using test::start_server;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

asio::awaitable<Response> echo(const Request& request) {
  co_return Response{200, {}, request.method + " " + request.target + " " + request.body, false};
}

/// Status and code of a problem document.
std::string problem_of(const std::string& answer) {
  if (!answer.starts_with("HTTP/1.1 ")) return "no answer: " + answer;
  const auto body = boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4)).as_object();
  return answer.substr(9, 4) + std::string(body.at("code").as_string());
}

std::string post(std::size_t length, std::string_view headers = "") {
  return "POST /x HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "Content-Length: " + std::to_string(length) +
         "\r\n\r\n";
}

/// Admits what carries the key, up to so many bytes.
Admit with_key(std::size_t bytes_max) {
  return [bytes_max](const Request& head) {
    if (head.headers.find("X-Key")) return Admission{bytes_max, std::nullopt};
    return Admission{0, Response{401, {{"X-Door", "closed"}}, "who are you?", false}};
  };
}

TEST(Admission, RefusesAtTheHeaderAndCloses) {
  const auto server = start_server(echo, {.admit = with_key(1000)});
  for (const std::string& framing : {std::string("Content-Length: 900000"), std::string("Transfer-Encoding: chunked"),
                                     std::string("Expect: 100-continue\r\nContent-Length: 10")}) {
    RawClient stranger(server->port());
    stranger.send("POST /x HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\n");
    const std::string answer = stranger.receive();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 Unauthorized\r\nX-Door: closed\r\n")) << framing;
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    stranger.end();
    EXPECT_EQ(stranger.receive_all(), "");
  }
}

TEST(Admission, SetsTheLimitOfEachBody) {
  const auto server = start_server(echo, {.admit = with_key(100 << 10)});
  RawClient fitting(server->port());
  const std::string body(100 << 10, 'x');
  fitting.send(post(body.size(), "X-Key: k\r\n") + body);
  EXPECT_THAT(fitting.receive(), EndsWith("POST /x " + body));
  fitting.send(post(body.size() + 1, "X-Key: k\r\n"));
  const std::string answer = fitting.receive();
  EXPECT_EQ(problem_of(answer), "413 request.too_large");
  EXPECT_THAT(answer, HasSubstr("At most 100 KiB."));
  RawClient chunked(server->port());
  chunked.send("POST /x HTTP/1.1\r\nHost: x\r\nX-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int count = 0; count < 26; ++count) chunked.send("1000\r\n" + std::string(4096, 'x') + "\r\n");
  EXPECT_EQ(problem_of(chunked.receive()), "413 request.too_large");
}

TEST(Admission, TellsAClientToContinueOnlyWhenItIsAdmitted) {
  const auto server = start_server(echo, {.admit = with_key(1000)});
  RawClient client(server->port());
  client.send(post(4, "X-Key: k\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_THAT(client.receive(), EndsWith("POST /x body"));
}

TEST(Admission, IsNotAskedAboutWhatIsHereAlready) {
  std::atomic<int> asked = 0;
  const auto server = start_server(echo, {.admit = [&](const Request&) {
                                     ++asked;
                                     return Admission{1000, std::nullopt};
                                   }});
  RawClient client(server->port());
  client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n" + post(4) + "body");
  EXPECT_THAT(client.receive(), EndsWith("GET /x "));
  EXPECT_THAT(client.receive(), EndsWith("POST /x body"));
  EXPECT_EQ(asked, 0);
  client.send(post(4));
  client.send("body");
  EXPECT_THAT(client.receive(), EndsWith("POST /x body"));
}

TEST(Admission, AsksAboutTheHeaderAlone) {
  std::promise<Request> seen;
  const auto server = start_server(echo, {.admit = [&](const Request& head) {
                                     seen.set_value(head);
                                     return Admission{100 << 10, std::nullopt};
                                   }});
  RawClient client(server->port());
  client.send("PUT /a?b HTTP/1.1\r\nHost: x\r\nX-Key: k\r\nContent-Length: 20000\r\n\r\n" + std::string(20'000, 'x'));
  const Request head = seen.get_future().get();
  EXPECT_EQ(head.method + " " + head.target + " " + *head.headers.find("x-key"), "PUT /a?b k");
  EXPECT_EQ(head.body, "");
  EXPECT_THAT(client.receive(), EndsWith(std::string(20'000, 'x')));
}

TEST(Server, LetsAllBodiesTogetherTakeOnlySoMuch) {
  const std::string body(1 << 20, 'x');
  std::promise<asio::steady_timer*> held[2];
  std::atomic<std::size_t> holding = 0;
  const auto server = start_server(
      [&](const Request& asked) -> asio::awaitable<Response> {
        if (asked.target == "/hold") {
          asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
          held[holding++].set_value(&never);
          boost::system::error_code released;
          co_await never.async_wait(asio::redirect_error(asio::use_awaitable, released));
        }
        co_return Response{200, {}, std::to_string(asked.body.size()), false};
      },
      {.threads = 2, .all_bodies_bytes_max = 5u << 19});
  const auto ask = [&](RawClient& client, const std::string& path) {
    client.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    client.send(body);
  };
  RawClient first(server->port()), second(server->port());
  ask(first, "/hold");
  asio::steady_timer* const first_timer = held[0].get_future().get();
  ask(second, "/hold");
  asio::steady_timer* const second_timer = held[1].get_future().get();
  RawClient third(server->port());
  ask(third, "/x");
  const std::string answer = third.receive();
  EXPECT_EQ(problem_of(answer), "503 request.no_room");
  EXPECT_THAT(answer, HasSubstr("Retry-After: "));
  RawClient small(server->port());
  small.send(post(4) + "body");
  EXPECT_THAT(small.receive(), StartsWith("HTTP/1.1 200")) << "there is room for little ones";
  asio::post(first_timer->get_executor(), [=] { first_timer->cancel(); });
  EXPECT_THAT(first.receive(), EndsWith("1048576"));
  // What is answered is not held, although its connection stays.
  for (int count = 0; count < 10; ++count) {
    RawClient next(server->port());
    ask(next, "/x");
    EXPECT_THAT(next.receive(), EndsWith("1048576"));
  }
  asio::post(second_timer->get_executor(), [=] { second_timer->cancel(); });
  EXPECT_THAT(second.receive(), EndsWith("1048576"));
}

TEST(Server, TakesNoCodedBodies) {
  const auto server = start_server(echo);
  for (const std::string coding : {"gzip", "br", "identity, gzip"}) {
    RawClient client(server->port());
    client.send(post(4, "Content-Encoding: " + coding + "\r\n") + "body");
    EXPECT_EQ(problem_of(client.receive()), "415 request.content_encoding") << coding;
  }
  RawClient client(server->port());
  client.send(post(4, "Content-Encoding: Identity\r\n") + "body");
  EXPECT_THAT(client.receive(), EndsWith("POST /x body"));
  client.send("GET /x HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n\r\n");
  EXPECT_THAT(client.receive(), EndsWith("GET /x ")) << "there is no body that could be coded";
}

TEST(Server, TakesNoTransferEncodingButChunked) {
  const auto server = start_server(echo);
  const std::string start = "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ";
  for (const std::string coding :
       {"gzip, chunked", "chunked, chunked", "gzip", "identity", "chunked;q=1", "xchunked"}) {
    RawClient client(server->port());
    client.send(start + coding + "\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    client.end();
    const std::string answers = client.receive_all();
    EXPECT_EQ(problem_of(answers), "501 request.transfer_encoding") << coding;
    EXPECT_THAT(answers, testing::Not(HasSubstr("smuggled"))) << coding;
  }
  RawClient old(server->port());
  old.send("POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(problem_of(old.receive()), "501 request.transfer_encoding");
  RawClient client(server->port());
  client.send(start + "Chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
  EXPECT_THAT(client.receive(), EndsWith("POST /x body"));
}

TEST(Server, TakesNoHeaderTwiceThatSaysOneThing) {
  const auto server = start_server(echo);
  for (const auto& [twice, name] : std::vector<std::pair<std::string, std::string>>{
           {"Authorization: Bearer a\r\nauthorization: Bearer a\r\n", "authorization"},
           {"Content-Type: a/b\r\nX: y\r\nContent-Type: c/d\r\n", "Content-Type"},
           {"Content-Encoding: identity\r\nContent-Encoding: identity\r\n", "Content-Encoding"},
           {"Content-Length: 4\r\nContent-Length: 4\r\n", "Content-Length"},
           {"Content-Length: 4, 4\r\n", "Content-Length"},
           {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding"}}) {
    RawClient client(server->port());
    client.send("POST /x HTTP/1.1\r\nHost: x\r\n" + twice + "\r\n");
    const std::string answer = client.receive();
    EXPECT_EQ(problem_of(answer), "400 request.header_twice") << twice;
    EXPECT_THAT(answer, HasSubstr("The header " + name + " stands twice."));
  }
  RawClient client(server->port());
  client.send("GET /x HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\nX-A: 1\r\nX-A: 2\r\nAuthorization: a\r\n\r\n");
  EXPECT_THAT(client.receive(), EndsWith("GET /x ")) << "of others there may be many";
  client.send("GET /y HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\n\r\n");
  EXPECT_THAT(client.receive(), EndsWith("GET /y ")) << "each request is counted anew";
}

TEST(Server, WordsItsRefusalsAsItIsTold) {
  const auto server = start_server(
      echo,
      {.body_bytes_max = 1000, .refuse = [](const Request& head, const Refusal& refusal) {
         return Response{refusal.status, {{"X-About", head.method + head.target}}, std::string(refusal.code), false};
       }});
  RawClient large(server->port());
  large.send(post(1001));
  EXPECT_THAT(large.receive(), testing::AllOf(HasSubstr("X-About: POST/x\r\n"), EndsWith("request.too_large")));
  RawClient odd(server->port());
  odd.send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\nno request\r\n\r\n");
  EXPECT_THAT(odd.receive(), EndsWith("GET /kept "));
  EXPECT_THAT(odd.receive(), testing::AllOf(HasSubstr("X-About: \r\n"), EndsWith("request.malformed")))
      << "what was not understood is not told by what came before";
}

}  // namespace
}  // namespace crosswalk::net
