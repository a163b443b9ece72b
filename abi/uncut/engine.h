/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_ENGINE_H
#define UNCUT_ENGINE_H

#include "exchange.h"

/* Level 3: the engine performs the actions of exchanges over real sockets. One engine a thread; all calls come from
 * that thread. It owns one pollable descriptor: when it is readable, or after submitting, call process. */

typedef struct uncut_address {
    uint32_t size;
    uint32_t family;         /* 4 or 6 */
    uint8_t octets[16];      /* network order; IPv4 in the first four */
    uint32_t port;           /* 1 to 65,535 */
    uint32_t scope;          /* IPv6 zone index, or 0 */
} uncut_address;

enum uncut_outcome {
    UNCUT_OUTCOME_DELIVERED = 1, /* `message` is the response */
    UNCUT_OUTCOME_DROPPED = 2,   /* no answer is owed, for `cause` */
    UNCUT_OUTCOME_STREAM = 3     /* one message of a zone transfer; more completions follow with the same token */
};

typedef struct uncut_completion {
    uint32_t size;
    uint32_t outcome;        /* uncut_outcome */
    uint32_t cause;
    uint32_t verdict;        /* on the last upstream message that was judged */
    const uint8_t *message;  /* borrowed until the callback returns */
    size_t octets;
    uint32_t transport;      /* by which the answer came from upstream; 0: none did */
    uint32_t upstream;
} uncut_completion;

/* Called from process, or from destroy. It may submit and cancel; it must not process or destroy. */
typedef void (*uncut_complete)(void *host, uint64_t token, const uncut_completion *completion);

/* What an engine does for one submission, told as it happens: for a host that wants to show an answer's journey. How
 * it ends is the completion's to say. Since 0.2. */
enum uncut_trace_kind {
    UNCUT_TRACE_START = 1,   /* taken in: `message` is the client's query, `revision` the snapshot it runs under */
    UNCUT_TRACE_ASK = 2,     /* a query leaves for `upstream`; `shared`: it joins one that is in flight over TCP */
    UNCUT_TRACE_ANSWER = 3,  /* `message` ended a wait: `verdict` */
    UNCUT_TRACE_IGNORED = 4, /* `message` did not, for `cause` */
    UNCUT_TRACE_FAILED = 5,  /* the attempt failed for `cause`, with `message` if one was to blame */
    UNCUT_TRACE_TIMEOUT = 6, /* the time for this attempt is over */
    UNCUT_TRACE_STRAY = 7    /* a datagram that leads to no submission, ignored for `cause`: `token` means nothing */
};

typedef struct uncut_trace_event {
    uint32_t size;
    uint32_t kind;           /* uncut_trace_kind */
    uint64_t token;          /* of the submission */
    uint64_t time_us;        /* CLOCK_MONOTONIC */
    uint64_t revision;       /* with START: of the policies, as set_policies returned it; 0: none were ever set */
    uint32_t upstream;       /* with ASK, ANSWER, IGNORED, FAILED, TIMEOUT */
    uint32_t transport;      /* uncut_transport; with START the client's */
    uint32_t verdict;        /* uncut_verdict; with ANSWER, IGNORED and FAILED where there is a message */
    uint32_t cause;          /* uncut_cause */
    uint32_t socket;         /* over UDP: which of the engine's sockets; a stray comes to where an ASK left from */
    uint32_t shared;         /* 0, 1 */
    const uint8_t *message;  /* borrowed until the callback returns; NULL: there is none */
    size_t octets;
} uncut_trace_event;

/* Called from submit, process and destroy. It must not call the engine. */
typedef void (*uncut_trace)(void *host, const uncut_trace_event *event);

typedef struct uncut_engine_config {
    uint32_t size;
    uint32_t upstream_count;         /* 1 to UNCUT_UPSTREAMS_MAX */
    const uncut_address *upstreams;
    uncut_complete complete;
    void *host;                      /* handed back to complete */
    uint32_t in_flight_max;          /* exchanges at a time, 1 to 65,536 */
    uint32_t udp_sockets;            /* source ports open at a time, 1 to 1,024 */
    uint32_t udp_queries_per_socket; /* a socket is replaced after so many, 1 to 65,536 */
    uint32_t udp_socket_age_max_ms;  /* or after so long, 1 to 3,600,000 */
    uint32_t tcp_connections_max;    /* to one upstream, 1 to 64 */
    uint32_t tcp_pipeline_max;       /* queries unanswered on one connection, 1 to 4,096 */
    uint32_t tcp_idle_ms;            /* an idle connection is closed after so long, 1 to 600,000 */
    uint32_t tcp_waiters_max;        /* exchanges that share one retry, 1 to 4,096 */
    uint32_t letter_case;            /* 1: randomise the letter case of questions over UDP (0x20) */
    uncut_trace trace;               /* NULL: none, and nothing is spent on it. Since 0.2 */
} uncut_engine_config;

typedef struct uncut_submission {
    uint32_t size;
    uint32_t transport;      /* uncut_transport of the client */
    const uint8_t *message;  /* borrowed until submit returns */
    size_t octets;
    uint64_t token;          /* handed back with each completion */
} uncut_submission;

#endif
