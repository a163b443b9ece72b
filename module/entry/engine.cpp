// SPDX-License-Identifier: Apache-2.0
// Level 3: the engine. Its handle is an object that also holds the host's callback.
#include "module/engine/engine.hpp"

#include "module/entry/calls.hpp"
#include "module/entry/guard.hpp"
#include "module/entry/handles.hpp"
#include "module/entry/structs.hpp"

namespace uncut::entry {
namespace {

struct EngineHandle {
    std::unique_ptr<engine::Engine> engine;
    uncut_complete complete = nullptr;
    uncut_trace trace = nullptr;
    void* host = nullptr;
};

EngineHandle* from_handle(uncut_engine* handle) noexcept {
    return reinterpret_cast<EngineHandle*>(handle);
}

void complete(void* handle, std::uint64_t token, const engine::Completion& from) {
    const auto& self = *static_cast<const EngineHandle*>(handle);
    const uncut_completion completion{known_octets<uncut_completion>,
                                      from.outcome,
                                      from.cause,
                                      from.verdict,
                                      from.message.data(),
                                      from.message.size(),
                                      from.transport,
                                      from.upstream};
    self.complete(self.host, token, &completion);
}

void trace(void* handle, const engine::TraceEvent& from) {
    const auto& self = *static_cast<const EngineHandle*>(handle);
    const uncut_trace_event event{known_octets<uncut_trace_event>,
                                  from.kind,
                                  from.token,
                                  from.time_us,
                                  from.revision,
                                  from.upstream,
                                  from.transport,
                                  from.verdict,
                                  from.cause,
                                  from.socket,
                                  from.shared ? 1u : 0u,
                                  from.message.data(),
                                  from.message.size()};
    self.trace(self.host, &event);
}

bool within(std::uint32_t value, std::uint32_t lowest, std::uint32_t highest) noexcept {
    return value >= lowest && value <= highest;
}

// The ranges of uncut_engine_config, which bound what an engine can take of memory, ports and time.
bool in_range(const uncut_engine_config& config) noexcept {
    return within(config.in_flight_max, 1, 65'536) && within(config.udp_sockets, 1, 1'024) &&
           within(config.udp_queries_per_socket, 1, 65'536) && within(config.udp_socket_age_max_ms, 1, 3'600'000) &&
           within(config.tcp_connections_max, 1, 64) && within(config.tcp_pipeline_max, 1, 4'096) &&
           within(config.tcp_idle_ms, 1, 600'000) && within(config.tcp_waiters_max, 1, 4'096) &&
           config.letter_case <= 1;
}

uncut_engine_config to_struct(const engine::Config& from) noexcept {
    uncut_engine_config to{};
    to.size = known_octets<uncut_engine_config>;
    to.in_flight_max = from.in_flight_max;
    to.udp_sockets = from.udp_sockets;
    to.udp_queries_per_socket = from.udp_queries_per_socket;
    to.udp_socket_age_max_ms = from.udp_socket_age_max_ms;
    to.tcp_connections_max = from.tcp_connections_max;
    to.tcp_pipeline_max = from.tcp_pipeline_max;
    to.tcp_idle_ms = from.tcp_idle_ms;
    to.tcp_waiters_max = from.tcp_waiters_max;
    to.letter_case = from.letter_case;
    return to;
}

Status read_upstream(const uncut_engine_config& config, std::uint32_t index, engine::Upstream& to) noexcept {
    uncut_address address{};
    if (const Status misuse = copy_in_element(config.upstreams, index, address)) return misuse;
    if ((address.family != 4 && address.family != 6) || !within(address.port, 1, 65'535)) return UNCUT_MISUSE_VALUE;
    to.family = address.family;
    std::copy(std::begin(address.octets), std::end(address.octets), to.octets.begin());
    to.port = static_cast<std::uint16_t>(address.port);
    to.scope = address.scope;
    return UNCUT_OK;
}

// Throws std::bad_alloc.
Status read_config(const uncut_engine_config& from, engine::Config& to) {
    if (from.complete == nullptr || from.upstreams == nullptr) return UNCUT_MISUSE_NULL;
    if (from.upstream_count == 0 || !in_range(from)) return UNCUT_MISUSE_VALUE;
    if (from.upstream_count > UNCUT_UPSTREAMS_MAX) return UNCUT_LIMIT_UPSTREAMS;
    to.upstreams.resize(from.upstream_count);
    for (std::uint32_t i = 0; i < from.upstream_count; ++i) {
        if (const Status misuse = read_upstream(from, i, to.upstreams[i])) return misuse;
    }
    to.in_flight_max = from.in_flight_max;
    to.udp_sockets = from.udp_sockets;
    to.udp_queries_per_socket = from.udp_queries_per_socket;
    to.udp_socket_age_max_ms = from.udp_socket_age_max_ms;
    to.tcp_connections_max = from.tcp_connections_max;
    to.tcp_pipeline_max = from.tcp_pipeline_max;
    to.tcp_idle_ms = from.tcp_idle_ms;
    to.tcp_waiters_max = from.tcp_waiters_max;
    to.letter_case = from.letter_case != 0;
    return UNCUT_OK;
}

}  // namespace

Status engine_defaults(uncut_engine_config* config) noexcept {
    return guarded([&]() -> Status {
        if (const Status misuse = check_out(config)) return misuse;
        copy_out(config, to_struct(engine::Config{}));
        return UNCUT_OK;
    });
}

Status engine_create(uncut_instance* instance, const uncut_engine_config* config, uncut_engine** engine) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr || engine == nullptr) return UNCUT_MISUSE_NULL;
        engine::Config value;
        uncut_engine_config given = to_struct(value);
        if (const Status misuse = copy_in(config, given)) return misuse;
        if (const Status refused = read_config(given, value)) return refused;

        auto handle = std::make_unique<EngineHandle>();
        handle->complete = given.complete;
        handle->trace = given.trace;
        handle->host = given.host;
        value.complete = complete;
        value.trace = given.trace == nullptr ? nullptr : trace;
        value.host = handle.get();
        const Status status = engine::Engine::create(*from_handle(instance), value, handle->engine);
        if (status == UNCUT_OK) put(engine, handle.release());
        return status;
    });
}

Status engine_destroy(uncut_engine* engine) noexcept {
    return guarded([&]() -> Status {
        if (engine == nullptr) return UNCUT_OK;
        EngineHandle* const handle = from_handle(engine);
        if (handle->engine->inside_completion()) return UNCUT_MISUSE_STATE;
        handle->engine->stop();
        delete handle;
        return UNCUT_OK;
    });
}

Status engine_descriptor(uncut_engine* engine, int* descriptor) noexcept {
    return guarded([&]() -> Status {
        if (engine == nullptr || descriptor == nullptr) return UNCUT_MISUSE_NULL;
        put(descriptor, from_handle(engine)->engine->descriptor());
        return UNCUT_OK;
    });
}

Status engine_submit(uncut_engine* engine, const uncut_submission* submission, std::uint64_t* ticket) noexcept {
    return guarded([&]() -> Status {
        if (engine == nullptr || ticket == nullptr) return UNCUT_MISUSE_NULL;
        uncut_submission given{};
        if (const Status misuse = copy_in(submission, given)) return misuse;
        if (!within(given.transport, UNCUT_TRANSPORT_UDP, UNCUT_TRANSPORT_TCP)) return UNCUT_MISUSE_VALUE;
        if (const Status refused = check_message(given.message, given.octets)) return refused;
        std::uint64_t issued = 0;
        const Status status =
            from_handle(engine)->engine->submit({given.message, given.octets}, given.transport, given.token, issued);
        if (status == UNCUT_OK) put(ticket, issued);
        return status;
    });
}

Status engine_cancel(uncut_engine* engine, std::uint64_t ticket) noexcept {
    return guarded([&]() -> Status {
        return engine == nullptr ? Status{UNCUT_MISUSE_NULL} : from_handle(engine)->engine->cancel(ticket);
    });
}

Status engine_process(uncut_engine* engine) noexcept {
    return guarded([&]() -> Status {
        if (engine == nullptr) return UNCUT_MISUSE_NULL;
        engine::Engine& self = *from_handle(engine)->engine;
        return self.inside_completion() ? Status{UNCUT_MISUSE_STATE} : self.process();
    });
}

Status engine_in_flight(uncut_engine* engine, std::size_t* count) noexcept {
    return guarded([&]() -> Status {
        if (engine == nullptr || count == nullptr) return UNCUT_MISUSE_NULL;
        put(count, from_handle(engine)->engine->in_flight());
        return UNCUT_OK;
    });
}

}  // namespace uncut::entry
