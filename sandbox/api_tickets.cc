#include <algorithm>

#include "sandbox/api.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

net::Response success() { return json_response(200, R"({"success":true,"message":""})"); }

/// The ids in a member that must be a list of them; nothing when it is not.
std::optional<std::vector<std::int64_t>> ids_in(const json::object& body, std::string_view name) {
  const json::value* list = body.if_contains(name);
  if (list == nullptr || !list->is_array() || list->get_array().empty()) return std::nullopt;
  std::vector<std::int64_t> ids;
  for (const json::value& id : list->get_array()) {
    if (!id.is_int64()) return std::nullopt;
    ids.push_back(id.get_int64());
  }
  return ids;
}

/// Marks a ticket; its own rules do not apply to what only the server sets.
void set_and_touch(Tenant& tenant, std::int64_t ticket, const char* field, json::value value, const Actor& actor) {
  Table& tickets = tenant.table("service/tickets");
  Row changed = *tickets.find(ticket);
  changed.set(tickets.resource().field(field), std::move(value));
  changed.last_updated = actor.now;
  changed.updated_by = actor.member;
  tickets.replace(std::move(changed));
}

}  // namespace

std::int64_t first_closed_status(const Tenant& tenant, std::int64_t board) {
  const Table& statuses = tenant.table("service/boards/statuses");
  const int closed = statuses.resource().field("closedStatus"), inactive = statuses.resource().field("inactive");
  std::int64_t found = 0;
  statuses.each([&](const Row& row) {
    if (row.parent == board && row.flag(closed) && !row.flag(inactive)) found = row.id;
    return found == 0;
  });
  return found;
}

ApiResult<const Row*> merge_rows(Tenant& tenant, std::int64_t parent, std::int64_t child, std::int64_t status,
                                 const Actor& actor) {
  const Table& tickets = tenant.table("service/tickets");
  const Row* row = tickets.find(child);
  if (row == nullptr) return tl::unexpected(not_found("Ticket", child));
  const std::int64_t board = row->integer(tickets.resource().field("board"));
  const Row* wanted = tenant.table("service/boards/statuses").find(status);
  const std::int64_t closing =
      wanted != nullptr && wanted->parent == board ? status : first_closed_status(tenant, board);
  Writer writer(tenant, tickets.resource(), *row, Writer::Mode::patch, actor);
  writer.apply_patch({json::object{{"op", "replace"}, {"path", "status"}, {"value", json::object{{"id", closing}}}}});
  writer.row.set(tickets.resource().field("mergedParentTicket"), parent);
  writer.finish();
  ApiResult<const Row*> merged = writer.commit();
  if (merged) set_and_touch(tenant, parent, "hasMergedChildTicketFlag", true, actor);
  return merged;
}

net::Response Api::attach_children(const ApiRequest& request, const Row& parent) {
  const std::optional<json::object> body = parse_object(request.body);
  const auto children = body ? ids_in(*body, "childTicketIds") : std::nullopt;
  if (!children) return to_response(invalid_object("ticketBundle", {missing_field("ticketBundle", "childTicketIds")}));
  const Table& tickets = tenant_.table("service/tickets");
  const std::int64_t parent_id = parent.id;
  for (const std::int64_t child : *children) {
    if (tickets.find(child) == nullptr || child == parent_id) return to_response(not_found("Ticket", child));
  }
  for (const std::int64_t child : *children) set_and_touch(tenant_, child, "parentTicketId", parent_id, actor_);
  set_and_touch(tenant_, parent_id, "hasChildTicket", true, actor_);
  return success();
}

net::Response Api::merge(const ApiRequest& request, const Row& parent) {
  const std::optional<json::object> body = parse_object(request.body);
  const auto children = body ? ids_in(*body, "mergeTicketIds") : std::nullopt;
  const json::value* status = body ? body->if_contains("status") : nullptr;
  std::vector<FieldError> errors;
  if (!children) errors.push_back(missing_field("ticketMerge", "mergeTicketIds"));
  if (status == nullptr || !status->is_object()) errors.push_back(missing_field("ticketMerge", "status"));
  if (!errors.empty()) return to_response(invalid_object("ticketMerge", std::move(errors)));
  const Table& tickets = tenant_.table("service/tickets");
  const std::int64_t parent_id = parent.id;
  for (const std::int64_t child : *children) {
    if (tickets.find(child) == nullptr || child == parent_id) return to_response(not_found("Ticket", child));
  }
  std::string key, given;
  const std::int64_t wanted = find_reference(tenant_, Catalogue::instance().get("service/boards/statuses"),
                                             status->get_object(), 0, key, given);
  for (const std::int64_t child : *children) {
    const ApiResult<const Row*> merged = merge_rows(tenant_, parent_id, child, wanted, actor_);
    if (!merged) return to_response(merged.error());
  }
  return success();
}

net::Response Api::attach_configuration(const ApiRequest& request, const Row& ticket) {
  const Resource& target = Catalogue::instance().get("company/configurations");
  const std::optional<json::object> body = parse_object(request.body);
  std::string key, given;
  const std::int64_t id = body ? find_reference(tenant_, target, *body, 0, key, given) : 0;
  if (!body || key.empty()) {
    return to_response(invalid_object(
        "configuration", {{"MissingRequiredField", "id or deviceIdentifier is required.", "configuration", "id"}}));
  }
  if (id == 0) {
    return to_response(
        invalid_object("configuration", {{"NotFound", "Configuration " + given + " not found", "configuration", key}}));
  }
  Table& tickets = tenant_.table("service/tickets");
  const int field = tickets.resource().field("configuration");
  Row changed = ticket;
  const json::value* before = changed.get(field);
  json::array ids = before == nullptr ? json::array() : before->get_array();
  if (std::find(ids.begin(), ids.end(), json::value(id)) == ids.end()) ids.emplace_back(id);
  changed.set(field, std::move(ids));
  changed.last_updated = actor_.now;
  changed.updated_by = actor_.member;
  tickets.replace(std::move(changed));
  std::string out;
  wire_.write_reference(out, target, *tenant_.table(target).find(id), std::vector<std::string>{"deviceIdentifier"});
  return json_response(201, std::move(out));
}

}  // namespace crosswalk::sandbox
