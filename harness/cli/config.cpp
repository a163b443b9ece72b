// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ranges>
#include <span>
#include <utility>

#include "harness/journal/journal.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Result = std::expected<void, JsonError>;

constexpr std::uint16_t dns_port = 53;

std::unexpected<JsonError> wrong(std::string_view pointer, std::string expected, const json::value& value) {
    return std::unexpected(
        JsonError{JsonError::Kind::wrong_value, std::string(pointer), std::move(expected), json_excerpt(value)});
}

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

/// Reads an object whose keys are rows of a table: a row's `name`, and read(row, value, pointer).
template <typename Row, typename Read>
Result read_object(const json::value& value, std::string_view pointer, std::span<const Row> rows, Read read) {
    const auto names = rows | std::views::transform([](const Row& row) { return row.name; });
    if (!value.is_object()) return wrong(pointer, "an object", value);
    for (const auto& [name, member] : value.get_object()) {
        const std::string_view key(name.data(), name.size());
        const std::string at = json_pointer(pointer, key);
        const auto row = std::ranges::find_if(rows, [key](const Row& known) { return known.name == key; });
        if (row == rows.end()) {
            return std::unexpected(JsonError{JsonError::Kind::unknown_field, at,
                                             fmt::format("one of the keys {}", fmt::join(names, ", ")),
                                             fmt::format("the unknown key {}", json_excerpt(json::string(key)))});
        }
        if (Result done = read(*row, member, at); !done) return done;
    }
    return {};
}

/// Reads an array of strings through read(text), which says what a string should have been.
template <typename Item, typename Read>
Result read_strings(const json::value& value, std::string_view pointer, std::size_t count_min, std::size_t count_max,
                    std::string_view what, std::vector<Item>& items, Read read) {
    const std::string expected = fmt::format("an array of {} to {} strings, each {}", count_min, count_max, what);
    if (!value.is_array()) return wrong(pointer, expected, value);
    const json::array& array = value.get_array();
    if (array.size() < count_min || array.size() > count_max) {
        return std::unexpected(JsonError{JsonError::Kind::wrong_value, std::string(pointer), expected,
                                         fmt::format("{} of them", array.size())});
    }
    std::size_t index = 0;
    for (const json::value& element : array) {
        const std::string at = json_pointer(pointer, index++);
        if (!element.is_string()) return wrong(at, std::string(what), element);
        auto item = read(view(element.get_string()));
        if (!item) {
            return std::unexpected(
                JsonError{JsonError::Kind::wrong_value, at, std::string(what), std::move(item.error())});
        }
        items.push_back(std::move(*item));
    }
    return {};
}

Result read_text(const json::value& value, std::string_view pointer, std::string_view what, std::string& text) {
    // A path with a NUL would be cut there by the system.
    if (!value.is_string() || value.get_string().empty() || view(value.get_string()).contains('\0')) {
        return wrong(pointer, std::string(what), value);
    }
    text = view(value.get_string());
    return {};
}

constexpr std::string_view address_form = "\"ADDR:PORT\"";
constexpr std::string_view upstream_form = "\"ADDR\" or \"ADDR:PORT\", port 1 to 65535";

Result read_dns(const json::value& value, std::string_view pointer, Config& config) {
    return read_strings(value, pointer, 1, config_listeners_max, address_form, config.dns,
                        [](std::string_view text) { return Address::parse(text, std::nullopt); });
}

Result read_upstreams(const json::value& value, std::string_view pointer, Config& config) {
    return read_strings(value, pointer, 1, UNCUT_UPSTREAMS_MAX, upstream_form, config.upstreams,
                        [](std::string_view text) -> std::expected<Address, std::string> {
                            auto address = Address::parse(text, dns_port);
                            if (address && address->port() == 0) {
                                return std::unexpected(fmt::format("\"{}\": nobody can be asked at port 0", text));
                            }
                            return address;
                        });
}

Result read_admin(const json::value& value, std::string_view pointer, Config& config) {
    if (!value.is_string()) return wrong(pointer, std::string(address_form), value);
    const auto address = Address::parse(view(value.get_string()), std::nullopt);
    if (!address) {
        return std::unexpected(
            JsonError{JsonError::Kind::wrong_value, std::string(pointer), std::string(address_form), address.error()});
    }
    config.admin = *address;
    return {};
}

Result read_token_file(const json::value& value, std::string_view pointer, Config& config) {
    return read_text(value, pointer, "the path of a file", config.admin_token_file);
}

Result read_module(const json::value& value, std::string_view pointer, Config& config) {
    return read_text(value, pointer, "the path of a module", config.module);
}

Result read_preset(const json::value& value, std::string_view pointer, Config& config) {
    return read_text(value, pointer, "the name of a preset", config.preset);
}

Result read_threads(const json::value& value, std::string_view pointer, Config& config) {
    const auto threads = read_integer(value, 1, config_threads_max, pointer);
    if (!threads) return std::unexpected(threads.error());
    config.threads = *threads;
    return {};
}

Result read_journal(const json::value& value, std::string_view pointer, Config& config) {
    const auto exchanges = read_integer(value, 1, journal_exchanges_max, pointer);
    if (!exchanges) return std::unexpected(exchanges.error());
    config.journal = *exchanges;
    return {};
}

Result read_allow(const json::value& value, std::string_view pointer, Config& config) {
    return read_strings(value, pointer, 0, config_allow_max, "\"ADDR/BITS\"", config.allow,
                        [](std::string_view text) { return Cidr::parse(text); });
}

/// One number of a group: `flag` if it is written true or false.
template <typename Group>
struct NumberRow {
    std::string_view name;
    std::uint32_t minimum;
    std::uint32_t maximum;
    std::optional<std::uint32_t> Group::* member;
    bool flag = false;
};

template <typename Group, std::size_t N>
Result read_numbers(const json::value& value, std::string_view pointer, const NumberRow<Group> (&rows)[N],
                    Group& group) {
    const auto read = [&group](const NumberRow<Group>& row, const json::value& member, std::string_view at) -> Result {
        if (row.flag) {
            const auto truth = read_boolean(member, at);
            if (!truth) return std::unexpected(truth.error());
            group.*row.member = *truth ? 1U : 0U;
            return {};
        }
        const auto number = read_integer(member, row.minimum, row.maximum, at);
        if (!number) return std::unexpected(number.error());
        group.*row.member = *number;
        return {};
    };
    return read_object(value, pointer, std::span<const NumberRow<Group>>(rows), read);
}

// Ranges of the next two are those of <uncut.h>.
constexpr NumberRow<InstanceOptions> instance_rows[] = {
    {"learned_max_names", 0, 1048576, &InstanceOptions::learned_max_names},
    {"tcp_holdoff_ms", 0, 600000, &InstanceOptions::tcp_holdoff_ms},
};

constexpr NumberRow<EngineOptions> engine_rows[] = {
    {"in_flight_max", 1, 65536, &EngineOptions::in_flight_max},
    {"udp_sockets", 1, 1024, &EngineOptions::udp_sockets},
    {"udp_queries_per_socket", 1, 65536, &EngineOptions::udp_queries_per_socket},
    {"udp_socket_age_max_ms", 1, 3600000, &EngineOptions::udp_socket_age_max_ms},
    {"tcp_connections_max", 1, 64, &EngineOptions::tcp_connections_max},
    {"tcp_pipeline_max", 1, 4096, &EngineOptions::tcp_pipeline_max},
    {"tcp_idle_ms", 1, 600000, &EngineOptions::tcp_idle_ms},
    {"tcp_waiters_max", 1, 4096, &EngineOptions::tcp_waiters_max},
    {"letter_case", 0, 1, &EngineOptions::letter_case, true},
};

constexpr NumberRow<ServerOptions> server_rows[] = {
    {"connections_max", 1, server_connections_max, &ServerOptions::connections_max},
    {"connections_per_client_max", 1, server_connections_max, &ServerOptions::connections_per_client_max},
    {"waiting_per_connection_max", 1, server_waiting_max, &ServerOptions::waiting_per_connection_max},
    {"idle_timeout_ms", 1, server_idle_ms_max, &ServerOptions::idle_timeout_ms},
};

Result read_instance(const json::value& value, std::string_view pointer, Config& config) {
    return read_numbers(value, pointer, instance_rows, config.instance);
}

Result read_engine(const json::value& value, std::string_view pointer, Config& config) {
    return read_numbers(value, pointer, engine_rows, config.engine);
}

Result read_server(const json::value& value, std::string_view pointer, Config& config) {
    return read_numbers(value, pointer, server_rows, config.server);
}

Result read_policies(const json::value& value, std::string_view pointer, Config& config) {
    auto set = read_policy_set(value, pointer);
    if (!set) return std::unexpected(std::move(set.error()));
    config.policies = std::move(*set);
    return {};
}

struct Key {
    std::string_view name;
    Result (*read)(const json::value& value, std::string_view pointer, Config& config);
};

constexpr Key keys[] = {
    {"dns", read_dns},           {"upstreams", read_upstreams}, {"admin", read_admin},
    {"module", read_module},     {"preset", read_preset},       {"admin_token_file", read_token_file},
    {"threads", read_threads},   {"allow", read_allow},         {"instance", read_instance},
    {"policies", read_policies}, {"server", read_server},       {"engine", read_engine},
    {"journal", read_journal},
};

}  // namespace

void EngineOptions::apply_to(uncut_engine_config& config) const {
    config.in_flight_max = in_flight_max.value_or(config.in_flight_max);
    config.udp_sockets = udp_sockets.value_or(config.udp_sockets);
    config.udp_queries_per_socket = udp_queries_per_socket.value_or(config.udp_queries_per_socket);
    config.udp_socket_age_max_ms = udp_socket_age_max_ms.value_or(config.udp_socket_age_max_ms);
    config.tcp_connections_max = tcp_connections_max.value_or(config.tcp_connections_max);
    config.tcp_pipeline_max = tcp_pipeline_max.value_or(config.tcp_pipeline_max);
    config.tcp_idle_ms = tcp_idle_ms.value_or(config.tcp_idle_ms);
    config.tcp_waiters_max = tcp_waiters_max.value_or(config.tcp_waiters_max);
    config.letter_case = letter_case.value_or(config.letter_case);
}

void InstanceOptions::apply_to(uncut_instance_config& config) const {
    // The ABI has no call that fills these in; the numbers are the defaults it documents.
    config.learned_max_names = learned_max_names.value_or(65536);
    config.tcp_holdoff_ms = tcp_holdoff_ms.value_or(2000);
}

std::expected<Config, std::string> parse_config(std::string_view text, std::string_view name) {
    const auto document = parse_json(text);
    if (!document) return std::unexpected(fmt::format("{}: {}", name, document.error().text()));
    Config config;
    const auto read = [&config](const Key& key, const json::value& value, std::string_view pointer) {
        return key.read(value, pointer, config);
    };
    if (const Result done = read_object(*document, "", std::span<const Key>(keys), read); !done) {
        return std::unexpected(fmt::format("{}: {}", name, done.error().text()));
    }
    if (!config.preset.empty()) config.preset_place = fmt::format("{}: /preset", name);
    return config;
}

std::expected<Config, std::string> load_config(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::unexpected(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
    std::string text(config_octets_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return std::unexpected(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > config_octets_max) {
        return std::unexpected(fmt::format("{}: expected at most {} octets", path, config_octets_max));
    }
    return parse_config(text, path);
}

}  // namespace uncut::harness
