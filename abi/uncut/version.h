/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNCUT_VERSION_H
#define UNCUT_VERSION_H

/* The version of the contract, not of the module. Majors must match; both sides use the lower minor.
 * While the major is 0 a minor may break what an earlier one promised. */
#define UNCUT_ABI_MAJOR 0u
#define UNCUT_ABI_MINOR 2u

#endif
