// SPDX-License-Identifier: Apache-2.0
// A story of one exchange in virtual time: say what arrives, look at what the exchange does.
#pragma once

#include <cstddef>
#include <memory>

#include "module/exchange/exchange.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/exchange/messages.hpp"

namespace uncut::story {

using exchange::Action;
using exchange::Counter;
using policy::Policy;

inline constexpr std::uint32_t udp = UNCUT_TRANSPORT_UDP;
inline constexpr std::uint32_t tcp = UNCUT_TRANSPORT_TCP;

// An instance, its policy for the root, and the time.
struct Lab {
    explicit Lab(const Policy& policy = {}, const exchange::InstanceConfig& config = {}) : instance(config) {
        set(policy);
    }
    void set(const Policy& policy) {
        policy::ZonePolicy root;
        root.zone.octets[0] = 0;
        root.zone.length = 1;
        root.policy = policy;
        instance.publish({root});
    }
    std::uint64_t count(Counter counter) const { return instance.counters.get(counter); }

    // Counters of one name, over all causes.
    std::uint64_t sum(std::string_view name) const {
        std::uint64_t total = 0;
        for (std::uint32_t index = 0; index < exchange::counter_count; ++index)
            if (name == exchange::counter_texts[index].name) total += instance.counters.get(index);
        return total;
    }
    std::uint64_t total() const {
        std::uint64_t total = 0;
        for (std::uint32_t index = 0; index < exchange::counter_count; ++index) total += instance.counters.get(index);
        return total;
    }
    std::uint64_t in_flight() const {
        return count(Counter::started) - count(Counter::delivered) - count(Counter::bypassed) -
               sum("exchanges_dropped");
    }

    exchange::Instance instance;
    std::uint64_t now_us = 1'000'000'000;
};

struct Setup {
    std::uint32_t transport = udp;
    std::uint32_t upstreams = 1;
    std::uint32_t first = 0;
    std::uint64_t entropy = 0x0123456789abcdef;
    std::size_t kept_max = 65535;  // less than what is needed: the host is short of memory
};

// One exchange. Storage and buffers are of exactly the size that was asked for, so that a sanitizer sees an octet more.
class Story {
  public:
    Story(Lab& lab, const Bytes& query, const Setup& setup = {}) : lab_(lab), query_(query) {
        exchange::Query asked;
        asked.message = query_;
        asked.transport = setup.transport;
        asked.upstream_count = setup.upstreams;
        asked.upstream_first = setup.first;
        asked.entropy = setup.entropy;
        const exchange::Needs needs = exchange::needs(lab.instance, asked);
        state_octets_ = needs.state_octets;
        state_ = std::make_unique<Block[]>((needs.state_octets + sizeof(Block) - 1) / sizeof(Block));
        kept_.resize(std::min(needs.kept_octets, setup.kept_max));
        started_us_ = lab.now_us;
        const exchange::Storage storage{{state_[0].octets, needs.state_octets}, kept_};
        REQUIRE(exchange::start(lab.instance, asked, storage, lab.now_us, out_, exchange_, action_) == UNCUT_OK);
        note();
    }

    Story& datagram(std::uint32_t upstream, const Bytes& message, bool kernel_cut = false) {
        return tell({UNCUT_EVENT_MESSAGE, upstream, udp, UNCUT_CAUSE_NONE, kernel_cut, message});
    }
    Story& stream(std::uint32_t upstream, const Bytes& message) {
        return tell({UNCUT_EVENT_MESSAGE, upstream, tcp, UNCUT_CAUSE_NONE, false, message});
    }
    Story& fails(std::uint32_t upstream, std::uint32_t transport, std::uint32_t cause) {
        return tell({UNCUT_EVENT_FAILED, upstream, transport, cause, false, {}});
    }
    Story& times_out() {
        lab_.now_us = std::max(lab_.now_us, action_.until_us);
        return tell({UNCUT_EVENT_TIMEOUT, 0, udp, UNCUT_CAUSE_NONE, false, {}});
    }
    Story& after_ms(std::uint64_t ms) {
        lab_.now_us += ms * 1000;
        return *this;
    }
    // A buffer that is too short must change nothing; the size that is asked for then must do.
    Story& tell(const exchange::Event& event, std::size_t capacity = UNCUT_MESSAGE_OCTETS_MAX) {
        REQUIRE_FALSE(is_over());
        const auto* const state = reinterpret_cast<const std::uint8_t*>(exchange_);
        const Bytes before(state, state + state_octets_);
        const std::uint64_t counted = lab_.total();
        Action action;
        Status status = exchange::on_event(*exchange_, event, lab_.now_us, std::span(out_).first(capacity), action);
        if (status == UNCUT_MISUSE_SHORT_BUFFER) {
            REQUIRE(action.octets > capacity);
            REQUIRE(action.octets <= out_.size());
            REQUIRE(Bytes(state, state + state_octets_) == before);
            REQUIRE(lab_.total() == counted);
            const auto enough = std::span(out_).first(action.octets);
            status = exchange::on_event(*exchange_, event, lab_.now_us, enough, action);
        }
        REQUIRE(status == UNCUT_OK);
        action_ = action;
        note();
        return *this;
    }

    bool asks(std::uint32_t transport, std::uint32_t upstream) const {
        const std::uint32_t kind = transport == udp ? UNCUT_ACTION_ASK_UDP : UNCUT_ACTION_ASK_TCP;
        return action_.kind == kind && action_.upstream == upstream;
    }
    bool waits(std::uint32_t cause) const { return action_.kind == UNCUT_ACTION_WAIT && action_.cause == cause; }
    bool delivers() const { return action_.kind == UNCUT_ACTION_DELIVER; }
    bool drops(std::uint32_t cause) const { return action_.kind == UNCUT_ACTION_DROP && action_.cause == cause; }
    bool bypasses() const { return action_.kind == UNCUT_ACTION_BYPASS; }
    bool is_over() const { return delivers() || bypasses() || action_.kind == UNCUT_ACTION_DROP; }

    const Action& action() const { return action_; }
    exchange::Exchange& exchange() { return *exchange_; }
    const Bytes& asked() const { return asked_; }  // the query that went upstream last
    std::uint64_t waits_ms() const { return (action_.until_us - lab_.now_us) / 1000; }
    std::uint64_t started_us() const { return started_us_; }
    std::uint64_t lasted_ms() const { return (lab_.now_us - started_us_) / 1000; }

    // What was delivered, octets and view.
    const Bytes& octets() const { return delivered_; }
    const wire::Message& response() const {
        REQUIRE(delivers());
        return response_;
    }
    std::uint32_t answers() const { return response().counts[wire::answer]; }
    std::uint32_t rcode() const { return response().rcode; }
    bool tc() const { return response().tc(); }
    // The INFO-CODE of the extended error in the response's OPT; 0: there is none.
    std::uint32_t extended_error() const {
        const Octets opt = response().opt();
        for (std::size_t at = wire::opt_octets_min; at + 6 <= opt.size(); at += 4u + wire::load16(opt.data() + at + 2))
            if (wire::load16(opt.data() + at) == wire::option::extended_error) return wire::load16(opt.data() + at + 4);
        return 0;
    }

  private:
    struct alignas(UNCUT_STORAGE_ALIGNMENT) Block {
        std::uint8_t octets[UNCUT_STORAGE_ALIGNMENT];
    };

    void note() {
        const auto end = out_.begin() + static_cast<std::ptrdiff_t>(action_.octets);
        if (action_.kind == UNCUT_ACTION_ASK_UDP || action_.kind == UNCUT_ACTION_ASK_TCP)
            asked_.assign(out_.begin(), end);
        if (delivers()) {
            delivered_.assign(out_.begin(), end);
            if (!exchange::is_transparent(*exchange_)) REQUIRE(wire::parse(delivered_, response_) == UNCUT_OK);
        }
        if (!is_over()) return;
        // Promise 1: there is no second end.
        Action second;
        CHECK(exchange::on_event(*exchange_, {}, lab_.now_us, out_, second) == UNCUT_MISUSE_STATE);
        CHECK(exchange::cancel(*exchange_) == UNCUT_MISUSE_STATE);
    }

    Lab& lab_;
    Bytes query_;
    std::unique_ptr<Block[]> state_;
    std::size_t state_octets_ = 0;
    Bytes kept_;
    Bytes out_ = Bytes(UNCUT_MESSAGE_OCTETS_MAX);
    Bytes asked_;
    Bytes delivered_;
    wire::Message response_;
    std::uint64_t started_us_ = 0;
    exchange::Exchange* exchange_ = nullptr;
    Action action_;
};

}  // namespace uncut::story
