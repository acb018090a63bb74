#include "connectwise/manage/callbacks.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"
#include "base/text.h"
#include "connectwise/manage/pages.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

struct CallbackType {
  psa::ObjectKind kind;
  std::string_view name;  ///< ConnectWise keeps types in lower case
  std::string_view description;
};
constexpr std::array<CallbackType, 4> kTypes{
    {{psa::ObjectKind::ticket, "ticket", "Crosswalk: tickets (kept by Crosswalk)"},
     {psa::ObjectKind::company, "company", "Crosswalk: companies (kept by Crosswalk)"},
     {psa::ObjectKind::contact, "contact", "Crosswalk: contacts (kept by Crosswalk)"},
     {psa::ObjectKind::configuration, "configuration", "Crosswalk: configurations (kept by Crosswalk)"}}};
/// Everything of the type; its object is always 1.
constexpr std::string_view kLevel = "owner";

constexpr std::string_view kKeyPage = "/system/callbackkey/index.rails";
constexpr std::size_t kKeysMax = 32;
/// A key that does not fit is read anew at most this often.
constexpr Duration kKeyAgeMin{std::chrono::minutes{1}};
/// Keys read within a minute, however many places messages name.
constexpr std::size_t kFetchesMax = 8;

const CallbackType* type_named(std::string_view name) {
  const auto found =
      std::ranges::find_if(kTypes, [&](const CallbackType& each) { return equals_ignoring_case(each.name, name); });
  return found == kTypes.end() ? nullptr : &*found;
}

const json::value* member(const json::object& object, std::string_view name) {
  if (const json::value* exact = object.if_contains(name)) return exact;
  for (const auto& each : object)
    if (equals_ignoring_case(each.key(), name)) return &each.value();
  return nullptr;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (!value) return "";
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_int64()) return std::to_string(value->get_int64());
  return "";
}

std::string without_query(std::string_view url) { return std::string(url.substr(0, url.find_first_of("?#"))); }

WireRequest change(std::string_view id, json::array patch) {
  WireRequest request;
  request.method = "PATCH";
  request.target = fmt::format("/system/callbacks/{}", id);
  request.body = json::serialize(patch);
  return request;
}

void add_word(std::string& done, std::string_view word) { done += (done.empty() ? "" : " and ") + std::string(word); }

}  // namespace

std::optional<CallbackBody> read_callback_body(std::string_view body) {
  const std::optional<json::object> object = parse_object(body);
  if (!object) return std::nullopt;
  CallbackBody read;
  read.type = text_of(*object, "Type");
  read.action = text_of(*object, "Action");
  read.id = text_of(*object, "ID");
  read.company = text_of(*object, "CompanyId");
  read.member = text_of(*object, "MemberId");
  const json::value* metadata = member(*object, "Metadata");
  if (metadata && metadata->is_object()) read.key_url = text_of(metadata->get_object(), "key_url");
  if (read.type.empty() || !is_manage_id(read.id) || read.key_url.empty()) return std::nullopt;
  // The object itself comes as a text of JSON. It is only asked how new it is.
  if (const auto entity = parse_object(text_of(*object, "Entity")))
    if (const json::object* info = object_member(*entity, "_info"))
      read.updated_at = parse_timestamp(text_at(*info, "lastUpdated"));
  return read;
}

bool is_own_key_url(const Site& site, std::string_view company, std::string_view key_url) {
  // Letter by letter up to the first slash: two readers of one URL may not agree on where its host ends.
  const std::string asked = to_lower(key_url), own = to_lower(site.origin);
  const std::size_t host = own.find("://") + 3;
  const std::string place = own.substr(0, own.find('/', host)) + "/";
  const std::string api_place = place.substr(0, host) + "api-" + place.substr(host);
  if (!asked.starts_with(place) && !(site.cloud && asked.starts_with(api_place))) return false;
  if (!without_query(asked).ends_with(kKeyPage)) return false;
  const net::Target target = net::parse_target(key_url.substr(key_url.find('/', host)));
  const std::string* named = target.query.find("companyName");
  return named && equals_ignoring_case(*named, company);
}

bool is_signed_with(std::string_view signing_key, std::string_view body, std::string_view signature) {
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> given{};
  std::size_t length = 0;
  if (sodium_base642bin(given.data(), given.size(), signature.data(), signature.size(), nullptr, &length, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      length != given.size())
    return false;
  std::array<unsigned char, crypto_hash_sha256_BYTES> key{};
  static_assert(crypto_hash_sha256_BYTES == crypto_auth_hmacsha256_KEYBYTES);
  crypto_hash_sha256(key.data(), bytes(signing_key), signing_key.size());
  return crypto_auth_hmacsha256_verify(given.data(), bytes(body), body.size(), key.data()) == 0;
}

boost::asio::awaitable<Result<std::string>> Callbacks::key_at(const std::string& key_url, bool anew, psa::Lane lane) {
  const Timestamp now = client_.clock().monotonic();
  const auto known = keys_.find(key_url);
  const bool fresh = known != keys_.end() && now - known->second.fetched_at < kKeyAgeMin;
  const bool readable = known != keys_.end() && !known->second.text.empty();
  if (readable && (!anew || fresh)) co_return known->second.text;
  // What could not be read is not asked for with each message.
  if (fresh) co_return failure("callback.key_unavailable", "the key could not be read a moment ago");
  while (!fetches_.empty() && now - fetches_.front() >= std::chrono::minutes{1}) fetches_.pop_front();
  if (fetches_.size() >= kFetchesMax)
    co_return failure("callback.key_unavailable", "too many different keys are asked for at once");
  fetches_.push_back(now);
  if (keys_.size() >= kKeysMax) keys_.clear();
  keys_[key_url] = {"", now};
  std::vector<psa::Call> calls;
  const auto answer = co_await client_.fetch(key_url, lane, calls);
  if (!answer) {
    const Failure& failed = answer.error();
    // The partner's own site knows no such key: whoever signed with one is somebody else.
    if (failed.status / 100 == 4 && failed.status != 429)
      co_return failure("callback.signature_wrong", "the partner's site has no such key");
    if (failed.status == 0) keys_.erase(key_url);
    co_return tl::unexpected(failed.error);
  }
  const std::optional<json::object> body = parse_object(answer->body);
  std::string key = body ? text_of(*body, "signing_key") : std::string();
  if (key.empty()) co_return failure("callback.key_unavailable", "what is served there is not a signing key");
  keys_[key_url] = {key, now};
  co_return key;
}

boost::asio::awaitable<Result<std::optional<psa::Change>>> Callbacks::read(const psa::CallbackMessage& message,
                                                                           psa::Lane lane) {
  const std::optional<CallbackBody> body = read_callback_body(message.body);
  if (!body) co_return failure("callback.malformed", "it is not a ConnectWise callback");
  const CallbackType* type = type_named(body->type);
  if (!type) co_return std::optional<psa::Change>();
  if (!equals_ignoring_case(body->company, client_.company()))
    co_return failure("callback.foreign", "it is about another login company");
  if (!is_own_key_url(client_.site(), client_.company(), body->key_url))
    co_return failure("callback.foreign", "its key is not served by the partner's own site for its own company");
  auto key = co_await key_at(body->key_url, false, lane);
  if (!key) co_return tl::unexpected(key.error());
  if (!is_signed_with(*key, message.body, message.signature)) {
    // The key may have been changed since.
    key = co_await key_at(body->key_url, true, lane);
    if (!key) co_return tl::unexpected(key.error());
    if (!is_signed_with(*key, message.body, message.signature))
      co_return failure("callback.signature_wrong", "the signature does not fit the body");
  }
  psa::Change told;
  told.kind = type->kind;
  told.id = body->id;
  told.deleted = equals_ignoring_case(body->action, "deleted");
  told.updated_at = body->updated_at;
  told.by = body->member;
  co_return std::optional<psa::Change>(std::move(told));
}

boost::asio::awaitable<std::optional<Failure>> Callbacks::send(WireRequest request, psa::Lane lane,
                                                               psa::CallbackReport& report, std::string* id) {
  const bool removes = request.method == "DELETE";
  auto answer = co_await client_.call(std::move(request), lane, report.calls);
  if (!answer) {
    if (removes && answer.error().error.code == "psa.object_gone") co_return std::nullopt;
    co_return std::move(answer.error());
  }
  if (!id) co_return std::nullopt;
  const std::optional<json::object> body = parse_object(answer->body);
  *id = body ? id_member(*body) : std::string();
  if (!id->empty()) co_return std::nullopt;
  Failure unreadable{{"psa.answer_mismatch", "ConnectWise's answer does not show the callback that was made.", {}},
                     Disposition::unknown,
                     std::nullopt,
                     answer->status};
  co_return unreadable;
}

boost::asio::awaitable<std::optional<Failure>> Callbacks::settle(psa::ObjectKind kind, std::span<const Entry> entries,
                                                                 bool wanted, const psa::CallbackTarget& target,
                                                                 psa::Lane lane, psa::CallbackReport& report) {
  const CallbackType& type = *std::ranges::find(kTypes, kind, &CallbackType::kind);
  psa::CallbackEntry entry{kind, "", ""};
  const Entry* kept = nullptr;
  bool removed = false;
  for (const Entry& each : entries) {
    if (!equals_ignoring_case(each.type, type.name)) continue;
    if (wanted && !kept && equals_ignoring_case(each.level, kLevel)) {
      kept = &each;
      continue;
    }
    WireRequest request;
    request.method = "DELETE";
    request.target = "/system/callbacks/" + each.id;
    if (auto failed = co_await send(std::move(request), lane, report)) co_return failed;
    removed = true;
  }
  if (wanted && !kept) {
    WireRequest request;
    request.method = "POST";
    request.target = "/system/callbacks";
    request.body = json::serialize(json::object{{"description", type.description},
                                                {"url", target.url},
                                                {"objectId", 1},
                                                {"type", type.name},
                                                {"level", kLevel},
                                                {"inactiveFlag", false},
                                                {"isSelfSuppressedFlag", false}});
    if (auto failed = co_await send(std::move(request), lane, report, &entry.id)) co_return failed;
    entry.done = "made";
  }
  if (kept) {
    entry.id = kept->id;
    json::array patch;
    const auto replace = [&](std::string_view path, json::value value) {
      patch.push_back(json::object{{"op", "replace"}, {"path", path}, {"value", std::move(value)}});
    };
    if (kept->url != target.url) {
      replace("url", json::value(target.url));
      add_word(entry.done, "moved");
    }
    if (kept->inactive) {
      replace("inactiveFlag", false);
      add_word(entry.done, "enabled");
    }
    if (!patch.empty())
      if (auto failed = co_await send(change(kept->id, std::move(patch)), lane, report)) co_return failed;
  }
  if (removed) add_word(entry.done, kept ? "others removed" : "removed");
  if (!entry.id.empty() || !entry.done.empty()) report.entries.push_back(std::move(entry));
  co_return std::nullopt;
}

boost::asio::awaitable<psa::CallbackReport> Callbacks::ensure(const psa::CallbackTarget& target,
                                                              std::span<const psa::ObjectKind> kinds, psa::Lane lane) {
  psa::CallbackReport report;
  std::vector<Entry> entries;
  const TakeItem take = [&](const json::object& object) {
    Entry entry{id_member(object), text_at(object, "url"), text_at(object, "type"), text_at(object, "level"),
                flag_member(object, "inactiveFlag")};
    if (entry.id.empty()) return false;
    if (entry.url.ends_with(target.tail)) entries.push_back(std::move(entry));
    return true;
  };
  const Collection collection{"/system/callbacks", "fields=id,url,type,level,objectId,inactiveFlag",
                              Paging::forward_only};
  std::optional<Failure> failed = co_await read_pages(client_, collection, lane, report.calls, take);
  for (const CallbackType& type : kTypes) {
    if (failed) break;
    const bool wanted = std::ranges::find(kinds, type.kind) != kinds.end();
    failed = co_await settle(type.kind, entries, wanted, target, lane, report);
  }
  if (failed) {
    report.error = std::move(failed->error);
    report.disposition = failed->disposition;
  }
  co_return report;
}

}  // namespace crosswalk::connectwise::manage
