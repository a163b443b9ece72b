/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_STATUS_H
#define UNCUT_STATUS_H

#include <stdint.h>

/* What a call says of itself. The hundreds are the band: 0 done, 1 the caller's misuse, 2 malformed wire,
 * 3 a limit, 4 unusable. Truncation is never a status: it is a verdict or an action. */
typedef uint32_t uncut_status;

enum uncut_status_value {
    UNCUT_OK = 0,

    /* Misuse: the call was wrong, nothing was changed. */
    UNCUT_MISUSE_NULL = 100,         /* a pointer that must not be NULL was */
    UNCUT_MISUSE_STRUCT_SIZE = 101,  /* a struct is smaller than its first release */
    UNCUT_MISUSE_TAIL = 102,         /* a struct has a non-zero tail that this side does not know */
    UNCUT_MISUSE_VALUE = 103,        /* a field or argument is out of its range */
    UNCUT_MISUSE_VERSION = 104,      /* the majors of the two sides differ */
    UNCUT_MISUSE_SHORT_BUFFER = 105, /* the output buffer is too small; the needed size was returned */
    UNCUT_MISUSE_ALIGNMENT = 106,    /* storage is not aligned to UNCUT_STORAGE_ALIGNMENT */
    UNCUT_MISUSE_STATE = 107,        /* not now: the exchange has ended, or the call is not allowed here */
    UNCUT_MISUSE_NOT_FOUND = 108,    /* no such index, name or ticket */

    /* Malformed wire: the message breaks the format; an offset says where. */
    UNCUT_WIRE_HEADER = 200,   /* fewer than the 12 octets of a header */
    UNCUT_WIRE_CUT = 201,      /* the octets run out before the counts are satisfied */
    UNCUT_WIRE_LABEL = 202,    /* a label of a type that does not exist (01 or 10 in the top bits) */
    UNCUT_WIRE_POINTER = 203,  /* a compression pointer that does not look back, or into the header */
    UNCUT_WIRE_NAME = 204,     /* a name of more than 255 octets when expanded */
    UNCUT_WIRE_RDATA = 205,    /* RDLENGTH does not agree with what the type carries */
    UNCUT_WIRE_TRAILING = 206, /* octets behind the last record that the counts announce */
    UNCUT_WIRE_OPT = 207, /* a second OPT, one not owned by the root or outside additional, options that overrun */
    UNCUT_WIRE_QUESTION = 208, /* the call needs exactly one question and there is another number */
    UNCUT_WIRE_DIRECTION = 209, /* a query where a response is needed, or the reverse */

    /* Limits: well formed as far as it was read, and more than we do. */
    UNCUT_LIMIT_OCTETS = 300, /* a message of more than 65,535 octets */
    UNCUT_LIMIT_BUDGET = 301, /* the work that a message asks for is over its bound */
    UNCUT_LIMIT_IN_FLIGHT = 302, /* as many exchanges in flight as the engine was made for */
    UNCUT_LIMIT_ZONES = 303, /* more zones than UNCUT_ZONES_MAX */
    UNCUT_LIMIT_FIT = 304, /* header, question and OPT alone are over the limit, or the message is signed */
    UNCUT_LIMIT_UPSTREAMS = 305, /* more upstreams than UNCUT_UPSTREAMS_MAX */

    /* Unusable: the process or the system cannot do it now. */
    UNCUT_UNUSABLE_MEMORY = 400, /* out of memory */
    UNCUT_UNUSABLE_SYSTEM = 401, /* a system call failed; errno says why */
    UNCUT_UNUSABLE_STOPPED = 402, /* the engine is being destroyed */
    UNCUT_UNUSABLE_INTERNAL = 403 /* a defect of the module, kept from crossing the border */
};

#endif
