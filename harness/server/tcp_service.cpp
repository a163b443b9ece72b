// SPDX-License-Identifier: Apache-2.0
#include "harness/server/tcp_service.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "harness/net/socket.hpp"
#include "harness/server/forwarder.hpp"

namespace uncut::harness {
namespace {

// Connections accepted in one round, so that those that there are have their turn in a storm.
constexpr int accept_batch = 64;
// Without a descriptor left, accepting again at once would only spin: connections wait in the backlog meanwhile.
constexpr std::uint64_t accept_pause_us = 100'000;

}  // namespace

/// One listening socket.
class TcpService::Listener final : public Loop::Handler {
  public:
    Listener(TcpService& service, Fd socket)
        : service_(service),
          socket_(std::move(socket)),
          serves_all_(local_address(socket_.get()).is_loopback()),
          pause_(service.loop_, [this] { service_.loop_.modify(socket_.get(), EPOLLIN, *this); }) {}
    ~Listener() override { service_.loop_.remove(socket_.get(), *this); }

    void on_events(std::uint32_t) override {
        for (int i = 0; i < accept_batch; ++i) {
            sockaddr_storage raw{};
            socklen_t octets = sizeof raw;
            Fd socket(accept4(socket_.get(), reinterpret_cast<sockaddr*>(&raw), &octets, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket) return failed(errno);
            const auto client = Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), octets);
            if (client) service_.accepted(std::move(socket), *client, *this);
        }
    }

    bool may_ask(const Address& client) const { return serves_all_ || any_contains(service_.config_.allow, client); }
    int descriptor() const { return socket_.get(); }

  private:
    void failed(int code) {
        if (code != EMFILE && code != ENFILE && code != ENOBUFS && code != ENOMEM) return;  // the client's own end
        service_.counters_.count(RefusalCause::system);
        service_.loop_.modify(socket_.get(), 0, *this);
        pause_.arm(accept_pause_us);
    }

    TcpService& service_;
    Fd socket_;
    const bool serves_all_;
    Timer pause_;
};

TcpService::TcpService(Loop& loop, const ServerConfig& config, Forwarder& forwarder, ServerCounters& counters,
                       ConnectionQuota& quota)
    : loop_(loop),
      config_(config),
      forwarder_(forwarder),
      counters_(counters),
      quota_(quota),
      scratch_(std::make_unique_for_overwrite<std::uint8_t[]>(scratch_octets)) {}

TcpService::~TcpService() {
    listeners_.clear();
    for (const auto& connection : connections_) connection->kill(DropCause::stopped);
    settle();
}

std::expected<void, std::string> TcpService::add_listener(Fd socket) {
    auto listener = std::make_unique<Listener>(*this, std::move(socket));
    auto added = loop_.add(listener->descriptor(), EPOLLIN, *listener);
    if (added) listeners_.push_back(std::move(listener));
    return added;
}

void TcpService::accepted(Fd socket, const Address& client, const Listener& listener) {
    if (!listener.may_ask(client)) return counters_.count(RefusalCause::not_allowed);
    if (const auto refusal = quota_.admit(client)) return counters_.count(*refusal);
    // An answer leaves when it is there, not when an earlier one is acknowledged.
    const int one = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const int descriptor = socket.get();
    auto connection = std::make_unique<TcpConnection>(*this, std::move(socket), client);
    if (!loop_.add(descriptor, 0, *connection)) {
        quota_.release(client);
        return counters_.count(RefusalCause::system);
    }
    ++counters_.connections_accepted;
    ++counters_.connections_open;
    connections_.push_back(std::move(connection));
    // Each may be listed twice; with the room made here, unsettle() allocates nothing and cannot fail.
    unsettled_.reserve(2 * connections_.size());
    unsettle(*connections_.back());
}

void TcpService::unsettle(TcpConnection& connection) {
    if (connection.unsettled_) return;
    connection.unsettled_ = true;
    unsettled_.push_back(&connection);
}

void TcpService::settle() {
    // Settling may unsettle others: by index, to the end.
    for (std::size_t i = 0; i < unsettled_.size(); ++i) {
        TcpConnection& connection = *unsettled_[i];
        if (!connection.settle()) {
            // kill() has put it on the list once more: it must be the last entry of it that destroys it.
            if (!connection.unsettled_) close(connection);
        }
    }
    unsettled_.clear();
}

void TcpService::close(TcpConnection& connection) {
    quota_.release(connection.client());
    --counters_.connections_open;
    const auto at = std::find_if(connections_.begin(), connections_.end(),
                                 [&](const auto& other) { return other.get() == &connection; });
    std::swap(*at, connections_.back());
    connections_.pop_back();
}

void TcpService::drain() {
    draining_ = true;
    listeners_.clear();
    for (const auto& connection : connections_) unsettle(*connection);
}

void TcpService::keep(std::size_t octets, std::uint64_t answers) {
    unsent_ += octets;
    unwritten_ += answers;
}

void TcpService::forget(std::size_t octets, std::uint64_t answers) {
    unsent_ -= octets;
    unwritten_ -= answers;
}

}  // namespace uncut::harness
