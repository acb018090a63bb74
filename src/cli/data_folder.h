#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cli/failure.h"

namespace crosswalk::cli {

// The data folder: crosswalk.db, secret.key, admin.key (first start), serve.json (while a server runs), lock.

[[nodiscard]] std::string path_in(const std::string& folder, std::string_view name);

/// Makes the folder (mode 0700) when absent. Fails with ExitCode::data when it cannot be made or written to.
[[nodiscard]] Outcome<void> prepare_data_folder(const std::string& folder);

/// Where a running server of this folder answers.
struct ServeFile {
  std::string url;
  pid_t pid = 0;
};
[[nodiscard]] Outcome<void> write_serve_file(const std::string& folder, const ServeFile& file);
void remove_serve_file(const std::string& folder);
/// Fails with ExitCode::unreachable when no server runs on this folder: nobody holds its lock, or it has not begun to
/// answer. What a server that was killed has left behind is not believed: another program may have its port by now.
[[nodiscard]] Outcome<ServeFile> read_serve_file(const std::string& folder);

/// Writes a file that only its owner can read, whole or not at all.
[[nodiscard]] Outcome<void> write_private_file(const std::string& path, std::string_view text);
/// The bytes of a file, whatever they are.
[[nodiscard]] Outcome<std::string> read_file(const std::string& path);
/// The same of a file that people write: without the byte order mark that some of their programs put before it.
[[nodiscard]] Outcome<std::string> read_text_file(const std::string& path);

/// What in the folder others than its owner can read, with the command that mends it.
struct OpenToOthers {
  std::string path, command;
  unsigned mode = 0;
};
[[nodiscard]] std::vector<OpenToOthers> open_to_others(const std::string& folder);

/// Held while a server uses the folder; the kernel lets go of it when the process ends, however it ends.
class DataLock {
 public:
  /// Fails with ExitCode::in_use, naming the process that holds it.
  [[nodiscard]] static Outcome<DataLock> take(const std::string& folder);
  /// Whether somebody holds it. Does not keep one who takes it at the same moment from it.
  [[nodiscard]] static bool is_held(const std::string& folder);
  DataLock(DataLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  DataLock& operator=(DataLock&&) = delete;
  ~DataLock();

 private:
  explicit DataLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace crosswalk::cli
