/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Prints every constant and enumeration of the contract with its values. */
void print_values(void);
