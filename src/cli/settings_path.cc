#include "cli/settings_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <optional>
#include <utility>

namespace crosswalk::cli {
namespace {

std::string unescaped(std::string step) {
  for (const auto& [escape, letter] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
    for (std::size_t at = 0; (at = step.find(escape, at)) != std::string::npos; ++at) step.replace(at, 2, letter);
  return step;
}

std::vector<std::string> steps_of(std::string_view name) {
  const bool is_pointer = name.starts_with('/');
  const char separator = is_pointer ? '/' : '.';
  if (is_pointer) name.remove_prefix(1);
  std::vector<std::string> steps;
  while (true) {
    const std::size_t end = name.find(separator);
    const std::string step(name.substr(0, end));
    steps.push_back(is_pointer ? unescaped(step) : step);
    if (end == std::string_view::npos) return steps;
    name.remove_prefix(end + 1);
  }
}

/// The item of a list that a step names; its size for one more at the end ("-" or the next number).
std::optional<std::size_t> index_of(const std::string& step, std::size_t size) {
  if (step == "-") return size;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc{} || end != step.data() + step.size() || index > size) return std::nullopt;
  return index;
}

std::string joined(const std::vector<std::string>& path, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "." : "") + path[i];
  return text;
}

bool is_reference(const json::value& value) {
  const json::object* object = value.if_object();
  return object && object->contains("id") && std::ranges::all_of(*object, [](const auto& member) {
           return member.key() == "id" || member.key() == "name";
         });
}

/// What holds settings, and is none itself.
bool is_branch(const json::value* value) {
  return value && value->is_object() && !value->get_object().empty() && !is_reference(*value);
}

void compare(const std::string& path, const json::value* before, const json::value* after,
             std::vector<Difference>& found) {
  if (before && after && *before == *after) return;
  // A document without anything in it is one, too.
  const auto branches = [&path](const json::value* value) {
    return is_branch(value) || (path.empty() && value && value->is_object());
  };
  if (!branches(before) && !branches(after)) {
    found.push_back({path, before, after});
    return;
  }
  const bool mixed = (before && !branches(before)) || (after && !branches(after));
  if (mixed) {
    found.push_back({path, before, after});
    return;
  }
  const auto below = [&](std::string_view name) {
    const bool plain = name.find('.') == std::string_view::npos && name.find('/') == std::string_view::npos;
    const std::string step = plain ? std::string(name) : "\"" + std::string(name) + "\"";
    return path.empty() ? step : path + "." + step;
  };
  if (before)
    for (const auto& [name, value] : before->get_object())
      compare(below(name), &value, after ? after->get_object().if_contains(name) : nullptr, found);
  if (after)
    for (const auto& [name, value] : after->get_object())
      if (!before || !before->get_object().contains(name)) compare(below(name), nullptr, &value, found);
}

}  // namespace

Outcome<Setting> read_setting(const std::string& text) {
  const std::size_t equals = text.find('=');
  Setting setting{equals == std::string::npos ? std::vector<std::string>{} : steps_of(text.substr(0, equals)), ""};
  const bool is_named = !setting.path.empty() && std::ranges::none_of(setting.path, &std::string::empty);
  if (!is_named)
    return complain(ExitCode::usage, {"usage.setting", "A setting is not written as name=value", text,
                                      "Write for example: mode=live, or defaults.hold_down.high=5m."});
  setting.value = text.substr(equals + 1);
  return setting;
}

json::value value_of(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value(text) : value;
}

Outcome<void> put_value(json::value& document, const std::vector<std::string>& path, const json::value& value) {
  json::value* place = &document;
  const auto wrong = [&](std::size_t depth) {
    return complain(ExitCode::usage, {"usage.setting", "There is no place for this setting",
                                      fmt::format("{} is {}, which has nothing called \"{}\".", joined(path, depth),
                                                  value_words(*place), path[depth]),
                                      "`crosswalk mapping show PARTNER --draft` shows the document."});
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool is_last = i + 1 == path.size();
    if (json::array* list = place->if_array()) {
      const std::optional<std::size_t> index = index_of(path[i], list->size());
      if (!index) return wrong(i);
      if (is_last && value.is_null()) {
        if (*index < list->size()) list->erase(list->begin() + static_cast<std::ptrdiff_t>(*index));
        return {};
      }
      if (*index == list->size()) list->push_back(json::object{});
      place = &(*list)[*index];
    } else if (json::object* object = place->if_object()) {
      if (value.is_null() && (is_last || !object->contains(path[i]))) {
        object->erase(path[i]);
        return {};
      }
      place = &object->emplace(path[i], json::object{}).first->value();
    } else {
      return wrong(i);
    }
  }
  *place = value;
  return {};
}

const json::value* find_value(const json::value& document, const std::vector<std::string>& path) {
  const json::value* place = &document;
  for (const std::string& step : path) {
    if (const json::object* object = place->if_object()) {
      place = object->if_contains(step);
    } else if (const json::array* list = place->if_array()) {
      const std::optional<std::size_t> index = index_of(step, list->size());
      place = index && *index < list->size() ? &(*list)[*index] : nullptr;
    } else {
      return nullptr;
    }
    if (!place) return nullptr;
  }
  return place;
}

std::vector<Difference> differences(const json::value& before, const json::value& after) {
  std::vector<Difference> found;
  compare("", &before, &after, found);
  return found;
}

std::string value_words(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!is_reference(value)) return json::serialize(value);
  const json::object& reference = value.get_object();
  const std::string id = text_of(reference.at("id"));
  return reference.contains("name") ? text_at(reference, "name") + " (" + id + ")" : id;
}

}  // namespace crosswalk::cli
