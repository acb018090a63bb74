#include "connectwise/manage/wire.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "connectwise/manage/object_wire.h"
#include "psa/object_fields.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;
using psa::ObjectKind;

struct WireField {
  std::string_view field, name;
};

// In the order of psa/object_fields.h, so that a board goes before the status that belongs to it.
constexpr std::array<WireField, 17> kWireFields{{
    {psa::field::summary, "summary"},
    {psa::field::company, "company"},
    {psa::field::board, "board"},
    {psa::field::status, "status"},
    {psa::field::type, "type"},
    {psa::field::subtype, "subType"},
    {psa::field::item, "item"},
    {psa::field::priority, "priority"},
    {"severity", "severity"},
    {"impact", "impact"},
    {psa::field::source, "source"},
    {psa::field::team, "team"},
    {psa::field::owner, "owner"},
    {"service_location", "serviceLocation"},
    {psa::field::agreement, "agreement"},
    {psa::field::contact, "contact"},
    {psa::field::site, "site"},
}};

bool needs_escape(char each) { return each == '"' || each == '\\' || static_cast<unsigned char>(each) < 0x20; }

void append_escaped(std::string& out, char each) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (each) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(each) >> 4];
      out += kDigits[static_cast<unsigned char>(each) & 15];
  }
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (auto at = text.begin(); at != text.end();) {
    const auto escape = std::find_if(at, text.end(), needs_escape);
    out.append(at, escape);
    at = escape;
    if (at != text.end()) append_escaped(out, *at++);
  }
  out += '"';
}

// References go by id alone, and whole: ConnectWise may answer a false success to "company/identifier".
void append_value(std::string& out, const psa::Value& value) {
  if (const psa::Reference* reference = value.reference()) {
    out += "{\"id\":";
    out += reference->id;
    out += '}';
  } else {
    append_text(out, value.text());
  }
}

tl::unexpected<Error> not_an_id(std::string_view what, std::string_view id) {
  return failure("psa.reference_missing", "\"" + single_line(cut_text(is_utf8(id) ? id : "?", 40)) +
                                              "\" cannot be the id of a " + std::string(what) +
                                              " in ConnectWise, where ids are whole numbers");
}

Result<void> check_ids(const psa::Values& values) {
  for (const auto& [field, value] : values)
    if (value.reference() && !value.is_nothing() && !is_manage_id(value.id())) return not_an_id(field, value.id());
  return {};
}

WireRequest make_request(std::string_view method, std::string target) {
  WireRequest request;
  request.method = method;
  request.target = std::move(target);
  return request;
}

Result<WireRequest> encode_ticket(const psa::CreateObject& create) {
  if (const Result<void> checked = check_ids(create.values); !checked) return tl::unexpected(checked.error());
  WireRequest request = make_request("POST", "/service/tickets");
  std::string& body = request.body;
  body.reserve(512 + create.description.size());
  body += '{';
  for (const WireField& wire : kWireFields) {
    const psa::Value* value = psa::find(create.values, wire.field);
    if (!value || value->is_nothing()) continue;
    append_text(body, wire.name);
    body += ':';
    append_value(body, *value);
    body += ',';
    request.sets_status |= wire.field == psa::field::status;
  }
  body += "\"externalXRef\":";
  append_text(body, create.external_reference);
  if (!create.description.empty()) {
    body += ",\"initialDescription\":";
    append_text(body, create.description);
  }
  body += '}';
  return request;
}

Result<WireRequest> encode_ticket(const psa::UpdateObject& update) {
  if (!is_manage_id(update.object.value)) return not_an_id("ticket", update.object.value);
  if (const Result<void> checked = check_ids(update.values); !checked) return tl::unexpected(checked.error());
  WireRequest request = make_request("PATCH", "/service/tickets/" + update.object.value);
  std::string& body = request.body;
  body += '[';
  for (const WireField& wire : kWireFields) {
    const psa::Value* value = psa::find(update.values, wire.field);
    if (!value) continue;
    if (body.size() > 1) body += ',';
    body += value->is_nothing() ? "{\"op\":\"remove\",\"path\":" : "{\"op\":\"replace\",\"path\":";
    append_text(body, wire.name);
    if (!value->is_nothing()) {
      body += ",\"value\":";
      append_value(body, *value);
    }
    body += '}';
    request.sets_status |= wire.field == psa::field::status;
  }
  body += ']';
  return request;
}

Result<WireRequest> encode_one(const psa::AddNote& note) {
  if (!is_manage_id(note.ticket.value)) return not_an_id("ticket", note.ticket.value);
  const auto flag = [&](psa::NoteKind kind) { return note.kind == kind ? "true" : "false"; };
  WireRequest request = make_request("POST", "/service/tickets/" + note.ticket.value + "/notes");
  request.body = "{\"text\":";
  append_text(request.body, note.text);
  request.body += std::string(",\"detailDescriptionFlag\":") + flag(psa::NoteKind::discussion);
  request.body += std::string(",\"internalAnalysisFlag\":") + flag(psa::NoteKind::internal);
  request.body += std::string(",\"resolutionFlag\":") + flag(psa::NoteKind::resolution) + "}";
  return request;
}

Result<WireRequest> encode_one(const psa::AttachChildren& attach) {
  if (!is_manage_id(attach.parent.value)) return not_an_id("ticket", attach.parent.value);
  WireRequest request = make_request("POST", "/service/tickets/" + attach.parent.value + "/attachChildren");
  request.body = "{\"childTicketIds\":[";
  for (const psa::ObjectId& child : attach.children) {
    if (!is_manage_id(child.value)) return not_an_id("ticket", child.value);
    if (request.body.back() != '[') request.body += ',';
    request.body += child.value;
  }
  request.body += "]}";
  return request;
}

Result<WireRequest> encode_one(const psa::AttachConfiguration& attach) {
  if (!is_manage_id(attach.ticket.value)) return not_an_id("ticket", attach.ticket.value);
  WireRequest request = make_request("POST", "/service/tickets/" + attach.ticket.value + "/configurations");
  if (!attach.configuration.empty()) {
    if (!is_manage_id(attach.configuration)) return not_an_id("configuration", attach.configuration);
    request.body = "{\"id\":" + attach.configuration + "}";
  } else {
    request.body = "{\"deviceIdentifier\":";
    append_text(request.body, attach.device_identifier);
    request.body += '}';
  }
  return request;
}

Result<WireRequest> encode_one(const psa::CreateObject& create) {
  return create.kind == ObjectKind::ticket ? encode_ticket(create) : encode_create(create);
}

Result<WireRequest> encode_one(const psa::UpdateObject& update) {
  return update.object.kind == ObjectKind::ticket ? encode_ticket(update) : encode_update(update);
}

Result<WireRequest> encode_one(const psa::LinkObject& link) {
  return failure("psa.object_invalid", "Linking " + link.object.value + " needs no call");
}

std::string to_id(const json::value& value) {
  if (value.is_int64()) return value.get_int64() > 0 ? std::to_string(value.get_int64()) : "";
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  if (value.is_double() && value.get_double() > 0 && value.get_double() < 1e15 &&
      std::floor(value.get_double()) == value.get_double())
    return std::to_string(static_cast<std::int64_t>(value.get_double()));
  if (value.is_string() && is_manage_id(value.get_string())) return std::string(value.get_string());
  return "";
}

bool is_above_zero(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value) return false;
  if (value->is_double()) return value->get_double() > 0;
  if (value->is_int64()) return value->get_int64() > 0;
  if (value->is_uint64()) return value->get_uint64() > 0;
  if (!value->is_string()) return false;
  // A number written as text counts as well; a missed time entry would let us overrule a technician.
  return std::string_view(value->get_string()).find_first_of("123456789") != std::string_view::npos &&
         value->get_string().front() != '-';
}

/// Hours as they are shown, to the ten-thousandth; none when there is no number.
Decimal hours_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value) return {};
  if (value->is_string()) return Decimal::parse(std::string_view(value->get_string())).value_or(Decimal());
  if (!value->is_number()) return {};
  constexpr double kUnits = 10'000, kMost = 1e9;
  const double hours = value->to_number<double>();
  return std::abs(hours) < kMost ? Decimal::from_units(std::llround(hours * kUnits)) : Decimal();
}

/// "jsmith, kchen": who is scheduled, by identifier.
std::set<std::string> members_of(std::string_view list) {
  std::set<std::string> members;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(",;"), list.size());
    if (const std::string_view each = trim(list.substr(0, end)); !each.empty()) members.emplace(each);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return members;
}

std::optional<std::string> none_if_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

Result<WireRequest> encode(const psa::Operation& operation) {
  return std::visit([](const auto& each) { return encode_one(each); }, operation);
}

bool is_manage_id(std::string_view text) {
  // Ids are 32-bit integers; eighteen digits leave room without ever overflowing ours.
  return !text.empty() && text.size() <= 18 && text.front() != '0' &&
         std::ranges::all_of(text, [](char each) { return each >= '0' && each <= '9'; });
}

std::string id_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? to_id(*value) : std::string();
}

bool flag_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value) return false;
  if (value->is_bool()) return value->get_bool();
  return value->is_string() && equals_ignoring_case(value->get_string(), "true");
}

const json::object* object_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_object() : nullptr;
}

std::string name_of(const json::object& object) {
  std::string name = text_at(object, "name");
  return name.empty() ? text_at(object, "identifier") : name;
}

std::optional<json::object> parse_object(std::string_view body) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<psa::Object> read_ticket(const json::object& object, const PartnerId& partner) {
  psa::Object ticket;
  ticket.id = {std::string(kProviderName), partner, ObjectKind::ticket, id_member(object)};
  if (ticket.id.value.empty()) return std::nullopt;
  ticket.external_reference = text_at(object, "externalXRef");
  ticket.values.reserve(kWireFields.size());
  for (const WireField& wire : kWireFields) {
    psa::Value value;
    if (psa::find_object_field(ObjectKind::ticket, wire.field)->shape == psa::FieldShape::text)
      value = text_at(object, wire.name);
    else if (const json::object* reference = object_member(object, wire.name))
      value = psa::Reference{id_member(*reference), name_of(*reference)};
    if (!value.is_nothing()) ticket.values.emplace(wire.field, std::move(value));
  }
  psa::Progress& progress = ticket.progress.emplace();
  progress.closed = flag_member(object, "closedFlag");
  progress.closed_at = parse_timestamp(text_at(object, "closedDate"));
  progress.closed_by = text_at(object, "closedBy");
  progress.time_entered = is_above_zero(object, "actualHours");
  progress.hours = hours_of(object, "actualHours");
  progress.scheduled = members_of(text_at(object, "resources"));
  const std::string record_type = text_at(object, "recordType");
  progress.of_project = record_type == "ProjectTicket" || record_type == "ProjectIssue";
  if (const json::object* merged = object_member(object, "mergedParentTicket"))
    progress.merged_into = none_if_empty(id_member(*merged));
  progress.parent = none_if_empty(id_member(object, "parentTicketId"));
  if (const json::object* info = object_member(object, "_info")) {
    ticket.updated_at = parse_timestamp(text_at(*info, "lastUpdated"));
    ticket.updated_by = text_at(*info, "updatedBy");
    ticket.created_at = parse_timestamp(text_at(*info, "dateEntered"));
    ticket.created_by = text_at(*info, "enteredBy");
  }
  return ticket;
}

std::optional<psa::TicketNote> read_note(const json::object& object) {
  psa::TicketNote note;
  note.id = id_member(object);
  if (note.id.empty()) return std::nullopt;
  note.text = text_at(object, "text");
  // A note that customers can see is a discussion, whatever else it is; only what stays inside is internal.
  if (flag_member(object, "resolutionFlag"))
    note.kind = psa::NoteKind::resolution;
  else if (flag_member(object, "internalAnalysisFlag") && !flag_member(object, "detailDescriptionFlag"))
    note.kind = psa::NoteKind::internal;
  note.created_by = text_at(object, "createdBy");
  note.created_at = parse_timestamp(text_at(object, "dateCreated"));
  if (const json::object* member = object_member(object, "member"); member && note.created_by.empty())
    note.created_by = text_at(*member, "identifier");
  if (const json::object* info = object_member(object, "_info"); info && !note.created_at)
    note.created_at = parse_timestamp(text_at(*info, "dateEntered"));
  return note;
}

bool is_invoiced(const json::object& time_entry) {
  const std::string status = text_at(time_entry, "status");
  const json::object* invoice = object_member(time_entry, "invoice");
  return status == "Billed" || status == "BilledAgreement" || (invoice && !id_member(*invoice).empty());
}

std::optional<psa::TicketTask> read_task(const json::object& object) {
  psa::TicketTask task;
  task.id = id_member(object);
  if (task.id.empty()) return std::nullopt;
  task.finished = flag_member(object, "closedFlag");
  if (const json::object* info = object_member(object, "_info")) task.updated_by = text_at(*info, "updatedBy");
  return task;
}

const std::string& ticket_fields() {
  static const std::string fields = [] {
    std::string list = "id";
    for (const WireField& wire : kWireFields) list += "," + std::string(wire.name);
    return list +
           ",externalXRef,closedFlag,closedDate,closedBy,actualHours,resources,recordType,mergedParentTicket,"
           "parentTicketId,_info";
  }();
  return fields;
}

}  // namespace crosswalk::connectwise::manage
