#include "cli/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace crosswalk::cli {
namespace {

constexpr std::string_view kServeFile = "serve.json";
constexpr std::string_view kLockFile = "lock";

tl::unexpected<Failure> unusable(const std::string& what, const std::string& reason) {
  return complain(ExitCode::data,
                  {"data.unusable", "The data folder cannot be used", fmt::format("{}: {}", what, reason),
                   "Name a folder that this user may write to (--data DIR), or change the folder's owner and mode."});
}

tl::unexpected<Failure> not_running(const std::string& folder, const std::string& reason) {
  return complain(
      ExitCode::unreachable,
      {"server.not_running", "No Crosswalk server was found", reason,
       fmt::format("Start one with `crosswalk serve --data {0}`, name another data folder with --data DIR (or "
                   "$CROSSWALK_DATA), or a server with --server URL.",
                   folder)});
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Those who only ask hold the lock for microseconds; who is in their way for so long has been stopped.
constexpr int kLockTriesMax = 100'000;

/// Takes the lock, unless another has it for itself. Those who ask whether it is held share it for a moment: they are
/// told from a holder by sharing it with them.
bool lock_alone(int descriptor) {
  for (int tries = 0; tries < kLockTriesMax; ++tries) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (::flock(descriptor, LOCK_SH | LOCK_NB) != 0) return false;
    ::flock(descriptor, LOCK_UN);
    ::sched_yield();
  }
  return false;
}

}  // namespace

std::string path_in(const std::string& folder, std::string_view name) {
  return (std::filesystem::path(folder) / name).string();
}

Outcome<void> prepare_data_folder(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    if (std::filesystem::exists(folder, error)) return unusable(folder, "it is not a folder");
    std::filesystem::create_directories(folder, error);
    if (error) return unusable(folder, error.message());
    if (::chmod(folder.c_str(), S_IRWXU) != 0) return unusable(folder, std::strerror(errno));
  }
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) return unusable(folder, std::strerror(errno));
  return {};
}

Outcome<void> write_private_file(const std::string& path, std::string_view text) {
  const std::string draft = fmt::format("{}.{}", path, ::getpid());
  const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return unusable(path, std::strerror(errno));
  const bool written = write_all(descriptor, text) && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  if (!written || ::rename(draft.c_str(), path.c_str()) != 0) {
    const int cause = written ? errno : reason;
    ::unlink(draft.c_str());
    return unusable(path, std::strerror(cause));
  }
  return {};
}

Outcome<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || file.bad()) {
    return complain(ExitCode::failed,
                    {"file.unreadable", "A file cannot be read", fmt::format("{}: {}", path, std::strerror(errno)),
                     "Check the name, and that this user may read it."});
  }
  return text.str();
}

Outcome<std::string> read_text_file(const std::string& path) {
  return read_file(path).map([](const std::string& bytes) { return std::string(without_byte_order_mark(bytes)); });
}

std::vector<OpenToOthers> open_to_others(const std::string& folder) {
  std::vector<OpenToOthers> found;
  const auto look = [&](const std::string& path, std::string_view mode) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
    found.push_back({path, fmt::format("chmod {} {}", mode, path), status.st_mode & 0777u});
  };
  look(folder, "700");
  for (const std::string_view name : {"secret.key", "admin.key", "crosswalk.db", "crosswalk.db-wal"})
    look(path_in(folder, name), "600");
  return found;
}

Outcome<void> write_serve_file(const std::string& folder, const ServeFile& file) {
  const json::object content{{"url", file.url}, {"pid", file.pid}};
  return write_private_file(path_in(folder, kServeFile), json::serialize(content) + "\n");
}

void remove_serve_file(const std::string& folder) { ::unlink(path_in(folder, kServeFile).c_str()); }

Outcome<ServeFile> read_serve_file(const std::string& folder) {
  const Outcome<std::string> text = read_text_file(path_in(folder, kServeFile));
  if (!text)
    return not_running(folder,
                       fmt::format("There is no {}, so no server runs on the data folder {}.", kServeFile, folder));
  json::error_code error;
  const json::value content = json::parse(*text, error);
  const json::object& object = as_object(content);
  const ServeFile file{text_at(object, "url"), static_cast<pid_t>(number_at(object, "pid"))};
  if (error || file.url.empty()) return not_running(folder, fmt::format("{} is damaged.", path_in(folder, kServeFile)));
  // Its process is looked for as well: who has just taken the lock has not removed yet what was left behind.
  const bool has_ended = file.pid > 0 && ::kill(file.pid, 0) != 0 && errno == ESRCH;
  if (has_ended || !DataLock::is_held(folder)) {
    return not_running(
        folder, fmt::format("The server that used the data folder {} (process {}) has ended.", folder, file.pid));
  }
  return file;
}

Outcome<DataLock> DataLock::take(const std::string& folder) {
  const std::string path = path_in(folder, kLockFile);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return unusable(path, std::strerror(errno));
  DataLock lock(descriptor);
  if (!lock_alone(descriptor)) {
    const std::string holder(trim(read_text_file(path).value_or("")));
    return complain(ExitCode::in_use, {"data.in_use", "Another Crosswalk uses this data folder",
                                       fmt::format("The data folder {} is held by {}.", folder,
                                                   holder.empty() ? "another process" : "process " + holder),
                                       "Stop that one, or give this one a data folder of its own (--data DIR)."});
  }
  const bool named = ::ftruncate(descriptor, 0) == 0 && write_all(descriptor, std::to_string(::getpid()) + "\n");
  if (!named) return unusable(path, std::strerror(errno));
  return lock;
}

bool DataLock::is_held(const std::string& folder) {
  const int descriptor = ::open(path_in(folder, kLockFile).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  // Shared, so that those who ask do not take each other for a server.
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

DataLock::~DataLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace crosswalk::cli
