// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/upstream.hpp"

#include <exception>
#include <future>
#include <optional>
#include <utility>

#include "harness/log/log.hpp"
#include "harness/net/loop.hpp"
#include "harness/net/socket.hpp"
#include "harness/upstream/delay_line.hpp"
#include "harness/upstream/tcp_listener.hpp"
#include "harness/upstream/udp_listener.hpp"

namespace uncut::harness::upstream {
namespace {

// With port 0 the system picks a port that is free over UDP; over TCP it may be taken, and another is tried.
constexpr int port_tries_max = 32;

// Nobody should send to the port that forgeries come from.
constexpr int other_receive_buffer_octets = 4096;

struct Sockets {
    Fd udp;
    Fd other;  // UDP too, at another port
    Fd tcp;
    Address address;
};

std::expected<Sockets, std::string> bind_both(const Address& wanted) {
    for (int left = wanted.port() == 0 ? port_tries_max : 1;; --left) {
        auto udp = bind_udp(wanted);
        if (!udp) return std::unexpected(udp.error().message);
        const Address address = local_address(udp->get());
        UdpOptions options;
        options.receive_buffer_octets = other_receive_buffer_octets;
        auto other = bind_udp(address.with_port(0), options);
        if (!other) return std::unexpected(other.error().message);
        auto tcp = listen_tcp(address);
        if (tcp) return Sockets{std::move(*udp), std::move(*other), std::move(*tcp), address};
        if (left == 1) return std::unexpected(tcp.error().message);
    }
}

std::vector<NumberedFault> numbered(const std::vector<Fault>& faults) {
    std::vector<NumberedFault> out;
    for (const Fault& fault : faults) out.push_back({out.size() + 1, out.size() + 1, fault});
    return out;
}

std::expected<std::shared_ptr<const Zones>, std::string> load(const UpstreamConfig& config) {
    auto zones = std::make_shared<Zones>();
    if (!config.zone_text.empty()) {
        if (auto added = zones->add_text(config.zone_text); !added) return std::unexpected(added.error());
    }
    for (const auto& path : config.zone_files) {
        if (auto added = zones->add_file(path); !added) return std::unexpected(added.error());
    }
    return zones;
}

}  // namespace

/// All that lives on the thread.
class Upstream::Worker {
  public:
    Worker(std::unique_ptr<Loop> loop, Sockets sockets, std::shared_ptr<const Zones> zones, FaultSet faults,
           const UpstreamConfig& config)
        : loop_(std::move(loop)),
          tcp_wanted_(config.tcp),
          address_(sockets.address),
          delays_(*loop_),
          service_(std::move(zones), std::move(faults), config.udp_limit_octets, config.recent_queries_max),
          udp_(std::in_place, std::move(sockets.udp), std::move(sockets.other), *loop_, delays_, service_),
          tcp_(std::in_place, sockets.address, *loop_, delays_, service_),
          listening_(std::move(sockets.tcp)) {}

    std::expected<void, std::string> begin() {
        if (auto added = udp_->listen(); !added) return added;
        if (refuses()) {
            listening_.reset();
            return tcp_->refuse();
        }
        return tcp_->listen(std::move(listening_));
    }

    void run() noexcept {
        while (!loop_->stopped()) {
            try {
                loop_->run();
            } catch (const std::exception& error) {  // memory at most: the query at hand is lost, the next is not
                log(LogLevel::error, "the scripted upstream lost a query",
                    {{"address", address_.text()}, {"reason", error.what()}});
            }
        }
    }

    void close() {
        delays_.clear();
        tcp_.reset();
        udp_.reset();
    }

    std::expected<void, std::string> change(Change change, std::optional<FaultSet> faults) {
        if (faults) {
            // First, because it alone can fail.
            const bool refuse = !tcp_wanted_ || faults->tcp_refused();
            if (tcp_ && refuse == tcp_->listening()) {
                if (auto done = refuse ? tcp_->refuse() : tcp_->listen(); !done) return done;
            }
            service_.set_faults(std::move(*faults));
        }
        if (change.zones) service_.set_zones(std::move(change.zones));
        if (change.udp_octets_max) service_.set_udp_limit(*change.udp_octets_max);
        return {};
    }

    void forget() {
        delays_.clear();
        if (tcp_) tcp_->close_connections();
        service_.clear_statistics();
    }

    Loop& loop() { return *loop_; }
    Service& service() { return service_; }
    const Address& address() const { return address_; }

  private:
    bool refuses() const { return !tcp_wanted_ || service_.faults().tcp_refused(); }

    std::unique_ptr<Loop> loop_;
    const bool tcp_wanted_;
    Address address_;
    DelayLine delays_;
    Service service_;
    std::optional<UdpListener> udp_;
    std::optional<TcpListener> tcp_;
    Fd listening_;
};

std::expected<std::unique_ptr<Upstream>, std::string> Upstream::start(UpstreamConfig config) {
    auto zones = load(config);
    if (!zones) return std::unexpected(zones.error());
    auto faults = FaultSet::make(numbered(config.faults));
    if (!faults) return std::unexpected(faults.error());
    auto loop = Loop::create();
    if (!loop) return std::unexpected(loop.error());
    auto sockets = bind_both(config.listen);
    if (!sockets) return std::unexpected(sockets.error());
    auto worker =
        std::make_unique<Worker>(std::move(*loop), std::move(*sockets), std::move(*zones), std::move(*faults), config);
    if (auto begun = worker->begin(); !begun) return std::unexpected(begun.error());
    return std::unique_ptr<Upstream>(new Upstream(std::move(worker)));
}

Upstream::Upstream(std::unique_ptr<Worker> worker)
    : address_(worker->address()), worker_(std::move(worker)), thread_([raw = worker_.get()] { raw->run(); }) {}

Upstream::~Upstream() {
    stop();
}

void Upstream::stop() {
    const std::lock_guard lock(calls_);
    if (!thread_.joinable()) return;
    worker_->loop().stop();
    thread_.join();
    worker_->close();
}

void Upstream::on_worker(const std::function<void()>& work) {
    const std::lock_guard lock(calls_);
    if (!thread_.joinable()) return work();
    // Shared: the promise is still at work when the caller, woken by it, has gone on.
    const auto done = std::make_shared<std::promise<void>>();
    worker_->loop().post([done, &work] {
        try {
            work();
            done->set_value();
        } catch (...) {
            done->set_exception(std::current_exception());
        }
    });
    done->get_future().get();
}

std::expected<void, std::string> Upstream::change(Change change) {
    std::optional<FaultSet> faults;
    if (change.faults) {
        auto made = FaultSet::make(std::move(*change.faults));
        if (!made) return std::unexpected(made.error());
        faults = std::move(*made);
    }
    std::expected<void, std::string> result;
    on_worker([&] { result = worker_->change(std::move(change), std::move(faults)); });
    return result;
}

std::vector<FaultState> Upstream::faults() {
    std::vector<FaultState> out;
    on_worker([&] { out = worker_->service().faults().states(); });
    return out;
}

void Upstream::forget() {
    on_worker([&] { worker_->forget(); });
}

Statistics Upstream::statistics() {
    Statistics out;
    on_worker([&] { out = worker_->service().statistics(); });
    return out;
}

std::vector<SeenQuery> Upstream::queries() {
    std::vector<SeenQuery> out;
    on_worker([&] { out = worker_->service().log().list(); });
    return out;
}

}  // namespace uncut::harness::upstream
