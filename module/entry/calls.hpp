// SPDX-License-Identifier: Apache-2.0
// The functions of the table, in its order. What each promises is said in uncut/module.h.
#pragma once

#include <uncut.h>

#include "module/wire/header.hpp"

namespace uncut::entry {

const char* status_name(Status status) noexcept;

Status inspect(const std::uint8_t* message, std::size_t octets, uncut_message_info* info) noexcept;
Status classify(const std::uint8_t* response, std::size_t octets, const uncut_classify_options* options,
                std::uint32_t* verdict) noexcept;
Status clamp(const std::uint8_t* query, std::size_t octets, const uncut_clamp_options* options, std::uint8_t* out,
             std::size_t out_capacity, uncut_clamp_result* result) noexcept;
Status fit(const std::uint8_t* response, std::size_t octets, const uncut_fit_options* options, std::uint8_t* out,
           std::size_t out_capacity, uncut_fit_result* result) noexcept;
Status name_text(const std::uint8_t* message, std::size_t octets, std::size_t offset, char* out,
                 std::size_t out_capacity, std::size_t* needed) noexcept;

Status instance_create(const uncut_instance_config* config, uncut_instance** instance) noexcept;
void instance_destroy(uncut_instance* instance) noexcept;
Status policy_preset(const char* preset, uncut_policy* policy) noexcept;
Status preset_name(std::uint32_t index, const char** name) noexcept;
Status set_policies(uncut_instance* instance, const uncut_zone_policy* policies, std::size_t count,
                    std::uint64_t* revision, std::size_t* refused) noexcept;
Status get_policy(uncut_instance* instance, const char* name, uncut_policy* policy, std::uint64_t* revision) noexcept;
Status forget_learned(uncut_instance* instance) noexcept;
Status counters(uncut_instance* instance, std::uint64_t* values, std::size_t capacity, std::size_t* needed) noexcept;
Status counter_info(std::uint32_t index, uncut_counter_info* info) noexcept;

Status exchange_needs(uncut_instance* instance, const uncut_exchange_query* query,
                      uncut_exchange_needs* needs) noexcept;
Status exchange_start(uncut_instance* instance, const uncut_exchange_query* query,
                      const uncut_exchange_storage* storage, std::uint64_t now_us, std::uint8_t* out,
                      std::size_t out_capacity, uncut_exchange** exchange, uncut_action* action) noexcept;
Status exchange_on_event(uncut_exchange* exchange, const uncut_event* event, std::uint64_t now_us, std::uint8_t* out,
                         std::size_t out_capacity, uncut_action* action) noexcept;
Status exchange_cancel(uncut_exchange* exchange) noexcept;

Status engine_defaults(uncut_engine_config* config) noexcept;
Status engine_create(uncut_instance* instance, const uncut_engine_config* config, uncut_engine** engine) noexcept;
Status engine_destroy(uncut_engine* engine) noexcept;
Status engine_descriptor(uncut_engine* engine, int* descriptor) noexcept;
Status engine_submit(uncut_engine* engine, const uncut_submission* submission, std::uint64_t* ticket) noexcept;
Status engine_cancel(uncut_engine* engine, std::uint64_t ticket) noexcept;
Status engine_process(uncut_engine* engine) noexcept;
Status engine_in_flight(uncut_engine* engine, std::size_t* count) noexcept;

}  // namespace uncut::entry
