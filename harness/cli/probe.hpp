// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <expected>
#include <filesystem>
#include <span>
#include <string>

namespace uncut::harness {

struct ProbeOptions {
    std::string name;
    std::string type = "A";
    std::string server;  ///< ADDR[#PORT]; "" is the first nameserver of resolv.conf
    bool json = false;
};

/// Reads `NAME [TYPE] [@SERVER[#PORT]]`, the server anywhere, as dig does. The error says what is wrong.
std::expected<ProbeOptions, std::string> parse_probe_arguments(std::span<const std::string> words);

/// The first nameserver that a resolv.conf names.
std::expected<std::string, std::string> first_nameserver(const std::filesystem::path& resolv_conf);

/// Asks over UDP without EDNS and with sizes of 512, 1232 and 4096, and over TCP; prints a table, a diagnosis and the
/// remedy, or one JSON object. Takes 10 seconds at most, against a server that gives nothing. Returns the exit code: 0
/// a diagnosis was reached, 1 the server gives nothing, 2 usage.
int run_probe(const ProbeOptions& options, const uncut_module& module);

}  // namespace uncut::harness
