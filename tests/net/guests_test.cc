#include "net/guests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "net/descriptors.h"
#include "net/support.h"

namespace crosswalk::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Place = Guests::Place;
using test::RawClient;
using test::start_server;
using testing::HasSubstr;
using testing::StartsWith;

const Guest::Time kNow = Guest::Time{} + 1h;

asio::ip::address from(const std::string& text) { return asio::ip::make_address(text); }

/// Somebody who comes and waits from then on.
std::shared_ptr<Guest> waiting(Guests& guests, const std::string& address, Guest::Time since) {
  const Guests::Arrival arrival = guests.arrive(from(address), 0, since);
  EXPECT_TRUE(arrival.guest);
  arrival.guest->waits_since(since);
  return arrival.guest;
}

TEST(Guests, LetWhoeverHasWaitedLongestLeaveForAnother) {
  Guests guests({.all = 3, .per_origin = 3, .reserved = 2});
  const auto second = waiting(guests, "10.0.0.1", kNow - 2s);
  const auto first = waiting(guests, "10.0.0.2", kNow - 3s);
  waiting(guests, "10.0.0.3", kNow - 1s);
  const Guests::Arrival next = guests.arrive(from("10.0.0.4"), 0, kNow);
  EXPECT_EQ(next.place, Place::own);
  EXPECT_EQ(next.leaves, first);
  EXPECT_EQ(guests.arrive(from("10.0.0.5"), 0, kNow).leaves, second) << "nobody is asked to leave twice";
}

TEST(Guests, NeverSendAnybodyAwayWhoIsServed) {
  Guests guests({.all = 2, .per_origin = 2, .reserved = 2});
  waiting(guests, "10.0.0.1", kNow - 3s)->is_served();
  waiting(guests, "10.0.0.2", kNow - 3s)->waits_since(kNow + 5s);
  for (int count = 0; count < 2; ++count) {
    const Guests::Arrival arrival = guests.arrive(from("10.0.0.3"), 0, kNow);
    EXPECT_EQ(arrival.place, Place::reserved);
    EXPECT_FALSE(arrival.leaves);
    arrival.guest->is_served();
  }
  EXPECT_FALSE(guests.arrive(from("10.0.0.4"), 0, kNow).guest) << "now the reserved places are taken as well";
}

TEST(Guests, PassAReservedPlaceOnAsWhatItIs) {
  Guests guests({.all = 1, .per_origin = 1, .reserved = 1});
  waiting(guests, "10.0.0.1", kNow)->is_served();
  const Guests::Arrival idle = guests.arrive(from("10.0.0.2"), 0, kNow);
  ASSERT_EQ(idle.place, Place::reserved);
  idle.guest->waits_since(kNow);
  const Guests::Arrival next = guests.arrive(from("10.0.0.3"), 0, kNow + 1s);
  EXPECT_EQ(next.leaves, idle.guest) << "who idles in a reserved place does not keep it";
  EXPECT_EQ(next.place, Place::reserved);
}

TEST(Guests, HaveWaitedFromTheBeginningUntilTheyAreServed) {
  Guests guests({.all = 1, .per_origin = 1, .reserved = 1});
  const Guests::Arrival first = guests.arrive(from("10.0.0.1"), 0, kNow);
  EXPECT_EQ(guests.arrive(from("10.0.0.2"), 0, kNow).leaves, first.guest);
}

TEST(Guests, LetAnAddressWithManyConnectionsMakeRoomForItself) {
  Guests guests({.all = 10, .per_origin = 2, .reserved = 2});
  waiting(guests, "10.0.0.1", kNow - 9s);
  const auto own = waiting(guests, "10.0.0.2", kNow - 2s);
  const auto other_own = waiting(guests, "10.0.0.2", kNow - 1s);
  const Guests::Arrival third = guests.arrive(from("10.0.0.2"), 0, kNow);
  EXPECT_EQ(third.place, Place::own);
  EXPECT_EQ(third.leaves, own);
  third.guest->is_served();
  other_own->is_served();
  EXPECT_EQ(guests.arrive(from("10.0.0.2"), 0, kNow).place, Place::reserved) << "the rest of this address is served";
  EXPECT_EQ(guests.arrive(from("10.0.0.3"), 0, kNow).place, Place::own);
}

TEST(Guests, CountWhoStaysAfterAllAndForgetWhoHasLeft) {
  Guests guests({.all = 1, .per_origin = 1, .reserved = 1});
  const auto first = waiting(guests, "10.0.0.1", kNow);
  const auto second = guests.arrive(from("10.0.0.1"), 0, kNow);
  ASSERT_EQ(second.leaves, first);
  EXPECT_FALSE(guests.arrive(from("10.0.0.9"), 0, kNow).guest) << "they come faster than others leave";
  guests.stays(*first);
  first->is_served();
  guests.left(*second.guest);
  EXPECT_EQ(guests.arrive(from("10.0.0.1"), 0, kNow).place, Place::reserved);
  guests.left(*first);
  EXPECT_EQ(guests.arrive(from("10.0.0.2"), 0, kNow).place, Place::own) << "a reserved place takes none of the others";
}

TEST(Guests, TakeANetworkOfIpv6ForOneClient) {
  EXPECT_EQ(Guests::origin_of(from("2001:db8:1:2::1")), Guests::origin_of(from("2001:db8:1:2:ffff::9")));
  EXPECT_NE(Guests::origin_of(from("2001:db8:1:2::1")), Guests::origin_of(from("2001:db8:1:3::1")));
  EXPECT_EQ(Guests::origin_of(from("::ffff:10.0.0.1")), Guests::origin_of(from("10.0.0.1")));
  EXPECT_NE(Guests::origin_of(from("10.0.0.1")), Guests::origin_of(from("10.0.0.2")));
}

TEST(Descriptors, AreSharedOutSoThatAllTogetherStayWithinThem) {
  for (const std::size_t all : {512u, 1024u, 4096u, 20'000u, 1'048'576u}) {
    const DescriptorShares shares = share_descriptors(all, 4096);
    const int spent = shares.connections + 2 * kReservedConnections + 3 * (shares.calls + shares.deliveries);
    EXPECT_LT(static_cast<std::size_t>(spent) + 50, all);
    EXPECT_LE(shares.connections, 4096);
    EXPECT_GE(shares.calls, shares.deliveries);
  }
  EXPECT_EQ(share_descriptors(20'000, 4096).connections, 4096);
  EXPECT_EQ(share_descriptors(20'000, 300).connections, 300);
  EXPECT_GT(share_descriptors(1024, 4096).connections, 400);
  EXPECT_EQ(share_descriptors(1'048'576, 4096).calls, 1024);
}

std::string get(std::string_view path) { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n"; }

asio::awaitable<Response> hello(const Request&) { co_return Response{200, {}, "hello", false}; }

TEST(Server, SendsTheLongestIdleAwayForANewClient) {
  const auto server = start_server(hello, {.connections_max = 3});
  RawClient silent(server->port(), "127.0.0.2");
  RawClient first(server->port(), "127.0.0.3");
  first.send(get("/"));
  EXPECT_THAT(first.receive(), StartsWith("HTTP/1.1 200"));
  RawClient half(server->port(), "127.0.0.4");
  half.send("GET / HTTP/1.1\r\nHost:");
  // Whoever asks again is not idle any more.
  RawClient busy(server->port(), "127.0.0.5");
  busy.send(get("/"));
  EXPECT_THAT(busy.receive(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(silent.receive_all(), "");
  RawClient next(server->port(), "127.0.0.6");
  next.send(get("/"));
  EXPECT_THAT(next.receive(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(first.receive_all(), "");
  RawClient last(server->port(), "127.0.0.7");
  last.send(get("/"));
  EXPECT_THAT(last.receive(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(half.receive_all(), "") << "a header that is never complete keeps no place";
}

TEST(Server, KeepsAFloodOfIdleConnectionsToItself) {
  const auto server = start_server(hello, {.threads = 2, .connections_max = 50});
  RawClient quiet(server->port(), "127.0.0.9");
  quiet.send(get("/"));
  EXPECT_THAT(quiet.receive(), StartsWith("HTTP/1.1 200"));
  std::vector<std::unique_ptr<RawClient>> flood;
  for (int count = 0; count < 400; ++count) {
    flood.push_back(std::make_unique<RawClient>(server->port(), "127.0.0.8"));
    if (count % 50 != 0) continue;
    RawClient check(server->port(), "127.0.0.10");
    check.send(get("/"));
    EXPECT_THAT(check.receive(), StartsWith("HTTP/1.1 200"));
  }
  quiet.send(get("/"));
  EXPECT_THAT(quiet.receive(), StartsWith("HTTP/1.1 200")) << "the flood's own connections had to go";
}

/// Serves "/busy" until it is let go, and the others at once.
struct BusyServer {
  explicit BusyServer(ServerOptions options) {
    server = start_server(
        [this](const Request& asked) -> asio::awaitable<Response> {
          if (asked.target == "/busy") {
            asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
            timer.set_value(&never);
            boost::system::error_code released;
            co_await never.async_wait(asio::redirect_error(asio::use_awaitable, released));
          }
          co_return Response{200, {}, asked.target, false};
        },
        std::move(options));
  }
  std::promise<asio::steady_timer*> timer;
  std::unique_ptr<Server> server;
};

TEST(Server, AnswersHealthChecksWhenEveryPlaceIsBusyAndTellsTheOthers) {
  BusyServer house({.connections_max = 1, .vital_paths = {"/healthz"}});
  RawClient busy(house.server->port());
  busy.send(get("/busy"));
  asio::steady_timer* timer = house.timer.get_future().get();
  for (int round = 0; round < 100; ++round) {
    RawClient health(house.server->port());
    health.send(get("/healthz?full"));
    EXPECT_THAT(health.receive_all(), testing::AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close")));
  }
  for (const std::string& other : {get("/v1/partners"), get("/healthz/more"),
                                   std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n")}) {
    RawClient client(house.server->port());
    client.send(other);
    const std::string answer = client.receive();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503")) << other;
    EXPECT_THAT(answer, HasSubstr("Retry-After: ")) << other;
    EXPECT_THAT(answer, HasSubstr("request.too_many_clients")) << other;
    client.end();
    EXPECT_EQ(client.receive_all(), "");
  }
  asio::post(timer->get_executor(), [timer] { timer->cancel(); });
  EXPECT_THAT(busy.receive(), StartsWith("HTTP/1.1 200")) << "whoever is served stays";
  busy.send(get("/again"));
  EXPECT_THAT(busy.receive(), testing::EndsWith("/again"));
}

TEST(Server, TellsTheOneTooManyAtOnceWhenNothingIsVital) {
  BusyServer house({.connections_max = 1});
  RawClient busy(house.server->port());
  busy.send(get("/busy"));
  asio::steady_timer* timer = house.timer.get_future().get();
  {
    RawClient second(house.server->port());
    EXPECT_THAT(second.receive(), StartsWith("HTTP/1.1 503"));
  }
  asio::post(timer->get_executor(), [timer] { timer->cancel(); });
  EXPECT_THAT(busy.receive(), StartsWith("HTTP/1.1 200"));
  RawClient third(house.server->port());
  third.send(get("/"));
  EXPECT_THAT(third.receive(), StartsWith("HTTP/1.1 200")) << "the first is idle now";
}

TEST(Server, SendsAwayWhoDoesNotTakeItsAnswer) {
  const std::size_t large = 32u << 20;  // more than the sockets hold between them
  std::promise<void> asked_for;
  const auto server = start_server(
      [&](const Request& asked) -> asio::awaitable<Response> {
        const bool is_large = asked.target == "/large";
        if (is_large) asked_for.set_value();
        co_return Response{200, {}, std::string(is_large ? large : 1, 'x'), false};
      },
      {.connections_max = 1, .slow_reader_time = 20ms});
  RawClient slow(server->port());
  slow.send(get("/large"));
  asked_for.get_future().wait();
  std::string answer;
  for (int attempt = 0; attempt < 10'000 && !answer.starts_with("HTTP/1.1 200"); ++attempt) {
    RawClient next(server->port());
    next.send(get("/"));
    answer = next.receive();
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_LT(slow.receive_all().size(), large);
}

}  // namespace
}  // namespace crosswalk::net
