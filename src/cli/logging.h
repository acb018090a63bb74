#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace crosswalk::cli {

enum class LogFormat { text, json };

/// One line of the log, without its end. `message` may begin with ids, "partner=acme record=alert/v1/... call=K7:
/// words": in JSON they become members. Nothing in a message can start a line of its own, or steer a terminal.
[[nodiscard]] std::string format_log_line(LogFormat format, std::string_view time, std::string_view level,
                                          std::string_view message);

/// Logs to stderr from now on; `level` and `format` as in the configuration.
void start_logging(const std::string& level, const std::string& format);

}  // namespace crosswalk::cli
