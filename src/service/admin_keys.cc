#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/catalogue.h"
#include "service/admin.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// openapi: Key. Neither the key nor its hash is in it.
json::object to_json(const store::ApiKeyRow& row) {
  json::object body{{"id", row.id}, {"name", row.name}, {"created_at", format_timestamp(row.created_at)}};
  if (!row.partner.empty()) body["partner"] = row.partner;
  if (row.expires_at) body["expires_at"] = format_timestamp(*row.expires_at);
  if (row.revoked_at) body["revoked_at"] = format_timestamp(*row.revoked_at);
  if (row.last_used_at) body["last_used_at"] = format_timestamp(*row.last_used_at);
  return body;
}

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

/// How often a revocation is written again when a last-used time that was on its way has overwritten it.
constexpr int kRevokeTriesMax = 3;

}  // namespace

Answer Admin::list_keys(const Call& call) {
  const Result<std::vector<store::ApiKeyRow>> rows = to_.store.api_keys();
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  json::array keys;
  for (const store::ApiKeyRow& row : *rows) keys.push_back(to_json(row));
  co_return json_response(200, json::object{{"keys", std::move(keys)}});
}

Answer Admin::make_key(const Call& call) {
  const auto body = body_object(call.request);
  if (!body) co_return problem_response(body.error(), call.request_id);
  const auto name = optional_text(*body, "name", 200);
  const auto partner = optional_text(*body, "partner", 64);
  const auto expires = optional_text(*body, "expires_at", 64);
  for (const auto* text : {&name, &partner, &expires})
    if (!*text) co_return problem_response(text->error(), call.request_id);
  if (!*name || (*name)->empty())
    co_return problem_response({"request.invalid", "/name", "Say who will use the key."}, call.request_id);
  if (*partner && !directory_.knows_partner(**partner))
    co_return problem_response({"request.invalid", "/partner", "There is no such partner."}, call.request_id);
  std::optional<Timestamp> expires_at;
  if (*expires) {
    expires_at = parse_timestamp(**expires);
    if (!expires_at || *expires_at <= to_.clock.now())
      co_return problem_response({"request.invalid", "/expires_at", "Must be an RFC 3339 time to come."},
                                 call.request_id);
  }
  const NewKey made = service::make_key(**name, partner->value_or(""), expires_at, to_.clock.now());
  store::Transaction transaction;
  transaction.keys.push_back(made.row);
  const Result<store::Committed> written = co_await to_.writer.write(std::move(transaction));
  if (!written) co_return problem_response(written.error(), call.request_id);
  directory_.put_key(made.row);
  json::object answer = to_json(made.row);
  answer["key"] = made.key;
  co_return json_response(201, answer);
}

Answer Admin::revoke_key(const Call& call) {
  for (int tries = 0; tries < kRevokeTriesMax; ++tries) {
    const Result<std::vector<store::ApiKeyRow>> rows = to_.store.api_keys();
    if (!rows) co_return problem_response(rows.error(), call.request_id);
    const store::ApiKeyRow* known = find(*rows, call.parameters.at(0));
    if (!known) co_return problem_response({"store.not_found", "", "There is no key with this id."}, call.request_id);
    if (known->revoked_at) break;
    store::ApiKeyRow row = *known;
    row.revoked_at = to_.clock.now();
    // From here on the key is refused, and no last-used time is written for it.
    directory_.put_key(row);
    store::Transaction transaction;
    transaction.keys.push_back(std::move(row));
    const Result<store::Committed> written = co_await to_.writer.write(std::move(transaction));
    if (!written) co_return problem_response(written.error(), call.request_id);
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
