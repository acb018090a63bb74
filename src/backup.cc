#include "backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>

#include "cli/data_folder.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk {
namespace {

namespace fs = std::filesystem;
using cli::ExitCode;
using cli::Outcome;

constexpr std::string_view kDatabase = "crosswalk.db", kSealKey = "secret.key", kAdminKey = "admin.key";

Timestamp system_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

tl::unexpected<cli::Failure> unusable(const std::string& what, const std::string& reason, const std::string& action) {
  return cli::complain(ExitCode::data, {"data.unusable", "The folder cannot be used", what + ": " + reason, action});
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_empty_or_absent(const std::string& folder) {
  std::error_code ignored;
  return !fs::exists(folder, ignored) || (fs::is_directory(folder, ignored) && fs::is_empty(folder, ignored));
}

Outcome<void> copy_private_file(const std::string& from, const std::string& to) {
  const auto text = cli::read_file(from);
  if (!text) return tl::unexpected(text.error());
  return cli::write_private_file(to, *text);
}

/// What a rename has done must be on the disk before anybody relies on it.
void sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

/// Database and keys of one folder into another, which is made.
Outcome<void> copy_folder(const std::string& from, const std::string& to) {
  for (const std::string_view needed : {kDatabase, kSealKey})
    if (!exists(cli::path_in(from, needed)))
      return unusable(from, fmt::format("there is no {} in it", needed),
                      "Name a data folder, or a folder that `crosswalk backup` has made.");
  if (auto made = cli::prepare_data_folder(to); !made) return made;
  const auto copied = store::copy_database(cli::path_in(from, kDatabase), cli::path_in(to, kDatabase));
  if (!copied) return tl::unexpected(cli::to_failure(ExitCode::data, copied.error()));
  for (const std::string_view file : {kSealKey, kAdminKey}) {
    if (!exists(cli::path_in(from, file))) continue;
    if (auto done = copy_private_file(cli::path_in(from, file), cli::path_in(to, file)); !done) return done;
  }
  sync_folder(to);
  return {};
}

/// What a database holds, for people: enough to see that it is the right one.
Outcome<cli::json::object> contents(store::Store& store) {
  const auto counts = store.counts("");
  const auto partners = store.partners();
  if (!counts) return tl::unexpected(cli::to_failure(ExitCode::data, counts.error()));
  if (!partners) return tl::unexpected(cli::to_failure(ExitCode::data, partners.error()));
  return cli::json::object{{"partners", partners->size()},
                           {"events", counts->events},
                           {"records", counts->records},
                           {"links", counts->links}};
}

Outcome<cli::json::object> mark_restored(const std::string& folder) {
  auto store = store::open_sqlite_store({.path = cli::path_in(folder, kDatabase)});
  if (!store) return tl::unexpected(cli::to_failure(ExitCode::data, store.error()));
  store::Transaction mark;
  mark.restored_at = system_now();
  const store::Transaction* const all[] = {&mark};
  if (const auto done = (*store)->commit(all); !done)
    return tl::unexpected(cli::to_failure(ExitCode::data, done.error()));
  auto told = contents(**store);
  if (told) (*told)["restored_at"] = format_timestamp(*mark.restored_at);
  return told;
}

Outcome<void> put_in_place(const std::string& made, const std::string& folder, const std::string& aside) {
  std::error_code error;
  if (!is_empty_or_absent(folder)) {
    fs::rename(folder, aside, error);
    if (error) return unusable(folder, error.message(), "Move it away by hand, and try again.");
  } else {
    fs::remove(folder, error);
  }
  fs::rename(made, folder, error);
  if (error) return unusable(folder, error.message(), fmt::format("The restored folder is {}.", made));
  sync_folder(fs::absolute(folder).parent_path());
  return {};
}

}  // namespace

Outcome<cli::json::object> back_up(const cli::Config& config, const std::string& target) {
  ::umask(S_IRWXG | S_IRWXO);
  if (!is_empty_or_absent(target))
    return unusable(target, "there is something in it already", "Name a folder that does not exist yet.");
  if (auto copied = copy_folder(config.data.directory, target); !copied) {
    std::error_code ignored;
    fs::remove_all(target, ignored);
    return tl::unexpected(copied.error());
  }
  std::error_code ignored;
  return cli::json::object{{"folder", target},
                           {"of", config.data.directory},
                           {"made_at", format_timestamp(system_now())},
                           {"bytes", fs::file_size(cli::path_in(target, kDatabase), ignored)}};
}

Outcome<cli::json::object> restore(const cli::Config& config, const cli::RestoreOptions& options) {
  ::umask(S_IRWXG | S_IRWXO);
  const std::string& folder = config.data.directory;
  const bool there = !is_empty_or_absent(folder);
  std::optional<cli::DataLock> held;
  if (there) {
    auto lock = cli::DataLock::take(folder);
    if (!lock) return tl::unexpected(lock.error());
    held.emplace(std::move(*lock));
  }
  if (options.mark_only) {
    if (!exists(cli::path_in(folder, kDatabase)))
      return unusable(folder, "there is no database in it",
                      "Put the copy there first, or name it: crosswalk restore DIR");
    auto told = mark_restored(folder);
    if (told) (*told)["folder"] = folder;
    return told;
  }
  if (there && !options.replace)
    return unusable(folder, "there is something in it already",
                    "Say --replace to put it aside (nothing is deleted), or name another folder with --data DIR.");
  const std::string stamp = std::to_string(to_milliseconds(system_now()));
  const std::string made = folder + ".restoring-" + stamp, aside = folder + ".before-restore-" + stamp;
  Outcome<void> done = copy_folder(options.source, made);
  Outcome<cli::json::object> told = done ? mark_restored(made) : tl::unexpected(done.error());
  if (told) done = put_in_place(made, folder, aside);
  if (!told || !done) {
    std::error_code ignored;
    if (!told) fs::remove_all(made, ignored);
    return tl::unexpected(told ? done.error() : told.error());
  }
  (*told)["folder"] = folder;
  if (there) (*told)["former_folder"] = aside;
  return told;
}

}  // namespace crosswalk
