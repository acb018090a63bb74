#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http.h"
#include "sandbox/field_changes.h"

namespace crosswalk::sandbox {

enum class FaultKind {
  status,       ///< answers `status` with an error body, nothing is done
  html,         ///< answers `status` (default 502) with an HTML page, as a proxy in between does
  empty_body,   ///< does the request, answers 200 or 201 with an empty body
  drop_before,  ///< closes the connection, nothing is done
  drop_after,   ///< does the request and closes the connection without answering
  cut_body,     ///< does the request and closes the connection in the middle of the answer's body
  slow,         ///< does the request and answers after `delay` more
  drip,         ///< does the request and answers at once, but the body takes `delay` to come
};

/// One fault rule; it applies to requests that match, in order of the rules, the first that fires wins.
struct Fault {
  FaultKind kind = FaultKind::status;
  std::string tenant{};  ///< login company; empty: any
  std::string method{};  ///< empty: any
  /// Pattern of the path after "apis/3.0", '*' matches any run of characters, ignoring case: "/service/tickets*".
  /// Empty: any.
  std::string path{};
  int status = 500;
  Duration delay{0};
  /// How many requests it fires for; absent: without end.
  std::optional<int> count = 1;
  double probability = 1.0;  ///< per matching request, drawn from the world's seed
};

/// How long answers take, as they do in life: most soon, some late.
struct LatencySpread {
  enum class Shape {
    none,
    fixed,      ///< `first`
    uniform,    ///< between `first` and `second`
    normal,     ///< mean `first`, standard deviation `second`; nothing below zero
    lognormal,  ///< median `first`; one in a hundred takes longer than `second`
  };
  Shape shape = Shape::none;
  Duration first{0}, second{0};
};

/// What differs for one tenant; what is absent is as for all.
struct TenantSettings {
  std::optional<int> requests_per_minute{}, retry_after_seconds{}, concurrency_max{};
  std::optional<LatencySpread> latency{};
  std::optional<bool> maintenance{};
};

/// Everything that can be wrong with the network and the servers between a client and ConnectWise.
struct FaultSettings {
  int requests_per_minute = 0;  ///< per company; 0: no limit
  int retry_after_seconds = 30;
  int concurrency_max = 0;     ///< requests of one company under way at once; 0: no limit
  Duration latency{0};         ///< every answer takes this long
  Duration latency_random{0};  ///< and up to this much more
  LatencySpread spread{};      ///< and this
  bool maintenance = false;    ///< everything answers 503
  std::map<std::string, TenantSettings, std::less<>> tenants{};  ///< by login company
  std::vector<Fault> faults;
  /// A newer version of the API, by which everything is answered whatever version was asked for; empty: the current
  /// one.
  std::vector<FieldChange> field_changes{};
};

/// What is to be done with a request; decided before it is handled.
struct Verdict {
  enum class Act { handle, answer, drop };
  Act act = Act::handle;
  net::Response answer;   ///< when `act` is answer
  Duration delay{0};      ///< before the client sees the answer
  Duration body_time{0};  ///< and what its body takes to come
  bool cut_body = false;
  bool drop_after = false;  ///< handle it, then close without answering
  bool empty_body = false;
};

/// Decides from the settings, the time and a seeded generator and nothing else, so that a run replays.
class FaultInjector {
 public:
  explicit FaultInjector(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Verdict decide(std::string_view tenant, std::string_view method, std::string_view path, Timestamp now);

  /// Everything drawn from now on follows from this.
  void reseed(std::uint64_t seed) { random_.seed(seed); }
  /// Forgets requests counted so far; the settings stay.
  void forget_requests() { traffic_.clear(); }

  FaultSettings settings;

 private:
  struct Traffic {
    std::deque<Timestamp> started;  ///< within the last minute
    std::vector<Timestamp> ending;  ///< of requests under way
    std::optional<Timestamp> blocked_until;
  };
  /// What holds for one tenant.
  struct Limits {
    int requests_per_minute, retry_after_seconds, concurrency_max;
    bool maintenance;
    const LatencySpread& spread;
  };
  [[nodiscard]] Limits limits_of(std::string_view tenant) const;
  static std::optional<Verdict> limit(Traffic& traffic, const Limits& limits, Timestamp now);
  Duration draw_latency(const LatencySpread& spread);
  std::optional<Verdict> strike(std::string_view tenant, std::string_view method, std::string_view path,
                                int retry_after_seconds);
  double draw();

  std::mt19937_64 random_;
  std::unordered_map<std::string, Traffic> traffic_;
};

/// Settings as the control API shows and takes them; a member that is absent stays as it is. The text says what is
/// wrong.
[[nodiscard]] boost::json::object to_json(const FaultSettings& settings);
[[nodiscard]] Result<FaultSettings> apply_json(FaultSettings settings, const boost::json::object& change);

}  // namespace crosswalk::sandbox
