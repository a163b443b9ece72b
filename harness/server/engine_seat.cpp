// SPDX-License-Identifier: Apache-2.0
#include "harness/server/engine_seat.hpp"

#include <fmt/format.h>

namespace uncut::harness {

std::expected<std::unique_ptr<EngineSeat>, std::string> EngineSeat::create(Loop& loop, EngineHost& host,
                                                                           const ServerConfig& config,
                                                                           std::shared_ptr<const Backend> backend) {
    std::unique_ptr<EngineSeat> seat(new EngineSeat(loop, host, std::move(backend)));
    const uncut_module& module = *seat->backend_->module;
    const auto refuse = [&](const char* what, uncut_status status) {
        return std::unexpected(fmt::format("{}: {}", what, module.status_name(status)));
    };
    std::vector<uncut_address> upstreams;
    for (const Address& upstream : seat->backend_->upstreams) upstreams.push_back(upstream.to_abi());
    uncut_engine_config engine{};
    engine.size = UNCUT_STRUCT_SIZE(uncut_engine_config, letter_case);
    if (const auto status = module.engine_defaults(&engine); status != UNCUT_OK) {
        return refuse("the module gives no defaults for an engine", status);
    }
    if (config.tune_engine) config.tune_engine(engine);
    engine.upstream_count = static_cast<std::uint32_t>(upstreams.size());
    engine.upstreams = upstreams.data();
    engine.host = seat.get();
    engine.in_flight_max = config.limits.in_flight_max;
    // No exception passes through the module's frames: both are noexcept.
    engine.complete = [](void* self, std::uint64_t token, const uncut_completion* completion) noexcept {
        static_cast<EngineSeat*>(self)->host_.on_complete(token, *completion);
    };
    if (config.journal != nullptr && seat->backend_->minor >= 2) {  // the trace came with 0.2
        engine.size = UNCUT_STRUCT_SIZE(uncut_engine_config, trace);
        engine.trace = [](void* self, const uncut_trace_event* event) noexcept {
            const auto& traced = *static_cast<EngineSeat*>(self);
            traced.host_.on_trace(*traced.backend_, *event);
        };
    }
    if (const auto status = module.engine_create(seat->backend_->instance, &engine, &seat->engine_);
        status != UNCUT_OK) {
        return refuse("the module makes no engine", status);
    }
    if (const auto status = module.engine_descriptor(seat->engine_, &seat->descriptor_); status != UNCUT_OK) {
        return refuse("the engine has no descriptor", status);
    }
    if (auto added = loop.add(seat->descriptor_, EPOLLIN, *seat); !added) {
        seat->descriptor_ = -1;
        return std::unexpected(added.error());
    }
    return seat;
}

EngineSeat::~EngineSeat() {
    if (descriptor_ >= 0) loop_.remove(descriptor_, *this);
    backend_->module->engine_destroy(engine_);
}

bool EngineSeat::submit(std::uint32_t transport, std::span<const std::uint8_t> message, std::uint64_t token,
                        std::uint64_t& ticket) {
    uncut_submission submission{};
    submission.size = UNCUT_STRUCT_SIZE(uncut_submission, token);
    submission.transport = transport;
    submission.message = message.data();
    submission.octets = message.size();
    submission.token = token;
    if (backend_->module->engine_submit(engine_, &submission, &ticket) != UNCUT_OK) return false;
    due_ = true;
    return true;
}

void EngineSeat::cancel(std::uint64_t ticket) {
    backend_->module->engine_cancel(engine_, ticket);
}

void EngineSeat::process() {
    due_ = false;
    backend_->module->engine_process(engine_);
}

bool EngineSeat::idle() const {
    std::size_t count = 0;
    return backend_->module->engine_in_flight(engine_, &count) == UNCUT_OK && count == 0;
}

}  // namespace uncut::harness
