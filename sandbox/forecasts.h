#pragma once

#include "sandbox/operations.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

// The forecast of an opportunity: one object, whose items are seen as objects of their own as well.

/// A new opportunity has a forecast, with nothing in it.
void add_forecast(Writer& writer, const Row& opportunity, bool inserted);
/// What each item needs, and what all of them add up to.
void rule_forecast(Writer& writer, const Row* before);

/// Adds items to the forecast.
[[nodiscard]] net::Response extend_forecast(const OperationContext& context);
[[nodiscard]] net::Response replace_forecast(const OperationContext& context);
[[nodiscard]] net::Response patch_forecast(const OperationContext& context);
/// Takes all items out; the forecast belongs to the opportunity and stays.
[[nodiscard]] net::Response empty_forecast(const OperationContext& context);

[[nodiscard]] net::Response show_forecast_item(const OperationContext& context);
[[nodiscard]] net::Response add_forecast_item(const OperationContext& context);
[[nodiscard]] net::Response change_forecast_item(const OperationContext& context);
[[nodiscard]] net::Response delete_forecast_item(const OperationContext& context);
[[nodiscard]] net::Response copy_forecast_item(const OperationContext& context);

}  // namespace crosswalk::sandbox
