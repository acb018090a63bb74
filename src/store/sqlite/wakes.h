#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace crosswalk::store {

// The writes of store.h that make records due without naming them; failures stay in the connection.

void apply(Connection& connection, const Wake& wake);
void apply(Connection& connection, const Changed& changed);

}  // namespace crosswalk::store
