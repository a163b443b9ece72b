// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/admin/policy_store.hpp"
#include "harness/host/instance.hpp"
#include "harness/host/module.hpp"
#include "harness/server/server.hpp"

namespace uncut::harness {

/// A server that runs, and the policies that it obeys. They keep the module and its instance between them.
struct Resolver {
    std::shared_ptr<PolicyStore> policies;
    std::unique_ptr<Server> server;
};

/// Makes the instance, publishes the policies, starts the server (whose module and instance are filled in here). The
/// error is one line.
std::expected<Resolver, std::string> start_resolver(const std::shared_ptr<const Module>& module,
                                                    const InstanceSettings& settings, PolicyStore::Start policies,
                                                    ServerConfig config);

/// Takes SIGINT and SIGTERM off every thread that starts from now on, so that wait() gets them. Made first.
class EndSignals {
  public:
    EndSignals();
    /// Returns at the first SIGINT or SIGTERM, with its number.
    int wait();
};

/// Lets the process have as many descriptors as the system allows it: each client connection and each source port
/// takes one, and the usual soft limit of 1,024 is there for programs that use select.
void raise_descriptor_limit();

/// The module at `path`, or at its usual place if that is empty.
std::expected<Module, std::string> open_module(const std::string& path);
/// The same for a program that runs on: as a private copy, so that whoever writes over the file of a running program
/// (as cp does) does not pull the code from under it.
std::expected<std::shared_ptr<const Module>, std::string> open_module_copy(const std::string& path);
/// Where that is.
std::filesystem::path module_path(const std::string& path);

/// Prints "uncut: ERROR" on standard error; returns 2, the exit status for what the caller got wrong.
int refuse(const std::string& error);

/// "127.0.0.1:53, [::1]:53"
std::string join_addresses(const std::vector<Address>& addresses);

}  // namespace uncut::harness
