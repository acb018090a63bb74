#include "sandbox/tenant.h"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.h"

namespace crosswalk::sandbox {
namespace {

const Role kRoles[] = {
    {"Admin", true, {}},
    // What vendors of alert integrations ask for: tickets, and the right to read what tickets refer to.
    {"Integration",
     false,
     {{"Service Tickets", "AEI"},
      {"Close Service Tickets", "AEI"},
      {"Merge Tickets", "AEI"},
      {"Company Maintenance", "I"},
      {"Contacts", "I"},
      {"Configurations", "AEI"},
      {"Notes", "I"},
      {"Table Setup", "I"},
      {"Member Maintenance", "I"},
      {"My Company", "I"},
      {"Time Entry", "AI"},
      {"Agreements", "I"}}},
    {"ReadOnly",
     false,
     {{"Service Tickets", "I"},
      {"Company Maintenance", "I"},
      {"Contacts", "I"},
      {"Configurations", "I"},
      {"Notes", "I"},
      {"Table Setup", "I"},
      {"Member Maintenance", "I"},
      {"My Company", "I"},
      {"Time Entry", "I"},
      {"Agreements", "I"}}},
    // The mistake that is made most often: everything but the right to close.
    {"NoClose",
     false,
     {{"Service Tickets", "AEI"},
      {"Company Maintenance", "I"},
      {"Contacts", "I"},
      {"Configurations", "AEI"},
      {"Table Setup", "I"},
      {"Member Maintenance", "I"},
      {"My Company", "I"},
      {"Time Entry", "AI"},
      {"Agreements", "I"}}},
};

/// What everybody sees of a collection that nobody has written to.
const std::vector<Table>& empty_tables() {
  static const std::vector<Table> tables(Catalogue::instance().resources().begin(),
                                         Catalogue::instance().resources().end());
  return tables;
}

}  // namespace

bool Role::may(std::string_view permission, char right) const {
  if (everything) return true;
  const auto grant = grants.find(permission);
  return grant != grants.end() && grant->second.find(right) != std::string::npos;
}

const Role* find_role(std::string_view name) {
  for (const Role& role : kRoles) {
    if (equals_ignoring_case(role.name, name)) return &role;
  }
  return nullptr;
}

Tenant::Tenant(TenantOptions options) : options_(std::move(options)), role_(find_role(options_.role)) {
  if (role_ == nullptr) throw std::invalid_argument("no such role: " + options_.role);
  if (options_.public_key.empty()) options_.public_key = options_.login_company + "-public";
  if (options_.private_key.empty()) options_.private_key = options_.login_company + "-private";
  set_keys(options_.public_key, options_.private_key);
  tables_.resize(Catalogue::instance().resources().size());
}

Table& Tenant::table(const Resource& resource) {
  std::unique_ptr<Table>& table = tables_[static_cast<std::size_t>(resource.number)];
  if (table == nullptr) table = std::make_unique<Table>(resource);
  return *table;
}

const Table& Tenant::table(int resource) const {
  const auto number = static_cast<std::size_t>(resource);
  return tables_[number] == nullptr ? empty_tables()[number] : *tables_[number];
}

bool Tenant::set_role(std::string_view role) {
  const Role* found = find_role(role);
  if (found == nullptr) return false;
  role_ = found;
  options_.role = found->name;
  return true;
}

void Tenant::set_keys(std::string_view public_key, std::string_view private_key) {
  options_.public_key = public_key;
  options_.private_key = private_key;
  authorization_ =
      "Basic " + base64_encode(options_.login_company + "+" + options_.public_key + ":" + options_.private_key);
}

void Tenant::clear() {
  for (std::unique_ptr<Table>& table : tables_) table.reset();
  codebase = "v2025_1/";
  writes = 0;
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
