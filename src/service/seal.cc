#include "service/seal.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "outbound/message.h"
#include "service/partner_settings.h"

namespace crosswalk::service {
namespace {

constexpr std::string_view kCanary = "seal_canary";
/// What is sealed in it does not matter, and nor does that it is known.
constexpr std::string_view kCanaryText = "The key is the right one.";

/// A test of whether a key is the right one. Of one that was sealed before.
using Opens = std::function<bool(const net::SecretBox&)>;

/// All that the store holds sealed: the canary alone where there is one.
Result<std::vector<Opens>> sealed_things(store::Store& store) {
  std::vector<Opens> found;
  const auto canary = store.setting(std::string(kCanary));
  if (!canary) return tl::unexpected(canary.error());
  if (*canary) {
    found.emplace_back(
        [sealed = **canary](const net::SecretBox& box) { return box.unseal(sealed, kCanary).has_value(); });
    return found;
  }
  const auto partners = store.partners();
  if (!partners) return tl::unexpected(partners.error());
  for (const store::PartnerRow& row : *partners)
    if (!row.sealed_credentials.empty())
      found.emplace_back([row](const net::SecretBox& box) { return unseal_keys(row, box).has_value(); });
  const auto webhooks = store.outbound().webhooks();
  if (!webhooks) return tl::unexpected(webhooks.error());
  for (const store::WebhookRow& row : *webhooks)
    if (row.sealed_secrets.find("sealed") != std::string::npos)
      found.emplace_back([row](const net::SecretBox& box) { return outbound::open_secrets(row, box, {}).has_value(); });
  return found;
}

tl::unexpected<Error> lost(const std::string& key_file, std::string_view why) {
  return failure("secrets.key_lost", key_file + " " + std::string(why));
}

}  // namespace

Result<net::SecretBox> open_secrets(store::Store& store, const std::string& key_file) {
  const auto sealed = sealed_things(store);
  if (!sealed) return tl::unexpected(sealed.error());
  if (!sealed->empty() && !net::SecretBox::has_key(key_file))
    return lost(key_file, "is not there, but the database holds secrets that were sealed with it.");
  Result<net::SecretBox> box = net::SecretBox::open(key_file);
  if (!box) return box;
  // One that is damaged says nothing of the key, as long as another opens.
  const bool opens = sealed->empty() || std::ranges::any_of(*sealed, [&](const Opens& each) { return each(*box); });
  if (!opens) return lost(key_file, "holds another key than the one that the database's secrets were sealed with.");
  const auto canary = store.setting(std::string(kCanary));
  if (!canary) return tl::unexpected(canary.error());
  if (*canary) return box;
  store::Transaction transaction;
  transaction.settings.push_back({std::string(kCanary), box->seal(kCanaryText, kCanary)});
  const store::Transaction* const alone = &transaction;
  if (const auto committed = store.commit({&alone, 1}); !committed) return tl::unexpected(committed.error());
  return box;
}

}  // namespace crosswalk::service
