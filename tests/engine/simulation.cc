#include "simulation.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "base/text.h"
#include "engine/wakes.h"
#include "model/event.h"
#include "sandbox/deliveries.h"

namespace crosswalk::simulation {
namespace json = boost::json;
namespace {

constexpr Duration kTimeout{30'000};

class SimulatedTransport final : public net::Transport {
 public:
  SimulatedTransport(Simulation& simulation, VirtualClock& clock, int owner)
      : simulation_(simulation), clock_(clock), owner_(owner) {}

  boost::asio::awaitable<tl::expected<net::Response, net::TransportError>> send(net::Request request,
                                                                                net::SendOptions) override {
    Traffic& traffic = simulation_.traffic;
    traffic.started.push_back(clock_.monotonic());
    traffic.in_flight_max = std::max(traffic.in_flight_max, ++traffic.in_flight);
    const bool is_write = request.method != "GET" && !request.target.ends_with("/search");
    if (is_write) ++traffic.writes;
    auto answer = co_await exchange(std::move(request), is_write);
    --traffic.in_flight;
    co_return answer;
  }

 private:
  static tl::unexpected<net::TransportError> no_answer() {
    return tl::unexpected(
        net::TransportError{net::TransportError::Kind::no_answer, "net.timeout", "No answer in time."});
  }

  boost::asio::awaitable<tl::expected<net::Response, net::TransportError>> exchange(net::Request request,
                                                                                    bool is_write) {
    const Weather weather = simulation_.weather;
    auto& random = simulation_.random();
    const Duration there{std::uniform_int_distribution<std::int64_t>(1, weather.latency.count() + 1)(random)};
    co_await clock_.sleep_for(there);
    if (simulation_.chance(weather.lost_before)) co_return no_answer();
    if (simulation_.chance(weather.throttled)) {
      net::Response response;
      response.status = 429;
      response.headers.set("Retry-After", "7");
      response.headers.set("Content-Type", "application/json");
      response.body = R"({"error":"ConnectWiseAPI","message":"Too many requests. Please try again in 7 seconds."})";
      co_return response;
    }
    if (simulation_.chance(weather.server_error)) {
      net::Response response;
      response.status = 502;
      response.headers.set("Content-Type", "text/html");
      response.body = "<html><body>Bad gateway</body></html>";
      co_return response;
    }
    if (is_write && simulation_.chance(weather.late_commit)) {
      // The server's clock goes on without us, even when we crash: the act belongs to the world.
      const Duration late{std::uniform_int_distribution<std::int64_t>(1'000, 20'000)(random)};
      Simulation& simulation = simulation_;
      simulation_.timeline().at(clock_.monotonic() + late, 0, [&simulation, request] {
        const sandbox::Outcome outcome = simulation.world().serve(request);
        if (simulation.served) simulation.served(request, outcome.response, false);
      });
      co_return no_answer();
    }
    sandbox::Outcome outcome = simulation_.world().serve(request);
    const bool lost = simulation_.chance(weather.lost_after);
    const bool spoilt = simulation_.chance(weather.error_after) && is_write;
    const bool moved = simulation_.chance(weather.moved_after) && is_write;
    if (simulation_.served)
      simulation_.served(request, outcome.response, !lost && !spoilt && !moved && !outcome.dropped);
    if (spoilt) {
      outcome.response.status = 503;
      outcome.response.body = "";
    }
    if (moved) {
      outcome.response = {};
      outcome.response.status = 302;
      outcome.response.headers.set("Location", "/login");
    }
    co_await clock_.sleep_for(there + outcome.delay);
    if (outcome.dropped || lost) co_return no_answer();
    co_return std::move(outcome.response);
  }

  Simulation& simulation_;
  VirtualClock& clock_;
  int owner_;
};

/// Commits in order, some virtual milliseconds later; what was not committed when the process dies is lost.
class SimulatedWriter final : public store::Writer {
 public:
  SimulatedWriter(Simulation& simulation, VirtualClock& clock) : simulation_(simulation), clock_(clock) {}

  boost::asio::awaitable<Result<store::Committed>> write(store::Transaction transaction) override {
    const Duration wait{std::uniform_int_distribution<std::int64_t>(0, 15)(simulation_.random())};
    newest_ = std::max(newest_, clock_.monotonic() + wait);
    co_await clock_.sleep_for(newest_ - clock_.monotonic());
    if (simulation_.chance(simulation_.weather.store_failure)) co_return failure("store.full", "The disk is full.");
    const store::Transaction* one = &transaction;
    auto committed = simulation_.store().commit(std::span(&one, 1));
    if (!committed) co_return tl::unexpected(committed.error());
    co_return std::move(committed->front());
  }
  [[nodiscard]] LastCommit last_commit() const override { return {}; }
  void stop() override {}

 private:
  Simulation& simulation_;
  VirtualClock& clock_;
  Timestamp newest_{};
};

class SimulatedFactory final : public engine::PsaFactory {
 public:
  SimulatedFactory(net::Transport& transport, const Clock& clock) : transport_(transport), clock_(clock) {}

  Result<std::unique_ptr<engine::PsaSession>> open(const store::PartnerRow& partner, psa::CallGate& gate,
                                                   bool read_only) override {
    class Session final : public engine::PsaSession {
     public:
      Session(std::unique_ptr<connectwise::manage::Provider> provider, bool read_only)
          : provider_(std::move(provider)), read_only_(read_only) {}
      psa::Psa psa() override { return provider_->psa(read_only_); }
      std::int64_t writes_refused() const override { return 0; }

     private:
      std::unique_ptr<connectwise::manage::Provider> provider_;
      bool read_only_;
    };
    connectwise::manage::Credentials credentials{"http://sandbox.test", partner.settings, partner.settings + "-public",
                                                 partner.settings + "-private", "client-id"};
    return std::make_unique<Session>(
        connectwise::manage::Provider::make(PartnerId(partner.id), credentials, transport_, gate, clock_), read_only);
  }

 private:
  net::Transport& transport_;
  const Clock& clock_;
};

}  // namespace

class Process {
 public:
  Process(Simulation& simulation, int owner, const engine::EngineOptions& options)
      : simulation_(simulation),
        owner_(owner),
        clock_(simulation.timeline(), owner),
        transport_(simulation, clock_, owner),
        writer_(simulation, clock_),
        factory_(transport_, clock_) {
    const std::vector<boost::asio::any_io_executor> executors(simulation.engines,
                                                              boost::asio::any_io_executor(context_.get_executor()));
    engine_ = engine::Engine::make(executors, simulation.store(), writer_, clock_, factory_, options);
    boost::asio::co_spawn(context_, engine_->run(), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
  ~Process() {
    // Coroutines die first, then what they refer to, then the context that both need.
    simulation_.timeline().forget(owner_);
    context_.end();
    engine_.reset();
  }

  engine::Engine& engine() { return *engine_; }
  boost::asio::io_context& context() { return context_; }
  void settle() {
    context_.restart();
    context_.poll();
  }

 private:
  class Context : public boost::asio::io_context {
   public:
    void end() { shutdown(); }
  };
  Simulation& simulation_;
  int owner_;
  Context context_;
  VirtualClock clock_;
  SimulatedTransport transport_;
  SimulatedWriter writer_;
  SimulatedFactory factory_;
  std::unique_ptr<engine::Engine> engine_;
};

Simulation::Simulation(std::uint64_t seed, engine::EngineOptions options)
    : random_(seed),
      options_(options),
      world_([this] { return timeline_.now(); },
             [&] {
               sandbox::WorldOptions world;
               world.seed = seed;
               world.base_url = "http://sandbox.test";
               return world;
             }()) {
  options_.seed = seed + 1;
  auto opened = store::open_sqlite_store({.path = ":memory:", .synchronous = false});
  if (!opened) throw std::runtime_error(opened.error().message);
  store_ = std::move(*opened);
}

void Simulation::lose_books() {
  process_.reset();
  store_ = std::move(store::open_sqlite_store({.path = ":memory:", .synchronous = false}).value());
}

Simulation::~Simulation() { process_.reset(); }

bool Simulation::chance(double probability) {
  return probability > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

void Simulation::start() {
  traffic.in_flight = 0;
  process_ = std::make_unique<Process>(*this, ++processes_, options_);
  process_->settle();
}

void Simulation::crash() {
  process_.reset();
  traffic.in_flight = 0;
}

engine::Engine& Simulation::engine() { return process_->engine(); }

void Simulation::run_for(Duration duration) {
  const Timestamp until = timeline_.now() + duration;
  if (process_) process_->settle();
  pump_callbacks();
  while (timeline_.step(until)) {
    if (process_) process_->settle();
    pump_callbacks();
  }
  timeline_.jump_to(until);
}

boost::asio::any_io_executor Simulation::executor() { return process_->context().get_executor(); }

psa::CallbackTarget Simulation::callback_target(const std::string& partner) {
  const std::string tail = "/v1/callbacks/" + partner + "/secret?recordId=";
  return {"https://crosswalk.test" + tail, tail};
}

void Simulation::pump_callbacks() {
  if (!delivers_callbacks_) return;
  for (const sandbox::Delivery& each : world_.due_deliveries()) {
    const net::Target target = net::parse_target(each.request.target.substr(each.request.target.find("/v1/")));
    const bool arrives = process_ && !chance(weather.callback_lost) && target.segments.size() == 4;
    if (arrives) {
      const std::string* signature = each.request.headers.find("x-content-signature");
      process_->engine().told(PartnerId(target.segments[2]), {each.request.body, signature ? *signature : ""});
      process_->settle();
      ++callbacks_delivered;
    }
    world_.delivered(each.id, arrives ? 204 : 0);
  }
  const std::optional<Timestamp> next = world_.next_delivery_at();
  if (!next || (pump_at_ && *pump_at_ <= *next && *pump_at_ > timeline_.now())) return;
  pump_at_ = *next;
  timeline_.at(*next, 0, [] {});
}

void Simulation::complete(std::function<boost::asio::awaitable<void>()> work) {
  bool done = false;
  boost::asio::co_spawn(process_->context(), work(), [&](std::exception_ptr failure) {
    done = true;
    if (failure) std::rethrow_exception(failure);
  });
  process_->settle();
  const Timestamp limit = timeline_.now() + std::chrono::hours{24};
  while (!done) {
    if (!timeline_.step(limit)) throw std::runtime_error("the work never ended");
    process_->settle();
    pump_callbacks();
  }
}

void Simulation::add_partner(const std::string& id, const std::string& login_company) {
  store::Transaction transaction;
  store::PartnerRow row;
  row.id = row.name = id;
  row.settings = login_company;
  row.version = 1;
  transaction.partners.push_back(row);
  const store::Transaction* one = &transaction;
  if (auto done = store_->commit(std::span(&one, 1)); !done) throw std::runtime_error(done.error().message);
}

void Simulation::publish(const std::string& partner, const std::string& mapping_json) {
  const std::string workflow(json::parse(mapping_json).at("workflow").as_string());
  const bool objects = mapping::is_object_workflow(workflow);
  const std::vector<mapping::Problem> problems = objects
                                                     ? mapping::parse_object_document(workflow, mapping_json).problems
                                                     : mapping::parse_document(mapping_json).problems;
  for (const mapping::Problem& each : problems)
    if (each.level == mapping::Problem::Level::error)
      throw std::runtime_error("mapping: " + each.pointer + " " + each.message);
  store::Transaction transaction;
  store::MappingRow row;
  row.partner = partner;
  row.workflow = workflow;
  row.state = "live";
  row.document = mapping_json;
  row.created_at = timeline_.now();
  transaction.mappings.push_back(row);
  if (objects)
    transaction.wakes.push_back(engine::wake_kind(partner, mapping::record_kind_of(workflow), timeline_.now()));
  const bool imports = objects && mapping::parse_object_document(workflow, mapping_json).document->imports();
  if (imports) transaction.sweeps.push_back({partner, store::kOfferSweep, {}, {}});
  transaction.wakes.push_back(engine::wake_unfinished(partner, timeline_.now()));
  transaction.wakes.push_back(engine::wake_parked(partner, timeline_.now()));
  const store::Transaction* one = &transaction;
  if (auto done = store_->commit(std::span(&one, 1)); !done) throw std::runtime_error(done.error().message);
  if (process_) {
    process_->engine().wake(PartnerId(partner));
    process_->settle();
  }
}

void Simulation::send(const std::string& partner, std::string_view type, Timestamp at, json::object data,
                      std::string id) {
  store::Transaction transaction;
  store::EventRow row;
  const auto event_type = model::parse_event_type(type);
  const model::RecordRef ref = model::record_of(PartnerId(partner), *event_type, data);
  row.partner = partner;
  row.source = "simulation";
  row.id = id.empty() ? "event-" + std::to_string(++events_) : std::move(id);
  row.type = type;
  row.kind = model::to_string(ref.kind);
  row.key = ref.key;
  row.time = at;
  row.received_at = timeline_.now();
  row.data = json::serialize(data);
  transaction.events.push_back(std::move(row));
  const store::Transaction* one = &transaction;
  if (auto done = store_->commit(std::span(&one, 1)); !done) throw std::runtime_error(done.error().message);
  if (process_) {
    process_->engine().wake();
    process_->settle();
  }
}

json::object Simulation::plan(const std::string& partner, const std::string& customer) {
  json::object plan;
  complete([&]() -> boost::asio::awaitable<void> {
    auto made = co_await engine().plan(PartnerId(partner), customer);
    if (!made) throw std::runtime_error(made.error().code + ": " + made.error().message);
    plan = std::move(*made);
  });
  return plan;
}

std::vector<json::object> Simulation::tickets(const std::string& login_company) const {
  return world_.tickets(login_company);
}

std::vector<json::object> Simulation::our_tickets(const std::string& login_company) const {
  std::vector<json::object> ours;
  for (json::object& ticket : world_.tickets(login_company)) {
    const json::value* reference = ticket.if_contains("externalXRef");
    if (reference && reference->is_string() && reference->get_string().starts_with("CW-"))
      ours.push_back(std::move(ticket));
  }
  return ours;
}

std::string Simulation::id_of(std::string_view collection, std::string_view name, std::int64_t parent) const {
  const std::int64_t id = world_.id_of("sandbox", collection, name, parent);
  if (id == 0) throw std::runtime_error("the sandbox has no " + std::string(name) + " in " + std::string(collection));
  return std::to_string(id);
}

std::string sample_mapping(const Simulation& simulation, const std::function<void(json::object&)>& change) {
  const std::string board = simulation.id_of("service/boards", "Security Operations");
  const std::string triage = simulation.id_of("service/boards", "Help Desk");
  auto status = [&](std::string_view name) {
    return json::object{{"id", simulation.id_of("service/boards/statuses", name, std::stoll(board))}, {"name", name}};
  };
  auto company = [&](std::string_view identifier) {
    return json::object{
        {"company", json::object{{"id", simulation.id_of("company/companies", identifier)}, {"name", identifier}}}};
  };
  auto priority = [](std::string_view id) { return json::object{{"id", id}, {"name", "Priority " + std::string(id)}}; };
  json::object document{
      {"workflow", "alert_to_ticket"},
      {"mode", "live"},
      {"triage_board", json::object{{"id", triage}, {"name", "Help Desk"}}},
      {"defaults", json::object{{"board", json::object{{"id", board}, {"name", "Security Operations"}}},
                                {"statuses", json::object{{"opened", status("New")},
                                                          {"acknowledged", status("Triage")},
                                                          {"resolved", status(">Closed")},
                                                          {"reopened", status("Re-opened")}}},
                                {"priority", json::object{{"by_severity", json::object{{"critical", priority("1")},
                                                                                       {"high", priority("2")},
                                                                                       {"medium", priority("3")},
                                                                                       {"low", priority("4")}}}}},
                                {"attach_configuration", false}}},
      {"customers", json::object{{"acme", company("AcmeDental")},
                                 {"blue", company("BlueRiver")},
                                 {"cedar", company("CedarLaw")},
                                 {"delta", company("DeltaFab")}}}};
  if (change) change(document);
  return json::serialize(document);
}

json::object alert_data(std::string customer, std::string subject, std::string condition, std::string severity) {
  return {{"product", "edr"},
          {"customer", customer},
          {"customer_name", "Customer " + customer},
          {"subject", subject},
          {"subject_name", subject},
          {"condition", condition},
          {"severity", severity},
          {"title", condition + " found"},
          {"description", "Details of " + condition},
          {"url", "https://product.example/alerts/" + subject}};
}

}  // namespace crosswalk::simulation
