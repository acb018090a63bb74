#include "cli/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/nearest_word.h"
#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/help.h"

namespace crosswalk::cli {

CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& words, const std::string& examples) {
  CLI::App* verb = parent.add_subcommand(name, words);
  verb->fallthrough();
  // Without one of its own a verb would have the whole program's.
  verb->footer((examples.empty() ? "" : "\nExamples:\n" + examples) +
               "\nOptions of all verbs (--data, --server, --key, --json, ...): crosswalk --help\n");
  return verb;
}

void on(CLI::App* verb, Arguments& arguments, std::function<ExitCode(Session&)> action) {
  verb->callback([&arguments, action = std::move(action)] { arguments.verb = action; });
}

CLI::Option* add_partner(CLI::App* verb, std::string& partner, const std::string& words) {
  return verb->add_option("partner,--partner", partner, words);
}

CLI::Validator one_of(std::vector<std::string_view> words) {
  std::string listed;
  for (const std::string_view word : words) listed += (listed.empty() ? "" : ", ") + std::string(word);
  return CLI::Validator(
      [words = std::move(words), listed](std::string& given) {
        if (std::ranges::find(words, given) != words.end()) return std::string();
        return fmt::format("\"{}\" is none of: {}.{}", given, listed, did_you_mean(given, words));
      },
      "");
}

std::vector<std::string_view> record_kinds() { return {"customer", "contact", "device", "alert", "usage", "group"}; }

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 ok, 1 failed, 2 wrong command line, 3 no server answers, 4 no key or not allowed, 5 not found,\n"
    "6 problems found, 7 wrong configuration, 8 port or data folder in use, 9 data folder unusable.\n";

constexpr const char* kOverview =
    "\nBegin:\n"
    "  crosswalk serve                              start the server\n"
    "  crosswalk partners add northwind --site na.myconnectwise.net \\\n"
    "      --company northwind --public-key K --private-key-file -\n"
    "  crosswalk doctor northwind                   is everything in order?\n"
    "  crosswalk mapping edit northwind --suggest   say how alerts become tickets\n"
    "  crosswalk customers northwind --accept       which company each customer is\n"
    "  crosswalk mapping set northwind mode=live    else nothing is sent\n"
    "  crosswalk plan northwind --draft             what that would do, and why\n"
    "  crosswalk mapping publish northwind          put that in force\n"
    "\nAll verbs but serve ask a running server. They find it and its administration key in the data folder; --server "
    "and --key\n"
    "name others. --json prints what the API answers, for scripts.\n\n";

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
               "  crosswalk serve --port 0                  any free port; it is printed\n"
               "  crosswalk serve --set connectwise.allow_private_hosts=true     for practice\n\n"
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
  add_partner(verb, partner.id, "The partner's id: lower-case letters, digits and dashes")->required();
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
               "  crosswalk partners add northwind --name \"Northwind IT\" \\\n"
               "      --site na.myconnectwise.net --company northwind \\\n"
               "      --public-key Ab12Cd34 --private-key-file northwind.key\n"
               "  pass show northwind | crosswalk partners add northwind \\\n"
               "      --site eu.myconnectwise.net --company northwind \\\n"
               "      --public-key Ab12Cd34 --private-key-file -\n\n"
               "In a terminal the private key is asked for when it is not given. $CROSSWALK_PRIVATE_KEY works too.\n");
  add_partner_fields(add, arguments.partner);
  on(add, arguments, [&arguments](Session& session) { return partners_add(session, arguments.partner); });
  CLI::App* edit = add_verb(*partners, "edit", "Change what is given, leave the rest",
                            "  crosswalk partners edit northwind --site eu.myconnectwise.net\n");
  add_partner_fields(edit, arguments.partner);
  on(edit, arguments, [&arguments](Session& session) { return partners_edit(session, arguments.partner); });
  on(add_verb(*partners, "list", "All partners"), arguments, partners_list);
  const auto named = [&](const char* name, const char* words,
                         std::function<ExitCode(Session&, const std::string&)> action) {
    CLI::App* verb = add_verb(*partners, name, words);
    add_partner(verb, arguments.partner_id)->required();
    on(verb, arguments,
       [&arguments, action = std::move(action)](Session& session) { return action(session, arguments.partner_id); });
  };
  named("show", "One partner: settings, budget, connection", partners_show);
  named("pause", "Send nothing to this partner's PSA until resumed; events are still taken",
        [](Session& session, const std::string& partner) { return partners_pause(session, partner, true); });
  named("disconnect", "Take back what Crosswalk has registered in the partner's PSA, and pause", partners_disconnect);
  CLI::App* remove =
      add_verb(*partners, "remove", "Remove a partner: its effects are told first, and all is kept for a grace time",
               "  crosswalk partners remove northwind\n"
               "  crosswalk partners remove northwind --grace 7d --yes\n\n"
               "Its events are taken no more and its keys stop working. Tickets in ConnectWise stay as they are.\n"
               "Until the grace is over, `crosswalk partners keep` has it back.\n");
  add_partner(remove, arguments.removal.partner)->required();
  remove->add_option("--grace", arguments.removal.grace, "How long all is kept, 1h to 365d [30d]");
  remove->add_flag("--yes", arguments.removal.yes, "Do not ask");
  on(remove, arguments, [&arguments](Session& session) { return partners_remove(session, arguments.removal); });
  named("keep", "Take a removal back, while its grace lasts", partners_keep);
  named("resume", "Go on after a pause",
        [](Session& session, const std::string& partner) { return partners_pause(session, partner, false); });
}

// customers -----------------------------------------------------------------------------------------------------------

void add_customers(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      add_verb(app, "customers", "Which ConnectWise company each customer is; put that into the mapping's draft",
               "  crosswalk customers northwind                      which is which\n"
               "  crosswalk customers northwind --state proposed     what a person tells\n"
               "  crosswalk customers northwind --accept             puts in what is sure\n"
               "  crosswalk customers northwind --csv customers.csv  fill in company_id\n"
               "  crosswalk customers northwind --import customers.csv --dry-run\n"
               "  crosswalk customers northwind --import customers.csv\n\n"
               "sure: one company and no other comes near. proposed: look. unknown: none is near. mapped, "
               "excluded: as the\n"
               "mapping says. missing: mapped to a company that is gone. Nothing is in force until `crosswalk mapping "
               "publish`.\n"
               "Lines without a company_id are left alone, `exclude` there means no tickets, and one error in a table "
               "keeps all of it out.\n");
  CustomersOptions& options = arguments.customers;
  add_partner(verb, options.partner)->required();
  CLI::Option* state = verb->add_option("--state", options.state, "Only these: sure, proposed, unknown, mapped, ...")
                           ->check(one_of({"sure", "proposed", "unknown", "mapped", "excluded", "missing"}));
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

void add_snooze(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      add_verb(app, "snooze", "Hear nothing of an alert for a while: no ticket, no re-opening, no repeat notes",
               "  crosswalk snooze northwind v1/edr/c-7/srv-01/disk.full --for 7d \\\n"
               "      --reason \"disk is on order\" --by \"M. Lopez\"\n"
               "  crosswalk snooze northwind \"#1010\" --for 7d --reason \"on order\" --by ann\n"
               "  crosswalk snooze northwind --customer c-7 --for 2d --reason new --by ann\n"
               "  crosswalk snooze northwind --all-open --for 1d --reason new --by ann\n"
               "  crosswalk snooze northwind v1/edr/c-7/srv-01/disk.full --end\n\n"
               "A resolve still closes the ticket, and a rise of the severity ends the snooze. At most 90 days.\n");
  SnoozeOptions& options = arguments.snooze;
  add_partner(verb, options.partner)->required();
  CLI::Option* key =
      verb->add_option("key", options.key, "The alert: its key, or the number of its ticket in quotation marks");
  CLI::Option* customer = verb->add_option("--customer", options.customer, "All open alerts of this customer");
  CLI::Option* all = verb->add_flag("--all-open", options.all_open, "All open alerts of the partner");
  CLI::Option* duration =
      verb->add_option("--for", options.until, "How long (7d, 12h), or until when (RFC 3339)")->type_name("TIME");
  CLI::Option* reason = verb->add_option("--reason", options.reason, "Why, for those who wonder later");
  CLI::Option* by = verb->add_option("--by", options.by, "Who says so");
  CLI::Option* end = verb->add_flag("--end", options.end, "End the snooze now");
  key->excludes(customer)->excludes(all);
  customer->excludes(all);
  duration->excludes(end)->needs(reason)->needs(by);
  on(verb, arguments, [&arguments](Session& session) { return snooze(session, arguments.snooze); });
}

// events, keys, doctor ------------------------------------------------------------------------------------------------

/// With or without the version at its end.
CLI::Validator event_type() {
  const CLI::Validator known =
      one_of(std::vector<std::string_view>{"alert.raised", "alert.updated", "alert.resolved", "alert.snoozed",
                                           "customer.upserted", "contact.upserted", "device.upserted"});
  return CLI::Validator(
      [known](std::string& given) {
        std::string type = given.substr(0, given.rfind(".v"));
        return known(type);
      },
      "");
}

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
               "  crosswalk events send northwind --product edr --customer c-7 \\\n"
               "      --subject srv-01 --condition disk.full --severity high \\\n"
               "      --title \"Disk full on SRV-01\"\n"
               "  crosswalk events send northwind --type alert.resolved --product edr \\\n"
               "      --customer c-7 --subject srv-01 --condition disk.full\n"
               "  crosswalk events send --file events.jsonl   one a line, an array, or one event\n"
               "  crosswalk events send --file - < events.json\n\n"
               "Sending an event again (same source and id) changes nothing and counts as known already.\n");
  EventOptions& event = arguments.event;
  send->add_option("--file", event.file, "CloudEvents in JSON; - for the standard input")->type_name("FILE");
  add_partner(send, event.partner, "The partner; with --file: of events that name none");
  send->add_option("--type", event.type,
                   "alert.raised, alert.updated, alert.resolved, alert.snoozed, customer.upserted, contact.upserted or "
                   "device.upserted [alert.raised]")
      ->check(event_type());
  send->add_option("--source", event.source, "CloudEvents source [/crosswalk/cli]");
  send->add_option("--id", event.id, "CloudEvents id [a random one]");
  send->add_option("--time", event.time, "When it happened, RFC 3339 [now]");
  for (std::size_t i = 0; i < kDataOptions.size(); ++i) {
    CLI::Option* option = send->add_option(kDataOptions[i].option, arguments.event_data[i], kDataOptions[i].help)
                              ->group("The event's data");
    if (std::string_view(kDataOptions[i].member) == "severity")
      option->check(one_of({"critical", "high", "medium", "low", "info"}));
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
               "  crosswalk keys create --name edr --role intake     the product's: sends events\n"
               "  crosswalk keys create --name portal --partner northwind --expires 365d\n"
               "  crosswalk keys create --name ann --role administration\n"
               "  crosswalk keys create --name admin --role administration --offline\n\n"
               "--offline writes into the data folder, while no server runs. The key alone goes to stdout:\n"
               "  KEY=$(crosswalk keys create --name edr --role intake)\n");
  create->add_option("--name", arguments.key.name, "What it is for")->required();
  create
      ->add_option("--role", arguments.key.role,
                   "administration: everything; partner: send and look for one; intake: send events and nothing else "
                   "[partner, with --partner]")
      ->check(one_of({"administration", "partner", "intake"}));
  create->add_option("--partner", arguments.key.partner, "Only for this partner");
  create->add_option("--expires", arguments.key.expires, "A duration (90d) or a time [never]");
  create->add_flag("--offline", arguments.key.offline, "Write into the data folder instead of asking a server");
  on(create, arguments, [&arguments, &hooks](Session& session) {
    if (const auto checked = check_key(arguments.key); !checked) return session.fail(checked.error());
    if (!arguments.key.offline) return keys_create(session, arguments.key);
    const auto config = session.config();
    if (!config) return session.fail(config.error());
    const auto key = hooks.create_key_offline(*config, arguments.key);
    if (!key) return session.fail(key.error());
    show_new_key(session, *key);
    return ExitCode::ok;
  });
  on(add_verb(*keys, "list", "All keys, without the keys themselves"), arguments, keys_list);
  CLI::App* revoke = add_verb(*keys, "revoke", "Make a key worthless from now on",
                              "  crosswalk keys revoke KEY_ID\n"
                              "  crosswalk keys revoke portal     by its name, when no other key has it\n");
  revoke->add_option("key", arguments.id, "The key's id, or its name, from `crosswalk keys list`")->required();
  on(revoke, arguments, [&arguments](Session& session) { return keys_revoke(session, arguments.id); });
}

void add_alignment(CLI::App& app, Arguments& arguments) {
  CLI::App* verify_verb =
      add_verb(app, "verify", "Read all that records have become in ConnectWise, and tell whether it is as we believe",
               "  crosswalk verify northwind\n\n"
               "Exit code 6 when something has changed or is missing; it is looked at again then.\n");
  add_partner(verify_verb, arguments.partner_id)->required();
  on(verify_verb, arguments, [&arguments](Session& session) { return verify(session, arguments.partner_id); });
  CLI::App* drift_verb =
      add_verb(app, "drift", "Where customers, contacts and devices differ from what the mapping wants, as last seen",
               "  crosswalk drift northwind\n");
  add_partner(drift_verb, arguments.partner_id)->required();
  on(drift_verb, arguments, [&arguments](Session& session) { return drift(session, arguments.partner_id); });
  CLI::App* callbacks_verb =
      add_verb(app, "callbacks", "What the partner's PSA is to tell us of by itself, and whether it does",
               "  crosswalk callbacks northwind\n"
               "  crosswalk callbacks northwind --check\n\n"
               "With --check the registration in the PSA is compared and mended first. Without callbacks, sweeps find "
               "every change.\n");
  add_partner(callbacks_verb, arguments.partner_id)->required();
  callbacks_verb->add_flag("--check", arguments.check, "Compare with what the PSA has, and mend it");
  on(callbacks_verb, arguments,
     [&arguments](Session& session) { return callbacks(session, arguments.partner_id, arguments.check); });
  CLI::App* forget_verb = add_verb(app, "forget", "Leave nothing of a contact (or another record), on request",
                                   "  crosswalk forget northwind c-1001\n"
                                   "  crosswalk forget northwind d-77 --kind device\n\n"
                                   "Removes the record with its events, link and story. It comes back when the product "
                                   "sends it again.\n");
  ForgetOptions& options = arguments.forget;
  add_partner(forget_verb, options.partner)->required();
  forget_verb->add_option("key", options.key, "The record's key")->required();
  forget_verb->add_option("--kind", options.kind, "customer, contact, device, alert, usage or group [contact]")
      ->check(one_of(record_kinds()));
  on(forget_verb, arguments, [&arguments](Session& session) { return forget(session, arguments.forget); });
}

/// What the audit can tell of (api/openapi.yaml).
std::vector<std::string_view> acts() {
  return {"partner.add",    "partner.change", "partner.pause",  "partner.resume",  "partner.disconnect",
          "partner.remove", "partner.keep",   "mapping.draft",  "mapping.publish", "key.make",
          "key.revoke",     "webhook.add",    "webhook.change", "webhook.remove",  "webhook.rotate",
          "webhook.test",   "webhook.replay", "plan.save",      "plan.apply",      "record.replay",
          "record.forget",  "callbacks.check"};
}

void add_audit(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = add_verb(app, "audit", "What was done to this installation: by whom, when, and what it changed",
                            "  crosswalk audit\n"
                            "  crosswalk audit --partner northwind\n"
                            "  crosswalk audit --act key.make --json\n");
  AuditOptions& options = arguments.audit;
  add_partner(verb, options.partner, "Only what was done to this partner");
  verb->add_option("--act", options.act, "Only this: partner.change, mapping.publish, key.make, ...")
      ->check(one_of(acts()));
  verb->add_option("--limit", options.limit, "At most so many [100]")->check(CLI::Range(1, 1'000));
  verb->add_option("--before", options.before, "Older than the entry of this number")->check(CLI::PositiveNumber);
  on(verb, arguments, [&arguments](Session& session) { return audit(session, arguments.audit); });
}

void add_doctor(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      add_verb(app, "doctor", "Check this installation, its webhooks, and each partner's connection and mapping",
               "  crosswalk doctor             all partners\n"
               "  crosswalk doctor northwind   one of them\n\n"
               "Reads only. Exit code 6 when something needs attention.\n");
  add_partner(verb, arguments.partner_id, "Only this partner");
  on(verb, arguments, [&arguments](Session& session) { return doctor(session, arguments.partner_id); });
}

}  // namespace

int run(int argument_count, const char* const* argument_values, Surroundings& surroundings, const Hooks& hooks) {
  CLI::App app{"Crosswalk: a vendor's alerts become ConnectWise tickets, and close themselves.", "crosswalk"};
  Arguments arguments;
  constexpr std::size_t kOptionColumn = 30;
  app.formatter(std::make_shared<HelpFormatter>());
  app.get_formatter()->column_width(kOptionColumn);
  app.set_version_flag("--version", std::string("crosswalk ") + std::string(kVersion));
  app.require_subcommand(1);
  app.footer(std::string(kOverview) + kExitCodes);
  add_common(app, arguments.common);
  add_serve(app, arguments, hooks);
  add_partners(app, arguments);
  add_mapping(app, arguments);
  add_look_ups(app, arguments);
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
  std::vector<std::string> words(argument_values + 1, argument_values + argument_count);
  if (const std::string wrong = find_unknown_word(app, words); !wrong.empty()) {
    surroundings.err << wrong;
    return to_int(ExitCode::usage);
  }
  put_partner_first(app, words);
  try {
    std::ranges::reverse(words);
    app.parse(words);
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
