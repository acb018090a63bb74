#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "fixtures.h"
#include "mapping/names.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

struct Block {
  std::string kind, text;
};

std::vector<Block> blocks_of(const std::string& path) {
  std::ifstream file{path};
  std::vector<Block> blocks;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      if (!inside) blocks.push_back({line.substr(3), ""});
      inside = !inside;
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

/// The alert of an example, and the device of which the product has told.
struct Example {
  model::Alert alert;
  model::Entity device;

  explicit Example(const json::object& given) {
    const auto text = [&given](std::string_view key) {
      const json::value* value = given.if_contains(key);
      return value ? std::string{value->as_string()} : std::string{};
    };
    model::AlertContent& content = alert.content;
    content.product = "Shield";
    content.customer = text("customer");
    content.condition = text("condition");
    content.title = text("title");
    content.subject_name = text("subject_name");
    content.contact_email = text("contact_email");
    content.severity = model::parse_severity(text("severity")).value();
    if (const json::value* attributes = given.if_contains("attributes")) content.attributes = attributes->as_object();
    if (const json::value* known = given.if_contains("device")) device.attributes = known->as_object();
  }
};

std::string value_of(const Resolved& resolved, const std::string& setting, const Facts& facts) {
  const TicketSettings& settings = resolved.settings;
  const std::string inner = setting.substr(setting.find('.') + 1);
  if (setting == "mode") return std::string{to_string(resolved.mode)};
  if (setting == "company") return resolved.company.name;
  if (setting == "summary") return render(settings.summary.value(), facts, {});
  if (setting == "auto_close") return std::string{name_of(kAutoCloses, settings.auto_close.value())};
  if (setting == "severity_threshold") return std::string{model::to_string(settings.severity_threshold.value())};
  if (setting.starts_with("statuses.")) return settings.statuses.at(mapping::value_of(kStates, inner).value()).name;
  if (setting.starts_with("hold_down."))
    return format_duration(settings.hold_down.at(model::parse_severity(inner).value()));
  if (setting.starts_with("notes.")) return std::string{psa::to_string(settings.notes.at(inner).kind)};
  return settings.fields.at(psa::parse_ticket_field(setting).value()).name;
}

/// Columns stand two blanks or more apart.
std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find("  ", at), line.size());
    columns.push_back(line.substr(at, end - at));
    at = std::min(line.find_first_not_of(' ', end), line.size());
  }
  return columns;
}

TEST(MappingPage, ExamplesDecideWhatThePageSays) {
  Document current;
  std::optional<Example> example;
  int decisions = 0;
  for (const Block& block : blocks_of(CROSSWALK_SOURCE_DIR "/docs/mapping.md")) {
    if (block.kind == "sh") continue;  // commands: tests/e2e holds these against the program
    if (block.kind == "json mapping") {
      const Parsed parsed = parse_document(block.text);
      ASSERT_EQ(listing(parsed.problems), "") << block.text;
      current = *parsed.document;
    } else if (block.kind == "json alert") {
      example.emplace(json::parse(block.text).as_object());
    } else {
      ASSERT_EQ(block.kind, "text decisions");
      ASSERT_TRUE(example);
      const Facts facts{&example->alert, &example->device, nullptr};
      const Resolved resolved = resolve(current, facts);
      std::istringstream lines{block.text};
      for (std::string line; std::getline(lines, line); ++decisions) {
        const std::vector<std::string> columns = columns_of(line);
        ASSERT_EQ(columns.size(), 3U) << line;
        EXPECT_EQ(value_of(resolved, columns[0], facts), columns[1]) << line;
        EXPECT_EQ(resolved.decided_by(columns[0]), columns[2]) << line;
      }
    }
  }
  EXPECT_GT(decisions, 15);
}

TEST(MappingPage, NamesEverySettingAndNoteOfTheSchema) {
  std::ifstream file{CROSSWALK_SOURCE_DIR "/docs/mapping.md"};
  const std::string page{std::istreambuf_iterator<char>{file}, {}};
  const json::value schema = json::parse(json_schema());
  const auto expect_named = [&page](const json::object& properties) {
    for (const auto& each : properties)
      EXPECT_NE(page.find("`" + std::string{each.key()} + "`"), std::string::npos) << each.key();
  };
  const json::object& definitions = schema.at("definitions").as_object();
  expect_named(definitions.at("settings").at("properties").as_object());
  expect_named(definitions.at("settings").at("properties").at("notes").at("properties").as_object());
  expect_named(definitions.at("condition").at("properties").as_object());
  expect_named(definitions.at("window").at("properties").as_object());
}

}  // namespace
}  // namespace crosswalk::mapping
