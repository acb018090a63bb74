// A partner leaves: what that does is told first, and nothing is erased before its grace is over.
#include <boost/json/array.hpp>

#include "service/admin.h"
#include "service/audit.h"
#include "service/partner_settings.h"
#include "store/conflict.h"
#include "store/partner_leaving.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

constexpr Duration kGraceDefault{std::chrono::hours{24 * 30}};
/// What is under way when a partner is removed has ended by then.
constexpr Duration kGraceMin{std::chrono::hours{1}}, kGraceMax{std::chrono::hours{24 * 365}};

tl::expected<Duration, RequestProblem> read_grace(const Call& call) {
  const std::string* text = call.target.query.find("grace");
  if (!text) return kGraceDefault;
  const std::optional<Duration> grace = parse_duration(*text);
  if (!grace || *grace < kGraceMin || *grace > kGraceMax)
    return tl::unexpected(RequestProblem{"request.invalid", "", "grace: a duration from 1h to 365d, such as 30d."});
  return *grace;
}

}  // namespace

/// openapi: RemovalEffects.
Result<json::object> Admin::removal_effects(const store::PartnerRow& partner) {
  const auto counts = to_.store.counts(partner.id);
  if (!counts) return tl::unexpected(counts.error());
  const auto keys = to_.store.api_keys();
  if (!keys) return tl::unexpected(keys.error());
  json::array of_partner;
  for (const store::ApiKeyRow& key : *keys)
    if (key.partner == partner.id && !key.revoked_at)
      of_partner.push_back(json::object{{"id", key.id}, {"name", key.name}});
  json::object body{{"partner", partner.id},
                    {"name", partner.name},
                    {"events", counts->events},
                    {"records", counts->records},
                    {"links", counts->links},
                    {"keys", std::move(of_partner)},
                    {"grace", describe_duration(kGraceDefault)}};
  if (const auto at = store::erase_at(partner)) body["erase_at"] = format_timestamp(*at);
  return body;
}

Answer Admin::get_removal(const Call& call) {
  const auto row = to_.store.partner(call.partner());
  if (!row) co_return problem_response(row.error(), call.request_id);
  if (!*row) co_return problem_response({"partner.unknown", "", ""}, call.request_id);
  co_return render(removal_effects(**row), call);
}

Answer Admin::remove_partner(const Call& call) {
  const auto grace = read_grace(call);
  if (!grace) co_return problem_response(grace.error(), call.request_id);
  const auto known = to_.store.partner(call.partner());
  if (!known) co_return problem_response(known.error(), call.request_id);
  if (!*known) co_return problem_response({"partner.unknown", "", ""}, call.request_id);
  // Told as it was before: the keys that stop working are among it.
  Result<json::object> effects = removal_effects(**known);
  if (!effects) co_return problem_response(effects.error(), call.request_id);
  const Timestamp at = to_.clock.now() + *grace;
  const PartnerChange leave = [&](store::PartnerRow& row) -> std::optional<RequestProblem> {
    if (auto refused = refuse_erasing(row)) return refused;
    row.paused = true;
    store::set_erase_at(row, at);
    return std::optional<RequestProblem>{};
  };
  std::vector<store::ApiKeyRow> revoked;
  const Beside revoke = [&](store::Transaction& transaction) {
    return revoke_keys_of(call, call.partner(), transaction, revoked);
  };
  const auto row = co_await update_partner(call, "partner.remove", leave, false, revoke);
  if (!row) co_return row.error();
  directory_.set_leaving(row->id, true);
  for (const store::ApiKeyRow& key : revoked) directory_.put_key(key);
  const PartnerId partner{row->id};
  const Result<json::object> callbacks = co_await to_.engine.remove_callbacks(partner);
  (*effects)["erase_at"] = format_timestamp(at);
  (*effects)["grace"] = describe_duration(*grace);
  (*effects)["callbacks_removed"] = callbacks ? callbacks->at("removed") : json::value(0);
  (*effects)["problem"] = callbacks ? json::value(nullptr) : json::value(in_words(callbacks.error()));
  co_return json_response(202, *effects);
}

Result<void> Admin::revoke_keys_of(const Call& call, const std::string& partner, store::Transaction& transaction,
                                   std::vector<store::ApiKeyRow>& revoked) {
  const auto keys = to_.store.api_keys();
  if (!keys) return tl::unexpected(keys.error());
  const Timestamp now = to_.clock.now();
  revoked.clear();
  for (store::ApiKeyRow key : *keys) {
    if (key.partner != partner || key.revoked_at) continue;
    key.revoked_at = now;
    transaction.keys_revoked.push_back({key.id, now});
    Act act{"key.revoke", partner, "key " + key.id, nullptr, nullptr};
    transaction.audit.push_back(audit_row(std::move(act), call.who, call.request_id, now));
    revoked.push_back(std::move(key));
  }
  return {};
}

/// Paused all the same: whoever keeps it says when it goes on.
Answer Admin::keep_partner(const Call& call) {
  const PartnerChange keep = [&](store::PartnerRow& row) -> std::optional<RequestProblem> {
    if (!store::erase_at(row)) return RequestProblem{"request.invalid", "", "The partner was not removed."};
    if (auto refused = refuse_erasing(row)) return refused;
    store::set_erase_at(row, std::nullopt);
    return std::nullopt;
  };
  const auto row = co_await update_partner(call, "partner.keep", keep, false);
  if (!row) co_return row.error();
  directory_.set_leaving(row->id, false);
  co_return partner_response(200, *row);
}

/// Half of what was held of it may be gone already: what remains knows too little to go on.
std::optional<RequestProblem> Admin::refuse_erasing(const store::PartnerRow& row) const {
  const auto at = store::erase_at(row);
  if (!at || *at > to_.clock.now()) return std::nullopt;
  return RequestProblem{"partner.erasing", "", "Its data are being erased since " + format_timestamp(*at) + "."};
}

}  // namespace crosswalk::service
