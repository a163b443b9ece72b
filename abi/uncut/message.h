/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_MESSAGE_H
#define UNCUT_MESSAGE_H

#include "types.h"

/* Level 1: pure functions on the octets of one message, without a TCP length. [any-thread] [reentrant]
 * No state, no allocation, no clock. Input needs no alignment and is borrowed until the call returns. */

/* Facts about a message that was read, as bits of uncut_message_info.facts. */
enum uncut_fact {
    UNCUT_FACT_HEADER = 1,         /* id, flags, opcode, rcode and counts were read */
    UNCUT_FACT_QUESTION = 2,       /* the first question was read */
    UNCUT_FACT_OPT = 4,            /* an OPT was read */
    UNCUT_FACT_DO = 8,             /* its DO bit */
    UNCUT_FACT_SIGNED = 16,        /* the last record is a TSIG or a SIG(0) */
    UNCUT_FACT_CNAME = 32,         /* the answer has a CNAME */
    UNCUT_FACT_QTYPE = 64,         /* the answer has a record of the type asked */
    UNCUT_FACT_SOA = 128           /* the authority section has an SOA */
};

/* What inspect reads. Offsets and lengths are octets from the start of the message. */
typedef struct uncut_message_info {
    uint32_t size;
    uint32_t facts;            /* uncut_fact bits: which of the fields below mean something */
    uint32_t octets;           /* the length inspected */
    uint32_t error_offset;     /* with a status of the malformed band: the octet where it went wrong */
    uint16_t id;
    uint16_t flags;            /* octets 2 and 3, QR in the top bit */
    uint16_t counts[4];        /* question, answer, authority, additional, as the header says */
    uint32_t opcode;
    uint32_t rcode;            /* 12 bits, the upper 8 from the OPT (RFC 6891 6.1.3) */
    uint32_t question_octets;  /* the first question's name, type and class; it begins at octet 12 */
    uint16_t qtype;
    uint16_t qclass;
    uint32_t section_offsets[4]; /* where question, answer, authority and additional begin */
    uint32_t opt_offset;
    uint32_t opt_octets;
    uint16_t udp_payload_size; /* as sent: a size under 512 counts as 512 (RFC 6891 6.2.3) */
    uint16_t edns_flags;       /* DO in the top bit */
    uint32_t edns_version;
} uncut_message_info;

/* How classify is to judge. */
typedef struct uncut_classify_options {
    uint32_t size;
    uint32_t suspect;       /* uncut_suspect bits */
    const uint8_t *query;   /* the query this answers; NULL: not_ours and oversize are not judged */
    size_t query_octets;
    uint32_t transport;     /* uncut_transport the response came by; 0 counts as UDP */
    uint32_t kernel_cut;    /* not 0: the kernel cut the datagram (MSG_TRUNC) */
} uncut_classify_options;

typedef struct uncut_clamp_options {
    uint32_t size;
    uint32_t bufsize;       /* 512 to 4,096: an OPT that advertises more is lowered to this, never raised */
    uint32_t edns;          /* uncut_edns */
} uncut_clamp_options;

enum uncut_clamp_action { UNCUT_CLAMP_NONE = 0, UNCUT_CLAMP_LOWERED = 1, UNCUT_CLAMP_ADDED = 2 };

typedef struct uncut_clamp_result {
    uint32_t size;
    uint32_t action;        /* uncut_clamp_action */
    uint32_t bufsize_before; /* 0: there was no OPT */
    uint32_t bufsize_after;
    size_t octets;          /* written; with UNCUT_MISUSE_SHORT_BUFFER: needed */
    uint32_t error_offset;
} uncut_clamp_result;

typedef struct uncut_fit_options {
    uint32_t size;
    uint32_t limit;         /* octets, 512 to 65,535 */
    uint32_t mode;          /* uncut_fit */
    uint32_t rotate;        /* subset: which address comes first, modulo how many there are */
} uncut_fit_options;

enum uncut_fit_action {
    UNCUT_FIT_UNCHANGED = 0,  /* it fitted: the output is the input */
    UNCUT_FIT_DROPPED = 1,    /* only additional data that nobody required was left out: TC as it came */
    UNCUT_FIT_TRUNCATED = 2,  /* something required was left out: TC set */
    UNCUT_FIT_SUBSETTED = 3   /* addresses were left out: TC clear */
};

typedef struct uncut_fit_result {
    uint32_t size;
    uint32_t action;          /* uncut_fit_action */
    size_t octets;            /* written; with UNCUT_MISUSE_SHORT_BUFFER: needed */
    uint32_t error_offset;
    uint16_t kept[3];         /* records kept of answer, authority, additional (the OPT not counted) */
    uint16_t rebuilt;         /* 1: names were compressed anew, because records had to move */
} uncut_fit_result;

#endif
