#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/arguments.h"

namespace crosswalk::cli {

void add_plan_and_apply(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = add_verb(app, "plan", "What would be done in the PSA now, and why; sends nothing",
                            "  crosswalk plan northwind\n"
                            "  crosswalk plan northwind --customer c-7\n"
                            "  crosswalk plan northwind --draft          what the draft would do\n"
                            "  crosswalk plan northwind --save           keep it, to apply exactly this later\n"
                            "  crosswalk plan northwind --show PLAN_ID   a kept plan again\n\n"
                            "+ adds, ~ changes, - closes, = is held back. Exit code 6 when the plan has problems.\n");
  add_partner(verb, arguments.plan.partner)->required();
  CLI::Option* customer = verb->add_option("--customer", arguments.plan.customer, "Only this customer of the product");
  CLI::Option* draft =
      verb->add_flag("--draft", arguments.plan.draft, "By the draft of the mapping instead of what is in force");
  CLI::Option* save = verb->add_flag("--save", arguments.plan.save, "Keep the plan for `crosswalk apply`");
  draft->excludes(save);
  verb->add_option("--show", arguments.plan.show, "A plan that was kept")
      ->type_name("PLAN_ID")
      ->excludes(save)
      ->excludes(draft)
      ->excludes(customer);
  on(verb, arguments, [&arguments](Session& session) { return plan(session, arguments.plan); });

  CLI::App* apply_verb =
      add_verb(app, "apply", "Do exactly what a kept plan says",
               "  crosswalk apply northwind 7Q2M9K\n\n"
               "Refused when the plan is too old, was applied before, or the world has changed since.\n");
  add_partner(apply_verb, arguments.partner_id)->required();
  apply_verb->add_option("plan", arguments.plan_id, "The plan's id, from `crosswalk plan --save`")->required();
  on(apply_verb, arguments,
     [&arguments](Session& session) { return apply(session, arguments.partner_id, arguments.plan_id); });
}

void add_records(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = add_verb(app, "records", "What the product has told of, and where each stands",
                            "  crosswalk records northwind\n"
                            "  crosswalk records northwind --state parked     what waits for a person\n"
                            "  crosswalk records northwind --kind alert --all --json\n");
  add_partner(verb, arguments.records.partner)->required();
  verb->add_option("--kind", arguments.records.kind, "customer, contact, device, alert, usage or group")
      ->check(one_of(record_kinds()));
  verb->add_option("--state", arguments.records.state, "parked, due, waiting, settled or open")
      ->check(one_of({"parked", "due", "waiting", "settled", "open"}));
  CLI::Option* limit =
      verb->add_option("--limit", arguments.records.limit, "At most so many [100]")->check(CLI::PositiveNumber);
  verb->add_flag("--all", arguments.records.all, "All of them")->excludes(limit);
  on(verb, arguments, [&arguments](Session& session) { return records(session, arguments.records); });

  RecordWords& named = arguments.record;
  CLI::App* explain = add_verb(app, "explain", "A record's whole story: events, decisions, calls, answers",
                               "  crosswalk explain northwind \"#1010\"                  by its ticket's number\n"
                               "  crosswalk explain northwind \"disk full\"              by words of its title\n"
                               "  crosswalk explain northwind v1/edr/c-7/srv-01/disk   an alert by its key\n"
                               "  crosswalk explain northwind srv-01 --kind device     another kind of record\n"
                               "  crosswalk explain v1/edr/c-7/srv-01/disk             with one partner only\n\n"
                               "A shell takes #1010 without quotation marks for a remark, and leaves it out.\n");
  explain->add_option("record", named.words, "[PARTNER] [KIND] KEY")->required()->expected(1, 3);
  explain->add_option("--partner", named.partner, "The partner's id");
  explain->add_option("--kind", named.kind, "customer, contact, device, alert, usage or group [alert]")
      ->check(one_of(record_kinds()));
  on(explain, arguments, [&arguments](Session& session) { return explain_record(session, arguments.record); });

  CLI::App* again = add_verb(app, "replay", "Rebuild records from the event log and look at them again",
                             "  crosswalk replay northwind                        all records of the partner\n"
                             "  crosswalk replay northwind KEY                    one alert\n"
                             "  crosswalk replay northwind \"#1010\"                by its ticket's number\n"
                             "  crosswalk replay northwind KEY --kind device      one record of another kind\n\n"
                             "Sends nothing twice: what is in the PSA already is found there.\n");
  again->add_option("record", named.words, "PARTNER [[KIND] KEY]")->expected(0, 3);
  again->add_option("--partner", named.partner, "The partner's id");
  again->add_option("--kind", named.kind, "customer, contact, device, alert, usage or group [alert]")
      ->check(one_of(record_kinds()));
  on(again, arguments, [&arguments](Session& session) { return replay(session, arguments.record); });
}

}  // namespace crosswalk::cli
