/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_MODULE_H
#define UNCUT_MODULE_H

#include "engine.h"
#include "message.h"
#include "version.h"

/* The first words: the host says who it is, the module answers. */
typedef struct uncut_handshake {
    uint32_t size;
    uint32_t host_major;     /* in: UNCUT_ABI_MAJOR */
    uint32_t host_minor;     /* in: UNCUT_ABI_MINOR */
    uint32_t module_major;   /* out, also when the versions do not match */
    uint32_t module_minor;   /* out */
    uint32_t minor;          /* out: the lower of the two, which both sides use */
} uncut_handshake;

/* The table of functions. It grows at its end only; `size` says how far it reaches. Every function is noexcept,
 * returns a status, and changes nothing when the status is of the misuse band. */
typedef struct uncut_module {
    uint32_t size;
    uint32_t reserved;
    const char *version;     /* of the module, e.g. "0.1.0" */

    /* [any-thread] The status's stable name, e.g. "wire_pointer"; "unknown" for a value that is none. */
    const char *(*status_name)(uncut_status status);

    /* Level 1, pure. [any-thread] */

    /* Reads a whole message and validates it. With a status of the malformed or limits band `info` holds what was
     * read before; with misuse it is untouched. */
    uncut_status (*inspect)(const uint8_t *message, size_t octets, uncut_message_info *info);

    /* Judges a response. `verdict` is set whenever the status is OK; a message that does not parse is a verdict, not
     * a status. `options` may be NULL: no query, all suspicions. */
    uncut_status (*classify)(const uint8_t *response, size_t octets, const uncut_classify_options *options,
                             uint32_t *verdict);

    /* Lowers the UDP payload size that a query advertises. `out` may be `query` itself; else they do not overlap. */
    uncut_status (*clamp)(const uint8_t *query, size_t octets, const uncut_clamp_options *options, uint8_t *out,
                          size_t out_capacity, uncut_clamp_result *result);

    /* Makes a response fit a limit. `out` and `response` do not overlap. */
    uncut_status (*fit)(const uint8_t *response, size_t octets, const uncut_fit_options *options, uint8_t *out,
                        size_t out_capacity, uncut_fit_result *result);

    /* Writes the name at `offset` of a message in presentation form with a final dot, escapes as in RFC 4343 2.1,
     * NUL-terminated. `needed` (may be NULL) gets the length with the NUL; 1,025 always suffices. */
    uncut_status (*name_text)(const uint8_t *message, size_t octets, size_t offset, char *out, size_t out_capacity,
                              size_t *needed);

    /* Instances. [any-thread], create and destroy once each */

    /* `config` may be NULL only in tests: IDs are then predictable. */
    uncut_status (*instance_create)(const uncut_instance_config *config, uncut_instance **instance);
    /* No exchange or engine of the instance may be left. NULL is allowed. */
    void (*instance_destroy)(uncut_instance *instance);
    /* The defaults (`preset` NULL or "default") or a preset by its name. */
    uncut_status (*policy_preset)(const char *preset, uncut_policy *policy);
    /* The name of the preset with this index; UNCUT_MISUSE_NOT_FOUND past the last. */
    uncut_status (*preset_name)(uint32_t index, const char **name);
    /* Replaces the whole set at once; a set without a root keeps the default policy for the root. Exchanges that
     * have begun end under the policy they began with. `revision` (may be NULL) gets the snapshot's number; with
     * UNCUT_MISUSE_VALUE or UNCUT_LIMIT_ZONES `refused` (may be NULL) gets the index of the entry at fault. */
    uncut_status (*set_policies)(uncut_instance *instance, const uncut_zone_policy *policies, size_t count,
                                 uint64_t *revision, size_t *refused);
    /* The policy that a name (presentation form) would get now. */
    uncut_status (*get_policy)(uncut_instance *instance, const char *name, uncut_policy *policy, uint64_t *revision);
    /* Forgets which names truncate, which suspicions were cleared, and which upstreams are held off. */
    uncut_status (*forget_learned)(uncut_instance *instance);
    /* Writes the counters in the order of counter_info. `needed` gets how many there are. */
    uncut_status (*counters)(uncut_instance *instance, uint64_t *values, size_t capacity, size_t *needed);
    uncut_status (*counter_info)(uint32_t index, uncut_counter_info *info);

    /* Level 2: the exchange. [one thread at a time for each exchange] */

    uncut_status (*exchange_needs)(uncut_instance *instance, const uncut_exchange_query *query,
                                   uncut_exchange_needs *needs);
    uncut_status (*exchange_start)(uncut_instance *instance, const uncut_exchange_query *query,
                                   const uncut_exchange_storage *storage, uint64_t now_us, uint8_t *out,
                                   size_t out_capacity, uncut_exchange **exchange, uncut_action *action);
    uncut_status (*exchange_on_event)(uncut_exchange *exchange, const uncut_event *event, uint64_t now_us, uint8_t *out,
                                      size_t out_capacity, uncut_action *action);
    /* Gives an exchange up before it is over; it counts as dropped. Over already: UNCUT_MISUSE_STATE. */
    uncut_status (*exchange_cancel)(uncut_exchange *exchange);

    /* Level 3: the engine. [the engine's thread] */

    /* Fills a config with the defaults. */
    uncut_status (*engine_defaults)(uncut_engine_config *config);
    uncut_status (*engine_create)(uncut_instance *instance, const uncut_engine_config *config, uncut_engine **engine);
    /* Completes everything in flight as dropped (cancelled), then frees. NULL is allowed. From a completion:
     * UNCUT_MISUSE_STATE, nothing happens. */
    uncut_status (*engine_destroy)(uncut_engine *engine);
    /* A descriptor that is readable when process has something to do. Owned by the engine. */
    uncut_status (*engine_descriptor)(uncut_engine *engine, int *descriptor);
    /* Takes a query in. Sends nothing yet: packets leave in batches, from process. Every submission that returns OK
     * completes exactly once (a zone transfer: last with something other than STREAM), never from inside submit. */
    uncut_status (*engine_submit)(uncut_engine *engine, const uncut_submission *submission, uint64_t *ticket);
    /* Gives a query up: no completion follows. */
    uncut_status (*engine_cancel)(uncut_engine *engine, uint64_t ticket);
    /* Sends, receives, times out and completes whatever is due, without blocking. */
    uncut_status (*engine_process)(uncut_engine *engine);
    /* How many exchanges are in flight. */
    uncut_status (*engine_in_flight)(uncut_engine *engine, size_t *count);
} uncut_module;

#ifdef __cplusplus
extern "C" {
#endif

/* The one exported symbol. Negotiates, and returns the table or NULL; `status` (may be NULL) says why.
 * [any-thread] The table lives as long as the module is loaded. */
const uncut_module *uncut_module_open(uncut_handshake *handshake, uncut_status *status);
typedef const uncut_module *(*uncut_module_open_fn)(uncut_handshake *handshake, uncut_status *status);

#ifdef __cplusplus
}
#endif

#endif
