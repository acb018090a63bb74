#include "sandbox/switches.h"

#include "sandbox/control_input.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

void read(ControlInput& input, const SwitchLine& line, bool& value) { value = input.flag(line.name, value); }

void read(ControlInput& input, const SwitchLine& line, int& value) {
  value = static_cast<int>(input.number_of(line.name, value, line.values));
}

void read(ControlInput& input, const SwitchLine& line, std::vector<std::string>& value) {
  value = input.texts(line.name, value);
}

}  // namespace

const std::vector<SwitchLine>& switch_lines() {
  static const std::vector<SwitchLine> lines{
#define CROSSWALK_LINE(kind, name, otherwise, meaning, ...) {#name, meaning, &Switches::name, {__VA_ARGS__}},
      CROSSWALK_SANDBOX_SWITCHES(CROSSWALK_LINE)
#undef CROSSWALK_LINE
  };
  return lines;
}

json::object to_json(const Switches& switches) {
  json::object shown;
  for (const SwitchLine& line : switch_lines()) {
    std::visit([&](auto member) { shown[line.name] = json::value_from(switches.*member); }, line.member);
  }
  return shown;
}

Switches changed_switches(Switches switches, ControlInput& input) {
  std::vector<std::string_view> names;
  for (const SwitchLine& line : switch_lines()) names.push_back(line.name);
  input.take_only(names);
  for (const SwitchLine& line : switch_lines()) {
    std::visit([&](auto member) { read(input, line, switches.*member); }, line.member);
  }
  return switches;
}

}  // namespace crosswalk::sandbox
