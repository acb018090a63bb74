#include "sandbox/devices.h"

#include <chrono>
#include <limits>
#include <vector>

#include "sandbox/planting.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_devices;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kYear = 365 * kDay;
constexpr std::int64_t kDaysInUse = 5 * 365, kDaysRetired = 4 * 365;
/// Fewer would let a device be written down before it stands there.
constexpr std::int64_t kDaysMin = 30;

const json::array& models_of(std::string_view prefix) {
  static const json::value document = json::parse(embedded::sandbox_devices);
  return document.at(prefix).as_array();
}

/// What stands in a rack is bought with a longer warranty than what stands on a desk.
std::int64_t warranty_years(std::string_view prefix) {
  return prefix == "SRV" || prefix == "DC" || prefix == "SW" || prefix == "BDR" ? 5 : 3;
}

std::int64_t year_of(std::int64_t seconds) {
  using namespace std::chrono;
  return static_cast<int>(year_month_day{floor<days>(sys_seconds{std::chrono::seconds{seconds}})}.year());
}

/// How far the year is from those in which the model was sold: the fourth and fifth entry, 0 for "until now".
std::int64_t years_away(const json::array& model, std::int64_t year) {
  const std::int64_t first = model[3].as_int64(), last = model[4].as_int64();
  if (year < first) return first - year;
  return last == 0 || year <= last ? 0 : year - last;
}

}  // namespace

DeviceModel device_model(std::string_view prefix, std::uint64_t draw, std::int64_t purchased) {
  const std::int64_t year = year_of(purchased);
  std::vector<const json::array*> sold;
  std::int64_t nearest = std::numeric_limits<std::int64_t>::max();
  for (const json::value& each : models_of(prefix)) {
    const json::array& model = each.as_array();
    const std::int64_t distance = years_away(model, year);
    if (distance > nearest) continue;
    if (distance < nearest) sold.clear();
    nearest = distance;
    sold.push_back(&model);
  }
  const json::array& model = *sold[draw % sold.size()];
  return {model[0].as_int64(), model[1].as_string(), model[2].as_string()};
}

DeviceLife device_life(std::string_view prefix, bool in_use, std::uint64_t draw, std::int64_t now) {
  const auto bits = static_cast<std::int64_t>(draw >> 1);
  const std::int64_t age = in_use ? kDaysMin + bits % (kDaysInUse - kDaysMin) : kDaysInUse + bits % kDaysRetired;
  DeviceLife life;
  life.purchased = (now / kDay - age) * kDay;
  life.installed = life.purchased + (3 + bits % 20) * kDay;
  life.warranty_ends = life.purchased + warranty_years(prefix) * kYear;
  return life;
}

}  // namespace crosswalk::sandbox
