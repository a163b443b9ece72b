/* SPDX-License-Identifier: Apache-2.0 */
/* A shared object that is no module: it exports nothing of ours. */
int nothing_of_ours(void);
int nothing_of_ours(void) {
    return 0;
}
