#include <boost/json/array.hpp>
#include <charconv>

#include "service/admin.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kEntriesDefault = 100, kEntriesMax = 1'000;

template <class Number>
bool read_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

tl::expected<store::Store::AuditQuery, RequestProblem> read_query(const net::Query& given) {
  store::Store::AuditQuery query;
  query.count_max = kEntriesDefault;
  if (const std::string* partner = given.find("partner")) query.partner = *partner;
  if (const std::string* act = given.find("act")) query.act = *act;
  if (const std::string* before = given.find("before")) {
    std::int64_t sequence = 0;
    if (!read_number(*before, sequence))
      return tl::unexpected(RequestProblem{"request.invalid", "", "before: the sequence of an entry."});
    query.before = sequence;
  }
  if (const std::string* limit = given.find("limit"))
    if (!read_number(*limit, query.count_max) || query.count_max < 1 || query.count_max > kEntriesMax)
      return tl::unexpected(RequestProblem{"request.invalid", "", "limit: a number from 1 to 1000."});
  return query;
}

}  // namespace

Answer Admin::list_audit(const Call& call) {
  auto query = read_query(call.target.query);
  if (!query) co_return problem_response(query.error(), call.request_id);
  const std::size_t limit = query->count_max++;
  auto rows = to_.store.audit(*query);
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  const bool more = rows->size() > limit;
  if (more) rows->resize(limit);
  json::array entries;
  for (const store::AuditRow& row : *rows) entries.push_back(to_json(row));
  json::object body{{"entries", std::move(entries)}};
  if (more) body["next"] = rows->back().sequence;
  co_return json_response(200, body);
}

boost::asio::awaitable<Result<store::Committed>> Admin::write(const Call& call, store::Transaction transaction,
                                                              Act act) {
  store::AuditRow row = audit_row(std::move(act), call.who, call.request_id, to_.clock.now());
  transaction.audit.push_back(std::move(row));
  const std::vector<store::AuditRow> acts = transaction.audit;
  Result<store::Committed> written = co_await to_.writer.write(std::move(transaction));
  if (!written) co_return written;
  for (const store::AuditRow& each : acts) log_act(each);
  co_return written;
}

boost::asio::awaitable<std::optional<net::Response>> Admin::note(const Call& call, Act act) {
  store::Transaction nothing_else;
  const Result<store::Committed> written = co_await write(call, std::move(nothing_else), std::move(act));
  if (written) co_return std::nullopt;
  co_return problem_response(written.error(), call.request_id);
}

}  // namespace crosswalk::service
