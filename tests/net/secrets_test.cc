#include "net/secrets.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

namespace crosswalk::net {
namespace {

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "crosswalk-secrets-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(SecretBox, CreatesItsKeyOnceAndForItsOwnerOnly) {
  const Directory directory;
  const auto first = SecretBox::open(directory.file("key"));
  ASSERT_TRUE(first) << first.error().message;
  struct stat status {};
  ASSERT_EQ(::stat(directory.file("key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(status.st_size, 32);
  const auto second = SecretBox::open(directory.file("key"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->unseal(first->seal("private key", "acme"), "acme"), "private key");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(SecretBox, GivesOneKeyToProgramsThatStartTogether) {
  const Directory directory;
  std::vector<std::string> sealed(8);
  std::vector<std::thread> threads;
  for (std::string& each : sealed) {
    threads.emplace_back([&] { each = SecretBox::open(directory.file("key"))->seal("s", "acme"); });
  }
  for (std::thread& thread : threads) thread.join();
  const auto box = SecretBox::open(directory.file("key"));
  for (const std::string& each : sealed) EXPECT_EQ(box->unseal(each, "acme"), "s");
}

TEST(SecretBox, RefusesAKeyFileItCannotUse) {
  const Directory directory;
  std::ofstream(directory.file("short")) << "too short";
  std::ofstream(directory.file("long")) << std::string(33, 'x');
  std::ofstream(directory.file("empty"));
  for (const std::string& file : {directory.file("short"), directory.file("long"), directory.file("empty"),
                                  directory.file("no/such/folder/key"), directory.path().string()}) {
    const auto box = SecretBox::open(file);
    ASSERT_FALSE(box) << file;
    EXPECT_EQ(box.error().code, "secrets.key_unreadable");
    EXPECT_NE(box.error().message.find(file), std::string::npos);
  }
}

RC_GTEST_PROP(SecretBox, OpensWhatItSealedUnderTheSameContext,
              (const std::string& secret, const std::string& context)) {
  static const Directory directory;
  static const auto box = SecretBox::open(directory.file("key"));
  const std::string sealed = box->seal(secret, context);
  RC_ASSERT(box->unseal(sealed, context) == secret);
  RC_ASSERT(box->seal(secret, context) != sealed);
  RC_ASSERT(!box->unseal(sealed, context + "x"));
  // Any other character makes it another text; the last one holds unused bits, which must be zero.
  std::string damaged = sealed;
  char& character = damaged[*rc::gen::inRange<std::size_t>(0, damaged.size())];
  character = character == 'A' ? 'B' : 'A';
  RC_ASSERT(!box->unseal(damaged, context));
  RC_ASSERT(!box->unseal(sealed.substr(0, sealed.size() - 1), context));
}

TEST(SecretBox, DoesNotOpenWithAnotherKeyOrFromAnotherText) {
  const Directory directory;
  const auto one = SecretBox::open(directory.file("one"));
  const auto other = SecretBox::open(directory.file("other"));
  for (const std::string& sealed :
       {other->seal("secret", "acme"), std::string(), std::string("v1."), std::string("v2.AAAA"),
        std::string("v1.AAAA"), std::string("v1.!!!!"), std::string(1000, 'A')}) {
    const auto opened = one->unseal(sealed, "acme");
    ASSERT_FALSE(opened) << sealed;
    EXPECT_EQ(opened.error().code, "secrets.unreadable");
  }
}

TEST(SecretBox, DerivesWhatOnlyItsKeyAndTheContextTell) {
  const Directory directory;
  const auto box = SecretBox::open(directory.file("one"));
  const auto other = SecretBox::open(directory.file("other"));
  EXPECT_EQ(box->derive("acme"), SecretBox::open(directory.file("one"))->derive("acme"));
  EXPECT_NE(box->derive("acme"), box->derive("acmf"));
  EXPECT_NE(box->derive("acme"), other->derive("acme"));
  EXPECT_EQ(box->derive("").size(), 43u);
}

TEST(ApiKeys, AreLongRandomAndNeverStoredAsTheyAre) {
  std::set<std::string> keys;
  for (int count = 0; count < 100; ++count) {
    const std::string key = make_api_key();
    EXPECT_EQ(key.size(), 43u);
    EXPECT_TRUE(key.starts_with("cw_"));
    EXPECT_EQ(key.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 3), std::string::npos);
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 100u);
  EXPECT_EQ(hash_api_key("cw_A"), hash_api_key("cw_A"));
  EXPECT_NE(hash_api_key("cw_A"), hash_api_key("cw_B"));
  EXPECT_EQ(hash_api_key("cw_A").size(), 64u);
}

}  // namespace
}  // namespace crosswalk::net
