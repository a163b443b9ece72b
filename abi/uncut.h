/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_H
#define UNCUT_H

/* Uncut: DNS answers, uncut. All that a host includes; the promises of both sides are in RULES.md. */

#include "uncut/version.h"
#include "uncut/status.h"
#include "uncut/types.h"
#include "uncut/message.h"
#include "uncut/policy.h"
#include "uncut/exchange.h"
#include "uncut/engine.h"
#include "uncut/module.h"

#endif
