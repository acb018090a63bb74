#include "sandbox/usages.h"

#include <algorithm>

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

struct Usage {
  const Resource* resource;
  const Row* row;
};

/// What belongs to an object names it by where it stands, which is no use of it.
bool may_name(const Resource& resource, int field, int target) {
  return resource.fields[static_cast<std::size_t>(field)].target == target && field != resource.parent_field;
}

bool names(const Resource& resource, const Row& row, int target, std::int64_t id) {
  return std::any_of(row.cells.begin(), row.cells.end(), [&](const Cell& cell) {
    if (!may_name(resource, cell.field, target)) return false;
    if (!cell.value.is_array()) return cell.value == json::value(id);
    const json::array& ids = cell.value.get_array();
    return std::find(ids.begin(), ids.end(), json::value(id)) != ids.end();
  });
}

std::vector<Usage> usages_of(const OperationContext& context) {
  const Access& access = context.tenant.access(context.actor.member);
  const int target = context.resource().number;
  std::vector<Usage> usages;
  for (const Resource& resource : Catalogue::instance().resources()) {
    bool naming = false;
    for (std::size_t i = 0; i < resource.fields.size(); ++i)
      naming = naming || may_name(resource, static_cast<int>(i), target);
    if (!naming || !access.may(resource.spec.permission, 'I')) continue;
    std::as_const(context.tenant).table(resource).each([&](const Row& row) {
      const bool seen = access.sees_all_of(resource) || access.sees(resource, row);
      if (seen && names(resource, row, target, context.row->id)) usages.push_back({&resource, &row});
      return true;
    });
  }
  return usages;
}

std::string label_of(const Usage& usage) {
  for (const int field : usage.resource->label_fields) {
    if (const std::string_view text = usage.row->text(field); !text.empty()) return std::string(text);
  }
  return {};
}

}  // namespace

net::Response list_usages(const OperationContext& context) {
  std::vector<json::object> shown;
  const bool one_by_one = context.route.path->path.ends_with("/list");
  const Resource* last = nullptr;
  for (const Usage& usage : usages_of(context)) {
    if (one_by_one) {
      shown.push_back({{"type", usage.resource->spec.title},
                       {"id", usage.row->id},
                       {"description", label_of(usage)},
                       {"hyperlink", context.wire.href(*usage.resource, *usage.row)}});
    } else if (usage.resource == last) {
      json::value& count = shown.back()["count"];
      count = count.as_int64() + 1;
    } else {
      shown.push_back({{"type", usage.resource->spec.title}, {"count", 1}});
    }
    last = usage.resource;
  }
  return objects_response(context, std::move(shown));
}

}  // namespace crosswalk::sandbox
