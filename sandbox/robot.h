#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace crosswalk::sandbox {

class World;

struct RobotSettings {
  double per_minute = 0;  ///< actions a minute of the world's time; 0: the robot rests
  std::string tenant{};   ///< login company; empty: each action at one that is drawn
  std::uint64_t seed = 1;
};

/// Technicians who work the tickets: take them, move them, write notes and time, close them, merge doubles, open what
/// comes back. What it does at an instant follows from the settings, the world and that instant alone, so that it
/// behaves the same under a virtual clock.
class Robot {
 public:
  /// Takes effect from the next step on.
  void set(RobotSettings settings);
  [[nodiscard]] const RobotSettings& settings() const { return settings_; }
  /// So many actions have been taken since it was made.
  [[nodiscard]] std::int64_t actions() const { return actions_; }

  /// Does everything that was due since the last step; the first one only notes the time.
  void step(World& world, Timestamp now);

 private:
  void act(World& world, std::int64_t number);

  RobotSettings settings_;
  std::int64_t last_ = -1;  ///< number of the last instant that has been dealt with
  std::int64_t actions_ = 0;
};

[[nodiscard]] boost::json::object to_json(const Robot& robot);
[[nodiscard]] Result<RobotSettings> apply_robot_json(RobotSettings settings, const boost::json::object& change);

}  // namespace crosswalk::sandbox
