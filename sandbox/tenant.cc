#include "sandbox/tenant.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.h"
#include "sandbox/callbacks.h"

namespace crosswalk::sandbox {
namespace {

/// The oldest is forgotten beyond this: a client that mints a token for each call must not fill the memory.
constexpr std::size_t kKeysMax = 1'000;

std::string basic(std::string_view company, std::string_view public_key, std::string_view private_key) {
  return "Basic " + base64_encode(fmt::format("{}+{}:{}", company, public_key, private_key));
}

/// What everybody sees of a collection that nobody has written to.
const std::vector<Table>& empty_tables() {
  static const std::vector<Table> tables(Catalogue::instance().resources().begin(),
                                         Catalogue::instance().resources().end());
  return tables;
}

}  // namespace

Tenant::Tenant(TenantOptions options) : options_(std::move(options)) {
  if (role_named(options_.role).empty()) throw std::invalid_argument("no such role: " + options_.role);
  if (options_.public_key.empty()) options_.public_key = options_.login_company + "-public";
  if (options_.private_key.empty()) options_.private_key = options_.login_company + "-private";
  set_keys(options_.public_key, options_.private_key);
  product_instance_id = installation_id("product " + name());
  partner_id = installation_id("partner " + name());
  tables_.resize(Catalogue::instance().resources().size());
  table("system/callbacks").watch(&changes);
}

Table& Tenant::table(const Resource& resource) {
  std::shared_ptr<Table>& table = tables_[static_cast<std::size_t>(resource.number)];
  if (table == nullptr) {
    table = std::make_shared<Table>(resource);
  } else if (table.use_count() > 1) {
    table = std::make_shared<Table>(*table);
  }
  return *table;
}

const Table& Tenant::table(int resource) const {
  const auto number = static_cast<std::size_t>(resource);
  return tables_[number] == nullptr ? empty_tables()[number] : *tables_[number];
}

bool Tenant::set_role(std::string_view role) {
  if (!assign_role(*this, api_member, role)) return false;
  // A role that somebody has made is in the tables alone.
  if (const std::string known = role_named(role); !known.empty()) options_.role = known;
  return true;
}

void Tenant::set_keys(std::string_view public_key, std::string_view private_key) {
  options_.public_key = public_key;
  options_.private_key = private_key;
  authorization_ = basic(options_.login_company, public_key, private_key);
}

void Tenant::add_key(std::string_view member, std::string_view public_key, std::string_view private_key,
                     std::int64_t expires) {
  if (keys_.size() >= kKeysMax) keys_.erase(keys_.begin());
  keys_.push_back({basic(options_.login_company, public_key, private_key), std::string(member), expires});
}

const std::string* Tenant::member_of(std::string_view authorization, std::int64_t now) const {
  if (authorization == authorization_) return &api_member;
  for (const Key& key : keys_) {
    if (key.authorization == authorization && (key.expires == 0 || now < key.expires)) return &key.member;
  }
  return nullptr;
}

const std::string* Tenant::member_of(std::string_view public_key, std::string_view private_key,
                                     std::int64_t now) const {
  return member_of(basic(options_.login_company, public_key, private_key), now);
}

void Tenant::clear() {
  for (std::shared_ptr<Table>& each : tables_) each.reset();
  table("system/callbacks").watch(&changes);
  codebase = "v2025_1/";
  writes = 0;
}

void Tenant::begin_as(const Tenant& other) {
  tables_ = other.tables_;
  next_element = other.next_element;
  table("system/callbacks").watch(&changes);
}

std::string base64_encode(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string base64_decode(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (length < 0) return {};
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(length) - std::min(padding, static_cast<std::size_t>(length)));
  return bytes;
}

}  // namespace crosswalk::sandbox
