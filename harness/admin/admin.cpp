// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/admin.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/admin/access.hpp"
#include "harness/admin/application.hpp"

namespace uncut::harness {

struct Admin::Impl {
    Impl(AdminServices services, AccessRules rules)
        : journal(services.journal), application(std::move(services), std::move(rules)) {}

    std::shared_ptr<Journal> journal;
    AdminApplication application;
    std::unique_ptr<HttpServer> server;  // behind what it serves, so that it ends first
};

Admin::Admin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Admin::~Admin() {
    stop();
}

std::expected<std::unique_ptr<Admin>, std::string> Admin::start(AdminConfig config) {
    AccessRules rules;
    rules.loopback = config.listen.is_loopback();
    if (!rules.loopback && config.token_file.empty()) {
        return std::unexpected(
            fmt::format("admin at {}: expected a loopback address, or a token file (--admin-token-file) for any other",
                        config.listen.text()));
    }
    if (!config.token_file.empty()) {
        auto token = read_token_file(config.token_file);
        if (!token) return std::unexpected(fmt::format("admin token file {}", token.error()));
        rules.token = std::move(*token);
    }
    auto impl = std::make_unique<Impl>(std::move(config.services), std::move(rules));
    auto server = HttpServer::start(config.listen, impl->application, config.timeouts);
    if (!server) return std::unexpected(fmt::format("admin: {}", server.error()));
    impl->server = std::move(*server);
    impl->application.listens_at(impl->server->address());
    if (impl->journal) impl->journal->set_listener([raw = impl->server.get()] { raw->wake_streams(); });
    return std::unique_ptr<Admin>(new Admin(std::move(impl)));
}

Address Admin::address() const {
    return impl_->server->address();
}

void Admin::stop() {
    if (impl_->journal) impl_->journal->set_listener({});
    impl_->server->stop();
}

}  // namespace uncut::harness
