#include "engine/value_words.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "psa/object_fields.h"

namespace crosswalk::engine {

std::string value_in_words(const psa::Value* value) {
  if (!value) return "nothing";
  const std::string shown = psa::shown(value);
  return value->reference() && value->name().empty() ? shown : "\"" + shown + "\"";
}

std::string changes_in_words(psa::ObjectKind kind, const psa::Values& before, const psa::Values& now,
                             std::vector<std::string>& fields) {
  std::string words;
  const auto compare = [&](std::string_view name) {
    const psa::Value *left = psa::find(before, name), *right = psa::find(now, name);
    if (psa::same(left, right)) return;
    fields.emplace_back(name);
    words += fmt::format("{}{}: {} -> {}", words.empty() ? "" : "; ", psa::label_of(kind, name), value_in_words(left),
                         value_in_words(right));
  };
  for (const psa::ObjectField& field : psa::object_fields(kind)) compare(field.name);
  // Answers to questions and custom fields, as many as there are.
  std::set<std::string_view> open_ended;
  for (const psa::Values* values : {&before, &now})
    for (const auto& [name, value] : *values)
      if (name.starts_with(psa::kQuestionPrefix) || name.starts_with(psa::kCustomFieldPrefix)) open_ended.insert(name);
  for (const std::string_view name : open_ended) compare(name);
  return words;
}

}  // namespace crosswalk::engine
