#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

// /system/reports: read-only views with column definitions and rows.

[[nodiscard]] net::Response list_reports(const OperationContext& context);
[[nodiscard]] net::Response report_data(const OperationContext& context);
[[nodiscard]] net::Response report_columns(const OperationContext& context);
[[nodiscard]] net::Response report_count(const OperationContext& context);

}  // namespace crosswalk::sandbox
