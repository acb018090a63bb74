#include "sandbox/reports.h"

#include <algorithm>

#include "base/text.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

struct Column {
  const char* name;
  const char* path;  ///< in the object as the API shows it
  const char* type;  ///< "Numeric", "Text", "Boolean", "DateTime"
};
struct Report {
  const char* name;
  const char* collection;
  std::vector<Column> columns;
};

/// The names are those that clients have seen. The columns of ConnectWiseHostedApiScreen are published, the others'
/// are not.
const std::vector<Report>& reports() {
  static const std::vector<Report> kReports = {
      {"ConnectWiseHostedApiScreen",
       "system/connectWiseHostedScreens",
       {{"Presenter_Identifier_Client_Api_RecID", "id", "Numeric"}, {"Client_Api_ID", "screenId", "Text"}}},
      {"InvoiceEmailTemplate", "finance/invoiceTemplates", {{"Id", "id", "Numeric"}, {"Name", "name", "Text"}}},
      {"InvoiceTemplate", "finance/invoiceTemplates", {{"Id", "id", "Numeric"}, {"Name", "name", "Text"}}},
      {"ServiceNote",
       "service/tickets/notes",
       {{"Id", "id", "Numeric"},
        {"TicketNbr", "ticketId", "Numeric"},
        {"Notes", "text", "Text"},
        {"Created_By", "createdBy", "Text"},
        {"Date_Created", "dateCreated", "DateTime"}}},
      {"service",
       "service/tickets",
       {{"TicketNbr", "id", "Numeric"},
        {"Summary", "summary", "Text"},
        {"Board_Name", "board/name", "Text"},
        {"status_description", "status/name", "Text"},
        {"Company_Name", "company/name", "Text"},
        {"Closed_Flag", "closedFlag", "Boolean"},
        {"Last_Update", "_info/lastUpdated", "DateTime"}}}};
  return kReports;
}

const Report* asked(const OperationContext& context) {
  const auto found = std::find_if(reports().begin(), reports().end(), [&](const Report& report) {
    return equals_ignoring_case(report.name, context.route.text);
  });
  return found == reports().end() ? nullptr : &*found;
}

net::Response no_report(const OperationContext& context) {
  return to_response({404, "NotFound", "Report " + context.route.text + " not found", {}});
}

json::array definitions(const Report& report) {
  json::array columns;
  for (const Column& column : report.columns) {
    const bool identity = std::string_view(column.path) == "id";
    columns.push_back(json::object{
        {column.name, json::object{{"type", column.type}, {"isNullable", !identity}, {"identityColumn", identity}}}});
  }
  return columns;
}

json::value value_at(const json::object& object, std::string_view path) {
  const std::size_t slash = path.find('/');
  const json::value* found = object.if_contains(path.substr(0, slash));
  if (found == nullptr) return nullptr;
  if (slash == std::string_view::npos) return *found;
  return found->is_object() ? value_at(found->get_object(), path.substr(slash + 1)) : json::value(nullptr);
}

/// Each row as an object of its columns, which conditions name.
ApiResult<std::vector<json::object>> rows_of(const OperationContext& context, const Report& report) {
  const Resource& resource = Catalogue::instance().get(report.collection);
  std::vector<json::object> rows;
  std::as_const(context.tenant).table(resource).each([&](const Row& row) {
    const json::object object = context.wire.object(resource, row);
    json::object shown;
    for (const Column& column : report.columns) shown[column.name] = value_at(object, column.path);
    rows.push_back(std::move(shown));
    return true;
  });
  return filter_objects(std::move(rows), context.request.parameter("conditions"), [&](std::string_view name) {
    return std::any_of(report.columns.begin(), report.columns.end(),
                       [&](const Column& column) { return equals_ignoring_case(column.name, name); });
  });
}

/// The columns that "columns=Id,Name" keeps; all when it says nothing.
std::vector<Column> columns_asked(const OperationContext& context, const Report& report) {
  const std::string_view wanted = context.request.parameter("columns");
  if (wanted.empty()) return report.columns;
  std::vector<Column> kept;
  for (const Column& column : report.columns) {
    std::string_view rest = wanted;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      if (equals_ignoring_case(trim(rest.substr(0, comma)), column.name)) kept.push_back(column);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return kept;
}

}  // namespace

net::Response list_reports(const OperationContext& context) {
  std::vector<json::object> names;
  for (const Report& report : reports()) names.push_back({{"name", report.name}});
  return objects_response(context, std::move(names));
}

net::Response report_columns(const OperationContext& context) {
  const Report* report = asked(context);
  return report == nullptr ? no_report(context) : json_response(200, json_text(definitions(*report)));
}

net::Response report_count(const OperationContext& context) {
  const Report* report = asked(context);
  if (report == nullptr) return no_report(context);
  const auto rows = rows_of(context, *report);
  return rows ? count_response(rows->size()) : to_response(rows.error());
}

net::Response report_data(const OperationContext& context) {
  const Report* found = asked(context);
  if (found == nullptr) return no_report(context);
  const auto rows = rows_of(context, *found);
  if (!rows) return to_response(rows.error());
  Report report = *found;
  report.columns = columns_asked(context, *found);
  const std::size_t size = page_size(context.request), number = number_parameter(context.request, "page", 1);
  json::array values;
  for (std::size_t i = (number - 1) * size; i < std::min(number * size, rows->size()); ++i) {
    json::array row;
    for (const Column& column : report.columns) row.push_back((*rows)[i].at(column.name));
    values.push_back(std::move(row));
  }
  return json_response(
      200, json_text(json::object{{"column_definitions", definitions(report)}, {"row_values", std::move(values)}}));
}

}  // namespace crosswalk::sandbox
