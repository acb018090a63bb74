#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/time.h"

namespace crosswalk::cli {

/// Everything that can be configured. Defaults live in the table of keys (config_keys.cc) and nowhere else; see
/// default_config().
struct Config {
  struct Server {
    std::string address;
    std::uint16_t port = 0;
    int threads = 0;
    int connections_max = 0, connections_per_address_max = 0;
    std::string certificate_file, private_key_file;
    bool operator==(const Server&) const = default;
  } server;
  struct Data {
    std::string directory;
    bool operator==(const Data&) const = default;
  } data;
  struct Logging {
    std::string level, format;
    bool operator==(const Logging&) const = default;
  } logging;
  struct Engine {
    double calls_per_second = 0;
    int calls_at_once = 0;
    Duration settle{}, reference_data_age_max{}, plan_lifetime{}, sweep_interval{}, compare_interval{};
    int batch_records_max = 0;
    int threads = 0;
    bool operator==(const Engine&) const = default;
  } engine;
  struct Connectwise {
    std::string client_id, api_version;
    std::vector<std::string> allowed_hosts;
    bool allow_private_hosts = false;
    Duration request_timeout{};
    bool operator==(const Connectwise&) const = default;
  } connectwise;
  struct Callbacks {
    std::string public_url;
    bool operator==(const Callbacks&) const = default;
  } callbacks;
  struct Webhooks {
    Duration timeout{}, give_up_after{}, retention{};
    int deliveries_at_once = 0;
    bool allow_private_hosts = false;
    bool operator==(const Webhooks&) const = default;
  } webhooks;
  struct Retention {
    Duration events{}, journal{}, closed{}, plans{}, audit{};
    bool operator==(const Retention&) const = default;
  } retention;
  struct Alertmanager {
    std::string product, customer_label, subject_label, device_label, severity_label, condition_label;
    std::vector<std::string> subject_fallback_labels, distinguishing_labels;
    std::map<std::string, std::string> severities;  ///< label value, lower case, to a severity's name
    bool operator==(const Alertmanager&) const = default;
  } alertmanager;
  struct Clock {
    double rate = 0;
    std::optional<Timestamp> start;  ///< absent: the system's time
    bool operator==(const Clock&) const = default;
  } clock;
  bool operator==(const Config&) const = default;
};

/// One thing that is wrong with the configuration.
struct ConfigError {
  std::string where;  ///< "crosswalk.toml:12:8", "environment variable CROSSWALK_SERVER_PORT", "option --port"
  std::string message;
  bool operator==(const ConfigError&) const = default;
};

/// Where values come from, weakest first.
struct ConfigSources {
  std::string file_name;                           ///< for messages
  std::string file_text;                           ///< TOML; empty: no file
  std::map<std::string, std::string> environment;  ///< variables whose names begin with CROSSWALK_
  struct Flag {
    std::string section, key, text;
    std::string option;  ///< "--port", for messages
  };
  std::vector<Flag> flags;
};

/// Reads and checks everything; all errors at once. Pure.
[[nodiscard]] tl::expected<Config, std::vector<ConfigError>> read_config(const ConfigSources& sources);

[[nodiscard]] Config default_config();

/// The documented example: every key with its default. crosswalk.example.toml is this text.
[[nodiscard]] std::string example_toml();

/// The reference of all keys as Markdown: docs/configuration.md holds this text.
[[nodiscard]] std::string reference_markdown();

}  // namespace crosswalk::cli
