/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_POLICY_H
#define UNCUT_POLICY_H

#include "types.h"

enum uncut_upstream_transport {
    UNCUT_UPSTREAM_MATCH_CLIENT = 0, /* TCP in, TCP out (RFC 5625 4.4) */
    UNCUT_UPSTREAM_UDP_FIRST = 1,
    UNCUT_UPSTREAM_TCP = 2,
    UNCUT_UPSTREAM_LEARNED = 3 /* match_client, but straight to TCP for names known to truncate */
};

/* What the client gets when a truncated answer could not be had over TCP. */
enum uncut_on_tcp_failure {
    UNCUT_ON_TCP_FAILURE_PARTIAL = 0, /* the UDP answer, TC set */
    UNCUT_ON_TCP_FAILURE_EMPTY = 1,   /* header, question and OPT, TC set */
    UNCUT_ON_TCP_FAILURE_SERVFAIL = 2
};

/* The set of choices for one zone. At this border a policy is complete: fetch the defaults, change what you
 * mean to change. Ranges are checked by set_policies, which refuses the whole set or takes the whole set. */
typedef struct uncut_policy {
    uint32_t size;
    uint32_t enabled;            /* 0, 1. 0: no retry, clamp, fit or suspicion */
    uint32_t upstream_transport; /* uncut_upstream_transport */
    uint32_t retry_truncated;    /* 0, 1 */
    uint32_t suspect;            /* uncut_suspect bits */
    uint32_t upstream_bufsize;   /* octets, 512 to 4,096 */
    uint32_t upstream_edns;      /* uncut_edns */
    uint32_t client_bufsize;     /* octets, 512 to 65,535 */
    uint32_t fit;                /* uncut_fit */
    uint32_t on_tcp_failure;     /* uncut_on_tcp_failure */
    uint32_t udp_timeout_ms;     /* 1 to 60,000 */
    uint32_t tcp_timeout_ms;     /* 1 to 60,000 */
    uint32_t udp_tries;          /* 1 to UNCUT_UDP_TRIES_MAX, over all upstreams together */
    uint32_t deadline_ms;        /* 1 to 60,000 */
    uint32_t learned_ttl_s;      /* 0 to 86,400; 0: nothing is learned */
} uncut_policy;

#define UNCUT_UDP_TRIES_MAX 8u /* each try is one more ID that a forger may guess: RFC 5452 7.2 */

typedef struct uncut_zone_policy {
    uint32_t size;
    uint32_t reserved;           /* 0 */
    const char *zone;            /* presentation form, final dot optional; "", "." and "default" are the root */
    const uncut_policy *policy;
} uncut_zone_policy;

/* Fields of an instance, not of a zone. */
typedef struct uncut_instance_config {
    uint32_t size;
    uint32_t learned_max_names;  /* 0 to 1,048,576; default 65,536 */
    uint32_t tcp_holdoff_ms; /* 0 to 600,000; default 2,000; how long TCP is not tried after it could not connect */
    uint8_t secret[16]; /* from the system's generator: keys the IDs and the learned memory */
} uncut_instance_config;

/* One counter's meaning. The strings are static and live as long as the module is loaded. */
typedef struct uncut_counter_info {
    uint32_t size;
    uint32_t reserved;
    const char *name; /* e.g. "tcp_retry_failed" */
    const char *cause; /* e.g. "refused"; "" where a counter has no causes */
    const char *help;
} uncut_counter_info;

#endif
