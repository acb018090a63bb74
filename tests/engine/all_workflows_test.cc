// All workflows at once, for virtual weeks: customers, contacts, devices and alerts of one or two partners, people who
// change, merge and delete, calls and commits that fail, crashes; and no callback that ever arrives.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "alignment_shop.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// One seed's worth of weeks.
class AlignedWorld {
 public:
  explicit AlignedWorld(std::uint64_t seed) : seed_(seed), random_(seed * 6'271 + 5), simulation_(seed, options()) {
    shops_.push_back(std::make_unique<Shop>(simulation_, random_, "northwind", "sandbox"));
    if (chance(0.2)) {
      if (!simulation_.world().add_tenant({.login_company = "other"})) throw std::runtime_error("no second tenant");
      shops_.push_back(std::make_unique<Shop>(simulation_, random_, "southwind", "other"));
    }
    // In the other worlds there are none at all, and sweeps find everything.
    if (seed % 2 == 0) simulation_.switch_callbacks_on();
    simulation_.served = [this](const net::Request& request, const net::Response& response, bool heard) {
      const std::string* by = request.headers.find("Authorization");
      for (const auto& shop : shops_)
        if (by && *by == shop->authorization()) shop->take_call(request, response, heard);
    };
  }

  void play() {
    // A product that hears what becomes of its records changes nothing about them.
    if (chance(0.8)) Shop::listen(simulation_);
    for (const auto& shop : shops_) shop->open();
    start();
    simulation_.weather = weather();
    const Timestamp until = simulation_.timeline().now() + hours{24 * pick(14, 28)};
    while (simulation_.timeline().now() < until) {
      const int what = pick(0, 99);
      if (what < 3)
        simulation_.crash();
      else if (what < 10)
        simulation_.weather = chance(0.3) ? Weather::calm() : weather();
      else
        shops_[static_cast<std::size_t>(pick(0, static_cast<int>(shops_.size()) - 1))]->act();
      pass_time();
      if (!simulation_.running()) start();
      for (const auto& shop : shops_) shop->watch();
    }
    rest();
  }

  std::string verdict() {
    for (const bool told_anew : {false, true}) {
      for (const auto& shop : shops_)
        if (std::string found = shop->verdict(told_anew); !found.empty()) return found;
      if (told_anew) break;
      for (const auto& shop : shops_) shop->report_all();
      simulation_.run_for(hours{30});
      for (const auto& shop : shops_) shop->watch();
    }
    if (std::string found = budget(); !found.empty()) return found;
    return quiet();
  }

  void tell() {
    for (const auto& shop : shops_) shop->tell();
  }

 private:
  /// With another number of engines than before, among whom the partners are shared out.
  void start() {
    simulation_.engines = 1 + (seed_ + ++starts_) % 3;
    simulation_.start();
  }

  engine::EngineOptions options() {
    engine::EngineOptions options;
    const int interval[] = {15, 60, 120, 240};
    sweep_interval_ = minutes{interval[pick(0, 3)]};
    options.sweep_interval = sweep_interval_;
    return options;
  }

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(double probability) { return std::uniform_real_distribution<double>(0, 1)(random_) < probability; }

  Weather weather() {
    Weather weather;
    auto now_and_then = [&](double worst) {
      return chance(0.5) ? std::uniform_real_distribution<double>(0, worst)(random_) : 0.0;
    };
    weather.lost_before = now_and_then(0.1);
    weather.lost_after = now_and_then(0.2);
    weather.late_commit = now_and_then(0.1);
    weather.server_error = now_and_then(0.1);
    weather.error_after = now_and_then(0.1);
    weather.throttled = now_and_then(0.1);
    weather.store_failure = now_and_then(0.02);
    weather.latency = Duration{pick(1, 800)};
    weather.callback_lost = now_and_then(0.5);
    return weather;
  }

  /// Bursts within seconds, work within minutes, nights and weekends.
  void pass_time() {
    const int what = pick(0, 99);
    if (what < 25)
      simulation_.run_for(Duration{pick(1, 4'000)});
    else if (what < 70)
      simulation_.run_for(Duration{pick(1, 20) * 60'000});
    else if (what < 96)
      simulation_.run_for(Duration{pick(1, 8) * 3'600'000LL});
    else
      simulation_.run_for(hours{pick(12, 72)});
  }

  void rest() {
    for (const auto& shop : shops_) shop->deliver_rest();
    simulation_.weather = Weather::calm();
    if (!simulation_.running()) start();
    simulation_.run_for(hours{2});
    for (int i = 0; i < 3; ++i)
      for (const auto& shop : shops_)
        if (shop->release_quarantined()) simulation_.run_for(hours{1});
    // A day until all ids have been compared, and one more for what is written once a day.
    simulation_.run_for(hours{56});
    for (const auto& shop : shops_) {
      const auto turns = [&] {
        const Timestamp now = simulation_.timeline().now();
        return shop->device_turns(now - hours{2}, now + hours{48});
      };
      for (int i = 0; i < 60 && turns(); ++i) simulation_.run_for(hours{12});
    }
    for (const auto& shop : shops_) shop->watch();
  }

  std::string budget() {
    const int shops = static_cast<int>(shops_.size());
    if (simulation_.traffic.in_flight_max > 4 * shops)
      return fmt::format("{} calls were under way at once", simulation_.traffic.in_flight_max);
    const auto& started = simulation_.traffic.started;
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < started.size(); ++begin) {
      while (end < started.size() && started[end] - started[begin] < seconds{10}) ++end;
      // Ten seconds at twelve a second, one saved-up second, and as much again for a process that was restarted.
      if (end - begin > static_cast<std::size_t>((12 * 10 + 24) * shops))
        return fmt::format("{} calls within ten seconds", end - begin);
    }
    return {};
  }

  /// A full report in which nothing is new costs no write, and a sweep finds no news.
  std::string quiet() {
    const auto found_before = simulation_.engine().metrics().changes_found.load();
    const auto sweeps_before = simulation_.engine().metrics().sweeps.load();
    const std::int64_t writes_before = simulation_.traffic.writes;
    for (const auto& shop : shops_) shop->report_all();
    simulation_.run_for(2 * sweep_interval_ + minutes{30});
    if (simulation_.traffic.writes != writes_before)
      return fmt::format("at rest, a full report of what is known cost {} writes",
                         simulation_.traffic.writes - writes_before);
    if (simulation_.engine().metrics().sweeps.load() == sweeps_before) return "at rest, nothing is swept any more";
    if (const auto found = simulation_.engine().metrics().changes_found.load() - found_before)
      return fmt::format("at rest, a sweep has found {} changes", found);
    return {};
  }

  std::uint64_t seed_, starts_ = 0;
  std::mt19937_64 random_;
  Duration sweep_interval_{};
  Simulation simulation_;
  std::vector<std::unique_ptr<Shop>> shops_;
};

std::uint64_t number_from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : fallback;
}

/// A world of weeks takes as long as this many worlds of hours, of which CROSSWALK_SIMULATION_SEEDS tells how many.
constexpr std::uint64_t kHoursWorlds = 50;

/// CROSSWALK_SIMULATION_FIRST: where to begin; CROSSWALK_SIMULATION_SEED: replay this one alone.
TEST(AllWorkflows, P18_StayAlignedForWeeksWhateverHappens) {
  const std::uint64_t only = number_from_environment("CROSSWALK_SIMULATION_SEED", 0);
  const std::uint64_t count = number_from_environment("CROSSWALK_SIMULATION_SEEDS", 2'000) / kHoursWorlds;
  spdlog::set_level(only ? spdlog::level::debug : spdlog::level::off);
  const std::uint64_t first = only ? only : number_from_environment("CROSSWALK_SIMULATION_FIRST", 1);
  int failed = 0;
  for (std::uint64_t seed = first; seed < first + (only ? 1 : count) && failed < 5; ++seed) {
    std::string verdict;
    try {
      AlignedWorld world(seed);
      world.play();
      verdict = world.verdict();
      if (only && !verdict.empty()) world.tell();
    } catch (const std::exception& failure) {
      verdict = std::string("exception: ") + failure.what();
    }
    if (verdict.empty()) continue;
    ++failed;
    ADD_FAILURE() << "seed " << seed << " (replay with CROSSWALK_SIMULATION_SEED=" << seed << "): " << verdict;
  }
}

}  // namespace
}  // namespace crosswalk::simulation
