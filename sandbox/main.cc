#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <type_traits>

#include "sandbox/certificates.h"
#include "sandbox/front.h"
#include "sandbox/msps.h"

namespace {

using namespace crosswalk;
using namespace crosswalk::sandbox;

constexpr std::uint16_t kPortMax = std::numeric_limits<std::uint16_t>::max();

struct Arguments {
  std::string address = "127.0.0.1", data, scenario = "small", role = "Admin";
  std::uint16_t port = 8600;
  bool tls = false;
  std::optional<std::uint16_t> tls_port;
  std::vector<std::string> tls_hosts;
  std::vector<std::string> tenants;
  std::uint64_t seed = 1;
  double clock_rate = 1.0, robot = 0;
  std::int64_t latency_ms = 0;
  int requests_per_minute = 0, threads = 2;
  std::string exercised;  ///< file
};

/// Checks a number of a flag. CLI11's own range lets NaN through, takes -1 for the largest number of those without a
/// sign, and tells large bounds in digits that nobody reads.
template <class Number>
CLI::Validator number_from(Number least, Number most) {
  return CLI::Validator(
      [least, most](std::string& text) {
        Number number{};
        const char* end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, number);
        const bool fine = error == std::errc() && stopped == end && number >= least && number <= most;
        constexpr const char* kKind = std::is_integral_v<Number> ? "whole number" : "number";
        return fine ? std::string() : fmt::format("takes a {} from {} to {}, not {}", kKind, least, most, text);
      },
      "");
}

constexpr std::string_view kMany = "many:";

/// N of the scenario "many:N"; 0 when it is none that can be made.
int companies_of_many(std::string_view scenario) {
  constexpr int kTenantsMax = 10'000;  // each holds some hundred kilobytes
  int count = 0;
  const char* end = scenario.data() + scenario.size();
  const auto [stopped, error] = std::from_chars(scenario.data() + kMany.size(), end, count);
  return error == std::errc() && stopped == end && count >= 1 && count <= kTenantsMax ? count : 0;
}

std::string check_scenario(std::string& scenario) {
  const bool fine = !scenario.starts_with(kMany) || companies_of_many(scenario) != 0;
  return fine ? std::string() : "many:N takes 1 to 10000";
}

/// "many:N" is the small scenario for N companies, msp001 and on; "msps" is a company for each MSP, and the small
/// scenario for those that --tenant names.
WorldOptions world_options(const Arguments& arguments) {
  WorldOptions options;
  options.seed = arguments.seed;
  options.scenario = arguments.scenario;
  std::vector<std::string> names = arguments.tenants;
  if (arguments.scenario.starts_with(kMany)) {
    options.scenario = "small";
    const int count = companies_of_many(arguments.scenario);
    for (int i = 1; i <= count; ++i) names.push_back(fmt::format("msp{:03}", i));
  }
  options.tenants.clear();
  if (arguments.scenario == "msps") {
    options.scenario = "small";
    options.tenants = msp_tenants(arguments.role);
  } else if (names.empty()) {
    names.push_back("sandbox");
  }
  for (const std::string& name : names) {
    TenantOptions tenant;
    tenant.login_company = name;
    tenant.role = arguments.role;
    options.tenants.push_back(std::move(tenant));
  }
  return options;
}

std::filesystem::path snapshot_file(const Arguments& arguments) {
  return std::filesystem::path(arguments.data) / "snapshot.jsonl";
}

bool has_snapshot(const Arguments& arguments) {
  return !arguments.data.empty() && std::filesystem::exists(snapshot_file(arguments));
}

bool load_snapshot(World& world, const Arguments& arguments) {
  if (!has_snapshot(arguments)) return true;
  std::ifstream file(snapshot_file(arguments), std::ios::binary);
  const Result<void> loaded = world.load_from(file);
  if (!loaded) fmt::print(stderr, "{}: {}\n", snapshot_file(arguments).string(), loaded.error().message);
  return loaded.has_value();
}

void save_snapshot(const World& world, const Arguments& arguments) {
  if (arguments.data.empty()) return;
  std::filesystem::create_directories(arguments.data);
  // Beside and then over the old one: a stop in the middle leaves the old one whole.
  const std::filesystem::path beside = snapshot_file(arguments).string() + ".new";
  {
    std::ofstream file(beside, std::ios::binary);
    world.save_to(file);
  }
  std::filesystem::rename(beside, snapshot_file(arguments));
}

void announce_trust(const TlsFiles& files) {
  const std::string authority = std::filesystem::absolute(files.ca_certificate).string();
  fmt::print(
      "clients must trust {}\n"
      "  curl --cacert {}\n"
      "  NODE_EXTRA_CA_CERTS={} node ...\n"
      "  REQUESTS_CA_BUNDLE={} python ...\n"
      "its key lies beside it: do not make a whole system trust it\n",
      authority, authority, authority, authority);
}

/// What a person needs to begin.
void announce_companies(const std::string& page, const std::vector<std::string>& companies) {
  constexpr std::size_t kShown = 3;
  std::string names;
  for (std::size_t i = 0; i < std::min(kShown, companies.size()); ++i) names += (i == 0 ? "" : ", ") + companies[i];
  if (companies.size() > kShown) names += fmt::format(" and {} more", companies.size() - kShown);
  const std::string first = companies.empty() ? "NAME" : companies.front();
  fmt::print(
      "page             {}/\n"
      "login companies  {}\n"
      "keys             {}-public and {}-private{}; any clientId\n",
      page, names, first, first, companies.size() > 1 ? ", and so for each" : "");
}

/// One server, or two: HTTP and HTTPS.
bool listen(Front& front, const World& world, const Arguments& arguments) {
  const bool both = arguments.tls_port.has_value(), secure = arguments.tls || both;
  TlsFiles files;
  if (secure) {
    const std::filesystem::path folder =
        arguments.data.empty() ? default_tls_folder() : std::filesystem::path(arguments.data) / "tls";
    // The clients' clocks are the real one, however fast the sandbox's runs.
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    Result<TlsFiles> prepared = prepare_tls(folder, arguments.tls_hosts, now);
    if (!prepared) {
      fmt::print(stderr, "{}\n", prepared.error().message);
      return false;
    }
    files = *std::move(prepared);
  }
  std::size_t count = 0;
  std::string page;
  const auto start = [&](std::uint16_t port, bool with_tls) {
    net::ServerOptions server;
    server.address = arguments.address;
    server.port = port;
    server.threads = arguments.threads;
    if (with_tls) {
      server.certificate_file = files.certificate.string();
      server.private_key_file = files.private_key.string();
    }
    if (const Result<void> started = front.start(server); !started) {
      fmt::print(stderr, "{}\n", started.error().message);
      return false;
    }
    const std::string host =
        arguments.address.find(':') == std::string::npos ? arguments.address : "[" + arguments.address + "]";
    const std::string address = fmt::format("{}://{}:{}", with_tls ? "https" : "http", host, front.port(count++));
    if (page.empty()) page = address;
    fmt::print("listening on {}\n", address);
    return true;
  };
  if (!start(arguments.port, arguments.tls && !both)) return false;
  if (both && !start(*arguments.tls_port, true)) return false;
  announce_companies(page, world.tenants());
  if (secure) announce_trust(files);
  std::fflush(stdout);
  return true;
}

void save_exercised(const World& world, const std::string& name) {
  if (name.empty()) return;
  std::ofstream file(name, std::ios::binary);
  file << boost::json::serialize(exercised_operations(world.exercised())) << '\n';
}

int run(const Arguments& arguments) {
  // Blocked before any thread is made, so that only the wait below receives them.
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGINT);
  sigaddset(&stopping, SIGTERM);
  // A terminal that is closed is a stop like any other, but not where nohup has said that it is none.
  struct sigaction hang_up {};
  if (::sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN) sigaddset(&stopping, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &stopping, nullptr);

  WorldOptions options = world_options(arguments);
  options.seeded = !has_snapshot(arguments);
  World world(accelerated_clock(arguments.clock_rate), std::move(options));
  if (!load_snapshot(world, arguments)) return 1;
  world.faults().settings.latency = Duration(arguments.latency_ms);
  world.faults().settings.requests_per_minute = arguments.requests_per_minute;
  if (arguments.robot > 0) world.robot().set({.per_minute = arguments.robot, .tenant = "", .seed = arguments.seed});
  Front front(world);
  if (!listen(front, world, arguments)) return 1;
  int received = 0;
  sigwait(&stopping, &received);
  front.stop();
  save_snapshot(world, arguments);
  save_exercised(world, arguments.exercised);
  return 0;
}

/// What a server or a run of the tests has recorded: ids of operations.
std::vector<std::string> read_exercised(const std::vector<std::string>& files) {
  std::vector<std::string> ids;
  for (const std::string& name : files) {
    std::ifstream file(name, std::ios::binary);
    if (!file) throw std::invalid_argument(name + " cannot be read");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const boost::json::value recorded = boost::json::parse(text);
    for (const boost::json::value& id : recorded.as_array()) ids.emplace_back(id.as_string());
  }
  return ids;
}

int show_coverage(const std::vector<std::string>& files, bool as_json) {
  const boost::json::object result = coverage(read_exercised(files));
  fmt::print("{}", as_json ? boost::json::serialize(result) + "\n" : coverage_table(result));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A simulator of the ConnectWise Manage REST API"};
  Arguments arguments;
  app.add_option("--listen", arguments.address, "Address to listen on")->capture_default_str();
  app.add_option("--port", arguments.port, "Port; 0 takes any free one")
      ->check(number_from<std::uint16_t>(0, kPortMax))
      ->capture_default_str();
  app.add_flag("--tls", arguments.tls, "HTTPS, with a certificate authority of its own (made on the first start)");
  app.add_option("--tls-port", arguments.tls_port, "HTTPS on this port beside HTTP on --port; 0 takes any free one")
      ->check(number_from<std::uint16_t>(0, kPortMax));
  app.add_option("--tls-host", arguments.tls_hosts,
                 "A name or address in the certificate besides localhost; repeatable");
  app.add_option("--data", arguments.data, "Folder that keeps a snapshot between runs");
  app.add_option("--scenario", arguments.scenario, "small, mid, large, empty, many:N, msps or msp:NAME")
      ->check(CLI::Validator(check_scenario, ""))
      ->capture_default_str();
  app.add_option("--tenant", arguments.tenants, "Login company; repeatable (keys NAME-public and NAME-private)");
  app.add_option("--role", arguments.role, "Security role of the keys; sandbox/README.md lists them")
      ->capture_default_str();
  app.add_option("--seed", arguments.seed, "Seed of everything that is drawn")
      ->check(number_from<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  app.add_option("--clock-rate", arguments.clock_rate, "How fast time runs")
      ->check(number_from(0.001, 1e6))
      ->capture_default_str();
  app.add_option("--robot", arguments.robot, "Technicians who work the tickets: so many actions a minute")
      ->check(number_from(0.0, 60e3));
  app.add_option("--latency-ms", arguments.latency_ms, "Every answer takes this long")
      ->check(number_from<std::int64_t>(0, 600'000));
  app.add_option("--requests-per-minute", arguments.requests_per_minute, "Per company; 0: no limit")
      ->check(number_from(0, 1'000'000));
  app.add_option("--threads", arguments.threads, "Threads of the HTTP server")
      ->check(number_from(1, 64))
      ->capture_default_str();
  app.add_option("--exercised", arguments.exercised,
                 "At a stop, writes which operations were answered with success to this file");
  CLI::App* covering = app.add_subcommand("coverage", "What of ConnectWise's API description is simulated");
  std::vector<std::string> recorded;
  bool as_json = false;
  covering->add_option("--exercised", recorded, "A file written by --exercised or by the tests; repeatable");
  covering->add_flag("--json", as_json, "As JSON, with the operations that are missing");
  CLI11_PARSE(app, argc, argv);
  try {
    if (covering->parsed()) return show_coverage(recorded, as_json);
    return run(arguments);
  } catch (const std::exception& broken) {
    fmt::print(stderr, "{}\n", broken.what());
    return 1;
  }
}
