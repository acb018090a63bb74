#include <fmt/format.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "cli/commands.h"
#include "cli/render_plan.h"

namespace crosswalk::cli {
namespace {

/// The parts of an alert's key (docs/api.md): "v1/product/customer/subject/condition".
constexpr std::array<std::string_view, 4> kParts{"product", "customer", "subject", "condition"};

Outcome<json::object> parts_of(const std::string& key) {
  const auto wrong = [&] {
    return complain(ExitCode::usage, {"usage.alert_key", "This is not the key of an alert", key,
                                      "`crosswalk records PARTNER --kind alert` lists the keys."});
  };
  json::object data;
  std::string_view rest = key;
  if (!rest.starts_with("v1/")) return wrong();
  rest.remove_prefix(3);
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const std::size_t end = rest.find('/');
    const bool is_last = i + 1 == kParts.size();
    if (is_last != (end == std::string_view::npos)) return wrong();
    const auto part = net::percent_decode(rest.substr(0, end));
    if (!part || part->empty()) return wrong();
    data[kParts[i]] = *part;
    if (!is_last) rest.remove_prefix(end + 1);
  }
  return data;
}

using Keys = std::vector<std::string>;

/// The one alert that is named: by its key, or by its ticket's number. What only resembles it is not muted.
tl::expected<Keys, ExitCode> alert_named(Session& session, Client& client, const SnoozeOptions& options) {
  const auto known = client.get(fmt::format("/v1/partners/{}/records/alert/{}", net::percent_encode(options.partner),
                                            net::percent_encode(options.key)));
  if (known) return Keys{options.key};
  if (known.error().exit != ExitCode::not_found || !is_number(options.key))
    return tl::unexpected(session.fail(known.error()));
  const NamedRecord named{.partner = options.partner, .kind = "alert", .key = options.key, .kind_given = true};
  return find_record(session, named, known.error()).map([](const NamedRecord& found) { return Keys{found.key}; });
}

/// The open alerts, of one customer or of all.
Outcome<Keys> open_alerts(Client& client, const SnoozeOptions& options) {
  const auto open =
      collect_records(client, {.partner = options.partner, .kind = "alert", .state = "open", .limit = 0, .all = true});
  if (!open) return tl::unexpected(open.error());
  Keys keys;
  for (const json::value& each : array_at(*open, "records")) {
    const json::object& record = as_object(each);
    if (options.customer.empty() || text_at(record, "customer") == options.customer)
      keys.push_back(text_at(record, "key"));
  }
  if (keys.empty()) {
    return complain(ExitCode::not_found,
                    {"record.none", "There are no open alerts to snooze",
                     options.customer.empty() ? "" : "Of the customer " + options.customer + ".",
                     "`crosswalk records " + options.partner + " --state open` shows what is open."});
  }
  return keys;
}

Outcome<void> check_options(const SnoozeOptions& options) {
  if (options.key.empty() && options.customer.empty() && !options.all_open) {
    return complain(ExitCode::usage, {"usage.snooze_what", "Nothing says what to snooze", "",
                                      "Name an alert's key, --customer C or --all-open."});
  }
  if (options.until.empty() && !options.end) {
    return complain(ExitCode::usage,
                    {"usage.snooze_until", "Nothing says for how long", "", "Give --for 7d, or --end."});
  }
  return {};
}

}  // namespace

ExitCode snooze(Session& session, const SnoozeOptions& options) {
  if (const auto checked = check_options(options); !checked) return session.fail(checked.error());
  const Timestamp now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const auto until = parse_expiry(options.until, now, "--for");
  if (!until) return session.fail(until.error());
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto keys =
      options.key.empty()
          ? open_alerts(**client, options).map_error([&](const Failure& none) { return session.fail(none); })
          : alert_named(session, **client, options);
  if (!keys) return keys.error();
  json::array events;
  for (const std::string& key : *keys) {
    auto data = parts_of(key);
    if (!data) return session.fail(data.error());
    if (*until) (*data)["until"] = format_timestamp(**until);
    if (!options.reason.empty()) (*data)["reason"] = options.reason;
    if (!options.by.empty()) (*data)["by"] = options.by;
    events.push_back(json::object{{"specversion", "1.0"},
                                  {"id", boost::uuids::to_string(boost::uuids::random_generator()())},
                                  {"source", "/crosswalk/cli"},
                                  {"type", "alert.snoozed.v1"},
                                  {"partner", options.partner},
                                  {"data", std::move(*data)}});
  }
  const auto report = send_events(**client, events);
  if (!report) return session.fail(report.error());
  session.show(*report, [&](const Terminal&) {
    const std::string alerts = count_words(number_at(*report, "accepted"), "alert", "alerts");
    return *until
               ? fmt::format("{} snoozed until {}, or until the severity rises.\n", alerts, format_timestamp(**until))
               : fmt::format("{} no longer snoozed.\n", alerts);
  });
  return number_at(*report, "rejected") == 0 ? ExitCode::ok : ExitCode::problems;
}

}  // namespace crosswalk::cli
