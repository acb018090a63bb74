#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

/// One part of multipart/form-data.
struct FormPart {
  std::string name, file_name, content_type, content;
};

/// The parts of a body; nothing when it is no multipart/form-data of this Content-Type.
[[nodiscard]] std::optional<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body);

/// A file for download; nameless ones are shown where they stand.
[[nodiscard]] net::Response file_response(std::string content, std::string_view type, std::string_view name);

[[nodiscard]] net::Response list_documents(const OperationContext& context);
[[nodiscard]] net::Response count_documents(const OperationContext& context);
[[nodiscard]] net::Response upload_document(const OperationContext& context);
[[nodiscard]] net::Response replace_document(const OperationContext& context);
[[nodiscard]] net::Response download_document(const OperationContext& context);
[[nodiscard]] net::Response upload_sample(const OperationContext& context);
[[nodiscard]] net::Response upload_menu_image(const OperationContext& context);
[[nodiscard]] net::Response download_menu_image(const OperationContext& context);
/// The document that a contact or member names as its photo.
[[nodiscard]] net::Response download_photo(const OperationContext& context);

}  // namespace crosswalk::sandbox
