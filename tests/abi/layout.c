/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the layout of the contract: what a compiler makes of every struct, value and constant. The test compares it
 * with layout.golden. After a change that is meant: build/release/bin/abi_layout > tests/abi/layout.golden */
#include <inttypes.h>
#include <stdalign.h>
#include <stdio.h>
#include <uncut.h>

#include "tests/abi/layout_values.h"

#define STRUCT(type) printf("struct %s size %zu align %zu\n", #type, sizeof(type), alignof(type))
#define MEMBER(type, member) \
    printf("    %-24s offset %3zu size %2zu\n", #member, offsetof(type, member), sizeof(((type*)0)->member))
#define LAST(type, member) printf("    crosses as %" PRIu32 "\n", UNCUT_STRUCT_SIZE(type, member))

static void message_info(void) {
    STRUCT(uncut_message_info);
    MEMBER(uncut_message_info, size);
    MEMBER(uncut_message_info, facts);
    MEMBER(uncut_message_info, octets);
    MEMBER(uncut_message_info, error_offset);
    MEMBER(uncut_message_info, id);
    MEMBER(uncut_message_info, flags);
    MEMBER(uncut_message_info, counts);
    MEMBER(uncut_message_info, opcode);
    MEMBER(uncut_message_info, rcode);
    MEMBER(uncut_message_info, question_octets);
    MEMBER(uncut_message_info, qtype);
    MEMBER(uncut_message_info, qclass);
    MEMBER(uncut_message_info, section_offsets);
    MEMBER(uncut_message_info, opt_offset);
    MEMBER(uncut_message_info, opt_octets);
    MEMBER(uncut_message_info, udp_payload_size);
    MEMBER(uncut_message_info, edns_flags);
    MEMBER(uncut_message_info, edns_version);
    LAST(uncut_message_info, edns_version);
}

static void classify_options(void) {
    STRUCT(uncut_classify_options);
    MEMBER(uncut_classify_options, size);
    MEMBER(uncut_classify_options, suspect);
    MEMBER(uncut_classify_options, query);
    MEMBER(uncut_classify_options, query_octets);
    MEMBER(uncut_classify_options, transport);
    MEMBER(uncut_classify_options, kernel_cut);
    LAST(uncut_classify_options, kernel_cut);
}

static void clamp_options(void) {
    STRUCT(uncut_clamp_options);
    MEMBER(uncut_clamp_options, size);
    MEMBER(uncut_clamp_options, bufsize);
    MEMBER(uncut_clamp_options, edns);
    LAST(uncut_clamp_options, edns);
}

static void clamp_result(void) {
    STRUCT(uncut_clamp_result);
    MEMBER(uncut_clamp_result, size);
    MEMBER(uncut_clamp_result, action);
    MEMBER(uncut_clamp_result, bufsize_before);
    MEMBER(uncut_clamp_result, bufsize_after);
    MEMBER(uncut_clamp_result, octets);
    MEMBER(uncut_clamp_result, error_offset);
    LAST(uncut_clamp_result, error_offset);
}

static void fit_options(void) {
    STRUCT(uncut_fit_options);
    MEMBER(uncut_fit_options, size);
    MEMBER(uncut_fit_options, limit);
    MEMBER(uncut_fit_options, mode);
    MEMBER(uncut_fit_options, rotate);
    LAST(uncut_fit_options, rotate);
}

static void fit_result(void) {
    STRUCT(uncut_fit_result);
    MEMBER(uncut_fit_result, size);
    MEMBER(uncut_fit_result, action);
    MEMBER(uncut_fit_result, octets);
    MEMBER(uncut_fit_result, error_offset);
    MEMBER(uncut_fit_result, kept);
    MEMBER(uncut_fit_result, rebuilt);
    LAST(uncut_fit_result, rebuilt);
}

static void policy(void) {
    STRUCT(uncut_policy);
    MEMBER(uncut_policy, size);
    MEMBER(uncut_policy, enabled);
    MEMBER(uncut_policy, upstream_transport);
    MEMBER(uncut_policy, retry_truncated);
    MEMBER(uncut_policy, suspect);
    MEMBER(uncut_policy, upstream_bufsize);
    MEMBER(uncut_policy, upstream_edns);
    MEMBER(uncut_policy, client_bufsize);
    MEMBER(uncut_policy, fit);
    MEMBER(uncut_policy, on_tcp_failure);
    MEMBER(uncut_policy, udp_timeout_ms);
    MEMBER(uncut_policy, tcp_timeout_ms);
    MEMBER(uncut_policy, udp_tries);
    MEMBER(uncut_policy, deadline_ms);
    MEMBER(uncut_policy, learned_ttl_s);
    LAST(uncut_policy, learned_ttl_s);
}

static void zone_policy(void) {
    STRUCT(uncut_zone_policy);
    MEMBER(uncut_zone_policy, size);
    MEMBER(uncut_zone_policy, reserved);
    MEMBER(uncut_zone_policy, zone);
    MEMBER(uncut_zone_policy, policy);
    LAST(uncut_zone_policy, policy);
}

static void instance_config(void) {
    STRUCT(uncut_instance_config);
    MEMBER(uncut_instance_config, size);
    MEMBER(uncut_instance_config, learned_max_names);
    MEMBER(uncut_instance_config, tcp_holdoff_ms);
    MEMBER(uncut_instance_config, secret);
    LAST(uncut_instance_config, secret);
}

static void counter_info(void) {
    STRUCT(uncut_counter_info);
    MEMBER(uncut_counter_info, size);
    MEMBER(uncut_counter_info, reserved);
    MEMBER(uncut_counter_info, name);
    MEMBER(uncut_counter_info, cause);
    MEMBER(uncut_counter_info, help);
    LAST(uncut_counter_info, help);
}

static void exchange_query(void) {
    STRUCT(uncut_exchange_query);
    MEMBER(uncut_exchange_query, size);
    MEMBER(uncut_exchange_query, transport);
    MEMBER(uncut_exchange_query, message);
    MEMBER(uncut_exchange_query, octets);
    MEMBER(uncut_exchange_query, upstream_count);
    MEMBER(uncut_exchange_query, upstream_first);
    MEMBER(uncut_exchange_query, entropy);
    LAST(uncut_exchange_query, entropy);
}

static void exchange_needs(void) {
    STRUCT(uncut_exchange_needs);
    MEMBER(uncut_exchange_needs, size);
    MEMBER(uncut_exchange_needs, reserved);
    MEMBER(uncut_exchange_needs, state_octets);
    MEMBER(uncut_exchange_needs, kept_octets);
    LAST(uncut_exchange_needs, kept_octets);
}

static void exchange_storage(void) {
    STRUCT(uncut_exchange_storage);
    MEMBER(uncut_exchange_storage, size);
    MEMBER(uncut_exchange_storage, reserved);
    MEMBER(uncut_exchange_storage, state);
    MEMBER(uncut_exchange_storage, state_octets);
    MEMBER(uncut_exchange_storage, kept);
    MEMBER(uncut_exchange_storage, kept_octets);
    LAST(uncut_exchange_storage, kept_octets);
}

static void event(void) {
    STRUCT(uncut_event);
    MEMBER(uncut_event, size);
    MEMBER(uncut_event, kind);
    MEMBER(uncut_event, upstream);
    MEMBER(uncut_event, transport);
    MEMBER(uncut_event, cause);
    MEMBER(uncut_event, kernel_cut);
    MEMBER(uncut_event, message);
    MEMBER(uncut_event, octets);
    LAST(uncut_event, octets);
}

static void action(void) {
    STRUCT(uncut_action);
    MEMBER(uncut_action, size);
    MEMBER(uncut_action, kind);
    MEMBER(uncut_action, upstream);
    MEMBER(uncut_action, verdict);
    MEMBER(uncut_action, cause);
    MEMBER(uncut_action, transport);
    MEMBER(uncut_action, until_us);
    MEMBER(uncut_action, octets);
    LAST(uncut_action, octets);
}

static void address(void) {
    STRUCT(uncut_address);
    MEMBER(uncut_address, size);
    MEMBER(uncut_address, family);
    MEMBER(uncut_address, octets);
    MEMBER(uncut_address, port);
    MEMBER(uncut_address, scope);
    LAST(uncut_address, scope);
}

static void completion(void) {
    STRUCT(uncut_completion);
    MEMBER(uncut_completion, size);
    MEMBER(uncut_completion, outcome);
    MEMBER(uncut_completion, cause);
    MEMBER(uncut_completion, verdict);
    MEMBER(uncut_completion, message);
    MEMBER(uncut_completion, octets);
    MEMBER(uncut_completion, transport);
    MEMBER(uncut_completion, upstream);
    LAST(uncut_completion, upstream);
}

static void trace_event(void) {
    STRUCT(uncut_trace_event);
    MEMBER(uncut_trace_event, size);
    MEMBER(uncut_trace_event, kind);
    MEMBER(uncut_trace_event, token);
    MEMBER(uncut_trace_event, time_us);
    MEMBER(uncut_trace_event, revision);
    MEMBER(uncut_trace_event, upstream);
    MEMBER(uncut_trace_event, transport);
    MEMBER(uncut_trace_event, verdict);
    MEMBER(uncut_trace_event, cause);
    MEMBER(uncut_trace_event, socket);
    MEMBER(uncut_trace_event, shared);
    MEMBER(uncut_trace_event, message);
    MEMBER(uncut_trace_event, octets);
    LAST(uncut_trace_event, octets);
}

static void engine_config(void) {
    STRUCT(uncut_engine_config);
    MEMBER(uncut_engine_config, size);
    MEMBER(uncut_engine_config, upstream_count);
    MEMBER(uncut_engine_config, upstreams);
    MEMBER(uncut_engine_config, complete);
    MEMBER(uncut_engine_config, host);
    MEMBER(uncut_engine_config, in_flight_max);
    MEMBER(uncut_engine_config, udp_sockets);
    MEMBER(uncut_engine_config, udp_queries_per_socket);
    MEMBER(uncut_engine_config, udp_socket_age_max_ms);
    MEMBER(uncut_engine_config, tcp_connections_max);
    MEMBER(uncut_engine_config, tcp_pipeline_max);
    MEMBER(uncut_engine_config, tcp_idle_ms);
    MEMBER(uncut_engine_config, tcp_waiters_max);
    MEMBER(uncut_engine_config, letter_case);
    MEMBER(uncut_engine_config, trace);
    LAST(uncut_engine_config, trace);
}

static void submission(void) {
    STRUCT(uncut_submission);
    MEMBER(uncut_submission, size);
    MEMBER(uncut_submission, transport);
    MEMBER(uncut_submission, message);
    MEMBER(uncut_submission, octets);
    MEMBER(uncut_submission, token);
    LAST(uncut_submission, token);
}

static void handshake(void) {
    STRUCT(uncut_handshake);
    MEMBER(uncut_handshake, size);
    MEMBER(uncut_handshake, host_major);
    MEMBER(uncut_handshake, host_minor);
    MEMBER(uncut_handshake, module_major);
    MEMBER(uncut_handshake, module_minor);
    MEMBER(uncut_handshake, minor);
    LAST(uncut_handshake, minor);
}

static void module(void) {
    STRUCT(uncut_module);
    MEMBER(uncut_module, size);
    MEMBER(uncut_module, reserved);
    MEMBER(uncut_module, version);
    MEMBER(uncut_module, status_name);
    MEMBER(uncut_module, inspect);
    MEMBER(uncut_module, classify);
    MEMBER(uncut_module, clamp);
    MEMBER(uncut_module, fit);
    MEMBER(uncut_module, name_text);
    MEMBER(uncut_module, instance_create);
    MEMBER(uncut_module, instance_destroy);
    MEMBER(uncut_module, policy_preset);
    MEMBER(uncut_module, preset_name);
    MEMBER(uncut_module, set_policies);
    MEMBER(uncut_module, get_policy);
    MEMBER(uncut_module, forget_learned);
    MEMBER(uncut_module, counters);
    MEMBER(uncut_module, counter_info);
    MEMBER(uncut_module, exchange_needs);
    MEMBER(uncut_module, exchange_start);
    MEMBER(uncut_module, exchange_on_event);
    MEMBER(uncut_module, exchange_cancel);
    MEMBER(uncut_module, engine_defaults);
    MEMBER(uncut_module, engine_create);
    MEMBER(uncut_module, engine_destroy);
    MEMBER(uncut_module, engine_descriptor);
    MEMBER(uncut_module, engine_submit);
    MEMBER(uncut_module, engine_cancel);
    MEMBER(uncut_module, engine_process);
    MEMBER(uncut_module, engine_in_flight);
    LAST(uncut_module, engine_in_flight);
}

int main(void) {
    print_values();
    message_info();
    classify_options();
    clamp_options();
    clamp_result();
    fit_options();
    fit_result();
    policy();
    zone_policy();
    instance_config();
    counter_info();
    exchange_query();
    exchange_needs();
    exchange_storage();
    event();
    action();
    address();
    completion();
    trace_event();
    engine_config();
    submission();
    handshake();
    module();
    return 0;
}
