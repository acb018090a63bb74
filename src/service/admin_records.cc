#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/json.h"
#include "model/event.h"
#include "service/admin.h"
#include "service/records.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kRecordsDefault = 100;
constexpr std::size_t kRecordsMax = 1'000;
/// Four parts of 200 characters, escaped.
constexpr std::size_t kKeyCharactersMax = 4'000;

tl::expected<store::Store::RecordQuery, RequestProblem> read_query(const Call& call) {
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
    if (!query.parked_only && !query.due_only && !query.open_only)
      return tl::unexpected(RequestProblem{"request.invalid", "", "state: one of parked, due, open."});
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

tl::expected<model::RecordRef, RequestProblem> record_named(const Call& call) {
  const std::optional<model::RecordKind> kind = model::parse_record_kind(call.parameters.at(1));
  if (!kind) return tl::unexpected(RequestProblem{"record.unknown", "", "There are no records of this kind."});
  return model::RecordRef{PartnerId{call.partner()}, *kind, call.parameters.at(2)};
}

}  // namespace

Answer Admin::list_records(const Call& call) {
  auto query = read_query(call);
  if (!query) co_return problem_response(query.error(), call.request_id);
  const std::size_t limit = query->count_max++;
  Result<std::vector<store::RecordRow>> rows = to_.store.list_records(*query);
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  const bool more = rows->size() > limit;
  if (more) rows->resize(limit);
  std::vector<store::RecordKey> refs;
  for (const store::RecordRow& row : *rows) refs.push_back(row.ref);
  const Result<std::vector<store::LinkRow>> links = to_.store.links(refs);
  if (!links) co_return problem_response(links.error(), call.request_id);
  json::array records;
  std::size_t begin = 0;
  for (const store::RecordRow& row : *rows) {
    std::size_t end = begin;
    while (end < links->size() && (*links)[end].ref == row.ref) ++end;
    const std::span<const store::LinkRow> own = std::span(*links).subspan(begin, end - begin);
    const Result<std::string> decision = last_decision(to_.store, row, own);
    if (!decision) co_return problem_response(decision.error(), call.request_id);
    records.push_back(to_json(row, own, *decision, to_.clock.now()));
    begin = end;
  }
  json::object body{{"records", std::move(records)}};
  if (more) body["next"] = rows->back().ref.kind + "\n" + rows->back().ref.key;
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
  const Result<std::string> decision = last_decision(to_.store, *rows->front(), *links);
  if (!decision) co_return problem_response(decision.error(), call.request_id);
  json::object body = to_json(*rows->front(), *links, *decision, to_.clock.now());
  boost::system::error_code error;
  json::value state = parse_own_json(rows->front()->state, error);
  if (!error) body["data"] = std::move(state);
  co_return json_response(200, body);
}

Answer Admin::explain_record(const Call& call) {
  const auto ref = record_named(call);
  if (!ref) co_return problem_response(ref.error(), call.request_id);
  co_return render(co_await on_engine([&] { return to_.engine.explain(*ref); }), call);
}

Answer Admin::forget_record(const Call& call) {
  const auto ref = record_named(call);
  if (!ref) co_return problem_response(ref.error(), call.request_id);
  Act act{"record.forget", call.partner(),
          forgotten_target({call.partner(), call.parameters.at(1), call.parameters.at(2)}), nullptr, nullptr};
  if (auto refused = co_await note(call, std::move(act))) co_return std::move(*refused);
  const Result<std::int64_t> rows = co_await on_engine([&] { return to_.engine.forget(*ref); });
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
  const Result<std::int64_t> count = co_await on_engine([&] { return to_.engine.replay(partner, record); });
  if (!count) co_return problem_response(count.error(), call.request_id);
  to_.engine.wake();
  co_return json_response(200, json::object{{"records", *count}});
}

}  // namespace crosswalk::service
