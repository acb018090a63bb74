#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/catalogue.h"
#include "service/admin.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

std::string_view to_text(Disposition disposition) {
  switch (disposition) {
    case Disposition::retry:
      return "retry";
    case Disposition::throttled:
      return "throttled";
    case Disposition::unknown:
      return "unknown";
    case Disposition::park:
      return "park";
    case Disposition::credentials:
      return "credentials";
    case Disposition::rediscover:
      return "rediscover";
    case Disposition::gone:
      return "gone";
  }
  return "park";
}

const store::ApiKeyRow* find(const std::vector<store::ApiKeyRow>& rows, const std::string& id) {
  for (const store::ApiKeyRow& row : rows)
    if (row.id == id) return &row;
  return nullptr;
}

}  // namespace

Answer Admin::list_keys(const Call& call) {
  const Result<std::vector<store::ApiKeyRow>> rows = to_.store.api_keys();
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  json::array keys;
  for (const store::ApiKeyRow& row : *rows) keys.push_back(to_json(row));
  co_return json_response(200, json::object{{"keys", std::move(keys)}});
}

Answer Admin::make_key(const Call& call) {
  const auto name = optional_text(call.body, "name", 200);
  const auto role_name = optional_text(call.body, "role", 20);
  const auto partner = optional_text(call.body, "partner", 64);
  const auto expires = optional_text(call.body, "expires_at", 64);
  for (const auto* text : {&name, &role_name, &partner, &expires})
    if (!*text) co_return problem_response(text->error(), call.request_id);
  if (!*name || (*name)->empty())
    co_return problem_response({"request.invalid", "/name", "Say who will use the key."}, call.request_id);
  if (*partner && !directory_.knows_partner(**partner))
    co_return problem_response({"request.invalid", "/partner", "There is no such partner."}, call.request_id);
  const auto role = choose_role(*role_name, partner->value_or(""));
  if (!role) co_return problem_response(role.error(), call.request_id);
  std::optional<Timestamp> expires_at;
  if (*expires) {
    expires_at = parse_timestamp(**expires);
    if (!expires_at || *expires_at <= to_.clock.now())
      co_return problem_response({"request.invalid", "/expires_at", "Must be an RFC 3339 time to come."},
                                 call.request_id);
  }
  const NewKey made = service::make_key(**name, *role, partner->value_or(""), expires_at, to_.clock.now());
  store::Transaction transaction;
  transaction.keys.push_back(made.row);
  Act act{"key.make", made.row.partner, "key " + made.row.id, nullptr, to_json(made.row)};
  const Result<store::Committed> written = co_await write(call, std::move(transaction), std::move(act));
  if (!written) co_return problem_response(written.error(), call.request_id);
  directory_.put_key(made.row);
  json::object answer = to_json(made.row);
  answer["key"] = made.key;
  co_return json_response(201, answer);
}

Answer Admin::revoke_key(const Call& call) {
  const Result<std::vector<store::ApiKeyRow>> rows = to_.store.api_keys();
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  const store::ApiKeyRow* known = find(*rows, call.parameters.at(0));
  if (!known) co_return problem_response({"store.not_found", "", "There is no key with this id."}, call.request_id);
  if (!known->revoked_at) {
    store::ApiKeyRow row = *known;
    row.revoked_at = to_.clock.now();
    store::Transaction transaction;
    transaction.keys_revoked.push_back({row.id, *row.revoked_at});
    Act act{"key.revoke", row.partner, "key " + row.id, to_json(*known), to_json(row)};
    const Result<store::Committed> written = co_await write(call, std::move(transaction), std::move(act));
    // Keys are never removed: it can only be that another has revoked it at the same moment.
    if (!written && !store::is_conflict(written.error())) co_return problem_response(written.error(), call.request_id);
    directory_.put_key(row);
  }
  net::Response response;
  response.status = 204;
  co_return response;
}

Answer Admin::list_errors(const Call&) {
  json::array errors;
  for (const CatalogueEntry& entry : catalogue())
    errors.push_back(json::object{{"code", entry.code},
                                  {"title", entry.title},
                                  {"why", entry.why},
                                  {"action", entry.action},
                                  {"who", entry.who},
                                  {"disposition", to_text(entry.disposition)}});
  co_return json_response(200, json::object{{"errors", std::move(errors)}});
}

}  // namespace crosswalk::service
