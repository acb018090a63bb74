#include "store/sqlite/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "store/sqlite/connection.h"

namespace crosswalk::store {
namespace {

constexpr const char* kProve = "PRAGMA quick_check(1)";

/// The copy is one only when it is on the disk.
bool sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

Result<void> copy_pages(const std::string& from, const std::string& to, Duration busy_timeout) {
  auto source = Connection::open(from, Connection::Access::read, busy_timeout);
  if (!source) return tl::unexpected(source.error());
  auto target = Connection::open(to, Connection::Access::write, busy_timeout);
  if (!target) return tl::unexpected(target.error());
  if (auto copied = (*target)->copy_from(**source); !copied) return copied;
  // One file that stands for itself, without a log beside it.
  (*target)->execute("PRAGMA journal_mode = DELETE");
  if ((*target)->failed()) return tl::unexpected((*target)->take_error());
  return {};
}

}  // namespace

Result<void> prove_database(const std::string& path) {
  auto opened = Connection::open(path, Connection::Access::read, Duration{0});
  if (!opened) return tl::unexpected(opened.error());
  Connection& connection = **opened;
  std::string said;
  {
    Statement statement = connection.prepare(kProve);
    if (statement.next()) said = statement.text(0);
  }
  if (connection.failed()) return tl::unexpected(connection.take_error());
  if (said != "ok") return failure("store.damaged", "The database " + path + " does not hold together: " + said);
  return {};
}

Result<void> copy_database(const std::string& from, const std::string& to, Duration busy_timeout) {
  Result<void> copied = copy_pages(from, to, busy_timeout);
  if (copied) copied = prove_database(to);
  if (copied && !sync_file(to))
    copied = failure("store.failed", "The copy " + to + " could not be written to the disk.");
  if (!copied) {
    std::error_code ignored;
    std::filesystem::remove(to, ignored);
  }
  return copied;
}

}  // namespace crosswalk::store
