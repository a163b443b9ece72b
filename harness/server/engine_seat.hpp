// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "harness/net/loop.hpp"
#include "harness/server/backend.hpp"
#include "harness/server/config.hpp"

namespace uncut::harness {

/// Who is told of an engine's work: the forwarder.
class EngineHost {
  public:
    virtual void on_complete(std::uint64_t token, const uncut_completion& completion) noexcept = 0;
    virtual void on_trace(const Backend& backend, const uncut_trace_event& event) noexcept = 0;

  protected:
    ~EngineHost() = default;
};

/// One engine of a thread and the backend that it is of, watched by the thread's loop. One thread.
class EngineSeat final : public Loop::Handler {
  public:
    static std::expected<std::unique_ptr<EngineSeat>, std::string> create(Loop& loop, EngineHost& host,
                                                                          const ServerConfig& config,
                                                                          std::shared_ptr<const Backend> backend);
    /// Destroys the engine, which completes everything that is in flight.
    ~EngineSeat() override;

    void on_events(std::uint32_t) override { due_ = true; }

    bool submit(std::uint32_t transport, std::span<const std::uint8_t> message, std::uint64_t token,
                std::uint64_t& ticket);
    void cancel(std::uint64_t ticket);
    void process();

    /// It has been given something, or its descriptor says so.
    bool due() const { return due_; }
    bool idle() const;
    const Backend& backend() const { return *backend_; }

  private:
    EngineSeat(Loop& loop, EngineHost& host, std::shared_ptr<const Backend> backend)
        : loop_(loop), host_(host), backend_(std::move(backend)) {}

    Loop& loop_;
    EngineHost& host_;
    std::shared_ptr<const Backend> backend_;
    uncut_engine* engine_ = nullptr;
    int descriptor_ = -1;
    bool due_ = false;
};

}  // namespace uncut::harness
