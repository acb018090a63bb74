#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "engine/virtual_clock.h"
#include "net/standard_webhooks.h"
#include "outbound/message.h"
#include "outbound/sender.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::outbound {

using simulation::Timeline;
using simulation::VirtualClock;
using store::DeliveryState;

/// One message as a receiver got it.
struct Received {
  Timestamp at{};
  std::string webhook, id, type, record;
  std::int64_t number = 0;
  bool accepted = false;  ///< it was answered 2xx, whether or not the answer arrived
  bool replayed = false;
};

/// How a receiver answers.
struct Weather {
  int status = 200;
  double fails = 0;        ///< 500
  double answer_lost = 0;  ///< taken, and the answer never came
  bool hangs = false;      ///< no answer before the time-out
  std::string retry_after;
};

/// A sender between a store that survives crashes and receivers with moods, in virtual time, from one seed.
class SenderWorld {
 public:
  explicit SenderWorld(std::uint64_t seed) : random_(seed) {
    std::string name = (std::filesystem::temp_directory_path() / "crosswalk-outbound-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    secrets_.emplace(net::SecretBox::open(folder_ + "/secret.key").value());
    store_ = store::open_sqlite_store({.path = ":memory:", .synchronous = false}).value();
    options.seed = seed + 1;
  }
  ~SenderWorld() {
    crash();
    std::filesystem::remove_all(folder_);
  }

  SenderOptions options;
  std::map<std::string, Weather> weather;  ///< by webhook
  std::vector<Received> received;
  int under_way = 0, under_way_max = 0;
  double store_fails = 0;

  store::Store& store() { return *store_; }
  Timeline& timeline() { return timeline_; }
  std::mt19937_64& random() { return random_; }
  bool chance(double probability) {
    return probability > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < probability;
  }
  int pick(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }

  void commit(const store::Transaction& transaction) {
    const store::Transaction* alone = &transaction;
    const auto committed = store_->commit({&alone, 1});
    ASSERT_TRUE(committed) << committed.error().message;
    if (process_) {
      process_->sender->wake();
      process_->settle();
    }
  }
  void put_webhook(const std::string& id, const std::string& types = "[]", const std::string& partners = "[]",
                   bool enabled = true, std::int64_t version = 1) {
    store::Transaction transaction;
    transaction.outbound.webhooks.push_back({.id = id,
                                             .url = "https://hooks.example/" + id,
                                             .types = types,
                                             .partners = partners,
                                             .enabled = enabled,
                                             .sealed_secrets = seal_secrets({{secret, {}}}, id, *secrets_),
                                             .created_at = timeline_.now(),
                                             .version = version});
    commit(transaction);
  }
  /// Tells of a record: numbers rise by one for each of its events.
  void tell(const std::string& record, const std::string& type = "ticket.created",
            const std::string& partner = "acme") {
    store::Transaction transaction;
    transaction.outbound.events.push_back({.ref = {partner, "alert", record},
                                           .type = type,
                                           .at = timeline_.now(),
                                           .data = R"({"number":)" + std::to_string(++told[record]) + "}"});
    commit(transaction);
  }

  void start() {
    process_ = std::make_unique<Process>(*this);
    process_->settle();
  }
  void crash() {
    process_.reset();
    under_way = 0;
  }
  Sender& sender() { return *process_->sender; }
  void run_for(Duration duration) {
    const Timestamp until = timeline_.now() + duration;
    if (process_) process_->settle();
    while (timeline_.step(until))
      if (process_) process_->settle();
    timeline_.jump_to(until);
  }
  /// One wake-up; false when nothing happens any more before `until`.
  bool step(Timestamp until) {
    if (!timeline_.step(until)) return false;
    if (process_) process_->settle();
    return true;
  }
  template <class Work>
  auto await(Work work) {
    using Value = typename decltype(work())::value_type;
    std::optional<Value> value;
    boost::asio::co_spawn(process_->context, work(), [&](const std::exception_ptr& thrown, Value result) {
      if (thrown) std::rethrow_exception(thrown);
      value = std::move(result);
    });
    process_->settle();
    while (!value && step(timeline_.now() + std::chrono::hours{24})) {
    }
    return std::move(*value);
  }

  [[nodiscard]] std::vector<store::DeliveryRow> deliveries(const std::string& webhook,
                                                           std::optional<DeliveryState> state = {}) {
    return store_->outbound()
        .list_deliveries({.webhook = webhook, .state = state, .before = {}, .count_max = 10'000})
        .value();
  }
  [[nodiscard]] std::size_t count(const std::string& webhook, bool accepted = true) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        received, [&](const Received& each) { return each.webhook == webhook && each.accepted == accepted; }));
  }

  const std::string secret = net::make_webhook_secret();
  std::map<std::string, std::int64_t> told;  ///< by record: newest number

 private:
  class Receivers final : public net::Transport {
   public:
    Receivers(SenderWorld& world, Clock& clock) : world_(world), clock_(clock) {}
    boost::asio::awaitable<tl::expected<net::Response, net::TransportError>> send(net::Request request,
                                                                                  net::SendOptions options) override {
      const Timestamp began = clock_.monotonic();
      EXPECT_EQ(options.owner, webhook_of(request)) << "each webhook's deliveries are called in its name";
      world_.under_way_max = std::max(world_.under_way_max, ++world_.under_way);
      co_await clock_.sleep_for(Duration{world_.pick(1, 40)});
      const Weather weather = world_.weather[webhook_of(request)];
      const int status = world_.chance(weather.fails) ? 500 : weather.status;
      if (!weather.hangs) world_.take(request, status);
      const bool lost = weather.hangs || world_.chance(weather.answer_lost);
      Duration rest{world_.pick(1, 40)};
      if (lost) rest = options.timeout - (clock_.monotonic() - began);
      co_await clock_.sleep_for(rest);
      --world_.under_way;
      using Kind = net::TransportError::Kind;
      if (lost) co_return tl::unexpected(net::TransportError{Kind::no_answer, "net.timeout", "No answer in time."});
      net::Response response{status, {}, ""};
      if (!weather.retry_after.empty()) response.headers.add("Retry-After", weather.retry_after);
      co_return response;
    }

   private:
    SenderWorld& world_;
    Clock& clock_;
  };

  /// Commits some virtual milliseconds later; what is not committed when the process dies is lost.
  class Commits final : public store::Writer {
   public:
    Commits(SenderWorld& world, Clock& clock) : world_(world), clock_(clock) {}
    boost::asio::awaitable<Result<store::Committed>> write(store::Transaction transaction) override {
      co_await clock_.sleep_for(Duration{world_.pick(0, 15)});
      if (world_.chance(world_.store_fails)) co_return failure("store.full", "The disk is full.");
      const store::Transaction* alone = &transaction;
      auto committed = world_.store().commit({&alone, 1});
      if (!committed) co_return tl::unexpected(committed.error());
      co_return std::move(committed->front());
    }
    [[nodiscard]] LastCommit last_commit() const override { return {}; }
    void stop() override {}

   private:
    SenderWorld& world_;
    Clock& clock_;
  };

  /// Destroying it is kill -9.
  struct Process {
    explicit Process(SenderWorld& world)
        : world(world),
          owner(++world.processes_),
          clock(world.timeline_, owner),
          receivers(world, clock),
          writer(world, clock) {
      sender =
          Sender::make(context.get_executor(), world.store(), writer, clock, receivers, *world.secrets_, world.options);
      boost::asio::co_spawn(context, sender->run(), [this](const std::exception_ptr& thrown) {
        ended = true;
        if (thrown) std::rethrow_exception(thrown);
      });
    }
    ~Process() {
      // Coroutines die first, then what they refer to, then the context that both need.
      world.timeline_.forget(owner);
      context.end();
      sender.reset();
    }
    void settle() {
      context.restart();
      context.poll();
    }

    class Context : public boost::asio::io_context {
     public:
      void end() { shutdown(); }
    };
    SenderWorld& world;
    int owner;
    Context context;
    VirtualClock clock;
    Receivers receivers;
    Commits writer;
    std::unique_ptr<Sender> sender;
    bool ended = false;
  };

  static std::string webhook_of(const net::Request& request) {
    return request.target.substr(request.target.rfind('/') + 1);
  }

  void take(const net::Request& request, int status) {
    const boost::json::value body = boost::json::parse(request.body);
    const std::string id = *request.headers.find("webhook-id");
    const std::int64_t seconds = std::stoll(*request.headers.find("webhook-timestamp"));
    EXPECT_EQ(*request.headers.find("webhook-signature"), net::sign_webhook(secret, id, seconds, request.body).value());
    Received received_now{timeline_.now(),  webhook_of(request), id, std::string(body.at("type").as_string()), "", 0,
                          status / 100 == 2};
    received_now.replayed = body.as_object().contains("replayed_at");
    if (received_now.type != "webhook.test") {
      const boost::json::object& data = body.at("data").as_object();
      received_now.record = data.at("record").at("key").as_string();
      // What is told of another webhook has none.
      if (const boost::json::value* number = data.if_contains("number")) received_now.number = number->as_int64();
    }
    received.push_back(std::move(received_now));
  }

  friend struct Process;
  std::mt19937_64 random_;
  Timeline timeline_;
  std::string folder_;
  std::optional<net::SecretBox> secrets_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Process> process_;
  int processes_ = 0;
};

}  // namespace crosswalk::outbound
