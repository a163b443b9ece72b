/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest complete host: loads the module, shakes hands, makes an instance and an engine with one upstream, asks
 * for the addresses of one name as a client on UDP would, and prints what that client would get.
 *     host libuncut.so 127.0.0.1 5301 www.example.com
 * Ends with 0 when an answer was delivered. */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uncut.h>

static const uncut_module *module;

static void must(uncut_status status, const char *what) {
    if (status == UNCUT_OK) return;
    fprintf(stderr, "host: %s: %s\n", what, module->status_name(status));
    exit(1);
}

static void load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "uncut_module_open") : NULL;
    uncut_handshake hello = {.size = UNCUT_STRUCT_SIZE(uncut_handshake, minor),
                             .host_major = UNCUT_ABI_MAJOR,
                             .host_minor = UNCUT_ABI_MINOR};
    uncut_module_open_fn open_module;
    if (!symbol) {
        fprintf(stderr, "host: %s\n", dlerror());
        exit(1);
    }
    memcpy(&open_module, &symbol, sizeof open_module); /* ISO C has no cast from an object to a function */
    module = open_module(&hello, NULL);
    if (!module) {
        fprintf(stderr, "host: the module speaks ABI %u.%u\n", hello.module_major, hello.module_minor);
        exit(1);
    }
}

/* A query for A: ID 1, RD, one question, and an OPT that offers 4,096 octets. Returns its length, 0 for a bad name. */
static size_t write_query(const char *name, uint8_t query[300]) {
    static const uint8_t header[12] = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    static const uint8_t rest[16] = {0, 0, 1, 0, 1, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0};
    size_t at = sizeof header;
    memcpy(query, header, sizeof header);
    while (*name) {
        size_t label = strcspn(name, ".");
        if (label == 0 || label > 63 || at + 1 + label > sizeof header + 254) return 0;
        query[at++] = (uint8_t)label;
        memcpy(query + at, name, label);
        at += label;
        name += label;
        if (*name == '.') ++name;
    }
    memcpy(query + at, rest, sizeof rest); /* the root's label, type A, class IN, and the OPT */
    return at + sizeof rest;
}

/* Called from engine_process; `host` is what the config says, here a flag. */
static void complete(void *host, uint64_t token, const uncut_completion *completion) {
    (void)token;
    if (completion->outcome == UNCUT_OUTCOME_DELIVERED) {
        printf("%zu octets over %s, TC %d\n", completion->octets,
               completion->transport == UNCUT_TRANSPORT_TCP ? "TCP" : "UDP", (completion->message[2] >> 1) & 1);
        *(int *)host = 1;
    } else {
        printf("dropped, cause %u\n", completion->cause);
        *(int *)host = 2;
    }
}

int main(int argc, char **argv) {
    uint8_t query[300];
    int outcome = 0;
    size_t octets = argc == 5 ? write_query(argv[4], query) : 0;
    uncut_address upstream = {.size = UNCUT_STRUCT_SIZE(uncut_address, scope), .family = 4};
    if (octets == 0 || inet_pton(AF_INET, argv[2], upstream.octets) != 1) {
        fprintf(stderr, "usage: host LIBUNCUT.SO IPV4-ADDRESS PORT NAME\n");
        return 2;
    }
    upstream.port = (uint32_t)strtoul(argv[3], NULL, 10);
    load(argv[1]);

    uncut_instance_config settings = {
        .size = UNCUT_STRUCT_SIZE(uncut_instance_config, secret), .learned_max_names = 1024, .tcp_holdoff_ms = 2000};
    if (getentropy(settings.secret, sizeof settings.secret) != 0) return 1;
    uncut_instance *instance;
    must(module->instance_create(&settings, &instance), "instance_create");

    /* Ask over UDP first and mend what comes back truncated. */
    uncut_policy policy = {.size = UNCUT_STRUCT_SIZE(uncut_policy, learned_ttl_s)};
    must(module->policy_preset("coredns-prefer-udp", &policy), "policy_preset");
    uncut_zone_policy root = {.size = UNCUT_STRUCT_SIZE(uncut_zone_policy, policy), .zone = "", .policy = &policy};
    must(module->set_policies(instance, &root, 1, NULL, NULL), "set_policies");

    uncut_engine_config config = {.size = UNCUT_STRUCT_SIZE(uncut_engine_config, letter_case)};
    must(module->engine_defaults(&config), "engine_defaults");
    config.upstream_count = 1;
    config.upstreams = &upstream;
    config.complete = complete;
    config.host = &outcome;
    uncut_engine *engine;
    must(module->engine_create(instance, &config, &engine), "engine_create");

    uncut_submission submission = {.size = UNCUT_STRUCT_SIZE(uncut_submission, token),
                                   .transport = UNCUT_TRANSPORT_UDP,
                                   .message = query,
                                   .octets = octets};
    uint64_t ticket;
    must(module->engine_submit(engine, &submission, &ticket), "engine_submit");

    struct pollfd ready = {.events = POLLIN};
    must(module->engine_descriptor(engine, &ready.fd), "engine_descriptor");
    for (must(module->engine_process(engine), "engine_process"); outcome == 0;) {
        if (poll(&ready, 1, -1) < 0) return 1;
        must(module->engine_process(engine), "engine_process");
    }
    must(module->engine_destroy(engine), "engine_destroy");
    module->instance_destroy(instance);
    return outcome == 1 ? 0 : 1;
}
