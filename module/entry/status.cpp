// SPDX-License-Identifier: Apache-2.0
#include "module/entry/calls.hpp"

namespace uncut::entry {

const char* status_name(Status status) noexcept {
    switch (status) {
        case UNCUT_OK:
            return "ok";
        case UNCUT_MISUSE_NULL:
            return "misuse_null";
        case UNCUT_MISUSE_STRUCT_SIZE:
            return "misuse_struct_size";
        case UNCUT_MISUSE_TAIL:
            return "misuse_tail";
        case UNCUT_MISUSE_VALUE:
            return "misuse_value";
        case UNCUT_MISUSE_VERSION:
            return "misuse_version";
        case UNCUT_MISUSE_SHORT_BUFFER:
            return "misuse_short_buffer";
        case UNCUT_MISUSE_ALIGNMENT:
            return "misuse_alignment";
        case UNCUT_MISUSE_STATE:
            return "misuse_state";
        case UNCUT_MISUSE_NOT_FOUND:
            return "misuse_not_found";
        case UNCUT_WIRE_HEADER:
            return "wire_header";
        case UNCUT_WIRE_CUT:
            return "wire_cut";
        case UNCUT_WIRE_LABEL:
            return "wire_label";
        case UNCUT_WIRE_POINTER:
            return "wire_pointer";
        case UNCUT_WIRE_NAME:
            return "wire_name";
        case UNCUT_WIRE_RDATA:
            return "wire_rdata";
        case UNCUT_WIRE_TRAILING:
            return "wire_trailing";
        case UNCUT_WIRE_OPT:
            return "wire_opt";
        case UNCUT_WIRE_QUESTION:
            return "wire_question";
        case UNCUT_WIRE_DIRECTION:
            return "wire_direction";
        case UNCUT_LIMIT_OCTETS:
            return "limit_octets";
        case UNCUT_LIMIT_BUDGET:
            return "limit_budget";
        case UNCUT_LIMIT_IN_FLIGHT:
            return "limit_in_flight";
        case UNCUT_LIMIT_ZONES:
            return "limit_zones";
        case UNCUT_LIMIT_FIT:
            return "limit_fit";
        case UNCUT_LIMIT_UPSTREAMS:
            return "limit_upstreams";
        case UNCUT_UNUSABLE_MEMORY:
            return "unusable_memory";
        case UNCUT_UNUSABLE_SYSTEM:
            return "unusable_system";
        case UNCUT_UNUSABLE_STOPPED:
            return "unusable_stopped";
        case UNCUT_UNUSABLE_INTERNAL:
            return "unusable_internal";
        default:
            return "unknown";
    }
}

}  // namespace uncut::entry
