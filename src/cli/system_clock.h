#pragma once

#include <optional>

#include "base/clock.h"

namespace crosswalk::cli {

/// The system's time; for demonstrations, from a start of one's own and at a rate of one's own. At rate 1 and without a
/// start it follows corrections of the system's clock; otherwise it runs on the monotonic one. May be used from several
/// threads.
class SystemClock final : public Clock {
 public:
  SystemClock(double rate, std::optional<Timestamp> start);
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] Timestamp monotonic() const override;
  boost::asio::awaitable<void> sleep_until(Timestamp at) override;
  boost::asio::awaitable<void> sleep_for(Duration time) override;

 private:
  double rate_;
  bool follows_system_;
  Timestamp start_;
  std::chrono::steady_clock::time_point origin_;
};

}  // namespace crosswalk::cli
