# SPDX-License-Identifier: Apache-2.0
# Completion of uncut for bash (4.4 and later): source <(uncut completion bash)
# Verbs, nouns and options are here; zones, fields, fault kinds and the like are asked from the server that runs, and
# where none answers there is nothing to offer.

# The verbs of a noun of uncut ctl.
_uncut_ctl_verbs() {
    case $1 in
        policy) echo "list get set unset delete" ;;
        preset) echo "list show apply" ;;
        answer) echo "list get set delete clear load" ;;
        fault) echo "kinds list add set delete clear" ;;
        scenario) echo "list show load save" ;;
        upstreams) echo "get set" ;;
        module) echo "get reload" ;;
        exchanges) echo "clear" ;;
    esac
}

# The options of a verb, or of "ctl NOUN VERB".
_uncut_options() {
    case $1 in
        serve) echo "--upstream --dns --allow --admin --admin-token-file --module --preset --threads --config --journal" \
            "--log-format --log-level" ;;
        demo) echo "--dns --before --upstream --admin --module --log-format --log-level" ;;
        inspect) echo "--hex --framed --query --module" ;;
        clamp) echo "--bufsize --edns --module" ;;
        fit) echo "--limit --fit --rotate --module" ;;
        probe) echo "--json --module" ;;
        ctl*)
            echo "--admin --token-file --if-match --json"
            case $1 in
                "ctl policy get"*) echo "--effective" ;;
                "ctl answer set"*) echo "--addresses --octets --ttl" ;;
                "ctl exchanges"*) echo "--server --name --verdict --transport --after --limit --follow" ;;
                "ctl ask"*) echo "--server --tcp --bufsize --no-edns --dnssec --no-retry" ;;
            esac
            ;;
    esac
}

# Is this an option that takes a value?
_uncut_takes_value() {
    case $1 in
        --hex | --framed | --json | --effective | --follow | --tcp | --no-edns | --dnssec | --no-retry) return 1 ;;
        --help | --version) return 1 ;;
        --*) return 0 ;;
    esac
    return 1
}

# Asks the server that runs for words, one a line. Uses `program` and `server` of the caller.
_uncut_ask() {
    "$program" ctl "${server[@]}" words "$@" 2>/dev/null </dev/null
}

# Offers those of the words that begin with $1; behind the last comma of $1, if there is one.
_uncut_offer() {
    local begun=$1 before=""
    shift
    if [[ $begun == *,* ]]; then before=${begun%,*},; fi
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$*" -- "${begun##*,}")
}

# Offers NAME= for each of the words, and goes on without a blank.
_uncut_offer_names() {
    local begun=$1
    shift
    mapfile -t COMPREPLY < <(compgen -S = -W "$*" -- "$begun")
    compopt -o nospace 2>/dev/null
}

_uncut_offer_files() {
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
    compopt -o filenames 2>/dev/null
}

# The value of the option $1, of which $2 is there.
_uncut_option_value() {
    case $1 in
        --log-format) _uncut_offer "$2" text json ;;
        --log-level) _uncut_offer "$2" trace debug info warn error off ;;
        --edns) _uncut_offer "$2" keep add ;;
        --fit) _uncut_offer "$2" rrset fill empty subset ;;
        --transport) _uncut_offer "$2" udp tcp ;;
        --server) _uncut_offer "$2" "$(_uncut_ask servers)" ;;
        --preset) _uncut_offer "$2" "$(_uncut_ask presets)" ;;
        --config | --module | --query | --admin-token-file | --token-file) _uncut_offer_files "$2" ;;
    esac
}

# NAME=VALUE of which $1 is there; $2 and what follows ask for names, or for the values of the name "$name".
_uncut_policy_assignment() {
    local whole=$1
    if [[ $whole == *=* ]]; then
        _uncut_offer "${whole#*=}" "$(_uncut_ask field "${whole%%=*}")"
    else
        _uncut_offer_names "$whole" "$(_uncut_ask fields)"
    fi
}

_uncut_fault_assignment() {
    local whole=$1 kind=$2
    case $whole in
        transport=*) _uncut_offer "${whole#*=}" udp tcp ;;
        *=*) _uncut_offer "${whole#*=}" "$(_uncut_ask parameter "$kind" "${whole%%=*}")" ;;
        *) _uncut_offer_names "$whole" "$(_uncut_ask parameters "$kind") name type transport probability seed times" ;;
    esac
}

# What follows the words of "ctl"; $1 is what is there of the next one.
_uncut_ctl() {
    local whole=$1 types="A AAAA CNAME MX NS PTR SOA SRV TXT"
    shift
    case $#:${1:-}:${2:-} in
        0:*) _uncut_offer "$whole" status metrics listeners upstreams module policy preset answer fault scenario \
            exchanges exchange probe ask reset ;;
        1:ask:* | 1:probe:*) ;;
        1:*) _uncut_offer "$whole" "$(_uncut_ctl_verbs "$1")" ;;
        2:policy:get | 2:policy:set | 2:policy:unset | 2:policy:delete) _uncut_offer "$whole" "$(_uncut_ask zones)" ;;
        *:policy:set) _uncut_policy_assignment "$whole" ;;
        *:policy:unset) _uncut_offer "$whole" "$(_uncut_ask set-by "$3")" ;;
        2:preset:show | 2:preset:apply) _uncut_offer "$whole" "$(_uncut_ask presets)" ;;
        2:answer:get | 2:answer:set | 2:answer:delete) _uncut_offer "$whole" "$(_uncut_ask answers)" ;;
        3:answer:get | 3:answer:delete) _uncut_offer "$whole" "$(_uncut_ask types "$3")" ;;
        3:answer:set) _uncut_offer "$whole" "$types" ;;
        2:answer:load | 2:scenario:save) _uncut_offer_files "$whole" ;;
        2:fault:add) _uncut_offer "$whole" "$(_uncut_ask kinds)" ;;
        *:fault:add) _uncut_fault_assignment "$whole" "$3" ;;
        2:fault:set | 2:fault:delete) _uncut_offer "$whole" "$(_uncut_ask faults)" ;;
        *:fault:set) _uncut_offer_names "$whole" "$(_uncut_ask set-in-fault "$3")" ;;
        2:scenario:show) _uncut_offer "$whole" "$(_uncut_ask scenarios)" ;;
        2:scenario:load)
            _uncut_offer "$whole" "$(_uncut_ask scenarios)"
            if [[ ${#COMPREPLY[@]} -eq 0 ]]; then _uncut_offer_files "$whole"; fi
            ;;
        2:ask:* | 2:probe:*) _uncut_offer "$whole" "$types" ;;
    esac
}

_uncut() {
    local program=${COMP_WORDS[0]} words=() server=() given=() whole="" last="" word i glue=""
    COMPREPLY=()
    # bash takes words apart at = and : also where the shell would not. An empty word is always one of its own.
    for ((i = 1; i <= COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ ${#words[@]} -gt 0 && -n $word && (-n $glue || $word =~ ^[=:]+$) ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        if [[ $word =~ ^[=:]+$ ]]; then glue=yes; else glue=""; fi
    done
    whole=${words[-1]}
    unset 'words[-1]'

    # What was given: words without options, and which server to ask.
    for word in "${words[@]}"; do
        if [[ -n $last ]]; then
            case $last in --admin | --token-file) server+=("$last" "$word") ;; esac
            last=""
        elif [[ $word == --*=* ]]; then
            case $word in --admin=* | --token-file=*) server+=("$word") ;; esac
        elif _uncut_takes_value "$word"; then
            last=$word
        elif [[ $word != -* ]]; then
            given+=("$word")
        fi
    done
    if [[ ${given[0]:-} != ctl ]]; then server=(); fi

    if [[ -n $last ]]; then
        _uncut_option_value "$last" "$whole"
    elif [[ $whole == --*=* ]]; then
        _uncut_option_value "${whole%%=*}" "${whole#*=}"
    elif [[ ${#given[@]} -eq 0 ]]; then
        _uncut_offer "$whole" serve demo inspect clamp fit probe ctl completion --help --version
    elif [[ $whole == -* ]]; then
        _uncut_offer "$whole" "$(_uncut_options "${given[*]}") --help"
    else
        case ${given[0]} in
            inspect | clamp | fit) _uncut_offer_files "$whole" ;;
            completion) _uncut_offer "$whole" bash ;;
            ctl) _uncut_ctl "$whole" "${given[@]:1}" ;;
        esac
    fi
}

complete -F _uncut uncut
