#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http.h"

namespace crosswalk::sandbox {

enum class FaultKind {
  status,       ///< answers `status` with an error body, nothing is done
  html,         ///< answers `status` (default 502) with an HTML page, as a proxy in between does
  empty_body,   ///< does the request, answers 200 or 201 with an empty body
  drop_before,  ///< closes the connection, nothing is done
  drop_after,   ///< does the request and closes the connection without answering
  slow,         ///< does the request and answers after `delay` more
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

/// Everything that can be wrong with the network and the servers between a client and ConnectWise.
struct FaultSettings {
  int requests_per_minute = 0;  ///< per company; 0: no limit
  int retry_after_seconds = 30;
  int concurrency_max = 0;     ///< requests of one company under way at once; 0: no limit
  Duration latency{0};         ///< every answer takes this long
  Duration latency_random{0};  ///< and up to this much more
  bool maintenance = false;    ///< everything answers 503
  std::vector<Fault> faults;
};

/// What is to be done with a request; decided before it is handled.
struct Verdict {
  enum class Act { handle, answer, drop };
  Act act = Act::handle;
  net::Response answer;     ///< when `act` is answer
  Duration delay{0};        ///< before the client sees the answer
  bool drop_after = false;  ///< handle it, then close without answering
  bool empty_body = false;
};

/// Decides from the settings, the time and a seeded generator and nothing else, so that a run replays.
class FaultInjector {
 public:
  explicit FaultInjector(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Verdict decide(std::string_view tenant, std::string_view method, std::string_view path, Timestamp now);

  /// Forgets requests counted so far; the settings stay.
  void forget_requests() { traffic_.clear(); }

  FaultSettings settings;

 private:
  struct Traffic {
    std::deque<Timestamp> started;  ///< within the last minute
    std::vector<Timestamp> ending;  ///< of requests under way
    std::optional<Timestamp> blocked_until;
  };
  std::optional<Verdict> limit(Traffic& traffic, Timestamp now) const;
  std::optional<Verdict> strike(std::string_view tenant, std::string_view method, std::string_view path);
  double draw();

  std::mt19937_64 random_;
  std::unordered_map<std::string, Traffic> traffic_;
};

/// Settings as the control API shows and takes them; a member that is absent stays as it is. The text says what is
/// wrong.
[[nodiscard]] boost::json::object to_json(const FaultSettings& settings);
[[nodiscard]] Result<FaultSettings> apply_json(FaultSettings settings, const boost::json::object& change);

}  // namespace crosswalk::sandbox
