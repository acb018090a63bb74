#include "cli/session.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>
#include <filesystem>
#include <iterator>

#include "base/text.h"
#include "cli/data_folder.h"
#include "cli/render.h"

namespace crosswalk::cli {
namespace {

constexpr std::string_view kConfigFile = "crosswalk.toml";

/// "127.0.0.1:8700", "http://127.0.0.1:8700/" and "http://127.0.0.1:8700" are one server.
std::string plain_url(std::string url) {
  if (url.find("://") == std::string::npos) url.insert(0, "http://");
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Outcome<Config> load_config(const CommonOptions& options, const std::map<std::string, std::string>& environment,
                            std::vector<ConfigSources::Flag> flags) {
  ConfigSources sources;
  sources.environment = environment;
  sources.flags = std::move(flags);
  const auto named = environment.find("CROSSWALK_CONFIG");
  sources.file_name = options.config_file;
  if (sources.file_name.empty() && named != environment.end()) sources.file_name = named->second;
  const bool must_be_there = !sources.file_name.empty();
  if (!must_be_there) sources.file_name = kConfigFile;
  std::error_code error;
  if (must_be_there || std::filesystem::exists(sources.file_name, error)) {
    Outcome<std::string> text = read_text_file(sources.file_name);
    if (!text) {
      text.error().exit = ExitCode::configuration;
      return tl::unexpected(text.error());
    }
    sources.file_text = std::move(*text);
  }
  auto config = read_config(sources);
  if (config) return std::move(*config);
  json::array problems;
  for (const ConfigError& wrong : config.error()) {
    problems.push_back(
        {{"level", "error"}, {"code", "config.invalid"}, {"pointer", wrong.where}, {"message", wrong.message}});
  }
  return tl::unexpected(
      Failure{ExitCode::configuration,
              {{"title", "The configuration is wrong"},
               {"code", "config.invalid"},
               {"problems", std::move(problems)},
               {"action",
                "Correct this and start again; crosswalk.example.toml shows every key, and so does `crosswalk config "
                "example`."}}});
}

std::string Session::variable(const std::string& name) const {
  const auto found = surroundings_.environment.find(name);
  return found == surroundings_.environment.end() ? "" : found->second;
}

Outcome<Config> Session::config() {
  std::vector<ConfigSources::Flag> flags;
  if (!options_.data.empty()) flags.push_back({"data", "directory", options_.data, "--data"});
  return load_config(options_, surroundings_.environment, std::move(flags));
}

Outcome<std::string> Session::data_folder() {
  // Named outright, it does not matter what else the configuration says.
  if (!options_.data.empty()) return options_.data;
  if (const std::string named = variable("CROSSWALK_DATA");
      !named.empty() && variable("CROSSWALK_DATA_DIRECTORY").empty()) {
    return named;
  }
  return config().map([](const Config& config) { return config.data.directory; });
}

Outcome<std::string> Session::find_server() {
  if (!options_.server.empty()) return plain_url(options_.server);
  if (const std::string named = variable("CROSSWALK_SERVER"); !named.empty()) return plain_url(named);
  const Outcome<std::string> folder = data_folder();
  if (!folder) return folder;
  return read_serve_file(*folder).map([](const ServeFile& file) { return plain_url(file.url); });
}

namespace {

/// As it was meant, whatever program has written it.
std::string plain_key(const std::string& text) { return std::string(trim(without_byte_order_mark(trim(text)))); }

}  // namespace

Outcome<std::string> Session::find_key(const std::string& server) {
  if (options_.key.starts_with('@')) {
    return read_text_file(options_.key.substr(1)).map(plain_key);
  }
  if (!options_.key.empty()) return plain_key(options_.key);
  if (const std::string key = variable("CROSSWALK_KEY"); !key.empty()) return plain_key(key);
  const Outcome<std::string> folder = data_folder();
  if (!folder) return folder;
  // The administration key is given only to the server that holds the folder's lock, at the address that it wrote:
  // anything else on this machine may listen at a port that a server once had.
  const Outcome<ServeFile> running = read_serve_file(*folder);
  const bool own = running && plain_url(running->url) == server;
  const Outcome<std::string> key = own ? read_text_file(path_in(*folder, "admin.key")) : Outcome<std::string>("");
  if (key && !key->empty()) return plain_key(*key);
  return complain(
      ExitCode::refused,
      {"key.missing", "No API key was given",
       own ? fmt::format("There is no readable admin.key in the data folder {}.", *folder)
           : fmt::format("The key in the data folder {} is for the server that runs on it, and that is not {}.",
                         *folder, server),
       "Give one with --key KEY, --key @FILE or $CROSSWALK_KEY; `crosswalk keys create --offline` makes one in the "
       "data folder "
       "of a stopped server."});
}

Outcome<Client*> Session::client() {
  if (client_) return client_.get();
  const Outcome<std::string> server = find_server();
  if (!server) return tl::unexpected(server.error());
  const Outcome<std::string> key = find_key(*server);
  if (!key) return tl::unexpected(key.error());
  transport_ = surroundings_.make_transport(*server, options_.ca_file);
  std::ostream* progress = surroundings_.err_terminal.is_terminal ? &surroundings_.err : nullptr;
  client_ = std::make_unique<Client>(*transport_, Client::Options{*server, *key, progress});
  return client_.get();
}

void Session::show(const json::value& value, const std::function<std::string(const Terminal&)>& text) {
  surroundings_.out << (options_.as_json ? pretty(value) : text(surroundings_.out_terminal));
}

void Session::remark(const std::string& text) {
  if (!options_.as_json) surroundings_.err << text;
}

ExitCode Session::fail(const Failure& failure) {
  surroundings_.err << (options_.as_json ? pretty(failure.problem)
                                         : render_problem(surroundings_.err_terminal, failure.problem));
  return failure.exit;
}

Outcome<std::string> read_input(Session& session, const std::string& file) {
  if (file != "-") return read_text_file(file);
  std::istream& in = session.surroundings().in;
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return std::string(without_byte_order_mark(text));
}

Outcome<json::value> parse_json(const std::string& text, const std::string& source) {
  json::stream_parser parser;
  json::error_code error;
  const std::size_t read = parser.write_some(text, error);
  if (!error) parser.finish(error);
  const std::string_view rest = std::string_view(text).substr(std::min(read, text.size()));
  const bool complete = !error && trim(rest).empty();
  if (complete) return parser.release();
  const std::string_view before = std::string_view(text).substr(0, read);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t column = read - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1) + 1;
  return complain(
      ExitCode::problems,
      {"json.invalid", "This is not JSON",
       fmt::format("{}:{}:{}: {}", source, line, column, error ? error.message() : "something follows the end"),
       "Correct it there. Frequent causes: a comma after the last item, single quotes, comments."});
}

}  // namespace crosswalk::cli
