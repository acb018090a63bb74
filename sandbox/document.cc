#include "sandbox/document.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/text.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_operations;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string() : std::string(value->as_string());
}

std::vector<std::string> split_segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return segments;
}

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

/// Most parameters are ids; these are names.
bool is_text_parameter(std::string_view segment) {
  return segment == "{reportName}" || segment == "{memberIdentifier}" || segment == "{catalogItemIdentifier}" ||
         segment == "{ssoid}" || segment == "{notifyResource}" || segment == "{externalId}";
}

bool has_text(const DocumentPath& path) {
  return std::any_of(path.segments.begin(), path.segments.end(), [](const std::string& segment) {
    return is_text_parameter(segment) || (!is_parameter(segment) && segment.find('{') != std::string::npos);
  });
}

PathKind kind_of(std::string_view name) {
  if (name == "list") return PathKind::list;
  if (name == "item") return PathKind::item;
  return name == "count" ? PathKind::count : PathKind::operation;
}

/// A segment such as "types{id}": the rest behind the name is the id.
std::optional<std::string_view> behind_prefix(std::string_view pattern, std::string_view segment) {
  const std::string_view prefix = pattern.substr(0, pattern.find('{'));
  if (prefix.size() == pattern.size() || !equals_ignoring_case(prefix, segment.substr(0, prefix.size()))) {
    return std::nullopt;
  }
  return segment.substr(prefix.size());
}

std::optional<PathMatch> match_text(const DocumentPath& path, const std::vector<std::string>& segments) {
  if (path.segments.size() != segments.size()) return std::nullopt;
  PathMatch match;
  match.path = &path;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (equals_ignoring_case(path.segments[i], segments[i])) continue;
    const std::optional<std::string_view> value = behind_prefix(path.segments[i], segments[i]);
    const std::optional<std::int64_t> number = value ? to_number(*value) : std::nullopt;
    if (!value || value->empty() || (!number && !is_text_parameter(path.segments[i]))) return std::nullopt;
    match.ids.push_back(number.value_or(0));
    if (match.text.empty() && is_text_parameter(path.segments[i])) match.text = *value;
  }
  return match;
}

}  // namespace

const Operation* DocumentPath::operation(std::string_view method) const {
  const auto found = std::find_if(operations.begin(), operations.end(),
                                  [&](const Operation& operation) { return operation.method == method; });
  return found == operations.end() ? nullptr : &*found;
}

const Document& Document::instance() {
  static const Document document;
  return document;
}

Document::Document() {
  const json::value document = json::parse(embedded::sandbox_operations);
  for (const auto& [path, described] : document.at("collections").as_object()) {
    const json::object& collection = described.as_object();
    collections_.push_back({std::string(path), text_of(collection, "schema"), text_of(collection, "noun"),
                            text_of(collection, "parent"), text_of(collection, "parentField")});
  }
  const json::object& paths = document.at("paths").as_object();
  paths_.reserve(paths.size());
  for (const auto& [name, described] : paths) {
    const json::object& object = described.as_object();
    DocumentPath path;
    path.path = name;
    path.kind = kind_of(text_of(object, "kind"));
    path.collection = text_of(object, "collection");
    path.schema = text_of(object, "schema");
    path.of_item = text_of(object, "of") == "item";
    if (const json::value* ids = object.if_contains("ids")) path.owner_ids = static_cast<int>(ids->as_int64());
    path.segments = split_segments(name);
    for (const auto& [method, facts] : object.at("methods").as_object()) {
      const json::array& fact = facts.as_array();
      std::string id(fact[0].as_string());
      if (id.empty()) id = std::string(method) + " " + path.path;
      path.operations.push_back({operations_total_++, std::move(id), std::string(method),
                                 static_cast<int>(fact[1].as_int64()), std::string(fact[2].as_string()),
                                 std::string(fact[3].as_string())});
    }
    std::string shape;
    for (const std::string& segment : path.segments) {
      shape.append(shape.empty() ? "" : "/").append(is_parameter(segment) ? "#" : to_lower(segment));
    }
    if (has_text(path)) {
      with_text_.push_back(paths_.size());
    } else if (const auto [at, fresh] = by_shape_.emplace(std::move(shape), paths_.size()); !fresh) {
      // "forecast" and "forecast/" are one path with the methods of both.
      std::vector<Operation>& known = paths_[at->second].operations;
      known.insert(known.end(), path.operations.begin(), path.operations.end());
      continue;
    }
    paths_.push_back(std::move(path));
  }
}

std::optional<PathMatch> Document::match(const std::vector<std::string>& segments) const {
  PathMatch match;
  std::string shape;
  for (const std::string& segment : segments) {
    if (!shape.empty()) shape.push_back('/');
    if (const auto number = to_number(segment)) {
      match.ids.push_back(*number);
      shape.push_back('#');
    } else {
      shape.append(to_lower(segment));
    }
  }
  if (const auto found = by_shape_.find(shape); found != by_shape_.end()) {
    match.path = &paths_[found->second];
    return match;
  }
  for (const std::size_t number : with_text_) {
    if (std::optional<PathMatch> found = match_text(paths_[number], segments)) return found;
  }
  return std::nullopt;
}

const DocumentPath* Document::find(std::string_view name) const {
  const auto found =
      std::find_if(paths_.begin(), paths_.end(), [&](const DocumentPath& path) { return path.path == name; });
  return found == paths_.end() ? nullptr : &*found;
}

}  // namespace crosswalk::sandbox
