// SPDX-License-Identifier: Apache-2.0
#include "harness/server/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

#include "harness/net/socket.hpp"

namespace uncut::harness {
namespace {

// A port that is free over UDP may be taken over TCP; so many times another one is tried.
constexpr int port_tries = 32;

std::expected<ListeningPair, SocketError> bind_pair(const Address& address, PortSharing sharing) {
    UdpOptions options;
    options.sharing = sharing;
    options.packet_info = address.is_any();
    auto udp = bind_udp(address, options);
    if (!udp) return std::unexpected(udp.error());
    auto tcp = listen_tcp(local_address(udp->get()), sharing);
    if (!tcp) return std::unexpected(tcp.error());
    return ListeningPair{std::move(*udp), std::move(*tcp)};
}

std::expected<ListeningPair, SocketError> bind_first(const Address& address, PortSharing sharing) {
    auto pair = bind_pair(address, sharing);
    for (int i = 1; address.port() == 0 && !pair && pair.error().code == EADDRINUSE && i < port_tries; ++i) {
        pair = bind_pair(address, sharing);
    }
    return pair;
}

// An upstream that is one of our own listeners would have every query asked of ourselves, for ever.
bool is_own_address(const Address& upstream, const Address& listener) {
    if (upstream.port() != listener.port() || upstream.is_v6() != listener.is_v6()) return false;
    return upstream.same_host(listener) || (listener.is_any() && upstream.is_loopback());
}

}  // namespace

Server::Server(ServerConfig config)
    : config_(std::move(config)),
      quota_(config_.limits.tcp_connections_max, config_.limits.tcp_connections_per_client_max) {}

std::expected<std::unique_ptr<Server>, std::string> Server::start(ServerConfig config) {
    std::unique_ptr<Server> server(new Server(std::move(config)));
    if (const auto checked = server->check(); !checked) return std::unexpected(checked.error());
    std::vector<std::vector<ListeningPair>> threads(server->config_.threads);
    if (const auto bound = server->bind(threads); !bound) return std::unexpected(bound.error());
    // The config lives as long as the server, the backend only until it is replaced.
    const auto backend = std::make_shared<const Backend>(std::exchange(server->config_.backend, {}));
    for (auto& sockets : threads) {
        auto worker = std::make_unique<Worker>(server->config_, backend, server->quota_, std::move(sockets));
        if (const auto started = worker->start(); !started) return std::unexpected(started.error());
        server->workers_.push_back(std::move(worker));
    }
    return server;
}

std::expected<void, std::string> Server::check() const {
    if (config_.threads < 1 || config_.threads > server_threads_max) {
        return std::unexpected(fmt::format("threads: {}: expected 1 to {}", config_.threads, server_threads_max));
    }
    if (config_.listen.empty()) return std::unexpected("no address to listen at");
    if (auto checked = check_upstreams(config_.backend.upstreams, config_.listen); !checked) return checked;
    const auto open = std::find_if(config_.listen.begin(), config_.listen.end(),
                                   [](const Address& address) { return !address.is_loopback(); });
    if (open != config_.listen.end() && config_.allow.empty()) {
        return std::unexpected(fmt::format(
            "{} is not a loopback address: say with --allow CIDR which clients may ask there", open->text()));
    }
    return {};
}

std::expected<void, std::string> Server::check_upstreams(const std::vector<Address>& upstreams,
                                                         const std::vector<Address>& listeners) {
    if (upstreams.empty() || upstreams.size() > UNCUT_UPSTREAMS_MAX) {
        return std::unexpected(
            fmt::format("upstreams: {} given: expected 1 to {}", upstreams.size(), UNCUT_UPSTREAMS_MAX));
    }
    for (const Address& upstream : upstreams) {
        if (upstream.port() == 0 || upstream.is_any()) {
            return std::unexpected(
                fmt::format("upstream {}: expected an address and a port that can be asked", upstream.text()));
        }
        for (const Address& listener : listeners) {
            if (is_own_address(upstream, listener)) {
                return std::unexpected(fmt::format("upstream {} is this server itself", upstream.text()));
            }
        }
    }
    return {};
}

std::expected<void, std::string> Server::switch_to(std::shared_ptr<const Backend> backend) {
    if (auto checked = check_upstreams(backend->upstreams, addresses_); !checked) return checked;
    std::expected<void, std::string> done;
    for (const auto& worker : workers_) {
        if (done = worker->prepare(backend); !done) break;
    }
    if (!done) {
        for (const auto& worker : workers_) worker->revert();
        return done;
    }
    // Nothing can fail any more but a thread that has ended, and that one has no queries.
    for (const auto& worker : workers_) std::ignore = worker->commit();
    return {};
}

bool Server::serving() const {
    return !stopped_ && std::ranges::all_of(workers_, [](const auto& worker) { return worker->serving(); });
}

std::expected<void, std::string> Server::bind(std::vector<std::vector<ListeningPair>>& threads) {
    const bool shared = threads.size() > 1;
    for (const Address& address : config_.listen) {
        auto first = bind_first(address, shared ? PortSharing::first_of_group : PortSharing::alone);
        if (!first) return std::unexpected(first.error().message);
        const Address real = local_address(first->udp.get());
        addresses_.push_back(real);
        threads[0].push_back(std::move(*first));
        for (std::size_t i = 1; i < threads.size(); ++i) {
            auto pair = bind_pair(real, PortSharing::joins_group);
            if (!pair) return std::unexpected(pair.error().message);
            threads[i].push_back(std::move(*pair));
        }
    }
    return {};
}

Server::~Server() {
    stop();
}

ServerCounters Server::counters() const {
    ServerCounters sum;
    for (const auto& worker : workers_) sum += worker->counters();
    return sum;
}

void Server::stop() {
    if (stopped_) return;
    stopped_ = true;
    for (const auto& worker : workers_) worker->begin_stop();
    for (const auto& worker : workers_) worker->join();
}

}  // namespace uncut::harness
