#include "cli/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace crosswalk::cli {
namespace {

class DataFolder : public testing::Test {
 protected:
  DataFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "crosswalk-data-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~DataFolder() override { std::filesystem::remove_all(root_); }
  std::string root_;
};

TEST_F(DataFolder, IsMadeForItsOwnerOnly) {
  const std::string folder = root_ + "/a/b";
  ASSERT_TRUE(prepare_data_folder(folder));
  struct stat status {};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0700u);
  EXPECT_TRUE(prepare_data_folder(folder));
}

TEST_F(DataFolder, IsRefusedWhereAFileIs) {
  std::ofstream(root_ + "/file") << "x";
  EXPECT_EQ(prepare_data_folder(root_ + "/file").error().exit, ExitCode::data);
  EXPECT_EQ(prepare_data_folder(root_ + "/file/data").error().exit, ExitCode::data);
}

TEST_F(DataFolder, BelongsToOneServerAtATime) {
  {
    const auto first = DataLock::take(root_);
    ASSERT_TRUE(first);
    const auto second = DataLock::take(root_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().exit, ExitCode::in_use);
    EXPECT_THAT(boost::json::serialize(second.error().problem),
                testing::HasSubstr("process " + std::to_string(::getpid())));
  }
  EXPECT_TRUE(DataLock::take(root_));
}

TEST_F(DataFolder, IsFreeAgainWhenItsServerWasKilled) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = DataLock::take(root_);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(DataLock::take(root_));
}

TEST_F(DataFolder, AskingWhoHoldsItKeepsNobodyFromTakingIt) {
  EXPECT_FALSE(DataLock::is_held(root_)) << "there is no lock yet";
  std::atomic<bool> done{false};
  std::vector<std::thread> askers;
  for (int i = 0; i < 3; ++i)
    askers.emplace_back([&] {
      while (!done) (void)DataLock::is_held(root_);
    });
  for (int i = 0; i < 500; ++i) {
    const auto lock = DataLock::take(root_);
    EXPECT_TRUE(lock);
    EXPECT_TRUE(DataLock::is_held(root_));
    EXPECT_FALSE(DataLock::take(root_)) << "another server is told at once";
  }
  done = true;
  for (std::thread& each : askers) each.join();
  EXPECT_FALSE(DataLock::is_held(root_));
}

TEST_F(DataFolder, TellsWhatOthersCanRead) {
  const std::string folder = root_ + "/data";
  ASSERT_TRUE(prepare_data_folder(folder));
  ASSERT_TRUE(write_private_file(path_in(folder, "secret.key"), "x"));
  std::ofstream(path_in(folder, "crosswalk.db")) << "x";
  ASSERT_EQ(::chmod(path_in(folder, "crosswalk.db").c_str(), 0600), 0);
  EXPECT_TRUE(open_to_others(folder).empty());
  ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path_in(folder, "secret.key").c_str(), 0640), 0);
  ASSERT_EQ(::chmod(path_in(folder, "crosswalk.db").c_str(), 0644), 0);
  std::vector<std::string> commands;
  for (const OpenToOthers& each : open_to_others(folder)) commands.push_back(each.command);
  EXPECT_THAT(commands, testing::ElementsAre("chmod 700 " + folder, "chmod 600 " + path_in(folder, "secret.key"),
                                             "chmod 600 " + path_in(folder, "crosswalk.db")));
}

TEST_F(DataFolder, TellsWhereItsServerAnswers) {
  EXPECT_EQ(read_serve_file(root_).error().exit, ExitCode::unreachable);
  ASSERT_TRUE(write_serve_file(root_, {"http://127.0.0.1:8700", ::getpid()}));
  EXPECT_EQ(read_serve_file(root_).error().exit, ExitCode::unreachable) << "nobody holds the folder";
  const auto lock = DataLock::take(root_);
  EXPECT_EQ(read_serve_file(root_)->url, "http://127.0.0.1:8700");
  remove_serve_file(root_);
  EXPECT_EQ(read_serve_file(root_).error().exit, ExitCode::unreachable);
  std::ofstream(path_in(root_, "serve.json")) << "{";
  EXPECT_EQ(read_serve_file(root_).error().exit, ExitCode::unreachable);
}

TEST_F(DataFolder, KeepsPrivateFilesPrivate) {
  const std::string path = path_in(root_, "admin.key");
  ASSERT_TRUE(write_private_file(path, "cw_x\n"));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(*read_text_file(path), "cw_x\n");
  EXPECT_FALSE(write_private_file(root_ + "/absent/file", "x"));
}

TEST_F(DataFolder, ATextHasNoByteOrderMarkAndBytesAreLeftAsTheyAre) {
  const std::string path = path_in(root_, "crosswalk.toml"), bytes = "\xEF\xBB\xBF[server]\n";
  ASSERT_TRUE(write_private_file(path, bytes));
  EXPECT_EQ(*read_text_file(path), "[server]\n");
  EXPECT_EQ(*read_file(path), bytes) << "the key that seals may begin with any bytes";
}

}  // namespace
}  // namespace crosswalk::cli
