#pragma once

#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "cli/client.h"
#include "cli/config.h"
#include "cli/failure.h"
#include "cli/terminal.h"

namespace crosswalk::cli {

/// The process's surroundings, given by main.cc and by tests.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  Terminal out_terminal, err_terminal;
  bool in_is_terminal = false;
  std::map<std::string, std::string> environment;
  /// Reaches `server` and nothing else; `ca_file` besides the system's certificates, "" for none.
  std::function<std::unique_ptr<net::Transport>(const std::string& server, const std::string& ca_file)> make_transport;
};

/// Options that all verbs share.
struct CommonOptions {
  std::string config_file, data, server, key, ca_file;
  bool as_json = false;
};

/// One run of a client verb: finds the server and the key when first needed, and shows what comes back.
class Session {
 public:
  Session(Surroundings& surroundings, const CommonOptions& options) : surroundings_(surroundings), options_(options) {}

  [[nodiscard]] Outcome<Client*> client();
  /// The data folder that --data, the environment or the configuration file names.
  [[nodiscard]] Outcome<std::string> data_folder();
  [[nodiscard]] Outcome<Config> config();

  /// The JSON as the API gave it with --json, else `text`.
  void show(const json::value& value, const std::function<std::string(const Terminal&)>& text);
  void say(const std::string& text) { surroundings_.out << text; }
  /// For people only, beside what a script reads: to stderr, and not with --json.
  void remark(const std::string& text);
  /// Prints the failure and answers its exit code.
  [[nodiscard]] ExitCode fail(const Failure& failure);

  [[nodiscard]] Surroundings& surroundings() { return surroundings_; }
  [[nodiscard]] const CommonOptions& options() const { return options_; }
  [[nodiscard]] bool as_json() const { return options_.as_json; }
  [[nodiscard]] std::string variable(const std::string& name) const;

 private:
  [[nodiscard]] Outcome<std::string> find_server();
  [[nodiscard]] Outcome<std::string> find_key(const std::string& server);

  Surroundings& surroundings_;
  CommonOptions options_;
  std::unique_ptr<net::Transport> transport_;
  std::unique_ptr<Client> client_;
};

/// Where the configuration comes from: the file named by --config or $CROSSWALK_CONFIG, else crosswalk.toml of the
/// working folder when there is one; then the environment, then `flags`. Fails with ExitCode::configuration, all errors
/// in its detail.
[[nodiscard]] Outcome<Config> load_config(const CommonOptions& options,
                                          const std::map<std::string, std::string>& environment,
                                          std::vector<ConfigSources::Flag> flags);

/// Reads a file, or the standard input for "-".
[[nodiscard]] Outcome<std::string> read_input(Session& session, const std::string& file);

/// Reads JSON; fails with ExitCode::problems naming `source`, line and column.
[[nodiscard]] Outcome<json::value> parse_json(const std::string& text, const std::string& source);

}  // namespace crosswalk::cli
