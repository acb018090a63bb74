#include "sandbox/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// A value such as `name="file"` of a header; empty when it is not there.
std::string header_value(std::string_view header, std::string_view name) {
  const std::string key = std::string(name) + "=";
  std::size_t at = 0;
  while (true) {
    at = header.find(key, at);
    if (at == std::string_view::npos) return {};
    const char before = at == 0 ? ';' : header[at - 1];
    if (before == ';' || before == ' ') break;  // not the end of "filename="
    at += key.size();
  }
  std::string_view value = header.substr(at + key.size());
  if (!value.starts_with('"')) return std::string(trim(value.substr(0, value.find(';'))));
  value.remove_prefix(1);
  return std::string(value.substr(0, value.find('"')));
}

FormPart parse_part(std::string_view text) {
  FormPart part;
  const std::size_t end = text.find("\r\n\r\n");
  std::string_view headers = text.substr(0, end);
  part.content = end == std::string_view::npos ? "" : std::string(text.substr(end + 4));
  while (!headers.empty()) {
    const std::size_t line_end = headers.find("\r\n");
    const std::string_view line = headers.substr(0, line_end);
    headers.remove_prefix(line_end == std::string_view::npos ? headers.size() : line_end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, colon)), value = trim(line.substr(colon + 1));
    if (equals_ignoring_case(name, "Content-Type")) part.content_type = value;
    if (!equals_ignoring_case(name, "Content-Disposition")) continue;
    part.name = header_value(value, "name");
    part.file_name = header_value(value, "filename");
  }
  return part;
}

const FormPart* find_part(const std::vector<FormPart>& parts, std::string_view name) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const FormPart& part) { return equals_ignoring_case(part.name, name); });
  return found == parts.end() ? nullptr : &*found;
}

std::string text_of(const std::vector<FormPart>& parts, std::string_view name) {
  const FormPart* part = find_part(parts, name);
  return part == nullptr ? std::string() : std::string(trim(part->content));
}

/// Nothing when the form does not say.
std::optional<bool> flag_of(const std::vector<FormPart>& parts, std::string_view name) {
  const std::string text = text_of(parts, name);
  return text.empty() ? std::nullopt : std::optional(equals_ignoring_case(text, "true"));
}

net::Response wrong_media(const OperationContext& context) {
  return json_response(
      415, fmt::format("{{\"message\":\"The request entity's media type '{}' is not supported for this resource.\"}}",
                       trim(context.request.content_type.substr(0, context.request.content_type.find(';')))));
}

/// Title, file and flags into a row.
void fill(Row& row, const Resource& documents, const std::vector<FormPart>& parts, const Actor& actor) {
  const FormPart* file = find_part(parts, "file");
  const auto set_text = [&](const char* field, const std::string& text) {
    if (!text.empty()) row.set(documents.field(field), json::string(text));
  };
  if (file != nullptr) {
    set_text("fileName", file->file_name);
    set_text("serverFileName", file->file_name);
    set_text("content", base64_encode(file->content));
    set_text("contentType", file->content_type);
    row.set(documents.field("size"), static_cast<std::int64_t>(file->content.size()));
    row.set(documents.field("imageFlag"), file->content_type.starts_with("image/"));
  }
  set_text("title", text_of(parts, "title"));
  const std::string url = text_of(parts, "url");
  if (!url.empty()) {
    set_text("fileName", url);
    row.set(documents.field("urlFlag"), true);
    row.set(documents.field("linkFlag"), true);
  }
  if (const auto is_private = flag_of(parts, "privateFlag")) row.set(documents.field("publicFlag"), !*is_private);
  // The second name is how ConnectWise's own description of the form spells the first.
  for (const char* name : {"readOnlyFlag", "readOnlyFlay"}) {
    if (const auto read_only = flag_of(parts, name)) row.set(documents.field("readOnlyFlag"), *read_only);
  }
  row.last_updated = actor.now;
  row.updated_by = actor.member;
}

/// Those of the record that the request names.
std::vector<json::object> documents_asked(const OperationContext& context) {
  const Resource& documents = context.resource();
  const std::string_view type = context.request.parameter("recordType");
  const std::string_view record = context.request.parameter("recordId");
  std::vector<json::object> objects;
  std::as_const(context.tenant).table(documents).each([&](const Row& row) {
    const bool of_type = type.empty() || equals_ignoring_case(row.text(documents.field("recordType")), type);
    const bool of_record = record.empty() || std::to_string(row.integer(documents.field("recordId"))) == record;
    if (of_type && of_record) objects.push_back(context.wire.object(documents, row));
    return true;
  });
  return objects;
}

}  // namespace

std::optional<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body) {
  if (!equals_ignoring_case(content_type.substr(0, content_type.find(';')), "multipart/form-data")) return std::nullopt;
  const std::string boundary = "--" + header_value(content_type, "boundary");
  if (boundary.size() == 2) return std::nullopt;
  std::vector<FormPart> parts;
  std::size_t at = body.find(boundary);
  while (at != std::string_view::npos) {
    at += boundary.size();
    if (body.substr(at, 2) == "--") return parts;
    const std::size_t end = body.find("\r\n" + boundary, at);
    if (end == std::string_view::npos || end < at + 2) return std::nullopt;
    parts.push_back(parse_part(body.substr(at + 2, end - at - 2)));
    at = end + 2;
  }
  return std::nullopt;
}

net::Response file_response(std::string content, std::string_view type, std::string_view name) {
  net::Response response;
  response.headers.set("Content-Type", type.empty() ? "application/octet-stream" : std::string(type));
  if (!name.empty()) response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  response.body = std::move(content);
  return response;
}

net::Response list_documents(const OperationContext& context) {
  return objects_response(context, documents_asked(context));
}

net::Response count_documents(const OperationContext& context) {
  return objects_count_response(context, documents_asked(context));
}

net::Response upload_document(const OperationContext& context) {
  const auto parts = parse_form(context.request.content_type, context.request.body);
  if (!parts) return wrong_media(context);
  const Resource& documents = context.resource();
  std::vector<FieldError> errors;
  for (const char* name : {"recordType", "recordId"}) {
    if (text_of(*parts, name).empty()) errors.push_back(missing_field(documents.spec.noun, name));
  }
  if (find_part(*parts, "file") == nullptr && text_of(*parts, "url").empty()) {
    errors.push_back(missing_field(documents.spec.noun, "file"));
  }
  std::int64_t record = 0;
  const std::string id = text_of(*parts, "recordId");
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), record);
  if (!id.empty() && (error != std::errc() || end != id.data() + id.size())) {
    errors.push_back({"InvalidField", "The recordId field is invalid.", documents.spec.noun, "recordId"});
  }
  if (!errors.empty()) return to_response(invalid_object(documents.spec.noun, std::move(errors)));
  Row row;
  row.date_entered = context.actor.now;
  row.entered_by = context.actor.member;
  row.set(documents.field("recordId"), record);
  row.set(documents.field("recordType"), json::string(text_of(*parts, "recordType")));
  row.set(documents.field("owner"), json::string(context.actor.member));
  row.set(documents.field("publicFlag"), true);
  row.set(documents.field("readOnlyFlag"), false);
  row.set(documents.field("createdOnDate"), json::string(time_text(context.actor.now)));
  fill(row, documents, *parts, context.actor);
  const Row& added = context.tenant.table(documents).insert(std::move(row));
  return row_response(context, 201, documents, added);
}

net::Response replace_document(const OperationContext& context) {
  const auto parts = parse_form(context.request.content_type, context.request.body);
  if (!parts) return wrong_media(context);
  Row changed = *context.row;
  fill(changed, context.resource(), *parts, context.actor);
  return row_response(context, 200, context.resource(),
                      context.tenant.table(context.resource()).replace(std::move(changed)));
}

net::Response download_document(const OperationContext& context) {
  const Resource& documents = context.resource();
  return file_response(base64_decode(context.row->text(documents.field("content"))),
                       context.row->text(documents.field("contentType")),
                       context.row->text(documents.field("fileName")));
}

net::Response upload_sample(const OperationContext&) {
  net::Response response;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.body =
      "<html><body><form method=\"post\" action=\"../documents\" enctype=\"multipart/form-data\">"
      "<input name=\"recordType\"><input name=\"recordId\"><input name=\"title\"><input type=\"file\" name=\"file\">"
      "<input type=\"submit\"></form></body></html>";
  return response;
}

net::Response upload_menu_image(const OperationContext& context) {
  const auto parts = parse_form(context.request.content_type, context.request.body);
  const FormPart* file = parts && !parts->empty() ? &parts->front() : nullptr;
  if (file == nullptr) return wrong_media(context);
  Row changed = *context.row;
  changed.set(context.resource().field("image"), json::string(base64_encode(file->content)));
  changed.set(context.resource().field("imageType"), json::string(file->content_type));
  context.tenant.table(context.resource()).replace(std::move(changed));
  return no_content_response();
}

net::Response download_menu_image(const OperationContext& context) {
  const Resource& entries = context.resource();
  const std::string_view image = context.row->text(entries.field("image"));
  if (image.empty()) return to_response(not_found("Image", context.row->id));
  return file_response(base64_decode(image), context.row->text(entries.field("imageType")), "");
}

net::Response download_photo(const OperationContext& context) {
  const Table& documents = std::as_const(context.tenant).table("system/documents");
  const Row* photo = documents.find(context.row->integer(context.resource().field("photo")));
  if (photo == nullptr) return to_response(not_found("Image", context.row->id));
  const Resource& of_document = documents.resource();
  return file_response(base64_decode(photo->text(of_document.field("content"))),
                       photo->text(of_document.field("contentType")), photo->text(of_document.field("fileName")));
}

}  // namespace crosswalk::sandbox
