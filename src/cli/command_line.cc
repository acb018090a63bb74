#include "cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/nearest_word.h"

namespace crosswalk::cli {
namespace {

bool is_option(std::string_view word) { return word.starts_with("-") && word.size() > 1; }

std::string name_of(const std::string& option) { return option.substr(0, option.find('=')); }

/// Options count for the verb and for all that it is below of.
const CLI::Option* find_option(const std::vector<const CLI::App*>& path, const std::string& word) {
  for (const CLI::App* app : path)
    if (const CLI::Option* option = app->get_option_no_throw(name_of(word))) return option;
  return nullptr;
}

/// The word after it belongs to it.
bool takes_next_word(const std::vector<const CLI::App*>& path, const std::string& word) {
  const CLI::Option* option = find_option(path, word);
  return option && option->get_expected_min() > 0 && option->get_type_size_min() > 0 &&
         word.find('=') == std::string::npos;
}

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* find_verb(const CLI::App& app, const std::string& name) {
  for (const CLI::App* verb : verbs_of(app))
    if (verb->get_name() == name) return verb;
  return nullptr;
}

struct Walk {
  std::vector<const CLI::App*> path;  ///< the program and its verbs, as far as they are known
  std::size_t next = 0;               ///< the first word behind the verbs
  std::optional<std::string> unknown;
};

Walk walk(const CLI::App& app, const std::vector<std::string>& words) {
  Walk found{{&app}, 0, {}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (verbs_of(*found.path.back()).empty()) break;
    if (is_option(words[i])) {
      if (takes_next_word(found.path, words[i])) ++i;
      continue;
    }
    const CLI::App* verb = find_verb(*found.path.back(), words[i]);
    if (!verb) {
      found.unknown = words[i];
      return found;
    }
    found.path.push_back(verb);
    found.next = i + 1;
  }
  return found;
}

std::string unknown_verb(const CLI::App& parent, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* verb : verbs_of(parent)) names.push_back(verb->get_name());
  const std::vector<std::string_view> known(names.begin(), names.end());
  const bool is_program = parent.get_parent() == nullptr;
  const std::string whole = is_program ? "crosswalk" : "crosswalk " + parent.get_name();
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + name;
  return fmt::format("There is no verb `{} {}`.{}\nThere are: {}.\nRun `{} --help` for what they do.\n", whole, word,
                     did_you_mean(word, known), listed, whole);
}

std::string unknown_option(const std::vector<const CLI::App*>& path, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* app : path)
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::string verb = "crosswalk";
  for (std::size_t i = 1; i < path.size(); ++i) verb += " " + path[i]->get_name();
  return fmt::format("`{}` has no option {}.{}\nRun `{} --help` for those that it has.\n", verb, name_of(word),
                     did_you_mean(name_of(word), known), verb);
}

}  // namespace

std::string find_unknown_word(const CLI::App& app, const std::vector<std::string>& words) {
  const Walk found = walk(app, words);
  if (found.unknown) return unknown_verb(*found.path.back(), *found.unknown);
  // Who asks for help gets it, whatever else is wrong.
  if (std::ranges::any_of(words, [](const std::string& word) { return word == "--help" || word == "-h"; })) return {};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") break;
    if (!words[i].starts_with("--")) continue;
    if (!find_option(found.path, words[i])) return unknown_option(found.path, words[i]);
    if (takes_next_word(found.path, words[i])) ++i;
  }
  return {};
}

void put_partner_first(const CLI::App& app, std::vector<std::string>& words) {
  const Walk found = walk(app, words);
  for (std::size_t i = found.next; i < words.size(); ++i) {
    if (words[i] == "--") return;
    const bool alone = words[i] == "--partner" && i + 1 < words.size();
    if (alone || words[i].starts_with("--partner=")) {
      const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
      std::rotate(words.begin() + static_cast<std::ptrdiff_t>(found.next), begin, begin + (alone ? 2 : 1));
      return;
    }
    if (is_option(words[i]) && takes_next_word(found.path, words[i])) ++i;
  }
}

}  // namespace crosswalk::cli
