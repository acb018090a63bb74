#include "cli/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "cli/commands_webhooks.h"
#include "cli/verbs.h"

namespace crosswalk::cli {

CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& words, const std::string& examples) {
  CLI::App* verb = parent.add_subcommand(name, words);
  verb->fallthrough();
  if (!examples.empty()) {
    verb->footer("\nExamples:\n" + examples +
                 "\nOptions that all verbs share (--data, --server, --key, --json, ...): crosswalk --help\n");
  }
  return verb;
}

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 ok, 1 failed, 2 wrong command line, 3 no server answers, 4 no key or not allowed, 5 not found,\n"
    "6 problems found, 7 wrong configuration, 8 port or data folder in use, 9 data folder unusable.\n";

constexpr const char* kOverview =
    "\nBegin:\n"
    "  crosswalk serve                                    start the server (data in ./crosswalk-data)\n"
    "  crosswalk partners add acme --site na.myconnectwise.net --company acme --public-key K --private-key-file -\n"
    "  crosswalk doctor acme                              is everything in order?\n"
    "  crosswalk mapping edit acme --suggest              say how alerts become tickets\n"
    "  crosswalk customers acme --accept                  and which company each customer is\n"
    "  crosswalk mapping publish acme                     put that in force\n"
    "  crosswalk plan acme                                what would be done now, and why; sends nothing\n"
    "\nAll verbs but serve ask a running server. They find it and its administration key in the data folder; --server "
    "and --key\n"
    "name others. --json prints what the API answers, for scripts.\n\n";

/// A member of an event's data that has an option of its own.
struct DataOption {
  const char* option;
  const char* member;
  const char* help;
};
constexpr std::array<DataOption, 27> kDataOptions{{
    {"--product", "product", "The product that raised the alert"},
    {"--customer", "customer", "The customer's id in the product"},
    {"--customer-name", "customer_name", "The customer's name"},
    {"--subject", "subject", "What the alert is about: a device, a user, a job"},
    {"--subject-name", "subject_name", "The subject's name for people"},
    {"--subject-type", "subject_type", "What kind of thing the subject is"},
    {"--condition", "condition", "What is wrong, as a stable name: disk.full, never \"disk 91%\""},
    {"--condition-name", "condition_name", "The condition's name for people"},
    {"--severity", "severity", "critical, high, medium, low or info"},
    {"--title", "title", "One line for people"},
    {"--description", "description", "The whole text"},
    {"--url", "url", "Link into the product"},
    {"--device", "device", "The device's id in the product"},
    {"--contact-email", "contact_email", "Whom it concerns at the customer"},
    {"--resolution", "resolution", "alert.resolved: how it ended"},
    {"--until", "until", "alert.snoozed: when it is over; without it, it is over now"},
    {"--reason", "reason", "alert.snoozed: why"},
    {"--by", "by", "alert.snoozed: who"},
    {"--name", "name", "customer.upserted, device.upserted: the name"},
    {"--contact", "contact", "contact.upserted: the contact's id in the product"},
    {"--first-name", "first_name", "contact.upserted: the first name"},
    {"--last-name", "last_name", "contact.upserted: the last name"},
    {"--email", "email", "contact.upserted, customer.upserted: the e-mail address"},
    {"--phone", "phone", "contact.upserted, customer.upserted: the telephone number"},
    {"--class", "class", "device.upserted: server, workstation, ..."},
    {"--serial", "serial", "device.upserted: the serial number"},
    {"--os", "os", "device.upserted: the operating system"},
}};

/// What the command line said; lives while it is parsed and done.
struct Arguments {
  CommonOptions common;
  std::vector<ConfigSources::Flag> flags;
  std::vector<std::string> settings;  ///< "section.key=value"
  PartnerOptions partner;
  MappingOptions mapping;
  CustomersOptions customers;
  PlanOptions plan;
  RecordsOptions records;
  SnoozeOptions snooze;
  ForgetOptions forget;
  EventOptions event;
  std::array<std::string, kDataOptions.size()> event_data;
  KeyOptions key;
  BackupArguments backup;
  AuditOptions audit;
  WebhookOptions webhook;
  std::vector<std::string> types, partners;  ///< of a webhook
  bool enable = false, disable = false;
  std::string grace, event_id;
  std::int64_t limit = 100;
  std::string id, partner_id, plan_id, kind, record_key;
  std::vector<std::string> words;
  bool draft = false, live = false, check = false;
  Verb verb;
};

void on(CLI::App* verb, Arguments& arguments, std::function<ExitCode(Session&)> action) {
  verb->callback([&arguments, action = std::move(action)] { arguments.verb = action; });
}

void add_common(CLI::App& app, CommonOptions& common) {
  constexpr const char* kGroup = "Shared by all verbs";
  app.add_option("--data", common.data, "Data folder [crosswalk-data; $CROSSWALK_DATA]")
      ->type_name("DIR")
      ->group(kGroup);
  app.add_option("--server", common.server, "Server to ask [of the data folder; $CROSSWALK_SERVER]")
      ->type_name("URL")
      ->group(kGroup);
  app.add_option("--key", common.key, "API key, or @FILE that holds it [of the data folder; $CROSSWALK_KEY]")
      ->type_name("KEY")
      ->group(kGroup);
  app.add_option("--ca-file", common.ca_file, "Certificates to trust beside the system's")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--config", common.config_file, "Configuration [crosswalk.toml if there; $CROSSWALK_CONFIG]")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_flag("--json", common.as_json, "Print the API's JSON instead of tables")->group(kGroup);
}

// serve and config ----------------------------------------------------------------------------------------------------

void add_serve(CLI::App& app, Arguments& arguments, const Hooks& hooks) {
  CLI::App* serve =
      add_verb(app, "serve", "Run the server: takes events, keeps the partners' tickets as they should be",
               "  crosswalk serve\n"
               "  crosswalk serve --data /var/lib/crosswalk --port 8700 --log-format json\n"
               "  crosswalk serve --port 0                       any free port; it is printed\n"
               "  crosswalk serve --set connectwise.allow_private_hosts=true     for practice with the sandbox\n\n"
               "The first start writes an administration key into DATA/admin.key. Ctrl-C ends gracefully.\n");
  const auto flag = [serve, &arguments](const char* option, const char* section, const char* key, const char* help,
                                        const char* type) {
    serve
        ->add_option_function<std::string>(
            option,
            [&arguments, option, section, key](const std::string& text) {
              arguments.flags.push_back({section, key, text, option});
            },
            help)
        ->type_name(type);
  };
  flag("--address", "server", "address", "Address to listen on [127.0.0.1]", "IP");
  flag("--port", "server", "port", "Port to listen on; 0 for any free one [8700]", "PORT");
  flag("--threads", "server", "threads", "Threads that answer requests [2]", "N");
  flag("--log-level", "logging", "level", "trace, debug, info, warning or error [info]", "LEVEL");
  flag("--log-format", "logging", "format", "text or json [text]", "FORMAT");
  serve->add_option("--set", arguments.settings, "Any configuration key, as section.key=value; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  on(serve, arguments, [&arguments, &hooks](Session& session) {
    std::vector<ConfigSources::Flag> flags = arguments.flags;
    if (!arguments.common.data.empty()) flags.push_back({"data", "directory", arguments.common.data, "--data"});
    for (const std::string& setting : arguments.settings) {
      const std::size_t dot = setting.find('.'), equals = setting.find('=');
      const bool well_formed = dot != std::string::npos && equals != std::string::npos && dot < equals;
      flags.push_back({setting.substr(0, std::min(dot, equals)),
                       well_formed ? setting.substr(dot + 1, equals - dot - 1) : "",
                       well_formed ? setting.substr(equals + 1) : "", "--set " + setting});
    }
    const auto config = load_config(arguments.common, session.surroundings().environment, std::move(flags));
    return config ? hooks.serve(session, *config) : session.fail(config.error());
  });
}

void add_config(CLI::App& app, Arguments& arguments) {
  CLI::App* config = add_verb(app, "config", "The configuration: check it, or print a documented example");
  config->require_subcommand(1);
  on(add_verb(*config, "check", "Read the configuration as serve would, and say what is wrong"), arguments,
     config_check);
  on(add_verb(*config, "example", "Print every key with its default, documented",
              "  crosswalk config example > crosswalk.toml\n"),
     arguments, [](Session& session) {
       session.say(example_toml());
       return ExitCode::ok;
     });
  on(add_verb(*config, "reference", "Print the reference of all keys as Markdown"), arguments, [](Session& session) {
    session.say(reference_markdown());
    return ExitCode::ok;
  });
}

// partners ------------------------------------------------------------------------------------------------------------

void add_partner_fields(CLI::App* verb, PartnerOptions& partner) {
  verb->add_option("partner", partner.id, "The partner's id: lower-case letters, digits and dashes")->required();
  verb->add_option("--name", partner.name, "The partner's name");
  verb->add_option("--provider", partner.provider, "The PSA: manage (ConnectWise Manage)");
  verb->add_option("--site", partner.site, "na.myconnectwise.net, or a URL for on-premises and the sandbox");
  verb->add_option("--company", partner.company, "The company id that is typed in at ConnectWise's login");
  verb->add_option("--client-id", partner.client_id, "A client id of its own, beside the configured one");
  verb->add_option("--public-key", partner.public_key, "Public key of the ConnectWise API member");
  CLI::Option* given =
      verb->add_option("--private-key", partner.private_key, "Its private key; others on this machine may see it here");
  verb->add_option("--private-key-file", partner.private_key_file,
                   "File with the private key; - for the standard input")
      ->excludes(given);
}

void add_partners(CLI::App& app, Arguments& arguments) {
  CLI::App* partners = add_verb(app, "partners", "The partners (MSPs) and how their PSA is reached");
  partners->require_subcommand(1);
  CLI::App* add =
      add_verb(*partners, "add", "Add a partner",
               "  crosswalk partners add acme --name \"Acme IT\" --site na.myconnectwise.net --company acme \\\n"
               "      --public-key Ab12Cd34 --private-key-file acme.key\n"
               "  pass show acme | crosswalk partners add acme --site eu.myconnectwise.net --company acme \\\n"
               "      --public-key Ab12Cd34 --private-key-file -\n\n"
               "In a terminal the private key is asked for when it is not given. $CROSSWALK_PRIVATE_KEY works too.\n");
  add_partner_fields(add, arguments.partner);
  on(add, arguments, [&arguments](Session& session) { return partners_add(session, arguments.partner); });
  CLI::App* edit = add_verb(*partners, "edit", "Change what is given, leave the rest",
                            "  crosswalk partners edit acme --site eu.myconnectwise.net\n");
  add_partner_fields(edit, arguments.partner);
  on(edit, arguments, [&arguments](Session& session) { return partners_edit(session, arguments.partner); });
  on(add_verb(*partners, "list", "All partners"), arguments, partners_list);
  const auto named = [&](const char* name, const char* words,
                         std::function<ExitCode(Session&, const std::string&)> action) {
    CLI::App* verb = add_verb(*partners, name, words);
    verb->add_option("partner", arguments.partner_id, "The partner's id")->required();
    on(verb, arguments,
       [&arguments, action = std::move(action)](Session& session) { return action(session, arguments.partner_id); });
  };
  named("show", "One partner: settings, budget, connection", partners_show);
  named("pause", "Send nothing to this partner's PSA until resumed; events are still taken",
        [](Session& session, const std::string& partner) { return partners_pause(session, partner, true); });
  named("disconnect", "Take back what Crosswalk has registered in the partner's PSA, and pause", partners_disconnect);
  named("resume", "Go on after a pause",
        [](Session& session, const std::string& partner) { return partners_pause(session, partner, false); });
}

// mapping -------------------------------------------------------------------------------------------------------------

CLI::App* add_mapping_verb(CLI::App* mapping, Arguments& arguments, const char* name, const char* words,
                           const char* examples, ExitCode (*action)(Session&, const MappingOptions&)) {
  CLI::App* verb = add_verb(*mapping, name, words, examples);
  verb->add_option("partner", arguments.mapping.partner, "The partner's id")->required();
  verb->add_option("--workflow", arguments.mapping.workflow,
                   "alert_to_ticket, customer_to_company, contact_to_contact or device_to_configuration "
                   "[alert_to_ticket]");
  on(verb, arguments, [&arguments, action](Session& session) {
    using Which = MappingOptions::Which;
    if (arguments.draft) arguments.mapping.which = Which::draft;
    if (arguments.live) arguments.mapping.which = Which::live;
    return action(session, arguments.mapping);
  });
  return verb;
}

void add_mapping(CLI::App& app, Arguments& arguments) {
  CLI::App* mapping = add_verb(app, "mapping", "How a partner's alerts become tickets: show, edit, check, publish");
  mapping->require_subcommand(1);
  CLI::App* show =
      add_mapping_verb(mapping, arguments, "show", "Print the mapping document: what is in force, else the draft",
                       "  crosswalk mapping show acme\n"
                       "  crosswalk mapping show acme --draft > mapping.json\n"
                       "  crosswalk mapping show acme --version 3\n",
                       mapping_show);
  CLI::Option* draft = show->add_flag("--draft", arguments.draft, "The draft");
  show->add_flag("--live", arguments.live, "What is in force")->excludes(draft);
  show->add_option("--version", arguments.mapping.version, "A version by its number")->check(CLI::PositiveNumber);
  CLI::App* edit = add_mapping_verb(mapping, arguments, "edit", "Change the draft in $EDITOR, or take it from a file",
                                    "  crosswalk mapping edit acme --suggest\n"
                                    "  EDITOR=nano crosswalk mapping edit acme\n"
                                    "  crosswalk mapping edit acme --file mapping.json --comment \"new board\"\n"
                                    "  jq '.mode = \"live\"' mapping.json | crosswalk mapping edit acme --file -\n\n"
                                    "Nothing is in force until `crosswalk mapping publish`.\n",
                                    mapping_edit);
  CLI::Option* file = edit->add_option("--file", arguments.mapping.file, "The document; - for the standard input");
  file->type_name("FILE");
  edit->add_flag("--suggest", arguments.mapping.suggest,
                 "Take as the draft a first document that is made from the names of the partner's boards, statuses, "
                 "priorities "
                 "and types; with --json only print it")
      ->excludes(file);
  edit->add_option("--comment", arguments.mapping.comment, "Why; shown in the history");
  CLI::App* validate =
      add_mapping_verb(mapping, arguments, "validate", "Check the draft (or a file), also against the partner's PSA",
                       "  crosswalk mapping validate acme\n"
                       "  crosswalk mapping validate acme --file mapping.json\n",
                       mapping_validate);
  validate->add_option("--file", arguments.mapping.file, "A document instead of the draft; - for the standard input")
      ->type_name("FILE");
  CLI::App* publish = add_mapping_verb(mapping, arguments, "publish", "Put the draft in force",
                                       "  crosswalk mapping publish acme --comment \"go live\"\n", mapping_publish);
  publish->add_option("--comment", arguments.mapping.comment, "Why; shown in the history");
  publish->add_flag("--skip-reference-check", arguments.mapping.skip_reference_check,
                    "Do not ask the PSA whether its ids exist");
  add_mapping_verb(mapping, arguments, "history", "All versions: when, by whom, why",
                   "  crosswalk mapping history acme\n", mapping_history);
}

// customers -----------------------------------------------------------------------------------------------------------

void add_customers(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      add_verb(app, "customers", "Which ConnectWise company each customer is; put that into the mapping's draft",
               "  crosswalk customers acme                           which is which, and why\n"
               "  crosswalk customers acme --state proposed          what a person has to tell\n"
               "  crosswalk customers acme --accept                  what is sure, into the draft\n"
               "  crosswalk customers acme --csv customers.csv       the rest as a table; fill in company_id, or "
               "`exclude`, and\n"
               "  crosswalk customers acme --import customers.csv --dry-run\n"
               "  crosswalk customers acme --import customers.csv\n\n"
               "sure: one company and no other comes near. proposed: look. unknown: none is near. mapped, "
               "excluded: as the\n"
               "mapping says. missing: mapped to a company that is gone. Nothing is in force until `crosswalk mapping "
               "publish`.\n"
               "Lines without a company_id are left alone, and one error in a table keeps all of it out.\n");
  CustomersOptions& options = arguments.customers;
  verb->add_option("partner", options.partner, "The partner's id")->required();
  CLI::Option* state = verb->add_option("--state", options.state, "Only these: sure, proposed, unknown, mapped, ...")
                           ->check(CLI::IsMember({"sure", "proposed", "unknown", "mapped", "excluded", "missing"}));
  CLI::Option* csv = verb->add_option("--csv", options.csv_file, "Write them as CSV; - for the standard output");
  CLI::Option* accept =
      verb->add_flag("--accept", options.accept, "Put those that are sure into the draft; never what is decided there");
  CLI::Option* import = verb->add_option("--import", options.file_to_import,
                                         "Put a table's companies into the draft; - for the standard input");
  csv->type_name("FILE");
  import->type_name("FILE")->excludes(csv)->excludes(accept)->excludes(state);
  accept->excludes(csv)->excludes(state);
  verb->add_flag("--dry-run", options.dry_run, "With --import: show what would change and write nothing")
      ->needs(import);
  verb->add_flag("--allow-shared", options.allow_shared, "With --import: two customers may be one company")
      ->needs(import);
  on(verb, arguments, [&arguments](Session& session) { return customers(session, arguments.customers); });
}

// plan, apply, records, explain, replay -------------------------------------------------------------------------------

void add_plan_and_apply(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = add_verb(app, "plan", "What would be done in the PSA now, and why; sends nothing",
                            "  crosswalk plan acme\n"
                            "  crosswalk plan acme --customer contoso\n"
                            "  crosswalk plan acme --save                 keep it, to apply exactly this later\n"
                            "  crosswalk plan acme --show PLAN_ID         a kept plan again\n\n"
                            "+ adds, ~ changes, - closes, = is held back. Exit code 6 when the plan has problems.\n");
  verb->add_option("partner", arguments.plan.partner, "The partner's id")->required();
  CLI::Option* customer = verb->add_option("--customer", arguments.plan.customer, "Only this customer of the product");
  CLI::Option* save = verb->add_flag("--save", arguments.plan.save, "Keep the plan for `crosswalk apply`");
  verb->add_option("--show", arguments.plan.show, "A plan that was kept")
      ->type_name("PLAN_ID")
      ->excludes(save)
      ->excludes(customer);
  on(verb, arguments, [&arguments](Session& session) { return plan(session, arguments.plan); });

  CLI::App* apply_verb =
      add_verb(app, "apply", "Do exactly what a kept plan says",
               "  crosswalk apply acme 7Q2M9K\n\n"
               "Refused when the plan is too old, was applied before, or the world has changed since.\n");
  apply_verb->add_option("partner", arguments.partner_id, "The partner's id")->required();
  apply_verb->add_option("plan", arguments.plan_id, "The plan's id, from `crosswalk plan --save`")->required();
  on(apply_verb, arguments,
     [&arguments](Session& session) { return apply(session, arguments.partner_id, arguments.plan_id); });
}

void add_records(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = add_verb(app, "records", "What the product has told of, and where each stands",
                            "  crosswalk records acme\n"
                            "  crosswalk records acme --state parked       what waits for a person, and why\n"
                            "  crosswalk records acme --kind alert --all --json\n");
  verb->add_option("partner", arguments.records.partner, "The partner's id")->required();
  verb->add_option("--kind", arguments.records.kind, "customer, contact, device, alert, usage or group")
      ->check(CLI::IsMember({"customer", "contact", "device", "alert", "usage", "group"}));
  verb->add_option("--state", arguments.records.state, "parked, due or open")
      ->check(CLI::IsMember({"parked", "due", "open"}));
  CLI::Option* limit =
      verb->add_option("--limit", arguments.records.limit, "At most so many [100]")->check(CLI::PositiveNumber);
  verb->add_flag("--all", arguments.records.all, "All of them")->excludes(limit);
  on(verb, arguments, [&arguments](Session& session) { return records(session, arguments.records); });

  CLI::App* explain =
      add_verb(app, "explain", "A record's whole story: events, decisions, calls, answers",
               "  crosswalk explain acme v1/edr/contoso/srv-01/ransomware       an alert by its key\n"
               "  crosswalk explain acme device srv-01                          another kind of record\n"
               "  crosswalk explain v1/edr/contoso/srv-01/ransomware            where there is one partner only\n");
  explain->add_option("record", arguments.words, "[PARTNER] [KIND] KEY")->required()->expected(1, 3);
  on(explain, arguments, [&arguments](Session& session) { return explain_record(session, arguments.words); });

  CLI::App* again = add_verb(app, "replay", "Rebuild records from the event log and look at them again",
                             "  crosswalk replay acme                        all records of the partner\n"
                             "  crosswalk replay acme alert KEY              one record\n\n"
                             "Sends nothing twice: what is in the PSA already is found there.\n");
  again->add_option("partner", arguments.partner_id, "The partner's id")->required();
  CLI::Option* kind = again->add_option("kind", arguments.kind, "The record's kind");
  CLI::Option* key = again->add_option("key", arguments.record_key, "The record's key");
  kind->needs(key);
  on(again, arguments, [&arguments](Session& session) {
    return replay(session, arguments.partner_id, arguments.kind, arguments.record_key);
  });
}

void add_snooze(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      add_verb(app, "snooze", "Hear nothing of an alert for a while: no ticket, no re-opening, no repeat notes",
               "  crosswalk snooze acme v1/edr/contoso/srv-01/disk.full --for 7d --reason \"disk is on order\" --by "
               "\"M. Lopez\"\n"
               "  crosswalk snooze acme --customer contoso --for 2d --reason \"onboarding\"     all its open alerts\n"
               "  crosswalk snooze acme --all-open --for 1d --reason \"onboarding\"\n"
               "  crosswalk snooze acme v1/edr/contoso/srv-01/disk.full --end\n\n"
               "A resolve still closes the ticket, and a rise of the severity ends the snooze. At most 90 days.\n");
  SnoozeOptions& options = arguments.snooze;
  verb->add_option("partner", options.partner, "The partner's id")->required();
  CLI::Option* key = verb->add_option("key", options.key, "The alert's key");
  CLI::Option* customer = verb->add_option("--customer", options.customer, "All open alerts of this customer");
  CLI::Option* all = verb->add_flag("--all-open", options.all_open, "All open alerts of the partner");
  CLI::Option* duration =
      verb->add_option("--for", options.until, "How long (7d, 12h), or until when (RFC 3339)")->type_name("TIME");
  CLI::Option* reason = verb->add_option("--reason", options.reason, "Why, for those who wonder later");
  verb->add_option("--by", options.by, "Who");
  CLI::Option* end = verb->add_flag("--end", options.end, "End the snooze now");
  key->excludes(customer)->excludes(all);
  customer->excludes(all);
  duration->excludes(end)->needs(reason);
  on(verb, arguments, [&arguments](Session& session) { return snooze(session, arguments.snooze); });
}

// events, keys, doctor ------------------------------------------------------------------------------------------------

ExitCode send_what_was_given(Session& session, Arguments& arguments, const CLI::App* send) {
  EventOptions& event = arguments.event;
  for (std::size_t i = 0; i < kDataOptions.size(); ++i) {
    if (send->count(kDataOptions[i].option) > 0)
      event.data.emplace_back(kDataOptions[i].member, arguments.event_data[i]);
  }
  if (event.file.empty() && event.data.empty()) {
    if (session.surroundings().in_is_terminal) {
      return session.fail(
          complain(ExitCode::usage, {"usage.no_event", "There is no event to send", "",
                                     "Describe one by options, or name a --file; see `crosswalk events send --help`."})
              .value());
    }
    event.file = "-";
  }
  return events_send(session, event);
}

void add_events(CLI::App& app, Arguments& arguments) {
  CLI::App* events = add_verb(app, "events", "Send events as the product does");
  events->require_subcommand(1);
  CLI::App* send =
      add_verb(*events, "send", "Send CloudEvents from a file, or one described by options",
               "  crosswalk events send --partner acme --product edr --customer contoso --subject srv-01 \\\n"
               "      --condition disk.full --severity high --title \"Disk full on SRV-01\"\n"
               "  crosswalk events send --partner acme --type alert.resolved --product edr --customer contoso \\\n"
               "      --subject srv-01 --condition disk.full\n"
               "  crosswalk events send --file events.jsonl          one event a line, an array, or one event\n"
               "  crosswalk events send --file - < events.json\n\n"
               "Sending an event again (same source and id) changes nothing and counts as known already.\n");
  EventOptions& event = arguments.event;
  send->add_option("--file", event.file, "CloudEvents in JSON; - for the standard input")->type_name("FILE");
  send->add_option("--partner", event.partner, "The partner; with --file: of events that name none");
  send->add_option("--type", event.type,
                   "alert.raised, alert.updated, alert.resolved, alert.snoozed, customer.upserted, contact.upserted or "
                   "device.upserted [alert.raised]");
  send->add_option("--source", event.source, "CloudEvents source [/crosswalk/cli]");
  send->add_option("--id", event.id, "CloudEvents id [a random one]");
  send->add_option("--time", event.time, "When it happened, RFC 3339 [now]");
  for (std::size_t i = 0; i < kDataOptions.size(); ++i) {
    send->add_option(kDataOptions[i].option, arguments.event_data[i], kDataOptions[i].help)->group("The event's data");
  }
  send->add_option("--attribute", event.attributes, "name=value, for rules and templates; may be repeated")
      ->group("The event's data")
      ->expected(1)
      ->take_all();
  send->add_flag("--acknowledged", event.acknowledged, "alert.updated: somebody works on it")
      ->group("The event's data");
  send->add_flag("--dry-run", event.dry_run, "Print the event and send nothing");
  on(send, arguments, [&arguments, send](Session& session) { return send_what_was_given(session, arguments, send); });
}

void add_keys(CLI::App& app, Arguments& arguments, const Hooks& hooks) {
  CLI::App* keys = add_verb(app, "keys", "API keys: for the product, for one partner, for administration");
  keys->require_subcommand(1);
  CLI::App* create =
      add_verb(*keys, "create", "Make a key; it is shown this once",
               "  crosswalk keys create --name edr --role intake                 the product's: sends events, no more\n"
               "  crosswalk keys create --name portal --partner acme --expires 365d\n"
               "  crosswalk keys create --name ann --role administration\n"
               "  crosswalk keys create --name admin --role administration --offline\n\n"
               "--offline writes into the data folder, while no server runs. The key alone goes to stdout:\n"
               "  KEY=$(crosswalk keys create --name edr --role intake)\n");
  create->add_option("--name", arguments.key.name, "What it is for")->required();
  create
      ->add_option("--role", arguments.key.role,
                   "administration: everything; partner: send and look for one; intake: send events and nothing else "
                   "[partner, with --partner]")
      ->check(CLI::IsMember({"administration", "partner", "intake"}));
  create->add_option("--partner", arguments.key.partner, "Only for this partner");
  create->add_option("--expires", arguments.key.expires, "A duration (90d) or a time [never]");
  create->add_flag("--offline", arguments.key.offline, "Write into the data folder instead of asking a server");
  on(create, arguments, [&arguments, &hooks](Session& session) {
    if (!arguments.key.offline) return keys_create(session, arguments.key);
    const auto config = session.config();
    if (!config) return session.fail(config.error());
    const auto key = hooks.create_key_offline(*config, arguments.key);
    if (!key) return session.fail(key.error());
    show_new_key(session, *key);
    return ExitCode::ok;
  });
  on(add_verb(*keys, "list", "All keys, without the keys themselves"), arguments, keys_list);
  CLI::App* revoke = add_verb(*keys, "revoke", "Make a key worthless from now on", "  crosswalk keys revoke KEY_ID\n");
  revoke->add_option("id", arguments.id, "The key's id, from `crosswalk keys list`")->required();
  on(revoke, arguments, [&arguments](Session& session) { return keys_revoke(session, arguments.id); });
}

void add_alignment(CLI::App& app, Arguments& arguments) {
  CLI::App* verify_verb =
      add_verb(app, "verify", "Read all that records have become in ConnectWise, and tell whether it is as we believe",
               "  crosswalk verify acme\n\n"
               "Exit code 6 when something has changed or is missing; it is looked at again then.\n");
  verify_verb->add_option("partner", arguments.partner_id, "The partner's id")->required();
  on(verify_verb, arguments, [&arguments](Session& session) { return verify(session, arguments.partner_id); });
  CLI::App* drift_verb =
      add_verb(app, "drift", "Where customers, contacts and devices differ from what the mapping wants, as last seen",
               "  crosswalk drift acme\n");
  drift_verb->add_option("partner", arguments.partner_id, "The partner's id")->required();
  on(drift_verb, arguments, [&arguments](Session& session) { return drift(session, arguments.partner_id); });
  CLI::App* callbacks_verb =
      add_verb(app, "callbacks", "What the partner's PSA is to tell us of by itself, and whether it does",
               "  crosswalk callbacks acme\n"
               "  crosswalk callbacks acme --check\n\n"
               "With --check the registration in the PSA is compared and mended first. Without callbacks, sweeps find "
               "every change.\n");
  callbacks_verb->add_option("partner", arguments.partner_id, "The partner's id")->required();
  callbacks_verb->add_flag("--check", arguments.check, "Compare with what the PSA has, and mend it");
  on(callbacks_verb, arguments,
     [&arguments](Session& session) { return callbacks(session, arguments.partner_id, arguments.check); });
  CLI::App* forget_verb = add_verb(app, "forget", "Leave nothing of a contact (or another record), on request",
                                   "  crosswalk forget acme c-1001\n"
                                   "  crosswalk forget acme d-77 --kind device\n\n"
                                   "Removes the record with its events, link and story. It comes back when the product "
                                   "sends it again.\n");
  ForgetOptions& options = arguments.forget;
  forget_verb->add_option("partner", options.partner, "The partner's id")->required();
  forget_verb->add_option("key", options.key, "The record's key")->required();
  forget_verb->add_option("--kind", options.kind, "customer, contact, device or alert [contact]");
  on(forget_verb, arguments, [&arguments](Session& session) { return forget(session, arguments.forget); });
}

// webhooks ------------------------------------------------------------------------------------------------------------

void add_webhook_fields(CLI::App* verb, Arguments& arguments) {
  verb->add_option("--events", arguments.types, "Only these types, as ticket.closed,workflow.parked; \"all\" for all")
      ->delimiter(',');
  verb->add_option("--partners", arguments.partners, "Only of these partners; \"all\" for all")->delimiter(',');
  verb->add_option("--description", arguments.webhook.description, "What it is for");
}

/// What was given as "all" is no limit.
std::optional<std::vector<std::string>> limits_of(const CLI::App* verb, const char* option,
                                                  const std::vector<std::string>& given) {
  if (verb->count(option) == 0) return std::nullopt;
  if (given == std::vector<std::string>{"all"}) return std::vector<std::string>{};
  return given;
}

void read_webhook_fields(const CLI::App* verb, Arguments& arguments) {
  arguments.webhook.types = limits_of(verb, "--events", arguments.types);
  arguments.webhook.partners = limits_of(verb, "--partners", arguments.partners);
  if (arguments.enable || arguments.disable) arguments.webhook.enabled = arguments.enable;
}

void add_webhook_changes(CLI::App* webhooks, Arguments& arguments) {
  CLI::App* add =
      add_verb(*webhooks, "add", "Tell the product of what happens from now on; the secret is shown this once",
               "  crosswalk webhooks add --url https://hooks.example.com/crosswalk\n"
               "  crosswalk webhooks add --url https://hooks.example.com/closed --events "
               "ticket.closed,ticket.note_added --partners acme\n\n"
               "The secret alone goes to stdout:  SECRET=$(crosswalk webhooks add --url ...)\n");
  add->add_option("--url", arguments.webhook.url, "Where events are posted to; public and https")->required();
  add_webhook_fields(add, arguments);
  on(add, arguments, [&arguments, add](Session& session) {
    read_webhook_fields(add, arguments);
    return webhooks_add(session, arguments.webhook);
  });
  CLI::App* edit = add_verb(*webhooks, "edit", "Change what is given, leave the rest",
                            "  crosswalk webhooks edit wh_7q2m9k --url https://hooks.example.com/new\n"
                            "  crosswalk webhooks edit wh_7q2m9k --enable      go on where it stopped\n");
  edit->add_option("id", arguments.webhook.id, "The webhook's id")->required();
  edit->add_option("--url", arguments.webhook.url, "Where events are posted to; public and https");
  add_webhook_fields(edit, arguments);
  CLI::Option* enable = edit->add_flag("--enable", arguments.enable, "Send to it again, from where it stopped");
  edit->add_flag("--disable", arguments.disable, "Send nothing to it; it keeps its place")->excludes(enable);
  on(edit, arguments, [&arguments, edit](Session& session) {
    read_webhook_fields(edit, arguments);
    return webhooks_edit(session, arguments.webhook);
  });
}

void add_webhooks(CLI::App& app, Arguments& arguments) {
  CLI::App* webhooks =
      add_verb(app, "webhooks", "Where the product is told of what happens: tickets, links, parked records");
  webhooks->require_subcommand(1);
  const auto named = [&](const char* name, const char* words, const char* examples,
                         std::function<ExitCode(Session&)> action) {
    CLI::App* verb = add_verb(*webhooks, name, words, examples);
    verb->add_option("id", arguments.id, "The webhook's id, from `crosswalk webhooks list`")->required();
    on(verb, arguments, std::move(action));
    return verb;
  };
  on(add_verb(*webhooks, "list", "All webhooks, and how they fare"), arguments, webhooks_list);
  add_webhook_changes(webhooks, arguments);
  named("show", "One webhook", "", [&](Session& session) { return webhooks_show(session, arguments.id); });
  named("remove", "Tell it nothing more, and forget what waits for it", "",
        [&](Session& session) { return webhooks_remove(session, arguments.id); });
  named("rotate", "Give it a new secret; the former one is used beside it for a while",
        "  crosswalk webhooks rotate wh_7q2m9k --grace 7d\n",
        [&](Session& session) { return webhooks_rotate(session, arguments.id, arguments.grace); })
      ->add_option("--grace", arguments.grace, "How long the former secret is still used; 0 for not at all [24h]");
  named("test", "Send it one message now, and say how it fared; exit code 6 when it did not take it", "",
        [&](Session& session) { return webhooks_test(session, arguments.id); });
  named("failed", "Events that it could not be told of: dead letters, newest first", "",
        [&](Session& session) { return webhooks_failed(session, arguments.id, arguments.limit); })
      ->add_option("--limit", arguments.limit, "At most so many [100]")
      ->check(CLI::Range(1, 1'000));
  named("replay", "Try its dead letters again, all or one",
        "  crosswalk webhooks replay wh_7q2m9k\n"
        "  crosswalk webhooks replay wh_7q2m9k --event evt_6c1f3a0b2d4e5f60718293a4\n",
        [&](Session& session) { return webhooks_replay(session, arguments.id, arguments.event_id); })
      ->add_option("--event", arguments.event_id, "Only this event, from `crosswalk webhooks failed`");
}

void add_audit(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = add_verb(app, "audit", "What was done to this installation: by whom, when, and what it changed",
                            "  crosswalk audit\n"
                            "  crosswalk audit --partner acme\n"
                            "  crosswalk audit --act key.make --json\n");
  AuditOptions& options = arguments.audit;
  verb->add_option("--partner", options.partner, "Only what was done to this partner");
  verb->add_option("--act", options.act, "Only this: partner.change, mapping.publish, key.make, ...");
  verb->add_option("--limit", options.limit, "At most so many [100]")->check(CLI::Range(1, 1'000));
  verb->add_option("--before", options.before, "Older than the entry of this number")->check(CLI::PositiveNumber);
  on(verb, arguments, [&arguments](Session& session) { return audit(session, arguments.audit); });
}

void add_doctor(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = add_verb(app, "doctor", "Check this installation, and a partner's connection and mapping",
                            "  crosswalk doctor\n"
                            "  crosswalk doctor acme\n\n"
                            "Reads only. Exit code 6 when something needs attention.\n");
  verb->add_option("partner", arguments.partner_id, "Check this partner as well");
  on(verb, arguments, [&arguments](Session& session) { return doctor(session, arguments.partner_id); });
}

}  // namespace

int run(int argument_count, const char* const* argument_values, Surroundings& surroundings, const Hooks& hooks) {
  CLI::App app{"Crosswalk: a vendor's alerts become ConnectWise tickets, and close themselves.", "crosswalk"};
  Arguments arguments;
  constexpr std::size_t kOptionColumn = 30;
  app.get_formatter()->column_width(kOptionColumn);
  app.set_version_flag("--version", std::string("crosswalk ") + std::string(kVersion));
  app.require_subcommand(1);
  app.footer(std::string(kOverview) + kExitCodes);
  add_common(app, arguments.common);
  add_serve(app, arguments, hooks);
  add_partners(app, arguments);
  add_mapping(app, arguments);
  add_customers(app, arguments);
  add_plan_and_apply(app, arguments);
  add_events(app, arguments);
  add_records(app, arguments);
  add_snooze(app, arguments);
  add_keys(app, arguments, hooks);
  add_alignment(app, arguments);
  add_webhooks(app, arguments);
  add_audit(app, arguments);
  add_doctor(app, arguments);
  add_config(app, arguments);
  add_backup(app, arguments.backup, arguments.verb, hooks);
  if (argument_count < 2) {
    surroundings.err << app.help();
    return to_int(ExitCode::usage);
  }
  try {
    app.parse(argument_count, argument_values);
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help, surroundings.out, surroundings.err);
  } catch (const CLI::ParseError& wrong) {
    surroundings.err << wrong.what() << "\nRun with --help for more information.\n";
    return to_int(ExitCode::usage);
  }
  Session session(surroundings, arguments.common);
  return to_int(arguments.verb(session));
}

}  // namespace crosswalk::cli
