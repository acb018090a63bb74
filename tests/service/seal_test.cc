#include "service/seal.h"

#include "harness.h"
#include "outbound/message.h"
#include "service/partner_settings.h"

namespace crosswalk::service {
namespace {

class Seal : public ServiceTest {
 protected:
  std::string key_file() { return (folder_ / "seal.key").string(); }
  std::string opened() {
    const auto box = open_secrets(*store, key_file());
    return box ? "opened" : box.error().code;
  }
  void put_sealed(const std::string& partner, const std::string& sealed) {
    store::Transaction transaction;
    store::PartnerRow row = **store->partner(partner);
    row.sealed_credentials = sealed;
    ++row.version;
    transaction.partners.push_back(row);
    commit(transaction);
  }
};

TEST_F(Seal, AKeyThatIsGoneIsNotMadeAnew) {
  EXPECT_EQ(opened(), "opened") << "nothing is sealed yet, so a key is made";
  EXPECT_EQ(opened(), "opened");
  std::filesystem::rename(key_file(), key_file() + ".away");
  EXPECT_EQ(opened(), "secrets.key_lost");
  EXPECT_FALSE(std::filesystem::exists(key_file()));
  std::filesystem::rename(key_file() + ".away", key_file());
  EXPECT_EQ(opened(), "opened");
}

TEST_F(Seal, AnotherKeyInItsPlaceIsRefused) {
  ASSERT_EQ(opened(), "opened");
  std::filesystem::remove(key_file());
  ASSERT_TRUE(net::SecretBox::open(key_file()));
  EXPECT_EQ(opened(), "secrets.key_lost");
}

TEST_F(Seal, AFolderFromBeforeIsJudgedByWhatIsSealedInIt) {
  {
    const auto box = net::SecretBox::open(key_file());
    put_sealed("northwind", seal({"public", "private"}, *box, "northwind"));
  }
  put_sealed("fabrikam", "v1.damaged");
  std::filesystem::rename(key_file(), key_file() + ".away");
  EXPECT_EQ(opened(), "secrets.key_lost");
  ASSERT_TRUE(net::SecretBox::open(key_file()));
  EXPECT_EQ(opened(), "secrets.key_lost");
  EXPECT_FALSE(store->setting("seal_canary")->has_value());
  std::filesystem::rename(key_file() + ".away", key_file());
  EXPECT_EQ(opened(), "opened") << "one that opens is enough";
  EXPECT_TRUE(store->setting("seal_canary")->has_value());
}

TEST_F(Seal, AWebhooksSecretTellsTheKeyToo) {
  store::Transaction transaction;
  store::WebhookRow row;
  row.id = "wh_1";
  row.types = row.partners = "[]";
  row.version = 1;
  {
    const auto box = net::SecretBox::open(key_file());
    row.sealed_secrets = outbound::seal_secrets({{"whsec_x", {}}}, row.id, *box);
  }
  transaction.outbound.webhooks.push_back(row);
  commit(transaction);
  std::filesystem::remove(key_file());
  EXPECT_EQ(opened(), "secrets.key_lost");
}

}  // namespace
}  // namespace crosswalk::service
