#include "cli/logging.h"

#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <mutex>

#include "base/time.h"
#include "cli/json.h"
#include "cli/line_limit.h"
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

/// Writes to standard error what the limit lets through.
class LimitedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    stream_.set_formatter(std::move(formatter));
  }

 private:
  void sink_it_(const spdlog::details::log_msg& record) override {
    const std::string_view text(record.payload.data(), record.payload.size());
    const LineLimit::Verdict verdict = limit_.admit(text, std::chrono::steady_clock::now());
    if (!verdict.write) return;
    if (verdict.left_out > 0)
      write(record, fmt::format("{} more lines like the next one were left out", verdict.left_out));
    write(record, std::string(text.substr(0, LineLimit::kLineBytesMax)));
  }
  void write(spdlog::details::log_msg record, const std::string& text) {
    record.payload = {text.data(), text.size()};
    stream_.log(record);
  }
  void flush_() override { stream_.flush(); }

  spdlog::sinks::stderr_sink_st stream_;
  LineLimit limit_;
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
  auto logger = std::make_shared<spdlog::logger>("crosswalk", std::make_shared<LimitedSink>());
  logger->set_formatter(std::make_unique<LineFormatter>(format == "json" ? LogFormat::json : LogFormat::text));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace crosswalk::cli
