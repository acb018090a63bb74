#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

// Operations of finance and procurement that reckon.

/// Invoices the agreement's next period; answers the invoice's id.
[[nodiscard]] net::Response invoice_operation(const OperationContext& context);
/// Another agreement with the same additions, of which nothing has been invoiced.
[[nodiscard]] net::Response copy_agreement(const OperationContext& context);
[[nodiscard]] net::Response list_recaps(const OperationContext& context);
[[nodiscard]] net::Response show_recap(const OperationContext& context);
/// What a catalog item costs a company.
[[nodiscard]] net::Response catalog_pricing(const OperationContext& context);

/// What an agreement covers, and up to which amount.
[[nodiscard]] net::Response application_parameters(const OperationContext& context);
/// What an agreement bills again and again.
[[nodiscard]] net::Response recurring_parameters(const OperationContext& context);

}  // namespace crosswalk::sandbox
