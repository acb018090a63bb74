#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_word.h"
#include "cli/commands.h"
#include "cli/render.h"
#include "cli/render_plan.h"

namespace crosswalk::cli {
namespace {

/// The largest page that the API gives.
constexpr std::int64_t kPageMax = 1'000;

std::string path_of(const std::string& partner) { return "/v1/partners/" + net::percent_encode(partner); }

std::string record_path(const std::string& partner, const std::string& kind, const std::string& key) {
  return fmt::format("{}/records/{}/{}", path_of(partner), net::percent_encode(kind), net::percent_encode(key));
}

Outcome<Answer> ask_for_plan(Client& client, const PlanOptions& options) {
  client.set_task("planning");
  const std::string base = path_of(options.partner);
  if (!options.show.empty()) return client.get(base + "/plans/" + net::percent_encode(options.show));
  if (options.save) {
    json::object body;
    if (!options.customer.empty()) body["customer"] = options.customer;
    return client.send_json("POST", base + "/plans", body);
  }
  std::string query = options.draft ? "?draft=true" : "";
  if (!options.customer.empty())
    query += (query.empty() ? "?customer=" : "&customer=") + net::percent_encode(options.customer);
  return client.get(base + "/plan" + query);
}

/// How a record can be named, for those who have not.
std::string ways_to_name(const std::string& partner) {
  return fmt::format(
      "Name it by the number of its ticket (\"#1010\"), a device, words of its title in quotation marks, or its key, "
      "as "
      "`crosswalk records {}` lists it.",
      partner);
}

tl::unexpected<Failure> no_record_named(const std::string& partner) {
  return complain(ExitCode::usage,
                  {"usage.record", "Nothing says which record",
                   fmt::format("{} is a partner, and no record stands behind it. A shell leaves out #1010 without "
                               "quotation marks.",
                               partner),
                   ways_to_name(partner)});
}

/// The one partner that there is; with more of them it must be named. `key`: the word that stands alone.
Outcome<std::string> only_partner(Client& client, const std::string& key) {
  const auto answer = client.get("/v1/partners");
  if (!answer) return tl::unexpected(answer.error());
  const json::array& partners = array_at(as_object(answer->body), "partners");
  if (std::ranges::any_of(partners, [&](const json::value& each) { return text_at(as_object(each), "id") == key; }))
    return no_record_named(key);
  if (partners.size() == 1) return text_at(as_object(partners[0]), "id");
  return complain(
      ExitCode::usage,
      {"usage.partner_missing", "The partner must be named",
       fmt::format("The key sees {}.", count_words(static_cast<std::int64_t>(partners.size()), "partner", "partners")),
       "Name it: --partner ID."});
}

}  // namespace

ExitCode plan(Session& session, const PlanOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = ask_for_plan(**client, options);
  if (!answer) return session.fail(answer.error());
  const json::object& found = as_object(answer->body);
  session.show(answer->body, [&](const Terminal& terminal) { return render_plan(terminal, found); });
  return has_errors(found) ? ExitCode::problems : ExitCode::ok;
}

ExitCode apply(Session& session, const std::string& partner, const std::string& plan_id) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  (*client)->set_task("applying the plan");
  const auto answer =
      (*client)->send("POST", fmt::format("{}/plans/{}/apply", path_of(partner), net::percent_encode(plan_id)), "", "");
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  session.show(answer->body, [&](const Terminal& terminal) { return render_apply_report(terminal, report); });
  const bool whole = number_at(report, "refused") == 0 && number_at(report, "unknown") == 0;
  return whole ? ExitCode::ok : ExitCode::failed;
}

bool is_number(std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char each) { return each >= '0' && each <= '9'; });
}

namespace {

/// [PARTNER] [KIND] KEY, from the last word on; --partner and --kind take their places.
Outcome<NamedRecord> read_words(Client& client, const RecordWords& given) {
  NamedRecord record{given.partner, given.kind.empty() ? "alert" : given.kind, "", !given.kind.empty()};
  std::vector<std::string> words = given.words;
  if (!words.empty()) {
    record.key = words.back();
    words.pop_back();
  }
  const bool names_kind = words.size() == (given.partner.empty() ? 2u : 1u);
  if (names_kind && given.kind.empty()) {
    record.kind = words.back();
    record.kind_given = true;
    words.pop_back();
    const std::vector<std::string_view> kinds = record_kinds();
    if (std::ranges::find(kinds, record.kind) == kinds.end())
      return complain(ExitCode::usage,
                      {"usage.record", fmt::format("There are no records of the kind \"{}\"", record.kind),
                       "Words of a title go into one pair of quotation marks." + did_you_mean(record.kind, kinds),
                       "The kinds are customer, contact, device, alert, usage and group."});
  }
  if (words.size() == 1 && given.partner.empty()) {
    record.partner = words.back();
    words.pop_back();
  }
  if (!words.empty())
    return complain(ExitCode::usage, {"usage.record", "There are too many words for one record", "",
                                      "Write: [PARTNER] [KIND] KEY, or --partner ID and --kind KIND with the KEY."});
  if (!record.partner.empty()) return record;
  const auto partner = only_partner(client, record.key);
  if (!partner) return tl::unexpected(partner.error());
  record.partner = *partner;
  return record;
}

Failure nothing_found(const NamedRecord& named, const json::array& others) {
  const std::string what = !named.kind_given      ? "record"
                           : is_number(named.key) ? named.kind + " with the number"
                                                  : named.kind;
  std::string title = fmt::format("There is no {} {}", what, named.key);
  if (!named.kind_given && is_number(named.key))
    title = fmt::format("Nothing of {} has the number {}", named.partner, named.key);
  std::string detail;
  for (const json::value& each : others) {
    const json::object& other = as_object(each);
    if (text_at(other, "key") != named.key) continue;
    detail +=
        fmt::format("{}There is the {} {}.", detail.empty() ? "" : " ", text_at(other, "kind"), text_at(other, "key"));
  }
  return complain(ExitCode::not_found, {"record.unknown", title, detail, ways_to_name(named.partner)}).value();
}

}  // namespace

tl::expected<NamedRecord, ExitCode> find_record(Session& session, const NamedRecord& named, const Failure& unknown) {
  const auto client = session.client();
  if (!client) return tl::unexpected(session.fail(client.error()));
  if (text_at(unknown.problem, "code") == "partner.unknown") return tl::unexpected(session.fail(unknown));
  const auto answer =
      (*client)->get(fmt::format("{}/records?find={}", path_of(named.partner), net::percent_encode(named.key)));
  if (!answer) return tl::unexpected(session.fail(answer.error()));
  json::array fitting, others;
  for (const json::value& each : array_at(as_object(answer->body), "records")) {
    const bool fits = !named.kind_given || text_at(as_object(each), "kind") == named.kind;
    (fits ? fitting : others).push_back(each);
  }
  if (fitting.empty()) return tl::unexpected(session.fail(nothing_found(named, others)));
  if (fitting.size() > 1) {
    const json::object found{{"records", fitting}};
    session.show(found, [&](const Terminal& terminal) { return render_records(terminal, fitting); });
    session.remark("\nSeveral fit. Name one by its key.\n");
    return tl::unexpected(ExitCode::problems);
  }
  const json::object& only = as_object(fitting.front());
  return NamedRecord{named.partner, text_at(only, "kind"), text_at(only, "key"), true};
}

Outcome<json::object> collect_records(Client& client, const RecordsOptions& options) {
  json::object all{{"records", json::array{}}};
  json::array& rows = all["records"].as_array();
  std::string after;
  while (true) {
    const std::int64_t wanted = options.all ? kPageMax : options.limit - static_cast<std::int64_t>(rows.size());
    std::string path = fmt::format("{}/records?limit={}", path_of(options.partner), std::min(wanted, kPageMax));
    if (!options.kind.empty()) path += "&kind=" + net::percent_encode(options.kind);
    if (!options.state.empty()) path += "&state=" + net::percent_encode(options.state);
    if (!after.empty()) path += "&after=" + net::percent_encode(after);
    client.set_task(fmt::format("reading records ({} so far)", rows.size()));
    auto answer = client.get(path);
    if (!answer) return tl::unexpected(answer.error());
    const json::object& page = as_object(answer->body);
    const json::array& more = array_at(page, "records");
    rows.insert(rows.end(), more.begin(), more.end());
    after = text_at(page, "next");
    const bool enough = !options.all && static_cast<std::int64_t>(rows.size()) >= options.limit;
    if (after.empty() || more.empty() || enough) break;
  }
  if (!after.empty()) all["next"] = after;
  return all;
}

namespace {

/// What waits for a person comes first, whatever its key.
Outcome<json::object> parked_first(Client& client, const RecordsOptions& options) {
  if (!options.state.empty()) return collect_records(client, options);
  RecordsOptions of_parked = options;
  of_parked.state = "parked";
  auto found = collect_records(client, of_parked);
  if (!found) return found;
  const auto all = collect_records(client, options);
  if (!all) return all;
  json::array& rows = (*found)["records"].as_array();
  for (const json::value& each : array_at(*all, "records"))
    if (text_at(as_object(each), "state") != "parked") rows.push_back(each);
  const bool too_many = !options.all && static_cast<std::int64_t>(rows.size()) > options.limit;
  if (too_many) rows.resize(static_cast<std::size_t>(options.limit));
  if (too_many || all->contains("next")) (*found)["next"] = text_at(*all, "next");
  return found;
}

}  // namespace

ExitCode records(Session& session, const RecordsOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto found = parked_first(**client, options);
  if (!found) return session.fail(found.error());
  session.show(*found, [&](const Terminal& terminal) { return render_records(terminal, array_at(*found, "records")); });
  if (found->contains("next")) {
    session.remark(fmt::format("\nThere are more: --limit {} or --all shows them.\n", options.limit * 10));
  }
  return ExitCode::ok;
}

ExitCode explain_record(Session& session, const RecordWords& words) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto record = read_words(**client, words);
  if (!record) return session.fail(record.error());
  auto answer = (*client)->get(record_path(record->partner, record->kind, record->key) + "/explain");
  if (!answer && answer.error().exit == ExitCode::not_found) {
    // What was named may be a ticket's number, or words of a title.
    const auto found = find_record(session, *record, answer.error());
    if (!found) return found.error();
    answer = (*client)->get(record_path(found->partner, found->kind, found->key) + "/explain");
  }
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal& terminal) { return render_story(terminal, as_object(answer->body)); });
  return ExitCode::ok;
}

ExitCode replay(Session& session, const RecordWords& words) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  // One word alone is the partner here: without a key all of its records are meant.
  RecordWords whole = words;
  if (whole.partner.empty() && whole.words.size() == 1) {
    whole.partner = whole.words.front();
    whole.words.clear();
  }
  if (whole.partner.empty() && whole.words.empty()) {
    const auto nothing = complain(ExitCode::usage, {"usage.record", "Nothing says what to rebuild", "",
                                                    "Name a partner for all of its records, or one record."});
    return session.fail(nothing.value());
  }
  const auto record = read_words(**client, whole);
  if (!record) return session.fail(record.error());
  const auto rebuild = [&](const NamedRecord& meant) {
    json::object body;
    if (!meant.key.empty()) body = {{"kind", meant.kind}, {"key", meant.key}};
    (*client)->set_task("rebuilding records from the event log");
    return (*client)->send_json("POST", path_of(meant.partner) + "/replay", body);
  };
  auto answer = rebuild(*record);
  if (!answer && answer.error().exit == ExitCode::not_found && !record->key.empty()) {
    const auto found = find_record(session, *record, answer.error());
    if (!found) return found.error();
    answer = rebuild(*found);
  }
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal&) {
    return fmt::format("{} rebuilt from the event log and due.\n",
                       count_words(number_at(as_object(answer->body), "records"), "record", "records"));
  });
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
