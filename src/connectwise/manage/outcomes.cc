#include "connectwise/manage/outcomes.h"

namespace crosswalk::connectwise::manage {

void set_failure(psa::Outcome& outcome, Error error, Disposition disposition) {
  outcome.applied = false;
  outcome.error = std::move(error);
  outcome.disposition = disposition;
}

void read_unexpected(psa::Outcome& outcome, const Answer& answer) {
  Reading reading = read_failure(answer.status, answer.content_type, answer.body, true);
  set_failure(outcome, std::move(reading.error), reading.disposition);
}

}  // namespace crosswalk::connectwise::manage
