#include "cli/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/lexical_cast/try_lexical_convert.hpp>
#include <cmath>
#include <numeric>
#include <set>

// Errors are values here, and the parser stays in this one file.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/text.h"
#include "cli/config_keys.h"
#include "cli/terminal.h"

namespace crosswalk::cli {
namespace {

using Type = ConfigKey::Type;
using Errors = std::vector<ConfigError>;
template <class T>
using Expected = tl::expected<T, std::string>;  ///< the error says what was expected

/// Beyond this many edits two names are not taken for a slip of the keyboard.
constexpr std::size_t kEditsMax = 3;
/// For environment variables of other programs: only an almost right name is taken for ours.
constexpr std::size_t kEditsForeignMax = 2;
/// Read by the program, but no configuration keys.
constexpr std::string_view kOtherVariables[] = {"CROSSWALK_DATA", "CROSSWALK_KEY", "CROSSWALK_SERVER",
                                                "CROSSWALK_CONFIG"};

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = left[i - 1] == right[j - 1] ? diagonal : 1 + std::min({diagonal, above, row[j - 1]});
      diagonal = above;
    }
  }
  return row.back();
}

struct Near {
  std::string name;
  std::size_t edits = std::string::npos;
};

template <class Names>
Near nearest(std::string_view name, const Names& names) {
  Near best;
  for (const auto& candidate : names) {
    const std::size_t edits = edit_distance(name, candidate);
    if (edits < best.edits) best = {std::string(candidate), edits};
  }
  return best;
}

std::string list_words(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

/// The last check, common to all sources.
Expected<ConfigValue> checked(const ConfigKey& key, ConfigValue value) {
  const auto outside = [&key](double number) {
    return !std::isfinite(number) || number < key.least || number > key.most;
  };
  bool wrong = false;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) wrong = outside(static_cast<double>(*whole));
  if (const auto* number = std::get_if<double>(&value)) wrong = outside(*number);
  if (const auto* duration = std::get_if<Duration>(&value)) wrong = outside(static_cast<double>(duration->count()));
  if (key.type == Type::choice) {
    wrong = std::ranges::find(key.choices, std::get<std::string>(value)) == key.choices.end();
  }
  if (const auto* table = std::get_if<std::map<std::string, std::string>>(&value)) {
    wrong = std::ranges::any_of(*table, [&key](const auto& entry) {
      return std::ranges::find(key.choices, entry.second) == key.choices.end();
    });
  }
  if (wrong) return tl::unexpected(describe_expected(key));
  if (key.check) {
    if (const std::string_view expected = key.check(value); !expected.empty())
      return tl::unexpected(std::string(expected));
  }
  return value;
}

Expected<ConfigValue> from_node(const ConfigKey& key, const toml::node& node) {
  const auto unfit = [&key] { return tl::unexpected(describe_expected(key)); };
  switch (key.type) {
    case Type::text:
    case Type::choice:
      if (const auto* text = node.as_string()) return checked(key, text->get());
      return unfit();
    case Type::whole:
      if (const auto* whole = node.as_integer()) return checked(key, whole->get());
      return unfit();
    case Type::number:
      if (const auto* whole = node.as_integer()) return checked(key, static_cast<double>(whole->get()));
      if (const auto* number = node.as_floating_point()) return checked(key, number->get());
      return unfit();
    case Type::yes_no:
      if (const auto* yes_no = node.as_boolean()) return checked(key, yes_no->get());
      return unfit();
    case Type::duration:
      if (const auto* text = node.as_string()) {
        if (const auto duration = parse_duration(text->get())) return checked(key, *duration);
      }
      return unfit();
    case Type::list: {
      const auto* array = node.as_array();
      if (!array) return unfit();
      std::vector<std::string> items;
      for (const toml::node& item : *array) {
        if (!item.is_string()) return unfit();
        items.push_back(item.as_string()->get());
      }
      return checked(key, std::move(items));
    }
    case Type::table: {
      const auto* table = node.as_table();
      if (!table) return unfit();
      std::map<std::string, std::string> items;
      for (const auto& [name, item] : *table) {
        if (!item.is_string()) return unfit();
        items[to_lower(name.str())] = item.as_string()->get();
      }
      return checked(key, std::move(items));
    }
  }
  return unfit();
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (const std::string_view part = trim(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return parts;
}

Expected<ConfigValue> from_text(const ConfigKey& key, const std::string& text) {
  const auto unfit = [&key](std::string_view form = {}) {
    return tl::unexpected(describe_expected(key) + (form.empty() ? "" : fmt::format(", written {}", form)));
  };
  std::int64_t whole = 0;
  double number = 0;
  switch (key.type) {
    case Type::text:
    case Type::choice:
      return checked(key, text);
    case Type::whole:
      if (boost::conversion::try_lexical_convert(text, whole)) return checked(key, whole);
      return unfit();
    case Type::number:
      if (boost::conversion::try_lexical_convert(text, number)) return checked(key, number);
      return unfit();
    case Type::yes_no:
      if (text == "true" || text == "false") return checked(key, text == "true");
      return unfit();
    case Type::duration:
      if (const auto duration = parse_duration(text)) return checked(key, *duration);
      return unfit();
    case Type::list:
      return checked(key, split(text, ','));
    case Type::table: {
      std::map<std::string, std::string> items;
      for (const std::string& part : split(text, ',')) {
        const std::size_t equals = part.find('=');
        if (equals == std::string::npos) return unfit("name=value,name=value");
        items[to_lower(trim(std::string_view(part).substr(0, equals)))] =
            trim(std::string_view(part).substr(equals + 1));
      }
      return checked(key, std::move(items));
    }
  }
  return unfit();
}

std::string quote_node(const toml::node& node) {
  std::ostringstream text;
  node.visit([&text](const auto& value) { text << value; });
  return cut_text(single_line(text.str()), 60);
}

std::string place(const std::string& file, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", file, at.line, at.column);
}

const ConfigKey* find_key(std::string_view section, std::string_view name) {
  for (const ConfigKey& key : config_keys()) {
    if (key.section == section && key.name == name) return &key;
  }
  return nullptr;
}

std::vector<std::string> names_of(std::string_view section) {
  std::vector<std::string> names;
  for (const ConfigKey& key : config_keys()) {
    if (key.section == section) names.emplace_back(key.name);
  }
  return names;
}

std::string unknown_key(std::string_view section, std::string_view name) {
  const std::vector<std::string> here = names_of(section);
  const Near near = nearest(name, here);
  std::string message = fmt::format("[{}] has no key \"{}\"; ", section, name);
  if (near.edits <= kEditsMax) return message + fmt::format("did you mean \"{}\"?", near.name);
  for (const ConfigKey& key : config_keys()) {
    if (key.name == name) return message + fmt::format("\"{}\" belongs into [{}]", name, key.section);
  }
  return message + fmt::format("its keys are {}", list_words(here));
}

std::string unknown_section(std::string_view name) {
  std::vector<std::string> names;
  for (const ConfigSection& section : config_sections()) names.emplace_back(section.name);
  if (const Near near = nearest(name, names); near.edits <= kEditsMax) {
    return fmt::format("there is no section [{}]; did you mean [{}]?", name, near.name);
  }
  for (const ConfigKey& key : config_keys()) {
    if (key.name == name) return fmt::format("\"{}\" belongs into the section [{}]", name, key.section);
  }
  return fmt::format("there is no section [{}]; the sections are {}", name, list_words(names));
}

void read_section(const std::string& file, std::string_view section, const toml::table& table, Config& config,
                  Errors& errors) {
  for (const auto& [name, node] : table) {
    const ConfigKey* key = find_key(section, name.str());
    if (!key) {
      errors.push_back({place(file, name.source().begin), unknown_key(section, name.str())});
      continue;
    }
    const auto value = from_node(*key, node);
    if (value) {
      key->set(config, *value);
    } else {
      errors.push_back({place(file, node.source().begin),
                        fmt::format("{}.{} is {}; expected {}", section, key->name, quote_node(node), value.error())});
    }
  }
}

void read_file(const ConfigSources& sources, Config& config, Errors& errors) {
  const toml::parse_result parsed = toml::parse(sources.file_text, sources.file_name);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    errors.push_back({place(sources.file_name, error.source().begin),
                      fmt::format("this is not TOML: {}", single_line(error.description()))});
    return;
  }
  for (const auto& [name, node] : parsed.table()) {
    const bool known = std::ranges::any_of(
        config_sections(), [&name](const ConfigSection& section) { return section.name == name.str(); });
    if (!known) {
      errors.push_back({place(sources.file_name, name.source().begin), unknown_section(name.str())});
    } else if (const toml::table* table = node.as_table()) {
      read_section(sources.file_name, name.str(), *table, config, errors);
    } else {
      errors.push_back({place(sources.file_name, node.source().begin),
                        fmt::format("{0} is {1}; expected a section, written [{0}]", name.str(), quote_node(node))});
    }
  }
}

/// Ours by its section, or so near to one of ours that it is a slip of the keyboard; other programs (and Kubernetes,
/// which makes variables from the names of services) may use the prefix as well.
void refuse_if_ours(const std::string& name, Errors& errors) {
  std::vector<std::string> known;
  for (const ConfigKey& key : config_keys()) known.push_back(environment_name(key));
  const Near near = nearest(name, known);
  if (near.edits <= kEditsForeignMax) {
    errors.push_back(
        {fmt::format("environment variable {}", name), fmt::format("is not known; did you mean {}?", near.name)});
  }
}

void read_environment(const ConfigSources& sources, Config& config, Errors& errors) {
  std::set<std::string> known(std::begin(kOtherVariables), std::end(kOtherVariables));
  // The short name is weaker than the full one.
  if (const auto data = sources.environment.find("CROSSWALK_DATA");
      data != sources.environment.end() && !data->second.empty()) {
    config.data.directory = data->second;
  }
  for (const ConfigKey& key : config_keys()) {
    const std::string name = environment_name(key);
    known.insert(name);
    const auto found = sources.environment.find(name);
    if (found == sources.environment.end()) continue;
    if (const auto value = from_text(key, found->second)) {
      key.set(config, *value);
    } else {
      errors.push_back(
          {fmt::format("environment variable {}", name),
           fmt::format("is \"{}\"; expected {}", cut_text(single_line(found->second), 60), value.error())});
    }
  }
  for (const auto& [name, text] : sources.environment) {
    if (!known.contains(name)) refuse_if_ours(name, errors);
  }
}

void read_flags(const ConfigSources& sources, Config& config, Errors& errors) {
  for (const ConfigSources::Flag& flag : sources.flags) {
    const std::string where = fmt::format("option {}", flag.option);
    const ConfigKey* key = find_key(flag.section, flag.key);
    if (!key) {
      const bool section_known = !names_of(flag.section).empty();
      errors.push_back({where, section_known ? unknown_key(flag.section, flag.key) : unknown_section(flag.section)});
      continue;
    }
    if (const auto value = from_text(*key, flag.text)) {
      key->set(config, *value);
    } else {
      errors.push_back({where, fmt::format("{}.{} is \"{}\"; expected {}", flag.section, flag.key,
                                           cut_text(single_line(flag.text), 60), value.error())});
    }
  }
}

void check_together(const Config& config, Errors& errors) {
  if (config.server.certificate_file.empty() != config.server.private_key_file.empty()) {
    errors.push_back(
        {"section [server]",
         "certificate_file and private_key_file go together; expected both for HTTPS, or neither for HTTP"});
  }
}

std::string comment_lines(std::string_view text, std::size_t width) {
  std::string lines, line = "#";
  for (const std::string& word : split(text, ' ')) {
    if (line.size() + 1 + word.size() > width) {
      lines += line + "\n";
      line = "#";
    }
    line += " " + word;
  }
  return lines + line + "\n";
}

}  // namespace

Config default_config() {
  static const Config defaults = [] {
    Config config;
    for (const ConfigKey& key : config_keys()) {
      const toml::parse_result parsed = toml::parse(fmt::format("value = {}", key.fallback));
      key.set(config, *from_node(key, *parsed.table().get("value")));
    }
    return config;
  }();
  return defaults;
}

tl::expected<Config, std::vector<ConfigError>> read_config(const ConfigSources& sources) {
  Config config = default_config();
  Errors errors;
  read_file(sources, config, errors);
  read_environment(sources, config, errors);
  read_flags(sources, config, errors);
  if (errors.empty()) check_together(config, errors);
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return config;
}

std::string example_toml() {
  constexpr std::size_t kWidth = 100;
  std::string text = comment_lines(
      "Crosswalk's configuration, every key with its default. Copy it to crosswalk.toml in the folder where `crosswalk "
      "serve` runs (or "
      "name it with --config), and keep only what you change. Environment variables win over this file, options of the "
      "command line win "
      "over both. Unknown keys and bad values are refused at start.",
      kWidth);
  for (const ConfigSection& section : config_sections()) {
    text += fmt::format("\n{}[{}]\n", comment_lines(section.description, kWidth), section.name);
    for (const ConfigKey& key : config_keys()) {
      if (key.section != section.name) continue;
      text += fmt::format(
          "\n{}{}{} = {}\n", comment_lines(key.description, kWidth),
          comment_lines(fmt::format("Value: {}. Environment: {}", describe_expected(key), environment_name(key)),
                        kWidth),
          key.name, key.fallback);
    }
  }
  return text;
}

namespace {

/// As wide as all documents are.
constexpr std::size_t kReferenceColumns = 100;

std::string paragraphs(std::string_view text) {
  std::string wrapped;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    wrapped += (wrapped.empty() ? "" : "\n") + wrap(text.substr(0, end), 0, kReferenceColumns);
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  if (!wrapped.empty()) wrapped.pop_back();
  return wrapped;
}

}  // namespace

std::string reference_markdown() {
  std::string text;
  for (const ConfigSection& section : config_sections()) {
    text += fmt::format("## [{}]\n\n{}\n\n| key | value | default | environment variable |\n|---|---|---|---|\n",
                        section.name, paragraphs(section.description));
    std::string words;
    for (const ConfigKey& key : config_keys()) {
      if (key.section != section.name) continue;
      text += fmt::format("| `{}` | {} | `{}` | `{}` |\n", key.name, describe_expected(key), key.fallback,
                          environment_name(key));
      words += "-" + wrap(fmt::format("`{}`: {}", key.name, key.description), 2, kReferenceColumns).substr(1);
    }
    text += fmt::format("\n{}\n", words);
  }
  return text;
}

}  // namespace crosswalk::cli
