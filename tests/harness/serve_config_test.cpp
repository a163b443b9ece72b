// SPDX-License-Identifier: Apache-2.0
// The command line on top of the config file: what wins, and which of the two an error names.
#include "harness/cli/serve_config.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness;

namespace {

ServeOptions asking(const char* upstream = "127.0.0.1:9") {
    ServeOptions options;
    options.upstreams = {upstream};
    return options;
}

std::string error_of(const ServeOptions& options) {
    const auto config = effective_config(options);
    return config ? "no error" : config.error();
}

}  // namespace

TEST_CASE("serve: an option of the command line goes before its key, and errors name which it was", "[config]") {
    const uncut::test::TempDir folder;
    ServeOptions options = asking();
    options.config = folder.write("uncut.json", R"({"preset": "from-file", "threads": 2, "dns": ["127.0.0.1:5399"]})");
    SECTION("the file alone") {
        const auto config = effective_config(options);
        REQUIRE(config);
        CHECK(config->preset == "from-file");
        CHECK(config->preset_place == options.config + ": /preset");
        CHECK(config->threads == 2);
        CHECK(config->dns.front().text() == "127.0.0.1:5399");
    }
    SECTION("both") {
        options.preset = "from-option";
        options.threads = 3;
        options.dns = {"127.0.0.1:0"};
        const auto config = effective_config(options);
        REQUIRE(config);
        CHECK(config->preset == "from-option");
        CHECK(config->preset_place == "--preset");
        CHECK(config->threads == 3);
        CHECK(config->dns.size() == 1);
        CHECK(config->dns.front().port() == 0);
    }
}

TEST_CASE("serve: listeners are checked before anything starts", "[config]") {
    const uncut::test::TempDir folder;
    ServeOptions options = asking();
    SECTION("a listener for all needs a list of who may ask") {
        options.dns = {"0.0.0.0:5399"};
        CHECK(error_of(options).starts_with("--dns: 0.0.0.0:5399 is not a loopback address: expected --allow CIDR"));
        options.allow = {"10.0.0.0/8"};
        CHECK(effective_config(options));
    }
    SECTION("the same in the file") {
        options.config = folder.write("uncut.json", R"({"dns": ["[::]:5399"]})");
        CHECK(error_of(options).starts_with(options.config + ": /dns: [::]:5399 is not a loopback address"));
    }
    SECTION("an address given twice") {
        options.dns = {"127.0.0.1:5399", "127.0.0.1:5399"};
        CHECK(error_of(options) == "--dns: 127.0.0.1:5399 is given twice: expected each address once");
        options.dns = {"127.0.0.1:0", "127.0.0.1:0"};  // two ports
        CHECK(effective_config(options));
    }
    SECTION("threads") {
        options.threads = 0;
        CHECK(error_of(options) == "--threads 0: expected 1 to 256");
        options.threads = 257;
        CHECK(error_of(options) == "--threads 257: expected 1 to 256");
        options.threads = 256;
        CHECK(effective_config(options));
    }
    SECTION("no upstream in the file either") {
        options.upstreams.clear();
        options.config = folder.write("uncut.json", "{}");
        CHECK(error_of(options).starts_with(options.config + ": /upstreams: no upstream: expected --upstream"));
    }
}

TEST_CASE("serve: the admin API at other addresses than loopback needs a token file", "[config]") {
    const uncut::test::TempDir folder;
    ServeOptions options = asking();
    options.admin = "0.0.0.0:0";
    CHECK(error_of(options).starts_with("--admin: 0.0.0.0:0: expected a loopback address, or a token file"));
    options.admin_token_file = "token";
    const auto config = effective_config(options);
    REQUIRE(config);
    CHECK(config->admin_token_file == "token");
    SECTION("in the file") {
        options.admin.clear();
        options.admin_token_file.clear();
        options.config = folder.write("uncut.json", R"({"admin": "0.0.0.0:0"})");
        CHECK(error_of(options).starts_with(options.config + ": /admin: 0.0.0.0:0: expected a loopback address"));
        options.admin_token_file = "token";
        CHECK(effective_config(options));
    }
    SECTION("a token for an API that does not start") {
        options.admin.clear();
        CHECK(error_of(options) == "--admin-token-file: no admin API: expected --admin ADDR:PORT with it");
    }
}
