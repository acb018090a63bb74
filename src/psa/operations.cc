#include "psa/operations.h"

namespace crosswalk::psa {

// Every intent is one call on Manage: a ticket is made with its first note, fields are changed by one PATCH, and
// children are attached by one list. Objects that are
// made together share calls, which a plan's sum takes into account. Whoever gives an operation a second call must say
// so here, since plans show this figure.
int call_cost(const Operation& operation) { return std::holds_alternative<LinkObject>(operation) ? 0 : 1; }

}  // namespace crosswalk::psa
