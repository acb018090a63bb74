#pragma once

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <functional>
#include <thread>

#include "service/auth.h"
#include "service/service.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::service {

namespace asio = boost::asio;
namespace json = boost::json;

/// Time that stands still until a test moves it.
class StillClock final : public Clock {
 public:
  Timestamp at = *parse_timestamp("2026-03-01T08:00:00Z");
  [[nodiscard]] Timestamp now() const override { return at; }
  [[nodiscard]] Timestamp monotonic() const override { return at; }
  asio::awaitable<void> sleep_until(Timestamp) override { co_return; }
  asio::awaitable<void> sleep_for(Duration) override { co_return; }
};

/// Answers what it is told to, and notes what it was asked.
class FakeEngine final : public engine::Engine {
 public:
  std::atomic<int> wakes{0};
  std::vector<std::string> asked;
  Result<json::object> answer = json::object{{"said", "engine"}};
  Result<json::object> reference = json::object{{"read_at", "2026-03-01T08:00:00Z"},
                                                {"boards", json::array{}},
                                                {"priorities", json::array{}},
                                                {"sources", json::array{}},
                                                {"locations", json::array{}}};
  Result<json::object> object_reference = json::object{};
  Result<psa::TicketReferencesFound> ticket_reference = psa::TicketReferencesFound{};
  engine::Metrics measured;
  std::vector<std::pair<std::string, psa::CallbackMessage>> heard;
  Result<json::object> removed = json::object{{"removed", 2}};

  asio::awaitable<void> run() override { co_return; }
  void stop() override {}
  void wake() override { ++wakes; }
  void wake(PartnerId) override { ++wakes; }
  asio::awaitable<Result<json::object>> plan(PartnerId partner, std::string customer) override {
    return note("plan " + partner.value + " " + customer);
  }
  asio::awaitable<Result<json::object>> plan_draft(PartnerId partner, std::string customer) override {
    return note("plan_draft " + partner.value + " " + customer);
  }
  asio::awaitable<Result<json::object>> save_plan(PartnerId partner, std::string customer) override {
    return note("save_plan " + partner.value + " " + customer);
  }
  asio::awaitable<Result<json::object>> apply(PartnerId partner, std::string id) override {
    return note("apply " + partner.value + " " + id);
  }
  asio::awaitable<Result<json::object>> explain(model::RecordRef record) override {
    return note("explain " + std::string(model::to_string(record.kind)) + " " + record.key);
  }
  asio::awaitable<Result<json::object>> check(PartnerId partner) override { return note("check " + partner.value); }
  asio::awaitable<Result<json::object>> match_customers(PartnerId partner) override {
    return note("match_customers " + partner.value);
  }
  asio::awaitable<Result<json::object>> verify(PartnerId partner) override { return note("verify " + partner.value); }
  asio::awaitable<Result<json::object>> drift(PartnerId partner) override { return note("drift " + partner.value); }
  void told(PartnerId partner, psa::CallbackMessage message) override {
    heard.emplace_back(partner.value, std::move(message));
  }
  asio::awaitable<Result<json::object>> callbacks(PartnerId partner) override {
    return note("callbacks " + partner.value);
  }
  asio::awaitable<Result<json::object>> ensure_callbacks(PartnerId partner) override {
    return note("ensure_callbacks " + partner.value);
  }
  asio::awaitable<Result<json::object>> remove_callbacks(PartnerId partner) override {
    check_thread();
    asked.push_back("remove_callbacks " + partner.value);
    co_return removed;
  }
  asio::awaitable<Result<std::int64_t>> forget(model::RecordRef record) override {
    check_thread();
    asked.push_back("forget " + std::string(model::to_string(record.kind)) + " " + record.key);
    co_return 1;
  }
  asio::awaitable<Result<json::object>> reference_data(PartnerId) override {
    check_thread();
    co_return reference;
  }
  asio::awaitable<Result<psa::TicketReferencesFound>> ticket_references(PartnerId,
                                                                        psa::TicketReferences wanted) override {
    check_thread();
    for (const std::string& each : wanted.companies) asked.push_back("company " + each);
    co_return ticket_reference;
  }
  asio::awaitable<Result<json::object>> object_reference_data(PartnerId, psa::ObjectReferences references) override {
    check_thread();
    for (const std::string& each : references.question_types) asked.push_back("questions of " + each);
    co_return object_reference;
  }
  asio::awaitable<Result<std::int64_t>> replay(PartnerId partner, std::optional<model::RecordRef> record) override {
    check_thread();
    asked.push_back("replay " + partner.value + (record ? " " + record->key : ""));
    co_return 7;
  }
  asio::awaitable<json::object> status(PartnerId partner) override {
    check_thread();
    co_return json::object{{"partner", partner.value}};
  }
  [[nodiscard]] const engine::Metrics& metrics() const override { return measured; }

 private:
  void check_thread() {}
  asio::awaitable<Result<json::object>> note(std::string what) {
    check_thread();
    asked.push_back(std::move(what));
    co_return answer;
  }
};

/// Sends nothing, and says what it is told to.
class FakeSender final : public outbound::Sender {
 public:
  std::atomic<int> wakes{0};
  Result<outbound::TestOutcome> outcome = outbound::TestOutcome{true, 204, Duration{12}, ""};
  std::vector<outbound::WebhookMetrics> measured;

  asio::awaitable<void> run() override { co_return; }
  void stop() override {}
  void wake() override { ++wakes; }
  asio::awaitable<Result<outbound::TestOutcome>> test(std::string) override { co_return outcome; }
  [[nodiscard]] std::vector<outbound::WebhookMetrics> metrics() const override { return measured; }
};

/// Passes on to a real writer, or fails with `failure` instead.
class BreakableWriter final : public store::Writer {
 public:
  explicit BreakableWriter(store::Store& store) : real_(store::make_thread_writer(store)) {}
  std::optional<Error> broken;
  std::optional<LastCommit> last;  ///< instead of what the real one says
  /// What others do between a request's reading and its writing; called before each write, and not within itself.
  std::function<void()> meanwhile;
  std::atomic<int> writes{0};

  asio::awaitable<Result<store::Committed>> write(store::Transaction transaction) override {
    ++writes;
    if (broken) co_return tl::unexpected(*broken);
    if (const std::function<void()> others = meanwhile) others();
    co_return co_await real_->write(std::move(transaction));
  }
  [[nodiscard]] LastCommit last_commit() const override { return last ? *last : real_->last_commit(); }
  void stop() override { real_->stop(); }

 private:
  std::unique_ptr<store::Writer> real_;
};

inline json::object parsed(const net::Response& response) {
  boost::system::error_code error;
  json::value value = json::parse(response.body, error);
  EXPECT_FALSE(error) << response.body;
  return value.is_object() ? value.get_object() : json::object{};
}

inline std::string at(const json::object& object, std::string_view pointer) {
  boost::system::error_code error;
  const json::value whole(object);
  const json::value* found = whole.find_pointer(pointer, error);
  if (!found) return "(absent)";
  return found->is_string() ? std::string(found->get_string()) : json::serialize(*found);
}

/// The service on a real store in a folder of its own, with a fake engine, one partner "northwind" and another
/// "fabrikam".
class ServiceTest : public testing::Test {
 protected:
  ServiceTest() {
    // Each act has its line, which is for those who run the service.
    spdlog::set_level(spdlog::level::off);
    folder_ =
        std::filesystem::temp_directory_path() / ("crosswalk-service-" + make_key("", Role::intake, "", {}, {}).row.id);
    std::filesystem::create_directories(folder_);
    store::SqliteOptions options;
    options.path = (folder_ / "test.db").string();
    options.synchronous = false;
    store = std::move(*store::open_sqlite_store(options));
    writer = std::make_unique<BreakableWriter>(*store);
    secrets = std::make_unique<net::SecretBox>(*net::SecretBox::open((folder_ / "secrets.key").string()));
    store::Transaction transaction;
    for (const std::string id : {"northwind", "fabrikam"})
      transaction.partners.push_back({id, id, false, "{}", "", clock.now(), 1});
    admin_key = add_key(transaction, "admin", "");
    northwind_key = add_key(transaction, "northwind's product", "northwind");
    commit(transaction);
    start();
  }

  ~ServiceTest() override {
    service.reset();
    writer->stop();
    writer.reset();
    store.reset();
    sender_pool_.join();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    service.reset();
    auto made = Service::make({*store, *writer, engine, sender, sender_pool_.get_executor(), clock, *secrets, {}});
    ASSERT_TRUE(made) << made.error().message;
    service = std::move(*made);
  }

  void commit(const store::Transaction& transaction) {
    const store::Transaction* one = &transaction;
    const auto committed = store->commit(std::span(&one, 1));
    ASSERT_TRUE(committed) << committed.error().message;
  }

  std::string add_key(store::Transaction& transaction, std::string name, std::string partner,
                      std::optional<Timestamp> expires_at = {}, std::optional<Role> role = {}) {
    if (!role) role = partner.empty() ? Role::administration : Role::partner;
    NewKey made = make_key(std::move(name), *role, std::move(partner), expires_at, clock.now());
    transaction.keys.push_back(made.row);
    return made.key;
  }

  net::Response ask(net::Request request) {
    asio::io_context io;
    auto answer = asio::co_spawn(io, service->handler()(request), asio::use_future);
    io.run();
    return answer.get();
  }

  net::Response ask(std::string method, std::string target, std::string body = "",
                    std::optional<std::string> key = {}) {
    net::Request request{std::move(method), std::move(target), {}, std::move(body)};
    request.headers.add("Authorization", "Bearer " + key.value_or(admin_key));
    request.headers.add("Content-Type", "application/json");
    return ask(std::move(request));
  }

  /// With the entity tag of what the change is about.
  net::Response ask_if(std::string etag, std::string method, std::string target, std::string body = "") {
    net::Request request{std::move(method), std::move(target), {}, std::move(body)};
    request.headers.add("Authorization", "Bearer " + admin_key);
    request.headers.add("If-Match", std::move(etag));
    return ask(std::move(request));
  }

  net::Response post(std::string body, std::string type = "application/cloudevents+json",
                     std::optional<std::string> key = {}) {
    net::Request request{"POST", "/v1/events", {}, std::move(body)};
    request.headers.add("Authorization", "Bearer " + key.value_or(admin_key));
    request.headers.add("Content-Type", std::move(type));
    return ask(std::move(request));
  }

  static json::object raised(std::string id) {
    return {{"specversion", "1.0"},
            {"id", id},
            {"source", "/edr"},
            {"type", "alert.raised.v1"},
            {"time", "2026-03-01T07:59:00Z"},
            {"partner", "northwind"},
            {"data",
             {{"product", "edr"},
              {"customer", "contoso"},
              {"subject", "srv-01"},
              {"condition", "ransomware"},
              {"severity", "high"},
              {"title", "Ransomware on SRV-01"}}}};
  }

  std::int64_t events_kept() { return store->newest_event().value(); }

  StillClock clock;
  FakeEngine engine;
  FakeSender sender;
  asio::thread_pool sender_pool_{1};
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<BreakableWriter> writer;
  std::unique_ptr<net::SecretBox> secrets;
  std::unique_ptr<Service> service;
  std::string admin_key, northwind_key;
};

}  // namespace crosswalk::service
