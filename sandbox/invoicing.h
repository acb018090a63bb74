#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "sandbox/api_error.h"
#include "sandbox/money.h"
#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// How an agreement bills, read from its row and its billing cycle.
struct BillingTerms {
  std::optional<BillingCalendar> calendar;  ///< nothing: it does not recur
  bool has_cycle = false;                   ///< without a billing cycle nothing is ever billed
  Day start{};                              ///< the first day that is billed
  Day end{};                                ///< the first day that no longer is
  Day next{};                               ///< up to here, everything has been invoiced
  bool invoiced = false;                    ///< at least one period has been
  bool prorate = false;

  [[nodiscard]] Period life() const { return {start, end}; }
  /// The whole period in which the next invoice lies; its first may begin before the agreement does.
  [[nodiscard]] Period whole() const;
  /// What the next invoice covers.
  [[nodiscard]] Period due() const { return {next, whole().end}; }
};
[[nodiscard]] BillingTerms billing_terms(const Tenant& tenant, const Row& agreement);

/// What one addition costs on the next invoice.
struct AdditionCharge {
  std::int64_t addition = 0;
  std::int64_t price = 0, cost = 0;  ///< in cents, of ten-thousandths
  bool shown = false;                ///< a line stands on the invoice, if only of nothing
};
[[nodiscard]] AdditionCharge charge_of(const Tenant& tenant, const BillingTerms& terms, const Row& addition);
/// The recurring amount of the agreement itself on the next invoice.
[[nodiscard]] std::int64_t base_charge(const Tenant& tenant, const BillingTerms& terms, const Row& agreement);

/// Fills in what ConnectWise computes of an addition: extended and prorated prices, margin, billed quantity, status.
void compute_addition(const Tenant& tenant, Row& addition, const Row* agreement, Day today);
/// "Active", "Inactive" (not yet), "Cancelled" or "Expired".
[[nodiscard]] const char* addition_status(const Tenant& tenant, const Row& addition, const Row* agreement, Day today);
[[nodiscard]] const char* agreement_status(const Tenant& tenant, const Row& agreement, Day today);
/// Statuses change as days pass, without anybody writing. Touches only rows whose status is another one now.
void refresh_statuses(Tenant& tenant, Day today);

/// Invoices the agreement's next period and says the invoice's id; 0 when there was nothing to bill.
[[nodiscard]] ApiResult<std::int64_t> invoice_agreement(Tenant& tenant, const Row& agreement, const Actor& actor);
/// An agreement's last invoice has been deleted: its period can be invoiced again.
void reopen_period(Tenant& tenant, const Row& invoice);

}  // namespace crosswalk::sandbox
