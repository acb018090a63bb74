#include "cli/line_limit.h"

#include <algorithm>
#include <utility>

namespace crosswalk::cli {
namespace {

/// The beginning tells the kind; what follows are particulars.
constexpr std::size_t kShapeBytesMax = 120;

bool is_digit(char each) { return each >= '0' && each <= '9'; }

}  // namespace

std::string line_shape(std::string_view message) {
  std::string shape;
  for (std::size_t at = 0; at < message.size() && shape.size() < kShapeBytesMax; ++at) {
    const char each = message[at];
    if (is_digit(each)) continue;
    shape += each;
    if (each == '"') at = std::min(message.find('"', at + 1), message.size());
    // The blank that ends a value belongs to the shape.
    if (each == '=') at = std::min(message.find(' ', at + 1), message.size()) - 1;
  }
  return shape;
}

LineLimit::Verdict LineLimit::admit(std::string_view message, Time now) {
  if (buckets_.size() >= kShapesMax) {
    // Those that are quiet lose nothing; when all are busy, counting begins anew.
    std::erase_if(buckets_, [&](const auto& each) { return now - each.second.filled_at > std::chrono::minutes{1}; });
    if (buckets_.size() >= kShapesMax) buckets_.clear();
  }
  const auto [place, first] = buckets_.try_emplace(line_shape(message));
  Bucket& bucket = place->second;
  if (!first) {
    const std::chrono::duration<double> passed = now - bucket.filled_at;
    bucket.tokens = std::min(kAtOnce, bucket.tokens + std::max(passed.count(), 0.0) * kPerSecond);
  }
  bucket.filled_at = now;
  if (bucket.tokens < 1) {
    ++bucket.left_out;
    return {false, 0};
  }
  bucket.tokens -= 1;
  return {true, std::exchange(bucket.left_out, 0)};
}

}  // namespace crosswalk::cli
