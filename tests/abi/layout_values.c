/* SPDX-License-Identifier: Apache-2.0 */
/* The values of the contract, as a compiler sees them. */
#include "tests/abi/layout_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <uncut.h>

#define VALUE(name) printf("    %-32s %" PRIu32 "\n", #name, (uint32_t)(name))

static void constants(void) {
    puts("constants");
    VALUE(UNCUT_ABI_MAJOR);
    VALUE(UNCUT_ABI_MINOR);
    VALUE(UNCUT_MESSAGE_OCTETS_MAX);
    VALUE(UNCUT_STORAGE_ALIGNMENT);
    VALUE(UNCUT_UPSTREAMS_MAX);
    VALUE(UNCUT_ZONES_MAX);
    VALUE(UNCUT_UDP_TRIES_MAX);
}

static void status_value(void) {
    puts("enum uncut_status_value");
    VALUE(UNCUT_OK);
    VALUE(UNCUT_MISUSE_NULL);
    VALUE(UNCUT_MISUSE_STRUCT_SIZE);
    VALUE(UNCUT_MISUSE_TAIL);
    VALUE(UNCUT_MISUSE_VALUE);
    VALUE(UNCUT_MISUSE_VERSION);
    VALUE(UNCUT_MISUSE_SHORT_BUFFER);
    VALUE(UNCUT_MISUSE_ALIGNMENT);
    VALUE(UNCUT_MISUSE_STATE);
    VALUE(UNCUT_MISUSE_NOT_FOUND);
    VALUE(UNCUT_WIRE_HEADER);
    VALUE(UNCUT_WIRE_CUT);
    VALUE(UNCUT_WIRE_LABEL);
    VALUE(UNCUT_WIRE_POINTER);
    VALUE(UNCUT_WIRE_NAME);
    VALUE(UNCUT_WIRE_RDATA);
    VALUE(UNCUT_WIRE_TRAILING);
    VALUE(UNCUT_WIRE_OPT);
    VALUE(UNCUT_WIRE_QUESTION);
    VALUE(UNCUT_WIRE_DIRECTION);
    VALUE(UNCUT_LIMIT_OCTETS);
    VALUE(UNCUT_LIMIT_BUDGET);
    VALUE(UNCUT_LIMIT_IN_FLIGHT);
    VALUE(UNCUT_LIMIT_ZONES);
    VALUE(UNCUT_LIMIT_FIT);
    VALUE(UNCUT_LIMIT_UPSTREAMS);
    VALUE(UNCUT_UNUSABLE_MEMORY);
    VALUE(UNCUT_UNUSABLE_SYSTEM);
    VALUE(UNCUT_UNUSABLE_STOPPED);
    VALUE(UNCUT_UNUSABLE_INTERNAL);
}

static void transport(void) {
    puts("enum uncut_transport");
    VALUE(UNCUT_TRANSPORT_UDP);
    VALUE(UNCUT_TRANSPORT_TCP);
}

static void verdict(void) {
    puts("enum uncut_verdict");
    VALUE(UNCUT_VERDICT_WHOLE);
    VALUE(UNCUT_VERDICT_TRUNCATED);
    VALUE(UNCUT_VERDICT_CUT);
    VALUE(UNCUT_VERDICT_OVERSIZE);
    VALUE(UNCUT_VERDICT_DANGLING_CNAME);
    VALUE(UNCUT_VERDICT_MALFORMED);
    VALUE(UNCUT_VERDICT_NOT_OURS);
}

static void suspect(void) {
    puts("enum uncut_suspect");
    VALUE(UNCUT_SUSPECT_CUT);
    VALUE(UNCUT_SUSPECT_OVERSIZE);
    VALUE(UNCUT_SUSPECT_DANGLING_CNAME);
}

static void edns(void) {
    puts("enum uncut_edns");
    VALUE(UNCUT_EDNS_KEEP);
    VALUE(UNCUT_EDNS_ADD);
}

static void fit(void) {
    puts("enum uncut_fit");
    VALUE(UNCUT_FIT_RRSET);
    VALUE(UNCUT_FIT_FILL);
    VALUE(UNCUT_FIT_EMPTY);
    VALUE(UNCUT_FIT_SUBSET);
}

static void fact(void) {
    puts("enum uncut_fact");
    VALUE(UNCUT_FACT_HEADER);
    VALUE(UNCUT_FACT_QUESTION);
    VALUE(UNCUT_FACT_OPT);
    VALUE(UNCUT_FACT_DO);
    VALUE(UNCUT_FACT_SIGNED);
    VALUE(UNCUT_FACT_CNAME);
    VALUE(UNCUT_FACT_QTYPE);
    VALUE(UNCUT_FACT_SOA);
}

static void clamp_action(void) {
    puts("enum uncut_clamp_action");
    VALUE(UNCUT_CLAMP_NONE);
    VALUE(UNCUT_CLAMP_LOWERED);
    VALUE(UNCUT_CLAMP_ADDED);
}

static void fit_action(void) {
    puts("enum uncut_fit_action");
    VALUE(UNCUT_FIT_UNCHANGED);
    VALUE(UNCUT_FIT_DROPPED);
    VALUE(UNCUT_FIT_TRUNCATED);
    VALUE(UNCUT_FIT_SUBSETTED);
}

static void upstream_transport(void) {
    puts("enum uncut_upstream_transport");
    VALUE(UNCUT_UPSTREAM_MATCH_CLIENT);
    VALUE(UNCUT_UPSTREAM_UDP_FIRST);
    VALUE(UNCUT_UPSTREAM_TCP);
    VALUE(UNCUT_UPSTREAM_LEARNED);
}

static void on_tcp_failure(void) {
    puts("enum uncut_on_tcp_failure");
    VALUE(UNCUT_ON_TCP_FAILURE_PARTIAL);
    VALUE(UNCUT_ON_TCP_FAILURE_EMPTY);
    VALUE(UNCUT_ON_TCP_FAILURE_SERVFAIL);
}

static void action_kind(void) {
    puts("enum uncut_action_kind");
    VALUE(UNCUT_ACTION_ASK_UDP);
    VALUE(UNCUT_ACTION_ASK_TCP);
    VALUE(UNCUT_ACTION_WAIT);
    VALUE(UNCUT_ACTION_DELIVER);
    VALUE(UNCUT_ACTION_BYPASS);
    VALUE(UNCUT_ACTION_DROP);
}

static void cause(void) {
    puts("enum uncut_cause");
    VALUE(UNCUT_CAUSE_NONE);
    VALUE(UNCUT_CAUSE_SHORT);
    VALUE(UNCUT_CAUSE_RESPONSE);
    VALUE(UNCUT_CAUSE_NO_QUESTION);
    VALUE(UNCUT_CAUSE_CANCELLED);
    VALUE(UNCUT_CAUSE_SILENCE);
    VALUE(UNCUT_CAUSE_SOURCE);
    VALUE(UNCUT_CAUSE_ID);
    VALUE(UNCUT_CAUSE_QR);
    VALUE(UNCUT_CAUSE_OPCODE);
    VALUE(UNCUT_CAUSE_QUESTION);
    VALUE(UNCUT_CAUSE_MALFORMED);
    VALUE(UNCUT_CAUSE_LATE);
    VALUE(UNCUT_CAUSE_LETTER_CASE);
    VALUE(UNCUT_CAUSE_REFUSED);
    VALUE(UNCUT_CAUSE_CONNECT_TIMEOUT);
    VALUE(UNCUT_CAUSE_RESET);
    VALUE(UNCUT_CAUSE_CLOSED);
    VALUE(UNCUT_CAUSE_STALLED);
    VALUE(UNCUT_CAUSE_FOREIGN);
    VALUE(UNCUT_CAUSE_TC_AGAIN);
    VALUE(UNCUT_CAUSE_HELD_OFF);
    VALUE(UNCUT_CAUSE_LIMIT);
    VALUE(UNCUT_CAUSE_SEND);
}

static void event_kind(void) {
    puts("enum uncut_event_kind");
    VALUE(UNCUT_EVENT_MESSAGE);
    VALUE(UNCUT_EVENT_TIMEOUT);
    VALUE(UNCUT_EVENT_FAILED);
}

static void outcome(void) {
    puts("enum uncut_outcome");
    VALUE(UNCUT_OUTCOME_DELIVERED);
    VALUE(UNCUT_OUTCOME_DROPPED);
    VALUE(UNCUT_OUTCOME_STREAM);
}

static void trace_kind(void) {
    puts("enum uncut_trace_kind");
    VALUE(UNCUT_TRACE_START);
    VALUE(UNCUT_TRACE_ASK);
    VALUE(UNCUT_TRACE_ANSWER);
    VALUE(UNCUT_TRACE_IGNORED);
    VALUE(UNCUT_TRACE_FAILED);
    VALUE(UNCUT_TRACE_TIMEOUT);
    VALUE(UNCUT_TRACE_STRAY);
}

void print_values(void) {
    constants();
    status_value();
    transport();
    verdict();
    suspect();
    edns();
    fit();
    fact();
    clamp_action();
    fit_action();
    upstream_transport();
    on_tcp_failure();
    action_kind();
    cause();
    event_kind();
    outcome();
    trace_kind();
}
