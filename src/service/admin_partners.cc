#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <tuple>

#include "base/catalogue.h"
#include "base/text.h"
#include "engine/outbound_events.h"
#include "engine/people_json.h"
#include "engine/wakes.h"
#include "net/site_address.h"
#include "service/admin.h"
#include "service/cloudevents.h"
#include "service/partner_settings.h"
#include "service/request_check.h"
#include "store/partner_leaving.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// What PATCH and POST may say; "id" is taken apart.
constexpr std::array<std::pair<std::string_view, std::size_t>, 7> kTexts{{{"name", 200},
                                                                          {"provider", 20},
                                                                          {"site", 500},
                                                                          {"company", 200},
                                                                          {"client_id", 200},
                                                                          {"public_key", 500},
                                                                          {"private_key", 500}}};

RequestProblem invalid(std::string pointer, std::string detail) {
  return {"request.invalid", std::move(pointer), std::move(detail)};
}

std::optional<RequestProblem> check_values(const json::object& body) {
  for (const auto& [name, most] : kTexts)
    if (const auto text = optional_text(body, name, most); !text) return text.error();
  if (const json::value* paused = body.if_contains("paused"); paused && !paused->is_bool())
    return invalid("/paused", "Must be true or false.");
  return std::nullopt;
}

/// Writes what the body says into the row; `body` has passed check_values.
std::optional<RequestProblem> change(store::PartnerRow& row, const json::object& body, const net::SecretBox& secrets,
                                     const net::HostPolicy& hosts) {
  const auto text = [&](std::string_view name, std::size_t most) { return *optional_text(body, name, most); };
  if (auto name = text("name", 200)) row.name = *name;
  if (row.name.empty()) return invalid("/name", "Must not be empty.");
  if (const json::value* paused = body.if_contains("paused")) row.paused = paused->get_bool();
  if (!row.paused && store::erase_at(row))
    return invalid("/paused", "The partner was removed. Keep it first: POST /v1/partners/" + row.id + "/keep.");
  PartnerSettings settings = parse_settings(row.settings);
  if (auto provider = text("provider", 20)) settings.provider = *provider;
  if (settings.provider != "manage") return invalid("/provider", "Must be \"manage\".");
  if (auto pasted = text("site", 500)) {
    const Result<std::string> site = net::site_address(*pasted);
    if (!site) return RequestProblem{site.error().code, "/site", site.error().message};
    const std::string url = site->find("://") == std::string::npos ? "https://" + *site : *site;
    if (const auto allowed = hosts.check(url); !allowed)
      return RequestProblem{allowed.error().code, "/site", allowed.error().message};
    settings.site = *site;
  }
  if (auto company = text("company", 200)) settings.company = net::trim_pasted(*company);
  if (auto client_id = text("client_id", 200)) settings.client_id = net::trim_pasted(*client_id);
  row.settings = serialize(settings);
  auto public_key = text("public_key", 500);
  auto private_key = text("private_key", 500);
  for (auto* key : {&public_key, &private_key}) {
    if (!*key) continue;
    **key = std::string(net::trim_pasted(**key));
    if ((*key)->find_first_of(" \t\r\n") != std::string::npos)
      return invalid(key == &public_key ? "/public_key" : "/private_key",
                     "There is a blank or a line break within the key: copy it once more, in one piece.");
  }
  // As some pages show it for signing in: with the login company before it.
  if (const std::string login = settings.company + "+";
      public_key && login.size() > 1 && public_key->starts_with(login))
    public_key->erase(0, login.size());
  if (public_key.has_value() != private_key.has_value())
    return invalid(public_key ? "/private_key" : "/public_key", "The public and the private key are given together.");
  if (public_key) {
    if (public_key->empty() || private_key->empty()) return invalid("/public_key", "Must not be empty.");
    row.sealed_credentials = seal({*public_key, *private_key}, secrets, row.id);
  }
  return std::nullopt;
}

/// What an entry of the audit tells of a partner: not the keys, but that they were exchanged.
json::object for_audit(const store::PartnerRow& row, const store::PartnerRow* former) {
  json::object body = to_json(row);
  if (former && former->sealed_credentials != row.sealed_credentials) body["credentials"] = "exchanged";
  return body;
}

std::string_view act_of(const json::object& body) {
  const json::value* paused = body.if_contains("paused");
  if (!paused || body.size() > 1) return "partner.change";
  return paused->get_bool() ? "partner.pause" : "partner.resume";
}

json::object connection_of(const store::PartnerRow& row, store::Store& store) {
  const auto rows = store.connections(row.id);
  return engine::connection_json(rows && !rows->empty() ? rows->front() : store::ConnectionRow{}, row.paused);
}

bool leads_elsewhere(const store::PartnerRow& row, const store::PartnerRow& former) {
  const PartnerSettings now = parse_settings(row.settings), then = parse_settings(former.settings);
  const auto place = [](const PartnerSettings& each) {
    return std::tie(each.provider, each.site, each.company, each.client_id);
  };
  return place(now) != place(then) || row.sealed_credentials != former.sealed_credentials;
}

/// What was refused of a partner's events is told for this long.
constexpr Duration kRefusedFor{std::chrono::hours{24}};

/// Adds to a check-up what the last day has lost: Alertmanager reads no answer, and sends nothing again that was
/// refused. Who sends events by themselves was told.
void add_intake_check(json::object& result, const std::string& partner, const IntakeNotes& notes, Timestamp now) {
  json::value* checks = result.if_contains("checks");
  if (!checks || !checks->is_array()) return;
  const IntakeNotes::Recent recent = notes.refused_since(partner, "alertmanager", now - kRefusedFor);
  if (recent.words.empty()) return;
  std::string detail =
      "Alerts were refused, the last of them within a day, and Alertmanager does not send them again. ";
  for (const std::string& words : recent.words) detail += words + (words.ends_with('.') ? " " : ". ");
  checks->get_array().push_back(json::object{
      {"name", "Intake"},
      {"passed", false},
      {"detail", std::string(trim(detail))},
      {"action", "Mend the rule that makes them. GET /v1/partners/" + partner + "/intake lists all, with counts."}});
  result["healthy"] = false;
}

}  // namespace

tl::expected<json::object, RequestProblem> body_object(const net::Request& request) {
  if (trim(request.body).empty()) return json::object{};
  auto body = parse_body(request.body, {});
  if (!body) return tl::unexpected(RequestProblem{"request.invalid", "", body.error().detail});
  if (!body->is_object()) return tl::unexpected(invalid("", "The body must be a JSON object."));
  return std::move(body->get_object());
}

tl::expected<std::optional<std::string>, RequestProblem> optional_text(const json::object& body, std::string_view name,
                                                                       std::size_t characters_max) {
  const json::value* value = body.if_contains(name);
  if (!value) return std::nullopt;
  const std::string pointer = "/" + std::string(name);
  if (!value->is_string()) return tl::unexpected(invalid(pointer, "Must be a text."));
  std::string text{value->get_string()};
  if (text.find('\0') != std::string::npos) return tl::unexpected(invalid(pointer, "Holds a NUL character."));
  if (count_characters(text) > characters_max)
    return tl::unexpected(invalid(pointer, "At most " + std::to_string(characters_max) + " characters."));
  return text;
}

net::Response Admin::render(const Result<json::object>& result, const Call& call, int status) {
  if (!result) return problem_response(result.error(), call.request_id);
  return json_response(status, *result);
}

net::Response Admin::partner_response(int status, const store::PartnerRow& row) {
  json::object body = to_json(row);
  body["connection"] = connection_of(row, to_.store);
  net::Response response = json_response(status, body);
  response.headers.add("ETag", etag_of(row.version));
  return response;
}

Answer Admin::list_partners(const Call& call) {
  const Result<std::vector<store::PartnerRow>> rows = to_.store.partners();
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  const auto connections = to_.store.connections("");
  if (!connections) co_return problem_response(connections.error(), call.request_id);
  json::array partners;
  for (const store::PartnerRow& row : *rows) {
    if (!call.who.may_see(row.id)) continue;
    json::object body = to_json(row);
    const auto known = std::ranges::find(*connections, row.id, &store::ConnectionRow::partner);
    body["connection"] =
        engine::connection_json(known == connections->end() ? store::ConnectionRow{} : *known, row.paused);
    partners.push_back(std::move(body));
  }
  co_return json_response(200, json::object{{"partners", std::move(partners)}});
}

Answer Admin::add_partner(const Call& call) {
  const auto id = optional_text(call.body, "id", 64);
  if (!id) co_return problem_response(id.error(), call.request_id);
  if (!*id || !is_partner_id(**id))
    co_return problem_response({"partner.invalid", "/id",
                                "Lower-case letters, digits and dashes, at most 64, beginning with a letter or digit."},
                               call.request_id);
  const auto known = to_.store.partner(**id);
  if (!known) co_return problem_response(known.error(), call.request_id);
  if (*known) co_return problem_response({"partner.exists", "/id", ""}, call.request_id);
  store::PartnerRow row;
  row.id = row.name = **id;
  row.created_at = to_.clock.now();
  row.version = 1;
  auto problem = check_values(call.body);
  if (!problem) problem = change(row, call.body, to_.secrets, to_.options.hosts);
  if (problem) co_return problem_response(*problem, call.request_id);
  store::Transaction transaction;
  transaction.partners.push_back(row);
  Act act{"partner.add", row.id, "partner", nullptr, for_audit(row, nullptr)};
  const Result<store::Committed> written = co_await write(call, std::move(transaction), std::move(act));
  if (!written && store::is_conflict(written.error()))
    co_return problem_response({"partner.exists", "/id", ""}, call.request_id);
  if (!written) co_return problem_response(written.error(), call.request_id);
  directory_.put_partner(row.id);
  intake_notes_.forget(row.id);
  to_.engine.wake();
  co_return partner_response(201, row);
}

Answer Admin::get_partner(const Call& call) {
  const auto row = to_.store.partner(call.partner());
  if (!row) co_return problem_response(row.error(), call.request_id);
  if (!*row) co_return problem_response({"partner.unknown", "", ""}, call.request_id);
  co_return partner_response(200, **row);
}

/// What is known of the connection, and what the product hears, when a partner is changed.
void Admin::tell_of_change(const store::PartnerRow& row, const store::PartnerRow& former,
                           store::Transaction& transaction) {
  const Timestamp now = to_.clock.now();
  if (leads_elsewhere(row, former)) {
    const auto known = to_.store.connections(row.id);
    // Only what was reached with these keys at this address is connected.
    if (known && !known->empty() && known->front().state == "in_order")
      transaction.connections.push_back({row.id, "never_reached", now, "", "", {}, known->front().hidden});
  }
  if (row.paused == former.paused || !to_.store.outbound().has_webhooks()) return;
  const auto type = row.paused ? engine::OutboundType::partner_paused : engine::OutboundType::partner_resumed;
  transaction.outbound.events.push_back(engine::connection_event(type, row.id, now, {}));
}

boost::asio::awaitable<tl::expected<store::PartnerRow, net::Response>> Admin::update_partner(
    const Call& call, std::string_view act_name, const PartnerChange& change, bool wakes, const Beside& beside) {
  std::int64_t first = 0;
  for (int tries = 1;; ++tries) {
    const auto known = to_.store.partner(call.partner());
    if (!known) co_return tl::unexpected(problem_response(known.error(), call.request_id));
    if (!*known) co_return tl::unexpected(problem_response({"partner.unknown", "", ""}, call.request_id));
    const store::PartnerRow& former = **known;
    if (tries == 1) first = former.version;
    if (!may_change(call.request, etag_of(former.version)) || tries > kChangeTriesMax) {
      const auto is_known = [&](const store::AuditRow& entry) {
        return knows(call.request, etag_of(version_after(entry)), etag_of(first));
      };
      co_return tl::unexpected(
          changed_response(to_.store, former.id, "partner", etag_of(former.version), is_known, call.request_id));
    }
    store::PartnerRow row = former;
    if (const auto problem = change(row)) co_return tl::unexpected(problem_response(*problem, call.request_id));
    ++row.version;
    store::Transaction transaction;
    transaction.partners.push_back(row);
    if (wakes) {
      // What was parked, or waits, because of the old connection may work with the new one.
      transaction.wakes.push_back(engine::wake_parked(row.id, to_.clock.now()));
      transaction.wakes.push_back(engine::wake_unfinished(row.id, to_.clock.now()));
    }
    tell_of_change(row, former, transaction);
    if (beside)
      if (const auto added = beside(transaction); !added)
        co_return tl::unexpected(problem_response(added.error(), call.request_id));
    Act act{act_name, row.id, "partner", for_audit(former, nullptr), for_audit(row, &former)};
    const Result<store::Committed> written = co_await write(call, std::move(transaction), std::move(act));
    if (!written && store::is_conflict(written.error())) continue;
    if (!written) co_return tl::unexpected(problem_response(written.error(), call.request_id));
    if (row.paused != former.paused) to_.sender.wake();
    to_.engine.wake(PartnerId{row.id});
    co_return row;
  }
}

Answer Admin::change_partner(const Call& call) {
  if (call.body.contains("id")) co_return problem_response(invalid("/id", "An id never changes."), call.request_id);
  if (const auto problem = check_values(call.body)) co_return problem_response(*problem, call.request_id);
  const PartnerChange apply = [&](store::PartnerRow& row) {
    return change(row, call.body, to_.secrets, to_.options.hosts);
  };
  const auto row = co_await update_partner(call, act_of(call.body), apply, true);
  if (!row) co_return row.error();
  co_return partner_response(200, *row);
}

Answer Admin::partner_status(const Call& call) {
  const PartnerId partner{call.partner()};
  co_return json_response(200, co_await to_.engine.status(partner));
}

Answer Admin::check_partner(const Call& call) {
  const PartnerId partner{call.partner()};
  Result<json::object> result = co_await to_.engine.check(partner);
  if (result) add_intake_check(*result, partner.value, intake_notes_, to_.clock.now());
  co_return render(result, call);
}

Answer Admin::intake_notes(const Call& call) {
  json::object body = intake_notes_.describe(call.partner());
  body["partner"] = call.partner();
  co_return json_response(200, body);
}

Answer Admin::reference_data(const Call& call) {
  const PartnerId partner{call.partner()};
  Result<json::object> data = co_await to_.engine.reference_data(partner);
  if (!data) co_return problem_response(data.error(), call.request_id);
  const psa::ObjectReferences none;
  Result<json::object> objects = co_await to_.engine.object_reference_data(partner, none);
  // Keys that are made for tickets alone may not see all of it.
  if (objects)
    (*data)["objects"] = std::move(*objects);
  else
    (*data)["objects_unread"] = objects.error().message;
  co_return json_response(200, *data);
}

Answer Admin::verify(const Call& call) {
  const PartnerId partner{call.partner()};
  Result<json::object> report = co_await to_.engine.verify(partner);
  to_.engine.wake();
  co_return render(std::move(report), call);
}

Answer Admin::drift(const Call& call) {
  const PartnerId partner{call.partner()};
  co_return render(co_await to_.engine.drift(partner), call);
}

Answer Admin::get_callbacks(const Call& call) {
  const PartnerId partner{call.partner()};
  co_return render(co_await to_.engine.callbacks(partner), call);
}

Answer Admin::check_callbacks(const Call& call) {
  const PartnerId partner{call.partner()};
  Act act{"callbacks.check", partner.value, "callbacks", nullptr, nullptr};
  if (auto refused = co_await note(call, std::move(act))) co_return std::move(*refused);
  co_return render(co_await to_.engine.ensure_callbacks(partner), call);
}

/// Paused first, so that nothing is registered again behind it; then what we have registered is taken back.
Answer Admin::disconnect_partner(const Call& call) {
  const PartnerChange pause = [](store::PartnerRow& row) {
    row.paused = true;
    return std::optional<RequestProblem>{};
  };
  const auto row = co_await update_partner(call, "partner.disconnect", pause, false);
  if (!row) co_return row.error();
  const PartnerId partner{row->id};
  Result<json::object> removed = co_await to_.engine.remove_callbacks(partner);
  json::object body{{"partner", row->id}, {"paused", true}, {"callbacks_removed", 0}, {"problem", nullptr}};
  if (removed)
    body["callbacks_removed"] = removed->at("removed");
  else
    body["problem"] = in_words(removed.error());
  co_return json_response(200, body);
}

Answer Admin::match_customers(const Call& call) {
  const PartnerId partner{call.partner()};
  co_return render(co_await to_.engine.match_customers(partner), call);
}

}  // namespace crosswalk::service
