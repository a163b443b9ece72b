// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/resolver.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdio>

namespace uncut::harness {
namespace {

sigset_t end_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

std::expected<Module, std::string> with_advice(std::expected<Module, std::string> module, const std::string& path) {
    if (module || !path.empty()) return module;
    return std::unexpected(module.error() + " (--module PATH says where else it is)");
}

}  // namespace

std::expected<Resolver, std::string> start_resolver(const std::shared_ptr<const Module>& module,
                                                    const InstanceSettings& settings, PolicyStore::Start policies,
                                                    ServerConfig config) {
    auto held = HeldInstance::create(module, settings);
    if (!held) return std::unexpected(held.error());
    auto store = PolicyStore::create({&module->table(), (*held)->instance(), *held, 0}, std::move(policies));
    if (!store) return std::unexpected(store.error());
    config.backend.module = &module->table();
    config.backend.instance = (*held)->instance();
    config.backend.minor = module->minor();
    config.backend.keeps = *held;
    auto server = Server::start(std::move(config));
    if (!server) return std::unexpected(server.error());
    return Resolver{std::move(*store), std::move(*server)};
}

EndSignals::EndSignals() {
    const sigset_t set = end_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);  // a reader of our output that goes away is no reason for a server to end
}

int EndSignals::wait() {
    const sigset_t set = end_signals();
    int signal_number = 0;
    sigwait(&set, &signal_number);
    return signal_number;
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

std::expected<Module, std::string> open_module(const std::string& path) {
    return with_advice(Module::open(module_path(path)), path);
}

std::expected<std::shared_ptr<const Module>, std::string> open_module_copy(const std::string& path) {
    auto module = with_advice(Module::open_copy(module_path(path)), path);
    if (!module) return std::unexpected(module.error());
    return std::make_shared<const Module>(std::move(*module));
}

std::filesystem::path module_path(const std::string& path) {
    return path.empty() ? Module::default_path() : std::filesystem::path(path);
}

int refuse(const std::string& error) {
    fmt::print(stderr, "uncut: {}\n", error);
    return 2;
}

std::string join_addresses(const std::vector<Address>& addresses) {
    std::string text;
    for (const Address& address : addresses) text += (text.empty() ? "" : ", ") + address.text();
    return text;
}

}  // namespace uncut::harness
