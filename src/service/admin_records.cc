#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "model/event.h"
#include "service/admin.h"
#include "service/records.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kRecordsDefault = 100;
constexpr std::size_t kRecordsMax = 1'000;
/// More than these say that the words were too few.
constexpr std::size_t kFoundMax = 50;
constexpr std::size_t kWordsMax = 400;
/// Four parts of 200 characters, escaped.
constexpr std::size_t kKeyCharactersMax = 4'000;

tl::expected<store::Store::RecordQuery, RequestProblem> read_query(const Call& call, Timestamp now) {
  store::Store::RecordQuery query;
  query.partner = call.partner();
  query.count_max = kRecordsDefault;
  const net::Query& given = call.target.query;
  if (const std::string* kind = given.find("kind")) {
    if (!model::parse_record_kind(*kind))
      return tl::unexpected(
          RequestProblem{"request.invalid", "", "kind: one of customer, contact, device, alert, usage, group."});
    query.kind = *kind;
  }
  if (const std::string* state = given.find("state")) {
    query.parked_only = *state == "parked";
    query.due_only = *state == "due";
    query.open_only = *state == "open";
    query.settled_only = *state == "settled";
    if (*state == "waiting") query.due_after = now;
    if (!query.parked_only && !query.due_only && !query.open_only && !query.settled_only && !query.due_after)
      return tl::unexpected(
          RequestProblem{"request.invalid", "", "state: one of parked, due, waiting, settled, open."});
  }
  if (const std::string* after = given.find("after")) query.key_after = *after;
  if (const std::string* limit = given.find("limit")) {
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), query.count_max);
    if (error != std::errc{} || end != limit->data() + limit->size() || query.count_max < 1 ||
        query.count_max > kRecordsMax)
      return tl::unexpected(RequestProblem{"request.invalid", "", "limit: a number from 1 to 1000."});
  }
  return query;
}

/// Whether what people see of the record has all of the words in it.
bool shows_all(const store::RecordRow& row, const std::vector<std::string>& words) {
  const json::object shown = to_json(row, {}, "", "", Timestamp{});
  std::string text = row.ref.key;
  for (const char* name : {"title", "customer", "customer_name"})
    if (const json::value* value = shown.if_contains(name); value && value->is_string())
      text.append(1, '\n').append(std::string_view(value->get_string()));
  return std::ranges::all_of(words, [&](const std::string& word) {
    const auto lower = [](char each) {
      return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    };
    const auto same = [&](char left, char right) { return lower(left) == lower(right); };
    return !std::ranges::search(text, word, same).empty();
  });
}

/// A number of something in the PSA ("#1012"), the key of a record, or words of its title.
Result<std::vector<store::RecordRow>> find_rows(store::Store& store, const std::string& partner,
                                                std::string_view text) {
  std::vector<store::RecordKey> keys;
  const std::string number(text.starts_with('#') ? text.substr(1) : text);
  const bool is_number =
      !number.empty() && std::ranges::all_of(number, [](char each) { return each >= '0' && each <= '9'; });
  if (is_number)
    for (const char* kind : {"ticket", "company", "contact", "configuration"}) {
      const auto links = store.links_to(partner, kind, std::span(&number, 1));
      if (!links) return tl::unexpected(links.error());
      for (const store::LinkRow& each : *links) keys.push_back(each.ref);
    }
  for (const char* kind : {"alert", "device", "customer", "contact"})
    keys.push_back({partner, kind, std::string(text)});
  const auto named = store.records(keys);
  if (!named) return tl::unexpected(named.error());
  std::vector<store::RecordRow> rows;
  for (const std::optional<store::RecordRow>& each : *named)
    if (each) rows.push_back(*each);
  if (!rows.empty() || is_number) return rows;
  std::vector<std::string> words;
  for (std::string_view rest = trim(text); !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest = trim(rest.substr(end));
  }
  auto found = store.find_records(partner, words, kFoundMax);
  // The state has more in it than people see: digests, times, names of members.
  if (found) std::erase_if(*found, [&](const store::RecordRow& row) { return !shows_all(row, words); });
  return found;
}

/// Of the storms that the alerts may belong to, those that have, or have had, a ticket.
Result<std::set<std::string>> storms_with_tickets(store::Store& store, const std::vector<store::RecordRow>& rows) {
  std::set<std::string> names, found;
  for (const store::RecordRow& row : rows)
    if (row.ref.kind == "alert" && !row.group_key.empty()) names.insert(row.group_key);
  std::vector<store::RecordKey> groups;
  for (const std::string& name : names) groups.push_back({rows.front().ref.partner, "group", name});
  const auto links = store.links(groups);
  if (!links) return tl::unexpected(links.error());
  for (const store::LinkRow& link : *links) found.insert(link.ref.key);
  return found;
}

tl::expected<model::RecordRef, RequestProblem> record_named(const Call& call) {
  const std::optional<model::RecordKind> kind = model::parse_record_kind(call.parameters.at(1));
  if (!kind) return tl::unexpected(RequestProblem{"record.unknown", "", "There are no records of this kind."});
  return model::RecordRef{PartnerId{call.partner()}, *kind, call.parameters.at(2)};
}

}  // namespace

Answer Admin::list_records(const Call& call) {
  auto query = read_query(call, to_.clock.now());
  if (!query) co_return problem_response(query.error(), call.request_id);
  const std::size_t limit = query->count_max++;
  const std::string* words = call.target.query.find("find");
  if (words && words->size() > kWordsMax)
    co_return problem_response({"request.invalid", "", fmt::format("find: at most {} bytes.", kWordsMax)},
                               call.request_id);
  Result<std::vector<store::RecordRow>> rows =
      words ? find_rows(to_.store, call.partner(), *words) : to_.store.list_records(*query);
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  const bool more = rows->size() > limit;
  if (more) rows->resize(limit);
  std::vector<store::RecordKey> refs;
  for (const store::RecordRow& row : *rows) refs.push_back(row.ref);
  const Result<std::vector<store::LinkRow>> links = to_.store.links(refs);
  if (!links) co_return problem_response(links.error(), call.request_id);
  const Result<std::string> stopped = stopped_because(to_.store, call.partner());
  if (!stopped) co_return problem_response(stopped.error(), call.request_id);
  const Result<std::set<std::string>> storms = storms_with_tickets(to_.store, *rows);
  if (!storms) co_return problem_response(storms.error(), call.request_id);
  json::array records;
  IdleKinds idle(to_.store, call.partner());
  std::size_t begin = 0;
  for (const store::RecordRow& row : *rows) {
    std::size_t end = begin;
    while (end < links->size() && (*links)[end].ref == row.ref) ++end;
    const std::span<const store::LinkRow> own = std::span(*links).subspan(begin, end - begin);
    const Result<std::string> decision = last_decision(to_.store, row, own, *stopped, to_.clock.now());
    if (!decision) co_return problem_response(decision.error(), call.request_id);
    const Result<std::string> why = idle.why(row.ref.kind);
    if (!why) co_return problem_response(why.error(), call.request_id);
    json::object body = to_json(row, own, *decision, *why, to_.clock.now());
    if (storms->contains(row.group_key))
      if (const Result<void> told = tell_storm(to_.store, row, body); !told)
        co_return problem_response(told.error(), call.request_id);
    records.push_back(std::move(body));
    begin = end;
  }
  json::object body{{"records", std::move(records)}};
  if (more && !words) body["next"] = rows->back().ref.kind + "\n" + rows->back().ref.key;
  co_return json_response(200, body);
}

Answer Admin::get_record(const Call& call) {
  const auto ref = record_named(call);
  if (!ref) co_return problem_response(ref.error(), call.request_id);
  const store::RecordKey key{call.partner(), call.parameters.at(1), call.parameters.at(2)};
  const auto rows = to_.store.records(std::span(&key, 1));
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  if (rows->empty() || !rows->front()) co_return problem_response({"record.unknown", "", ""}, call.request_id);
  const auto links = to_.store.links(std::span(&key, 1));
  if (!links) co_return problem_response(links.error(), call.request_id);
  const Result<std::string> stopped = stopped_because(to_.store, call.partner());
  if (!stopped) co_return problem_response(stopped.error(), call.request_id);
  const Result<std::string> decision = last_decision(to_.store, *rows->front(), *links, *stopped, to_.clock.now());
  if (!decision) co_return problem_response(decision.error(), call.request_id);
  const Result<std::string> idle = IdleKinds(to_.store, call.partner()).why(key.kind);
  if (!idle) co_return problem_response(idle.error(), call.request_id);
  json::object body = to_json(*rows->front(), *links, *decision, *idle, to_.clock.now());
  if (const Result<void> told = tell_storm(to_.store, *rows->front(), body); !told)
    co_return problem_response(told.error(), call.request_id);
  boost::system::error_code error;
  json::value state = parse_own_json(rows->front()->state, error);
  if (!error) body["data"] = std::move(state);
  co_return json_response(200, body);
}

Answer Admin::explain_record(const Call& call) {
  const auto ref = record_named(call);
  if (!ref) co_return problem_response(ref.error(), call.request_id);
  Result<json::object> told = co_await to_.engine.explain(*ref);
  const store::RecordKey key{call.partner(), call.parameters.at(1), call.parameters.at(2)};
  const auto rows = to_.store.records(std::span(&key, 1));
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  json::value* summary = told ? told->if_contains("summary") : nullptr;
  if (rows->front() && summary && summary->is_string()) {
    const Result<std::string> stopped = stopped_because(to_.store, call.partner());
    if (!stopped) co_return problem_response(stopped.error(), call.request_id);
    const Result<std::string> waits = waits_for(to_.store, *rows->front(), *stopped, to_.clock.now());
    if (!waits) co_return problem_response(waits.error(), call.request_id);
    // What it waits for comes before what is to be done then.
    if (!waits->empty()) *summary = *waits + (waits->ends_with('.') ? " " : ". ") + std::string(summary->as_string());
  }
  co_return render(told, call);
}

Answer Admin::forget_record(const Call& call) {
  const auto ref = record_named(call);
  if (!ref) co_return problem_response(ref.error(), call.request_id);
  Act act{"record.forget", call.partner(),
          forgotten_target({call.partner(), call.parameters.at(1), call.parameters.at(2)}), nullptr, nullptr};
  if (auto refused = co_await note(call, std::move(act))) co_return std::move(*refused);
  const Result<std::int64_t> rows = co_await to_.engine.forget(*ref);
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  co_return json_response(200, json::object{{"rows", *rows}});
}

Answer Admin::replay(const Call& call) {
  const auto kind = optional_text(call.body, "kind", 20);
  const auto key = optional_text(call.body, "key", kKeyCharactersMax);
  if (!kind) co_return problem_response(kind.error(), call.request_id);
  if (!key) co_return problem_response(key.error(), call.request_id);
  if (kind->has_value() != key->has_value())
    co_return problem_response({"request.invalid", "", "kind and key are given together, or neither."},
                               call.request_id);
  std::optional<model::RecordRef> record;
  if (*kind) {
    const std::optional<model::RecordKind> parsed = model::parse_record_kind(**kind);
    if (!parsed)
      co_return problem_response({"request.invalid", "/kind", "There are no records of this kind."}, call.request_id);
    record = model::RecordRef{PartnerId{call.partner()}, *parsed, **key};
  }
  const PartnerId partner{call.partner()};
  Act act{"record.replay", partner.value, *kind ? "record " + **kind + " " + **key : "records", nullptr, nullptr};
  if (auto refused = co_await note(call, std::move(act))) co_return std::move(*refused);
  const Result<std::int64_t> count = co_await to_.engine.replay(partner, record);
  if (!count) co_return problem_response(count.error(), call.request_id);
  to_.engine.wake();
  co_return json_response(200, json::object{{"records", *count}});
}

}  // namespace crosswalk::service
