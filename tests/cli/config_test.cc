#include "cli/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cli/config_keys.h"

namespace crosswalk::cli {
namespace {

using testing::HasSubstr;

std::string read_source(const std::string& path) {
  std::ifstream file(std::string(CROSSWALK_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

tl::expected<Config, std::vector<ConfigError>> read_text(const std::string& toml,
                                                         std::map<std::string, std::string> environment = {},
                                                         std::vector<ConfigSources::Flag> flags = {}) {
  return read_config({.file_name = "crosswalk.toml",
                      .file_text = toml,
                      .environment = std::move(environment),
                      .flags = std::move(flags)});
}

TEST(Config, HasItsDefaultsWithoutAnySource) {
  const auto config = read_text("");
  ASSERT_TRUE(config);
  EXPECT_EQ(*config, default_config());
  EXPECT_EQ(config->server.address, "127.0.0.1");
  EXPECT_EQ(config->server.port, 8700);
  EXPECT_EQ(config->engine.calls_per_second, 12);
  EXPECT_EQ(config->engine.calls_at_once, 4);
  EXPECT_EQ(config->engine.settle, Duration{30'000});
  EXPECT_EQ(config->engine.sweep_interval, Duration{std::chrono::minutes{15}});
  EXPECT_EQ(config->engine.compare_interval, Duration{std::chrono::hours{24}});
  EXPECT_EQ(config->data.directory, "crosswalk-data");
  EXPECT_FALSE(config->connectwise.allow_private_hosts);
  EXPECT_EQ(config->alertmanager.severities.at("warning"), "medium");
  EXPECT_FALSE(config->clock.start);
}

TEST(Config, ReadsEveryTypeFromTheFile) {
  const auto config = read_text(R"(
[server]
port = 0
[engine]
calls_per_second = 2.5
settle = "45s"
sweep_interval = "0"
[connectwise]
allowed_hosts = ["psa.example.com", ".example.org"]
allow_private_hosts = true
[alertmanager.severities]
P1 = "critical"
[clock]
rate = 60
start = "2026-03-01T08:00:00Z"
)");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.port, 0);
  EXPECT_EQ(config->engine.calls_per_second, 2.5);
  EXPECT_EQ(config->engine.settle, Duration{45'000});
  EXPECT_EQ(config->engine.sweep_interval, Duration{0});
  EXPECT_THAT(config->connectwise.allowed_hosts, testing::ElementsAre("psa.example.com", ".example.org"));
  EXPECT_TRUE(config->connectwise.allow_private_hosts);
  EXPECT_EQ(config->alertmanager.severities, (std::map<std::string, std::string>{{"p1", "critical"}}));
  EXPECT_EQ(config->clock.rate, 60);
  EXPECT_EQ(config->clock.start, parse_timestamp("2026-03-01T08:00:00Z"));
}

TEST(Config, LetsTheEnvironmentWinOverTheFileAndFlagsOverBoth) {
  const std::string toml = "[server]\nport = 1001\naddress = \"10.0.0.1\"\nthreads = 3\n";
  const auto config = read_text(toml, {{"CROSSWALK_SERVER_PORT", "1002"}, {"CROSSWALK_SERVER_ADDRESS", "10.0.0.2"}},
                                {{"server", "port", "1003", "--port"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.port, 1003);
  EXPECT_EQ(config->server.address, "10.0.0.2");
  EXPECT_EQ(config->server.threads, 3);
}

TEST(Config, ReadsEveryTypeFromTheEnvironment) {
  const auto config = read_text("", {{"CROSSWALK_ENGINE_CALLS_PER_SECOND", "0"},
                                     {"CROSSWALK_ENGINE_SETTLE", "400ms"},
                                     {"CROSSWALK_ENGINE_SWEEP_INTERVAL", "30s"},
                                     {"CROSSWALK_ENGINE_COMPARE_INTERVAL", "6h"},
                                     {"CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS", "true"},
                                     {"CROSSWALK_CONNECTWISE_ALLOWED_HOSTS", "a.example.com, b.example.com:8443"},
                                     {"CROSSWALK_LOGGING_FORMAT", "json"},
                                     {"CROSSWALK_ALERTMANAGER_SEVERITIES", "Page=critical, ticket=low"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->engine.calls_per_second, 0);
  EXPECT_EQ(config->engine.settle, Duration{400});
  EXPECT_EQ(config->engine.sweep_interval, Duration{30'000});
  EXPECT_EQ(config->engine.compare_interval, Duration{std::chrono::hours{6}});
  EXPECT_TRUE(config->connectwise.allow_private_hosts);
  EXPECT_THAT(config->connectwise.allowed_hosts, testing::ElementsAre("a.example.com", "b.example.com:8443"));
  EXPECT_EQ(config->logging.format, "json");
  EXPECT_EQ(config->alertmanager.severities,
            (std::map<std::string, std::string>{{"page", "critical"}, {"ticket", "low"}}));
}

TEST(Config, KnowsTheShortNameOfTheDataFolderAndPrefersTheFullOne) {
  EXPECT_EQ(read_text("[data]\ndirectory = \"a\"\n", {{"CROSSWALK_DATA", "b"}})->data.directory, "b");
  EXPECT_EQ(read_text("", {{"CROSSWALK_DATA", "b"}, {"CROSSWALK_DATA_DIRECTORY", "c"}})->data.directory, "c");
}

struct Refusal {
  const char* name;
  const char* toml;
  const char* where;
  const char* said;
};

class ConfigRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(ConfigRefusal, NamesThePlaceAndWhatWasExpected) {
  const Refusal& refusal = GetParam();
  const auto config = read_text(refusal.toml);
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1u);
  EXPECT_EQ(config.error()[0].where, refusal.where);
  EXPECT_THAT(config.error()[0].message, HasSubstr(refusal.said));
}

INSTANTIATE_TEST_SUITE_P(
    Config, ConfigRefusal,
    testing::Values(
        Refusal{"KeySlip", "[server]\nport = 1\nprot = 1\n", "crosswalk.toml:3:1", "did you mean \"port\"?"},
        Refusal{"KeyOfAnotherSection", "[server]\nsettle = \"1s\"\n", "crosswalk.toml:2:1", "belongs into [engine]"},
        Refusal{"KeyFarFromAll", "[server]\nfrobnication = 1\n", "crosswalk.toml:2:1", "its keys are address, port"},
        Refusal{"SectionSlip", "[sever]\nport = 1\n", "crosswalk.toml:1:2", "did you mean [server]?"},
        Refusal{"SectionFarFromAll", "[postgresql]\nurl = 1\n", "crosswalk.toml:1:2", "the sections are server, data"},
        Refusal{"KeyWithoutSection", "calls_at_once = 1\n", "crosswalk.toml:1:1", "belongs into the section [engine]"},
        Refusal{"SectionAsValue", "server = 3\n", "crosswalk.toml:1:10", "expected a section, written [server]"},
        Refusal{"NotToml", "[server\nport = 1\n", "crosswalk.toml:1:8", "this is not TOML"},
        Refusal{"KeyTwice", "[server]\nport = 1\nport = 2\n", "crosswalk.toml:3:8", "this is not TOML"},
        Refusal{"TextForWhole", "[server]\nport = \"many\"\n", "crosswalk.toml:2:8",
                "expected a whole number from 0 to 65535"},
        Refusal{"WholeTooLarge", "[server]\nport = 65536\n", "crosswalk.toml:2:8",
                "is 65536; expected a whole number from 0 to 65535"},
        Refusal{"WholeNegative", "[server]\nport = -1\n", "crosswalk.toml:2:8", "is -1; expected"},
        Refusal{"FractionForWhole", "[server]\nthreads = 1.5\n", "crosswalk.toml:2:11",
                "expected a whole number from 1 to 64"},
        Refusal{"NumberTooLarge", "[engine]\ncalls_per_second = 1e9\n", "crosswalk.toml:2:20",
                "expected a number from 0 to 10000"},
        Refusal{"NumberNotFinite", "[engine]\ncalls_per_second = nan\n", "crosswalk.toml:2:20",
                "expected a number from 0"},
        Refusal{"ClockStandsStill", "[clock]\nrate = 0\n", "crosswalk.toml:2:8", "expected a number from 0.01"},
        Refusal{"TextForYesNo", "[connectwise]\nallow_private_hosts = \"yes\"\n", "crosswalk.toml:2:23",
                "expected true or false"},
        Refusal{"NotADuration", "[engine]\nsettle = \"soon\"\n", "crosswalk.toml:2:10",
                "expected a duration such as \"30s\""},
        Refusal{"NumberForDuration", "[engine]\nsettle = 30\n", "crosswalk.toml:2:10",
                "expected a duration such as \"30s\""},
        Refusal{"DurationTooLong", "[engine]\nplan_lifetime = \"30d\"\n", "crosswalk.toml:2:17", "from 1s to 7d"},
        Refusal{"SweepsWithoutRest", "[engine]\nsweep_interval = \"5ms\"\n", "crosswalk.toml:2:18",
                "expected \"0\" for never, or from 1s on"},
        Refusal{"ComparesTooOften", "[engine]\ncompare_interval = \"0\"\n", "crosswalk.toml:2:20", "from 1m to 30d"},
        Refusal{"NotAmongChoices", "[logging]\nlevel = \"loud\"\n", "crosswalk.toml:2:9",
                "one of \"trace\", \"debug\""},
        Refusal{"NotAnAddress", "[server]\naddress = \"localhost\"\n", "crosswalk.toml:2:11",
                "expected an IP address to listen on"},
        Refusal{"EmptyFolder", "[data]\ndirectory = \"\"\n", "crosswalk.toml:2:13",
                "expected a text that is not empty"},
        Refusal{"NumberForText", "[data]\ndirectory = 7\n", "crosswalk.toml:2:13", "is 7; expected a text"},
        Refusal{"NoVersion", "[connectwise]\napi_version = \"newest\"\n", "crosswalk.toml:2:15", "2026.4"},
        Refusal{"TextForList", "[connectwise]\nallowed_hosts = \"a.example\"\n", "crosswalk.toml:2:17",
                "expected a list of texts"},
        Refusal{"UrlForHost", "[connectwise]\nallowed_hosts = [\"https://a.example\"]\n", "crosswalk.toml:2:17",
                "without scheme or path"},
        Refusal{"NumberInList", "[connectwise]\nallowed_hosts = [1]\n", "crosswalk.toml:2:17",
                "expected a list of texts"},
        Refusal{"UnknownSeverity", "[alertmanager.severities]\nwarn = \"medum\"\n", "crosswalk.toml:1:1",
                "one of \"info\", \"low\", \"medium\""},
        Refusal{"NotATime", "[clock]\nstart = \"tomorrow\"\n", "crosswalk.toml:2:9", "expected a time such as"},
        Refusal{"CertificateWithoutKey", "[server]\ncertificate_file = \"a.pem\"\n", "section [server]",
                "go together"}),
    [](const testing::TestParamInfo<Refusal>& each) { return each.param.name; });

TEST(Config, TellsAllErrorsAtOnce) {
  const auto config = read_text("[server]\nport = 8700\nprot = 1\n\n[engine]\nsettle = \"soon\"\n",
                                {{"CROSSWALK_SERVER_THREADS", "none"}});
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 3u);
  EXPECT_EQ(config.error()[2].where, "environment variable CROSSWALK_SERVER_THREADS");
}

TEST(Config, RefusesBadValuesOfTheEnvironment) {
  for (const auto& [name, text] : std::map<std::string, std::string>{{"CROSSWALK_SERVER_PORT", "many"},
                                                                     {"CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS", "1"},
                                                                     {"CROSSWALK_ENGINE_SETTLE", "-3s"},
                                                                     {"CROSSWALK_LOGGING_FORMAT", "xml"},
                                                                     {"CROSSWALK_ALERTMANAGER_SEVERITIES", "critical"},
                                                                     {"CROSSWALK_ENGINE_CALLS_PER_SECOND", "fast"}}) {
    const auto config = read_text("", {{name, text}});
    ASSERT_FALSE(config) << name;
    EXPECT_EQ(config.error()[0].where, "environment variable " + name);
    EXPECT_THAT(config.error()[0].message, HasSubstr("expected "));
  }
}

TEST(Config, RefusesAlmostRightVariablesAndLeavesOthersAlone) {
  const auto slip = read_text("", {{"CROSSWALK_SERVER_PROT", "8700"}});
  ASSERT_FALSE(slip);
  EXPECT_THAT(slip.error()[0].message, HasSubstr("did you mean CROSSWALK_SERVER_PORT?"));
  EXPECT_TRUE(read_text("", {{"CROSSWALK_BIN_DIR", "build"},
                             {"CROSSWALK_SERVICE_HOST", "10.0.0.1"},
                             {"CROSSWALK_KEY", "cw_x"},
                             {"CROSSWALK_SERVER", "http://127.0.0.1:1"},
                             {"CROSSWALK_CONFIG", "a.toml"},
                             {"EDITOR", "vi"}}));
}

TEST(Config, RefusesFlagsByTheirOwnName) {
  const auto bad = read_text("", {},
                             {{"server", "port", "x", "--port"},
                              {"server", "prot", "1", "--set server.prot=1"},
                              {"sever", "port", "1", "--set"}});
  ASSERT_FALSE(bad);
  ASSERT_EQ(bad.error().size(), 3u);
  EXPECT_EQ(bad.error()[0].where, "option --port");
  EXPECT_THAT(bad.error()[1].message, HasSubstr("did you mean \"port\"?"));
  EXPECT_THAT(bad.error()[2].message, HasSubstr("did you mean [server]?"));
}

TEST(Config, KeysHaveDefaultsThatTheyThemselvesAccept) {
  for (const ConfigKey& key : config_keys()) {
    const std::string toml =
        "[" + std::string(key.section) + "]\n" + std::string(key.name) + " = " + std::string(key.fallback) + "\n";
    const auto config = read_text(toml);
    ASSERT_TRUE(config) << toml << config.error()[0].message;
    EXPECT_EQ(*config, default_config()) << toml;
  }
}

TEST(ConfigExample, ListsEveryKeyWithItsDefault) {
  const std::string example = read_source("crosswalk.example.toml");
  EXPECT_EQ(example, example_toml()) << "crosswalk config example > crosswalk.example.toml";
  for (const ConfigKey& key : config_keys()) {
    EXPECT_THAT(example, HasSubstr("\n" + std::string(key.name) + " = " + std::string(key.fallback) + "\n"));
    EXPECT_THAT(example, HasSubstr(environment_name(key)));
  }
  const auto config = read_text(example);
  ASSERT_TRUE(config);
  EXPECT_EQ(*config, default_config());
}

TEST(ConfigReference, IsInTheDocumentation) {
  EXPECT_THAT(read_source("docs/configuration.md"), HasSubstr(reference_markdown())) << "crosswalk config reference";
}

}  // namespace
}  // namespace crosswalk::cli
