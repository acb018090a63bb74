#include "mapping/schema.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <regex>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/text.h"
#include "mapping/names.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

/// More problems than a person reads at one sitting say nothing more.
constexpr std::size_t kProblemsMax = 100;

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
  }
  return "nothing";
}

std::string_view in_words(std::string_view type) {
  if (type == "string") return "a text";
  if (type == "integer") return "a whole number";
  if (type == "number") return "a number";
  if (type == "boolean") return "true or false";
  if (type == "array") return "a list";
  return "an object";
}

bool is_of_type(const json::value& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  if (type == "array") return value.is_array();
  return value.is_object();
}

/// Says in words what the validator has refused. It reads the same schema, walks it beside the document, and knows the
/// keywords that the schema uses.
class Explainer {
 public:
  explicit Explainer(const json::value& root) : root_(root) {}
  std::vector<Problem> problems;

  void explain(const json::object& schema, const json::value& value, const std::string& pointer) {
    if (problems.size() >= kProblemsMax) return;
    if (const json::value* reference = schema.if_contains("$ref"))
      return explain(definition(reference->as_string()), value, pointer);
    if (!check_type(schema, value, pointer)) return;
    if (value.is_string()) check_text(schema, value.as_string(), pointer);
    if (value.is_number()) check_number(schema, value, pointer);
    if (value.is_array()) check_list(schema, value.as_array(), pointer);
    if (value.is_object()) check_object(schema, value.as_object(), pointer);
  }

 private:
  const json::value& root_;

  [[nodiscard]] const json::object& definition(std::string_view reference) const {
    constexpr std::string_view kPrefix = "#/definitions/";
    return root_.at("definitions").at(reference.substr(kPrefix.size())).as_object();
  }

  static std::string described(const json::object& schema) {
    const json::value* description = schema.if_contains("description");
    return description ? std::string{description->as_string()} : std::string{};
  }

  static std::optional<std::int64_t> limit(const json::object& schema, std::string_view keyword) {
    const json::value* value = schema.if_contains(keyword);
    return value ? std::optional{value->to_number<std::int64_t>()} : std::nullopt;
  }

  void refuse(const std::string& pointer, std::string message) {
    problems.push_back({Problem::Level::error, "mapping.schema", pointer, std::move(message)});
  }

  bool check_type(const json::object& schema, const json::value& value, const std::string& pointer) {
    const json::value* type = schema.if_contains("type");
    if (!type) return true;
    std::vector<std::string_view> expected;
    if (type->is_string()) {
      if (is_of_type(value, type->as_string())) return true;
      expected.push_back(in_words(type->as_string()));
    } else {
      for (const json::value& each : type->as_array()) {
        if (is_of_type(value, each.as_string())) return true;
        expected.push_back(in_words(each.as_string()));
      }
    }
    const std::string what = described(schema);
    refuse(pointer, fmt::format("This is {}, but {} was expected{}{}.", kind_of(value), alternatives(expected),
                                what.empty() ? "" : ": ", what));
    return false;
  }

  void check_text(const json::object& schema, std::string_view text, const std::string& pointer) {
    if (const json::value* allowed = schema.if_contains("enum")) {
      std::vector<std::string_view> words;
      for (const json::value& each : allowed->as_array()) words.emplace_back(each.as_string());
      if (std::ranges::find(words, text) != words.end()) return;
      const auto meant = nearest(text, words);
      refuse(pointer, fmt::format("{} is not known here; expected {}.{}", quoted(text), alternatives(words),
                                  meant ? fmt::format(" Did you mean \"{}\"?", *meant) : ""));
      return;
    }
    const auto characters = static_cast<std::int64_t>(count_characters(text));
    if (const auto minimum = limit(schema, "minLength"); minimum && characters < *minimum)
      return refuse(pointer, fmt::format("This text is empty; expected {}.", described(schema)));
    if (const auto maximum = limit(schema, "maxLength"); maximum && characters > *maximum)
      return refuse(pointer, fmt::format("This text has {} characters; at most {} are allowed.", characters, *maximum));
    const json::value* pattern = schema.if_contains("pattern");
    if (!pattern) return;
    const json::string& expression = pattern->as_string();
    if (!std::regex_search(text.begin(), text.end(), std::regex{expression.begin(), expression.end()}))
      refuse(pointer, fmt::format("{} does not fit; expected {}.", quoted(text), described(schema)));
  }

  void check_number(const json::object& schema, const json::value& value, const std::string& pointer) {
    const double number = value.to_number<double>();
    const auto minimum = limit(schema, "minimum");
    const auto maximum = limit(schema, "maximum");
    if ((minimum && number < static_cast<double>(*minimum)) || (maximum && number > static_cast<double>(*maximum)))
      refuse(pointer, fmt::format("{} is out of range; expected {}.", json::serialize(value), described(schema)));
  }

  void check_list(const json::object& schema, const json::array& list, const std::string& pointer) {
    const auto size = static_cast<std::int64_t>(list.size());
    if (const auto minimum = limit(schema, "minItems"); minimum && size < *minimum)
      refuse(pointer, fmt::format("This list is empty; expected {}.", described(schema)));
    if (const auto maximum = limit(schema, "maxItems"); maximum && size > *maximum)
      return refuse(pointer, fmt::format("This list has {} entries; at most {} are allowed.", size, *maximum));
    if (schema.contains("uniqueItems")) check_unique(list, pointer);
    if (const json::value* items = schema.if_contains("items"))
      for (std::size_t i = 0; i < list.size(); ++i) explain(items->as_object(), list[i], deeper(pointer, i));
  }

  void check_unique(const json::array& list, const std::string& pointer) {
    for (std::size_t i = 0; i < list.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (list[i] == list[j]) return refuse(deeper(pointer, i), "This entry is in the list twice.");
  }

  void check_object(const json::object& schema, const json::object& object, const std::string& pointer) {
    if (const json::value* required = schema.if_contains("required"))
      for (const json::value& key : required->as_array())
        if (!object.contains(key.as_string()))
          refuse(pointer,
                 fmt::format("\"{}\" is missing; expected {}.", std::string_view{key.as_string()}, described(schema)));
    const auto size = static_cast<std::int64_t>(object.size());
    const auto minimum = limit(schema, "minProperties");
    const auto maximum = limit(schema, "maxProperties");
    check_members(schema, object, pointer);
    if ((minimum && size < *minimum) || (maximum && size > *maximum))
      refuse(pointer, fmt::format("This has {} keys; expected {}.", size, described(schema)));
  }

  void check_members(const json::object& schema, const json::object& object, const std::string& pointer) {
    static const json::object none;
    const json::value* properties = schema.if_contains("properties");
    const json::object& known = properties ? properties->as_object() : none;
    const json::value* others = schema.if_contains("additionalProperties");
    const json::value* names = schema.if_contains("propertyNames");
    for (const auto& [key, value] : object) {
      const std::string there = deeper(pointer, key);
      if (names) check_text(names->as_object(), key, there);
      if (const json::value* member = known.if_contains(key)) {
        explain(member->as_object(), value, there);
      } else if (others && others->is_object()) {
        explain(others->as_object(), value, there);
      } else if (others) {
        std::vector<std::string_view> keys;
        for (const auto& each : known) keys.push_back(each.key());
        const auto meant = nearest(key, keys);
        refuse(there, meant
                          ? fmt::format("The key {} is not known here. Did you mean \"{}\"?", quoted(key), *meant)
                          : fmt::format("The key {} is not known here; expected {}.", quoted(key), alternatives(keys)));
      }
      if (problems.size() >= kProblemsMax) return;
    }
  }
};

}  // namespace

struct PublishedSchema::Parts {
  json::value json;
  valijson::Schema compiled;
};

PublishedSchema::PublishedSchema(std::string_view text) : parts_(std::make_unique<Parts>()) {
  parts_->json = json::parse(text);
  valijson::SchemaParser parser{valijson::SchemaParser::kDraft7};
  parser.populateSchema(valijson::adapters::BoostJsonAdapter{parts_->json}, parts_->compiled);
}

PublishedSchema::~PublishedSchema() = default;

std::vector<Problem> check_schema(const PublishedSchema& schema, const json::value& document) {
  valijson::ValidationResults results;
  valijson::Validator validator;
  if (validator.validate(schema.parts_->compiled, valijson::adapters::BoostJsonAdapter{document}, &results)) return {};
  Explainer explainer{schema.parts_->json};
  explainer.explain(schema.parts_->json.as_object(), document, "");
  if (explainer.problems.empty()) {
    // The validator's own words are the last resort: a refusal without any reason would be worse.
    for (const auto& error : results)
      if (explainer.problems.size() < kProblemsMax)
        explainer.problems.push_back({Problem::Level::error, "mapping.schema", "", error.description});
  }
  return std::move(explainer.problems);
}

}  // namespace crosswalk::mapping
