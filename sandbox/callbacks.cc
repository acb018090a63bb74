#include "sandbox/callbacks.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <optional>
#include <span>

#include "base/text.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kCollection = "system/callbacks";
constexpr std::string_view kPayloadVersion = "3.0.0";

/// A level, and the field of the record that objectId is compared with. "id" is the record itself.
struct CallbackLevel {
  std::string_view name;
  std::string_view field;
};

/// A type of callback, the collections whose objects it is about, and its levels. Each has "owner" besides.
struct Type {
  std::string_view name;
  std::vector<std::string_view> collections;
  std::vector<CallbackLevel> levels;
};

const std::vector<Type>& types() {
  static const std::vector<Type> kTypes = {
      {"activity",
       {"sales/activities"},
       {{"status", "status"}, {"type", "type"}, {"company", "company"}, {"activity", "id"}}},
      {"agreement", {"finance/agreements"}, {{"type", "type"}, {"company", "company"}, {"agreement", "id"}}},
      {"company",
       {"company/companies"},
       {{"status", "status"},
        {"type", "types"},
        {"territory", "territory"},
        {"company", "id"},
        {"integratortag", "integratorTags"}}},
      {"contact",
       {"company/contacts"},
       {{"type", "types"}, {"territory", ""}, {"company", "company"}, {"contact", "id"}}},
      {"configuration", {"company/configurations"}, {{"type", "type"}, {"status", "status"}, {"configuration", "id"}}},
      {"invoice", {"finance/invoices"}, {{"status", "status"}, {"company", "company"}, {"invoice", "id"}}},
      {"expense",
       {"expense/entries"},
       {{"chargetotype", ""}, {"type", "type"}, {"class", ""}, {"company", "company"}, {"expense", "id"}}},
      {"member",
       {"system/members"},
       {{"location", "defaultLocation"}, {"securityrole", "securityRole"}, {"member", "id"}}},
      {"opportunity", {"sales/opportunities"}, {{"statusid", "status"}, {"company", "company"}, {"opportunity", "id"}}},
      {"productcatalog", {"procurement/catalog"}, {}},
      {"project", {"project/projects"}, {{"status", "status"}, {"board", "board"}, {"project", "id"}}},
      {"purchaseorder",
       {"procurement/purchaseorders"},
       {{"status", "status"}, {"vendor", "vendorCompany"}, {"company", "customerCompany"}, {"purchaseorder", "id"}}},
      {"schedule",
       {"schedule/entries"},
       {{"status", "status"}, {"type", "type"}, {"location", ""}, {"member", "member"}, {"schedule", "id"}}},
      {"ticket",
       {"service/tickets", "project/tickets"},
       {{"board", "board"},
        {"project", "project"},
        {"phase", "phase"},
        {"status", "status"},
        {"ticket", "id"},
        {"integratortag", "integratorTags"}}},
      {"time", {"time/entries"}, {{"company", "company"}}},
  };
  return kTypes;
}

const Type* find_type(std::string_view name) {
  const auto found = std::ranges::find(types(), name, &Type::name);
  return found == types().end() ? nullptr : &*found;
}

const CallbackLevel* find_level(const Type& type, std::string_view name) {
  static constexpr CallbackLevel kOwner{"owner", ""};
  if (name == kOwner.name) return &kOwner;
  const auto found = std::ranges::find(type.levels, name, &CallbackLevel::name);
  return found == type.levels.end() ? nullptr : &*found;
}

const Type* type_of(const Resource& resource) {
  for (const Type& type : types()) {
    if (std::ranges::find(type.collections, resource.path) != type.collections.end()) return &type;
  }
  return nullptr;
}

bool is_callable(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->host().empty()) return false;
  const std::string scheme = to_lower(std::string_view(parsed->scheme()));
  return scheme == "http" || scheme == "https";
}

std::array<unsigned char, SHA256_DIGEST_LENGTH> sha256(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

std::string hex_of(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

bool has_matching_entry(const Writer& writer) {
  const Resource& callbacks = writer.resource;
  bool exists = false;
  writer.tenant.table(callbacks).each([&](const Row& other) {
    const auto same_text = [&](const char* name) {
      return other.text(callbacks.field(name)) == writer.row.text(callbacks.field(name));
    };
    exists = other.id != writer.row.id && same_text("type") && same_text("level") && same_text("url") &&
             other.integer(callbacks.field("objectId")) == writer.row.integer(callbacks.field("objectId"));
    return !exists;
  });
  return exists;
}

/// The values are stored as references (an id), as lists of them, or as JSON of an object that is not served.
bool holds(const json::value& value, std::int64_t object) {
  if (value.is_int64()) return value.get_int64() == object;
  if (value.is_object()) {
    const json::value* id = value.get_object().if_contains("id");
    return id != nullptr && *id == json::value(object);
  }
  return value.is_array() &&
         std::ranges::any_of(value.get_array(), [&](const json::value& each) { return holds(each, object); });
}

bool hears(const Row& callback, const Resource& callbacks, const Type& type, const Resource& resource,
           const Row& record) {
  if (callback.flag(callbacks.field("inactiveFlag")) || callback.text(callbacks.field("type")) != type.name)
    return false;
  const std::string_view name = callback.text(callbacks.field("level"));
  if (name == "owner") return true;
  const CallbackLevel* level = find_level(type, name);
  if (level == nullptr || level->field.empty()) return false;
  const std::int64_t object = callback.integer(callbacks.field("objectId"));
  if (level->field == "id") return record.id == object;
  const json::value* value = record.get(resource.field(level->field));
  return value != nullptr && holds(*value, object);
}

std::string creator_of(const Tenant& tenant, const Row& callback) {
  const Table& members = tenant.table("system/members");
  const Row* member = members.find(callback.integer(tenant.table(kCollection).resource().field("memberId")));
  return member == nullptr ? callback.entered_by : std::string(member->text(members.resource().field("identifier")));
}

/// One thing that has happened, as subscribers are told of it.
struct Event {
  const Resource* resource = nullptr;
  const Type* type = nullptr;
  const Row* record = nullptr;  ///< as it is now, or was when it was deleted
  std::string_view action;
  std::string_view member;
  std::string entity;  ///< empty when there is none any more
};

/// What is deleted into the recycle bin is told as deleted.
bool has_just_been_binned(const Resource& resource, const Row& record) {
  const int deleted = resource.field("deletedFlag"), at = resource.field("dateDeleted");
  return deleted >= 0 && record.flag(deleted) && record.integer(at) == record.last_updated;
}

std::optional<Event> event_of(const Tenant& tenant, const RowChange& change) {
  const Resource& resource = Catalogue::instance().at(change.resource);
  Event event{&resource, type_of(resource), nullptr, "updated", {}, {}};
  if (event.type == nullptr) return std::nullopt;
  if (change.kind == RowChange::Kind::deleted) {
    event.record = &change.removed;
    event.action = "deleted";
    event.member = change.member;
    return event;
  }
  event.record = tenant.table(resource).find(change.id);
  if (event.record == nullptr) return std::nullopt;
  event.member = event.record->updated_by;
  if (has_just_been_binned(resource, *event.record)) {
    event.action = "deleted";
  } else if (change.kind == RowChange::Kind::added) {
    event.action = "added";
  }
  return event;
}

std::string message_body(const Tenant& tenant, const Event& event, const Row& callback, const std::string& origin,
                         const std::string& message_id) {
  const std::string_view site = std::string_view(origin).substr(origin.find("://") + 3);
  const std::string key_id = std::string(callback.text(tenant.table(kCollection).resource().field("connectWiseID")));
  const std::string key_url =
      fmt::format("{}/{}/system/callbackkey/index.rails?companyName={}&id={}", origin, tenant.codebase,
                  net::percent_encode(tenant.name()), guid_of("key " + tenant.name() + " " + key_id));
  return json_text(
      json::object{{"MessageId", message_id},
                   {"FromUrl", site},
                   {"CompanyId", tenant.name()},
                   {"MemberId", event.member},
                   {"Action", event.action},
                   {"Type", event.type->name},
                   {"ID", event.record->id},
                   {"ProductInstanceId", tenant.product_instance_id},
                   {"PartnerId", tenant.partner_id},
                   {"Entity", event.entity.empty() ? json::value(nullptr) : json::value(json::string(event.entity))},
                   {"Metadata", json::object{{"key_url", key_url}}},
                   {"CallbackObjectRecId", callback.id}});
}

/// One entry for all changes of one object, so that a request that touches its ticket twice is told once.
std::vector<RowChange> merged(const std::vector<RowChange>& changes) {
  std::vector<RowChange> kept;
  for (const RowChange& change : changes) {
    const auto same = std::ranges::find_if(
        kept, [&](const RowChange& each) { return each.resource == change.resource && each.id == change.id; });
    if (same == kept.end()) {
      kept.push_back(change);
    } else if (change.kind == RowChange::Kind::deleted) {
      *same = change;
    }
  }
  return kept;
}

/// skipCallback silences the change that it comes with, and no later one.
bool take_silence(Tenant& tenant, const Event& event) {
  const int field = event.resource->field("skipCallback");
  if (event.action == "deleted" || field < 0 || !event.record->flag(field)) return false;
  Row changed = *event.record;
  changed.set(field, nullptr);
  tenant.table(*event.resource).replace(std::move(changed));
  return true;
}

}  // namespace

void rule_callback(Writer& writer, const Row* before) {
  const Resource& callbacks = writer.resource;
  const auto field = [&](const char* name) { return callbacks.field(name); };
  for (const char* name : {"type", "level"})
    writer.row.set(field(name), json::string(to_lower(writer.row.text(field(name)))));
  if (!is_callable(writer.row.text(field("url"))))
    writer.fail({"InvalidField", "Invalid URL", callbacks.spec.noun, "url"});
  const Type* type = find_type(writer.row.text(field("type")));
  const CallbackLevel* level = type == nullptr ? nullptr : find_level(*type, writer.row.text(field("level")));
  if (level == nullptr) {
    writer.fail({"InvalidObject", "Unrecognized level for type, see documentation for supported levels for each type",
                 callbacks.spec.noun, type == nullptr ? "type" : "level"});
    return;
  }
  if (level->name == "owner") writer.row.set(field("objectId"), 1);
  if (has_matching_entry(writer))
    writer.fail({"ObjectExists", "A matching callback entry already exists", callbacks.spec.noun, "objectId"});
  const bool inactive = writer.row.flag(field("inactiveFlag"));
  if (before == nullptr) {
    const Table& members = writer.tenant.table("system/members");
    const Row* member = members.find_by(members.resource().field("identifier"), writer.actor.member);
    if (member != nullptr) writer.row.set(field("memberId"), member->id);
    if (writer.row.text(field("payloadVersion")).empty())
      writer.row.set(field("payloadVersion"), json::string(kPayloadVersion));
    const std::string seed =
        fmt::format("callback {} {}", writer.tenant.name(), writer.tenant.table(callbacks).next_id());
    writer.row.set(field("connectWiseID"), json::string(guid_of(seed)));
  } else if (before->flag(field("inactiveFlag")) && !inactive) {
    writer.row.set(field("failingSince"), nullptr);
  }
}

void watch_for_callbacks(Tenant& tenant) {
  const Table& entries = tenant.table(kCollection);
  const Resource& callbacks = entries.resource();
  for (const Type& type : types()) {
    bool wanted = false;
    entries.each([&](const Row& entry) {
      wanted = !entry.flag(callbacks.field("inactiveFlag")) && entry.text(callbacks.field("type")) == type.name;
      return !wanted;
    });
    for (const std::string_view path : type.collections) {
      if (const Resource* resource = Catalogue::instance().find(path))
        tenant.table(*resource).watch(wanted ? &tenant.changes : nullptr);
    }
  }
}

std::vector<CallbackMessage> callback_messages(Tenant& tenant, const std::vector<RowChange>& changes,
                                               const std::string& origin,
                                               const std::function<std::string()>& message_id) {
  std::vector<CallbackMessage> messages;
  const Table& entries = tenant.table(kCollection);
  const Resource& callbacks = entries.resource();
  const Wire wire(tenant, origin + "/" + tenant.codebase + "/apis/3.0/");
  for (const RowChange& change : merged(changes)) {
    std::optional<Event> event = event_of(tenant, change);
    if (!event || take_silence(tenant, *event)) continue;
    entries.each([&](const Row& entry) {
      if (!hears(entry, callbacks, *event->type, *event->resource, *event->record)) return true;
      const bool suppressed = entry.flag(callbacks.field("isSelfSuppressedFlag")) &&
                              equals_ignoring_case(creator_of(tenant, entry), event->member);
      if (suppressed) return true;
      if (event->action != "deleted" && event->entity.empty())
        event->entity = wire.text(*event->resource, *event->record);
      messages.push_back({entry.id, callback_url(entry.text(callbacks.field("url")), event->record->id, event->action),
                          message_body(tenant, *event, entry, origin, message_id()), std::string(event->type->name),
                          std::string(event->action), event->record->id});
      return true;
    });
  }
  return messages;
}

std::string callback_url(std::string_view url, std::int64_t record, std::string_view action) {
  if (url.ends_with('=')) return fmt::format("{}{}&action={}", url, record, action);
  return fmt::format("{}{}id={}&action={}", url, url.find('?') == std::string_view::npos ? '?' : '&', record, action);
}

net::Response callback_key(const Tenant* tenant, std::string_view id) {
  if (tenant == nullptr) return to_response(endpoint_missing());
  const Table& entries = tenant->table(kCollection);
  const Row* found = nullptr;
  entries.each([&](const Row& entry) {
    const std::string own(entry.text(entries.resource().field("connectWiseID")));
    if (equals_ignoring_case(guid_of("key " + tenant->name() + " " + own), id)) found = &entry;
    return found == nullptr;
  });
  if (found == nullptr) return to_response(endpoint_missing());
  return json_response(200, json_text(json::object{{"signing_key", signing_key_of(*tenant, *found)}}));
}

std::string signing_key_of(const Tenant& tenant, const Row& callback) {
  const std::string own(callback.text(tenant.table(kCollection).resource().field("connectWiseID")));
  const auto digest = sha256("signing " + tenant.name() + " " + own);
  return base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string sign_callback(std::string_view signing_key, std::string_view body) {
  const auto key = sha256(signing_key);
  std::array<unsigned char, EVP_MAX_MD_SIZE> signature{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(body.data()),
       body.size(), signature.data(), &length);
  return base64_encode({reinterpret_cast<const char*>(signature.data()), length});
}

std::string installation_id(std::string_view text) {
  const auto digest = sha256(text);
  return hex_of(std::span(digest).first(12));
}

std::string guid_of(std::string_view text) {
  const auto digest = sha256(text);
  const std::string hex = hex_of(std::span(digest).first(16));
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

}  // namespace crosswalk::sandbox
