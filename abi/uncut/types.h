/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_TYPES_H
#define UNCUT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* The size of a struct as it crosses the border: counted to the end of its last member, so that padding at the
 * end is never mistaken for a field. Every struct that crosses begins with `uint32_t size`, set to this. In an
 * array of such structs elements lie `size` rounded up to 8 octets apart. */
#define UNCUT_STRUCT_SIZE(type, last_member) \
    ((uint32_t)(offsetof(type, last_member) + sizeof(((type *)0)->last_member)))

#define UNCUT_MESSAGE_OCTETS_MAX 65535u /* the TCP length is 16 bits: RFC 1035 4.2.2 */
#define UNCUT_STORAGE_ALIGNMENT 16u     /* storage that a host lends must be aligned to this */
#define UNCUT_UPSTREAMS_MAX 16u         /* resolv.conf has 3, CoreDNS's forward plugin allows 15 */
#define UNCUT_ZONES_MAX 4096u           /* bounds the memory of a snapshot and the time of publishing it */

/* The objects behind the border. */
typedef struct uncut_instance uncut_instance; /* policies, learned memory, counters; any thread */
typedef struct uncut_exchange uncut_exchange; /* one client query's whole life; one thread at a time */
typedef struct uncut_engine uncut_engine;     /* built-in I/O; the thread that made it */

/* Enumerations travel as uint32_t. Zero is a value only where it is the harmless one. */
enum uncut_transport { UNCUT_TRANSPORT_UDP = 1, UNCUT_TRANSPORT_TCP = 2 };

/* What is wrong, if anything, with a response. */
enum uncut_verdict {
    UNCUT_VERDICT_WHOLE = 0,
    UNCUT_VERDICT_TRUNCATED = 1,      /* TC is set */
    UNCUT_VERDICT_CUT = 2,            /* ours, question included, but the octets run out */
    UNCUT_VERDICT_OVERSIZE = 3,       /* longer than the query allowed */
    UNCUT_VERDICT_DANGLING_CNAME = 4, /* the chain ends in a CNAME: no address, no SOA */
    UNCUT_VERDICT_MALFORMED = 5,      /* does not parse, and not for want of octets */
    UNCUT_VERDICT_NOT_OURS = 6        /* ID, QR, opcode or question is not that of the query */
};

/* What counts as truncated though TC is clear: a set of bits. */
enum uncut_suspect { UNCUT_SUSPECT_CUT = 1, UNCUT_SUSPECT_OVERSIZE = 2, UNCUT_SUSPECT_DANGLING_CNAME = 4 };

/* Whether a query that has no OPT gets one. */
enum uncut_edns { UNCUT_EDNS_KEEP = 0, UNCUT_EDNS_ADD = 1 };

/* What to do when something required does not fit. */
enum uncut_fit { UNCUT_FIT_RRSET = 0, UNCUT_FIT_FILL = 1, UNCUT_FIT_EMPTY = 2, UNCUT_FIT_SUBSET = 3 };

#endif
