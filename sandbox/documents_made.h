#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

// Files that the sandbox makes itself.

/// A PDF of plain lines, as many pages as they need.
[[nodiscard]] std::string pdf_of(const std::vector<std::string>& lines);
/// A picture of one dot, of the colour 0xRRGGBB.
[[nodiscard]] std::string gif_of(std::uint32_t colour);

/// An invoice with its lines and total.
[[nodiscard]] net::Response invoice_pdf(const OperationContext& context);
/// A priority's picture has its colour.
[[nodiscard]] net::Response priority_image(const OperationContext& context);

}  // namespace crosswalk::sandbox
