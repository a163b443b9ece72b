/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_EXCHANGE_H
#define UNCUT_EXCHANGE_H

#include "policy.h"

/* Level 2: one client query's whole life, without any I/O. The host performs each action and reports each event;
 * the exchange says what comes next. Time is the host's, in microseconds of any clock that never goes back.
 * An exchange is used by one thread at a time. It is over after DELIVER, DROP or BYPASS. */

enum uncut_action_kind {
    UNCUT_ACTION_ASK_UDP = 1, /* send the output to `upstream` over UDP, then report what happens until `until_us` */
    UNCUT_ACTION_ASK_TCP = 2, /* the same over TCP (the output has no length prefix) */
    UNCUT_ACTION_WAIT = 3,    /* nothing to do before `until_us`: the last event did not end the wait */
    UNCUT_ACTION_DELIVER = 4, /* the output is the response for the client; over */
    UNCUT_ACTION_BYPASS = 5,  /* not a thing of one answer (AXFR, IXFR): relay the query yourself; over */
    UNCUT_ACTION_DROP = 6     /* no answer is owed; over */
};

/* Why a query was dropped, a datagram ignored or a TCP attempt failed: one vocabulary for actions, events,
 * completions and counters. */
enum uncut_cause {
    UNCUT_CAUSE_NONE = 0,
    /* a client's query is dropped */
    UNCUT_CAUSE_SHORT = 1,       /* under 12 octets */
    UNCUT_CAUSE_RESPONSE = 2,    /* QR is set */
    UNCUT_CAUSE_NO_QUESTION = 3, /* malformed, and its question cannot be read */
    UNCUT_CAUSE_CANCELLED = 4,   /* the host gave it up */
    UNCUT_CAUSE_SILENCE = 5,     /* a transparent exchange that nobody answered */
    /* an upstream's message is ignored */
    UNCUT_CAUSE_SOURCE = 20,     /* from an address or port that was not asked */
    UNCUT_CAUSE_ID = 21,
    UNCUT_CAUSE_QR = 22,
    UNCUT_CAUSE_OPCODE = 23,
    UNCUT_CAUSE_QUESTION = 24,
    UNCUT_CAUSE_MALFORMED = 25,
    UNCUT_CAUSE_LATE = 26,       /* for an attempt that is over */
    UNCUT_CAUSE_LETTER_CASE = 27, /* the 0x20 case of the question is not what was sent */
    /* an attempt fails */
    UNCUT_CAUSE_REFUSED = 40,    /* TCP: cannot be connected; UDP: unreachable */
    UNCUT_CAUSE_CONNECT_TIMEOUT = 41,
    UNCUT_CAUSE_RESET = 42,
    UNCUT_CAUSE_CLOSED = 43,     /* before a whole message */
    UNCUT_CAUSE_STALLED = 44,    /* connected, and no answer in time */
    UNCUT_CAUSE_FOREIGN = 45,    /* a message over TCP that is not ours */
    UNCUT_CAUSE_TC_AGAIN = 46,   /* TC over TCP */
    UNCUT_CAUSE_HELD_OFF = 47,   /* not tried: TCP to this upstream failed to connect a moment ago */
    UNCUT_CAUSE_LIMIT = 48,      /* no connection, no place in its pipeline */
    UNCUT_CAUSE_SEND = 49        /* the system would not send it */
};

typedef struct uncut_exchange_query {
    uint32_t size;
    uint32_t transport;      /* uncut_transport of the client */
    const uint8_t *message;  /* the client's query, borrowed for the call */
    size_t octets;
    uint32_t upstream_count; /* 1 to UNCUT_UPSTREAMS_MAX */
    uint32_t upstream_first; /* where tries begin; the next try goes to the next, round about */
    uint64_t entropy;        /* 64 fresh bits of the system's generator, for IDs and the rotation of subset */
} uncut_exchange_query;

/* How much storage an exchange needs for a query. `kept` holds a truncated UDP answer while TCP is asked; with
 * less than that, on_tcp_failure `partial` becomes `empty`. */
typedef struct uncut_exchange_needs {
    uint32_t size;
    uint32_t reserved;
    size_t state_octets;
    size_t kept_octets;
} uncut_exchange_needs;

/* Lent by the host from start until the exchange is over. */
typedef struct uncut_exchange_storage {
    uint32_t size;
    uint32_t reserved;
    void *state;             /* aligned to UNCUT_STORAGE_ALIGNMENT */
    size_t state_octets;
    uint8_t *kept;           /* may be NULL with kept_octets 0 */
    size_t kept_octets;
} uncut_exchange_storage;

enum uncut_event_kind {
    UNCUT_EVENT_MESSAGE = 1, /* octets arrived from `upstream` over `transport`; source address and port matched */
    UNCUT_EVENT_TIMEOUT = 2, /* `until_us` has passed */
    UNCUT_EVENT_FAILED = 3   /* the attempt at `upstream` over `transport` failed for `cause` */
};

typedef struct uncut_event {
    uint32_t size;
    uint32_t kind;           /* uncut_event_kind */
    uint32_t upstream;
    uint32_t transport;      /* uncut_transport */
    uint32_t cause;          /* with FAILED: an uncut_cause from 40 */
    uint32_t kernel_cut;     /* with MESSAGE over UDP: the kernel cut the datagram (MSG_TRUNC) */
    const uint8_t *message;  /* without the TCP length */
    size_t octets;
} uncut_event;

/* The output buffer of start and on_event. Short of `octets_max`: UNCUT_MISUSE_SHORT_BUFFER, action.octets holds
 * what would do, the event is not consumed. UNCUT_MESSAGE_OCTETS_MAX always suffices. */
typedef struct uncut_action {
    uint32_t size;
    uint32_t kind;           /* uncut_action_kind */
    uint32_t upstream;       /* with ASK: whom */
    uint32_t verdict;        /* uncut_verdict on the event's message */
    uint32_t cause;          /* uncut_cause: why dropped, ignored or failed */
    uint32_t transport;      /* with DELIVER: the upstream transport that gave the answer, 0 if none did */
    uint64_t until_us;       /* with ASK and WAIT: report a TIMEOUT then */
    size_t octets;           /* of the output */
} uncut_action;

#endif
