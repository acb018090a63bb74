#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <boost/json/parse.hpp>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <iostream>
#include <thread>

#include "backup.h"
#include "cli/app.h"
#include "cli/data_folder.h"
#include "cli/logging.h"
#include "cli/own_thread.h"
#include "cli/system_clock.h"
#include "connectwise/manage/provider.h"
#include "engine/engine.h"
#include "net/curl_transport.h"
#include "net/descriptors.h"
#include "net/secrets.h"
#include "net/server.h"
#include "outbound/sender.h"
#include "service/audit.h"
#include "service/auth.h"
#include "service/callback_address.h"
#include "service/partner_settings.h"
#include "service/seal.h"
#include "service/service.h"
#include "store/sqlite/sqlite_store.h"
#include "store/writer.h"

// The only place where everything is wired.

namespace crosswalk {
namespace {

namespace manage = connectwise::manage;
using cli::ExitCode;
using cli::Failure;
using cli::Outcome;

/// What an event is delivered within, usually; one whose receiver takes longer is delivered again after the next start.
constexpr Duration kSenderGrace{3'000};
/// How often the engine's thread says that it is there.
constexpr Duration kHeartbeat{1'000};
/// The engine ends when its calls under way have ended and are kept: a call's time-out, and what comes after it.
constexpr Duration kEngineGrace{15'000};
/// A thread leaves its loop at once, unless it does not come back from what it does.
constexpr Duration kThreadPatience{5'000};
/// How long requests under way may take to end when the server is told to stop.
constexpr Duration kStopGrace{5'000};

/// One partner's calls: in the partner's name, and with the configured time-out.
class PartnerTransport final : public net::Transport {
 public:
  PartnerTransport(net::Transport& beneath, Duration timeout, std::string partner)
      : beneath_(beneath), timeout_(timeout), partner_(std::move(partner)) {}
  boost::asio::awaitable<tl::expected<net::Response, net::TransportError>> send(net::Request request,
                                                                                net::SendOptions options) override {
    options.timeout = timeout_;
    options.connect_timeout = std::min(options.connect_timeout, timeout_);
    options.owner = partner_;
    return beneath_.send(std::move(request), options);
  }

 private:
  net::Transport& beneath_;
  Duration timeout_;
  std::string partner_;
};

/// One partner's ConnectWise Manage, reading only or not.
class ManageSession final : public engine::PsaSession {
 public:
  ManageSession(PartnerId partner, manage::Credentials credentials, net::Transport& transport, Duration timeout,
                psa::CallGate& gate, const Clock& clock, bool read_only)
      : read_only_(read_only),
        own_(transport, timeout, partner.value),
        reading_(own_),
        provider_(manage::Provider::make(std::move(partner), std::move(credentials),
                                         read_only ? static_cast<net::Transport&>(reading_) : own_, gate, clock)) {}
  psa::Psa psa() override { return provider_->psa(read_only_); }
  std::int64_t writes_refused() const override { return reading_.writes_refused(); }

 private:
  bool read_only_;
  PartnerTransport own_;
  net::ReadOnlyTransport reading_;
  std::unique_ptr<manage::Provider> provider_;
};

net::HostPolicy host_policy(const cli::Config& config) {
  return {.allowed_hosts = config.connectwise.allowed_hosts, .allow_private = config.connectwise.allow_private_hosts};
}

/// The version of ConnectWise's API that calls ask for; who runs this is warned in the log while there is time.
std::string api_version(const cli::Config& config, Timestamp now) {
  const std::string& named = config.connectwise.api_version;
  std::string version = named.empty() ? std::string(manage::kApiVersion) : named;
  const manage::VersionAge age = manage::judge_api_version(version, now);
  if (age.state != manage::VersionState::current) spdlog::warn("{}", age.text);
  return version;
}

class PsaFactory final : public engine::PsaFactory {
 public:
  PsaFactory(net::Transport& transport, const cli::Config& config, const net::SecretBox& secrets, const Clock& clock)
      : transport_(transport),
        policy_(host_policy(config)),
        secrets_(secrets),
        clock_(clock),
        timeout_(config.connectwise.request_timeout),
        client_id_(config.connectwise.client_id),
        api_version_(api_version(config, clock.now())) {}

  Result<std::unique_ptr<engine::PsaSession>> open(const store::PartnerRow& partner, psa::CallGate& gate,
                                                   bool read_only) override {
    const service::PartnerSettings settings = service::parse_settings(partner.settings);
    if (settings.site.empty())
      return failure("partner.site_missing", "The partner \"" + partner.id + "\" has no site yet.");
    const std::string url = settings.site.find("://") == std::string::npos ? "https://" + settings.site : settings.site;
    if (const auto allowed = policy_.check(url); !allowed) return tl::unexpected(allowed.error());
    const auto keys = service::unseal_keys(partner, secrets_);
    if (!keys) return tl::unexpected(keys.error());
    manage::Credentials credentials{.site = settings.site,
                                    .company = settings.company,
                                    .public_key = keys->public_key,
                                    .private_key = keys->private_key,
                                    .client_id = settings.client_id.empty() ? client_id_ : settings.client_id,
                                    .api_version = api_version_};
    return std::make_unique<ManageSession>(PartnerId(partner.id), std::move(credentials), transport_, timeout_, gate,
                                           clock_, read_only);
  }

 private:
  net::Transport& transport_;
  net::HostPolicy policy_;
  const net::SecretBox& secrets_;
  const Clock& clock_;
  Duration timeout_;
  std::string client_id_, api_version_;
};

engine::EngineOptions engine_options(const cli::Config& config) {
  return {.calls_per_second = config.engine.calls_per_second,
          .calls_at_once = config.engine.calls_at_once,
          .batch_records_max = config.engine.batch_records_max,
          .settle = config.engine.settle,
          .reference_data_age_max = config.engine.reference_data_age_max,
          .plan_lifetime = config.engine.plan_lifetime,
          .sweep_interval = config.engine.sweep_interval,
          .compare_interval = config.engine.compare_interval,
          .retention = {.events = config.retention.events,
                        .journal = config.retention.journal,
                        .closed = config.retention.closed,
                        .plans = config.retention.plans,
                        .audit = config.retention.audit},
          .heartbeat = kHeartbeat};
}

int engine_threads(const cli::Config& config) {
  if (config.engine.threads > 0) return config.engine.threads;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, store::kSlots);
}

net::HostPolicy webhook_policy(const cli::Config& config) {
  return {.allowed_hosts = {}, .allow_private = config.webhooks.allow_private_hosts, .any_public_host = true};
}

outbound::SenderOptions sender_options(const cli::Config& config) {
  return {.timeout = config.webhooks.timeout,
          .at_once = config.webhooks.deliveries_at_once,
          .give_up_after = config.webhooks.give_up_after,
          .retention = config.webhooks.retention};
}

service::AlertmanagerOptions alertmanager_options(const cli::Config::Alertmanager& config) {
  return {.product = config.product,
          .customer_label = config.customer_label,
          .subject_label = config.subject_label,
          .subject_fallback_labels = config.subject_fallback_labels,
          .device_label = config.device_label,
          .severity_label = config.severity_label,
          .condition_label = config.condition_label,
          .severities = config.severities,
          .distinguishing_labels = config.distinguishing_labels};
}

net::ServerOptions server_options(const cli::Config::Server& config, int connections_max) {
  net::ServerOptions options;
  options.address = config.address;
  options.port = config.port;
  options.threads = config.threads;
  options.certificate_file = config.certificate_file;
  options.private_key_file = config.private_key_file;
  options.connections_max = connections_max;
  options.connections_per_address_max = config.connections_per_address_max;
  return options;
}

/// As many open files as the system allows, shared out; told when clients get fewer than they should.
net::DescriptorShares share_descriptors(const cli::Config::Server& config) {
  const std::size_t descriptors = net::raise_descriptor_limit();
  const net::DescriptorShares shares = net::share_descriptors(descriptors, config.connections_max);
  if (shares.connections < config.connections_max) {
    spdlog::warn(
        "the limit of {} open files leaves {} connections to clients instead of {}, and {} calls at once; raise it "
        "(ulimit -n, LimitNOFILE= in systemd)",
        descriptors, shares.connections, config.connections_max, shares.calls);
  }
  return shares;
}

/// Where clients on this machine reach the server: an address that means "all" is not one to connect to.
std::string client_url(const cli::Config::Server& config, std::string address, std::uint16_t port) {
  if (address == "0.0.0.0") address = "127.0.0.1";
  if (address == "::") address = "::1";
  const bool bracketed = address.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", config.certificate_file.empty() ? "http" : "https",
                     bracketed ? "[" + address + "]" : address, port);
}

ExitCode exit_code_of(const Error& error) {
  if (error.code == "net.port_taken" || error.code == "store.busy") return ExitCode::in_use;
  const bool configured = error.code.starts_with("net.");
  return configured ? ExitCode::configuration : ExitCode::data;
}

tl::unexpected<Failure> start_failure(const Error& error) {
  return tl::unexpected(cli::to_failure(exit_code_of(error), error));
}

/// The store's commit, waited for; for the few writes before anything else runs.
Result<void> commit(store::Store& store, const store::Transaction& transaction) {
  const store::Transaction* const all[] = {&transaction};
  return store.commit(all).map([](const auto&) {});
}

/// At the very first start there is no key yet: makes the administration key and leaves it in the data folder.
Outcome<void> ensure_admin_key(store::Store& store, const std::string& folder, Timestamp now) {
  const auto keys = store.api_keys();
  if (!keys) return start_failure(keys.error());
  if (!keys->empty()) return {};
  const service::NewKey made =
      service::make_key("administration", service::Role::administration, "", std::nullopt, now);
  // The file comes first: a key that nobody can read would lock everybody out, a file without its row is made anew.
  if (auto written = cli::write_private_file(cli::path_in(folder, "admin.key"), made.key + "\n"); !written)
    return written;
  store::Transaction transaction;
  transaction.keys.push_back(made.row);
  if (const auto committed = commit(store, transaction); !committed) return start_failure(committed.error());
  return {};
}

/// A data folder that is ours alone, and what is in it.
struct House {
  cli::DataLock lock;
  std::unique_ptr<store::Store> store;
};

Outcome<House> open_house(const std::string& folder) {
  // Whatever is made in there is its owner's alone.
  ::umask(S_IRWXG | S_IRWXO);
  if (const auto prepared = cli::prepare_data_folder(folder); !prepared) return tl::unexpected(prepared.error());
  auto lock = cli::DataLock::take(folder);
  if (!lock) return tl::unexpected(lock.error());
  // Of one that was killed; its address may be another program's by now.
  cli::remove_serve_file(folder);
  auto store = store::open_sqlite_store({.path = cli::path_in(folder, "crosswalk.db")});
  if (!store) return start_failure(store.error());
  return House{std::move(*lock), std::move(*store)};
}

Outcome<cli::json::object> create_key_offline(const cli::Config& config, const cli::KeyOptions& options) {
  const cli::SystemClock clock(config.clock.rate, config.clock.start);
  const auto expires = cli::parse_expiry(options.expires, clock.now());
  if (!expires) return tl::unexpected(expires.error());
  // A key in a folder that no server has made would open nothing.
  if (std::error_code ignored; !std::filesystem::exists(cli::path_in(config.data.directory, "crosswalk.db"), ignored))
    return cli::complain(
        ExitCode::data,
        {"data.absent", "This is no data folder of Crosswalk's",
         fmt::format("There is no crosswalk.db in {}.", config.data.directory),
         fmt::format(
             "Name the folder that the server uses: --data DIR. A new one needs no key made so: `crosswalk serve "
             "--data {}` makes its first.",
             config.data.directory)});
  const auto house = open_house(config.data.directory);
  if (!house) return tl::unexpected(house.error());
  if (!options.partner.empty()) {
    const auto partner = house->store->partner(options.partner);
    if (!partner) return start_failure(partner.error());
    if (!*partner)
      return cli::complain(ExitCode::not_found,
                           {"partner.unknown", "There is no such partner", options.partner, "Check the id."});
  }
  const auto role =
      service::choose_role(options.role.empty() ? std::nullopt : std::optional(options.role), options.partner);
  if (!role) {
    const service::RequestProblem& problem = role.error();
    return cli::complain(ExitCode::usage, {"usage.role", "The key's role cannot be this", problem.detail,
                                           "Say --role intake, --role administration, or --partner PARTNER."});
  }
  const service::NewKey made = service::make_key(options.name, *role, options.partner, *expires, clock.now());
  store::Transaction transaction;
  transaction.keys.push_back(made.row);
  transaction.audit.push_back(service::key_made_here(made.row));
  if (const auto committed = commit(*house->store, transaction); !committed) return start_failure(committed.error());
  cli::json::object key{{"id", made.row.id},
                        {"name", made.row.name},
                        {"role", made.row.role},
                        {"created_at", format_timestamp(made.row.created_at)},
                        {"key", made.key}};
  if (!options.partner.empty()) key["partner"] = options.partner;
  if (*expires) key["expires_at"] = format_timestamp(**expires);
  return key;
}

/// SIGINT, SIGTERM and SIGHUP, kept from all threads that start while it lives, so that one can wait for them.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    // A terminal that is closed is a stop like any other, but not where nohup has said that it is none.
    struct sigaction hang_up {};
    const bool known = ::sigaction(SIGHUP, nullptr, &hang_up) == 0;
    if (known && hang_up.sa_handler != SIG_IGN) sigaddset(&set_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  /// Afterwards a second signal ends the process at once, for those who cannot wait.
  void wait() {
    int signal = 0;
    sigwait(&set_, &signal);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

 private:
  sigset_t set_{};
};

using EngineEnd = cli::OwnThread<engine::Engine>::End;
using SenderEnd = cli::OwnThread<outbound::Sender>::End;

/// A stop that does not come to its end is none: what was given to be kept is kept, and the process ends as after a
/// crash. What was in flight is looked up after the next start.
[[noreturn]] void end_now(std::string_view who, store::Writer& writer) {
  spdlog::critical("the {} has not ended in time: the process ends without it", who);
  writer.stop();
  spdlog::shutdown();
  std::_Exit(static_cast<int>(ExitCode::failed));
}

/// Says what others on this machine can read.
void warn_of_open_files(const std::string& folder) {
  for (const cli::OpenToOthers& each : cli::open_to_others(folder))
    spdlog::warn("{} can be read by other users (mode {:o}): {}", each.path, each.mode, each.command);
}

/// Serves on an opened data folder until a signal comes.
Outcome<ExitCode> serve_house(const cli::Config& config, const std::string& folder, store::Store& store) {
  StopSignals signals;
  cli::SystemClock clock(config.clock.rate, config.clock.start);
  const auto secrets = service::open_secrets(store, cli::path_in(folder, "secret.key"));
  if (!secrets) return tl::unexpected(cli::to_failure(ExitCode::data, secrets.error()));
  if (const auto ensured = ensure_admin_key(store, folder, clock.now()); !ensured)
    return tl::unexpected(ensured.error());

  const net::DescriptorShares shares = share_descriptors(config.server);
  const std::unique_ptr<net::Transport> curl =
      net::make_curl_transport({.calls_max = shares.calls}, host_policy(config));
  PsaFactory factory(*curl, config, *secrets, clock);
  const std::unique_ptr<store::Writer> writer = store::make_thread_writer(store);
  // The threads' contexts go last: what waits in them refers to everything else.
  cli::OwnThread<outbound::Sender> sender_thread("sender");
  const std::unique_ptr<net::Transport> webhooks =
      net::make_curl_transport({.calls_max = shares.deliveries}, webhook_policy(config));
  const auto sender = outbound::Sender::make(sender_thread.executor(), store, *writer, clock, *webhooks, *secrets,
                                             sender_options(config));
  // The first engine runs where all of them are waited for, the others on threads of their own.
  std::deque<boost::asio::thread_pool> more_engines;
  for (int i = 1; i < engine_threads(config); ++i) more_engines.emplace_back(1);
  cli::OwnThread<engine::Engine> engine_thread("engine");
  boost::asio::thread_pool calculations(1);
  engine::EngineOptions options = engine_options(config);
  options.calculations = calculations.get_executor();
  options.outbound_written = [&sender] { sender->wake(); };
  options.callback_target = [&url = config.callbacks.public_url, &secrets](const std::string& partner) {
    return service::callback_target(url, partner, *secrets);
  };
  std::vector<boost::asio::any_io_executor> executors{engine_thread.executor()};
  for (boost::asio::thread_pool& each : more_engines) executors.emplace_back(each.get_executor());
  const auto engine = engine::Engine::make(executors, store, *writer, clock, factory, options);
  auto service = service::Service::make({.store = store,
                                         .writer = *writer,
                                         .engine = *engine,
                                         .sender = *sender,
                                         .sender_executor = sender_thread.executor(),
                                         .clock = clock,
                                         .secrets = *secrets,
                                         .options = {.alertmanager = alertmanager_options(config.alertmanager),
                                                     .hosts = host_policy(config),
                                                     .webhook_hosts = webhook_policy(config),
                                                     .give_up_after = config.webhooks.give_up_after,
                                                     .retention = config.webhooks.retention}});
  if (!service) {
    writer->stop();
    return start_failure(service.error());
  }
  net::ServerOptions listening = server_options(config.server, shares.connections);
  (*service)->guard(listening);
  auto server = net::Server::start(std::move(listening), (*service)->handler());
  if (!server) {
    writer->stop();
    return start_failure(server.error());
  }
  sender_thread.start(*sender);
  engine_thread.start(*engine);

  const std::string url = client_url(config.server, config.server.address, (*server)->port());
  const auto announced = cli::write_serve_file(folder, {url, ::getpid()});
  if (announced) {
    std::cout << "listening on " << url << std::endl;
    spdlog::info("serving {} with the data folder {}", url, folder);
    signals.wait();
    spdlog::info("stopping: finishing what is under way (a second signal ends at once)");
    cli::remove_serve_file(folder);
  }
  (*server)->stop(kStopGrace);
  const EngineEnd engine_end = engine_thread.stop(config.connectwise.request_timeout + kEngineGrace, kThreadPatience);
  if (engine_end == EngineEnd::cut_off || engine_end == EngineEnd::stuck) end_now("engine", *writer);
  for (boost::asio::thread_pool& each : more_engines) {
    each.stop();
    each.join();
  }
  const SenderEnd sender_end = sender_thread.stop(kSenderGrace, kThreadPatience);
  if (sender_end == SenderEnd::stuck) end_now("sender", *writer);
  // What the sender was cut off from is delivered after the next start.
  const bool well = engine_end == EngineEnd::well && sender_end != SenderEnd::mistake;
  writer->stop();
  if (!announced) return tl::unexpected(announced.error());
  spdlog::info("stopped");
  return well ? ExitCode::ok : ExitCode::failed;
}

ExitCode serve(cli::Session& session, const cli::Config& config) {
  cli::start_logging(config.logging.level, config.logging.format);
  if (config.clock.rate != 1 || config.clock.start) {
    spdlog::warn("the clock is set for a demonstration ([clock] rate {}): times are not real", config.clock.rate);
  }
  const std::string& folder = config.data.directory;
  const auto house = open_house(folder);
  if (!house) return session.fail(house.error());
  warn_of_open_files(folder);
  const auto served = serve_house(config, folder, *house->store);
  return served ? *served : session.fail(served.error());
}

/// Reaches the one server that the person has named, wherever it is.
std::unique_ptr<net::Transport> client_transport(const std::string& server, const std::string& ca_file) {
  const std::size_t scheme = server.find("://");
  const std::string host = scheme == std::string::npos ? server : server.substr(scheme + 3);
  return net::make_curl_transport({.ca_file = ca_file}, {.allowed_hosts = {host}, .allow_private = true});
}

/// What the program reads of its environment.
std::map<std::string, std::string> read_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    const bool ours = name.starts_with("CROSSWALK_") || name == "EDITOR" || name == "VISUAL";
    if (ours && equals != std::string_view::npos) variables.emplace(name, text.substr(equals + 1));
  }
  return variables;
}

}  // namespace
}  // namespace crosswalk

int main(int argument_count, char** arguments) {
  using namespace crosswalk;
  std::signal(SIGPIPE, SIG_IGN);
  cli::Surroundings surroundings{
      .out = std::cout,
      .err = std::cerr,
      .in = std::cin,
      .out_terminal = cli::terminal_of(STDOUT_FILENO),
      .err_terminal = cli::terminal_of(STDERR_FILENO),
      .in_is_terminal = ::isatty(STDIN_FILENO) == 1,
      .environment = read_environment(),
      .make_transport = client_transport,
  };
  return cli::run(argument_count, arguments, surroundings,
                  {.serve = serve, .create_key_offline = create_key_offline, .back_up = back_up, .restore = restore});
}
