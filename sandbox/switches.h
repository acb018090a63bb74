#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crosswalk::sandbox {

class ControlInput;

// Where sources about ConnectWise disagree, the behaviour is a switch whose default is the stricter one. This list is
// all that there is to say of a switch: kind, name, default, what it means when it is on, and for a number the values
// that it may have. The struct, the control API and its refusals follow from it; sandbox/README.md shows it.
#define CROSSWALK_SANDBOX_SWITCHES(SWITCH)                                                                           \
  SWITCH(bool, client_id_required, true, "a call needs a clientId header")                                           \
  SWITCH(std::vector<std::string>, client_ids, {}, "the clientIds that are known; none named: any is")               \
  SWITCH(int, client_id_missing_status, 401, "what a call without a known clientId is answered with", 400, 401, 403) \
  SWITCH(bool, system_info_open, false, "/system/info answers without credentials")                                  \
  SWITCH(bool, https_required, false, "plain HTTP is refused")                                                       \
  SWITCH(bool, is_cloud_as_text, true, "companyinfo says \"True\" rather than true")                                 \
  SWITCH(bool, unknown_company_is_null, false, "companyinfo of an unknown company is null with 200, not 404")        \
  SWITCH(bool, v4_6_release_routes, true, "the codebase v4_6_release works beside the real one")                     \
  SWITCH(bool, inactive_refused, true, "an inactive board, status, type or owner cannot be set on a ticket")         \
  SWITCH(bool, notes_touch_ticket, true, "a note renews lastUpdated of its ticket")                                  \
  SWITCH(bool, company_site_required, true, "a new company needs site.name")                                         \
  SWITCH(bool, company_identifier_unique, true, "an identifier names one company, deleted ones aside")               \
  SWITCH(bool, company_address_is_its_sites, true, "a company's address and that of its default site are one")       \
  SWITCH(bool, setup_tables_open, false, "setup tables are read without the right to Table Setup")                   \
  SWITCH(bool, callbacks_need_rights, true, "/system/callbacks needs the right to Table Setup")                      \
  SWITCH(bool, unknown_versions_refused, true, "a version in Accept that is not there yet is refused")               \
  SWITCH(bool, texts_taken_for_values, true, "an empty text is taken for null, and a text for the number in it")     \
  SWITCH(bool, company_identifier_overlooked, true, "a PATCH of company/identifier answers 200 and changes nothing") \
  SWITCH(bool, contradictions_refused, true, "ends before their beginnings and negative amounts are refused")        \
  SWITCH(bool, agreements_invoiced_ahead, false, "an agreement can be invoiced before its next invoice date")

struct Switches {
#define CROSSWALK_MEMBER(kind, name, otherwise, meaning, ...) kind name = otherwise;
  CROSSWALK_SANDBOX_SWITCHES(CROSSWALK_MEMBER)
#undef CROSSWALK_MEMBER
};

/// One line of the list.
struct SwitchLine {
  std::string_view name, meaning;
  std::variant<bool Switches::*, int Switches::*, std::vector<std::string> Switches::*> member;
  std::vector<std::int64_t> values;  ///< that a number may have
};
[[nodiscard]] const std::vector<SwitchLine>& switch_lines();

/// Each switch by its name.
[[nodiscard]] boost::json::object to_json(const Switches& switches);
/// What becomes of the switches when those that `input` names change. Any other name, and what is no value of its
/// switch, is refused.
[[nodiscard]] Switches changed_switches(Switches switches, ControlInput& input);

}  // namespace crosswalk::sandbox
