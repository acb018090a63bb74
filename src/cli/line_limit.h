#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace crosswalk::cli {

/// A trouble that repeats must not fill the disk with its log: of lines that differ only in names and numbers, some are
/// written at once and then a few a second. How many were left out is told with the next one.
class LineLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr double kAtOnce = 50;    ///< enough to see what is the matter
  static constexpr double kPerSecond = 2;  ///< enough to see that it still is
  static constexpr std::size_t kShapesMax = 1'000;
  static constexpr std::size_t kLineBytesMax = 4'000;

  struct Verdict {
    bool write = true;
    std::uint64_t left_out = 0;  ///< lines of this kind since the last one that was written
  };
  [[nodiscard]] Verdict admit(std::string_view message, Time now);

 private:
  struct Bucket {
    double tokens = kAtOnce;
    Time filled_at{};
    std::uint64_t left_out = 0;
  };
  std::unordered_map<std::string, Bucket> buckets_;
};

/// What a message has in common with others of its kind: without digits, quoted names and the values of "name=value".
[[nodiscard]] std::string line_shape(std::string_view message);

}  // namespace crosswalk::cli
