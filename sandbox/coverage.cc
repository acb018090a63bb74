#include "sandbox/coverage.h"

#include <fmt/format.h>

#include <map>
#include <unordered_set>

#include "sandbox/operations.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

struct Tally {
  int document = 0, implemented = 0, exercised = 0;
};

json::object to_json(const Tally& tally) {
  return {{"document", tally.document}, {"implemented", tally.implemented}, {"exercised", tally.exercised}};
}

void count(Tally& tally, bool implemented, bool exercised) {
  ++tally.document;
  tally.implemented += implemented ? 1 : 0;
  tally.exercised += implemented && exercised ? 1 : 0;
}

std::string line(std::string_view module, const json::object& tally) {
  return fmt::format("{:<14}{:>10}{:>13}{:>11}\n", module, tally.at("document").as_int64(),
                     tally.at("implemented").as_int64(), tally.at("exercised").as_int64());
}

}  // namespace

json::array exercised_operations(const OperationCounts& counts) {
  json::array ids;
  for (const DocumentPath& path : Document::instance().paths()) {
    for (const Operation& operation : path.operations) {
      const auto number = static_cast<std::size_t>(operation.number);
      if (number < counts.size() && counts[number] > 0) ids.emplace_back(operation.id);
    }
  }
  return ids;
}

json::object coverage(const std::vector<std::string>& exercised) {
  const std::unordered_set<std::string> seen(exercised.begin(), exercised.end());
  Tally whole;
  std::map<std::string, Tally> modules;
  json::array missing, unexercised;
  for (const DocumentPath& path : Document::instance().paths()) {
    for (const Operation& operation : path.operations) {
      const bool implemented = is_implemented(path, operation), done = seen.contains(operation.id);
      count(whole, implemented, done);
      count(modules[path.segments.front()], implemented, done);
      if (!implemented) missing.emplace_back(operation.method + " " + path.path);
      if (implemented && !done) unexercised.emplace_back(operation.method + " " + path.path);
    }
  }
  json::object result = to_json(whole);
  json::object& by_module = result["modules"].emplace_object();
  for (const auto& [name, tally] : modules) by_module[name] = to_json(tally);
  result["missing"] = std::move(missing);
  result["unexercised"] = std::move(unexercised);
  return result;
}

std::string coverage_table(const json::object& coverage) {
  std::string table = fmt::format("{:<14}{:>10}{:>13}{:>11}\n", "module", "document", "implemented", "exercised");
  for (const auto& [name, tally] : coverage.at("modules").as_object()) table += line(name, tally.as_object());
  return table + line("all", coverage);
}

}  // namespace crosswalk::sandbox
