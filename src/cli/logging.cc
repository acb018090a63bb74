#include "cli/logging.h"

#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json/serialize.hpp>
#include <chrono>

#include "base/time.h"
#include "cli/json.h"
#include "cli/terminal.h"

namespace crosswalk::cli {
namespace {

/// Takes "name=value" tokens from the front of the message, up to the colon that ends them.
json::object take_ids(std::string_view& message) {
  json::object ids;
  std::string_view rest = message;
  while (true) {
    const std::size_t equals = rest.find('='), blank = rest.find(' ');
    const bool is_id =
        equals != std::string_view::npos && equals > 0 && blank != std::string_view::npos && equals < blank &&
        rest.substr(0, equals).find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
    if (!is_id) break;
    std::string_view value = rest.substr(equals + 1, blank - equals - 1);
    const bool last = value.ends_with(':');
    if (last) value.remove_suffix(1);
    ids[rest.substr(0, equals)] = value;
    rest.remove_prefix(blank + 1);
    if (!last) continue;
    message = rest;
    return ids;
  }
  return {};
}

class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}
  void format(const spdlog::details::log_msg& record, spdlog::memory_buf_t& line) override {
    const auto level = spdlog::level::to_string_view(record.level);
    const std::string text =
        format_log_line(format_, format_timestamp(std::chrono::time_point_cast<Duration>(record.time)),
                        {level.data(), level.size()}, {record.payload.data(), record.payload.size()});
    line.append(text.data(), text.data() + text.size());
    line.push_back('\n');
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  LogFormat format_;
};

}  // namespace

std::string format_log_line(LogFormat format, std::string_view time, std::string_view level, std::string_view message) {
  const std::string safe = clean(message);
  if (format == LogFormat::text) return fmt::format("{} {:<7} {}", time, level, safe);
  std::string_view words = safe;
  const json::object ids = take_ids(words);
  json::object line{{"time", time}, {"level", level}};
  for (const auto& [name, value] : ids) line[name] = value;
  line["message"] = words;
  return json::serialize(line);
}

void start_logging(const std::string& level, const std::string& format) {
  auto logger = std::make_shared<spdlog::logger>("crosswalk", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<LineFormatter>(format == "json" ? LogFormat::json : LogFormat::text));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace crosswalk::cli
