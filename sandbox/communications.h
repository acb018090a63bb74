#pragma once

#include "sandbox/operations.h"

namespace crosswalk::sandbox {

// A contact's communications: its member communicationItems seen as a collection of its own. They are kept once, in the
// contact, so that neither can lag behind the other.

[[nodiscard]] net::Response list_communications(const OperationContext& context);
[[nodiscard]] net::Response count_communications(const OperationContext& context);
[[nodiscard]] net::Response read_communication(const OperationContext& context);
[[nodiscard]] net::Response create_communication(const OperationContext& context);
[[nodiscard]] net::Response change_communication(const OperationContext& context);
[[nodiscard]] net::Response delete_communication(const OperationContext& context);

/// Fills in what an item's type says of it (name, communicationType, domain); false when there is no such type.
[[nodiscard]] bool complete_communication(const Tenant& tenant, boost::json::object& item);

}  // namespace crosswalk::sandbox
