#include "service/audit.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/digest.h"
#include "base/text.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// Who has missed more than these had better read all of it.
constexpr std::size_t kChangesShownMax = 20;
constexpr std::size_t kDigestCharacters = 16;

/// Tell what was there, whether changed or not.
constexpr std::array<std::string_view, 3> kVersions{"version", "draft", "live"};

/// `value` without the members that `other` has alike.
json::object differing(const json::object& value, const json::object& other) {
  json::object rest;
  for (const auto& [key, member] : value) {
    const std::string_view name = key;
    const json::value* there = other.if_contains(name);
    if (!there || *there != member || std::ranges::find(kVersions, name) != kVersions.end()) rest[name] = member;
  }
  return rest;
}

std::string text_of(const json::value& value) { return value.is_null() ? std::string() : json::serialize(value); }

json::value parsed(const std::string& text) {
  boost::system::error_code error;
  json::value value = text.empty() ? json::value(nullptr) : json::parse(text, error);
  return error ? json::value(nullptr) : value;
}

std::string target_for_log(const std::string& target) {
  constexpr std::string_view kRecord = "record ";
  if (!target.starts_with(kRecord)) return target;
  return target.substr(0, target.find(' ', kRecord.size()));
}

}  // namespace

store::AuditRow audit_row(Act act, const Principal& who, std::string_view request_id, Timestamp now) {
  if (act.before.is_object() && act.after.is_object()) {
    json::object before = differing(act.before.get_object(), act.after.get_object());
    act.after = differing(act.after.get_object(), act.before.get_object());
    act.before = std::move(before);
  }
  return {.at = now,
          .key_id = who.key_id,
          .key_name = who.key_name,
          .act = std::string(act.name),
          .partner = std::move(act.partner),
          .target = std::move(act.target),
          .before = text_of(act.before),
          .after = text_of(act.after),
          .request_id = std::string(request_id)};
}

store::AuditRow key_made_here(const store::ApiKeyRow& key) {
  Principal nobody;
  nobody.key_name = "the command line, in the data folder";
  Act made{"key.make", key.partner, "key " + key.id, nullptr, to_json(key)};
  return audit_row(std::move(made), nobody, {}, key.created_at);
}

void log_act(const store::AuditRow& row) {
  spdlog::info("{} {}{}by key {} \"{}\" (request {})", row.act, row.partner.empty() ? "" : "of " + row.partner + ", ",
               row.target.empty() ? "" : target_for_log(row.target) + ", ", row.key_id,
               single_line(cut_text(row.key_name, 100)), row.request_id);
}

std::string forgotten_target(const store::RecordKey& ref) {
  return "record " + ref.kind + " " + to_lower(short_digest({ref.partner, ref.kind, ref.key}, kDigestCharacters));
}

json::object to_json(const store::AuditRow& row) {
  json::object body{{"sequence", row.sequence},
                    {"at", format_timestamp(row.at)},
                    {"act", row.act},
                    {"target", row.target},
                    {"by", json::object{{"key", row.key_id}, {"name", row.key_name}}},
                    {"before", parsed(row.before)},
                    {"after", parsed(row.after)}};
  if (!row.partner.empty()) body["partner"] = row.partner;
  if (!row.request_id.empty()) body["request_id"] = row.request_id;
  return body;
}

net::Response changed_response(store::Store& store, const std::string& partner, const std::string& target,
                               std::string_view etag, const std::function<bool(const store::AuditRow&)>& is_known,
                               std::string_view request_id) {
  const auto rows = store.audit({.partner = partner, .target = target, .count_max = kChangesShownMax});
  if (!rows) return problem_response(rows.error(), request_id);
  json::array changes;
  for (const store::AuditRow& row : *rows) {
    if (is_known(row)) break;
    changes.push_back(to_json(row));
  }
  net::Response response =
      problem_response({"store.changed_meanwhile", "", "\"changes\" tells by whom, when and what."}, request_id,
                       {{"changes", std::move(changes)}});
  if (!etag.empty()) response.headers.add("ETag", std::string(etag));
  return response;
}

json::object after_of(const store::AuditRow& row) {
  const json::value after = parsed(row.after);
  return after.is_object() ? after.get_object() : json::object{};
}

std::int64_t version_after(const store::AuditRow& row) {
  const json::object after = after_of(row);
  const json::value* version = after.if_contains("version");
  return version && version->is_int64() ? version->get_int64() : 0;
}

}  // namespace crosswalk::service
