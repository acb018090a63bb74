#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "cli/failure.h"
#include "cli/terminal.h"
#include "net/http.h"

namespace crosswalk::cli {

struct Answer {
  int status = 0;
  json::value body;  ///< null when the answer has none
  std::string etag;  ///< of the version that was read or made; empty: it has none
};

/// A running server's API, as the commands use it: one request after the other, waited for.
class Client {
 public:
  struct Options {
    std::string server;  ///< URL without a path: "http://127.0.0.1:8700"
    std::string key;
    std::ostream* progress =
        nullptr;  ///< where "waiting ..." goes once a request takes longer than a second; null: nowhere
  };
  Client(net::Transport& transport, Options options) : transport_(transport), options_(std::move(options)) {}

  [[nodiscard]] Outcome<Answer> get(const std::string& path) { return send("GET", path, {}, {}); }
  /// `if_match`: the etag of what is to be changed; empty: whatever is there.
  [[nodiscard]] Outcome<Answer> send_json(const std::string& method, const std::string& path, const json::value& body,
                                          const std::string& if_match = {});
  [[nodiscard]] Outcome<Answer> send(const std::string& method, const std::string& path, std::string body,
                                     const std::string& content_type, const std::string& if_match = {});

  /// What the progress line says is being done, and how much of it is (0 to 1; below 0: nobody knows).
  void set_task(std::string task, double share_done = -1) {
    task_ = std::move(task);
    share_done_ = share_done;
  }
  [[nodiscard]] const std::string& server() const { return options_.server; }

 private:
  [[nodiscard]] tl::expected<net::Response, net::TransportError> exchange(net::Request request);

  net::Transport& transport_;
  Options options_;
  std::string task_ = "waiting for the server";
  double share_done_ = -1;
};

/// A progress bar: filled up to `share_done`, or, when that is below 0, with a piece that moves with `tick`.
[[nodiscard]] std::string progress_bar(double share_done, int tick);

/// The exit code that an HTTP status stands for.
[[nodiscard]] ExitCode exit_code_of(int status);

}  // namespace crosswalk::cli
