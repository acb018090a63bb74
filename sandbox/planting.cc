#include "sandbox/planting.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "sandbox/api.h"
#include "sandbox/rules.h"
#include "sandbox/shapes.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

[[noreturn]] void broken(std::string_view path, const std::string& why, const std::vector<FieldError>& errors) {
  throw std::logic_error("scenario: " + std::string(path) + ": " + why +
                         (errors.empty() ? "" : ": " + errors.front().message));
}

[[noreturn]] void broken(std::string_view path, const ApiError& error) { broken(path, error.message, error.errors); }

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void plant(Tenant& tenant, std::string_view path, const json::object& object, const Actor& actor) {
  const Resource& resource = Catalogue::instance().get(path);
  Row row;
  if (const json::value* id = object.if_contains("id")) row.id = id->as_int64();
  if (const json::value* parent = object.if_contains("parent")) row.parent = parent->as_int64();
  Writer writer(tenant, resource, std::move(row), Writer::Mode::post, actor);
  if (resource.parent_field >= 0) writer.row.set(resource.parent_field, writer.row.parent);
  writer.apply_body(object);
  for (const auto& [field, value] : resource.defaults) {
    if (writer.row.get(field) == nullptr) writer.row.set(field, value);
  }
  complete_planted(writer);
  if (!writer.errors.empty()) broken(path, "refused", writer.errors);
  writer.row.date_entered = writer.row.last_updated = actor.now;
  writer.row.entered_by = writer.row.updated_by = actor.member;
  tenant.table(resource).insert(std::move(writer.row));
}

const Row& write(Tenant& tenant, std::string_view path, std::int64_t parent, const json::object& body,
                 const Actor& actor) {
  const auto written = post_row(tenant, Catalogue::instance().get(path), parent, body, actor);
  if (!written) broken(path, written.error());
  return **written;
}

void change(Tenant& tenant, std::string_view path, std::int64_t id, std::string_view field, json::value value,
            const Actor& actor) {
  const Resource& resource = Catalogue::instance().get(path);
  const Row* row = std::as_const(tenant).table(resource).find(id);
  if (row == nullptr) broken(path, "there is no " + std::to_string(id), {});
  const json::array operations{json::object{{"op", "replace"}, {"path", field}, {"value", std::move(value)}}};
  const auto changed = patch_row(tenant, resource, *row, operations, actor);
  if (!changed) broken(path, changed.error());
}

void settle(Tenant& tenant, std::string_view path, std::int64_t id, std::string_view field, json::value value) {
  Table& table = tenant.table(path);
  const Row* row = table.find(id);
  if (row == nullptr) broken(path, "there is no " + std::to_string(id), {});
  Row changed = *row;
  changed.set(table.resource().field(field), std::move(value));
  table.replace(std::move(changed));
}

void written_by_contact(Tenant& tenant, std::int64_t ticket, std::int64_t contact) {
  constexpr const char* kNotes = "service/tickets/notes";
  const Table& notes = std::as_const(tenant).table(kNotes);
  const std::vector<std::int64_t> ids = *notes.lookup(notes.resource().parent_field, std::to_string(ticket));
  for (const std::int64_t id : ids) settle(tenant, kNotes, id, "contact", contact);
}

Actor at(const Actor& actor, std::int64_t seconds, std::string member) {
  Actor then = actor;
  then.now = std::min(seconds, actor.now);
  if (!member.empty()) then.member = std::move(member);
  return then;
}

json::array own_fields(const Tenant& tenant, const std::vector<std::pair<std::int64_t, json::value>>& values) {
  const Table& definitions = tenant.table("system/userDefinedFields");
  json::array fields;
  for (const auto& [id, value] : values) {
    const auto field = shaped_custom_field(definitions.resource(), *definitions.find(id), value);
    if (!field) throw std::logic_error("scenario: custom field " + std::to_string(id));
    fields.push_back(*field);
  }
  return fields;
}

json::object reference(std::int64_t id) { return {{"id", id}}; }
json::object by_identifier(std::string_view identifier) { return {{"identifier", identifier}}; }

std::int64_t moment(std::string_view text, std::int64_t now) {
  const std::size_t clock = text.find('T');
  std::int64_t at = (now / kDay + number_in(text.substr(1, clock - 1))) * kDay;
  if (clock != std::string_view::npos)
    at += number_in(text.substr(clock + 1, 2)) * kHour + number_in(text.substr(clock + 4, 2)) * kMinute;
  return at;
}

json::object dated(json::object object, std::int64_t now) {
  for (auto& member : object) {
    const json::string* text = member.value().if_string();
    if (text != nullptr && text->starts_with('@')) member.value() = json::string(time_text(moment(*text, now)));
  }
  return object;
}

}  // namespace crosswalk::sandbox
