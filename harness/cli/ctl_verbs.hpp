// SPDX-License-Identifier: Apache-2.0
// What `uncut ctl NOUN VERB` does: each asks the API and prints what came of it. Names of fields, kinds and words are
// the API's; none is known here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/ctl.hpp"

namespace uncut::harness {

// ctl_status.cpp
CtlDone ctl_status(const Ctl& ctl);
CtlDone ctl_metrics(const Ctl& ctl);
CtlDone ctl_listeners(const Ctl& ctl);
CtlDone ctl_upstreams_get(const Ctl& ctl);
CtlDone ctl_upstreams_set(const Ctl& ctl, const std::vector<std::string>& addresses);
CtlDone ctl_module_get(const Ctl& ctl);
CtlDone ctl_module_reload(const Ctl& ctl);
CtlDone ctl_reset(const Ctl& ctl);

// ctl_policy.cpp
CtlDone ctl_policy_list(const Ctl& ctl);
CtlDone ctl_policy_get(const Ctl& ctl, const std::string& zone, bool effective);
CtlDone ctl_policy_set(const Ctl& ctl, const std::string& zone, const std::vector<std::string>& assignments);
CtlDone ctl_policy_unset(const Ctl& ctl, const std::string& zone, const std::vector<std::string>& fields);
CtlDone ctl_policy_delete(const Ctl& ctl, const std::string& zone);
CtlDone ctl_preset_list(const Ctl& ctl);
CtlDone ctl_preset_show(const Ctl& ctl, const std::string& name);
CtlDone ctl_preset_apply(const Ctl& ctl, const std::string& name);

// ctl_script.cpp: the scripted upstream
struct CtlAnswer {
    std::string name;
    std::string type;
    std::vector<std::string> records;  // in zone syntax; or one of the two below
    std::optional<std::uint32_t> addresses;
    std::optional<std::uint32_t> octets;
    std::optional<std::uint32_t> ttl_s;
};
CtlDone ctl_answer_list(const Ctl& ctl);
CtlDone ctl_answer_get(const Ctl& ctl, const std::string& name, const std::string& type);
CtlDone ctl_answer_set(const Ctl& ctl, const CtlAnswer& answer);
CtlDone ctl_answer_delete(const Ctl& ctl, const std::string& name, const std::string& type);
CtlDone ctl_answer_clear(const Ctl& ctl);
CtlDone ctl_answer_load(const Ctl& ctl, const std::string& zone_file);
CtlDone ctl_fault_kinds(const Ctl& ctl);
CtlDone ctl_fault_list(const Ctl& ctl);
CtlDone ctl_fault_add(const Ctl& ctl, const std::string& kind, const std::vector<std::string>& assignments);
CtlDone ctl_fault_set(const Ctl& ctl, const std::string& id, const std::vector<std::string>& assignments);
CtlDone ctl_fault_delete(const Ctl& ctl, const std::string& id);
CtlDone ctl_fault_clear(const Ctl& ctl);

// ctl_scenario.cpp
CtlDone ctl_scenario_list(const Ctl& ctl);
CtlDone ctl_scenario_show(const Ctl& ctl, const std::string& name);
CtlDone ctl_scenario_load(const Ctl& ctl, const std::string& name_or_file);
CtlDone ctl_scenario_save(const Ctl& ctl, const std::string& file);

// ctl_exchanges.cpp
struct CtlExchanges {
    std::optional<std::string> server;
    std::optional<std::string> name;
    std::optional<std::string> verdict;
    std::optional<std::string> transport;
    std::optional<std::string> after;
    std::optional<std::string> limit;
    bool follow = false;
};
CtlDone ctl_exchanges(const Ctl& ctl, const CtlExchanges& filter);
CtlDone ctl_exchanges_clear(const Ctl& ctl);
CtlDone ctl_exchange(const Ctl& ctl, const std::string& number);

// ctl_ask.cpp
struct CtlQuestion {
    std::string name;
    std::string type = "A";
    std::string server;  // "": our own, as the API has it
    bool tcp = false;
    bool no_edns = false;
    bool dnssec = false;
    bool no_retry = false;
    std::optional<std::uint32_t> bufsize;
};
CtlDone ctl_ask(const Ctl& ctl, const CtlQuestion& question);
CtlDone ctl_probe(const Ctl& ctl, const std::vector<std::string>& words);

// ctl_words.cpp: for completion
/// One word a line of what `about` names: zones; field NAME; parameter KIND NAME; ... Nothing, and no complaint, where
/// nobody answers.
CtlDone ctl_words(const Ctl& ctl, const std::vector<std::string>& about);

}  // namespace uncut::harness
