#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "store/store.h"

namespace crosswalk::store::contract {

/// A folder that is gone with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// One implementation of the store, for the suite to run on.
struct Implementation {
  std::string name;
  /// A new, empty store. What it needs of the disk it makes in `folder`.
  std::function<Result<std::unique_ptr<Store>>(const TemporaryFolder& folder)> open;
};

/// What every store must do. A program that links contract.cc instantiates it for its own implementations:
///   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(...), name_of);
class StoreContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override;
  /// Commits one transaction that must succeed.
  Committed commit(const Transaction& transaction);
  [[nodiscard]] std::optional<RecordRow> record(const RecordKey& ref);

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

[[nodiscard]] std::string name_of(const testing::TestParamInfo<Implementation>& info);

// Rows to begin with
[[nodiscard]] Timestamp at(std::int64_t seconds);
[[nodiscard]] EventRow event(const std::string& partner, const std::string& id);
[[nodiscard]] RecordRow alert(const std::string& partner, const std::string& key);
[[nodiscard]] MappingRow mapping(const std::string& state, const std::string& document);
[[nodiscard]] PartnerRow partner_row(const std::string& id);

}  // namespace crosswalk::store::contract
