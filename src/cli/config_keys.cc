#include "cli/config_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <cctype>

namespace crosswalk::cli {
namespace {

using Type = ConfigKey::Type;
using Strings = std::vector<std::string>;
using Table = std::map<std::string, std::string>;

constexpr double kSecond = 1'000;
constexpr double kHour = 3'600 * kSecond;

std::string_view check_address(const ConfigValue& value) {
  boost::system::error_code error;
  boost::asio::ip::make_address(std::get<std::string>(value), error);
  return error ? "an IP address to listen on, such as \"127.0.0.1\", \"0.0.0.0\" or \"::1\"" : std::string_view{};
}

std::string_view check_not_empty(const ConfigValue& value) {
  return std::get<std::string>(value).empty() ? "a text that is not empty" : std::string_view{};
}

std::string_view check_start(const ConfigValue& value) {
  const std::string& text = std::get<std::string>(value);
  if (text.empty() || parse_timestamp(text)) return {};
  return "a time such as \"2026-03-01T08:00:00Z\", or \"\" for the system's time";
}

std::string_view check_version(const ConfigValue& value) {
  std::string_view text = std::get<std::string>(value);
  if (text.empty()) return {};
  const std::size_t dot = text.find('.');
  const bool plain = dot == 4 && text.size() > 5 && text.size() <= 7 && text.starts_with("20") &&
                     text.find_first_not_of("0123456789", 5) == std::string_view::npos &&
                     text.substr(0, dot).find_first_not_of("0123456789") == std::string_view::npos;
  return plain ? std::string_view{}
               : "a version such as \"2026.4\", or \"\" for the one that Crosswalk was written for";
}

std::string_view check_hosts(const ConfigValue& value) {
  for (const std::string& entry : std::get<Strings>(value)) {
    const std::size_t colon = entry.find(':');
    const std::string port = colon == std::string::npos ? "443" : entry.substr(colon + 1);
    const bool plain = colon != 0 && !entry.empty() && entry.find_first_of("/* \t") == std::string::npos &&
                       !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (!plain) {
      return "host names without scheme or path: \"psa.example.com\", \".example.com\" for all below it, "
             "\"psa.example.com:8443\" for another port than HTTPS's own";
    }
  }
  return {};
}

/// Whole URLs, since ConnectWise calls them from the internet; plain http only on this machine, for practice.
std::string_view check_public_url(const ConfigValue& value) {
  const std::string& text = std::get<std::string>(value);
  if (text.empty()) return {};
  const auto url = boost::urls::parse_uri(text);
  const bool plain = url && !url->host().empty() && !url->has_userinfo() && !url->has_query() && !url->has_fragment();
  const bool local = plain && (url->host() == "127.0.0.1" || url->host() == "localhost" || url->host() == "[::1]");
  if (plain && (url->scheme() == "https" || (local && url->scheme() == "http"))) return {};
  return "an https URL such as \"https://crosswalk.example.com\", or \"\" for none";
}

/// Shorter would be sweeping all the time.
std::string_view check_sweep(const ConfigValue& value) {
  const double interval = static_cast<double>(std::get<Duration>(value).count());
  return interval > 0 && interval < kSecond ? "\"0\" for never, or from 1s on" : std::string_view{};
}

/// What was just done is needed still: by repeats, by explanations.
std::string_view check_retention(const ConfigValue& value) {
  const double kept = static_cast<double>(std::get<Duration>(value).count());
  return kept > 0 && kept < 24 * kHour ? "\"0\" for ever, or from 1d on" : std::string_view{};
}

template <auto Section, auto Member, class Stored>
void put(Config& config, const ConfigValue& value) {
  auto& place = (config.*Section).*Member;
  place = static_cast<std::remove_reference_t<decltype(place)>>(std::get<Stored>(value));
}

void put_start(Config& config, const ConfigValue& value) {
  config.clock.start = parse_timestamp(std::get<std::string>(value));
}

const std::vector<ConfigSection>& sections() {
  static const std::vector<ConfigSection> all{
      {"server", "The HTTP interface: events come in here, and people and the other commands ask here."},
      {"data", "What must survive a restart: the database, the key that seals secrets, the administration key."},
      {"logging", "What is written to stderr."},
      {"engine", "How the PSAs are used."},
      {"connectwise", "How ConnectWise is reached."},
      {"callbacks", "How ConnectWise tells Crosswalk of changes by itself: see `crosswalk callbacks`."},
      {"webhooks", "How the vendor's product is told of what happens: see `crosswalk webhooks`."},
      {"retention", "How long what nobody needs any more is kept. \"0\" means for ever."},
      {"alertmanager", "How the labels of Prometheus Alertmanager's webhook become alerts."},
      {"clock", "For demonstrations only: leave it alone in production."},
  };
  return all;
}

using S = Config;

std::vector<ConfigKey> server_keys() {
  return {
      {"server",
       "address",
       Type::text,
       "\"127.0.0.1\"",
       0,
       0,
       {},
       "The address to listen on. \"0.0.0.0\" listens on all interfaces; then give a certificate, or put a proxy with "
       "TLS in front.",
       put<&S::server, &S::Server::address, std::string>,
       check_address},
      {"server",
       "port",
       Type::whole,
       "8700",
       0,
       65'535,
       {},
       "The port to listen on; 0 takes any free one and prints it.",
       put<&S::server, &S::Server::port, std::int64_t>,
       nullptr},
      {"server",
       "threads",
       Type::whole,
       "2",
       1,
       64,
       {},
       "Threads that read and answer requests.",
       put<&S::server, &S::Server::threads, std::int64_t>,
       nullptr},
      {"server",
       "certificate_file",
       Type::text,
       "\"\"",
       0,
       0,
       {},
       "The certificate chain in PEM, for HTTPS; \"\" serves HTTP. Goes with private_key_file.",
       put<&S::server, &S::Server::certificate_file, std::string>,
       nullptr},
      {"server",
       "private_key_file",
       Type::text,
       "\"\"",
       0,
       0,
       {},
       "The private key of the certificate in PEM.",
       put<&S::server, &S::Server::private_key_file, std::string>,
       nullptr},
      {"data",
       "directory",
       Type::text,
       "\"crosswalk-data\"",
       0,
       0,
       {},
       "The data folder; made when absent, readable by its owner only. CROSSWALK_DATA and --data name it as well.",
       put<&S::data, &S::Data::directory, std::string>,
       check_not_empty},
      {"logging",
       "level",
       Type::choice,
       "\"info\"",
       0,
       0,
       {"trace", "debug", "info", "warning", "error"},
       "The least important messages that are written.",
       put<&S::logging, &S::Logging::level, std::string>,
       nullptr},
      {"logging",
       "format",
       Type::choice,
       "\"text\"",
       0,
       0,
       {"text", "json"},
       "\"text\" for people; \"json\" for log collectors, one object a line.",
       put<&S::logging, &S::Logging::format, std::string>,
       nullptr},
  };
}

std::vector<ConfigKey> connection_keys() {
  return {
      {"server",
       "connections_max",
       Type::whole,
       "4096",
       16,
       1'000'000,
       {},
       "Clients connected at once. When more come, whoever has been idle longest is disconnected. The limit of open "
       "files "
       "(ulimit -n) must allow for them; what it allows is told at start when it is less. Health checks are answered "
       "even beyond it.",
       put<&S::server, &S::Server::connections_max, std::int64_t>,
       nullptr},
      {"server",
       "connections_per_address_max",
       Type::whole,
       "0",
       0,
       1'000'000,
       {},
       "The same for the connections of one IPv4 address or IPv6 network (/64); 0 is half of connections_max. Behind a "
       "proxy all clients come from its address: then set this to the value of connections_max, and let the proxy "
       "limit "
       "its clients.",
       put<&S::server, &S::Server::connections_per_address_max, std::int64_t>,
       nullptr},
  };
}

std::vector<ConfigKey> engine_keys() {
  return {
      {"engine",
       "calls_per_second",
       Type::number,
       "12",
       0,
       10'000,
       {},
       "Calls per second to one partner's PSA; it is lowered by itself when the PSA asks for it. ConnectWise throttles "
       "above some "
       "1,000 a minute. 0 means no limit, for measurements.",
       put<&S::engine, &S::Engine::calls_per_second, double>,
       nullptr},
      {"engine",
       "calls_at_once",
       Type::whole,
       "4",
       1,
       256,
       {},
       "Calls under way at once to one partner's PSA.",
       put<&S::engine, &S::Engine::calls_at_once, std::int64_t>,
       nullptr},
      {"engine",
       "settle",
       Type::duration,
       "\"30s\"",
       0,
       kHour,
       {},
       "How long a PSA may still be working on a call whose answer was lost. What is not there after that is done "
       "again.",
       put<&S::engine, &S::Engine::settle, Duration>,
       nullptr},
      {"engine",
       "reference_data_age_max",
       Type::duration,
       "\"1h\"",
       kSecond,
       168 * kHour,
       {},
       "How old the remembered boards, statuses and priorities of a partner may become before they are read again.",
       put<&S::engine, &S::Engine::reference_data_age_max, Duration>,
       nullptr},
      {"engine",
       "plan_lifetime",
       Type::duration,
       "\"1h\"",
       kSecond,
       168 * kHour,
       {},
       "How long a saved plan can be applied.",
       put<&S::engine, &S::Engine::plan_lifetime, Duration>,
       nullptr},
      {"engine",
       "batch_records_max",
       Type::whole,
       "50",
       1,
       1'000,
       {},
       "Records of one partner that are worked on together, so that their reads share calls.",
       put<&S::engine, &S::Engine::batch_records_max, std::int64_t>,
       nullptr},
      {"engine",
       "threads",
       Type::whole,
       "0",
       0,
       64,
       {},
       "Threads that work on records, each on those of its own partners. 0 means one for each core.",
       put<&S::engine, &S::Engine::threads, std::int64_t>,
       nullptr},
      {"engine",
       "sweep_interval",
       Type::duration,
       "\"15m\"",
       0,
       24 * kHour,
       {},
       "How often what people have changed in a PSA is read, at one call for each kind of object that is linked. "
       "\"0\" means never.",
       put<&S::engine, &S::Engine::sweep_interval, Duration>,
       check_sweep},
      {"engine",
       "compare_interval",
       Type::duration,
       "\"24h\"",
       60 * kSecond,
       720 * kHour,
       {},
       "How often a sweep also compares all ids, which alone finds what was deleted or merged. It costs a call for a "
       "thousand objects.",
       put<&S::engine, &S::Engine::compare_interval, Duration>,
       nullptr},
  };
}

std::vector<ConfigKey> connectwise_keys() {
  return {
      {"connectwise",
       "client_id",
       Type::text,
       "\"\"",
       0,
       0,
       {},
       "Your client id from developer.connectwise.com (Client IDs), sent with every call. ConnectWise refuses calls "
       "without one; the "
       "sandbox takes any. A partner's own setting wins over it.",
       put<&S::connectwise, &S::Connectwise::client_id, std::string>,
       nullptr},
      {"connectwise",
       "api_version",
       Type::text,
       "\"\"",
       0,
       0,
       {},
       "Version of ConnectWise's API that every call asks for. Empty: the one that Crosswalk was written for, which "
       "`crosswalk doctor PARTNER` names. Set it where on-premises servers are older and do not answer to that one.",
       put<&S::connectwise, &S::Connectwise::api_version, std::string>,
       check_version},
      {"connectwise",
       "allowed_hosts",
       Type::list,
       "[]",
       0,
       0,
       {},
       "Hosts of on-premises ConnectWise servers, beside ConnectWise's own domains: \"psa.example.com\", "
       "\".example.com\" for all "
       "below it, \"psa.example.com:8443\" for a port of its own.",
       put<&S::connectwise, &S::Connectwise::allowed_hosts, Strings>,
       check_hosts},
      {"connectwise",
       "allow_private_hosts",
       Type::yes_no,
       "false",
       0,
       0,
       {},
       "Lets partners name loopback and private addresses and plain http: for practice with the sandbox, never in "
       "production.",
       put<&S::connectwise, &S::Connectwise::allow_private_hosts, bool>,
       nullptr},
      {"connectwise",
       "request_timeout",
       Type::duration,
       "\"30s\"",
       kSecond,
       600 * kSecond,
       {},
       "How long one call may take before its outcome counts as unknown.",
       put<&S::connectwise, &S::Connectwise::request_timeout, Duration>,
       nullptr},
  };
}

std::vector<ConfigKey> webhook_keys() {
  return {
      {"callbacks",
       "public_url",
       Type::text,
       "\"\"",
       0,
       0,
       {},
       "Where ConnectWise reaches this server from the internet, such as \"https://crosswalk.example.com\". Changes "
       "are "
       "then told at once, and sweeps only find what was not. \"\": sweeps alone.",
       put<&S::callbacks, &S::Callbacks::public_url, std::string>,
       check_public_url},
      {"webhooks",
       "timeout",
       Type::duration,
       "\"15s\"",
       kSecond,
       120 * kSecond,
       {},
       "How long a receiver may take to answer one event.",
       put<&S::webhooks, &S::Webhooks::timeout, Duration>,
       nullptr},
      {"webhooks",
       "deliveries_at_once",
       Type::whole,
       "4",
       1,
       64,
       {},
       "Events under way at once to one webhook. Events of one record always follow each other.",
       put<&S::webhooks, &S::Webhooks::deliveries_at_once, std::int64_t>,
       nullptr},
      {"webhooks",
       "give_up_after",
       Type::duration,
       "\"3d\"",
       60 * kSecond,
       30 * 24 * kHour,
       {},
       "How long an event is tried again before it becomes a dead letter.",
       put<&S::webhooks, &S::Webhooks::give_up_after, Duration>,
       nullptr},
      {"webhooks",
       "retention",
       Type::duration,
       "\"30d\"",
       kHour,
       365 * 24 * kHour,
       {},
       "How long delivered events and dead letters are kept.",
       put<&S::webhooks, &S::Webhooks::retention, Duration>,
       nullptr},
      {"webhooks",
       "allow_private_hosts",
       Type::yes_no,
       "false",
       0,
       0,
       {},
       "Lets webhooks lead to loopback and private addresses and plain http: for practice, never in production.",
       put<&S::webhooks, &S::Webhooks::allow_private_hosts, bool>,
       nullptr},
  };
}

std::vector<ConfigKey> retention_keys() {
  return {
      {"retention",
       "events",
       Type::duration,
       "\"30d\"",
       0,
       3'650 * 24 * kHour,
       {},
       "How long an event is kept that no record's state holds anything of. Repeats of older events are "
       "taken for new ones, so let it be longer than your product may repeat itself.",
       put<&S::retention, &S::Retention::events, Duration>,
       check_retention},
      {"retention",
       "journal",
       Type::duration,
       "\"90d\"",
       0,
       3'650 * 24 * kHour,
       {},
       "How long the journal of what is closed is kept: what was done for it and why. Of what is open, or "
       "waits, all is kept.",
       put<&S::retention, &S::Retention::journal, Duration>,
       check_retention},
      {"retention",
       "closed",
       Type::duration,
       "\"400d\"",
       0,
       3'650 * 24 * kHour,
       {},
       "How long an alert that is closed, and a storm that is over, is kept with its events, its journal and "
       "the place of its ticket. An alert that comes back later is a new one.",
       put<&S::retention, &S::Retention::closed, Duration>,
       check_retention},
      {"retention",
       "plans",
       Type::duration,
       "\"30d\"",
       0,
       3'650 * 24 * kHour,
       {},
       "How long a saved plan is kept after its end.",
       put<&S::retention, &S::Retention::plans, Duration>,
       check_retention},
      {"retention",
       "audit",
       Type::duration,
       "\"400d\"",
       0,
       3'650 * 24 * kHour,
       {},
       "How long it is kept who has changed what: see `crosswalk audit`.",
       put<&S::retention, &S::Retention::audit, Duration>,
       check_retention},
  };
}

std::vector<ConfigKey> alertmanager_keys() {
  return {
      {"alertmanager",
       "product",
       Type::text,
       "\"alertmanager\"",
       0,
       0,
       {},
       "The product name that these alerts carry.",
       put<&S::alertmanager, &S::Alertmanager::product, std::string>,
       check_not_empty},
      {"alertmanager",
       "customer_label",
       Type::text,
       "\"customer\"",
       0,
       0,
       {},
       "The label that names the customer.",
       put<&S::alertmanager, &S::Alertmanager::customer_label, std::string>,
       check_not_empty},
      {"alertmanager",
       "subject_label",
       Type::text,
       "\"instance\"",
       0,
       0,
       {},
       "The label that names what the alert is about.",
       put<&S::alertmanager, &S::Alertmanager::subject_label, std::string>,
       check_not_empty},
      {"alertmanager",
       "subject_fallback_labels",
       Type::list,
       "[\"cluster\", \"namespace\", \"pod\", \"deployment\", \"daemonset\", \"statefulset\", \"node\", "
       "\"persistentvolumeclaim\", \"host\", \"hostname\", \"target\", \"job\"]",
       0,
       0,
       {},
       "Labels that name it where that one is missing; those that are present are joined by slashes.",
       put<&S::alertmanager, &S::Alertmanager::subject_fallback_labels, Strings>,
       nullptr},
      {"alertmanager",
       "device_label",
       Type::text,
       "\"instance\"",
       0,
       0,
       {},
       "The label that names the device; \"\" for none.",
       put<&S::alertmanager, &S::Alertmanager::device_label, std::string>,
       nullptr},
      {"alertmanager",
       "severity_label",
       Type::text,
       "\"severity\"",
       0,
       0,
       {},
       "The label that holds the severity.",
       put<&S::alertmanager, &S::Alertmanager::severity_label, std::string>,
       check_not_empty},
      {"alertmanager",
       "condition_label",
       Type::text,
       "\"alertname\"",
       0,
       0,
       {},
       "The label that names the condition. Customer, subject and condition together tell one alert from another.",
       put<&S::alertmanager, &S::Alertmanager::condition_label, std::string>,
       check_not_empty},
      {"alertmanager",
       "distinguishing_labels",
       Type::list,
       "[\"mountpoint\", \"device\", \"interface\", \"name\", \"service\", \"job_name\", \"volume\"]",
       0,
       0,
       {},
       "Labels that tell alerts of one condition and one subject apart; those that are present become part of the "
       "condition.",
       put<&S::alertmanager, &S::Alertmanager::distinguishing_labels, Strings>,
       nullptr},
      {"alertmanager",
       "severities",
       Type::table,
       "{ critical = \"critical\", page = \"critical\", high = \"high\", error = \"high\", warning = \"medium\", "
       "medium = \"medium\", "
       "low = \"low\", info = \"info\", none = \"info\" }",
       0,
       0,
       {"info", "low", "medium", "high", "critical"},
       "What the values of the severity label mean. A value that is not listed is medium.",
       put<&S::alertmanager, &S::Alertmanager::severities, Table>,
       nullptr},
      {"clock",
       "rate",
       Type::number,
       "1",
       0.01,
       10'000,
       {},
       "How fast time passes: 60 makes a minute of every second. For demonstrations only.",
       put<&S::clock, &S::Clock::rate, double>,
       nullptr},
      {"clock",
       "start",
       Type::text,
       "\"\"",
       0,
       0,
       {},
       "The time at which the clock starts, such as \"2026-03-01T08:00:00Z\"; \"\" is now. For demonstrations only.",
       put_start,
       check_start},
  };
}

}  // namespace

std::span<const ConfigKey> config_keys() {
  static const std::vector<ConfigKey> all = [] {
    std::vector<ConfigKey> keys;
    for (auto part : {server_keys(), connection_keys(), engine_keys(), connectwise_keys(), webhook_keys(),
                      retention_keys(), alertmanager_keys()}) {
      keys.insert(keys.end(), part.begin(), part.end());
    }
    return keys;
  }();
  return all;
}

std::span<const ConfigSection> config_sections() { return sections(); }

std::string environment_name(const ConfigKey& key) {
  std::string name = fmt::format("CROSSWALK_{}_{}", key.section, key.name);
  for (char& letter : name) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return name;
}

std::string describe_expected(const ConfigKey& key) {
  switch (key.type) {
    case Type::text:
      return "a text";
    case Type::whole:
      return fmt::format("a whole number from {:.0f} to {:.0f}", key.least, key.most);
    case Type::number:
      return fmt::format("a number from {} to {}", key.least, key.most);
    case Type::yes_no:
      return "true or false";
    case Type::duration:
      return fmt::format("a duration such as \"30s\", \"15m\" or \"24h\", from {} to {}",
                         format_duration(Duration{static_cast<std::int64_t>(key.least)}),
                         format_duration(Duration{static_cast<std::int64_t>(key.most)}));
    case Type::choice:
      return fmt::format("one of \"{}\"", fmt::join(key.choices, "\", \""));
    case Type::list:
      return "a list of texts";
    case Type::table:
      return fmt::format("a table whose values are each one of \"{}\"", fmt::join(key.choices, "\", \""));
  }
  return "a text";
}

}  // namespace crosswalk::cli
