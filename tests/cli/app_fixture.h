#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <deque>
#include <filesystem>
#include <optional>
#include <sstream>

#include "cli/app.h"
#include "cli/client.h"
#include "cli/data_folder.h"

namespace crosswalk::cli {

using Reply = tl::expected<net::Response, net::TransportError>;

/// Answers what was prepared, in order, and remembers what was asked.
struct Script {
  std::deque<Reply> replies;
  std::vector<net::Request> requests;
};

class FakeTransport final : public net::Transport {
 public:
  explicit FakeTransport(Script& script) : script_(script) {}
  boost::asio::awaitable<Reply> send(net::Request request, net::SendOptions) override {
    script_.requests.push_back(std::move(request));
    if (script_.replies.empty()) co_return net::Response{.status = 500, .headers = {}, .body = ""};
    Reply reply = std::move(script_.replies.front());
    script_.replies.pop_front();
    co_return reply;
  }

 private:
  Script& script_;
};

inline net::Response answer(int status, const std::string& body) {
  return {.status = status, .headers = {}, .body = body};
}

class App : public testing::Test {
 protected:
  App() {
    std::string name = (std::filesystem::temp_directory_path() / "crosswalk-cli-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~App() override { std::filesystem::remove_all(folder_); }

  /// A data folder as a running server leaves it.
  void pretend_to_serve() {
    lock_.reset();
    auto lock = DataLock::take(folder_);
    ASSERT_TRUE(lock);
    lock_.emplace(std::move(*lock));
    ASSERT_TRUE(write_serve_file(folder_, {"http://127.0.0.1:8700", ::getpid()}));
    ASSERT_TRUE(write_private_file(path_in(folder_, "admin.key"), "cw_admin\n"));
  }

  bool at_terminal_ = false;  ///< somebody types what is read
  void reply(int status, const std::string& body) { script_.replies.emplace_back(answer(status, body)); }

  int run_with(std::vector<std::string> arguments, const std::string& input = "") {
    out_.str("");
    err_.str("");
    std::istringstream in(input);
    Surroundings surroundings{.out = out_,
                              .err = err_,
                              .in = in,
                              .out_terminal = {},
                              .err_terminal = {},
                              .in_is_terminal = at_terminal_,
                              .environment = environment_,
                              .make_transport = [this](const std::string& server, const std::string&) {
                                reached_ = server;
                                return std::make_unique<FakeTransport>(script_);
                              }};
    std::vector<const char*> words{"crosswalk"};
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    return run(static_cast<int>(words.size()), words.data(), surroundings, hooks_);
  }

  /// With --data at the test's folder.
  int client(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.end(), {"--data", folder_});
    return run_with(std::move(arguments), input);
  }

  std::string folder_, reached_;
  std::optional<DataLock> lock_;  ///< the running server's
  Script script_;
  Hooks hooks_;
  std::map<std::string, std::string> environment_;
  std::ostringstream out_, err_;
};

}  // namespace crosswalk::cli
