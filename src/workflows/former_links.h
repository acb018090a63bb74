#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <string_view>
#include <utility>

#include "workflows/link.h"

namespace crosswalk::workflows {

/// How traces are named where they are stored.
inline constexpr std::array<std::pair<Trace, std::string_view>, 5> kTraceNames{{{Trace::owner, "owner"},
                                                                                {Trace::scheduled, "scheduled"},
                                                                                {Trace::status, "status"},
                                                                                {Trace::note, "note"},
                                                                                {Trace::task, "task"}}};

[[nodiscard]] psa::Progress progress_from_json(const boost::json::object& object);

/// A link as versions before wrote it, who had two forms: one of tickets, one of all other objects. Throws when it is
/// neither.
[[nodiscard]] Link former_link(const PartnerId& partner, psa::ObjectKind kind, const boost::json::object& object);

}  // namespace crosswalk::workflows
