#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "connectwise/manage/provider.h"
#include "engine/engine.h"
#include "mapping/document.h"
#include "mapping/object_document.h"
#include "sandbox/world.h"
#include "store/sqlite/sqlite_store.h"
#include "virtual_clock.h"

namespace crosswalk::simulation {

inline constexpr const char* kConfigurations = "company/configurations";
inline constexpr const char* kContacts = "company/contacts";
inline constexpr const char* kCompanies = "company/companies";

/// What can go wrong between us and ConnectWise, per call.
struct Weather {
  double lost_before = 0;    ///< the connection breaks before the server acts
  double lost_after = 0;     ///< the server acts and its answer is lost
  double late_commit = 0;    ///< we time out, and the server acts after that
  double server_error = 0;   ///< 500 or 502 without acting
  double error_after = 0;    ///< a 503 after the server acted
  double moved_after = 0;    ///< a redirect after the server acted, as a gateway's sign-in page
  double throttled = 0;      ///< 429 with Retry-After
  double store_failure = 0;  ///< a commit of ours fails
  double callback_lost = 0;  ///< a callback finds nobody
  Duration latency{50};
  [[nodiscard]] static Weather calm() { return {}; }
};

/// How the sandbox's traffic looked: the budget must hold whatever happens.
struct Traffic {
  int in_flight = 0, in_flight_max = 0;
  std::vector<Timestamp> started;
  std::int64_t writes = 0;
};

/// A running Crosswalk: engine, provider, writer on one virtual processor. Destroying it is kill -9.
class Process;

/// One simulated world: a sandbox, a store that survives crashes, and at most one running process, all from one seed.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed, engine::EngineOptions options = {});
  ~Simulation();

  sandbox::World& world() { return world_; }
  store::Store& store() { return *store_; }
  /// Processes that start from now on work with these options.
  void use(engine::EngineOptions options) {
    options.seed = options_.seed;
    options_ = std::move(options);
  }
  /// The running process dies, and the next one finds empty books: as after a copy was put back that is older than all.
  void lose_books();
  Timeline& timeline() { return timeline_; }
  std::mt19937_64& random() { return random_; }
  Weather weather;
  Traffic traffic;
  /// Among which the partners are shared out by processes that start from now on.
  std::size_t engines = 1;
  /// Told of each request of ours that the sandbox has answered, also when nobody hears the answer.
  std::function<void(const net::Request& request, const net::Response& response, bool heard)> served;

  void start();
  void crash();
  [[nodiscard]] bool running() const { return process_ != nullptr; }
  engine::Engine& engine();

  /// Lets time pass.
  void run_for(Duration duration);
  /// Runs what `work` starts on the process's processor until it is done.
  void complete(std::function<boost::asio::awaitable<void>()> work);

  void add_partner(const std::string& id, const std::string& login_company = "sandbox");
  void publish(const std::string& partner, const std::string& mapping_json);
  /// Takes events as intake does: durable when it returns, the engine told. `at`: CloudEvents time.
  void send(const std::string& partner, std::string_view type, Timestamp at, boost::json::object data,
            std::string id = {});

  [[nodiscard]] boost::json::object plan(const std::string& partner, const std::string& customer = {});
  [[nodiscard]] std::vector<boost::json::object> tickets(const std::string& login_company = "sandbox") const;
  /// Tickets that carry one of our references.
  [[nodiscard]] std::vector<boost::json::object> our_tickets(const std::string& login_company = "sandbox") const;
  [[nodiscard]] std::string id_of(std::string_view collection, std::string_view name, std::int64_t parent = 0) const;
  [[nodiscard]] bool chance(double probability);
  /// Processes that start from now on have ConnectWise tell them of changes.
  void switch_callbacks_on() {
    delivers_callbacks_ = true;
    options_.callback_target = callback_target;
  }
  void switch_callbacks_off() {
    options_.callback_target = [](const std::string& partner) {
      return psa::CallbackTarget{"", callback_target(partner).tail};
    };
  }
  /// The running process's own.
  [[nodiscard]] boost::asio::any_io_executor executor();
  /// Where callbacks of a simulated partner go.
  [[nodiscard]] static psa::CallbackTarget callback_target(const std::string& partner);
  std::int64_t callbacks_delivered = 0;

 private:
  friend class Process;
  void pump_callbacks();
  Timeline timeline_;
  std::mt19937_64 random_;
  engine::EngineOptions options_;
  sandbox::World world_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Process> process_;
  int processes_ = 0, events_ = 0;
  bool delivers_callbacks_ = false;
  std::optional<Timestamp> pump_at_;
};

/// A mapping over the sandbox's small MSP: the SOC board, live, customers "acme" to "delta" mapped; `change` may alter
/// the JSON.
[[nodiscard]] std::string sample_mapping(const Simulation& simulation,
                                         const std::function<void(boost::json::object&)>& change = nullptr);

/// Data of an alert event.
[[nodiscard]] boost::json::object alert_data(std::string customer, std::string subject, std::string condition,
                                             std::string severity = "critical");

}  // namespace crosswalk::simulation
