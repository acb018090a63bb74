#include "service/problem.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/catalogue.h"

namespace crosswalk::service {
namespace {

constexpr std::pair<std::string_view, int> kStatusByCode[] = {
    {"event.invalid_json", 400},
    {"event.not_utf8", 400},
    {"event.not_cloudevent", 422},
    {"event.unknown_type", 422},
    {"event.schema", 422},
    {"event.invalid_time", 422},
    {"event.partner_missing", 422},
    {"event.partner_unknown", 422},
    {"event.partner_forbidden", 403},
    {"event.too_large", 413},
    {"event.too_deep", 422},
    {"event.too_many", 413},
    {"event.string_too_long", 422},
    {"event.data_too_large", 422},
    {"event.label_missing", 422},
    {"event.duplicate_conflict", 409},
    {"event.content_type", 415},
    {"event.none_taken", 422},
    {"auth.missing", 401},
    {"auth.invalid", 401},
    {"auth.expired", 401},
    {"auth.revoked", 401},
    {"auth.forbidden", 403},
    {"request.invalid", 422},
    {"request.timeout", 408},
    {"request.not_found", 404},
    {"request.method_not_allowed", 405},
    {"request.too_large", 413},
    {"request.malformed", 400},
    {"request.header_twice", 400},
    {"request.header_too_large", 431},
    {"request.content_encoding", 415},
    {"request.transfer_encoding", 501},
    {"request.no_room", 503},
    {"request.too_many_clients", 503},
    {"partner.unknown", 404},
    {"partner.exists", 409},
    {"record.busy", 503},
    {"partner.busy", 503},
    {"partner.invalid", 422},
    {"partner.site_invalid", 422},
    {"partner.paused", 409},
    {"partner.credentials_missing", 409},
    {"record.unknown", 404},
    {"plan.unknown", 404},
    {"store.not_found", 404},
    {"net.host_not_allowed", 422},
    {"psa.circuit_open", 503},
    {"engine.stopping", 503},
    {"engine.stalled", 503},
    {"store.changed_meanwhile", 409},
    {"store.exists", 409},
    {"mapping.version_unknown", 404},
    {"webhook.unknown", 404},
    {"webhook.too_many", 409},
    {"webhook.url_refused", 422},
    {"webhook.replay_time", 422},
    {"webhook.replay_too_old", 422},
    {"webhook.replay_too_many", 422},
};

/// Families of codes whose members are all answered alike.
constexpr std::array<std::pair<std::string_view, int>, 7> kStatusByFamily{{{"store.", 503},
                                                                           {"plan.", 409},
                                                                           {"mapping.", 409},
                                                                           {"psa.", 502},
                                                                           {"net.", 502},
                                                                           {"partner.", 409},
                                                                           {"callback.", 409}}};

/// A store that fails now may work again soon; a full disk takes a person.
std::string retry_after_seconds(std::string_view code) { return code == "store.full" ? "30" : "1"; }

boost::json::object document(std::string_view code, std::string_view detail, int status, std::string_view request_id) {
  const CatalogueEntry& entry = explain(code);
  boost::json::object body;
  body["type"] = "/v1/errors#" + std::string(code);
  body["title"] = entry.title;
  body["status"] = status;
  if (!detail.empty()) body["detail"] = detail;
  body["code"] = code;
  body["action"] = entry.action;
  if (!request_id.empty()) body["request_id"] = request_id;
  return body;
}

net::Response respond(std::string_view code, int status, const boost::json::object& body) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/problem+json");
  if (status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  if (status == 503) response.headers.add("Retry-After", retry_after_seconds(code));
  response.body = boost::json::serialize(body);
  return response;
}

}  // namespace

int status_of(std::string_view code) {
  for (const auto& [known, status] : kStatusByCode)
    if (known == code) return status;
  for (const auto& [family, status] : kStatusByFamily)
    if (code.starts_with(family)) return status;
  return 500;
}

net::Response problem_response(const RequestProblem& problem, std::string_view request_id, boost::json::object extra) {
  const int status = status_of(problem.code);
  boost::json::object body = document(problem.code, problem.detail, status, request_id);
  if (!problem.pointer.empty()) body["pointer"] = problem.pointer;
  for (auto& [name, value] : extra) body[name] = std::move(value);
  return respond(problem.code, status, body);
}

net::Response problem_response(const Error& error, std::string_view request_id) {
  const int status = status_of(error.code);
  boost::json::object body = document(error.code, error.message, status, request_id);
  if (!error.causes.empty()) {
    boost::json::array causes;
    for (const Error& cause : error.causes)
      causes.push_back(boost::json::object{{"code", cause.code}, {"message", cause.message}});
    body["causes"] = std::move(causes);
  }
  return respond(error.code, status, body);
}

boost::json::object in_words(const Error& error) {
  const CatalogueEntry& entry = explain(error.code);
  return {{"code", error.code}, {"title", entry.title}, {"detail", error.message}, {"action", entry.action}};
}

net::Response json_response(int status, const boost::json::value& body) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = boost::json::serialize(body);
  return response;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace crosswalk::service
