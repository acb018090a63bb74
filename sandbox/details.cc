#include "sandbox/details.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sandbox/money.h"
#include "sandbox/planting.h"

namespace crosswalk::sandbox {
namespace {

/// How a maker writes serial numbers: "#" is a digit, "*" a digit or a consonant, "%" a hexadecimal digit, "y" the last
/// digit of the year, "ww" the week, "cc" the year counted from 1996. Anything else stands as it is.
struct SerialForm {
  std::int64_t maker;     ///< as reference.json numbers them
  std::string_view mark;  ///< begins the device's name or ends its model's; the first form that fits is taken
  std::string_view pattern;
};

constexpr SerialForm kSerialForms[] = {
    {1, "", "*******"},               // Dell: the service tag
    {2, "", "5CDyww****"},            // HP
    {3, "LT", "PF******"},            // Lenovo, by kind
    {3, "SRV", "J3******"},           //
    {3, "", "MJ0*****"},              //
    {4, "", "0###########"},          // Microsoft
    {5, "", "**********"},            // Apple: no meaning since 2021
    {6, "", "MXQyww****"},            // Hewlett Packard Enterprise
    {7, "100F", "FG100FTK########"},  // Fortinet, by model
    {7, "", "FGT60FTK########"},      //
    {8, "", "2CB8ED%%%%%%"},          // SonicWall: the MAC address
    {9, "", "FCWccww****"},           // Cisco
    {10, "", "E063DA%%%%%%"},         // Ubiquiti: the MAC address
    {11, "", "D05099%%%%%%"},         // Datto: the MAC address
};
constexpr std::string_view kAnySerial = "**********";

std::string_view pattern_of(std::string_view prefix, const DeviceModel& model) {
  const auto* form = std::ranges::find_if(kSerialForms, [&](const SerialForm& each) {
    return each.maker == model.manufacturer &&
           (each.mark.empty() || prefix == each.mark || model.name.ends_with(each.mark));
  });
  return form == std::end(kSerialForms) ? kAnySerial : form->pattern;
}

/// What the letters of a pattern for dates stand for, for a device that was made a month before it was bought.
std::string with_dates(std::string_view pattern, std::int64_t purchased) {
  constexpr std::int64_t kDaysOnTheWay = 30;
  constexpr int kCiscoEpoch = 1996, kDaysPerWeek = 7;
  const Day made = day_of(purchased) - std::chrono::days(kDaysOnTheWay);
  const std::chrono::year year = std::chrono::year_month_day(made).year();
  const auto week = (made - Day(year / std::chrono::January / 1)).count() / kDaysPerWeek + 1;
  std::string text(pattern);
  const auto fill = [&](std::string_view letters, const std::string& value) {
    if (const std::size_t at = text.find(letters); at != std::string::npos) text.replace(at, letters.size(), value);
  };
  fill("cc", fmt::format("{:02}", int(year) - kCiscoEpoch));
  fill("ww", fmt::format("{:02}", week));
  fill("y", fmt::format("{}", int(year) % 10));
  return text;
}

template <class Draw>
std::string filled(std::string_view pattern, Draw&& draw) {
  constexpr std::string_view kDigits = "0123456789", kHexadecimal = "0123456789ABCDEF",
                             kAny = "0123456789BCDFGHJKLMNPQRSTVWXYZ";
  std::string text;
  for (const char each : pattern) {
    const std::string_view from = each == '#' ? kDigits : each == '%' ? kHexadecimal : each == '*' ? kAny : "";
    text.push_back(from.empty() ? each : from[draw() % from.size()]);
  }
  return text;
}

}  // namespace

std::string phone_number(std::string_view pattern, std::uint64_t draw) {
  std::mt19937_64 random(draw);
  return filled(pattern, random);
}

std::string mail_name(std::string_view first, std::string_view last) {
  static constexpr std::pair<std::string_view, std::string_view> kPlain[] = {
      {"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"}, {"á", "a"}, {"é", "e"}, {"è", "e"}, {"ë", "e"}, {"í", "i"},
      {"ó", "o"},  {"ú", "u"},  {"ñ", "n"},  {"ç", "c"},  {"ı", "i"}, {"â", "a"}, {"ê", "e"}, {"î", "i"}, {"ô", "o"}};
  std::string name = to_lower(last.empty() ? std::string(first) : fmt::format("{}.{}", first, last));
  for (const auto& [marked, plain] : kPlain) {
    for (std::size_t at = name.find(marked); at != std::string::npos; at = name.find(marked, at + plain.size()))
      name.replace(at, marked.size(), plain);
  }
  std::erase_if(name, [](char each) { return each != '.' && (each < 'a' || each > 'z'); });
  return name;
}

std::string SerialNumbers::next(std::string_view prefix, const DeviceModel& model, std::int64_t purchased) {
  const std::string pattern = with_dates(pattern_of(prefix, model), purchased);
  std::string serial = filled(pattern, random_);
  while (!given_.insert(serial).second) serial = filled(pattern, random_);
  return serial;
}

}  // namespace crosswalk::sandbox
