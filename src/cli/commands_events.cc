#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <sstream>

#include "base/nearest_word.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/render.h"

namespace crosswalk::cli {
namespace {

// The API's limits of one request (api/openapi.yaml), with room for the brackets.
constexpr std::size_t kBatchEventsMax = 1'000;
constexpr std::size_t kBatchBytesMax = (4u << 20) - 4'096;

constexpr std::string_view kOne = "application/cloudevents+json";
constexpr std::string_view kBatch = "application/cloudevents-batch+json";

/// A number or true/false where the text is one, so that rules can compare it.
json::value attribute_value(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  const auto parsed = parse_json(text, "attribute");
  if (parsed && parsed->is_number()) return *parsed;
  return json::value(text);
}

Outcome<json::object> build_event(const EventOptions& options) {
  json::object data;
  for (const auto& [name, value] : options.data) data[name] = value;
  if (options.acknowledged) data["acknowledged"] = true;
  json::object attributes;
  for (const std::string& attribute : options.attributes) {
    const std::size_t equals = attribute.find('=');
    if (equals == std::string::npos || equals == 0) {
      return complain(ExitCode::usage, {"usage.attribute", "An attribute is not written as name=value", attribute,
                                        "Write: --attribute name=value"});
    }
    attributes[attribute.substr(0, equals)] = attribute_value(attribute.substr(equals + 1));
  }
  if (!attributes.empty()) data["attributes"] = std::move(attributes);
  const std::string id = options.id.empty() ? boost::uuids::to_string(boost::uuids::random_generator()()) : options.id;
  json::object event{{"specversion", "1.0"}, {"id", id}, {"source", options.source}, {"type", options.type}};
  if (!options.time.empty()) event["time"] = options.time;
  if (!options.partner.empty()) event["partner"] = options.partner;
  event["data"] = std::move(data);
  return event;
}

Outcome<json::array> read_lines(const std::string& text, const std::string& source) {
  json::array events;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (trim(line).empty()) continue;
    auto event = parse_json(line, fmt::format("{}, line {}", source, number));
    if (!event) return tl::unexpected(event.error());
    events.push_back(std::move(*event));
  }
  return events;
}

/// Adds one answer's report to the sum; its indexes count from the batch's start.
void add_report(json::object& sum, const json::object& report, std::size_t offset) {
  for (const std::string_view count : {"accepted", "duplicates", "conflicts", "rejected"}) {
    sum[count] = number_at(sum, count) + number_at(report, count);
  }
  for (const std::string_view list : {"events", "warnings"}) {
    for (json::value item : array_at(report, list)) {
      if (json::object* entry = item.if_object())
        (*entry)["index"] = number_at(*entry, "index") + static_cast<std::int64_t>(offset);
      if (!sum.contains(list)) sum[list] = json::array{};
      sum[list].as_array().push_back(std::move(item));
    }
  }
}

/// An answer 422 to a batch carries a report like the others, and the next batch may be fine.
bool has_report(const Failure& failure) {
  return failure.exit == ExitCode::problems && failure.problem.contains("events");
}

json::object report_of_refused(const Failure& failure, std::size_t count) {
  json::object report = failure.problem;
  std::int64_t rejected = 0, conflicts = 0;
  for (const json::value& item : array_at(report, "events")) {
    (text_at(as_object(item), "status") == "conflict" ? conflicts : rejected) += 1;
  }
  report["rejected"] = rejected + conflicts == 0 ? static_cast<std::int64_t>(count) : rejected;
  report["conflicts"] = conflicts;
  return report;
}

struct Batch {
  std::string body;
  std::size_t first = 0, count = 0;
};

std::vector<Batch> cut_into_batches(const json::array& events) {
  std::vector<Batch> batches;
  for (std::size_t index = 0; index < events.size(); ++index) {
    const std::string text = json::serialize(events[index]);
    const bool full = !batches.empty() && (batches.back().count == kBatchEventsMax ||
                                           batches.back().body.size() + text.size() > kBatchBytesMax);
    if (batches.empty() || full) batches.push_back({"[", index, 0});
    Batch& batch = batches.back();
    batch.body += (batch.count == 0 ? "" : ",") + text;
    ++batch.count;
  }
  for (Batch& batch : batches) batch.body += "]";
  return batches;
}

Outcome<json::object> send_all(Client& client, const json::array& events) {
  json::object sum{{"accepted", 0}, {"duplicates", 0}, {"conflicts", 0}, {"rejected", 0}};
  for (const Batch& batch : cut_into_batches(events)) {
    client.set_task(
        fmt::format("sending events {} to {} of {}", batch.first + 1, batch.first + batch.count, events.size()),
        static_cast<double>(batch.first) / static_cast<double>(events.size()));
    const auto answer = client.send("POST", "/v1/events", batch.body, std::string(kBatch));
    if (!answer && !has_report(answer.error())) {
      Failure failure = answer.error();
      if (batch.first > 0)
        failure.problem["detail"] =
            fmt::format("{} The {} events before were handled.", text_at(failure.problem, "detail"), batch.first);
      return tl::unexpected(std::move(failure));
    }
    add_report(sum, answer ? as_object(answer->body) : report_of_refused(answer.error(), batch.count), batch.first);
  }
  return sum;
}

/// "/data/customer_name" as "--customer-name": who gave options knows nothing of the event that they have become.
std::string option_words(const std::string& pointer) {
  std::string option = pointer.starts_with("/data/") ? pointer.substr(sizeof("/data/") - 1)
                                                     : pointer.substr(pointer.starts_with('/') ? 1 : 0);
  if (option.starts_with("attributes")) return "--attribute";
  if (option.empty() || option.find('/') != std::string::npos) return pointer;
  std::ranges::replace(option, '_', '-');
  return "--" + option;
}

void put_option_words(json::object& problem) {
  if (const std::string pointer = text_at(problem, "pointer"); !pointer.empty())
    problem["pointer"] = option_words(pointer);
}

/// What the server has to say to an event that was made of options, in their words.
void put_option_words_into(json::object& report) {
  put_option_words(report);
  if (json::value* events = report.if_contains("events"); events && events->is_array())
    for (json::value& item : events->get_array())
      if (json::object* event = item.if_object())
        if (json::value* problem = event->if_contains("problem"); problem && problem->is_object())
          put_option_words(problem->get_object());
}

bool names_unknown_partner(const json::object& report) {
  if (text_at(report, "code") == "event.partner_unknown") return true;
  return std::ranges::any_of(array_at(report, "events"), [](const json::value& item) {
    return text_at(object_at(as_object(item), "problem"), "code") == "event.partner_unknown";
  });
}

/// Which of the partners was meant; a key that only sends cannot tell.
std::string meant_partner(Client& client, const std::string& partner) {
  const auto answer = client.get("/v1/partners");
  if (!answer) return "";
  std::vector<std::string> ids;
  for (const json::value& each : array_at(as_object(answer->body), "partners"))
    ids.push_back(text_at(as_object(each), "id"));
  const std::vector<std::string_view> known(ids.begin(), ids.end());
  return did_you_mean(partner, known);
}

}  // namespace

Outcome<json::object> send_events(Client& client, const json::array& events) {
  if (events.size() != 1) return send_all(client, events);
  client.set_task("sending the event");
  return client.send("POST", "/v1/events", json::serialize(events[0]), std::string(kOne)).map([](const Answer& answer) {
    return as_object(answer.body);
  });
}

Outcome<json::array> read_events(const std::string& text, const std::string& source, const std::string& partner) {
  // One value in the whole text, else a value on each line: the second is tried only where the first line is a value of
  // its own.
  auto whole = parse_json(text, source);
  const std::string first_line = text.substr(0, text.find('\n'));
  Outcome<json::array> events = json::array{};
  if (whole) {
    events = whole->is_array() ? whole->as_array() : json::array{*whole};
  } else if (parse_json(first_line, source)) {
    events = read_lines(text, source);
  } else {
    return tl::unexpected(whole.error());
  }
  if (!events) return events;
  if (events->empty()) {
    return complain(ExitCode::problems, {"events.none", "There are no events to send", source,
                                         "Give one CloudEvent, an array, or one a line."});
  }
  for (json::value& event : *events) {
    json::object* object = event.if_object();
    if (object && !partner.empty() && !object->contains("partner")) (*object)["partner"] = partner;
  }
  return events;
}

ExitCode events_send(Session& session, const EventOptions& options) {
  Outcome<json::array> events = json::array{};
  if (options.file.empty()) {
    const auto event = build_event(options);
    if (!event) return session.fail(event.error());
    events->push_back(*event);
  } else {
    const auto text = read_input(session, options.file);
    if (!text) return session.fail(text.error());
    events = read_events(*text, options.file == "-" ? "standard input" : options.file, options.partner);
    if (!events) return session.fail(events.error());
  }
  if (options.dry_run) {
    session.say(pretty(events->size() == 1 ? (*events)[0] : json::value(*events)));
    return ExitCode::ok;
  }
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  auto report = send_events(**client, *events);
  json::object& told = report ? *report : report.error().problem;
  const bool by_options = options.file.empty() && !session.as_json();
  if (by_options) put_option_words_into(told);
  const std::string meant =
      !options.partner.empty() && names_unknown_partner(told) ? meant_partner(**client, options.partner) : "";
  if (!report) {
    if (!meant.empty()) told["detail"] = text_at(told, "detail") + meant;
    return session.fail(report.error());
  }
  if (!meant.empty()) session.remark(fmt::format("There is no partner \"{}\".{}\n", clean(options.partner), meant));
  session.show(*report, [&](const Terminal& terminal) { return render_intake(terminal, *report); });
  const bool all_well = number_at(*report, "rejected") == 0 && number_at(*report, "conflicts") == 0;
  return all_well ? ExitCode::ok : ExitCode::problems;
}

}  // namespace crosswalk::cli
